"""Opening the sound of a joint session: each hears it under a lease of their own, and only while both are
there (THR-2, PUR-1).
"""

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.errors import N_, Refused
from kcc.recordings import playback
from kcc.recordings.model import PlaybackLease
from kcc.threat.joint_listening import presence, queries


def open_together(session: Session, actor: Actor, joint_id: str, minutes: int) -> PlaybackLease:
    """Open the call of a joint session for listening, to verify a threat.

    The lease is asked again while it is used, with who is present: it ends when one of both goes, and whoever
    comes back opens another. Refused, with words, as long as the other is not there.
    """
    subject, now = Subject("joint", joint_id), clock.now()
    facts = queries.facts(session, joint_id, now)
    policy.permit(actor, Action.JOINT_STEER, subject, facts)
    if not {facts.recording.owner_id, facts.lead_id} <= facts.here_ids:
        raise Refused(N_("The sound opens once both of you are here."), rule="THR-2", code="alone")
    permit = policy.permit(actor, Action.JOINT_PLAY, subject, facts, Purpose.THREAT)
    joint = queries.by_id(session, joint_id)
    lease = playback.open_lease(session, permit, subject, joint.recording_id, minutes)
    presence.keep(session, actor, joint_id, listening=True)
    return lease
