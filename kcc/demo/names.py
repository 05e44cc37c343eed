"""Who plays which part in the demo centre: invented names and personnel numbers; no dates and no teams."""

import random
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Literal

Sex = Literal["f", "m"]

SHOWCASE = {
    "1001": ("Anna", "de Vries", "f"),
    "2001": ("Bram", "Jansen", "m"),
    "3001": ("Carla", "Smit", "f"),
    "4001": ("Dirk", "Bos", "m"),
    "5001": ("Els", "Kuiper", "f"),
    "6001": ("Frans", "Mulder", "m"),
    "7001": ("Gerda", "Blom", "f"),
}
"""One person per profile whose name and number are easy to remember, the same under every seed."""

LONGEST = ("Maximiliana", "van den Bergh van Lansberge-van Oosterhuis")
"""A name long enough to break a careless table."""


@dataclass(frozen=True)
class Player:
    """A person of the demo: personnel number, given name and surname (with its prefix), and voice's sex."""

    number: str
    given: str
    surname: str
    sex: Sex

    @property
    def name(self) -> str:
        """The full name as shown on screen."""
        return f"{self.given} {self.surname}"

    @property
    def email(self) -> str:
        """An address at example.nl, in ASCII, unique by the personnel number."""
        plain = {"\u0131": "i"}
        letters = "".join(plain.get(letter, letter) for letter in f"{self.given}.{self.surname}".lower())
        ascii_only = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
        return f"{''.join(c for c in ascii_only if c.isalnum() or c in '.-')}.{self.number}@example.nl"


def pile(section: str) -> list[str]:
    """The names under a heading of content/names.txt."""
    text = resources.files("kcc.demo").joinpath("content", "names.txt").read_text(encoding="utf-8")
    return text.split(f"[{section}]\n")[1].split("\n\n")[0].splitlines()


def numbers() -> dict[str, list[str]]:
    """The personnel numbers of each function, in order."""
    return {
        "employee": [str(1001 + i) for i in range(24)],
        "coach": [str(2001 + i) for i in range(4)],
        "team_lead": [str(3001 + i) for i in range(4)],
        "department_manager": ["4001", "4002"],
        "data_protection_officer": ["5001"],
        "administrator": ["6001"],
        "works_council": ["7001"],
    }


def cast(seed: int) -> dict[str, Player]:
    """Everybody of the centre by personnel number; the same for the same seed."""
    chance = random.Random(f"cast/{seed}")
    women, men, surnames = pile("women"), pile("men"), pile("surnames")
    for names in (women, men, surnames):
        chance.shuffle(names)
    players: dict[str, Player] = {}
    for index, number in enumerate(n for group in numbers().values() for n in group):
        players[number] = _player(number, index, women, men, surnames)
    return players


def _player(number: str, index: int, women: list[str], men: list[str], surnames: list[str]) -> Player:
    if number in SHOWCASE:
        given, surname, sex = SHOWCASE[number]
        return Player(number, given, surname, "f" if sex == "f" else "m")
    if number == "1007":
        return Player(number, *LONGEST, "f")
    if index % 2 == 0:
        return Player(number, women.pop(), surnames.pop(), "f")
    return Player(number, men.pop(), surnames.pop(), "m")
