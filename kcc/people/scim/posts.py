"""What groups give: a function begins today for who comes in, and ends today for who goes, by the rules."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor, Function
from kcc.db import new_id
from kcc.errors import N_, Refused
from kcc.notices import outbox
from kcc.people import endings, rules, sessions
from kcc.people.endings import CameBy
from kcc.people.model import CoachAssignment, Department, FunctionEnding, FunctionPeriod, Person, Team
from kcc.people.queries import AT_ONCE
from kcc.people.rules import Assigned, Clash, Held, Period
from kcc.people.scim import saying
from kcc.people.scim.model import ScimAccount, ScimGroup, ScimMember
from kcc.scim_settings import Scim

WATCHED = frozenset({Function.EMPLOYEE, Function.TEAM_LEAD})
"""Functions that coach assignments can contradict."""


@dataclass(frozen=True, slots=True)
class Gift:
    """A function as a group gives it."""

    function: Function
    team_id: str | None
    department_id: str | None
    customer_calls: bool

    @classmethod
    def of(cls, period: FunctionPeriod) -> "Gift":
        """What somebody holds, in the same words."""
        return cls(Function(period.function), period.team_id, period.department_id, period.customer_calls)

    def same_place(self, period: FunctionPeriod) -> bool:
        """Whether a period is the same function in the same place, whatever its calls."""
        return (self.function, self.team_id, self.department_id) == (
            period.function,
            period.team_id,
            period.department_id,
        )


def gifts(session: Session, scim: Scim, groups: Iterable[ScimGroup]) -> dict[str, frozenset[Gift]]:
    """What each of the groups gives by the settings, by its id; Refused for a place that is not known."""
    teams = dict(session.execute(select(Team.code, Team.id)).all())
    departments = dict(session.execute(select(Department.code, Department.id)).all())
    return {
        group.id: frozenset(
            Gift(
                Function(given.function),
                _place(teams, given.team),
                _place(departments, given.department),
                given.customer_calls,
            )
            for given in scim.groups
            if given.group in (group.display_name, group.external_id)
        )
        for group in groups
    }


def settle(
    session: Session, actor: Actor, scim: Scim, people: Collection[str], about: Collection[Gift]
) -> None:
    """Bring what people hold in line with their groups, today, of these functions alone.

    What was planned for later goes too: whoever is in the group holds it, nobody else does. Refused with the
    rule when somebody would hold what cannot stand together; then nothing happens.
    """
    for some in _portions(people):
        _settle(session, actor, scim, some, about)


def locked(session: Session, people: Collection[str]) -> dict[str, str]:
    """Their numbers; whoever else wants to change them waits, so that two changes agree with each other.

    Before anything that points to them is written: who writes first and locks then can wait for each other.
    """
    numbers: dict[str, str] = {}
    for some in _portions(people):
        query = select(Person.id, Person.number).where(Person.id.in_(some)).order_by(Person.id)
        numbers |= dict(session.execute(query.with_for_update(key_share=True)).all())
    return numbers


def end_all(session: Session, actor: Actor, person_id: str) -> None:
    """End every function of a person today, and their sessions at once."""
    _end(session, actor, _open(session, [person_id])[person_id])


def _settle(
    session: Session, actor: Actor, scim: Scim, people: Sequence[str], about: Collection[Gift]
) -> None:
    numbers = locked(session, people)
    wanted = _wanted(session, scim, people)
    held = _open(session, people)
    ending: list[FunctionPeriod] = []
    beginning: list[tuple[str, Gift]] = []
    for person in numbers:
        for gift in about:
            same = [period for period in held[person] if gift.same_place(period)]
            now = [period for period in same if Gift.of(period) == gift and period.begins <= clock.today()]
            if gift not in wanted[person]:
                ending += [period for period in same if Gift.of(period) == gift]
            elif not now:
                ending += same
                beginning.append((person, gift))
    _end(session, actor, ending)
    begun = _begin(session, actor, beginning)
    for clash in _clashes(session, people, begun):
        shown = next(entry.person for entry in clash.entries if isinstance(entry, Held))
        number = numbers.get(shown) or session.scalar(select(Person.number).where(Person.id == shown))
        raise Refused(
            N_("%(number)s: %(problem)s. Nothing was changed."),
            rule=rules.RULES[clash.problem],
            number=number,
            problem=clash.problem,
        )


def _wanted(session: Session, scim: Scim, people: Sequence[str]) -> dict[str, set[Gift]]:
    """What the groups of each person give; of who is not active, nothing."""
    query = (
        select(ScimMember.person_id, ScimGroup)
        .join(ScimGroup, ScimGroup.id == ScimMember.group_id)
        .outerjoin(ScimAccount, ScimAccount.person_id == ScimMember.person_id)
        .where(ScimMember.person_id.in_(people), ScimAccount.active.is_not(False))
    )
    rows = session.execute(query).all()
    given = gifts(session, scim, {group.id: group for _, group in rows}.values())
    wanted: dict[str, set[Gift]] = defaultdict(set)
    for person_id, group in rows:
        wanted[person_id] |= given[group.id]
    return wanted


def _open(session: Session, people: Sequence[str]) -> dict[str, list[FunctionPeriod]]:
    """What each holds today or will hold later."""
    found: dict[str, list[FunctionPeriod]] = defaultdict(list)
    query = select(FunctionPeriod).where(
        FunctionPeriod.person_id.in_(people),
        or_(FunctionPeriod.ends.is_(None), FunctionPeriod.ends > clock.today()),
    )
    for period in session.scalars(query.order_by(FunctionPeriod.begins)):
        found[period.person_id].append(period)
    return found


def _begin(session: Session, actor: Actor, wanted: Sequence[tuple[str, Gift]]) -> list[FunctionPeriod]:
    today = clock.today()
    saying.happened(session, actor, ((person, f"{gift.function} begins {today}") for person, gift in wanted))
    begun = [
        FunctionPeriod(
            id=new_id(),
            person_id=person,
            function=gift.function,
            team_id=gift.team_id,
            department_id=gift.department_id,
            customer_calls=gift.customer_calls,
            begins=today,
        )
        for person, gift in wanted
    ]
    session.add_all(begun)
    for person, gift in wanted:
        outbox.tell(session, person, "function.begun", function=gift.function, day=today)
    session.flush()
    return begun


def _end(session: Session, actor: Actor, periods: Sequence[FunctionPeriod]) -> None:
    """End periods today: access is over at once, what else follows waits for a person (REP-5)."""
    today = clock.today()
    saying.happened(session, actor, ((p.person_id, f"{p.function} ends {today}") for p in periods))
    endings.forget(session, [period.id for period in periods])
    for period in periods:
        if period.begins <= today:  # what has not begun never will: nothing follows from it
            session.add(_ending(actor, period, today))
        if period.begins >= today:  # it held no whole day; that it was there stands in the note and the audit
            session.delete(period)
        else:
            period.ends = today
    sessions.end_of_people(session, {period.person_id for period in periods})
    session.flush()


def _ending(actor: Actor, period: FunctionPeriod, today: date) -> FunctionEnding:
    return FunctionEnding(
        period_id=period.id,
        person_id=period.person_id,
        function=period.function,
        ends=today,
        ends_before=period.ends,
        came_by=CameBy.SCIM.value,
        decided_at=clock.now(),
        decided_by=actor.person_id,
    )


def _clashes(session: Session, people: Sequence[str], begun: Sequence[FunctionPeriod]) -> Iterator[Clash]:
    """What cannot stand together with what has just begun."""
    concerned = {period.person_id for period in begun}
    held = _open(session, [person for person in people if person in concerned])
    for periods in held.values():
        yield from rules.clashes_of_functions([_held(period) for period in periods])
    watched = {period.person_id for period in begun if period.function in WATCHED}
    assigned = _assignments(session, sorted(watched))
    partners = _open(session, sorted({p for one in assigned for p in (one.coach, one.employee)}))
    for one in assigned:
        coach, employee = ([_held(p) for p in partners[who]] for who in (one.coach, one.employee))
        yield from rules.clashes_of_coach_and_lead(one, coach, employee)


def _assignments(session: Session, people: Sequence[str]) -> list[Assigned]:
    a, today = CoachAssignment, clock.today()
    query = select(a).where(
        or_(a.coach_id.in_(people), a.employee_id.in_(people)), or_(a.ends.is_(None), a.ends > today)
    )
    return [
        Assigned(row.coach_id, row.employee_id, Period(_from(row.begins), row.ends))
        for row in session.scalars(query)
    ]


def _held(period: FunctionPeriod) -> Held:
    days = Period(_from(period.begins), period.ends)
    return Held(period.person_id, Function(period.function), days, period.team_id, period.department_id)


def _from(begins: date) -> date:
    """Only what holds from today on is judged: what was contradictory before is history."""
    return max(begins, clock.today())


def _place(known: dict[str, str], code: str) -> str | None:
    if not code:
        return None
    if code not in known:
        raise Refused(N_("The settings give this group %(place)s, which is not known here."), place=code)
    return known[code]


def _portions(people: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(set(people))
    for first in range(0, len(ordered), AT_ONCE):
        yield ordered[first : first + AT_ONCE]
