"""When recordings must go, for every day of nine years, and what a line says of a call."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import permutations

import pytest

from kcc import clock
from kcc.recordings import rules
from kcc.recordings.rules import Fate, LineKind

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range((date(2033, 1, 1) - date(2024, 1, 1)).days)]
HOURS = [time(0, 0), time(1, 59, 59), time(2, 0), time(2, 30), time(3, 0), time(12, 0), time(23, 59, 59)]
MONTH_LENGTHS = {1: 31, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def local(day: date, at: time, fold: int = 0) -> datetime:
    return datetime.combine(day, at.replace(fold=fold), clock.LOCAL).astimezone(UTC)


@pytest.mark.rule("RET-1")
def test_an_ordinary_term_is_28_times_24_hours_on_every_day() -> None:
    for day in DAYS:
        for at in HOURS:
            start = local(day, at)
            assert rules.due_at(start, 28).timestamp() - start.timestamp() == 28 * 24 * 3600


@pytest.mark.rule("RET-2")
def test_a_threat_is_kept_six_calendar_months_on_every_day() -> None:
    for day in DAYS:
        for at in HOURS:
            start = local(day, at)
            until = rules.threat_due_at(start, 6).astimezone(clock.LOCAL)
            ahead = day.month + 6
            year, month = (day.year, ahead) if ahead <= 12 else (day.year + 1, ahead - 12)
            leap = year % 4 == 0  # no century year lies within reach
            last = MONTH_LENGTHS.get(month, 29 if leap else 28)
            assert (until.year, until.month, until.day) == (year, month, min(day.day, last)), start
            expected = start.astimezone(clock.LOCAL).time()
            if expected.hour == 2 and until.time() != expected:  # an hour that this night skips
                assert (until.month, until.hour) == (3, 3)
            else:
                assert until.time() == expected


@pytest.mark.rule("RET-2")
@pytest.mark.parametrize(
    ("start", "until"),
    [
        ("2026-08-31T12:00+02:00", "2027-02-28T12:00+01:00"),
        ("2027-08-29T12:00+02:00", "2028-02-29T12:00+01:00"),
        ("2026-01-15T09:00+01:00", "2026-07-15T09:00+02:00"),
        ("2026-12-31T23:59+01:00", "2027-06-30T23:59+02:00"),
        # In UTC this is still 30 September; on the centre's clock it is October.
        ("2026-09-30T22:30+00:00", "2027-04-01T00:30+02:00"),
        # Both 02:30 of the night that has two keep their wall-clock time.
        ("2026-10-25T02:30+02:00", "2027-04-25T02:30+02:00"),
        ("2026-10-25T02:30+01:00", "2027-04-25T02:30+02:00"),
        # 02:30 does not exist on 28 March 2027: the instant an hour later on the wall does.
        ("2026-09-28T02:30+02:00", "2027-03-28T03:30+02:00"),
    ],
)
def test_six_months_where_calendars_are_odd(start: str, until: str) -> None:
    assert rules.threat_due_at(datetime.fromisoformat(start), 6) == datetime.fromisoformat(until)


def test_the_zone_in_which_a_start_is_written_changes_nothing() -> None:
    start = datetime(2026, 3, 31, 0, 30, tzinfo=clock.LOCAL)
    elsewhere = start.astimezone(timezone(timedelta(hours=-9)))
    assert rules.threat_due_at(start, 6) == rules.threat_due_at(elsewhere, 6)
    assert rules.due_at(start, 28) == rules.due_at(elsewhere, 28)


@pytest.mark.rule("RET-1")
def test_quarantine_ends_after_its_days_or_with_the_term() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for late in range(28):
        received = start + timedelta(days=late)
        due = rules.quarantine_due_at(start, received, 28, 7)
        assert due == min(received + timedelta(days=7), start + timedelta(days=28))


TABLE = [
    # kind, welcome text (days before the call), scope, fate, code, rule
    (None, 1, "external", Fate.REFUSE, "line_unknown", "PUR-5"),
    (None, 1, "internal", Fate.REFUSE, "line_unknown", "PUR-5"),
    (LineKind.PRIVATE, 1, "external", Fate.DESTROY, "private_line", "PUR-4"),
    (LineKind.PRIVATE, 1, "internal", Fate.DESTROY, "private_line", "PUR-4"),
    (LineKind.EXCLUDED, 1, "external", Fate.REFUSE, "line_excluded", "PUR-3"),
    (LineKind.EXCLUDED, 1, "internal", Fate.REFUSE, "line_excluded", "PUR-3"),
    (LineKind.DIRECT, None, "external", Fate.SEAL, "direct_line", "PUR-3"),
    (LineKind.DIRECT, None, "internal", Fate.SEAL, "direct_line", "PUR-3"),
    (LineKind.INTERNAL, None, "internal", Fate.SEAL, "internal_call", "PUR-3"),
    (LineKind.INTERNAL, 1, "external", Fate.SEAL, "internal_call", "PUR-3"),
    (LineKind.RECORDED, None, "internal", Fate.SEAL, "internal_call", "PUR-3"),
    (LineKind.NETWORK, None, "internal", Fate.SEAL, "internal_call", "PUR-3"),
    (LineKind.RECORDED, None, "external", Fate.REFUSE, "no_welcome_text", "PUR-5"),
    (LineKind.RECORDED, -1, "external", Fate.REFUSE, "no_welcome_text", "PUR-5"),
    (LineKind.RECORDED, 0, "external", Fate.STORE, "stored", None),
    (LineKind.RECORDED, 1, "external", Fate.STORE, "stored", None),
    (LineKind.NETWORK, -1, "external", Fate.REFUSE, "no_welcome_text", "PUR-5"),
    (LineKind.NETWORK, 0, "external", Fate.STORE, "stored", None),
]


@pytest.mark.rule("PUR-3", "PUR-4", "PUR-5")
@pytest.mark.parametrize(("kind", "told", "scope", "fate", "code", "rule"), TABLE)
def test_what_a_line_says_of_a_call(
    kind: LineKind | None, told: int | None, scope: str, fate: Fate, code: str, rule: str | None
) -> None:
    day = date(2026, 11, 3)
    since = None if told is None else day - timedelta(days=told)
    verdict = rules.judge_line(kind, since, day, scope)
    assert (verdict.fate, verdict.code, verdict.rule) == (fate, code, rule)


def test_every_kind_of_line_stands_in_the_table() -> None:
    assert {row[0] for row in TABLE} == {None, *LineKind}


@pytest.mark.rule("RET-1")
def test_a_start_is_judged_to_the_second() -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    second = timedelta(seconds=1)
    term = timedelta(days=28)
    found = {
        ago: rules.judge_time(now - ago, now, 28)
        for ago in (term - second, term, -rules.FUTURE_TOLERANCE, -rules.FUTURE_TOLERANCE - second)
    }
    codes = [verdict.code if verdict else None for verdict in found.values()]
    assert codes == [None, "past_term", None, "start_in_future"]


@pytest.mark.rule("PUR-3", "PUR-4", "PUR-5")
def test_which_kind_says_why_does_not_hang_on_an_order() -> None:
    """Of two that are equally strict the same one answers, however they are told."""
    for kinds in permutations(LineKind, 3):
        for since in (None, date(2026, 1, 1)):
            verdicts = {
                rules.judge_register(told, since, date(2026, 11, 3), "external")
                for told in permutations(kinds)
            }
            assert len(verdicts) == 1, (kinds, since)
    both = (LineKind.INTERNAL, LineKind.DIRECT)
    assert rules.judge_register(both, date(2026, 1, 1), date(2026, 11, 3), "external").code == "direct_line"
