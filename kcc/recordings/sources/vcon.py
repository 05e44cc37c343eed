"""vCons (drafts 0.0.1 to 0.5.0): the recordings in them, their employees and their sound; fetches nothing and
judges no call.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cryptography import x509
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kcc.errors import N_
from kcc.recorder_settings import Vcons
from kcc.recordings.sources import signed, times
from kcc.recordings.sources.content import Content, content_of
from kcc.recordings.sources.described import Described, Spell, divide
from kcc.recordings.sources.metadata import unusable

RECORDINGS = 32
"""More recordings than this are in no vCon of one conversation."""

BARE = {"audio/pcma": "alaw", "audio/pcmu": "ulaw", "audio/g722": "g722"}
"""Media types of samples without any head; all else is recognised by its bytes, whatever is said of it."""
_VERSION = re.compile(r"0\.(0\.[1-3]|[1-5]\.\d{1,2})")


def _text(value: object) -> object:
    """Tolerant where nothing hangs on it: what is no text is not there."""
    return value if isinstance(value, str) else None


def _index(value: object) -> object:
    return value if type(value) is int and value >= 0 else None


def _channels(value: object) -> object:
    """The parties of a dialog by channel: the drafts allow one index, a list, and lists in it."""
    rows = value if isinstance(value, list) else [value]
    return [
        [one for one in (row if isinstance(row, list) else [row]) if _index(one) is not None] for row in rows
    ]


def _objects(value: object) -> object:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


Text = Annotated[str | None, BeforeValidator(_text)]
Index = Annotated[int | None, BeforeValidator(_index)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(_Read):
    """Something that a party did in a dialog, such as join or drop."""

    party: Index = None
    time: Text = None
    event: Text = None


class Dialog(_Read):
    """One dialog; the sound of one of type recording is in `content`."""

    type: Text = None
    start: Text = None
    parties: Annotated[list[list[int]], BeforeValidator(_channels)] = Field(default_factory=list)
    originator: Index = None
    campaign: Text = None
    mediatype: Text = None
    mimetype: Text = None
    """The same, in the drafts up to 0.0.2."""
    party_history: Annotated[list[Event], BeforeValidator(_objects)] = Field(default_factory=list)


class Vcon(_Read):
    """The parts of a vCon that say something of recordings."""

    vcon: Text = None
    uuid: Annotated[str, Field(min_length=1, max_length=160)]
    parties: Annotated[list[dict[str, Any]], BeforeValidator(_objects)] = Field(default_factory=list)
    dialog: Annotated[list[dict[str, Any]], BeforeValidator(_objects)] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of a vCon: the call or its parts, and where its sound is."""

    described: Described
    content: Content
    second: Content | None = None
    """The other party's sound, where each has one of their own."""


def read(
    data: bytes,
    settings: Vcons,
    trusted: Sequence[x509.Certificate],
    now: datetime,
    recorder: str | None = None,
) -> list[Recording]:
    """The recordings in a vCon, signed or not; raises MetadataInvalid, whatever the bytes are.

    A signature must hold if there is one; whether there must be one is a setting. `recorder` stands before
    the setting's.
    """
    if len(data) > settings.max_mb * 1024 * 1024:
        raise unusable(N_("The vCon is larger than %(limit)s MiB."), limit=settings.max_mb)
    document = _object(data)
    if "payload" in document and ("signatures" in document or "signature" in document):
        document = _object(signed.payload(document, trusted, now))
    elif not settings.accept_unsigned:
        raise signed.NotTrusted
    vcon = _checked(document)
    numbered = [(number, one) for number, one in enumerate(vcon.dialog) if one.get("type") == "recording"]
    found = _paired(numbered)
    if not found or len(numbered) > RECORDINGS:
        raise unusable(N_("The vCon holds no recording, or too many of them."))
    named = recorder or settings.recorder
    return [_recording(vcon, one, settings, named, len(found) == 1) for one in found]


