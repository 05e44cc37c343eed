"""The coaches' team writes the next version of the form together: begin, change part by part, put in order.

Each verb changes one part and says which; two coaches at once lose nothing, because whoever saves shows what
the part said when they opened it. Publishing lives in publishing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.criteria import rules, shape
from kcc.coaching.criteria.model import FormVersion
from kcc.coaching.criteria.rules import ItemValues
from kcc.coaching.criteria.shape import Form, Item, Norm, Phase, Wording
from kcc.db import inserting
from kcc.errors import N_, Invalid, NotFound, Refused

CHANGED = N_("Somebody else changed the form while you were at it. Look at it again.")


class Overtaken(Refused):
    """Somebody else changed this part since it was opened; `kept` is what it says now, None if it is gone."""

    def __init__(self, kept: Item | Phase | Norm | None) -> None:
        super().__init__(
            N_(
                "Somebody else changed this while you were at it. What you typed is not saved yet: compare"
                " both, and save again."
            ),
            code="changed_elsewhere",
        )
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Draft:
    """The newest version, as long as it is not published; `base` is the version it follows."""

    permit: Permit
    form: Form
    base: Form
    revision: int
    begun_at: datetime
    saved_at: datetime
    saved_by: str | None
    starts_on: date | None
    proposed_by: str | None
    proposed_at: datetime | None


def begin(session: Session, actor: Actor) -> int:
    """Begin the next version as a copy of the newest one; where it has begun already nothing happens."""
    newest = _newest(session)
    number = newest.version + (newest.published_at is not None)
    permit = policy.permit(actor, Action.CRITERIA_EDIT, subject(number))
    now = clock.now()
    if newest.published_at is None:
        row = session.get_one(FormVersion, number, with_for_update=True, populate_existing=True)
        if row.saved_by is None:
            record.act(session, permit, step="begun")
            row.saved_by, row.saved_at = actor.person_id, now
            session.flush()
        return number
    record.act(session, permit, step="begun")
    begun = inserting(
        session,
        FormVersion,
        version=number,
        body=newest.body,
        revision=0,
        begun_at=now,
        saved_at=now,
        saved_by=actor.person_id,
    )
    session.execute(begun.on_conflict_do_nothing())
    return number


def read(session: Session, actor: Actor) -> Draft | None:
    """The version that the team works on; None when there is none."""
    row = _newest(session)
    permit = policy.permit(actor, Action.CRITERIA_EDIT, subject(row.version))
    if row.published_at is not None or row.saved_by is None:
        return None
    return Draft(
        permit,
        form=shape.load(row.version, row.body),
        base=shape.load(row.version - 1, _body(session, row.version - 1)),
        revision=row.revision,
        begun_at=row.begun_at,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        starts_on=row.starts_on,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
    )


def discard(session: Session, actor: Actor, revision: int) -> None:
    """Throw the draft away as it stood at `revision`; the published versions stay, and another may be begun.

    Refused when it has changed since, has been put forward, or is published: that never goes (REP-2).
    """
    permit = policy.permit(actor, Action.CRITERIA_EDIT, subject(_newest(session).version))
    row = open_row(session, revision)
    _unless_forward(row)
    record.act(session, permit, act="discard", revision=revision)
    row.body, row.revision, row.saved_by = _body(session, row.version - 1), row.revision + 1, None
    session.flush()


def change_item(session: Session, actor: Actor, number: int, was: str, values: ItemValues) -> None:
    """Change what an item says, which said `was` when it was opened.

    Invalid names a field that is wrong, Overtaken tells what somebody else wrote meanwhile.
    """

    def change(form: Form) -> Form:
        _unless_overtaken(form.items.get(number), was)
        _raise_first(rules.item_faults(values, fixed=rules.fixed_item(number)))
        return rules.with_item(form, number, values)

    _edit(session, actor, change, item=number)


def add_item(session: Session, actor: Actor, code: str, values: ItemValues) -> int:
    """Add an item of one's own at the end of a phase; gives its number."""
    numbers: list[int] = []

    def change(form: Form) -> Form:
        _raise_first(rules.item_faults(values, fixed=False))
        if code not in {phase.code for phase in form.phases}:
            raise NotFound
        numbers.append(rules.next_number([form, *_published(session)]))
        return rules.with_new_item(form, code, numbers[0], values)

    _edit(session, actor, change, act="add item")
    return numbers[0]


