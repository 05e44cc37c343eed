"""Deciding together, keeping no longer than needed, and settling; with whom, when people come and go."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.access.facts import IncidentStage
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, Refused
from kcc.people import functions
from kcc.people.model import FunctionPeriod, Team
from kcc.recordings import rules
from kcc.recordings.model import Hold
from kcc.scheduler import following
from kcc.threat import erasure, keeping, measures, queries, texts
from kcc.threat.incidents import account_of
from tests.threat.case import Case

DAY = timedelta(days=1)
MONTHS = 6


@pytest.fixture
def recording(case: Case) -> str:
    """A call of anna's of an hour ago."""
    case.centre.call()
    return case.recordings()[0]


@pytest.fixture
def threat(case: Case, recording: str) -> str:
    """She has reported it."""
    return case.report(recording)


def until_of(case: Case, incident_id: str) -> datetime | None:
    """Until when a threat's own holds keep it."""
    with case.stores.database.read() as session:
        return queries.kept_until(session, queries.by_id(session, incident_id))


def state(case: Case, incident_id: str) -> str | None:
    """Where it stands; None once it is erased."""
    found = case.incident(incident_id)
    return found.state if found else None


# --- together ---


@pytest.mark.rule("THR-2")
@pytest.mark.parametrize(("first", "second"), [("anna", "lead"), ("lead", "anna")])
def test_a_measure_stands_once_both_agree(case: Case, threat: str, first: str, second: str) -> None:
    measure = case.propose(threat, first)
    case.confirm(measure, first)
    assert case.measure(measure).agreed_at is None, "one alone decides nothing, however often"
    assert state(case, threat) == IncidentStage.OPEN
    case.confirm(measure, second)
    case.confirm(measure, second)
    agreed = case.measure(measure)
    assert agreed.agreed_at
    assert agreed.employee_at
    assert agreed.lead_id == case.centre.lead
    assert state(case, threat) == IncidentStage.DECIDED
    end = "employee" if second == "anna" else "lead"
    assert case.told("anna" if second == "lead" else "lead").count(f"threat.agreed_{end}") == 1
    with pytest.raises(Refused), case.stores.database.write() as session:
        measures.drop(session, case.actor(first), measure)


@pytest.mark.rule("THR-2", "THR-3", "ACC-3")
def test_nobody_else_decides_or_looks(case: Case, threat: str) -> None:
    """Not the coach, not another team's lead, not a colleague, not the manager: refused, and logged."""
    measure = case.propose(threat)
    for name in ("coach", "other_lead", "bob", "manager", "officer", "administrator"):
        for act in (
            lambda name=name: case.propose(threat, name),
            lambda name=name: case.confirm(measure, name),
            lambda name=name: case.extend(threat, name),
            lambda name=name: case.settle(threat, name),
        ):
            with pytest.raises(AccessDenied):
                act()  # type: ignore[no-untyped-call]
    assert case.measure(measure).lead_at is None


