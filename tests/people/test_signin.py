"""Signing in: the right password, everything else alike, and a delay that grows and never ends in a lock."""

import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Function, system
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid, KccError, NotFound
from kcc.people import passwords, queries, sessions, signin, throttle
from kcc.people.model import Person, SigninThrottle
from tests.people.centre import KEY, PASSWORD, Centre

WRONG = "not the right one"
TOO_OFTEN = "That went wrong too often. Number of seconds until you can try again:"
pytestmark = pytest.mark.usefixtures("now")


def attempt(centre: Centre, number: str = "1001", password: str = PASSWORD) -> signin.Known:
    """Try to sign in."""
    return signin.check_password(centre.stores, number, password, key=KEY)


def answer(centre: Centre, number: str, password: str = WRONG) -> tuple[type, str]:
    """The kind and the sentence of a refusal."""
    with pytest.raises(KccError) as raised:
        attempt(centre, number, password)
    return type(raised.value), str(raised.value)


def lines(centre: Centre, action: str = "signin:start") -> list[AuditLine]:
    """The audit lines of an action, oldest first."""
    with centre.stores.database.read() as session:
        query = select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id)
        return list(session.scalars(query))


def test_the_right_password_gives_the_person_with_their_functions(centre: Centre) -> None:
    """Spaces around the number do no harm."""
    centre.give_password("1001")
    known = attempt(centre, " 1001 ")
    assert known.actor.person_id == centre.id("1001")
    assert known.actor.functions == {Function.EMPLOYEE}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "number", ["1001", "2001", "8888", "", "10\x0001", "1" * 5000, "' OR 1=1 --", "\ud800"]
)
def test_wrong_unknown_and_without_password_are_answered_alike(centre: Centre, number: str) -> None:
    """Known, known without a password, unknown, and nonsense: one sentence."""
    centre.give_password("1001")
    assert answer(centre, number) == (
        signin.WrongSignin,
        "Number and password do not belong together. Check both and try again.",
    )


