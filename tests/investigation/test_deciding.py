"""Two sign a case, each with the function of that day; it opens on named calls for a named time (WGT-2)."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import Function
from kcc.access.facts import CaseState
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.investigation import closing, decisions, queries, sealing
from kcc.investigation.model import Case, CaseDecision
from kcc.investigation.rules import Kind
from kcc.notices.model import Notice
from kcc.people.model import Department, FunctionPeriod, Person, Team
from kcc.stores import Stores
from tests.centre import BEGAN, Centre
from tests.investigation import world


def hire(stores: Stores, name: str, function: Function) -> str:
    """Somebody new, or a further function of theirs, in the red team and its department."""
    with stores.database.write() as session:
        found = session.scalar(select(Person).where(Person.number == name))
        person = found or Person(number=name, name=name.title())
        session.add(person)
        session.flush()
        team = session.scalars(select(Team).where(Team.code == "red")).one()
        department = session.scalars(select(Department)).one()
        session.add(
            FunctionPeriod(
                person_id=person.id,
                function=function.value,
                team_id=team.id if function in (Function.TEAM_LEAD, Function.EMPLOYEE) else None,
                department_id=department.id if function is Function.DEPARTMENT_MANAGER else None,
                begins=BEGAN,
            )
        )
        return person.id


def stop(stores: Stores, person_id: str) -> None:
    """End whatever somebody does, as of today."""
    with stores.database.write() as session:
        mine = update(FunctionPeriod).where(FunctionPeriod.person_id == person_id)
        session.execute(mine.values(ends=clock.today()))


def also(stores: Stores, person_id: str, function: Function) -> None:
    """Give somebody a further function, in the red team and its department."""
    with stores.database.write() as session:
        number = session.get_one(Person, person_id).number
    hire(stores, number, function)


def told(stores: Stores, person_id: str) -> list[str]:
    """The words of what somebody was told about cases, the first one first."""
    with stores.database.read() as session:
        query = select(Notice.word).where(Notice.person_id == person_id, Notice.word.startswith("case."))
        return list(session.scalars(query.order_by(Notice.told_at, Notice.word)))


def state(stores: Stores, case_id: str) -> CaseState:
    """Where a case stands now."""
    return queries.state(world.case(stores, case_id), clock.now())


@pytest.mark.rule("WGT-1", "WGT-2")
def test_a_case_opens_with_the_second_signature_and_each_step_is_told(stores: Stores, centre: Centre) -> None:
    centre.call()
    case_id = world.propose(stores, centre)
    assert state(stores, case_id) is CaseState.PROPOSED
    assert world.calls(stores, case_id) == []
    assert told(stores, centre.manager) == ["case.to_sign"]
    assert told(stores, centre.anna) == []
    assert world.sign(stores, centre, case_id)
    assert state(stores, case_id) is CaseState.OPEN
    assert [call.recording_id for call in world.calls(stores, case_id)] == [world.recording(stores).id]  # type: ignore[union-attr]
    assert told(stores, centre.officer) == ["case.opened", "case.proposed", "case.told"]
    assert told(stores, centre.anna) == ["case.about_you"]
    assert "case.listen" in told(stores, centre.manager)


@pytest.mark.rule("WGT-2")
@pytest.mark.parametrize("by", ["anna", "bob", "coach", "other_lead", "officer", "administrator", "council"])
def test_nobody_else_puts_a_case_forward(stores: Stores, centre: Centre, by: str) -> None:
    with pytest.raises(AccessDenied):
        world.propose(stores, centre, getattr(centre, by))


@pytest.mark.rule("WGT-2")
def test_nobody_signs_twice_and_another_team_lead_not_at_all(stores: Stores, centre: Centre) -> None:
    centre.call()
    case_id = world.propose(stores, centre)
    with pytest.raises(Refused, match="signed already"):
        world.sign(stores, centre, case_id, centre.lead)
    second = hire(stores, "tweede", Function.TEAM_LEAD)
    with pytest.raises(Refused, match="other of team lead"):
        world.sign(stores, centre, case_id, second)
    with pytest.raises(AccessDenied):
        world.sign(stores, centre, case_id, centre.other_lead)
    assert world.sign(stores, centre, case_id)
    with pytest.raises(Refused, match="Nothing waits"):
        world.sign(stores, centre, case_id)


@pytest.mark.rule("WGT-2")
def test_team_lead_and_manager_in_one_person_are_told_whom_to_ask(stores: Stores, centre: Centre) -> None:
    also(stores, centre.lead, Function.DEPARTMENT_MANAGER)
    stop(stores, centre.manager)
    with pytest.raises(Refused, match=r"Two different people must sign.*Ask your own manager"):
        world.propose(stores, centre, listener_id=centre.other_lead)


@pytest.mark.rule("WGT-2")
def test_who_holds_both_functions_leaves_the_other_seat_to_somebody_else(
    stores: Stores, centre: Centre
) -> None:
    centre.call()
    also(stores, centre.manager, Function.TEAM_LEAD)
    stop(stores, centre.lead)
    second = hire(stores, "tweede", Function.DEPARTMENT_MANAGER)
    case_id = world.propose(stores, centre, centre.manager)
    assert world.sign(stores, centre, case_id, second)


@pytest.mark.rule("WGT-2")
@pytest.mark.parametrize("function", [Function.TEAM_LEAD, Function.DEPARTMENT_MANAGER])
def test_about_a_lead_or_manager_two_managers_sign_and_never_they(
    stores: Stores, centre: Centre, function: Function
) -> None:
    centre.call()
    also(stores, centre.anna, function)
    with pytest.raises(AccessDenied):
        world.propose(stores, centre, centre.anna)
    with pytest.raises(
        AccessDenied
    ):  # their own team lead does not decide about who leads the team beside them
        world.propose(stores, centre, centre.lead)
    with pytest.raises(Refused, match="Two different people"):
        world.propose(stores, centre, centre.manager)
    second = hire(stores, "tweede", Function.DEPARTMENT_MANAGER)
    case_id = world.propose(stores, centre, centre.manager)
    with pytest.raises(AccessDenied):
        world.sign(stores, centre, case_id, centre.anna)
    assert world.sign(stores, centre, case_id, second)


@pytest.mark.rule("WGT-2")
def test_the_lead_who_signed_goes_and_the_signature_stands(stores: Stores, centre: Centre) -> None:
    """Judged as of the moment it was given; whoever signs second holds the function then."""
    centre.call()
    case_id = world.propose(stores, centre)
    stop(stores, centre.lead)
    hire(stores, "nieuw", Function.TEAM_LEAD)
    assert world.sign(stores, centre, case_id)


@pytest.mark.rule("WGT-2")
def test_a_manager_who_has_gone_signs_no_more(stores: Stores, centre: Centre) -> None:
    centre.call()
    case_id = world.propose(stores, centre)
    stop(stores, centre.manager)
    with pytest.raises(AccessDenied):
        world.sign(stores, centre, case_id)
    assert world.sign(stores, centre, case_id, hire(stores, "nieuw", Function.DEPARTMENT_MANAGER))


@pytest.mark.rule("WGT-1", "WGT-2")
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("ground", {"ground": "gossip"}),
        ("ground_words", {"ground": "other", "ground_words": "  "}),
        ("indications", {"indications": " "}),
        ("indications", {"indications": "x" * (decisions.LONGEST + 1)}),
        ("calls", {"calls": ()}),
        ("calls", {"calls": tuple(f"c{number}" for number in range(decisions.MOST_CALLS + 1))}),
        ("listener", {"listener_id": ""}),
        ("last_day", {"last_day": None}),
        ("last_day", {"last_day": date(2026, 11, 17)}),
        ("last_day", {"last_day": date(2026, 11, 2)}),
        ("tell_on", {"tell_on": date(2026, 11, 3), "why_not_yet": "x"}),
        ("tell_on", {"tell_on": date(2026, 11, 18), "why_not_yet": "x"}),
        ("why_not_yet", {"tell_on": date(2026, 11, 10), "why_not_yet": " "}),
        ("since", {"calls": (), "since": date(2026, 10, 6), "until": date(2026, 11, 3)}),
        ("since", {"calls": (), "since": date(2026, 11, 1), "until": date(2026, 11, 4)}),
        ("since", {"calls": (), "since": date(2026, 11, 3), "until": date(2026, 11, 2)}),
        ("since", {"calls": (), "since": date(2026, 11, 3), "until": None}),
        ("calls", {"since": date(2026, 11, 1), "until": date(2026, 11, 2)}),
    ],
)
def test_what_is_missing_or_too_long_is_named(
    stores: Stores, centre: Centre, field: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as fault:
        world.propose(stores, centre, **wrong)
    assert fault.value.field == field
    with stores.database.read() as session:
        assert session.scalar(select(Case)) is None


@pytest.mark.rule("PUR-2", "WGT-2")
def test_a_period_takes_neither_monitored_calls_nor_threats_and_names_do(
    stores: Stores, centre: Centre
) -> None:
    for _ in range(3):
        centre.call()
    first, second, third = (world.recording(stores, f"call-{number}").id for number in (1, 2, 3))  # type: ignore[union-attr]
    with stores.database.write() as session:
        from kcc.recordings.model import Recording

        session.execute(update(Recording).where(Recording.id == second).values(sample_barred=True))
    today = clock.today()
    case_id = world.propose(stores, centre, calls=(), since=today, until=today)
    with stores.database.write() as session:
        decisions.sign(stores, session, centre.actor(centre.manager), case_id, lambda _s, _ids: {third})
    assert [call.recording_id for call in world.calls(stores, case_id)] == [first]
    world.end(stores, centre, case_id)
    named = world.open_case(stores, centre, calls=("call-1", "call-2", "call-3", "unknown"))
    assert {call.recording_id for call in world.calls(stores, named)} == {first, second, third}


@pytest.mark.rule("WGT-2")
def test_a_case_on_calls_that_are_gone_or_somebody_elses_does_not_open(
    stores: Stores, centre: Centre
) -> None:
    centre.call("bob")
    case_id = world.propose(stores, centre)
    with pytest.raises(Refused, match="None of the calls"):
        world.sign(stores, centre, case_id)
    assert state(stores, case_id) is CaseState.PROPOSED


@pytest.mark.rule("WGT-2")
def test_more_time_and_a_later_telling_take_both_again(stores: Stores, centre: Centre, now: Frozen) -> None:
    centre.call()
    case_id = world.open_case(stores, centre, **world.later(5))
    before = world.case(stores, case_id).ends_at
    now.move(timedelta(days=3))
    world.ask(stores, centre, case_id, Kind.EXTEND, 13)
    assert world.case(stores, case_id).ends_at == before
    with pytest.raises(Refused, match="signed already"):
        world.sign(stores, centre, case_id, centre.lead)
    with pytest.raises(Refused, match="Another decision"):
        world.ask(stores, centre, case_id, Kind.POSTPONE, 5, centre.manager)
    assert not world.sign(stores, centre, case_id)
    assert world.case(stores, case_id).ends_at == before + timedelta(days=6)
    for _ in range(2):
        world.ask(stores, centre, case_id, Kind.POSTPONE, 10)
        world.sign(stores, centre, case_id)
    assert world.case(stores, case_id).tell_on == clock.today() + timedelta(days=10)
    with pytest.raises(Refused, match="at most twice"):
        world.ask(stores, centre, case_id, Kind.POSTPONE, 12)


@pytest.mark.rule("WGT-2")
def test_a_question_for_more_can_be_taken_back(stores: Stores, centre: Centre) -> None:
    centre.call()
    case_id = world.open_case(stores, centre)
    world.ask(stores, centre, case_id, Kind.EXTEND, 12)
    with stores.database.write() as session:
        decisions.withdraw(session, centre.actor(centre.manager), case_id)
    with pytest.raises(Refused, match="Nothing waits"):
        world.sign(stores, centre, case_id)
    assert state(stores, case_id) is CaseState.OPEN


@pytest.mark.rule("WGT-2")
@pytest.mark.parametrize("what", ["propose", "sign"])
def test_twice_at_once_one_counts(stores: Stores, centre: Centre, what: str) -> None:
    centre.call()
    second = hire(stores, "tweede", Function.DEPARTMENT_MANAGER)
    case_id = world.propose(stores, centre) if what == "sign" else ""
    done: list[object] = []
    gate = threading.Barrier(2)

    def act(by: str) -> None:
        gate.wait()
        try:
            done.append(
                world.sign(stores, centre, case_id, by) if case_id else world.propose(stores, centre, by)
            )
        except Refused as refused:
            done.append(refused.code)

    who = (centre.manager, second)
    threads = [threading.Thread(target=act, args=(by,)) for by in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = "nothing_waits" if case_id else "case_stands"
    assert done.count(refused) == 1
    with stores.database.read() as session:
        assert len(session.scalars(select(Case)).all()) == 1
        assert len(session.scalars(select(CaseDecision)).all()) == 1


@pytest.mark.rule("WGT-2", "RET-8")
def test_all_that_a_case_says_is_sealed_and_goes_a_term_after_its_end(
    stores: Stores, centre: Centre, now: Frozen
) -> None:
    from kcc.investigation import erasure as cases

    centre.call()
    case_id = world.open_case(stores, centre)
    with stores.database.read() as session:
        opening = queries.decisions(session, case_id)[0]
        assert b"klanten" not in opening.content
        assert "klanten" in sealing.open_decision(stores.keys, opening)["indications"]
    world.end(stores, centre, case_id)
    now.move(timedelta(days=stores.settings.weighty_reasons.text_days - 1))
    cases.sweep(stores)
    assert stores.keys.holds([case_id])
    now.move(timedelta(days=1))
    cases.sweep(stores)
    cases.sweep(stores)
    assert not stores.keys.holds([case_id])
    with stores.database.read() as session:
        assert queries.decisions(session, case_id)[0].content == b""
    now.move(timedelta(days=stores.settings.audit.terms.listening))
    cases.sweep(stores)
    with stores.database.read() as session:
        assert session.get(Case, case_id) is None
        assert queries.counts(session, clock.today())  # what remains: counts of quarters


@pytest.mark.rule("WGT-2")
def test_what_was_asked_before_a_suspension_is_not_signed_during_it(stores: Stores, centre: Centre) -> None:
    centre.call()
    case_id = world.open_case(stores, centre)
    world.ask(stores, centre, case_id, Kind.EXTEND, 13)
    before = world.case(stores, case_id).ends_at
    with stores.database.write() as session:
        closing.suspend(session, centre.actor(centre.officer), case_id)
    with pytest.raises(Refused):
        world.sign(stores, centre, case_id)
    assert world.case(stores, case_id).ends_at == before


@pytest.mark.rule("WGT-2")
def test_without_an_officer_there_is_no_case(stores: Stores, centre: Centre) -> None:
    """Nobody would learn of it, and nobody could suspend it."""
    centre.call()
    waiting = world.propose(stores, centre)
    with stores.database.write() as session:
        mine = select(FunctionPeriod).where(FunctionPeriod.person_id == centre.officer)
        session.scalars(mine).one().ends = clock.today()
    with pytest.raises(Refused) as refused:
        world.sign(stores, centre, waiting)
    assert refused.value.code == "nobody_watches"
    with pytest.raises(Refused):
        world.propose(stores, centre, employee_id=centre.bob)
