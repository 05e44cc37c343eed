"""The plan holds every kind of call it promises, at times when people work, whatever day it is made on."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kcc.demo import calls, centre, demand, lines
from kcc.demo.calls import PlannedCall
from kcc.demo.centre import Centre

from .conftest import NOW, SEED

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MOMENTS = {
    "monday morning": datetime(2026, 11, 23, 8, 5, tzinfo=AMSTERDAM),
    "before opening": datetime(2026, 11, 24, 7, 2, tzinfo=AMSTERDAM),
    "saturday": datetime(2026, 11, 21, 15, 0, tzinfo=AMSTERDAM),
    "sunday night": datetime(2026, 11, 22, 23, 59, tzinfo=AMSTERDAM),
    "summer time ends": datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=1),
    "28 days after summer time ended": datetime(2026, 11, 22, 2, 30, tzinfo=AMSTERDAM),
    "summer time begins": datetime(2027, 3, 28, 3, 30, tzinfo=AMSTERDAM),
    "28 days after summer time began": datetime(2027, 4, 25, 3, 30, tzinfo=AMSTERDAM),
    "leap day": datetime(2028, 2, 29, 12, 0, tzinfo=AMSTERDAM),
}
DUTY = {"due_soon", "past_due"}


@pytest.fixture(params=MOMENTS.values(), ids=MOMENTS, scope="module")
def moment(request: pytest.FixtureRequest) -> datetime:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def plan(moment: datetime) -> list[PlannedCall]:
    house = centre.generate(SEED, moment.date())
    return calls.plan(house, SEED, moment)


def test_every_kind_is_there_in_its_number(planned: list[PlannedCall]) -> None:
    counted = Counter(call.kind for call in planned)
    assert counted.pop("ordinary") == 23 * demand.ORDINARY_EACH + demand.ORDINARY_NEWCOMER
    assert counted == {kind.name: kind.count for kind in demand.KINDS}
    assert 850 <= len(planned) <= 950


def test_everybody_has_enough_ordinary_calls(house: Centre, planned: list[PlannedCall]) -> None:
    ordinary = [call for call in planned if call.kind == "ordinary"]
    counted = Counter(call.employee for call in ordinary)
    assert all(counted[person.number] >= 15 for person in house.employees())
    for call in ordinary:
        assert (call.scope, call.nature) == ("external", "business")
        assert call.line in lines.BY_TEAM.values()
        assert call.milliseconds >= 20_000


def test_the_employee_of_the_showcase_meets_every_kind(planned: list[PlannedCall]) -> None:
    hers = {call.kind for call in planned if call.employee == "1001"}
    assert hers == {call.kind for call in planned}


def test_what_each_kind_is_for(planned: list[PlannedCall]) -> None:
    for call in planned:
        assert (call.scope == "internal") == (call.kind == "internal")
        assert (call.line == lines.PRIVATE) == (call.kind == "private_line")
        assert (call.line == lines.NO_WELCOME) == (call.kind == "no_welcome_text")
        assert (call.agent_id == calls.UNKNOWN_AGENT) == (call.kind == "unknown_agent")
        assert (call.milliseconds < 20_000) == (call.kind == "too_short")
        assert call.scope == "external" or call.remote_number is None


def test_durations_are_those_of_a_contact_centre(planned: list[PlannedCall]) -> None:
    seconds = sorted(call.milliseconds / 1000 for call in planned if call.kind == "ordinary")
    assert 70 <= seconds[len(seconds) // 2] <= 100
    assert sum(call.milliseconds >= 420_000 for call in planned) == 10
    assert max(call.milliseconds for call in planned) <= 720_000


def test_the_files_stay_below_900_megabytes(planned: list[PlannedCall]) -> None:
    size = {"pcm16": 2, "alaw": 1, "ulaw": 1}
    plain = (call for call in planned if call.encoding in size)
    assert sum(c.milliseconds * 8 * c.channels * size[c.encoding] for c in plain) < 900e6
    forms = Counter((call.encoding, call.channels) for call in planned)
    assert {form for form in forms if form[0] in size} == {(name, n) for name in size for n in (1, 2)}
    assert {form: count for form, count in forms.items() if form[0] not in size} == {
        ("opus", 2): 8,
        ("mp3", 1): 6,
        ("amr", 1): 4,
    }
    assert forms["alaw", 1] > len(planned) / 2
    stereo = sum(count for (_, channels), count in forms.items() if channels == 2)
    assert len(planned) * 0.12 < stereo < len(planned) * 0.3


def test_ids_differ(planned: list[PlannedCall]) -> None:
    assert len({call.call_id for call in planned}) == len(planned)


def test_numbers_are_e164_of_a_range_given_to_nobody(planned: list[PlannedCall]) -> None:
    numbers = [call.remote_number for call in planned if call.remote_number]
    assert len(numbers) > 700
    assert all(number.startswith("+31600") and len(number) == 12 for number in numbers)


def test_calls_spread_over_the_days(planned: list[PlannedCall]) -> None:
    days = Counter(call.start.astimezone(AMSTERDAM).date() for call in planned if call.kind == "ordinary")
    assert len(days) >= 19
    assert max(days.values()) < 3 * sum(days.values()) / len(days)


def test_no_agent_has_two_calls_at_once(plan: list[PlannedCall]) -> None:
    by_employee = defaultdict(list)
    for call in plan:
        by_employee[call.employee].append(call)
    for theirs in by_employee.values():
        assert all(earlier.end < later.start for earlier, later in pairwise(theirs))


def test_all_calls_are_over_and_none_is_older_than_promised(
    plan: list[PlannedCall], moment: datetime
) -> None:
    now = moment.astimezone(UTC)
    for call in plan:
        age = now - call.start
        assert call.end <= now
        assert (call.kind == "past_due") == (age > timedelta(days=28))
        assert age <= timedelta(days=30)
        assert (call.kind == "due_soon") == (timedelta(0) <= timedelta(days=28) - age < timedelta(hours=1))


def test_people_work_in_office_hours(plan: list[PlannedCall]) -> None:
    for call in plan:
        if call.kind not in DUTY:
            start, end = call.start.astimezone(AMSTERDAM), call.end.astimezone(AMSTERDAM)
            assert start.isoweekday() <= 5
            assert time(8) <= start.time() <= end.time() <= time(17, 30)


def test_the_agent_id_is_the_employees_own_on_that_day(moment: datetime, plan: list[PlannedCall]) -> None:
    house = centre.generate(SEED, moment.date())
    used = defaultdict(set)
    for call in plan:
        if call.kind != "unknown_agent":
            day = call.start.astimezone(AMSTERDAM).date()
            assert call.agent_id == house.people[call.employee].agent_id_on(day)
            assert house.people[call.employee].current.begins <= day
            used[call.employee].add(call.agent_id)
    assert len(used[centre.RENUMBERED]) == 2


def test_a_line_is_called_before_and_after_it_had_its_welcome_text(
    house: Centre, planned: list[PlannedCall]
) -> None:
    since = next(line.welcome_text_since for line in house.lines if line.code == lines.LATE_WELCOME)
    assert since is not None
    for call in planned:
        if call.line == lines.LATE_WELCOME:
            told = call.start.astimezone(AMSTERDAM).date() >= since
            assert call.kind == ("after_welcome_text" if told else "before_welcome_text")


def test_the_same_seed_and_moment_give_the_same_plan(house: Centre, planned: list[PlannedCall]) -> None:
    assert calls.plan(house, SEED, NOW) == planned
    assert calls.plan(house, SEED + 1, NOW) != planned
    assert calls.plan(house, SEED, NOW.astimezone(AMSTERDAM)) == planned
