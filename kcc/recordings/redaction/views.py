"""The data protection officer's pages of covered copies: the register, a new request, marking, hearing the
result, and taking the copy out.
"""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.policy import Subject
from kcc.access.purposes import SENTENCES, Purpose
from kcc.errors import Invalid, NotFound
from kcc.recordings.model import PlaybackLease
from kcc.recordings.redaction import copying, covering, entries, forms
from kcc.recordings.redaction.forms import Typed
from kcc.recordings.redaction.spans import Marks
from kcc.recordings.rendition import HEADER_BYTES, MEDIA_TYPE
from kcc.recordings.sounding import Sounding
from kcc.recordings.views import player
from kcc.stores import Stores
from kcc.wall.rights import Role
from kcc.web import sessions as cookies
from kcc.web.errors import wants_json
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import attached, ranged

bp = Blueprint("disclosures", __name__)


def _acting() -> Stores:
    """The stores in kcc's own role: no list shows the officer a call, only the verb's permit opens one."""
    return stores().acting(Role.JOBS)


@bp.get("/disclosures")
@needs(Action.DISCLOSURE_LIST)
def show_all() -> ResponseReturnValue:
    """The register of covered copies."""
    with _acting().database.write() as session:
        permit, rows = entries.listed(session, actor())
    now = clock.now()
    return render(
        "recordings/redaction/list.html", permit.reason, rows=rows, now=now, purposes=forms.PURPOSES
    )


@bp.get("/disclosures/new")
@needs(Action.DISCLOSURE_REGISTER)
def new_form() -> ResponseReturnValue:
    """The form to register a request."""
    return _new_page()


@bp.post("/disclosures/new")
@needs(Action.DISCLOSURE_REGISTER)
def new() -> ResponseReturnValue:
    """Register a request for a copy of a call."""
    posted, acting = request.form, _acting()
    call, use, reference = (posted.get(name, "").strip() for name in ("call", "purpose", "reference"))
    try:
        call = forms.call_in(call)
        with acting.database.write() as session:
            row = entries.register(acting, session, actor(), call, use, reference.replace("\r\n", "\n"))
    except Invalid as fault:
        return _new_page(fault), 422
    flash(gettext("The request is registered. Mark what must be covered."))
    return redirect(url_for("disclosures.show", entry_id=row.id), 303)


@bp.get("/disclosures/<entry_id>")
@needs(Action.DISCLOSURE_MARK)
def show(entry_id: str) -> ResponseReturnValue:
    """One request: its call, what is covered in the copy, the result."""
    return _page(entry_id)


@bp.post("/disclosures/<entry_id>")
@needs(Action.DISCLOSURE_MARK)
def save(entry_id: str) -> ResponseReturnValue:
    """Say what is covered."""
    acting, rows = _acting(), forms.rows_in(request.form)
    try:
        marks = forms.marks_in(rows, request.form.get("manner", ""))
        with acting.database.write() as session:
            entries.mark(acting, session, actor(), entry_id, forms.revision_in(request.form), marks)
    except Invalid as fault:
        return _page(entry_id, fault, rows), 422
    flash(gettext("Saved. Listen to the result before you take the copy out."))
    return redirect(url_for("disclosures.show", entry_id=entry_id), 303)


@bp.post("/disclosures/<entry_id>/listen")
@needs(Action.DISCLOSURE_PLAY)
def listen(entry_id: str) -> ResponseReturnValue:
    """Open the call for listening, or the result of what is covered."""
    minutes = stores().settings.playback.lease_minutes
    with stores().database.write() as session:
        lease = entries.open_call(session, actor(), entry_id, minutes)
    if wants_json():
        return redirect(url_for("recordings.addresses", lease_id=lease.id), 303)
    what = "result" if request.form.get("what") == "result" else "lease"
    shown = {"entry_id": entry_id, what: lease.id}
    return redirect(f"{url_for('disclosures.show', **shown)}#{what}", 303)  # type: ignore[arg-type]


