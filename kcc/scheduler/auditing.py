"""The audit put together with the rest: sealing, signing and sending, forgetting, checking, exporting; each
is done by kcc.audit, which knows neither settings of others nor the policy.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import BinaryIO

import structlog

from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.policy import Permit, Subject, permit
from kcc.audit import checking, checkpoints, export, forgetting, places, record
from kcc.audit.places import Place
from kcc.audit.signing import SigningKey
from kcc.config import Settings
from kcc.errors import KccError
from kcc.scheduler import audit_places
from kcc.scheduler.audit_terms import KINDS
from kcc.stores import Stores
from kcc.timekeeping import guard

log = structlog.get_logger(__name__)


def make_key(settings: Settings) -> str:
    """The public half of the signing key, which is made now if there is none."""
    return base64.b64encode(SigningKey.create(settings.audit.key_file).public).decode()


def checkpoint(stores: Stores, *, restored: bool = False) -> str:
    """Seal, sign and send; a short account. What fails here has harmed nothing and is tried again."""
    key = SigningKey(stores.settings.audit.key_file)
    everywhere = _places(stores)
    note = checkpoints.sign(stores.database, key, places.held(stores.database, everywhere), restored=restored)
    sent = places.deliver(stores.database, everywhere)
    return f"{f'checkpoint {note.number} of {note.size} lines' if note else 'nothing new'}, {sent} sent"


def after_erasure(stores: Stores, erased: int) -> None:
    """A checkpoint of its own after an erasure, which was committed before and never waits for it."""
    if not erased:
        return
    try:
        checkpoint(stores)
    except KccError as fault:
        log.warning("no checkpoint after an erasure", code=fault.code)


def forget(stores: Stores) -> int:
    """Erase what lines said whose term is over; how many. ClockUntrusted: nothing is erased."""
    now, gone = guard.trusted(stores), 0
    terms = stores.settings.audit.terms
    for kind, actions in KINDS.items():
        before = now - timedelta(days=getattr(terms, kind))
        allowed = permit(system("forget"), Action.AUDIT_FORGET, Subject("audit", kind))
        words = [action.value for action in actions]
        gone += forgetting.forget(stores.database, allowed, kind, words, before)
    if gone:
        stores.database.settle()
    return gone


def check(stores: Stores) -> dict[str, int]:
    """Compare the lines with the tree; what is wrong, by kind."""
    return checking.check(stores.database)


def write_export(stores: Stores, actor: Actor, out: BinaryIO) -> int:
    """Write the whole log out, the export's own line with it; how many lines.

    AccessDenied for everybody but the data protection officer and the host itself. What cannot be signed now,
    because something is wrong, is written out up to the last checkpoint: then it is most needed.
    """
    _begin_export(stores, actor)
    return export.write(stores.database, out)


def export_pieces(stores: Stores, actor: Actor) -> Iterator[bytes]:
    """The same to be sent piece by piece; Refused at once where there is nothing that was signed."""
    _begin_export(stores, actor)
    told = export.pieces(stores.database)
    first = next(told)
    return chain([first], told)


def _begin_export(stores: Stores, actor: Actor) -> None:
    _record(stores, permit(actor, Action.AUDIT_EXPORT, Subject("audit")))
    try:
        checkpoint(stores)
    except KccError as fault:
        log.warning("exported without a checkpoint of now", code=fault.code)


def accept_restored(stores: Stores, actor: Actor, reason: str) -> str:
    """Go on after the database was restored from a backup: the loss is written down, signed and sent."""
    _record(stores, permit(actor, Action.AUDIT_RESTORED, Subject("audit")), reason=reason)
    return checkpoint(stores, restored=True)


def renew_key(stores: Stores, actor: Actor) -> bytes:
    """Let a new signing key follow, announced by the old one; its public half."""
    _record(stores, permit(actor, Action.AUDIT_KEY, Subject("audit")))
    key = checkpoints.hand_over(stores.database, SigningKey(stores.settings.audit.key_file))
    places.deliver(stores.database, _places(stores))
    return key.public


def _record(stores: Stores, allowed: Permit, **detail: str) -> None:
    with stores.database.write() as session:
        record.act(session, allowed, **detail)


def _places(stores: Stores) -> Sequence[Place]:
    return audit_places.configured(stores.settings)
