"""Which passwords are good enough, and how they are kept (argon2id); signing in with one lives in signin."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from kcc.errors import N_, Invalid
from kcc.people import strength
from kcc.people.dutch_words import BASES

PARAMETERS = RFC_9106_LOW_MEMORY
"""64 MiB, 3 passes, 4 lanes."""
hasher = PasswordHasher.from_parameters(PARAMETERS)
"""What hashes; tests put a lighter one in its place."""

MAX_LENGTH = 128
WEAK = (
    "correcthorsebatterystaple",
    "password",
    "welcome",
    "letmein",
    "iloveyou",
    "qwerty",
    "azerty",
    *BASES,
)
"""Words on which people build; a password that is little more than these is refused."""
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
LEFT_OVER = 8
"""So many letters must remain when weak words and the digits and signs around them are taken away."""
SHORTEST = 4
"""Shorter words about somebody stand in too many others."""
_SIGNS = re.compile(r"[\W_]+")
DIFFERENT = 6
"""So many different characters a password has at least."""


@dataclass(frozen=True, slots=True)
class About:
    """What a password must not be about: words such as somebody's number, name and e-mail address and the
    organisation's, each part of which counts; and names of which the whole counts, such as their team's.
    """

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def check(password: str, *, about: About, min_length: int) -> int:
    """Refuse a password that is short, endless, easily guessed, or about the person or kcc (SEC-1).

    There are no rules of composition. Gives its strength, from 0 to 4. Raises Invalid("password").
    """
    plain = normalise(password)
    if len(plain) < min_length:
        raise Invalid(
            "password", N_("Use at least %(count)d characters, for example four words."), count=min_length
        )
    if len(plain) > MAX_LENGTH:
        raise Invalid("password", N_("Use at most %(count)d characters."), count=MAX_LENGTH)
    folded = _folded(plain)
    words = _words(about.words)
    if any(word in folded for word in words) or _named(folded, about.names):
        raise Invalid(
            "password",
            N_("Do not use your name, number, e-mail address, team, organisation or kcc in your password."),
        )
    found = strength.level(plain, words)
    if _trivial(folded) or found < strength.ENOUGH:
        raise Invalid(
            "password", N_("This password is easy to guess. Choose a few words that do not belong together.")
        )
    return found


def normalise(password: str) -> str:
    """The same characters in the same bytes, however a keyboard composed them."""
    return unicodedata.normalize("NFC", password)


def hashed(password: str) -> str:
    """What is kept of a password."""
    return hasher.hash(normalise(password))


def matches(kept: str | None, typed: str) -> bool:
    """Whether the typed password is the kept one; takes as long when nothing is kept."""
    spare = _of_nobody(hasher)
    # An endless text is no password of ours and need not be hashed whole; an empty one takes its place.
    endless = len(typed) > MAX_LENGTH * 4
    text = "" if endless else normalise(typed)
    try:
        return hasher.verify(kept or spare, text) and kept is not None and not endless
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a kept password should be hashed again with today's parameters."""
    return hasher.check_needs_rehash(kept)


@cache
def _of_nobody(by: PasswordHasher) -> str:
    return by.hash("the password of nobody")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _words(context: Iterable[str]) -> set[str]:
    words = {word for text in context for word in re.split(r"[\s.,'@_-]+", _folded(text))}
    return {word for word in words if len(word) >= SHORTEST} | {"kcc"}


def _named(folded: str, names: Iterable[str]) -> bool:
    letters = _SIGNS.sub("", folded)
    return any(
        len(name) >= SHORTEST and name in letters for name in (_SIGNS.sub("", _folded(n)) for n in names)
    )


def _trivial(folded: str) -> bool:
    return len(set(folded)) < DIFFERENT or _repeats(folded) or _left_over(folded) < LEFT_OVER


def _repeats(folded: str) -> bool:
    # A text is a repetition of a shorter one exactly when it occurs inside its own double.
    return folded in (folded + folded)[1:-1]


def _left_over(folded: str) -> int:
    rest = folded
    for word in WEAK:
        rest = rest.replace(word, "")
    return len(_without_rows(rest))


def _without_rows(text: str, at_least: int = 4) -> str:
    """The text without stretches that only follow the alphabet, the digits or a keyboard, either way."""
    rows = [row for line in ROWS for row in (line, line[::-1])]
    kept, place = [], 0
    while place < len(text):
        length = max(_run(text, place, row) for row in rows)
        if length < at_least:
            kept.append(text[place])
            length = 1
        place += length
    return "".join(kept)


def _run(text: str, place: int, row: str) -> int:
    length = 1
    while place + length < len(text) and text[place : place + length + 1] in row:
        length += 1
    return length
