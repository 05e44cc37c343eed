"""The particulars that make one dialogue differ from the next: names, numbers, dates and amounts, spoken."""

import random

from kcc.demo.names import Sex, pile

MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober")


def _digits(chance: random.Random, count: int) -> str:
    """Digits as people dictate them: one by one, the first never a zero."""
    return " ".join(str(chance.randint(1 if place == 0 else 0, 9)) for place in range(count))


def _date(chance: random.Random) -> str:
    return f"{chance.randint(1, 28)} {chance.choice(MONTHS)}"


def fillings(chance: random.Random, caller: Sex) -> dict[str, str]:
    """A value for every place in the content files."""
    letters = " ".join(chance.sample("ABDGHKLNPRTVW", 2))
    return {
        "naam": chance.choice(pile("callers")),
        "aanhef": "mevrouw" if caller == "f" else "meneer",
        "zaak": _digits(chance, 5),
        "postcode": f"{_digits(chance, 4)}, {letters}",
        "huisnummer": str(chance.randint(2, 240)),
        "geboren": f"{_date(chance)} 19{chance.randint(52, 99)}",
        "kvk": _digits(chance, 8),
        "meldcode": _digits(chance, 5),
        "vier": _digits(chance, 4),
        "datum": _date(chance),
        "weken": str(chance.choice((6, 8, 12, 13))),
        "bedrag": str(chance.randint(9, 180) * 50),
        "ton": str(chance.randint(30, 400)),
        "meters": str(chance.randint(40, 300)),
        "aantal": str(chance.randint(6, 60)),
        "kwh": str(chance.randint(51, 90) * 1000),
    }