@pytest.mark.in_part("postgresql")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "revenge"}, "measure"),
        ({"owner_id": "coach"}, "owner"),
        ({"due": None}, "due"),
        ({"due": date(2026, 11, 2)}, "due"),
        ({"words": " \n "}, "plan"),
        ({"words": "x" * 2001}, "plan"),
        ({"kind": "deny"}, "ends"),
        ({"kind": "deny", "ends": date(2026, 11, 2)}, "ends"),
        ({"ends": date(2026, 12, 1)}, "ends"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_said(
    case: Case, threat: str, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as fault:
        case.propose(threat, **{"kind": "talk", **values})  # type: ignore[arg-type]
    assert fault.value.field == field


@pytest.mark.rule("THR-2")
def test_no_measure_is_a_decision_that_runs_not(case: Case, threat: str) -> None:
    measure = case.agreed(threat, "none")
    assert case.measure(measure).closed_at is not None
    assert state(case, threat) == IncidentStage.DECIDED
    with pytest.raises(Refused):
        case.extend(threat)


def test_what_people_write_is_sealed_and_no_line_tells_it(case: Case, threat: str) -> None:
    measure = case.agreed(threat, words="Ik bel zijn moeder.")
    case.close(measure)
    found, incident = case.measure(measure), case.incident(threat)
    assert incident
    opened = texts.opened(case.stores, incident, texts.plan_place(found), found.plan)
    assert (opened, b"moeder" in found.plan) == ("Ik bel zijn moeder.", False)
    with case.stores.database.read() as session:
        bodies = [str(body) for body in session.scalars(select(AuditLine.body)) if body]
    assert not any(word in body for body in bodies for word in ("moeder", "excuses", "woon"))
    assert bodies


# --- keeping ---


@pytest.mark.rule("RET-2", "RET-8", "THR-4")
def test_after_six_months_it_goes_by_itself(case: Case, threat: str, recording: str, now: Frozen) -> None:
    """A measure that runs does not keep it: somebody must say why, and until when."""
    case.agreed(threat)
    began = case.recording(recording).started_at
    now.set(rules.threat_due_at(began, MONTHS) - timedelta(seconds=1))
    assert case.erase() == 0
    now.move(timedelta(seconds=1))
    with pytest.raises(AccessDenied):
        case.extend(threat)
    assert case.erase() == 1
    assert case.gone(recording)
    assert state(case, threat) is None


@pytest.mark.rule("RET-3", "THR-4")
def test_it_is_kept_longer_while_a_measure_runs(case: Case, threat: str, recording: str, now: Frozen) -> None:
    """Each time with a reason and at most three months; once the measure ends it goes in the next run."""
    with pytest.raises(Refused) as nothing:
        case.extend(threat)
    assert nothing.value.rule == "RET-3"
    police = case.agreed(threat, "police")
    now.move(150 * DAY)
    case.extend(threat)
    until = until_of(case, threat)
    assert until == clock.start_of_day(keeping.last_day(clock.now()) + DAY)
    assert until
    assert until <= rules.threat_due_at(clock.now(), 3)
    found = case.recording(recording)
    assert found
    assert (found.due_at, found.due_rule) == (until, "RET-3")
    now.move(80 * DAY)
    case.extend(threat, "anna")
    assert case.told("lead")[-1] == "threat.longer_employee"
    assert case.erase() == 0
    case.close(police)
    assert case.erase() == 1
    assert case.gone(recording)


@pytest.mark.rule("RET-3")
def test_who_forgets_to_look_keeps_nothing(case: Case, threat: str, recording: str, now: Frozen) -> None:
    """The extension ends with its review, also when the measure still runs."""
    case.agreed(threat, "police")
    now.move(150 * DAY)
    case.extend(threat)
    until = until_of(case, threat)
    assert until
    now.set(until)
    assert case.erase() == 1
    assert case.gone(recording)


@pytest.mark.rule("RET-3")
@pytest.mark.in_part("postgresql")
@pytest.mark.parametrize("days", [-1, 1, 89, 93, 400])
def test_a_review_lies_within_three_months_and_keeps_it_longer(
    case: Case, threat: str, now: Frozen, days: int
) -> None:
    """150 days on, some 30 are left: a day within them adds nothing, one after 3 months is too far."""
    case.agreed(threat, "police")
    now.move(150 * DAY)
    day = clock.today() + days * DAY
    if days == 89:
        case.extend(threat, until=day)
        return
    with pytest.raises(Invalid) as fault:
        case.extend(threat, until=day)
    assert fault.value.field == "until"


@pytest.mark.rule("RET-3")
def test_a_newer_incident_keeps_the_older_until_it_is_settled(
    case: Case, threat: str, recording: str, now: Frozen
) -> None:
    now.move(150 * DAY)
    case.centre.call()
    newer = case.report(case.recordings()[1])
    with pytest.raises(Invalid):
        case.extend(newer, linked_id=threat)
    case.extend(threat, linked_id=newer)
    now.move(60 * DAY)
    assert case.erase() == 0
    assert not case.settle(newer, "anna")
    assert case.settle(newer, "lead")
    assert state(case, threat) == IncidentStage.OPEN
    assert case.erase() == 2
    assert case.gone(recording)


@pytest.mark.rule("RET-3")
@pytest.mark.usefixtures("threat")
def test_both_are_reminded_once_before_each_review(case: Case, recording: str, now: Frozen) -> None:
    """Two weeks before the three months of a hold's review, and before the term ends; the job repeats."""
    assert case.stores
    assert str(erasure.sweep(case.stores)) == "0 leads told, 0 reminded, 0 no longer kept longer"
    began = case.recording(recording).started_at
    for months in (3, MONTHS):
        review = rules.threat_due_at(clock.now() if months == 3 else began, months)
        now.set(review - 14 * DAY - timedelta(seconds=1))
        assert erasure.sweep(case.stores).reminded == 0
        now.move(timedelta(seconds=1))
        assert [erasure.sweep(case.stores).reminded for _ in range(2)] == [1, 0]
        now.set(review + DAY if months == 3 else review)
    for name in ("anna", "lead"):
        assert case.told(name).count("threat.review") == 2
    assert erasure.sweep(case.stores).reminded == 0, "past its term nobody is told of it any more"


# --- settling ---


@pytest.mark.rule("RET-3", "THR-4")
def test_settled_by_both_it_goes_in_the_next_run(
    case: Case, threat: str, recording: str, now: Frozen
) -> None:
    measure = case.agreed(threat)
    with pytest.raises(Refused):
        case.settle(threat, "anna")
    case.close(measure)
    assert not case.settle(threat, "anna")
    assert not case.settle(threat, "anna"), "twice is not two"
    now.move(40 * DAY)
    assert case.erase() == 0
    assert case.settle(threat, "lead")
    assert case.told("anna")[-1] == "threat.settled_lead"
    found = case.recording(recording)
    assert found
    assert found.due_at <= clock.now(), "nobody hears it from now on (RET-7)"
    assert case.erase() == 1
    assert case.gone(recording)


@pytest.mark.rule("RET-1", "SAM-6")
def test_settled_within_28_days_the_call_has_its_ordinary_term(
    case: Case, threat: str, recording: str
) -> None:
    case.settle(threat, "lead")
    case.settle(threat, "anna")
    found, incident = case.recording(recording), case.incident(threat)
    assert found
    assert incident
    assert (found.due_rule, found.sample_barred, incident.account) == ("RET-1", True, b"")


def test_a_new_measure_takes_back_that_it_is_settled(case: Case, threat: str) -> None:
    case.settle(threat, "anna")
    case.close(case.agreed(threat))
    assert not case.settle(threat, "lead"), "anna has not said so since"
    assert case.settle(threat, "anna")


# --- a case on the same call ---


@pytest.mark.rule("RET-3", "THR-4")
@pytest.mark.parametrize("order", ["case first", "threat first"])
def test_a_case_on_the_same_call_is_settled_in_either_order(
    case: Case, threat: str, recording: str, now: Frozen, order: str
) -> None:
    """Each keeps it for itself; the words of the threat go with the threat, though the case keeps the key."""
    hold = case.case_hold(recording, clock.now() + 80 * DAY)
    now.move(40 * DAY)
    own = until_of(case, threat)
    if order == "case first":
        case.lift(recording, hold)
        assert case.recording(recording).due_at == own
        case.settle(threat, "anna")
        case.settle(threat, "lead")
    else:
        case.settle(threat, "anna")
        case.settle(threat, "lead")
        incident, found = case.incident(threat), case.recording(recording)
        assert incident
        assert found
        assert (account_of(case.stores, incident), found.due_rule) == ("", "RET-1")
        assert found.due_at <= clock.now(), "nobody outside the case hears it (RET-7, PUR-2)"
        assert case.erase() == 0
        with pytest.raises(AccessDenied):
            case.propose(threat, "lead")
        case.lift(recording, hold)
    assert case.erase() == 1
    assert case.gone(recording)


@pytest.mark.rule("WGT-2")
def test_a_longer_case_is_not_seen_in_the_threat(case: Case, threat: str, recording: str) -> None:
    before = until_of(case, threat)
    case.case_hold(recording, clock.now() + 300 * DAY)
    assert until_of(case, threat) == before


# --- people come and go ---


def lead_changes(case: Case) -> None:
    """From today another_lead leads the red team, and lead does not."""
    with case.stores.database.write() as session:
        period = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == case.centre.lead)
        ).one()
        period.ends = clock.today()
        other = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == case.centre.other_lead)
        ).one()
        session.add(
            FunctionPeriod(
                person_id=other.person_id,
                function=Function.TEAM_LEAD,
                team_id=period.team_id,
                begins=clock.today(),
            )
        )


