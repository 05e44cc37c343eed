"""Reporting one or several calls as a threat, and taking that back; what the same caller did before."""

from datetime import timedelta

import pytest

from kcc import clock
from kcc.access.facts import IncidentStage
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from kcc.recordings import rules
from kcc.threat import callers, queries, texts
from kcc.threat.deciding.reading import seen
from kcc.threat.incidents import Told, account_of
from kcc.threat.model import Incident
from kcc.vault.keystore import KeyGone
from tests.threat.case import ACCOUNT, Case

DAY = timedelta(days=1)


def three(case: Case) -> list[str]:
    """Three calls of one caller, two days apart; the oldest first."""
    for days in (5, 3, 1):
        case.centre.call("anna", clock.now() - days * DAY)
    return case.recordings()


@pytest.mark.rule("THR-1", "RET-2", "SAM-6")
def test_several_calls_of_one_caller_are_one_threat(case: Case) -> None:
    """Each is kept six months from its own day; the words are under the key of what is kept longest."""
    first, second, third = three(case)
    incident_id = case.report(second, told=Told([third, first], {second: "0:05, 0:10-0:12"}))
    for id_ in (first, second, third):
        recording = case.recording(id_)
        assert recording
        assert recording.sample_barred
        assert recording.due_at == rules.threat_due_at(recording.started_at, 6)
    incident = case.incident(incident_id)
    assert incident
    assert incident.recording_id == third
    assert account_of(case.stores, incident) == ACCOUNT
    with case.stores.database.read() as session:
        calls = queries.calls_of(session, incident_id)
        assert [call.recording_id for call in calls] == [first, second, third]
        marks = [texts.marks_of(case.stores, call) for call in calls]
    assert marks == [[], [(5000, 5000), (10000, 12000)], []]


@pytest.mark.rule("THR-4", "RET-8")
def test_what_was_written_dies_with_the_last_call(case: Case, now: Frozen) -> None:
    first, _, third = three(case)
    incident_id = case.report(first, told=Told([third], {first: "0:05"}))
    incident, recording = case.incident(incident_id), case.recording(first)
    assert incident
    assert recording
    now.set(recording.due_at)
    assert case.erase() == 2  # with the call that was never reported
    assert account_of(case.stores, incident) == ACCOUNT, "a call of it is still there"
    with case.stores.database.read() as session:
        (left,) = queries.calls_of(session, incident_id)
        assert left.recording_id == third
    last = case.recording(third)
    assert last
    now.set(last.due_at)
    assert case.erase() == 1
    assert case.incident(incident_id) is None
    with pytest.raises(KeyGone):
        account_of(case.stores, incident)


@pytest.mark.in_part("postgresql")
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        (" 0:05 ,0:10-0:12", [(5000, 5000), (10000, 12000)]),
        ("0:12\n0:05;0:05", [(5000, 5000), (12000, 12000)]),
        ("0:00:07", [(7000, 7000)]),
        ("0:20 – 0:30", [(20000, 30000)]),
    ],
)
def test_moments_are_read_as_people_write_them(case: Case, typed: str, read: list[tuple[int, int]]) -> None:
    case.centre.call()
    incident_id = case.report(case.recordings()[0], told=Told(marks={case.recordings()[0]: typed}))
    with case.stores.database.read() as session:
        (call,) = queries.calls_of(session, incident_id)
    assert texts.marks_of(case.stores, call) == read


@pytest.mark.in_part("postgresql")
@pytest.mark.parametrize("typed", ["soon", "0:31", "0:10-0:05", "0:75", "5", ", ".join(["0:01"] * 21)])
def test_a_moment_outside_the_call_is_no_moment(case: Case, typed: str) -> None:
    """A call of thirty seconds; nothing is reported."""
    case.centre.call()
    (recording,) = case.recordings()
    with pytest.raises(Invalid) as fault:
        case.report(recording, told=Told(marks={recording: typed}))
    assert fault.value.field == "marks"
    assert not case.recording(recording).sample_barred


