"""Signing what was written: person, instant, and the digest of exactly the text (REP-3); a text that changed
since it was seen, or since the other signed it, is refused.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.coaching import assessment
from kcc.coaching.conversation import points, queries, texts, writing
from kcc.coaching.conversation.model import Conversation, ConversationText, ReportSignature, SignedVersion
from kcc.coaching.conversation.points import Point
from kcc.coaching.conversation.rules import Part, Side
from kcc.coaching.conversation.sitting_down import Seat, names_at, place, sit_down, texts_of
from kcc.coaching.conversation.texts import Together, Whole
from kcc.coaching.model import Report
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.notices import outbox
from kcc.vault.fields import open_text, seal_text
from kcc.vault.keystore import KeyStore


class NotComplete(Invalid):
    """Something must be written before anybody signs; `parts` names what."""

    def __init__(self, parts: Sequence[str]) -> None:
        sentence = N_("Both views, conclusions and agreements must be there before anybody signs.")
        super().__init__("sign", sentence, code="incomplete")
        self.parts = tuple(parts)


def sign(session: Session, keys: KeyStore, actor: Actor, report_id: str, seen: str) -> bool:
    """Sign the version whose `seen` (what `stamp` gave) was read; twice is once. Answers whether both have.

    Refused when the text is another than was seen; NotComplete when something is missing. The route asks
    for a fresh proof of who it is.
    """
    seat = sit_down(session, keys, actor, report_id, Action.REPORT_SIGN)
    kept = texts_of(session, report_id)
    signed = queries.signatures(session, report_id).get(seat.row.version, {})
    if stamp(seat.row, kept) != seen:
        raise Refused(
            N_("The text was changed since you opened this page. Read what changed, and sign that."),
            code="changed_elsewhere",
        )
    if seat.side in signed:
        return set(signed) == set(Side)
    earlier = points.carried(session, keys, seat.report)
    text = whole(seat.key, seat.report, seat.row, kept, earlier)
    if lacking := texts.missing(text):
        raise NotComplete(lacking)
    version = session.get(SignedVersion, (report_id, seat.row.version))
    both = seat.side.other in signed
    record.act(session, seat.permit, step="signed off" if both else "signed", version=seat.row.version)
    if version is None:
        version = _fix(session, seat, text)
    elif not _same(text, signed_text(seat.key, version)):
        raise Refused(N_("The text is not the one that was signed first."), code="changed_elsewhere")
    _add(session, seat, version)
    if both:
        points.settle(session, seat, text.text, earlier)
    _tell(session, seat, both)
    return both


def stamp(row: Conversation | None, kept: Mapping[Part, ConversationText]) -> str:
    """By what a page says which text it showed: the version, and each text's revision that both can see."""
    visible = {part: text for part, text in kept.items() if part is Part.TOGETHER or text.shared_at}
    revisions = [str(visible[part].revision) if part in visible else "0" for part in Part]
    return ".".join([str(row.version if row else 1), *revisions])


def whole(
    key: bytes,
    report: Report,
    row: Conversation | None,
    kept: Mapping[Part, ConversationText],
    earlier: Sequence[Point],
) -> Whole:
    """The text as it would be signed now."""
    shared = {part: text for part, text in kept.items() if part is Part.TOGETHER or text.shared_at}
    said = writing.opened(key, shared.get(Part.TOGETHER))
    text = texts.load(said) if said else Together()
    reason = open_text(key, place("reason", report.id), row.reason) if row and row.reason else ""
    return Whole(
        report_id=report.id,
        version=row.version if row else 1,
        form_version=report.form_version,
        monitoring=assessment.content(key, report),
        employee_view=writing.opened(key, shared.get(Part.EMPLOYEE)),
        coach_view=writing.opened(key, shared.get(Part.COACH)),
        text=text,
        reason=reason,
        earlier={point.id: point.digest for point in earlier},
    )


def signed_text(key: bytes, version: SignedVersion) -> Whole:
    """The text of a signed version; NotFound if it is not the one its digest is of."""
    content = open_text(key, place("version", f"{version.report_id}/{version.version}"), version.content)
    if texts.digest(content) != version.digest:
        raise NotFound
    return texts.opened(content)[0]


def _same(now: Whole, first: Whole) -> bool:
    """Whether both sign the same; an earlier point that has gone meanwhile changes no word here."""
    return replace(now, earlier={}) == replace(first, earlier={})


def _fix(session: Session, seat: Seat, text: Whole) -> SignedVersion:
    content = texts.canonical(text, secrets.token_hex(16))
    where = place("version", f"{seat.report.id}/{seat.row.version}")
    version = SignedVersion(
        report_id=seat.report.id,
        version=seat.row.version,
        content=seal_text(seat.key, where, content),
        digest=texts.digest(content),
    )
    session.add(version)
    session.flush()
    return version


def _add(session: Session, seat: Seat, version: SignedVersion) -> None:
    session.add(
        ReportSignature(
            report_id=seat.report.id,
            version=version.version,
            side=seat.side.value,
            person_id=seat.permit.actor.person_id,
            signed_at=clock.now(),
            digest=version.digest,
        )
    )
    session.flush()


def _tell(session: Session, seat: Seat, both: bool) -> None:
    names, about = names_at(session, seat), seat.report.employee_id
    if both:
        outbox.tell(session, about, "reports.signed_off", person=names["coach"])
        if seat.coach_id:
            other = names["employee"]
            outbox.tell(session, seat.coach_id, "reports.signed_off", about_id=about, person=other)
    elif seat.across:
        person = names[seat.side.value]
        outbox.tell(session, seat.across, "reports.signed_first", about_id=about, person=person)
