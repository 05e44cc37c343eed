"""The employee hears their own call (RGT-1) and sees who else did (ACC-5); coaches' listening lives in
coaching.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject, permit
from kcc.access.purposes import Purpose
from kcc.audit import queries as audit
from kcc.audit import record
from kcc.recordings import extent, playback, queries
from kcc.recordings.model import PlaybackLease, Recording


def open_own(session: Session, actor: Actor, recording_id: str, minutes: int) -> PlaybackLease:
    """Open one of the actor's own calls for listening."""
    facts = queries.own_facts(session, recording_id, clock.now())
    subject = Subject("recording", recording_id)
    allowed = permit(actor, Action.RECORDING_PLAY, subject, facts, Purpose.INSPECTION)
    return playback.open_lease(session, allowed, subject, recording_id, minutes)


TOGETHER = frozenset({Action.JOINT_PLAY.value, Action.JOINT_JOIN.value})


@dataclass(frozen=True, slots=True)
class OwnCall:
    """One call as its employee sees it: the permit, the recording, and who listened, newest first."""

    permit: Permit
    recording: Recording
    listeners: list["Heard"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One opening of a call's sound, and how much was played of it (None: of before that was noted).

    `others` heard it in the same joint session (THR-2), which is one, however often its sound was opened.
    """

    seen: audit.Seen
    played: extent.Played | None
    others: tuple[audit.Seen, ...] = ()


def read_own(session: Session, actor: Actor, recording_id: str) -> OwnCall:
    """Show one of the actor's own calls, and write down that it was shown."""
    facts = queries.own_facts(session, recording_id, clock.now())
    allowed = permit(actor, Action.RECORDING_READ, Subject("recording", recording_id), facts)
    record.act(session, allowed)
    return OwnCall(allowed, queries.by_id(session, recording_id), listeners(session, recording_id))


def listeners(session: Session, recording_id: str) -> list[Heard]:
    """Every opening of a recording's sound, by anybody, under whatever name its subject had; of a case that
    the employee was not told of yet, nothing (WGT-2).
    """
    told = (PlaybackLease.recording_id == recording_id, PlaybackLease.untold.is_(False))
    query = select(PlaybackLease.subject).where(*told).distinct()
    wanted = [action.value for action in (*playback.PLAY_ACTIONS, Action.JOINT_JOIN)]
    acts = audit.acts_on(session, list(session.scalars(query)), wanted)
    alone = [seen for seen in acts if seen.action not in TOGETHER]
    played = extent.played(session, {seen.detail.get("lease", ""): seen.subject for seen in alone})
    found = [Heard(seen, played.get(seen.detail.get("lease", ""))) for seen in alone]
    found += _together(session, [seen for seen in acts if seen.action in TOGETHER])
    return sorted(found, key=lambda heard: heard.seen.at, reverse=True)


def _together(session: Session, acts: list[audit.Seen]) -> list[Heard]:
    """Joint sessions, one each: both names, and what was played once though two heard it."""
    found = []
    for subject in {seen.subject for seen in acts}:
        first: dict[tuple[str, str | None], audit.Seen] = {}
        for seen in acts:  # the newest first: of each person their first remains
            if seen.subject == subject:
                first[seen.name, seen.function] = seen
        opened = [seen for seen in first.values() if seen.action == Action.JOINT_PLAY]
        if opened:
            one = min(opened, key=lambda seen: seen.at)
            others = tuple(seen for seen in first.values() if seen is not one)
            found.append(Heard(one, extent.together(session, subject), others))
    return found