@pytest.mark.rule("THR-1")
def test_only_own_calls_of_the_same_caller_go_together(case: Case) -> None:
    """Another number, a withheld one, somebody else's call: nothing at all is reported."""
    for hours, number in ((4, "+31201234567"), (3, "+31301234567"), (2, "anonymous")):
        case.centre.call(start=clock.now() - timedelta(hours=hours), remote_number=number)
    case.centre.call("bob")
    mine, other, withheld = case.recordings()
    for also in (other, withheld):
        with pytest.raises(Invalid) as fault:
            case.report(mine, told=Told([also]))
        assert fault.value.field == "also"
    with pytest.raises(AccessDenied):
        case.report(mine, told=Told(case.recordings("bob")))
    with pytest.raises(NotFound):
        case.report(mine, told=Told(["0" * 32]))
    assert all(not case.recording(id_).sample_barred for id_ in case.recordings())
    case.report(withheld)
    assert case.told("lead") == ["threat.reported"]


@pytest.mark.rule("THR-1")
def test_what_can_be_reported_along_is_of_the_same_caller(case: Case) -> None:
    mine, second, third = three(case)
    case.centre.call(remote_number="+31301234567")
    case.centre.call("bob")
    case.report(third)
    with case.stores.database.read() as session:
        call = case.recording(mine)
        assert call
        offered = [one.id for one in callers.also_of(case.stores, session, call)]
    assert offered == [second], "not the reported one, not another caller's, not bob's"


@pytest.mark.rule("THR-1", "THR-2")
def test_the_team_lead_is_told_at_once_without_content(case: Case) -> None:
    case.centre.call()
    case.report(case.recordings()[0], told=Told(wishes_contact=True))
    assert case.told("lead") == ["threat.reported_contact"]
    assert [case.told(name) for name in ("other_lead", "coach", "manager", "anna")] == [[], [], [], []]


@pytest.mark.rule("RET-1", "SAM-6", "THR-4")
def test_taken_back_it_has_its_28_days_and_no_sample(case: Case, now: Frozen) -> None:
    case.centre.call()
    (recording,) = case.recordings()
    before = case.recording(recording).due_at
    incident_id = case.report(recording)
    now.move(DAY)
    case.withdraw(incident_id)
    after, incident = case.recording(recording), case.incident(incident_id)
    assert after
    assert incident
    assert (after.due_at, after.due_rule, after.sample_barred) == (before, "RET-1", True)
    assert (incident.state, incident.account) == (IncidentStage.WITHDRAWN, b"")
    assert case.told("lead") == ["threat.reported", "threat.withdrawn"]
    with pytest.raises(AccessDenied):
        case.withdraw(incident_id)
    # Thinking again is possible: nobody is held to a doubt.
    again = case.report(recording)
    assert again != incident_id
    with case.stores.database.read() as session:
        assert queries.open_incident_for(session, recording).id == again


@pytest.mark.rule("RET-7", "THR-4")
def test_taken_back_after_28_days_it_goes_in_the_next_run(case: Case, now: Frozen) -> None:
    case.centre.call()
    (recording,) = case.recordings()
    incident_id = case.report(recording)
    now.move(40 * DAY)
    assert case.erase() == 0
    case.withdraw(incident_id)
    assert case.erase() == 1
    assert case.gone(recording)
    assert case.incident(incident_id) is None


@pytest.mark.rule("THR-2")
def test_what_was_decided_on_cannot_be_taken_back(case: Case) -> None:
    case.centre.call()
    incident_id = case.report(case.recordings()[0])
    measure = case.propose(incident_id)
    with pytest.raises(AccessDenied):
        case.withdraw(incident_id, "lead")
    case.confirm(measure)
    with pytest.raises(AccessDenied):
        case.withdraw(incident_id)


@pytest.mark.rule("THR-1")
def test_reported_twice_is_refused_also_along_with_another(case: Case) -> None:
    first, second, _ = three(case)
    case.report(first)
    for told in (None, Told([second])):
        with pytest.raises(Refused):
            case.report(first, told=told)
    with pytest.raises(Refused):
        case.report(second, told=Told([first]))
    case.report(second)


@pytest.mark.rule("RET-7", "RET-2")
def test_one_second_before_the_erasure_it_is_kept_and_at_it_not(case: Case, now: Frozen) -> None:
    case.centre.call()
    (recording,) = case.recordings()
    due = case.recording(recording).due_at
    now.set(due)
    with pytest.raises(AccessDenied):
        case.report(recording)
    now.set(due - timedelta(seconds=1))
    case.report(recording)
    now.set(due)
    assert case.erase() == 0
    assert case.recording(recording).due_rule == "RET-2"


