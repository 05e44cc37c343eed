"""Asterisk's call detail records (Master.csv): which call a sound is; finds no files, judges no call."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from kcc.errors import N_, Invalid
from kcc.recorder_settings import Cdr
from kcc.recordings.sources import times
from kcc.recordings.sources.described import Described, Spell, divide
from kcc.recordings.sources.metadata import MetadataInvalid, unusable

FILE_NAME = "Master.csv"
ROW_CHARACTERS = 16_384
"""No row is longer, and memory stays flat whatever is sent."""

BARE = {".alaw": "alaw", ".al": "alaw", ".ulaw": "ulaw", ".ul": "ulaw", ".g722": "g722"}
"""What Asterisk writes without any head, by the suffix that it gives it."""
_EPOCH = re.compile(r"(?:.*-)?(\d{9,11})\.\d+", re.ASCII)
_NEAR = timedelta(minutes=2)
"""A channel is made, and its uniqueid with it, in the moment in which its record starts."""

Row = dict[str, str]


@dataclass(slots=True)
class Records:
    """The rows of answered calls by the name of the sound that they describe, and what was left out."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    calls: int = 0
    unanswered: int = 0
    malformed: int = 0


def read(lines: Iterable[str], settings: Cdr, wanted: frozenset[str] | None = None) -> Records:
    """The records of those sounds (names without suffix; None: count alone); raises for nothing in a row.

    A row of an unanswered call is counted and left out, and so is one that has too few columns.
    """
    records = Records()
    for values in _rows(lines, records):
        if len(values) < len(settings.columns) - 1 or len(values) > len(settings.columns):
            records.malformed += bool(values)
            continue
        row = dict(zip(settings.columns, (*values, "")[: len(settings.columns)], strict=True))
        if row["disposition"].strip().upper() != "ANSWERED":
            records.unanswered += row["disposition"] != "disposition"  # a first line of names is no call
            continue
        records.calls += 1
        for name in names(row) & wanted if wanted is not None else ():
            records.rows.setdefault(name, []).append(row)
    return records


def names(row: Row) -> set[str]:
    """The names, without suffix, that the sound of a row may have: its uniqueid, what its userfield names."""
    found = {row["uniqueid"].strip()}
    if named := row.get("userfield", "").strip().removeprefix("audio:"):
        found.add(re.sub(r"\.[A-Za-z0-9]{2,4}$", "", PurePosixPath(named.replace("\\", "/")).name))
    return found - {""}


def describe(rows: Sequence[Row], settings: Cdr, suffix: str = "") -> Described:
    """The call that the rows of one sound describe, several of them if it was transferred.

    By the sound's suffix the exchange chose how to write it: of bare samples nothing else says what they are.

    Raises MetadataInvalid; TimeUnclear in the hour that the clock has twice and no uniqueid tells which.
    """
    timed = sorted(((_start(row, settings), row) for row in rows), key=lambda one: one[0])
    if not timed:
        raise unusable(N_("There is no answered call in the call records for this sound."))
    first = timed[0][1]
    outgoing = first["dcontext"] in settings.outgoing_contexts
    spells = [spell for start, row in timed if (spell := _spell(start, row, settings)) is not None]
    values = {
        "call_id": first["uniqueid"].strip(),
        "direction": "outgoing" if outgoing else "incoming",
        "scope": "internal" if first["dcontext"] in settings.internal_contexts else "external",
        "line": settings.lines.get(first["dcontext"], first["dcontext"]),
        "remote_number": first["dst" if outgoing else "src"].strip(),
        "sound_format": BARE.get(suffix.lower()),
    }
    start, row = timed[0]
    begins = start if settings.sound_begins == "start" else start + _until_answer(row)
    return divide(settings.recorder, values, begins, spells, others=1)


def _spell(start: datetime, row: Row, settings: Cdr) -> Spell | None:
    outgoing = row["dcontext"] in settings.outgoing_contexts
    named = row[settings.outgoing_agent if outgoing else settings.incoming_agent].strip()
    agent = re.fullmatch(settings.agent_pattern, named)
    if agent is None or not agent[1]:
        return None
    return Spell(agent[1], start + _until_answer(row), start + _seconds(row, "duration"))


def _until_answer(row: Row) -> timedelta:
    """From start to answer: the two lengths say it also in the night in which the clock times do not."""
    return max(_seconds(row, "duration") - _seconds(row, "billsec"), timedelta(0))


def _seconds(row: Row, column: str) -> timedelta:
    written = row[column].strip()
    if not re.fullmatch(r"\d{1,6}", written, re.ASCII):
        message = N_("The call records hold no whole number of seconds in the column %(column)s.")
        raise MetadataInvalid((Invalid(column, message, code="metadata_wrong", column=column),))
    return timedelta(seconds=int(written))


def _start(row: Row, settings: Cdr) -> datetime:
    """When the call started; of two instants the one in which its uniqueid was made, if that says so."""
    try:
        local = datetime.strptime(row["start"].strip(), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone is next
    except ValueError:
        return times.read("start", row["start"])
    found = times.instants(local, ZoneInfo(settings.timezone))
    epoch = _EPOCH.fullmatch(row["uniqueid"].strip())
    if len(found) > 1 and epoch:
        made = datetime.fromtimestamp(int(epoch[1]), UTC)
        found = [instant for instant in found if abs(instant - made) <= _NEAR] or found
    return times.sole("start", found)


def _rows(lines: Iterable[str], records: Records) -> Iterator[list[str]]:
    """The rows; what the format cannot be is counted. A quoted field may not run on: a row is one line."""
    for line in lines:
        if len(line) > ROW_CHARACTERS:
            records.malformed += 1
            continue
        try:
            yield from csv.reader([line], strict=True)
        except csv.Error:
            records.malformed += 1
