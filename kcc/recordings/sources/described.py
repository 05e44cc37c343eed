"""What a source says of one sound: the employees who spoke in it and when, as one part for each; cuts and
stores nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kcc.recordings.sources.metadata import CallMetadata

NOBODY = "unplaced"
"""Stands for the agent id where a source names none; such a part is always unplaced."""


@dataclass(frozen=True, slots=True)
class Spell:
    """An employee in a call, from one moment to another, on a channel; None where the source does not say."""

    agent_id: str
    begins: datetime | None = None
    ends: datetime | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one recording: a call, between seconds of its sound (None: its beginning, its end).

    `unplaced` is the reason for which it goes to quarantine: whose it is would be a guess.
    """

    call: CallMetadata
    begins: float | None = None
    ends: float | None = None
    unplaced: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the sound as it came."""
        return self.begins is None and self.ends is None


@dataclass(frozen=True, slots=True)
class Described:
    """One sound, its recorder and the parts into which it falls, at least one."""

    recorder: str
    parts: tuple[Part, ...]


def whole(recorder: str, call: CallMetadata) -> Described:
    """A sound that is one employee's call from beginning to end."""
    return Described(recorder, (Part(call),))


def divide(
    recorder: str, values: Mapping[str, object], start: datetime, spells: Sequence[Spell], *, others: int
) -> Described:
    """The parts of a sound that begins at `start`; raises MetadataInvalid.

    `values` are the metadata common to all parts, `others` counts the participants who are no employees. One
    employee with one caller has the whole sound. Of several each has their own time, and where that cannot
    be told they are unplaced; time in which no employee spoke is nobody's and falls away.
    """
    if not spells:
        return Described(recorder, (_part(values, start, Spell(NOBODY), "agent_missing"),))
    if len({spell.agent_id for spell in spells}) == 1 and others <= 1:
        return Described(
            recorder, (_part(values, start, Spell(spells[0].agent_id, channel=spells[0].channel)),)
        )
    heard = [spell for spell in _joined(spells) if spell.ends is None or spell.ends > start]
    if not heard or not any(_clear(spell, heard) for spell in heard):
        return Described(recorder, (_part(values, start, Spell(NOBODY), "transfer_unclear"),))
    if len(heard) == 1:
        return Described(recorder, (_part(values, start, heard[0]),))
    named = [{**values, "call_id": f"{values['call_id']}/{number}"} for number in range(1, len(heard) + 1)]
    parts = [
        _part(own, start, spell, None if _clear(spell, heard) else "transfer_unclear")
        for own, spell in zip(named, heard, strict=True)
    ]
    return Described(recorder, tuple(parts))


def _clear(spell: Spell, all_spells: Sequence[Spell]) -> bool:
    """Whether it can be told when this employee spoke: who has no end stayed only if nobody came after."""
    others = [other for other in all_spells if other is not spell]
    if not others:
        return True
    if spell.begins is None:
        return False
    if spell.ends is None:
        return all(other.begins is not None and other.begins <= spell.begins for other in others)
    return spell.ends > spell.begins


def _joined(spells: Sequence[Spell]) -> list[Spell]:
    """In order of time, what one employee spoke without a pause as one."""
    ordered = sorted(spells, key=lambda one: (one.begins is not None, one.begins, one.agent_id))
    joined: list[Spell] = []
    for spell in ordered:
        last = next((one for one in reversed(joined) if one.agent_id == spell.agent_id), None)
        if last and last.ends and spell.begins and last.begins and spell.begins <= last.ends:
            ends = None if spell.ends is None else max(last.ends, spell.ends)
            joined[joined.index(last)] = Spell(last.agent_id, last.begins, ends, last.channel)
        elif spell not in joined:
            joined.append(spell)
    return joined


def _part(values: Mapping[str, object], start: datetime, spell: Spell, unplaced: str | None = None) -> Part:
    """A part with its own start, from which its own deadline counts; never before the sound's."""
    begins = spell.begins if spell.begins and spell.begins > start else start
    own = {"start": begins, "agent_id": spell.agent_id, "employee_channel": spell.channel}
    call = CallMetadata.of({**values, **own})
    return Part(
        call,
        (begins - start).total_seconds() or None,
        None if spell.ends is None else (spell.ends - start).total_seconds(),
        unplaced,
    )
