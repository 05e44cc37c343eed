"""Writing a conversation: each side's own view, and conclusions, agreements and points together (REP-3).

A view is its writer's alone until it is shared, so that neither colours the other's; what is written together
is saved against the revision that was seen, so that nobody overwrites the other unseen.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.coaching.conversation import points, queries, texts
from kcc.coaching.conversation.model import ConversationText
from kcc.coaching.conversation.rules import Part, Side
from kcc.coaching.conversation.sitting_down import Seat, names_at, place, sit_down, texts_of
from kcc.coaching.conversation.texts import Together
from kcc.errors import N_, Invalid, Refused
from kcc.notices import outbox
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


class TextChanged(Refused):
    """The text was saved by the other, or from another window, since; `kept` is what it says now."""

    def __init__(self, revision: int, saved_at: datetime | None, kept: str) -> None:
        message = N_(
            "This text was changed since you opened it. Nothing is lost: compare both and save again."
        )
        super().__init__(message, code="changed_elsewhere")
        self.revision, self.saved_at, self.kept = revision, saved_at, kept


def save_view(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    report_id: str,
    revision: int,
    text: str,
    *,
    share: bool = False,
    reason: str = "",
) -> ConversationText | None:
    """Save one's own view, and with `share` let the other read it; what is shared stays shared.

    TextChanged when another window saved it since; Invalid for a text that is too long, for sharing nothing,
    and for a change without `reason` after both have signed.
    """
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_WRITE)
    part, said = Part(seat.side.value), texts.checked("view", text, texts.LONGEST_VIEW)
    kept = texts_of(session, report_id).get(part)
    shared = kept is not None and kept.shared_at is not None
    if not said and (share or shared):
        raise Invalid("view", N_("Write your view before you share it. It may be one sentence."))
    was = _current(seat, kept, revision)
    if said == was and (shared or not share):
        return kept
    if said != was:
        begin_next_version(session, seat, reason)
    newly = share and not shared
    record.act(session, seat.permit, part=part.value, revision=revision + 1, shared=share or shared)
    saved = _keep(session, seat, part, kept, said)
    if newly:
        saved.shared_at = clock.now()
        _tell_across(session, seat, "reports.view_shared")
    session.flush()
    return saved


def save_together(
    session: Session,
    keys: KeyStore,
    actor: Actor,
    report_id: str,
    revision: int,
    said: Mapping[str, str],
    closed: Collection[str] = (),
    *,
    reason: str = "",
) -> ConversationText | None:
    """Save conclusions, agreements, new points and which earlier points are closed, by either of both.

    `closed` are ids of points carried over, else Invalid; TextChanged and Invalid as for save_view.
    """
    seat = sit_down(session, keys, actor, report_id, Action.CONVERSATION_WRITE)
    if not set(closed) <= {point.id for point in points.carried(session, keys, seat.report)}:
        raise Invalid("closed", N_("This page is not complete. Reload it and try again."))
    text = texts.together(said, frozenset(closed))
    kept = texts_of(session, report_id).get(Part.TOGETHER)
    was = _current(seat, kept, revision)
    if (texts.load(was) if was else Together()) == text:
        return kept
    begin_next_version(session, seat, reason)
    record.act(session, seat.permit, part=Part.TOGETHER.value, revision=revision + 1)
    saved = _keep(session, seat, Part.TOGETHER, kept, texts.dump(text))
    session.flush()
    return saved


def begin_next_version(session: Session, seat: Seat, reason: str) -> None:
    """What has a signature is never changed: the change begins the next version, which has none yet.

    Where both had signed, `reason` says why, else Invalid; whoever had signed is told.
    """
    signed = queries.signatures(session, seat.report.id).get(seat.row.version, {})
    if not signed:
        return
    if set(signed) == set(Side):
        why = texts.checked("reason", reason, texts.LONGEST_LINE)
        if not why:
            raise Invalid("reason", N_("Both have signed. Write why it must be changed."))
        seat.row.reason = seal_text(seat.key, place("reason", seat.report.id), why)
    seat.row.version += 1
    if seat.side.other in signed:
        _tell_across(session, seat, "reports.text_changed")


def opened(key: bytes, text: ConversationText | None) -> str:
    """What a text says; nothing where there is none."""
    return "" if text is None else open_text(key, place(text.part, text.report_id), text.content)


def _current(seat: Seat, kept: ConversationText | None, revision: int) -> str:
    said = opened(seat.key, kept)
    if (kept.revision if kept else 0) != revision:
        raise TextChanged(kept.revision if kept else 0, kept.saved_at if kept else None, said)
    return said


def _keep(
    session: Session, seat: Seat, part: Part, kept: ConversationText | None, said: str
) -> ConversationText:
    sealed = seal_text(seat.key, place(part.value, seat.report.id), said)
    if kept is None:
        kept = ConversationText(report_id=seat.report.id, part=part.value, revision=0)
        session.add(kept)
    kept.content, kept.revision, kept.saved_at = sealed, (kept.revision or 0) + 1, clock.now()
    kept.saved_by_id = seat.permit.actor.person_id
    return kept


def _tell_across(session: Session, seat: Seat, word: str) -> None:
    if seat.across:
        name, about = names_at(session, seat)[seat.side.value], seat.report.employee_id
        outbox.tell(session, seat.across, word, about_id=about, person=name)
