"""Lines of the audit as a person reads them: who, as what, what they did to which call, how much was played,
repeated acts told once; the words of a language are the views'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import deeds
from kcc.access.actions import Action
from kcc.audit.searching import Line
from kcc.insight import things
from kcc.people import queries as people
from kcc.recordings import extent
from kcc.recordings.extent import Played
from kcc.recordings.playback import PLAY_ACTIONS

_PLAYS = frozenset(action.value for action in PLAY_ACTIONS)


@dataclass(frozen=True, slots=True)
class Told:
    """One row: an act, or `times` the same one after the other, the first of them at `since`.

    `sentence` and `deed` are still to translate. `gone` says that what the line said was erased on its term.
    """

    line: Line
    sentence: str
    deed: str
    name: str | None
    function: str | None
    purpose: str | None
    about: str | None
    call: things.Call | None
    played: Played | None
    plays: bool
    times: int = 1
    since: datetime | None = None

    @property
    def gone(self) -> bool:
        """Whether only the day and the kind of act are left."""
        return not self.line.said


def rows(
    session: Session, lines: Sequence[Line], reader_id: str, seeing: Session | None = None
) -> list[Told]:
    """The lines as rows, in their order; the same act again and again on one day is one row.

    `seeing` reads which calls they are about and how much was played, where the reader's own session does not
    reach that.
    """
    calls = things.calls(seeing or session, lines, reader_id)
    plays = {str(line.detail.get("lease")): str(line.said["subject"]) for line in lines if _play(line)}
    played = extent.played(seeing or session, plays)
    about = people.names(session, {str(line.said["about"]) for line in lines if line.said.get("about")})
    found = []
    for line, times, since in _folded(lines):
        said = line.said
        found.append(
            Told(
                line=line,
                sentence=deeds.sentence(line.action, line.allowed, line.detail),
                deed=deeds.sentence(line.action, True, {}),
                name=said.get("name"),
                function=said.get("function"),
                purpose=said.get("purpose"),
                about=None if _nameless(line, reader_id) else about.get(str(said.get("about"))),
                call=None if _nameless(line, reader_id) else calls.get(line.id),
                played=played.get(str(line.detail.get("lease"))) if _play(line) else None,
                plays=_play(line),
                times=times,
                since=since,
            )
        )
    return found


def hidden() -> frozenset[str]:
    """Permitted acts that need no row of their own: how much was played stands beside the opening."""
    return frozenset({Action.SOUND_FETCH.value})


def _nameless(line: Line, reader_id: str) -> bool:
    """Whether its reader did it without being told whose call it was (CAL-3)."""
    return line.said.get("actor") == reader_id and line.action in deeds.NAMELESS


def _play(line: Line) -> bool:
    return line.allowed and line.action in _PLAYS and bool(line.said)


def _folded(lines: Sequence[Line]) -> list[tuple[Line, int, datetime | None]]:
    found: list[tuple[Line, int, datetime | None]] = []
    for line in lines:
        if found and not _play(line) and _same(found[-1][0], line):
            newest, times, _ = found[-1]
            found[-1] = (newest, times + 1, line.at)
        else:
            found.append((line, 1, None))
    return found


def _same(one: Line, other: Line) -> bool:
    return _of(one) == _of(other) and clock.local_day(one.at) == clock.local_day(other.at)


def _of(line: Line) -> tuple[object, ...]:
    names = ("actor", "function", "subject", "purpose")
    words = (line.detail.get("act"), line.detail.get("step"), line.detail.get("recording"))
    return (line.action, line.allowed, *(line.said.get(name) for name in names), *words)
