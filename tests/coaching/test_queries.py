"""What is eligible, and that the lists show exactly what the policy opens."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.coaching import assessment, queries, replacing, rules, sheets
from kcc.coaching.model import Report, SampledCall, SlotAllowance
from kcc.errors import NotFound
from kcc.people.model import CoachAssignment
from kcc.recordings.model import Recording
from kcc.sections import Sampling
from tests.coaching.conftest import DRAW_DAY, Month, recording

WRONG: list[dict[str, Any]] = [
    {"line": "network"},
    {"line": "direct"},
    {"line": "private"},
    {"line": "no-such-line"},
    {"state": "sealed"},
    {"state": "quarantined"},
    {"state": "erasing"},
    {"scope": "internal"},
    {"direction": "sideways"},
    {"nature": "network"},
    {"nature": "private"},
    {"duration_ms": 19_999},
    {"duration_ms": 3_600_001},
    {"sample_barred": True},
    {"employee_id": None},
]


@pytest.mark.rule("SAM-1", "SAM-4", "SAM-6")
def test_each_filter_alone_keeps_a_call_out_of_the_pool(month: Month) -> None:
    """Good calls, some just within the bounds, beside those that are wrong in one thing each."""
    now, anna = clock.now(), month.centre.anna
    yesterday = now - timedelta(days=1)
    good = [
        recording(anna, yesterday),
        recording(anna, yesterday, duration_ms=20_000, direction="outgoing", nature="unknown"),
        recording(anna, yesterday, duration_ms=3_600_000),
        recording(anna, now - timedelta(days=21)),
    ]
    bad = [recording(anna, yesterday, **wrong) for wrong in WRONG]
    bad.append(recording(anna, now - timedelta(days=21, seconds=1)))
    held = {"due_at": now + timedelta(days=100)}
    bad.append(recording(anna, now - timedelta(days=28, seconds=1), **held))
    bad.append(recording(month.centre.bob, yesterday))
    with month.stores.database.write() as session:
        for row in (*good, *bad):
            session.execute(insert(Recording), [row])
        found = list(queries.eligible(session, anna, now, Sampling()))
    assert sorted(found) == sorted(row["id"] for row in good)


def test_the_filters_are_settings(month: Month) -> None:
    """Only outgoing business calls of two to three minutes, of the last week."""
    now, anna = clock.now(), month.centre.anna
    sampling = Sampling(
        directions=("outgoing",), natures=("business",), min_seconds=120, max_seconds=180, window_days=7
    )
    fits = {"direction": "outgoing", "duration_ms": 150_000}
    yesterday = now - timedelta(days=1)
    rows = [
        recording(anna, yesterday, **fits),
        recording(anna, yesterday, **fits | {"direction": "incoming"}),
        recording(anna, yesterday, **fits | {"nature": "unknown"}),
        recording(anna, yesterday, **fits | {"duration_ms": 119_000}),
        recording(anna, yesterday, **fits | {"duration_ms": 181_000}),
        recording(anna, now - timedelta(days=8), **fits),
    ]
    with month.stores.database.write() as session:
        session.execute(insert(Recording), rows)
        assert list(queries.eligible(session, anna, now, sampling)) == [rows[0]["id"]]


def test_the_pool_in_sql_is_the_rule(month: Month) -> None:
    """The query and rules.is_eligible agree on every combination of the things that matter."""
    now, anna, sampling = clock.now(), month.centre.anna, Sampling()
    kinds = {"main": "recorded", "network": "network"}
    choices = {
        "line": list(kinds),
        "state": ["live", "sealed"],
        "scope": ["external", "internal"],
        "nature": ["business", "private"],
        "duration_ms": [10_000, 60_000],
        "sample_barred": [False, True],
        "employee_id": [anna, month.centre.bob],
    }
    starts = [now - timedelta(days=2), now - timedelta(days=22)]
    rows = [
        recording(anna, start, **dict(zip(choices, values, strict=True)))
        for start, values in product(starts, product(*choices.values()))
    ]
    with month.stores.database.write() as session:
        session.execute(insert(Recording), rows)
        found = set(queries.eligible(session, anna, now, sampling))
    for row in rows:
        call = rules.Candidate(
            line_kind=kinds[row["line"]],
            barred=row["sample_barred"],
            sampled=False,
            **{
                name: row[name]
                for name in (
                    "employee_id",
                    "state",
                    "scope",
                    "direction",
                    "nature",
                    "duration_ms",
                    "started_at",
                    "due_at",
                )
            },
        )
        assert (row["id"] in found) == rules.is_eligible(call, anna, now, sampling), row


def test_a_drawn_call_is_never_drawn_again(drawn: Month) -> None:
    """Also when it has left the sample."""
    with drawn.stores.database.read() as session:
        left = set(queries.eligible(session, drawn.centre.anna, clock.now(), Sampling()))
    assert len(left) == 6
    assert left.isdisjoint(s.recording_id for s in drawn.samples(drawn.centre.anna))


RECORDINGS = ("live", "due", "erased", "flagged", "quarantined")
REPORTS = ("none", "mine", "colleague's", "finished")
RELATIONS = ("assigned", "ended", "never")


@pytest.mark.rule("ACC-2", "SAM-6")
@pytest.mark.parametrize("relation", RELATIONS)
def test_the_coachs_list_is_the_coachs_doors(month: Month, relation: str) -> None:
    """Over all states of a call, its sample and its report: what is listed opens, what opens is listed."""
    coach = _coach_in(month, relation)
    samples = _samples_in_all_states(month, coach)
    with month.stores.database.write() as session:
        listed = {row.id for row in queries.open_samples(session, coach.person_id, clock.now())}
        opened = set()
        for sample_id in session.scalars(select(SampledCall.id)).all():
            try:
                if not sheets.read(session, month.stores.keys, coach, sample_id).finished:
                    opened.add(sample_id)
            except NotFound:
                continue
    assert listed == opened
    assert bool(listed) == (relation == "assigned")
    _playing_needs_a_living_call(month, coach, samples, listed)


def _coach_in(month: Month, relation: str) -> Actor:
    if relation == "ended":
        with month.stores.database.write() as session:
            session.execute(
                update(CoachAssignment)
                .where(CoachAssignment.employee_id == month.centre.anna)
                .values(ends=DRAW_DAY)
            )
    return month.centre.actor(month.centre.other_coach if relation == "never" else month.centre.coach)


def _playing_needs_a_living_call(
    month: Month, coach: Actor, samples: dict[str, tuple[str, str, bool]], listed: set[str]
) -> None:
    with month.stores.database.read() as session:
        for sample_id, (state, report, left) in samples.items():
            try:
                facts = queries.sample_facts(session, sample_id, clock.now())
                subject = Subject("sample", sample_id)
                policy.permit(coach, Action.SAMPLE_PLAY, subject, facts, Purpose.MONITORING)
                plays = True
            except NotFound:
                plays = False
            wanted = sample_id in listed and state == "live"
            assert plays == wanted, (state, report, left)


def _samples_in_all_states(month: Month, coach: Actor) -> dict[str, tuple[str, str, bool]]:
    """One drawn call for every combination, made with the verbs; gives what each is, by sample."""
    month.announce()
    month.go_to(DRAW_DAY)
    combinations = list(product(RECORDINGS, REPORTS, (False, True)))
    month.add_calls(month.centre.anna, len(combinations))
    month.draw()
    found = {}
    with month.stores.database.write() as session:
        [pattern] = session.scalars(select(SampledCall).where(SampledCall.slot == 1)).all()
        others = set(session.scalars(select(SampledCall.recording_id)))
        ids = [i for i in session.scalars(select(Recording.id).order_by(Recording.id)) if i not in others]
        for number, (what, recording_id) in enumerate(zip(combinations, ids, strict=False)):
            # In months of their own, so that no two stand in one slot.
            sample = _sample_like(pattern, recording_id, number)
            session.add(SlotAllowance(employee_id=sample.employee_id, month=sample.month, slot=1))
            session.flush()
            session.add(sample)
            session.flush()
            _put(month, session, sample, coach, *what)
            found[sample.id] = what
    return found


def _sample_like(pattern: SampledCall, recording_id: str, number: int) -> SampledCall:
    return SampledCall(
        draw_number=pattern.draw_number,
        recording_id=recording_id,
        employee_id=pattern.employee_id,
        month=date(2000 + number, 1, 1),
        slot=1,
        ticket=pattern.ticket,
        drawn_at=pattern.drawn_at,
    )


def _put(
    month: Month, session: Any, sample: SampledCall, coach: Actor, state: str, report: str, left: bool
) -> None:
    if report != "none":
        _add_report(month, session, sample, coach, report)
    if left:
        permit = policy.permit(system("draw"), Action.DRAW_RUN, Subject("sample", sample.id))
        replacing.leave(session, permit, sample, rules.Left.NOT_REPRESENTATIVE)
    this = Recording.id == sample.recording_id
    if state == "erased":
        session.execute(delete(Recording).where(this))
    changes = {
        "due": {"due_at": clock.now()},
        "flagged": {"sample_barred": True},
        "quarantined": {"state": "quarantined"},
    }
    if state in changes:
        session.execute(update(Recording).where(this).values(changes[state]))


def _add_report(month: Month, session: Any, sample: SampledCall, coach: Actor, report: str) -> None:
    row = Report(
        sampled_call_id=sample.id,
        employee_id=sample.employee_id,
        coach_id=month.centre.lead if report == "colleague's" else coach.person_id,
        form_version=1,
        content=b"x",
        created_at=clock.now(),
        saved_at=clock.now(),
        finished_at=clock.now() if report == "finished" else None,
    )
    session.add(row)
    session.flush()
    key = month.stores.keys.create(row.id)
    row.content = assessment.seal_text(key, assessment.place(row.id), '{"v": 1, "fields": {}}')
    session.flush()


@pytest.mark.rule("REP-4")
def test_the_lists_of_reports_are_the_doors_of_reports(month: Month) -> None:
    """For everybody in the centre: the reports that the policy opens are those that their lists show."""
    coach = month.coach
    _samples_in_all_states(month, coach)
    everybody = {name: getattr(month.centre, name) for name in PEOPLE}
    with month.stores.database.read() as session:
        reports = session.scalars(select(Report.id).where(Report.finished_at.is_not(None))).all()
        for name, person in everybody.items():
            who = month.centre.actor(person)
            listed = {row.id for row in queries.finished_reports_of(session, person)}
            written, _ = queries.written_reports(session, person, clock.now())
            listed |= {row.id for row in written}
            opened = {r for r in reports if _reads(session, who, r)}
            assert listed == opened, name
            assert bool(opened) == (name in ("anna", "coach")), name


PEOPLE = ("anna", "bob", "carla", "coach", "other_coach", "lead", "manager", "officer", "administrator")


def _reads(session: Any, who: Actor, report_id: str) -> bool:
    try:
        facts = queries.report_facts(session, report_id, clock.now())
        policy.permit(who, Action.REPORT_READ, Subject("report", report_id), facts)
    except NotFound:
        return False
    return True
