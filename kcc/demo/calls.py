"""The plan of the demo's calls: whose, when, how long, on which line and why; the sound is made elsewhere."""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kcc.clock import local_day, start_of_day
from kcc.demo import demand, lines, names, office_hours
from kcc.demo.centre import NEWCOMER, RENUMBERED, Centre
from kcc.demo.demand import Kind
from kcc.demo.office_hours import Diary, Span
from kcc.demo.staff import Person

TERM = timedelta(days=28)
"""RET-1: what is older than this at `now` is past due."""
SOON = timedelta(hours=1)
LEAST_OPEN = timedelta(minutes=30)
"""With less office time than this in its window, a call falls to a duty officer at any hour of the window."""
UNKNOWN_AGENT = "9999"

# (encoding, channels): weight. Plain PCM and stereo only for shorter calls, or the demo would fill a disk.
_SHORT = {
    ("alaw", 1): 52,
    ("alaw", 2): 13,
    ("ulaw", 1): 14,
    ("ulaw", 2): 7,
    ("pcm16", 1): 8,
    ("pcm16", 2): 6,
}
_LONG = {("alaw", 1): 80, ("ulaw", 1): 20}
SHORTEST_OUTGOING = 60_000
MAY_BE_OUTGOING = {"ordinary", "internal", "network", "private"}
LONG_FROM = 110_000
"""Milliseconds from which a call is written in the smallest form."""


@dataclass(frozen=True)
class PlannedCall:
    """One call to be written: `kind` says why it is there, the rest is what the recorder knows of it."""

    kind: str
    manner: str
    call_id: str
    start: datetime
    milliseconds: int
    employee: str
    agent_id: str
    direction: str
    scope: str
    line: str
    remote_number: str | None
    nature: str | None
    encoding: str
    channels: int
    employee_channel: int | None

    @property
    def end(self) -> datetime:
        """The instant at which the call was over."""
        return self.start + timedelta(milliseconds=self.milliseconds)


def plan(centre: Centre, seed: int, now: datetime) -> list[PlannedCall]:
    """All calls by start: some 900 over the 28 days before `now`, and 25 past due by up to two days.

    `now` is an aware instant. All begin and end in office hours and before `now`, but for those due for
    erasure within the hour or past due when that time has no office hours: a duty officer answered them.
    Nobody has two calls at once. The same arguments give the same plan.
    """
    return _Planner(centre, seed, now.astimezone(UTC).replace(microsecond=0)).calls()


class _Planner:
    def __init__(self, centre: Centre, seed: int, now: datetime) -> None:
        self.centre, self.seed, self.now = centre, seed, now
        self.chance = random.Random(f"plan/{seed}/{now.isoformat()}")
        self.diary = Diary(self.chance)
        self.found: list[PlannedCall] = []

    def calls(self) -> list[PlannedCall]:
        for kind in sorted(demand.KINDS, key=lambda k: k.when == "month"):  # the narrowest windows first
            staff = self._in_turn(kind)
            for index in range(kind.count):
                self._add(kind, staff[index % len(staff)])
        for person in self.centre.employees():
            count = demand.ORDINARY_NEWCOMER if person.number == NEWCOMER else demand.ORDINARY_EACH
            for _ in range(count):
                self._add(demand.ORDINARY, person)
        return sorted(self.found, key=lambda call: (call.start, call.call_id))

    def _in_turn(self, kind: Kind) -> list[Person]:
        """Who gets the calls of a kind: everybody in turn by chance, but first the showcase employee."""
        staff = self.centre.employees()
        if kind.when != "month":
            # Not who was not there yet, nor who had another agent id on a duty officer's Sunday.
            staff = [person for person in staff if person.number not in {NEWCOMER, RENUMBERED}]
        self.chance.shuffle(staff)
        return sorted(staff, key=lambda person: person.number not in names.SHOWCASE)

    def _spans(self, kind: Kind, person: Person) -> list[Span]:
        late_line = next(line for line in self.centre.lines if line.code == lines.LATE_WELCOME)
        if late_line.welcome_text_since is None:
            raise ValueError(late_line.code)
        told = start_of_day(late_line.welcome_text_since)
        due = self.now - TERM
        begin, end = {
            "month": (due + SOON, self.now),
            "past_due": (due - timedelta(days=2), due),
            "due_soon": (due + timedelta(minutes=4), due + SOON),
            "before_welcome": (due + SOON, told),
            "after_welcome": (told, self.now),
        }[kind.when]
        begin = max(begin, start_of_day(person.current.begins))
        spans = list(office_hours.within(begin, end))
        open_for = sum((closes - opens for opens, closes in spans), timedelta())
        return spans if open_for >= LEAST_OPEN else [(begin, end)]

    def _add(self, kind: Kind, person: Person) -> None:
        length = self._length(kind)
        start = self.diary.book(person.number, self._spans(kind, person), timedelta(milliseconds=length))
        if start is None:
            raise ValueError(f"no free moment for a call of {person.number} ({kind.name})")
        self.found.append(self._planned(kind, person, start, length))

    def _length(self, kind: Kind) -> int:
        """Milliseconds, in steps of 20 (one packet of a telephone exchange)."""
        least, median, most = kind.seconds
        seconds = median * self.chance.lognormvariate(0, 0.5)
        while not least <= seconds <= most:
            seconds = median * self.chance.lognormvariate(0, 0.5)
        return int(seconds * 50) * 20

    def _planned(self, kind: Kind, person: Person, start: datetime, length: int) -> PlannedCall:
        chance = self.chance
        day = local_day(start)
        agent = UNKNOWN_AGENT if kind.name == "unknown_agent" else person.agent_id_on(day)
        # Calling back takes a longer opening sentence.
        outgoing = length >= SHORTEST_OUTGOING and kind.manner in MAY_BE_OUTGOING and chance.random() < 0.2
        forms = _LONG if length >= LONG_FROM else _SHORT
        encoding, channels = kind.form or chance.choices(list(forms), list(forms.values()))[0]
        identity = f"{self.seed}/{len(self.found)}/{start.isoformat()}"
        return PlannedCall(
            kind=kind.name,
            manner="ordinary" if kind.name == "long" else kind.manner,
            call_id=hashlib.sha256(identity.encode()).hexdigest()[:24],
            start=start,
            milliseconds=length,
            employee=person.number,
            agent_id=agent,
            direction="outgoing" if outgoing else "incoming",
            scope=kind.scope,
            line=kind.line or lines.BY_TEAM[person.current.team or ""],
            remote_number=None if kind.scope == "internal" else self._number(),
            nature=kind.nature,
            encoding=encoding,
            channels=channels,
            employee_channel=chance.randrange(2) if channels == 2 else None,
        )

    def _number(self) -> str | None:
        """An E.164 number of a range that is given to nobody; now and then the caller withheld it."""
        if self.chance.random() < 0.06:
            return None
        return f"+31600{self.chance.randrange(10**6):06d}"
