"""What a joint session's page and its question of each second show: who is there, where the sound stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.people import queries as people
from kcc.recordings import queries as recordings
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.threat import queries as threat
from kcc.threat.joint_listening import presence, queries, transport
from kcc.threat.joint_listening.model import JointPresence, JointSession
from kcc.threat.joint_listening.rules import BESIDE_LASTS, Moment, Why
from kcc.threat.rules import Span
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class Seen:
    """A joint session as one of both sees it now. `other_id` is None until a team lead has joined; `seated`
    says that this very browser is one of theirs, `beside_until` until when the team lead's proof counts here.
    """

    permit: Permit
    joint: JointSession
    over: Why | None
    names: dict[str, str]
    other_id: str | None
    here_ids: frozenset[str]
    seated: bool
    listening: frozenset[str]
    beside_until: datetime | None
    moment: Moment
    place_ms: int
    of_ms: int
    marks: list[transport.Mark]

    @property
    def both(self) -> bool:
        """Whether both are there."""
        return self.other_id is not None and len(self.here_ids) > 1

    @property
    def playing(self) -> bool:
        """Whether both hear it go on."""
        return self.both and self.over is None and self.moment.playing and self.place_ms < self.of_ms


@dataclass(frozen=True, slots=True)
class Reported:
    """What the employee reported of this call, its words opened; moments in milliseconds from and until."""

    kind: str
    account: str
    moments: list[Span]


def reported(stores: Stores, session: Session, seen: Seen, actor: Actor) -> Reported | None:
    """What both review together (THR-2): for the team lead who joined while both are there, for nobody
    afterwards. Part of what `page` wrote down.
    """
    joined = actor.person_id == seen.joint.lead_id and seen.seated and seen.both
    if seen.over is not None or not (joined or actor.person_id == seen.joint.employee_id):
        return None
    incident = threat.open_incident_for(session, recording_id := seen.joint.recording_id)
    if incident is None:
        return None
    moments = incidents.moments(stores, session, incident.id, recording_id)
    return Reported(incident.kind, incidents.account_of(stores, incident), moments)


def page(session: Session, keys: KeyStore, actor: Actor, joint_id: str) -> Seen:
    """Show a session to one of both, and write down that it was shown; the employee sits down by coming."""
    seen = look(session, keys, actor, joint_id)
    record.act(session, seen.permit, recording=seen.joint.recording_id)
    if actor.person_id == seen.joint.employee_id and seen.over is None:
        queries.locked(session, joint_id)
        if not seen.seated:
            presence.sit_down(session, joint_id, actor.person_id, actor.session_id or "")
        return look(session, keys, actor, joint_id)
    return seen


def look(session: Session, keys: KeyStore, actor: Actor, joint_id: str) -> Seen:
    """The same without a line: what was shown once is asked again each second."""
    now = clock.now()
    facts = queries.facts(session, joint_id, now)
    permit = policy.permit(actor, Action.JOINT_READ, Subject("joint", joint_id), facts)
    joint = queries.by_id(session, joint_id)
    mine = actor.person_id == joint.employee_id
    seats = [row for row in _seats(session, joint) if row is not None]
    of_ms = recordings.by_id(session, joint.recording_id).duration_ms
    moment = queries.moment(session, joint)
    return Seen(
        permit=permit,
        joint=joint,
        over=queries.standing(session, joint, facts, now).over(now),
        names=people.names(session, {joint.employee_id, joint.lead_id or joint.employee_id}),
        other_id=joint.lead_id if mine else joint.employee_id,
        here_ids=facts.here_ids,
        seated=any(
            row.person_id == actor.person_id and row.session_id == actor.session_id and not row.beside
            for row in seats
        ),
        listening=frozenset(row.person_id for row in seats if row.listening) & facts.here_ids,
        beside_until=_beside(seats, facts.here_ids),
        moment=moment,
        place_ms=moment.place(now, of_ms),
        of_ms=of_ms,
        marks=transport.marks(session, keys, joint),
    )


def _seats(session: Session, joint: JointSession) -> list[JointPresence | None]:
    return [
        session.get(JointPresence, (joint.id, person_id), populate_existing=True)
        for person_id in (joint.employee_id, joint.lead_id)
        if person_id
    ]


def _beside(seats: list[JointPresence], here_ids: frozenset[str]) -> datetime | None:
    return next(
        (row.joined_at + BESIDE_LASTS for row in seats if row.beside and row.person_id in here_ids), None
    )
