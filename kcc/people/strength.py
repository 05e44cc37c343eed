"""How well a password withstands guessing, by zxcvbn with Dutch words and those about its owner; no rules."""

from collections.abc import Collection

from zxcvbn import matching, scoring, time_estimates  # type: ignore[import-untyped]

from kcc.people.dutch_words import RANKED

LOOKED_AT = 72
"""Characters that are judged; a longer password takes too long to judge, and is no weaker."""
ENOUGH = 3
"""The least level that is taken: 100 million guesses, each of which costs 64 MiB here."""


def level(password: str, about: Collection[str] = ()) -> int:
    """From 0 to 4, how strong a password is when its guesser knows Dutch, English and these words."""
    if not password:
        return 0
    known = {word.lower(): rank for rank, word in enumerate(sorted(set(about)), 1)}
    # zxcvbn's own function puts the words of one person where the next one's are judged, in every thread.
    dictionaries = {**matching.RANKED_DICTIONARIES, "dutch": RANKED, "user_inputs": known}
    looked_at = password[:LOOKED_AT]
    matches = matching.omnimatch(looked_at, dictionaries)
    guesses = scoring.most_guessable_match_sequence(looked_at, matches)["guesses"]
    return int(time_estimates.guesses_to_score(guesses))
