"""How the audit's lines about listening together read (THR-2); all others stand in deeds."""

from collections.abc import Mapping

from kcc.access.actions import Action
from kcc.errors import N_

DEEDS: Mapping[Action, str] = {
    Action.JOINT_OPEN: N_("Opened a session to hear a reported call together"),
    Action.JOINT_READ: N_("Looked at a session to listen together"),
    Action.JOINT_JOIN: N_("Joined a session to listen together"),
    Action.JOINT_STEER: N_("Marked a moment for both while listening together"),
    Action.JOINT_PLAY: N_("Opened a reported call to hear it together"),
    Action.JOINT_END: N_("Wrote down who heard a reported call together, and how much"),
}
ACTS: Mapping[tuple[Action, str], str] = {
    (Action.JOINT_JOIN, "beside"): N_("Joined a session to listen together, at the employee's screen"),
    (Action.JOINT_STEER, "ended"): N_("Ended a session to listen together"),
}
REFUSED: Mapping[Action, str] = {
    Action.JOINT_PLAY: N_("Tried to hear a reported call together"),
    Action.JOINT_READ: N_("Tried to see a session to listen together"),
}
KIND = frozenset(DEEDS) - {Action.JOINT_PLAY}
"""What stands with threats where somebody looks at acts by kind; hearing stands with hearing."""
