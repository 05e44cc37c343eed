"""What is written beside a refused call: why, in both languages, and until when it is kept; who reads it and
acts on it is refused's.
"""

import gettext
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kcc.config import Settings
from kcc.errors import KccError
from kcc.recordings import beside, rules
from kcc.recordings.answers import SENTENCES
from kcc.recordings.delivery import FileAnswer
from kcc.recordings.source_files import COMPANIONS, Source, SourceFault
from kcc.recordings.sources.metadata import MetadataInvalid

KEPT = timedelta(days=7)
A_DAY = timedelta(days=1)
_TRANSLATIONS = Path(__file__).parents[2] / "web" / "translations"
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)")
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Reason:
    """Why files were refused, and when they are removed."""

    code: str
    rule: str | None
    nl: str
    en: str
    refused_at: datetime
    purged_at: datetime
    files: tuple[str, ...]

    def text(self) -> str:
        """As it is written beside the files."""
        values = {
            "code": self.code,
            "rule": self.rule,
            "nl": self.nl,
            "en": self.en,
            "refused_at": self.refused_at.isoformat(),
            "purged_at": self.purged_at.isoformat(),
            "files": list(self.files),
        }
        return json.dumps(values, indent=2) + "\n"


def read(path: Path) -> Reason | None:
    """A reason that was written before; None if it cannot be read."""
    try:
        values = json.loads(path.read_text())
        files = tuple(Path(str(name)).name for name in values["files"])
        moments = [datetime.fromisoformat(values[name]) for name in ("refused_at", "purged_at")]
        if any(moment.utcoffset() is None for moment in moments):
            return None
        told = (str(values["code"]), values["rule"], str(values["nl"]), str(values["en"]))
        return Reason(*told, moments[0], moments[1], files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sentence(answer: FileAnswer, language: str) -> str:
    """Why, in a language; all faults of the metadata, not the first alone."""
    words = gettext.translation("messages", _TRANSLATIONS, [language], fallback=True)

    def told(fault: KccError) -> str:
        text = words.gettext(fault.message)
        return text % fault.params if fault.params else text

    if isinstance(answer.fault, MetadataInvalid):
        return " ".join(f"{one.field}: {told(one)}" for one in answer.fault.faults)
    if answer.fault is not None:
        return told(answer.fault)
    return words.gettext(SENTENCES.get(answer.code, answer.message))


def purged_at(
    place: Path, names: Iterable[str], now: datetime, settings: Settings, recorder: str
) -> datetime:
    """Until when refused files are kept: 7 days, or the call's deadline if that is earlier (RET-1).

    Of a call whose start nobody can tell, no sound is younger than its file: it goes as if it had started
    when the file was written last, but stays a day, because that time may be anything.
    """
    days, names = settings.limits.recording_days, list(names)
    starts = [start for name in names if (start := _start(place / name, settings, recorder)) is not None]
    if starts:
        return min(now + KEPT, rules.due_at(min(starts), days))
    written = [_written(place / name) for name in names]
    latest = max((one for one in written if one is not None), default=now)
    return min(now + KEPT, max(rules.due_at(latest, days), now + A_DAY))


def line_of(place: Path, names: Iterable[str]) -> set[str]:
    """Lines that are named by metadata which otherwise cannot be used."""
    found: set[str] = set()
    for name in names:
        if name.endswith(COMPANIONS):
            named = re.findall(rb'"line"\s*:\s*"([A-Za-z0-9_.+-]{1,64})"', _head(place / name))
            found |= {one.decode() for one in named}
    return found


def _start(path: Path, settings: Settings, recorder: str) -> datetime | None:
    """When the call of a companion started: as it says, or the earliest moment in it."""
    if not path.name.endswith(COMPANIONS):
        return None
    try:
        with Source(path) as source:
            described, _ = beside.describe(source, settings, recorder)
        return min(part.call.start for part in described.parts)
    except KccError:
        moments = [_instant(found) for found in _MOMENT.findall(_head(path))]
        return min((moment for moment in moments if moment is not None), default=None)


def _instant(text: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(text.decode().upper().replace(" ", "T"))
    except ValueError:
        return None


def _head(path: Path) -> bytes:
    try:
        with Source(path) as source:
            return source.read(_HEAD)
    except SourceFault:
        return b""


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime).astimezone()
    except (OSError, OverflowError, ValueError):
        return None
