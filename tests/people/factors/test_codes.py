"""Codes of apps and of recovery: right once, never twice, not even at once; wrong ones cost time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from kcc.clock import Frozen
from kcc.errors import Invalid
from kcc.people import throttle
from kcc.people.factors import apps, keyfile, proving, queries, recovery
from kcc.people.factors.model import AuthenticatorApp, RecoveryCode
from kcc.stores import Stores
from tests.people.centre import Centre

from .hands import actor, add_app, code_of, recovery_codes, told

HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def anna(centre: Centre) -> str:
    return centre.id("1001")


def proved(stores: Stores, person_id: str, code: str) -> str:
    return proving.by_code(stores, actor(stores, person_id), code)


@pytest.mark.rule("SEC-1")
def test_a_code_is_right_within_one_step_and_works_once(stores: Stores, anna: str, now: Frozen) -> None:
    """The code of enrolling counts as used; the next one works, with a space in it too, and then no more."""
    secret = add_app(stores, anna)
    with pytest.raises(proving.WrongCode, match="used already"):
        proved(stores, anna, code_of(secret))
    now.move(HALF_MINUTE)
    code = code_of(secret)
    assert proved(stores, anna, f" {code[:3]} {code[3:]} ") == "totp"
    with pytest.raises(proving.WrongCode, match="used already"):
        proved(stores, anna, code)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_s_clock_may_differ_by_one_step(
    stores: Stores, anna: str, now: Frozen, steps: int, *, right: bool
) -> None:
    secret = add_app(stores, anna)
    now.move(5 * HALF_MINUTE)
    code = pyotp.TOTP(secret).at(now.at + steps * HALF_MINUTE)
    if right:
        assert proved(stores, anna, code) == "totp"
        return
    with pytest.raises(proving.WrongCode):
        proved(stores, anna, code)


@pytest.mark.rule("SEC-1")
def test_a_code_of_before_the_last_one_used_is_refused(stores: Stores, anna: str, now: Frozen) -> None:
    """Whoever used a telephone that runs ahead cannot be followed by who looked over their shoulder."""
    secret = add_app(stores, anna)
    now.move(4 * HALF_MINUTE)
    totp = pyotp.TOTP(secret)
    assert proved(stores, anna, totp.at(now.at + HALF_MINUTE)) == "totp"
    with pytest.raises(proving.WrongCode, match="used already"):
        proved(stores, anna, totp.at(now.at))


def at_once(acts: int, act: Callable[[], str]) -> list[str]:
    """What each of many threads got."""

    def tried(_: int) -> str:
        try:
            return act()
        except (proving.WrongCode, throttle.TryLater) as fault:
            return fault.code

    with ThreadPoolExecutor(acts) as pool:
        return list(pool.map(tried, range(acts)))


@pytest.mark.rule("SEC-1")
def test_the_same_code_at_once_works_once(stores: Stores, anna: str, now: Frozen) -> None:
    """On both databases; also while the delay's own row comes and goes."""
    secret = add_app(stores, anna)
    for _ in range(3):
        now.move(timedelta(hours=1))
        found = at_once(4, lambda: proved(stores, anna, code_of(secret)))
        assert sorted(found)[:1] == ["totp"] or found.count("totp") == 1
        assert found.count("totp") == 1


@pytest.mark.rule("SEC-1")
def test_the_same_recovery_code_at_once_works_once(stores: Stores, anna: str, now: Frozen) -> None:
    for code in recovery_codes(stores, anna)[:3]:
        now.move(timedelta(hours=1))
        found = at_once(4, lambda code=code: proved(stores, anna, code))  # type: ignore[misc]
        assert found.count("recovery") == 1
    with stores.database.read() as session:
        assert queries.codes_left(session, anna) == 7


@pytest.mark.rule("SEC-1")
def test_recovery_codes_are_ten_kept_as_digests_and_gone_when_renewed(stores: Stores, anna: str) -> None:
    codes = recovery_codes(stores, anna)
    assert len(set(codes)) == 10
    assert recovery.readable(codes)
    with stores.database.read() as session:
        kept = session.scalars(select(RecoveryCode.digest)).all()
    assert len(kept) == 10
    assert not any(recovery.plain(code).encode() in bytes(digest) for code in codes for digest in kept)
    assert proved(stores, anna, codes[3].upper().replace("-", " ")) == "recovery"
    renewed = recovery_codes(stores, anna)
    with pytest.raises(proving.WrongCode):
        proved(stores, anna, codes[4])
    assert proved(stores, anna, renewed[0]) == "recovery"


def test_another_s_recovery_code_is_worth_nothing(stores: Stores, anna: str, centre: Centre) -> None:
    codes = recovery_codes(stores, centre.id("2001"))
    with pytest.raises(proving.WrongCode):
        proved(stores, anna, codes[0])


