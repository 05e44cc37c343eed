"""SIPREC metadata (RFC 7865): which participants of a recorded session are employees, and when they spoke;
tolerant of what is met in the field, and judges no call.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from kcc.errors import N_
from kcc.recorder_settings import Siprec
from kcc.recordings.sources import times
from kcc.recordings.sources.described import Described, Spell, divide
from kcc.recordings.sources.metadata import unusable
from kcc.recordings.sources.small_xml import Element, parse

FILE_BYTES = 262_144
PARTICIPANTS = 64
"""More people than this are in no telephone call."""

_SCHEME = re.compile(r"(?i)(?:sips?|tel):")
_NAMESPACE = re.compile(r"|urn:ietf:params:xml:ns:recording(:\d+)?")


class Participant(BaseModel):
    """Somebody in the call, by the addresses and names that the recorder knows of them."""

    model_config = ConfigDict(frozen=True)

    id: str
    names: tuple[str, ...]
    calling: bool = False

    def agent_id(self, pattern: str) -> str | None:
        """Their agent id, if one of their names is an employee's; an expression is shown no long text."""
        found = (re.fullmatch(pattern, name) for name in self.names if len(name) <= 256)
        return next((match[1] for match in found if match and match[1]), None)


class Stay(BaseModel):
    """A participant in a session, for a time; what the recorder does not say is None."""

    model_config = ConfigDict(frozen=True)

    participant: str
    session: str | None
    begins: datetime | None
    ends: datetime | None


class Session(BaseModel):
    """A communication session: a call, or a part of one between two transfers."""

    model_config = ConfigDict(frozen=True)

    id: str
    begins: datetime | None
    ends: datetime | None


class Recorded(BaseModel):
    """What a document says, in the order in which it says it."""

    model_config = ConfigDict(frozen=True)

    sessions: tuple[Session, ...]
    participants: tuple[Participant, ...]
    stays: tuple[Stay, ...]
    begins: datetime | None


def describe(data: bytes, settings: Siprec) -> Described:
    """The call that a metadata document describes; raises MetadataInvalid, whatever the bytes are."""
    found = read(data, ZoneInfo(settings.timezone) if settings.timezone else None)
    agents = {one.id: agent for one in found.participants if (agent := one.agent_id(settings.agent_pattern))}
    others = [one for one in found.participants if one.id not in agents]
    spells = [spell for one, agent in agents.items() for spell in _spells(found, one, agent, settings)]
    start = found.begins or min((spell.begins for spell in spells if spell.begins), default=None)
    if start is None:
        raise unusable(N_("The SIPREC metadata do not say when the session began."))
    calling = any(one.calling and one.id in agents for one in found.participants)
    values = {
        "call_id": found.sessions[0].id,
        "direction": "outgoing" if calling else settings.direction,
        "scope": "internal" if len(agents) > 1 and not others else "external",
        "line": settings.line,
        "remote_number": _number(others[0]) if others else None,
        "sound_format": settings.sound_format or None,
    }
    return divide(settings.recorder, values, start, spells, others=len(others))


def read(data: bytes, zone: ZoneInfo | None = None) -> Recorded:
    """What a document says, old drafts of the format and missing associations too; raises MetadataInvalid.

    Times without offset are of `zone`; ids are any text.
    """
    root = parse(data, FILE_BYTES)
    if root.name != "recording" or not _NAMESPACE.fullmatch(root.namespace):
        raise unusable(N_("This XML is no SIPREC metadata."))
    sessions = sorted(
        (_session(one, root, zone) for one in root.named("session")),
        key=lambda one: (one.begins is None, one.begins),
    )
    participants = tuple(_participant(one) for one in root.named("participant"))
    if not sessions or not participants:
        raise unusable(N_("The SIPREC metadata name no session or no participant."))
    if len(participants) > PARTICIPANTS or len({one.id for one in participants}) < len(participants):
        raise unusable(N_("The SIPREC metadata name the same participant twice, or too many of them."))
    stays = tuple(_stay(one, zone) for one in _associations(root))
    known = [one.begins for one in sessions] + [one.begins for one in stays]
    return Recorded(
        sessions=tuple(sessions),
        participants=participants,
        stays=stays,
        begins=min((one for one in known if one), default=None),
    )


def _associations(root: Element) -> list[Element]:
    """Associations stand by themselves; in the drafts before the RFC a participant held its own."""
    inner = [one for one in root.named("participant") if one.get("session") or one.named("associate-time")]
    return [*root.named("participantsessionassoc"), *inner]


def _session(element: Element, root: Element, zone: ZoneInfo | None) -> Session:
    id_ = element.get("session_id", "id")
    if not id_:
        raise unusable(N_("A session or participant of the SIPREC metadata has no id."))
    recorded = [one for one in root.named("sessionrecordingassoc") if one.get("session_id", "session") == id_]
    begins = [
        _time(one, "start-time", zone) or _time(one, "associate-time", zone) for one in (element, *recorded)
    ]
    ends = [_time(element, name, zone) for name in ("stop-time", "end-time", "disassociate-time")]
    ends += [_time(one, "disassociate-time", zone) for one in recorded]
    return Session(id=id_, begins=_first(begins), ends=_first(ends))


def _participant(element: Element) -> Participant:
    id_ = element.get("participant_id", "id")
    if not id_:
        raise unusable(N_("A session or participant of the SIPREC metadata has no id."))
    names = []
    for name_id in element.named("nameid"):
        names += [name_id.get("aor"), *(name.text.strip() for name in name_id.named("name"))]
    marks = [mark for extension in element.named("extensiondata") for mark in extension.named("callingparty")]
    calling = any(mark.text.strip().lower() == "true" for mark in marks)
    return Participant(id=id_, names=tuple(name for name in names if name), calling=calling)


def _stay(element: Element, zone: ZoneInfo | None) -> Stay:
    return Stay(
        participant=element.get("participant_id", "participant", "id"),
        session=element.get("session_id", "session") or None,
        begins=_time(element, "associate-time", zone),
        ends=_time(element, "disassociate-time", zone),
    )


def _spells(found: Recorded, participant: str, agent: str, settings: Siprec) -> list[Spell]:
    """When an employee was there: the association's own time, else its session's; that is no guess, for who
    is associated with a session without a time is in it from its beginning to its end.
    """
    sessions = {one.id: one for one in found.sessions}
    stays = [one for one in found.stays if one.participant == participant]
    spells = []
    for stay in stays or [Stay(participant=participant, session=None, begins=None, ends=None)]:
        session = sessions.get(stay.session or "")
        if session is None and len(sessions) == 1:
            session = found.sessions[0]
        begins = stay.begins or (session.begins if session and len(sessions) > 1 else None)
        ends = stay.ends or (session.ends if session else None)
        spells.append(Spell(agent, begins, ends, settings.employee_channel))
    return spells


def _time(element: Element, name: str, zone: ZoneInfo | None) -> datetime | None:
    written = [one.text.strip() for one in element.named(name)]
    return times.read("start", written[0], zone) if written and written[0] else None


def _first(found: list[datetime | None]) -> datetime | None:
    return next((one for one in found if one), None)


def _number(participant: Participant) -> str | None:
    """The caller's number or address, without scheme and host; nothing rather than something unreadable."""
    for name in participant.names:
        user = re.split(r"[@;]", _SCHEME.sub("", name, count=1))[0].strip()
        if 0 < len(user) <= 64 and user.isprintable():
            return user
    return None