@pytest.mark.rule("THR-1", "THR-2")
def test_two_employees_report_the_two_halves_of_a_transferred_call(case: Case) -> None:
    """Each half is a recording of its own: two threats, each with its employee and their own team lead; each
    learns of the other that the same number did it, and no more.
    """
    case.centre.call("anna", call_id="transfer#1")
    case.centre.call("carla", call_id="transfer#2")
    hers = case.report(case.recordings()[0])
    other = case.report(case.recordings("carla")[0], "carla", kind="verbal")
    assert (case.told("lead"), case.told("other_lead")) == (["threat.reported"], ["threat.reported"])
    with case.stores.database.read() as session:
        incident = queries.by_id(session, hers)
        (known,) = callers.earlier(case.stores, session, incident)
    assert (known.kind, known.measures, known.denied_until) == ("verbal", (), None)
    with pytest.raises(AccessDenied):
        case.propose(other, "lead")
    case.withdraw(hers)
    assert case.incident(other).state == IncidentStage.OPEN
    assert case.recording(case.recordings("carla")[0]).due_rule == "RET-2"


@pytest.mark.rule("THR-2", "RET-8")
def test_earlier_threats_of_the_number_are_facts_while_they_are_kept(case: Case, now: Frozen) -> None:
    """Bob's of two months ago, under another spelling of the number, with a denial of contact that runs; once
    it is erased nothing tells of it any more.
    """
    case.centre.call("bob", remote_number="020 123 45 67")
    earlier = case.report(case.recordings("bob")[0], "bob", kind="stalking")
    ends = clock.today() + 90 * DAY
    denial = case.propose(earlier, "lead", "deny", ends=ends)
    case.confirm(denial, "bob")
    now.move(60 * DAY)
    case.centre.call(start=clock.now() - timedelta(hours=3), remote_number="0031201234567")
    case.centre.call(remote_number="+31301234567")
    same, another = (case.report(id_) for id_ in case.recordings())
    with case.stores.database.read() as session:
        (fact,) = callers.earlier(case.stores, session, queries.by_id(session, same))
        assert callers.earlier(case.stores, session, queries.by_id(session, another)) == []
    assert (fact.kind, fact.measures, fact.denied_until) == ("stalking", ("deny",), ends)
    now.move(130 * DAY)
    assert case.erase() == 1
    with case.stores.database.read() as session:
        assert callers.earlier(case.stores, session, queries.by_id(session, same)) == []


@pytest.mark.rule("WGT-2", "RET-2", "RET-3")
def test_a_call_that_a_case_alone_keeps_is_gone_from_the_threat(case: Case, now: Frozen) -> None:
    """And does not keep the others from being kept longer."""
    first, _, third = three(case)
    incident_id = case.report(third, told=Told([first]))
    case.agreed(incident_id, "police")
    older = case.recording(first)
    assert older
    now.set(older.due_at - DAY)
    case.case_hold(first, older.due_at + 10 * DAY)
    now.move(2 * DAY)
    assert case.erase() == 1, "only the call that was never reported"
    for who in ("anna", "lead"):
        with case.stores.database.write() as session:
            found = seen(case.stores, session, case.actor(who), incident_id)
        assert [call for call, *_ in found.calls] == ([third] if who == "anna" else [])
    case.extend(incident_id)
    newer, older = case.recording(third), case.recording(first)
    assert newer
    assert older
    assert newer.due_at > clock.now() + 80 * DAY
    assert older.due_at < clock.now(), "what was over stays over (RET-7)"


@pytest.mark.rule("RET-3")
def test_the_reminder_comes_before_the_first_of_its_calls_goes(case: Case, now: Frozen) -> None:
    first, _, third = three(case)
    incident_id = case.report(third, told=Told([first]))
    older = case.recording(first)
    assert older
    now.set(older.due_at - 15 * DAY)
    with case.stores.database.read() as session:
        incident = session.get_one(Incident, incident_id)
        assert queries.next_review(session, incident, clock.now()) == older.due_at