@pytest.mark.rule("THR-2", "ACC-1")
def test_the_present_team_lead_goes_on_and_the_former_loses_it(case: Case, threat: str, now: Frozen) -> None:
    """What the former agreed to stands; the present one is told once, and agrees to the rest."""
    first, second = case.propose(threat), case.propose(threat, "lead", "aftercare")
    case.confirm(first)
    now.move(DAY)
    lead_changes(case)
    assert [erasure.sweep(case.stores).told for _ in range(2)] == [1, 0]
    assert case.told("other_lead") == ["threat.yours"]
    for act in (case.close, case.confirm):
        with pytest.raises(AccessDenied):
            act(first, "lead")
    case.confirm(second, "anna")
    assert case.measure(second).lead_id == case.centre.lead, "as of the moment it was given"
    assert case.measure(second).agreed_at
    case.close(first, "other_lead")


@pytest.mark.rule("THR-2", "ACC-1")
def test_who_goes_to_another_team_takes_it_along(case: Case, threat: str, now: Frozen) -> None:
    now.move(DAY)
    with case.stores.database.write() as session:
        blue = session.scalars(select(Team).where(Team.code == "blue")).one()
        mine = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == case.centre.anna)
        ).one()
        functions.change(session, system("cli"), mine.id, clock.today(), team_id=blue.id)
    following.follow(case.stores)
    erasure.sweep(case.stores)
    assert case.incident(threat).left_at is None
    assert case.told("other_lead") == ["threat.yours"]
    measure = case.propose(threat, owner_id=case.centre.other_lead)
    with pytest.raises(AccessDenied):
        case.confirm(measure, "lead")
    case.confirm(measure, "other_lead")


