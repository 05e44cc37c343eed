"""The recorders' door: one call a PUT request, streamed straight into intake, which decides about it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, jsonify, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject, permit
from kcc.errors import N_, Invalid, KccError, Unavailable
from kcc.recorder_settings import Vcons
from kcc.recordings import intake, openapi, transfers, vcons, webhooks
from kcc.recordings.answers import SENTENCES
from kcc.recordings.intake import Answer, Receipt
from kcc.recordings.openapi import HEADER, HEALS, PATH, REFUSED_STATUS, RETRY_AFTER, STATUS, VCON_PATH
from kcc.recordings.sources import sidecar
from kcc.recordings.sources.metadata import CallMetadata, MetadataInvalid
from kcc.recordings.unknown_sound import UnknownSound
from kcc.stores import Stores
from kcc.wall.rights import Role
from kcc.web import errors
from kcc.web.bearer import note_delivery, note_stranger, service
from kcc.web.i18n import sentence
from kcc.web.identity import STORES, stores
from kcc.web.pace import TooOften
from kcc.web.routes import needs

log = structlog.get_logger(__name__)

bp = Blueprint("recordings_api", __name__)

PIECE = 262_144
DESK, PLACES = "kcc.intake", "kcc.uploads"
PATIENCE = 0.5
"""Seconds that an upload waits for a place: longer, and it would keep one that people's pages need."""
BUSY_SECONDS = 2
DRAINED = 4 * 1024 * 1024
"""Bytes of a body that nobody asked for which are let pass, so that its sender reads the answer."""


class LengthNeeded(KccError):
    """The body's length is not known: whether it arrived whole could not be told."""

    status = 411
    code = "length_needed"


class BodyIncomplete(KccError):
    """Less of the body came than was promised."""

    status = 400
    code = "body_incomplete"


class CallId(BaseConverter):
    """Any id, with slashes wherever they stand; whether it is a good one, the metadata's rules say."""

    regex = "(?s:.+)"
    part_isolating = False


class Busy(Unavailable):
    """As many uploads are in flight as this process takes at once."""

    code = "busy"


@bp.record_once
def install(state: BlueprintSetupState) -> None:
    """Give the app the converter, the process's intake desk, and its places for uploads."""
    places = state.app.extensions[STORES].settings.server.uploads_at_once
    state.app.extensions[PLACES] = BoundedSemaphore(places)
    state.app.url_map.converters["call_id"] = CallId
    state.app.extensions[DESK] = intake.Desk(state.app.extensions[STORES].acting(Role.INTAKE))


@bp.put(f"{PATH}/<call_id:call_id>", merge_slashes=False)
@needs(Action.RECORDING_INTAKE)
def put(call_id: str) -> ResponseReturnValue:
    """Take one call in; the same again is harmless."""
    actor, recorder = service()
    note_delivery(actor)
    if request.content_length is None:
        raise LengthNeeded(N_("Send the sound with its length (Content-Length), not in chunks."))
    with _place():
        return _put(actor, recorder, call_id)


def _put(actor: Actor, recorder: str, call_id: str) -> Response:
    try:
        call = _described(recorder, call_id)
        receipt = intake.take_in_at(current_app.extensions[DESK], actor, recorder, call, _pieces())
    except MetadataInvalid as fault:
        intake.note_refusal(_intake(), actor, fault.code)
        return _unusable(fault)
    except UnknownSound as fault:
        return _problem(REFUSED_STATUS, fault, retry=fault.code in HEALS)
    return _answer(receipt)


@bp.post(VCON_PATH)
@needs(Action.VCON_DELIVER)
def post_vcon() -> ResponseReturnValue:
    """Take in the recordings of a vCon that a webhook delivers; the same again gets the same answer."""
    with _place():
        return _post_vcon(stores().settings.vcons, clock.now())


def _post_vcon(settings: Vcons, now: datetime) -> Response:
    headers = {name: value for name in webhooks.HEADERS if (value := request.headers.get(name)) is not None}
    try:
        signature = webhooks.expected(settings, headers, now)
        body, actor = _signed(settings, headers, signature)
    except webhooks.SignatureWrong:
        note_stranger()
        raise
    note_delivery(actor)
    permit(actor, Action.VCON_DELIVER, Subject("vcon"))
    key = headers.get(webhooks.KEY, "")
    before = webhooks.begin(_intake().database, actor.name, key, body, now)
    if before is not None:
        return _kept(before)
    try:
        receipts = vcons.take_in(current_app.extensions[DESK], actor, body, recorder=actor.name)
    except MetadataInvalid as fault:
        intake.note_refusal(_intake(), actor, fault.code)
        return _unusable(fault)
    except UnknownSound as fault:
        return _problem(REFUSED_STATUS, fault, retry=fault.code in HEALS)
    return _delivered(actor.name, key, receipts)


def _signed(settings: Vcons, headers: dict[str, str], signature: str) -> tuple[bytes, Actor]:
    request.max_content_length = settings.max_mb * 1024 * 1024
    body = request.get_data(cache=False)
    return body, webhooks.sender(settings, headers, signature, body)


def _intake() -> Stores:
    """The stores in the role that takes calls in: nobody is signed in here."""
    return stores().acting(Role.INTAKE)