@pytest.mark.rule("SEC-1")
def test_wrong_and_unknown_take_the_time_of_a_hash_alike(
    centre: Centre, now: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a hash of some 60 ms each answer takes about one: nothing is skipped, nothing done twice.

    Processor time, so that whatever else the machine does has no say.
    """
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=24, memory_cost=8192, parallelism=1))
    centre.give_password("1001")
    passwords.matches(None, "so that the spare hash is there")

    def taken(act: Callable[[], object]) -> float:
        spans = []
        for _ in range(3):
            now.move(timedelta(days=2))
            started = time.process_time()
            act()
            spans.append(time.process_time() - started)
        return statistics.median(spans)

    one_hash = taken(lambda: passwords.hashed("a password of some length"))
    known = taken(lambda: answer(centre, "1001"))
    unknown = taken(lambda: answer(centre, "8888"))
    without = taken(lambda: answer(centre, "2001"))
    for span in (known, unknown, without):
        assert 0.4 * one_hash < span < 5 * one_hash
    assert 1 / 3 < known / unknown < 3


def test_the_delay_grows_to_a_quarter_of_an_hour() -> None:
    """Nothing for two slips; then 2, 4, 8 … seconds, never more than 15 minutes."""
    seconds = [throttle.delay_after(n).total_seconds() for n in (*range(13), 10_000)]
    assert seconds == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("number", ["1001", "8888"])
def test_after_three_failures_one_waits_known_or_not(centre: Centre, now: Frozen, number: str) -> None:
    """The fourth attempt comes too early, whoever is meant; each failure doubles the wait; success forgets
    it.
    """
    centre.give_password("1001")
    for _ in range(3):
        assert answer(centre, number)[0] is signin.WrongSignin
    wait = (throttle.TryLater, f"{TOO_OFTEN} 2.")
    assert answer(centre, number) == wait
    assert answer(centre, number) == wait, "an early attempt does not lengthen the wait"
    now.move(timedelta(seconds=2))
    assert answer(centre, number)[0] is signin.WrongSignin
    now.move(timedelta(seconds=1))
    assert answer(centre, number) == (throttle.TryLater, f"{TOO_OFTEN} 3.")


@pytest.mark.rule("SEC-1")
def test_during_the_wait_even_the_right_password_is_not_tried(centre: Centre, now: Frozen) -> None:
    """After the wait it is, and everything is forgotten: never a lock."""
    centre.give_password("1001")
    for _ in range(3):
        answer(centre, "1001")
    assert answer(centre, "1001", PASSWORD)[0] is throttle.TryLater
    now.move(timedelta(seconds=2))
    attempt(centre)
    for _ in range(3):
        assert answer(centre, "1001")[0] is signin.WrongSignin


def test_others_do_not_wait_with_me(centre: Centre) -> None:
    """The delay belongs to the typed number."""
    centre.give_password("2001")
    for _ in range(4):
        answer(centre, "1001")
    assert attempt(centre, "2001").actor.functions == {Function.COACH}


def test_many_at_once_do_not_overtake_the_delay(centre: Centre) -> None:
    """Of twenty wrong attempts at one moment three are tried."""
    centre.give_password("1001")
    with ThreadPoolExecutor(10) as pool:
        kinds = [kind for kind, _ in pool.map(lambda _: answer(centre, "1001"), range(20))]
    assert kinds.count(signin.WrongSignin) == 3
    assert kinds.count(throttle.TryLater) == 17


def test_old_failures_are_forgotten(centre: Centre, now: Frozen) -> None:
    """A day later nothing is kept of what was typed."""
    for number in ("1001", "a password by mistake"):
        answer(centre, number)
    now.move(timedelta(days=1, seconds=1))
    answer(centre, "2001")
    with centre.stores.database.read() as session:
        kept = session.scalars(select(SigninThrottle)).all()
    assert [(len(row.key), row.failures) for row in kept] == [(32, 1)]


@pytest.mark.rule("ACC-1")
def test_without_a_function_today_nobody_signs_in(centre: Centre) -> None:
    """Who has left or is yet to start is answered like a stranger."""
    for number, period in (
        ("1002", "begins = 2026-01-01\nends = 2026-11-03"),
        ("1003", "begins = 2026-11-04"),
    ):
        centre.add(
            f'[[people]]\nnumber = "{number}"\nname = "Somebody"\n[[people.functions]]\n'
            f'function = "employee"\nteam = "red"\n{period}\n'
        )
        centre.give_password(number)
        assert answer(centre, number, PASSWORD)[0] is signin.WrongSignin


@pytest.mark.rule("ACC-5")
def test_failures_are_written_down_without_what_was_typed(centre: Centre) -> None:
    """The line names nobody and quotes nothing; a known number's owner is whom it is about."""
    centre.give_password("1001")
    answer(centre, "1001")
    answer(centre, "my password by mistake")
    known, unknown = lines(centre)
    assert (known.allowed, known.actor_id, known.about_id) == (False, "?", centre.id("1001"))
    assert (unknown.allowed, unknown.actor_id, unknown.about_id) == (False, "?", None)
    assert json.loads(str(unknown.body))["rule"] == "SEC-1"
    assert "mistake" not in str(unknown.body)
    assert "1001" not in json.loads(str(known.body))["name"]


def test_changing_the_password_takes_the_current_one_and_ends_other_sessions(centre: Centre) -> None:
    """Here one stays signed in, elsewhere not; the old password is no longer one."""
    centre.give_password("1001")
    limits = centre.stores.settings.signin
    with centre.stores.database.write() as session:
        tokens = [sessions.begin(session, centre.id("1001")) for _ in range(2)]
    with centre.stores.database.read() as session:
        here = sessions.look_up(session, tokens[0], limits)
    assert here is not None
    with pytest.raises(signin.WrongSignin):
        signin.change_password(centre.stores, here.actor, "not this", "een heel andere zin", key=KEY)
    with pytest.raises(Invalid):
        signin.change_password(centre.stores, here.actor, PASSWORD, "kort", key=KEY)
    signin.change_password(centre.stores, here.actor, PASSWORD, "een heel andere zin", key=KEY)
    with centre.stores.database.read() as session:
        alive = [sessions.look_up(session, token, limits) is not None for token in tokens]
    assert alive == [True, False]
    assert answer(centre, "1001", PASSWORD)[0] is signin.WrongSignin
    attempt(centre, "1001", "een heel andere zin")


@pytest.mark.rule("ACC-1")
def test_only_the_host_sets_another_persons_password(centre: Centre) -> None:
    """No function of a person does, not even for themselves; and a stranger has none to set."""
    with centre.stores.database.read() as session:
        anna = queries.actor_of(session, centre.id("1001"), clock.today())
    with pytest.raises(AccessDenied), centre.stores.database.write() as session:
        signin.set_password(session, anna, anna.person_id, PASSWORD, min_length=15)
    with pytest.raises(NotFound), centre.stores.database.write() as session:
        signin.set_password(session, system("test"), "nobody", PASSWORD, min_length=15)
    with centre.stores.database.write() as session:
        signin.set_password(session, system("test"), anna.person_id, PASSWORD, min_length=15)
    (line,) = [line for line in lines(centre, "people:import") if "set password" in str(line.body)]
    assert line.about_id == anna.person_id


def test_a_password_kept_with_older_parameters_is_hashed_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next sign-in, the only moment at which it is known."""
    centre.give_password("1001")
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=512, parallelism=1))
    attempt(centre)
    with centre.stores.database.read() as session:
        kept = session.scalar(select(Person.password_hash).where(Person.number == "1001"))
    assert "m=512,t=2" in str(kept)
    attempt(centre)
