"""Who coaches whom, and who goes on with a coach's work: the verbs on assignments and successors (ACC-2,
REP-6). How reports pass is kcc.coaching.succession's.

An assignment begins and ends today or later: nobody was assigned after the fact. Each verb is one transaction
with its audit line; what has not taken effect can be withdrawn.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import PersonFacts
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.errors import N_, Invalid, NotFound, Refused
from kcc.people import clashes, queries, rules, telling
from kcc.people.model import CoachAssignment, FunctionPeriod, Succession
from kcc.people.queries import holds_on


def assign(
    session: Session, actor: Actor, coach_id: str, employee_id: str, begins: date, *, ends: date | None = None
) -> CoachAssignment:
    """Let a coach coach an employee from a day on, today or later; both hold their function on that day.

    Invalid names the field ("coach", "employee", "begins", "ends"); Refused names the rule (coach and team
    lead of one employee, oneself, twice). Another coach of the employee stays so: see name_successor.
    """
    permit = _permit(actor, employee_id)
    if coach_id == employee_id:
        raise Refused(rules.OWN_COACH, code="impossible", rule=rules.RULES[rules.OWN_COACH])
    clashes.lock(session, [coach_id, employee_id])
    _not_before_today("begins", begins)
    if ends is not None and ends <= begins:
        raise Invalid("ends", N_("The first day without this coach lies after the day on which it begins."))
    _holds(session, coach_id, Function.COACH, begins, "coach")
    _holds(session, employee_id, Function.EMPLOYEE, begins, "employee")
    record.act(session, permit, step="assign", coach=coach_id, begins=str(begins))
    assignment = CoachAssignment(coach_id=coach_id, employee_id=employee_id, begins=begins, ends=ends)
    session.add(assignment)
    clashes.refuse(session, coach_id)
    telling.of_begin(session, coach_id, employee_id, begins)
    return assignment


def end(session: Session, actor: Actor, assignment_id: str, ends: date) -> None:
    """End an assignment: `ends` is the first day without it, today or later; one that began today goes.

    Until a successor is named only the employee reaches the reports that were written (REP-6).
    """
    assignment = _locked(session, assignment_id)
    permit = _permit(actor, assignment.employee_id)
    if assignment.ends is not None and assignment.ends <= clock.today():
        raise Refused(N_("This coach is not assigned any more."), code="over")
    _not_before_today("ends", ends)
    if ends < assignment.begins:
        raise Invalid("ends", N_("An assignment ends after the day on which it begins."))
    said = {"ends": str(ends), "was": str(assignment.ends) if assignment.ends else None}
    record.act(session, permit, step="end coach", coach=assignment.coach_id, **said)
    tell = telling.of_no_begin if ends == assignment.begins > clock.today() else telling.of_end
    tell(session, assignment.coach_id, assignment.employee_id, ends)
    _close(session, assignment, ends)


def withdraw(session: Session, actor: Actor, assignment_id: str) -> None:
    """Undo an assignment that has not begun, or else the end of one that has not ended yet."""
    assignment = _locked(session, assignment_id)
    permit = _permit(actor, assignment.employee_id)
    today = clock.today()
    if assignment.begins > today:
        record.act(session, permit, step="withdraw coach", coach=assignment.coach_id)
        telling.of_no_begin(session, assignment.coach_id, assignment.employee_id, assignment.begins)
        _withdraw_succession(session, assignment)
        session.delete(assignment)
    elif assignment.ends is not None and assignment.ends > today:
        record.act(session, permit, step="withdraw end of coach", coach=assignment.coach_id)
        telling.of_no_end(session, assignment.coach_id, assignment.employee_id, assignment.ends)
        assignment.ends = None
    else:
        raise Refused(N_("This has taken effect. Assign or end the coach anew instead."), code="in_effect")
    clashes.refuse(session, assignment.coach_id)


def name_successor(
    session: Session,
    actor: Actor,
    coach_id: str,
    successor_id: str,
    begins: date,
    employee_ids: Collection[str] | None = None,
) -> int:
    """Name who goes on with a coach's employees, reports and open work from a day on (REP-6); for how many.

    `begins` is today or later. Without `employee_ids` it is about all that `needing_successor` names; they
    may name anybody whom this coach ever coached and nobody went on with. The coach's own assignments to them
    end that day, the successor's begin. Refused as for `assign`, and when there is nobody.
    """
    clashes.lock(session, [coach_id, successor_id])
    _not_before_today("begins", begins)
    if coach_id == successor_id:
        raise Invalid("successor", N_("Choose somebody else: nobody succeeds themselves."))
    _holds(session, successor_id, Function.COACH, begins, "successor")
    if employee_ids is None:
        chosen = needing_successor(session, coach_id, begins) - {successor_id}
    else:
        chosen = frozenset(employee_ids)
    if not chosen or not chosen <= _unsucceeded(session, coach_id, begins).keys():
        raise Refused(N_("There is nobody here who needs a successor of this coach."), rule="REP-6")
    for employee_id in sorted(chosen):
        _succeed(session, actor, coach_id, successor_id, employee_id, begins)
    clashes.refuse(session, successor_id)
    return len(chosen)


def needing_successor(session: Session, coach_id: str, day: date) -> frozenset[str]:
    """The employees of a day with whom nobody was named to go on after this coach (REP-6).

    Those whom the coach coaches until then, and of those coached before who have no coach on that day.
    Whoever is no employee then is not among them: their reports are gone.
    """
    left = _last_day(session, coach_id, day)
    return frozenset(
        employee_id
        for employee_id, until in _unsucceeded(session, coach_id, day).items()
        if until is None or until >= left or not queries.coaches_of(session, employee_id, day)
    )


def _last_day(session: Session, coach_id: str, day: date) -> date:
    """The day on which somebody stopped being a coach, if that was before this day."""
    held = select(FunctionPeriod.ends).where(
        FunctionPeriod.person_id == coach_id, FunctionPeriod.function == Function.COACH.value
    )
    ends = list(session.scalars(held.where(FunctionPeriod.begins <= day)))
    return day if None in ends else min([day, max((end for end in ends if end), default=day)])


def _unsucceeded(session: Session, coach_id: str, day: date) -> dict[str, date | None]:
    """The employees of a day whom a coach ever coached and nobody was named for, with the end of that."""
    named = select(Succession.id).where(
        Succession.coach_id == coach_id,
        Succession.employee_id == CoachAssignment.employee_id,
        Succession.begins >= CoachAssignment.begins,
        Succession.withdrawn_at.is_(None),
    )
    employed = select(FunctionPeriod.id).where(
        FunctionPeriod.person_id == CoachAssignment.employee_id,
        FunctionPeriod.function == Function.EMPLOYEE.value,
        holds_on(FunctionPeriod, day),
    )
    query = select(CoachAssignment.employee_id, CoachAssignment.ends).where(
        CoachAssignment.coach_id == coach_id,
        CoachAssignment.begins <= day,
        ~named.exists(),
        employed.exists(),
    )
    return dict(session.execute(query.order_by(CoachAssignment.begins)).all())


def due_successions(session: Session, today: date) -> list[Succession]:
    """Successions that have taken effect and whose reports have not passed yet."""
    query = select(Succession).where(
        Succession.begins <= today, Succession.followed_at.is_(None), Succession.withdrawn_at.is_(None)
    )
    return list(session.scalars(query.order_by(Succession.begins, Succession.named_at, Succession.id)))


def close_all(session: Session, person_id: str, function: Function, ends: date) -> None:
    """End the assignments that go with a function that has ended, as part of that (no line of its own)."""
    side = CoachAssignment.coach_id if function is Function.COACH else CoachAssignment.employee_id
    reaching = select(CoachAssignment).where(
        side == person_id, or_(CoachAssignment.ends.is_(None), CoachAssignment.ends > ends)
    )
    for assignment in list(session.scalars(reaching.with_for_update())):
        _close(session, assignment, ends)


def _succeed(
    session: Session, actor: Actor, coach_id: str, successor_id: str, employee_id: str, begins: date
) -> None:
    permit = _permit(actor, employee_id)
    said = {"coach": coach_id, "successor": successor_id, "begins": str(begins)}
    record.act(session, permit, step="name successor", **said)
    pair = (CoachAssignment.coach_id, CoachAssignment.employee_id)
    reaching = or_(CoachAssignment.ends.is_(None), CoachAssignment.ends > begins)
    of_coach = select(CoachAssignment).where(pair[0] == coach_id, pair[1] == employee_id, reaching)
    for assignment in list(session.scalars(of_coach)):
        _close(session, assignment, begins)
    of_successor = select(CoachAssignment.id).where(pair[0] == successor_id, pair[1] == employee_id)
    if session.scalar(of_successor.where(holds_on(CoachAssignment, begins)).limit(1)) is None:
        session.add(CoachAssignment(coach_id=successor_id, employee_id=employee_id, begins=begins))
        telling.of_begin(session, successor_id, employee_id, begins)
    session.add(
        Succession(
            coach_id=coach_id,
            employee_id=employee_id,
            successor_id=successor_id,
            begins=begins,
            named_at=clock.now(),
            named_by=actor.person_id,
        )
    )
    session.flush()


def _permit(actor: Actor, employee_id: str) -> Permit:
    return policy.permit(
        actor, Action.PEOPLE_CHANGE, Subject("person", employee_id), PersonFacts(employee_id)
    )


def _locked(session: Session, assignment_id: str) -> CoachAssignment:
    found = session.get(CoachAssignment, assignment_id)
    if found is None:
        raise NotFound
    clashes.lock(session, [found.coach_id, found.employee_id])
    found = session.get(CoachAssignment, assignment_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _holds(session: Session, person_id: str, function: Function, day: date, field: str) -> None:
    held = select(FunctionPeriod.id).where(
        FunctionPeriod.person_id == person_id,
        FunctionPeriod.function == function.value,
        holds_on(FunctionPeriod, day),
    )
    if session.scalar(held.limit(1)) is None:
        if function is Function.COACH:
            raise Invalid(field, N_("This person is no coach on that day."))
        raise Invalid(field, N_("This person is no employee on that day."))


def _not_before_today(field: str, day: date) -> None:
    if day < clock.today():
        raise Invalid(field, N_("Choose today or a later day: nobody is assigned after the fact."))


def _close(session: Session, assignment: CoachAssignment, ends: date) -> None:
    """What would be left of it is no day: then it goes; the audit keeps that it was there."""
    if ends <= assignment.begins:
        session.delete(assignment)
    else:
        assignment.ends = ends
    session.flush()


def _withdraw_succession(session: Session, assignment: CoachAssignment) -> None:
    query = select(Succession).where(
        Succession.successor_id == assignment.coach_id,
        Succession.employee_id == assignment.employee_id,
        Succession.begins == assignment.begins,
        Succession.followed_at.is_(None),
        Succession.withdrawn_at.is_(None),
    )
    for succession in session.scalars(query):
        succession.withdrawn_at = clock.now()
        before = select(CoachAssignment).where(
            CoachAssignment.coach_id == succession.coach_id,
            CoachAssignment.employee_id == succession.employee_id,
            CoachAssignment.ends == succession.begins,
        )
        for earlier in session.scalars(before):
            earlier.ends = None
    session.flush()
