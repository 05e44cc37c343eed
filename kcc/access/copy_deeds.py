"""How the audit's lines about copies of calls read (SUB-2, GOV-3, THR-5); all others stand in deeds."""

from collections.abc import Mapping

from kcc.access.actions import Action
from kcc.errors import N_

DEEDS: Mapping[Action, str] = {
    Action.DISCLOSURE_LIST: N_("Opened the register of covered copies"),
    Action.DISCLOSURE_REGISTER: N_("Registered a request for a covered copy of a call"),
    Action.DISCLOSURE_MARK: N_("Looked what is covered in a copy of a call"),
    Action.DISCLOSURE_PLAY: N_("Opened a call to cover names in a copy of it"),
    Action.DISCLOSURE_TAKE: N_("Took out a covered copy of a call"),
    Action.POLICE_COPY_MAKE: N_("Made a copy of a threat's call ready for the police"),
    Action.POLICE_COPY_TAKE: N_("Took out a copy of a threat's call for the police"),
}
ACTS: Mapping[tuple[Action, str], str] = {
    (Action.DISCLOSURE_MARK, "saved"): N_("Said what is covered in a copy of a call"),
    (Action.POLICE_COPY_MAKE, "looked"): N_("Looked at the copies of a threat's calls for the police"),
}
KIND = frozenset(DEEDS) - {Action.DISCLOSURE_PLAY}
"""What stands with copies where somebody looks at acts by kind; hearing stands with hearing."""
