"""Taking the lowest tickets of a pool, past those whose calls may not be heard now; knows no draw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.facts import RecordingState
from kcc.coaching.model import SampledCall
from kcc.coaching.rules import Skipped
from kcc.recordings.model import Recording

AHEAD = 50
"""Calls looked up at once when the lowest tickets turn out to be gone."""

Lot = tuple[bytes, str]
"""A ticket and the recording it belongs to."""


@dataclass
class Standing:
    """Why calls may not be taken now, looked up in few questions; None where one may."""

    session: Session
    now: datetime
    known: dict[str, Skipped | None] = field(default_factory=dict)

    def look(self, recording_ids: Iterable[str]) -> None:
        """Look up those that are not known yet."""
        new = set(recording_ids) - self.known.keys()
        sampled = set(
            self.session.scalars(select(SampledCall.recording_id).where(SampledCall.recording_id.in_(new)))
        )
        rows = self.session.execute(
            select(Recording.id, Recording.state, Recording.due_at, Recording.sample_barred).where(
                Recording.id.in_(new)
            )
        )
        self.known |= dict.fromkeys(new, Skipped.ERASED)
        for recording_id, state, due_at, barred in rows:
            self.known[recording_id] = self._why(state, due_at, barred, recording_id in sampled)

    def _why(self, state: str, due_at: datetime, barred: bool, sampled: bool) -> Skipped | None:
        if barred:
            return Skipped.THREAT
        if sampled:
            return Skipped.SAMPLED
        if state != RecordingState.LIVE.value:
            return Skipped.NOT_LIVE
        return Skipped.DUE if due_at <= self.now else None


@dataclass
class Picked:
    """The calls taken, and the tickets passed over with the reason of each."""

    taken: list[Lot] = field(default_factory=list)
    skipped: list[tuple[bytes, Skipped]] = field(default_factory=list)

    def passed(self) -> list[str]:
        """The tickets passed over, as the audit cites them."""
        return [f"{ticket.hex()} {why}" for ticket, why in self.skipped]


def pick(lots: Sequence[Lot], count: int, standing: Standing) -> Picked:
    """Take the `count` lowest tickets whose calls may be heard; fewer where the pool has no more."""
    picked = Picked()
    for place, (ticket, recording_id) in enumerate(lots):
        if len(picked.taken) == count:
            break
        if recording_id not in standing.known:
            standing.look(lot[1] for lot in lots[place : place + AHEAD])
        why = standing.known[recording_id]
        if why is None:
            picked.taken.append((ticket, recording_id))
            standing.known[recording_id] = Skipped.SAMPLED
        else:
            picked.skipped.append((ticket, why))
    return picked