def _object(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise unusable(N_("The metadata is not valid JSON.")) from None
    if not isinstance(values, dict):
        raise unusable(N_("The metadata is not a JSON object."))
    return values


def _checked(document: dict[str, Any]) -> Vcon:
    try:
        vcon = Vcon.model_validate(document)
    except (ValidationError, RecursionError):
        raise unusable(N_("This JSON is no vCon: it has no uuid.")) from None
    if vcon.vcon is not None and not _VERSION.fullmatch(vcon.vcon):
        raise unusable(N_("This vCon is of a version that kcc does not read; it reads 0.0.1 to 0.5.0."))
    return vcon


def _recording(
    vcon: Vcon,
    found: tuple[int, dict[str, Any], Content | None],
    settings: Vcons,
    recorder: str,
    alone: bool,
) -> Recording:
    number, raw, second = found
    dialog = Dialog.model_validate(raw)
    zone = ZoneInfo(settings.timezone) if settings.timezone else None
    start = times.read("start", dialog.start or "", zone)
    present = [one for channel in dialog.parties for one in channel]
    present += [one.party for one in dialog.party_history if one.party is not None and one.event == "join"]
    people = sorted({one for one in present if one < len(vcon.parties)})
    agents = {one: agent for one in people if (agent := agent_id(vcon.parties[one], settings))}
    others = [one for one in people if one not in agents]
    # The drafts: where no originator is named, the first party is it.
    first = dialog.originator if dialog.originator is not None else next(iter(present), None)
    values = {
        "call_id": vcon.uuid if alone else f"{vcon.uuid}/dialog/{number}",
        "direction": "outgoing" if first in agents else "incoming",
        "scope": "internal" if len(agents) > 1 and not others else "external",
        "line": settings.lines.get(dialog.campaign or "", settings.line),
        "remote_number": _number(vcon.parties[others[0]]) if others else None,
        "sound_format": BARE.get(
            (dialog.mediatype or dialog.mimetype or "").partition(";")[0].strip().lower()
        ),
    }
    spells = [spell for one, agent in agents.items() for spell in _spells(dialog, one, agent, zone)]
    return Recording(divide(recorder, values, start, spells, others=len(others)), content_of(raw), second)


_Numbered = tuple[int, dict[str, Any]]


def _paired(found: list[_Numbered]) -> list[tuple[int, dict[str, Any], Content | None]]:
    """Recordings, two that are the two sides of one call as one: SIPREC adapters write each stream by itself.

    Two sides have the same start and one party each, another one, and no third recording has that start.
    """
    sides: dict[str, list[_Numbered]] = {}
    for number, one in found:
        sides.setdefault(str(one.get("start")), []).append((number, one))
    paired: list[tuple[int, dict[str, Any], Content | None]] = []
    for pair in sides.values():
        parties = [_sole(one) for _, one in pair]
        if len(pair) == 2 and None not in parties and parties[0] != parties[1]:
            (number, first), (_, second) = pair
            history = [*_list(first.get("party_history")), *_list(second.get("party_history"))]
            # Each side names itself as originator; without one it is the first party, as the drafts have it.
            joined = {**first, "parties": parties, "party_history": history, "originator": None}
            paired.append((number, joined, content_of(second)))
        else:
            paired += [(number, one, None) for number, one in pair]
    return sorted(paired, key=lambda one: one[0])


def _sole(dialog: dict[str, Any]) -> int | None:
    people = [one for row in Dialog.model_validate(dialog).parties for one in row]
    return people[0] if len(people) == 1 else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def agent_id(party: dict[str, Any], settings: Vcons) -> str | None:
    """The agent id of a party who is an employee: by role where one is set, and by the configured members."""
    meta = party.get("meta")
    roles = [one.get("role") for one in (party, meta) if isinstance(one, dict)]
    if settings.agent_role and settings.agent_role not in roles:
        return None
    for key in settings.agent_keys:
        value = party.get(key)
        if isinstance(value, str) and len(value) <= 256:
            found = re.fullmatch(settings.agent_pattern, value.removeprefix("mailto:"))
            if found and found[1]:
                return found[1]
    return None


def _spells(dialog: Dialog, party: int, agent: str, zone: ZoneInfo | None) -> list[Spell]:
    """From each join to the next drop; a party without history is there without a time."""
    named = dialog.parties if len(dialog.parties) == 2 else []
    channel = next((number for number, row in enumerate(named) if party in row), None)
    own = [one for one in dialog.party_history if one.party == party and one.event in ("join", "drop")]
    moments = [(times.read("start", one.time or "", zone), one.event) for one in own]
    spells: list[Spell] = []
    for at, event in sorted(moments, key=lambda one: one[0]):
        if event == "join":
            spells.append(Spell(agent, at, None, channel))
        elif spells and spells[-1].ends is None:
            spells[-1] = Spell(agent, spells[-1].begins, at, channel)
        else:
            spells.append(Spell(agent, None, at, channel))
    return spells or [Spell(agent, channel=channel)]


def _number(party: dict[str, Any]) -> str | None:
    """What can be called back: number or address without its scheme; nothing rather than something odd."""
    for key in ("tel", "sip", "mailto"):
        value = party.get(key)
        if isinstance(value, str):
            user = re.sub(r"^(tel|sips?|mailto):", "", value)
            user = user if key == "mailto" else re.split(r"[@;]", user)[0]
            if 0 < len(user) <= 64 and user.isprintable() and not user.isspace():
                return user
    return None
