"""The telephone lines of the demo centre, one of each kind the intake must tell apart (PUR-3 to PUR-5)."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Line:
    """A line or queue; `welcome_text_since` is the day from which callers are told of the recording."""

    code: str
    name: str
    kind: str
    welcome_text_since: date | None = None


BY_TEAM = {"ENE": "subsidies-energie", "INN": "subsidies-innovatie", "OMG": "vergunningen", "LAN": "landbouw"}
"""The line on which each team is called."""

NO_WELCOME, LATE_WELCOME = "proeflijn", "nieuwe-regelingen"
PRIVATE, NETWORK, EXCLUDED, DIRECT = "prive", "relatiebeheer", "vertrouwenslijn", "doorkiesnummers"
INTERNAL = "overleg"


def all_lines(today: date) -> list[Line]:
    """All lines, as they stand on `today`."""
    return [
        Line(BY_TEAM["ENE"], "Subsidies energie", "recorded", date(2019, 5, 1)),
        Line(BY_TEAM["INN"], "Subsidies innovatie", "recorded", date(2019, 5, 1)),
        Line(BY_TEAM["OMG"], "Vergunningen", "recorded", date(2020, 2, 1)),
        Line(BY_TEAM["LAN"], "Landbouw en dieren", "recorded", date(2021, 9, 1)),
        Line(LATE_WELCOME, "Nieuwe regelingen", "recorded", today - timedelta(days=9)),
        Line(NO_WELCOME, "Proeflijn zonder welkomsttekst", "recorded"),
        Line(PRIVATE, "Privétoestellen", "private"),
        Line(EXCLUDED, "Vertrouwenslijn", "excluded"),
        Line(NETWORK, "Relatiebeheer netwerkpartners", "network", date(2021, 9, 1)),
        Line(DIRECT, "Doorkiesnummers", "direct"),
        Line(INTERNAL, "Overleg tussen teams", "internal"),
    ]
