"""Unusual reading: thresholds and the edges of an hour, noticed once, told without names, judged by the
officer alone (ACC-5, GOV-4).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_string

import pytest
from sqlalchemy import select, text

from kcc.access.actions import Action
from kcc.access.actor import Actor, system
from kcc.access.policy import Permit, Refusal, Subject
from kcc.audit import record
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from kcc.insight import queries, watch
from kcc.insight.model import WatchEvent
from kcc.insight.rules import Act, Burst, Kind, bursts
from kcc.scheduler import alarms, watch_letters
from kcc.stores import Stores
from tests.audit.lines import all_lines, body, refused_by_the_database
from tests.centre import Centre
from tests.conftest import Client
from tests.post import Post, with_settings
from tests.scheduler.test_alarms import mailing

As = Callable[[str], Client]
assert mailing, "a fixture"
T0 = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def at(*seconds: float, thing: str = "") -> list[Act]:
    """An act at each of these seconds, each of another thing."""
    return [Act(T0 + second * SECOND, thing or str(index)) for index, second in enumerate(seconds)]


def short(found: list[Burst]) -> list[tuple[float, float, int]]:
    return [((b.since - T0) / SECOND, (b.until - T0) / SECOND, b.count) for b in found]


@pytest.mark.parametrize(
    ("acts", "after", "expected"),
    [
        (at(), None, []),
        (at(0, 1), None, []),  # one under
        (at(0, 1, 2), None, [(0, 2, 3)]),  # just reached
        (at(0, 1800, 3599), None, [(0, 3599, 3)]),  # the last second of the hour
        (at(0, 1800, 3600), None, []),  # its end is the next hour's
        (at(0, 1800, 3600, 3601), None, [(1800, 3601, 3)]),  # any hour counts, not the clock's
        (at(0, 1, 2, 3, 3599), None, [(0, 3599, 5)]),  # what follows within the hour belongs to it
        (at(0, 1, 2, 3600, 3601), None, [(0, 2, 3)]),  # then it begins from nothing
        (at(0, 1, 2, 3600, 3601, 3602), None, [(0, 2, 3), (3600, 3602, 3)]),
        (at(2, 0, 1), None, [(0, 2, 3)]),  # in any order
        (at(0, 1, 2), T0 + 2 * SECOND, []),  # told before
        (at(0, 1, 2, 3, 4), T0 + 2 * SECOND, []),
        (at(0, 1, 2, 3, 4, 5), T0 + 2 * SECOND, [(3, 5, 3)]),
        (at(0, 1, 2, 3, thing="same"), None, []),  # one thing, however often
    ],
)
def test_bursts(acts: list[Act], after: datetime | None, expected: list[tuple[float, float, int]]) -> None:
    assert short(bursts(acts, 3, after)) == expected


def test_a_thing_is_forgotten_when_its_hour_is_over() -> None:
    """The same call opened at both ends of two hours is one in each."""
    acts = [*at(0, 3700, thing="a"), *at(1, thing="b"), *at(3650, thing="c")]
    assert bursts(acts, 3, None) == []
    assert short(bursts([*acts, *at(3800, thing="d")], 3, None)) == [(3650, 3800, 3)]


def write(stores: Stores, who: Actor, count: int, kind: Kind = Kind.REFUSALS, start: int = 0) -> None:
    """That many lines of a kind, now."""
    with stores.database.write() as session:
        for number in range(start, start + count):
            if kind is Kind.REFUSALS:
                subject = Subject("recording", f"{number:032}")
                record.refusal(session, Refusal(who, Action.RECORDING_READ, None, subject, None), "ACC-1")
                continue
            action, subject = Action.SAMPLE_READ, Subject("sample", f"{number:032}")
            if kind is Kind.EXPORTS:
                action, subject = Action.AUDIT_EXPORT, Subject("audit")
            record.act(session, Permit(who, None, action, None, subject, "f" * 32, "x"))


def noticed(stores: Stores) -> list[tuple[str, str, int]]:
    """(kind, who, how many) of every event, in order."""
    with stores.database.read() as session:
        query = select(WatchEvent).order_by(WatchEvent.noticed_at, WatchEvent.kind)
        return [(one.kind, one.actor_id, one.count) for one in session.scalars(query)]


def look(stores: Stores) -> int:
    return watch.look(stores, system("watch"))


@pytest.mark.rule("ACC-5")
@pytest.mark.parametrize("kind", list(Kind))
def test_just_under_and_just_over_by_one_person(
    kind: Kind, stores: Stores, centre: Centre, now: Frozen
) -> None:
    """Two people together are nobody's burst; one more act of one of them is, once, however often looked."""
    limit = getattr(stores.settings.audit.watch, kind.value)
    coach, other = centre.actor(centre.coach), centre.actor(centre.other_coach)
    for who in (coach, other):
        write(stores, who, limit - 1, kind)
    assert look(stores) == 0
    now.move(timedelta(minutes=59))
    write(stores, coach, 1, kind, start=limit)
    assert [look(stores), look(stores)] == [1, 0]
    assert noticed(stores) == [(kind.value, centre.coach, limit)]
    now.move(timedelta(minutes=5))
    write(stores, coach, 1, kind, start=limit + 1)
    assert look(stores) == (1 if limit == 1 else 0)
    now.move(HOUR)
    write(stores, coach, limit, kind, start=100)
    assert look(stores) == 1
    lines = [line for line in all_lines(stores) if line.action == Action.AUDIT_WATCH]
    assert [body(line)["detail"]["person"] for line in lines] == [centre.coach] * len(noticed(stores))
    assert {line.about_id for line in lines} == {None}