@contextmanager
def _place() -> Iterator[None]:
    """One of the places for uploads; Busy when none becomes free."""
    places: BoundedSemaphore = current_app.extensions[PLACES]
    if not places.acquire(timeout=PATIENCE):
        raise Busy(N_("Too many calls come in at once. Send it again in a moment."), seconds=BUSY_SECONDS)
    try:
        yield
    finally:
        places.release()


@bp.after_request
def tell(response: Response) -> Response:
    """Every problem says whether to send the call again, also one from before this interface was reached."""
    if response.content_type != "application/problem+json" or request.endpoint == f"{bp.name}.description":
        return response
    told = response.get_json()
    if "retry" not in told:
        retry = response.status_code in openapi.RESENDS
        more = {"answer": Answer.REFUSED, "remove_source": False, "retry": retry}
        response.set_data(current_app.json.dumps(told | more))
    return response


@bp.get("/api/v1/openapi.json")
@needs(Action.PUBLIC_VISIT)
def description() -> ResponseReturnValue:
    """What this interface is, for programs and for whoever builds one."""
    return jsonify(openapi.document(stores().settings.server.public_url))


@bp.errorhandler(Unavailable)
@bp.errorhandler(TooOften)
def unavailable(fault: Unavailable | TooOften) -> ResponseReturnValue:
    """Nothing was taken in: the recorder keeps its file and comes again."""
    response = _problem(fault.status, fault, retry=True)
    response.headers["Retry-After"] = str(fault.params.get("seconds", RETRY_AFTER))
    log.warning("unavailable", code=fault.code, error=str(fault), cause=repr(fault.__cause__))
    return response


def _described(recorder: str, call_id: str) -> CallMetadata:
    header = request.headers.get(HEADER)
    if header is None:
        missing = N_("The header %(name)s with the call's metadata is missing.")
        raise MetadataInvalid((Invalid(HEADER, missing, code="metadata_missing", name=HEADER),))
    # What is no UTF-8 in the address has become this sign: two different ids would look the same.
    call_id = call_id.replace("\N{REPLACEMENT CHARACTER}", "\0")
    return sidecar.from_header(header, {"recorder": recorder, "call_id": call_id})


def _pieces() -> Iterator[bytes]:
    """The body as it arrives, nothing kept; BodyIncomplete when the recorder hangs up.

    Some servers end the body of a broken connection as if it were whole: only its length tells.
    """
    came = 0
    while piece := request.stream.read(PIECE):
        came += len(piece)
        yield piece
    if came != request.content_length:
        raise BodyIncomplete(N_("The connection broke off before the whole sound had come. Send it again."))


def _answer(receipt: Receipt) -> Response:
    if receipt.answer is not Answer.REFUSED:
        response = jsonify(_members(receipt))
        response.status_code = STATUS[receipt.answer]
        return response
    status = openapi.REFUSALS.get(receipt.code, REFUSED_STATUS)
    fault = KccError(SENTENCES[receipt.code], code=receipt.code, rule=receipt.rule)
    return _problem(status, fault, retry=receipt.code in HEALS, remove_source=receipt.destroy_source)


def _delivered(sender: str, key: str, receipts: Sequence[Receipt]) -> Response:
    """The answer for all parts; kept for the key unless something was refused, which may be taken later."""
    worst = transfers.decisive(receipts)
    parts = [{"answer": one.answer, "code": one.code, "receipt": one.receipt} for one in receipts]
    if worst.answer is Answer.REFUSED:
        status = openapi.REFUSALS.get(worst.code, REFUSED_STATUS)
        fault = KccError(SENTENCES[worst.code], code=worst.code, rule=worst.rule)
        more = {"remove_source": worst.destroy_source, "parts": parts}
        return _problem(status, fault, retry=worst.code in HEALS, **more)
    kept = json.dumps({"status": STATUS[worst.answer], **_members(worst), "parts": parts})
    webhooks.finish(_intake().database, sender, key, kept)
    return _kept(kept)


def _kept(text: str) -> Response:
    members = json.loads(text)
    status = members.pop("status")
    response = jsonify(members)
    response.status_code = status
    return response


def _members(receipt: Receipt) -> dict[str, Any]:
    members = {"answer": receipt.answer, "code": receipt.code, "receipt": receipt.receipt}
    return members | {"detail": sentence(KccError(SENTENCES[receipt.code])), "remove_source": receipt.done}


def _unusable(fault: MetadataInvalid) -> Response:
    told = [{"field": one.field, "code": one.code, "detail": sentence(one)} for one in fault.faults]
    return _problem(REFUSED_STATUS, fault, retry=False, errors=told)


def _problem(status: int, fault: KccError, *, retry: bool, **more: Any) -> Response:
    """Problem details that also tell a recorder what to do with its file."""
    _drain(DRAINED if status in openapi.WAITS else None)
    field = fault.field if isinstance(fault, Invalid) else None
    response = errors.answer(status, fault.code, sentence(fault), rule=fault.rule, field=field)
    told = {"answer": Answer.REFUSED, "remove_source": False, "retry": retry}
    response.set_data(current_app.json.dumps(response.get_json() | told | more))
    return response


def _drain(most: int | None = None) -> None:
    """Let the rest of the body pass, or `most` bytes: a client that still sends may not read its answer."""
    passed = 0
    try:
        for piece in _pieces():
            passed += len(piece)
            if most is not None and passed >= most:
                return
    except (HTTPException, KccError, OSError):
        return  # too large, or hung up: the answer goes out, or to nobody