def change_phase(session: Session, actor: Actor, code: str, was: str, name: Wording) -> None:
    """Call a phase of one's own otherwise; those of the annex keep their names (REP-7)."""

    def change(form: Form) -> Form:
        _unless_overtaken(next((phase for phase in form.phases if phase.code == code), None), was)
        _raise_first(rules.phase_faults(name))
        return rules.with_phase(form, _own_phase(code), name)

    _edit(session, actor, change, phase=code)


def add_phase(session: Session, actor: Actor, name: Wording) -> None:
    """Add a phase of one's own at the end."""

    def change(form: Form) -> Form:
        _raise_first(rules.phase_faults(name))
        return rules.with_phase(form, rules.next_code([form, *_published(session)]), name)

    _edit(session, actor, change, act="add phase")


def change_norm(session: Session, actor: Actor, was: str, norm: Norm) -> None:
    """Choose which items decide, from when a call meets the norm, and what "n/a" does."""

    def change(form: Form) -> Form:
        _unless_overtaken(form.norm, was)
        _raise_first(rules.norm_faults(form, norm))
        return rules.with_norm(form, norm)

    _edit(session, actor, change, act="norm")


def arrange(session: Session, actor: Actor, revision: int, what: str, how: str) -> None:
    """Move an item ("24") or phase ("own-1") of one's own "up" or "down", or "remove" it.

    NotFound for one of the annex, whose order is fixed (REP-7). Refused when the form has changed since
    `revision`: the neighbours are others now, and the same button pressed twice moves once.
    """

    def change(form: Form) -> Form:
        if how not in ("up", "down", "remove"):
            raise NotFound
        by = -1 if how == "up" else 1
        if what.isdecimal():
            number = _own_item(form, int(what))
            return rules.without_item(form, number) if how == "remove" else rules.moved_item(form, number, by)
        if what not in {phase.code for phase in form.phases}:
            raise NotFound
        code = _own_phase(what)
        return rules.without_phase(form, code) if how == "remove" else rules.moved_phase(form, code, by)

    _edit(session, actor, change, revision=revision, act=how)


def open_row(session: Session, revision: int | None = None) -> FormVersion:
    """The draft's row, locked; Refused when there is none (any more), or it is no longer at a revision."""
    newest = session.scalar(
        select(FormVersion)
        .order_by(FormVersion.version.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if newest is None or newest.published_at is not None or newest.saved_by is None:
        raise Refused(N_("There is no draft: it has been published or discarded meanwhile."), rule="REP-2")
    if revision is not None and newest.revision != revision:
        raise Refused(CHANGED, code="changed_elsewhere")
    return newest


def subject(version: int) -> Subject:
    """What a permit about a version is given for."""
    return Subject("form_version", str(version))


def _edit(
    session: Session,
    actor: Actor,
    change: Callable[[Form], Form],
    revision: int | None = None,
    **said: str | int,
) -> None:
    permit = policy.permit(actor, Action.CRITERIA_EDIT, subject(_newest(session).version))
    row = open_row(session, revision)
    _unless_forward(row)
    kept = shape.load(row.version, row.body)
    new = change(kept)
    if new == kept:
        return
    record.act(session, permit, **said)
    row.body, row.revision = shape.dump(new), row.revision + 1
    row.saved_at, row.saved_by = clock.now(), actor.person_id
    session.flush()


def _unless_forward(row: FormVersion) -> None:
    if row.proposed_by is not None:
        message = N_("This version has been put forward. Take it back before you change it.")
        raise Refused(message, rule="REP-2")


def _newest(session: Session) -> FormVersion:
    found = session.scalar(select(FormVersion).order_by(FormVersion.version.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def _body(session: Session, version: int) -> str:
    return session.scalars(select(FormVersion.body).where(FormVersion.version == version)).one()


def _published(session: Session) -> list[Form]:
    rows = session.execute(
        select(FormVersion.version, FormVersion.body).where(FormVersion.published_at.is_not(None))
    )
    return [shape.load(row.version, row.body) for row in rows]


def _unless_overtaken(part: Item | Phase | Norm | None, was: str) -> None:
    if part is None or rules.stamp(part) != was:
        raise Overtaken(part)


def _raise_first(faults: list[Invalid]) -> None:
    if faults:
        raise faults[0]


def _own_item(form: Form, number: int) -> int:
    if number not in form.items or rules.fixed_item(number):
        raise NotFound
    return number


def _own_phase(code: str) -> str:
    if rules.fixed_phase(code):
        raise NotFound
    return code
