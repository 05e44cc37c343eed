"""The bank of dialogues as text: who says what in which order, filled in by seed; no sound and no calls."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kcc.demo.fillings import fillings
from kcc.demo.voices import CALLERS, EMPLOYEES

MANNERS = {
    "ordinary": (
        *("isde", "wbso", "fertiliser", "permit", "login", "status"),
        *("payment", "objection", "animals", "change", "energy", "documents"),
    ),
    "aggressive": ("payment", "inspection", "refusal"),
    "poor": ("hurried", "interrupting", "jargon"),
    "quick": ("hours", "transfer", "received"),
    "wrong": ("number",),
    "private": ("chat",),
    "internal": ("question",),
    "network": ("municipality",),
}
"""The files in content/, by manner: `<manner>_<topic>.txt`."""

TOPIC = 10
"""Ranks per topic: a part of rank 0, 10 or 20 opens a topic, those up to the next belong to it."""


@dataclass(frozen=True)
class Line:
    """One utterance: `who` is "E" (employee) or "C" (caller); no text means music while on hold."""

    who: str
    text: str
    loud: bool = False

    @property
    def is_hold(self) -> bool:
        """Whether the caller is put on hold here."""
        return not self.text


@dataclass(frozen=True)
class Part:
    """Lines that stand or fall together; parts of the lowest rank are always spoken, high ranks go first."""

    rank: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Script:
    """A dialogue between an employee's voice and a caller's voice (indexes into kcc.demo.voices)."""

    manner: str
    topics: tuple[str, ...]
    employee: int
    caller: int
    parts: tuple[Part, ...]


@cache
def content(name: str) -> dict[str, list[tuple[Line, ...]]]:
    """The sections of content/<name>.txt, each a list of exchanges (separated by a blank line)."""
    text = resources.files("kcc.demo").joinpath("content", f"{name}.txt").read_text(encoding="utf-8")
    sections: dict[str, list[tuple[Line, ...]]] = {}
    for block in text.strip().split("\n\n"):
        rows = block.splitlines()
        if rows[0].startswith("["):
            heading = rows.pop(0).strip("[]")
        sections.setdefault(heading, []).append(tuple(_line(row) for row in rows))
    return sections


def _line(row: str) -> Line:
    if row == "H:":
        return Line("E", "")
    return Line(row[0], row[3:], loud=row[1] == "!")


def scripts(seed: int) -> list[Script]:
    """The whole bank: for each employee's voice some twenty dialogues of every manner and length."""
    found = []
    for employee in range(len(EMPLOYEES)):
        chance = random.Random(f"scripts/{seed}/{employee}")
        for manner, topics in _programme(chance):
            found.append(compose(manner, topics, employee, chance.randrange(len(CALLERS)), chance))
    return found


def _programme(chance: random.Random) -> list[tuple[str, tuple[str, ...]]]:
    """What one employee's voice speaks: (manner, topics). Two or three topics make the long calls."""
    ordinary = chance.sample(MANNERS["ordinary"], 12)
    singles = [("ordinary", (topic,)) for topic in ordinary[:6]]
    longs = [("ordinary", tuple(ordinary[6:8])), ("ordinary", tuple(ordinary[8:11]))]
    others = [
        (manner, (chance.choice(topics),))
        for manner, topics in MANNERS.items()
        if manner not in {"ordinary", "quick"}
    ]
    return singles + longs + others + [("quick", (topic,)) for topic in MANNERS["quick"]]


def compose(manner: str, topics: Sequence[str], employee: int, caller: int, chance: random.Random) -> Script:
    """One dialogue on `topics`, its parts ranked by how soon they are left out of a shorter call."""
    fill = fillings(chance, CALLERS[caller].sex)
    parts: list[Part] = []
    for index, topic in enumerate(topics):
        sections = content(f"{manner}_{topic}")
        parts += _about(sections, manner, first=index == 0, base=index * TOPIC, chance=chance)
    closing = content(f"{manner}_{topics[0]}").get("closing") or content("phrases")["closing"]
    parts.append(Part(0, chance.choice(closing)))
    return Script(manner, tuple(topics), employee, caller, tuple(_filled(part, fill) for part in parts))


def _about(
    sections: dict[str, list[tuple[Line, ...]]], manner: str, *, first: bool, base: int, chance: random.Random
) -> list[Part]:
    """The parts on one topic; `base` lifts the ranks of a second topic above all of the first's."""
    phrases = content("phrases")

    def pick(name: str) -> tuple[Line, ...]:
        return chance.choice(phrases[name])

    parts = [] if first else [Part(base, pick("more"))]
    parts.append(Part(base, chance.choice(sections["question"])))
    if manner == "ordinary" and first:
        parts.append(Part(base + 2, pick("identification")))
    probing = sections.get("probing", [])
    parts += [Part(base + (4 if index < 2 else 6), lines) for index, lines in enumerate(probing)]
    if manner == "ordinary":
        parts += [Part(base + 7, pick("summary")), Part(base + 5, pick("hold"))]
    parts += [Part(base + index * 2, lines) for index, lines in enumerate(sections["answer"])]
    if manner == "ordinary":
        parts.append(Part(base + 1, pick("trial")))
    return parts


def _filled(part: Part, fill: dict[str, str]) -> Part:
    return Part(part.rank, tuple(Line(line.who, line.text.format(**fill), line.loud) for line in part.lines))