@pytest.mark.rule("THR-2", "AGG-4")
def test_manager_and_team_lead_may_be_one_person(case: Case, threat: str) -> None:
    """As team lead of the team they decide; as manager alone they see counts."""
    with case.stores.database.write() as session:
        red = session.scalars(select(Team).where(Team.code == "red")).one()
        session.add(
            FunctionPeriod(
                person_id=case.centre.manager,
                function=Function.TEAM_LEAD,
                team_id=red.id,
                begins=clock.today() - DAY,
            )
        )
    measure = case.propose(threat)
    case.confirm(measure, "manager")
    assert case.measure(measure).lead_id == case.centre.manager
    with case.stores.database.write() as session:
        measures.close(case.stores, session, case.actor("manager"), measure, "Gesproken.")
    assert not case.settle(threat, "manager")
    assert not case.settle(threat, "lead"), "two leads of one team are one side: the employee is the other"
    assert case.settle(threat, "anna")


def leave(case: Case) -> None:
    """Anna's function ends today, and what follows is done."""
    with case.stores.database.write() as session:
        functions.leave(session, system("cli"), case.centre.anna, clock.today())
    assert following.follow(case.stores).failed == 0


@pytest.mark.rule("THR-2", "RET-3")
def test_when_the_employee_leaves_the_team_lead_finishes_alone(
    case: Case, threat: str, recording: str, now: Frozen
) -> None:
    """What waited for anna does not wait for ever; and she reaches nothing of it any more."""
    waiting = case.propose(threat, "lead", "police")
    now.move(DAY)
    leave(case)
    following.follow(case.stores)
    assert case.told("lead")[-1] == "threat.left"
    assert case.told("lead").count("threat.left") == 1
    assert case.recording(recording) is not None, "the threat is not about the function (REP-5)"
    with pytest.raises(AccessDenied):
        case.propose(threat)
    with pytest.raises(AccessDenied):
        case.propose(threat, "other_lead")
    case.confirm(waiting, "lead")
    assert case.measure(waiting).agreed_at
    case.close(waiting)
    now.move(40 * DAY)
    assert case.settle(threat, "lead")
    assert case.erase() == 1


@pytest.mark.rule("THR-2")
def test_who_comes_back_decides_again(case: Case, threat: str, now: Frozen) -> None:
    now.move(DAY)
    leave(case)
    assert case.incident(threat).left_at
    with case.stores.database.write() as session:
        red = session.scalars(select(Team).where(Team.code == "red")).one()
        session.add(
            FunctionPeriod(
                person_id=case.centre.anna,
                function=Function.EMPLOYEE,
                team_id=red.id,
                customer_calls=True,
                begins=clock.today(),
            )
        )
    erasure.sweep(case.stores)
    assert case.incident(threat).left_at is None
    assert not case.settle(threat, "lead")


@pytest.mark.rule("THR-2")
def test_a_team_without_a_lead_tells_the_next_one(case: Case, recording: str) -> None:
    with case.stores.database.write() as session:
        period = session.scalars(
            select(FunctionPeriod).where(FunctionPeriod.person_id == case.centre.lead)
        ).one()
        period.ends, red = clock.today(), period.team_id
    threat = case.report(recording)
    assert case.told("lead") == []
    assert erasure.sweep(case.stores).told == 0
    with case.stores.database.write() as session:
        session.add(
            FunctionPeriod(
                person_id=case.centre.carla, function=Function.TEAM_LEAD, team_id=red, begins=clock.today()
            )
        )
    assert erasure.sweep(case.stores).told == 1
    assert case.told("carla") == ["threat.yours"]
    case.confirm(case.propose(threat, owner_id=case.centre.carla), "carla")


def test_nothing_is_left_standing_beside_a_settled_threat(case: Case, threat: str) -> None:
    case.agreed(threat, "none")
    case.settle(threat, "anna")
    case.settle(threat, "lead")
    with case.stores.database.read() as session:
        standing = select(func.count()).select_from(Hold).where(Hold.lifted_at.is_(None))
        assert session.scalar(standing) == 0
    with pytest.raises(AccessDenied):
        case.settle(threat, "lead")
