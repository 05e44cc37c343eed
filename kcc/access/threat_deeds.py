"""How the audit's lines about a reported threat read, in the past tense, for kcc.access.deeds."""

from kcc.access.actions import Action
from kcc.errors import N_

DEEDS = {
    Action.INCIDENT_WITHDRAW: N_("Took the report of a threat back"),
    Action.INCIDENT_READ: N_("Looked at a reported threat"),
    Action.INCIDENT_DECIDE: N_("Decided on a measure after a threat"),
    Action.INCIDENT_KEEP: N_("Decided how long a threat is kept"),
    Action.INCIDENT_END: N_("Ended the longer keeping of a threat"),
    Action.THREATS_COUNT: N_("Looked at the counts of threats"),
}
ACTS = {
    (Action.INCIDENT_DECIDE, "proposed"): N_("Proposed a measure after a threat"),
    (Action.INCIDENT_DECIDE, "confirmed"): N_("Agreed to a measure after a threat"),
    (Action.INCIDENT_DECIDE, "dropped"): N_("Took the proposal of a measure after a threat away"),
    (Action.INCIDENT_DECIDE, "closed"): N_("Wrote down what came of a measure after a threat"),
    (Action.INCIDENT_KEEP, "kept longer"): N_("Kept a threat longer"),
    (Action.INCIDENT_KEEP, "settling"): N_("Said that a threat is settled"),
    (Action.INCIDENT_KEEP, "settled"): N_("Said as the second of both that a threat is settled"),
    (Action.INCIDENT_KEEP, "looked again"): N_("Looked again whether a threat must still be kept"),
    (Action.INCIDENT_END, "left"): N_(
        "Left a threat to the team lead of somebody who does not work there any more"
    ),
    (Action.INCIDENT_END, "back"): N_("Gave a threat back to somebody who works there again"),
    (Action.INCIDENT_END, "told"): N_("Told the present team lead of a reported threat"),
    (Action.INCIDENT_END, "reminded"): N_("Reminded that a threat must be looked at again"),
}
OF_ONE = frozenset(DEEDS) - {Action.THREATS_COUNT}
"""What is done about one threat, not about their number."""
