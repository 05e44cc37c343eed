"""Which passwords are refused and why, and how they are kept."""

import unicodedata

import pytest
from argon2 import PasswordHasher
from zxcvbn import matching  # type: ignore[import-untyped]

from kcc.errors import Invalid
from kcc.people import passwords, strength
from kcc.people.dutch_words import BASES, RANKED

ABOUT = passwords.About(
    ("1001", "Anna de Vries", "a.jansen@zonnebloem.example", "Rijksdienst Voorbeeld"),
    ("Team Rood", "Vergunningen", "IT"),
)


def refusal(password: str) -> str | None:
    """The sentence of the refusal, if any."""
    try:
        passwords.check(password, about=ABOUT, min_length=15)
    except Invalid as refused:
        return f"{refused.field}: {refused}"
    return None


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "password",
    [
        "vier losse woorden samen",
        "zonder hoofdletter of cijfer",
        "paraplu-kikker-melkfles",
        "пароль из четырёх слов",
        "de rode fiets van het team",
        "it staat hier tussen de rest",
        "de kat krabt de krullen van de trap, en de bakker ziet het aan maar zegt er niets van",
        "x7Q!vB2#mK9$pL4",
        "a" + "bcefgh nprst" * 10 + "!",
    ],
)
def test_length_alone_makes_a_good_password(password: str) -> None:
    """No digit, capital or sign is asked for, and any script will do."""
    assert refusal(password) is None


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("veertien teken", "at least 15"),
        ("x" * 129, "at most 128"),
        ("mijn naam is vries ja", "your name"),
        ("met mevrouw jansen erbij", "your name"),
        ("een zonnebloem in juli ja", "your name"),
        ("bij de rijksdienst gewerkt", "your name"),
        ("mooie t-e-a-m.rood dagen", "your name"),
        ("in vergunningen zit werk", "your name"),
        ("ik ben medewerker 1001", "your name"),
        ("ÁNNA en haar twee katten", "your name"),
        ("mijn kcc wachtzin hier", "your name"),
        ("aaaaaaaaaaaaaaaaa", "easy to guess"),
        ("zonnigzonnigzonnig", "easy to guess"),
        ("abcabdabcabdabcabd", "easy to guess"),
        ("123456789012345678", "easy to guess"),
        ("qwertyuiopasdfghjkl", "easy to guess"),
        ("wachtwoord12345678", "easy to guess"),
        ("Welkom2026!Welkom!", "easy to guess"),
        ("correcthorsebatterystaple", "easy to guess"),
        ("geheimgeheim987654", "easy to guess"),
        ("lentezomerherfstwinter", "easy to guess"),
        ("Januari Februari 2026!", "easy to guess"),
        ("W@chtw00rdW@chtw00rd", "easy to guess"),
        ("Feyenoord1908Rotterdam", "easy to guess"),
        ("aB3" * 40, "easy to guess"),
    ],
)
def test_what_is_short_personal_or_a_pattern_is_refused(password: str, why: str) -> None:
    """Each refusal says what is wrong."""
    found = str(refusal(password))
    assert found.startswith("password: ")
    assert why in found


def test_a_password_is_kept_as_argon2id_and_found_however_it_was_composed() -> None:
    """An é of one or two characters is the same é; nothing of the password is readable."""
    word = "vier losse caféwoorden"
    kept = passwords.hashed(unicodedata.normalize("NFD", word))
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, unicodedata.normalize("NFC", word))
    assert not passwords.matches(kept, word + "!")


def test_nobody_and_nonsense_never_match() -> None:
    """No password kept, a broken hash, an empty or endless text: no, without an error."""
    assert not passwords.matches(None, "the password of nobody")
    assert not passwords.matches("nonsense", "x")
    assert not passwords.matches(passwords.hashed("vier losse woorden"), "")
    assert not passwords.matches(passwords.hashed("vier losse woorden"), "x" * 100_000)
    assert not passwords.matches(passwords.hashed(""), "x" * 100_000)


def test_the_parameters_are_those_of_the_standard() -> None:
    """RFC 9106, second recommendation: 64 MiB, 3 passes, 4 lanes."""
    by = PasswordHasher.from_parameters(passwords.PARAMETERS)
    assert (by.memory_cost, by.time_cost, by.parallelism) == (65_536, 3, 4)
    assert passwords.outdated(passwords.hashed("x")) is False
    assert passwords.outdated(by.hash("x")) is True


def test_words_about_one_person_are_judged_for_them_alone() -> None:
    """The library's own function would judge the next one's by them."""
    phrase = "tulpenveld zonnebloem"
    alone = strength.level(phrase)
    assert strength.level(phrase, ["tulpenveld", "zonnebloem"]) <= alone
    assert strength.level(phrase) == alone
    assert "user_inputs" not in matching.RANKED_DICTIONARIES
    assert strength.level("") == 0
    assert strength.level("x7Q!vB2#mK9$pL4" * 8) == 4


def test_the_dutch_words_are_in_order_and_written_once() -> None:
    """Small letters without accents, as they are looked for."""
    assert list(RANKED.values()) == list(range(1, len(RANKED) + 1))
    assert all(word.isascii() and word == word.lower() for word in RANKED)
    assert {"wachtwoord", "welkom", "zomer", "feyenoord", "november"} <= set(BASES)