@pytest.mark.rule("ACC-5")
def test_a_late_job_misses_no_hour(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Though what happened is two days old when it comes at last; a week is the most."""
    look(stores)
    write(stores, centre.actor(centre.bob), 20)
    now.move(timedelta(days=2))
    assert [look(stores), look(stores)] == [1, 0]
    write(stores, centre.actor(centre.anna), 20)
    now.move(timedelta(days=9))
    assert look(stores) == 0


@pytest.mark.rule("ACC-5", "RGT-1")
def test_own_calls_wrong_passwords_and_permitted_pages_are_not_unusual(
    stores: Stores, centre: Centre
) -> None:
    """However many."""
    anna = centre.actor(centre.anna)
    with stores.database.write() as session:
        for number in range(50):
            subject = Subject("recording", f"{number:032}")
            mine = Permit(anna, None, Action.RECORDING_PLAY, None, subject, centre.anna, "x")
            record.act(session, mine)
            record.act(session, Permit(anna, None, Action.RECORDING_LIST, None, subject, None, "x"))
            record.refusal(session, Refusal(anna, Action.SIGN_IN, None, Subject("signin"), None), "SEC-1")
    assert look(stores) == 0


@pytest.mark.rule("ACC-5")
def test_what_cannot_be_written_down_is_not_noticed_and_comes_again(stores: Stores, centre: Centre) -> None:
    write(stores, centre.actor(centre.bob), 20)
    with refused_by_the_database(stores), pytest.raises(Exception, match="no line"):
        look(stores)
    assert noticed(stores) == []
    assert look(stores) == 1


@pytest.mark.rule("ACC-6")
def test_the_administrator_is_told_a_count_and_the_officer_who(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    """The alarm stands until it is judged; it names nobody on the status page or in the metrics."""
    write(stores, centre.actor(centre.coach), 20)
    look(stores)
    with stores.database.read() as session:
        (alarm,) = [one for one in alarms.standing(session) if one.name == "unusual_reading"]
    assert alarm.count == 1
    status = browser_as(centre.administrator).get("/status").text
    assert "Er is 1 keer ongewoon gebruik opgemerkt" in status
    assert "Coach Jansen" not in status
    assert centre.coach not in status
    officer = browser_as(centre.officer)
    page = officer.get("/audit").text
    assert "Coach Jansen: 20 geweigerde pogingen" in page
    (event,) = queries_events(stores)
    wrong = officer.post(f"/audit/noticed/{event.id}", {"remark": "  "})
    assert wrong.status_code == 422
    assert "Schrijf in een paar woorden op wat je vond." in wrong.text
    assert officer.post(f"/audit/noticed/{event.id}", {"remark": "Oude links."}).status_code == 303
    assert officer.post(f"/audit/noticed/{event.id}", {"remark": "Nog eens."}).status_code == 409
    page = officer.get("/audit").text
    assert "Er wacht niets op jouw oordeel" in page
    assert "Oude links." in page
    with stores.database.read() as session:
        assert not [one for one in alarms.standing(session) if one.name == "unusual_reading"]
    (line,) = [one for one in all_lines(stores) if one.action == Action.WATCH_SETTLE and one.allowed]
    assert body(line)["detail"] == {"kind": "refusals", "remark": "Oude links."}


def queries_events(stores: Stores) -> list[WatchEvent]:
    with stores.database.read() as session:
        return list(queries.events(session, settled=False))


@pytest.mark.rule("ACC-5", "ACC-6")
def test_nobody_else_judges(stores: Stores, centre: Centre) -> None:
    """Nor twice, nor without words, nor with a story, nor what is not there."""
    write(stores, centre.actor(centre.bob), 20)
    look(stores)
    (event,) = queries_events(stores)
    for name in ("bob", "administrator", "council", "lead"):
        with stores.database.write() as session, pytest.raises(AccessDenied):
            watch.settle(session, centre.actor(getattr(centre, name)), event.id, "x")
    officer = centre.actor(centre.officer)
    for remark in ("", " \n ", "x" * (watch.REMARK_LONGEST + 1)):
        with stores.database.write() as session, pytest.raises(Invalid):
            watch.settle(session, officer, event.id, remark)
    with stores.database.write() as session, pytest.raises(NotFound):
        watch.settle(session, officer, "0" * 32, "x")
    with stores.database.write() as session:
        watch.settle(session, officer, event.id, "x" * watch.REMARK_LONGEST)
    with stores.database.write() as session, pytest.raises(Refused):
        watch.settle(session, officer, event.id, "again")


@pytest.mark.rule("ACC-5")
def test_judged_events_go_with_the_lines_they_were_noticed_in(
    stores: Stores, centre: Centre, now: Frozen
) -> None:
    """What nobody judged stays until somebody does."""
    for name in ("anna", "bob"):
        write(stores, centre.actor(getattr(centre, name)), 20)
    look(stores)
    anna = next(event for event in queries_events(stores) if event.actor_id == centre.anna)
    with stores.database.write() as session:
        watch.settle(session, centre.actor(centre.officer), anna.id, "ok")
    now.move(timedelta(days=stores.settings.audit.terms.listening, seconds=1))
    look(stores)
    assert noticed(stores) == [("refusals", centre.bob, 20)]


@pytest.mark.rule("ACC-5")
def test_one_letter_without_names_and_never_twice(mailing: Stores, post: Post, centre: Centre) -> None:
    """To whoever gets the checkpoints; while mail fails it stays to be told, without mail nothing is done."""
    for name in ("anna", "bob"):
        write(mailing, centre.actor(getattr(centre, name)), 20)
    look(mailing)
    assert watch_letters.send(mailing) == 0  # nobody is named who gets them
    told = mailing.settings.audit.model_copy(update={"mail_to": ("fg@example.org",)})
    away = mailing.settings.mail.model_copy(update={"port": 1})
    assert watch_letters.send(with_settings(mailing, audit=told, mail=away)) == 0
    reached = with_settings(mailing, audit=told)
    assert [watch_letters.send(reached), watch_letters.send(reached)] == [2, 0]
    (letter,) = post.letters
    assert "To: fg@example.org" in letter
    text = message_from_string(letter).get_payload(decode=True)
    assert isinstance(text, bytes)
    said = text.decode()
    assert "Er is ongewoon gebruik opgemerkt." in said
    assert "/audit" in said
    assert "Jansen" not in said
    assert not any(char.isdigit() for char in said.partition("http")[0])


def test_looking_is_answered_by_indexes(stores: Stores) -> None:
    """A look every few minutes must not read the whole log."""
    if stores.database.engine.dialect.name != "sqlite":
        pytest.skip("its planner chooses by the rows that are there")
    for condition, index in (
        ("at > '2026' AND body IS NOT NULL AND allowed = 0", "ix_audit_line_refused"),
        ("at > '2026' AND body IS NOT NULL AND action IN ('a', 'b')", "ix_audit_line_term"),
    ):
        with stores.database.read() as session:
            plan = session.execute(text(f"EXPLAIN QUERY PLAN SELECT id FROM audit_line WHERE {condition}"))  # noqa: S608
            assert index in " ".join(str(row) for row in plan), condition
