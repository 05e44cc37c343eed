"""One spelling for a caller's number, whichever way a recorder writes it (E.164); pure, knows no caller."""

import re
import unicodedata

_SCHEME = re.compile(r"(?:sips?|tel):", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s./()\-\u2010-\u2015]")
_SHORTEST, _LONGEST = 7, 15


def e164(number: str, country: str, trunk: str = "0", international: str = "00") -> str | None:
    """`number` as "+31201234567", or None where it names no caller: withheld, a word, an extension.

    `country` is the calling code of a number without one, `trunk` the prefix of a national number,
    `international` that of a foreign one. A SIP or tel address counts by its user part. Bare digits that
    begin with neither are international when there are ten or more of them.
    """
    plain = _SCHEME.sub("", unicodedata.normalize("NFKC", number).strip(" <>\"'"), count=1)
    plain = re.split("[@;]", plain, maxsplit=1)[0].replace("(0)", "" if plain[:1] in "+0" else "0")
    plain = _SEPARATORS.sub("", plain)
    digits = _digits(plain, country, trunk, international)
    if digits is None or not digits.isascii() or not digits.isdigit() or digits.startswith("0"):
        return None
    if trunk and digits.startswith(country + trunk):  # "+31 020 …": the prefix was left in
        digits = country + digits[len(country + trunk) :]
    return f"+{digits}" if _SHORTEST <= len(digits) <= _LONGEST else None


def _digits(plain: str, country: str, trunk: str, international: str) -> str | None:
    """Country code and all that follows it."""
    if plain.startswith("+"):
        return plain[1:]
    if international and plain.startswith(international):
        return plain[len(international) :]
    if trunk and plain.startswith(trunk):
        return country + plain[len(trunk) :]
    if not trunk and not (plain.startswith(country) and len(plain) > 10):
        return country + plain
    return plain if len(plain) >= 10 else None