@pytest.mark.rule("SEC-1")
def test_wrong_codes_cost_time_as_wrong_passwords_do(stores: Stores, anna: str, now: Frozen) -> None:
    """Three free, then 2 seconds, also for the right one; a right one later starts anew. Each is told."""
    secret = add_app(stores, anna)
    now.move(timedelta(hours=1))
    before = len(told(stores))
    for _ in range(3):
        with pytest.raises(proving.WrongCode):
            proved(stores, anna, "000000" if code_of(secret) != "000000" else "000001")
    with pytest.raises(throttle.TryLater) as wait:
        proved(stores, anna, code_of(secret))
    assert wait.value.params["seconds"] == 2
    failures = told(stores)[before:]
    assert [(line["allowed"], line["rule"], line["about"]) for line in failures] == [
        (False, "SEC-1", anna)
    ] * 3
    now.move(timedelta(seconds=2))
    assert proved(stores, anna, code_of(secret)) == "totp"
    with pytest.raises(proving.WrongCode):
        proved(stores, anna, "nonsense")


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "٠١٢٣٤٥", "\0" * 6, "a" * 10_000, "abcdef"])
def test_what_is_no_code_is_wrong(stores: Stores, anna: str, typed: str) -> None:
    add_app(stores, anna)
    with pytest.raises(proving.WrongCode):
        proved(stores, anna, typed)


@pytest.mark.rule("SEC-1")
def test_the_secret_is_sealed_for_its_owner(stores: Stores, anna: str, centre: Centre) -> None:
    """Neither the secret nor its text stands in the row; copied to another person it opens nothing."""
    secret = add_app(stores, anna)
    with stores.database.write() as session:
        app = session.scalars(select(AuthenticatorApp)).one()
        assert apps.base64.b32decode(secret) not in bytes(app.secret)
        app.person_id = centre.id("2001")
    with pytest.raises(proving.WrongCode):
        proved(stores, centre.id("2001"), code_of(secret))


def test_an_offer_is_its_person_s_and_ends_after_ten_minutes(
    stores: Stores, anna: str, centre: Centre, now: Frozen
) -> None:
    limits = stores.settings.signin
    offer = apps.offer(limits, anna)
    assert apps.again(limits, anna, offer.ticket) == offer
    for person, ticket in ((centre.id("2001"), offer.ticket), (anna, "!"), (anna, ""), (anna, "AAAA")):
        assert apps.again(limits, person, ticket) is None
    now.move(timedelta(minutes=10, seconds=1))
    with stores.database.write() as session, pytest.raises(Invalid) as fault:
        apps.add(session, limits, actor(stores, anna), offer.ticket, "Telefoon", code_of(offer.secret))
    assert fault.value.field == "ticket"


@pytest.mark.parametrize(
    ("name", "code", "field"),
    [("", "", "name"), ("x" * 61, "", "name"), ("telefoon", "", "name"), ("Tablet", "000", "code")],
)
def test_a_wrong_enrolment_names_its_field(
    stores: Stores, anna: str, name: str, code: str, field: str
) -> None:
    """A name that is taken, in whatever case, is taken."""
    add_app(stores, anna, "Telefoon")
    limits = stores.settings.signin
    offer = apps.offer(limits, anna)
    with stores.database.write() as session, pytest.raises(Invalid) as fault:
        apps.add(session, limits, actor(stores, anna), offer.ticket, name, code or code_of(offer.secret))
    assert fault.value.field == field


def test_what_the_qr_code_says(stores: Stores, anna: str) -> None:
    """What every authenticator app reads: the issuer, the person's number, the secret."""
    offer = apps.offer(stores.settings.signin, anna)
    parsed = pyotp.parse_uri(offer.uri("1001/a b"))
    assert (parsed.secret, parsed.issuer, parsed.name) == (offer.secret, "kcc", "1001/a b")
    assert offer.groups.replace(" ", "") == offer.secret


def test_the_key_is_private_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "factors.key"
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: keyfile.create(path), range(4)))) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [left.name for left in path.parent.iterdir()] == ["factors.key"]
    path.chmod(0o644)
    with pytest.raises(keyfile.FactorKeyUnusable, match="mode to 600"):
        keyfile.read(path)


def test_without_its_key_a_code_is_not_called_wrong(stores: Stores, anna: str, now: Frozen) -> None:
    """Whoever lost the file must hear of it; nothing is made in its place at signing in."""
    secret = add_app(stores, anna)
    now.move(timedelta(minutes=1))
    stores.settings.signin.factor_key_file.unlink()
    with pytest.raises(keyfile.FactorKeyUnusable):
        proved(stores, anna, code_of(secret))
    assert not stores.settings.signin.factor_key_file.exists()