@bp.get("/disclosures/<entry_id>/result/<lease_id>")
@needs(Action.DISCLOSURE_PLAY)
def result(entry_id: str, lease_id: str) -> Response:
    """The sound of the copy as it would be, through an open lease of the call."""
    secret = cookies.token(request, secure=stores().settings.server.secure)
    sounding = player().fetch(lease_id, secret or "")
    if sounding.lease.subject != str(Subject("disclosure", entry_id)):
        raise NotFound
    player().heard(sounding)
    acting = _acting()
    with acting.database.read() as session:
        marks = entries.marks_of(acting, session, entry_id)
    return ranged(sounding.rendition.size, _covered(sounding, marks), MEDIA_TYPE, sounding.rendition.border)


@bp.post("/disclosures/<entry_id>/copy")
@needs(Action.DISCLOSURE_TAKE, step_up=True)
def take(entry_id: str) -> ResponseReturnValue:
    """Take the copy out."""
    acting = _acting()
    try:
        form = forms.form_in(request.form)
        with acting.database.write() as session:
            revision = forms.revision_in(request.form)
            copy = entries.take(acting, session, actor(), entry_id, revision, form)
    except Invalid as fault:
        return _page(entry_id, fault), 422
    answer = Response(copy.pieces, mimetype=copy.media_type, headers=attached(copy.name))
    if copy.size is not None:
        answer.content_length = copy.size
    return answer


def _covered(sounding: Sounding, marks: Marks) -> Any:
    """Reads the rendition with what is covered covered."""
    how = copying.covering_of(sounding.sound, marks)

    def bare(start: int, length: int) -> bytes:
        return sounding.play(HEADER_BYTES + start, length)

    def read(start: int, length: int) -> bytes:
        head = (
            sounding.rendition.read(start, min(length, HEADER_BYTES - start)) if start < HEADER_BYTES else b""
        )
        if len(head) == length:
            return head
        return head + covering.part(how, bare, max(start - HEADER_BYTES, 0), length - len(head))

    return read


def _new_page(fault: Invalid | None = None) -> str:
    permit = policy.permit(actor(), Action.DISCLOSURE_LIST, Subject("disclosure"))
    return render(
        "recordings/redaction/new.html",
        permit.reason,
        typed=request.form or request.args,
        purposes=[(purpose.value, gettext(words)) for purpose, words in forms.PURPOSES.items()],
        days=stores().settings.limits.disclosure_days,
        longest=entries.LONGEST_REFERENCE,
        **_faults(fault),
    )


def _page(entry_id: str, fault: Invalid | None = None, typed: list[Typed] | None = None) -> str:
    acting = _acting()
    with acting.database.write() as session:
        entry = entries.read(acting, session, actor(), entry_id)
        leases = {name: _lease(session, entry_id, name) for name in ("lease", "result")}
    rows = forms.rows_of(entry.marks) if typed is None else typed
    return render(
        "recordings/redaction/entry.html",
        entry.permit.reason,
        entry=entry,
        purpose=gettext(SENTENCES[Purpose(entry.row.purpose)]),
        rows=[*rows, *[Typed()] * forms.EMPTY_ROWS],
        manner=request.form.get("manner", entry.marks.manner.value),
        manners=[(one.value, gettext(words)) for one, words in forms.MANNERS.items()],
        kinds=[(one.value, gettext(words)) for one, words in forms.FORMS.items()],
        lease=leases["lease"] and {"sound_url": url_for("recordings.sound", lease_id=leases["lease"])},
        result=leases["result"],
        **_faults(fault),
    )


def _lease(session: Any, entry_id: str, name: str) -> str | None:
    """The lease in the page's address, if it is this session's, of this entry, and stands."""
    found = session.get(PlaybackLease, request.args.get(name, ""))
    mine = found is not None and found.session_id == actor().session_id and found.closed_at is None
    if not mine or found.subject != f"disclosure:{entry_id}" or clock.now() >= found.ends_at:
        return None
    return str(found.id)


def _faults(fault: Invalid | None) -> dict[str, Any]:
    told = [(fault.field, sentence(fault))] if fault else []
    return {"errors": told or None, "fault": dict(told)}
