"""How the audit's lines about cases of weighty reasons read; all others stand in deeds."""

from collections.abc import Mapping

from kcc.access.actions import Action
from kcc.errors import N_

DEEDS: Mapping[Action, str] = {
    Action.CASE_LIST: N_("Opened the list of cases of weighty reasons"),
    Action.CASE_PROPOSE: N_("Put a case of weighty reasons forward, and signed it"),
    Action.CASE_READ: N_("Read a case of weighty reasons"),
    Action.CASE_SIGN: N_("Signed a case of weighty reasons"),
    Action.CASE_END: N_("Ended a case of weighty reasons"),
    Action.CASE_PLAY: N_("Opened a call to hear it for weighty reasons"),
    Action.CASE_SUSPEND: N_("Suspended a case of weighty reasons"),
    Action.CASE_OWN: N_("Looked whether a case of weighty reasons is about them"),
    Action.CASE_COUNT: N_("Looked at the counts of cases of weighty reasons"),
    Action.CASE_SWEEP: N_("Did what a case of weighty reasons asks for on its day"),
}
ACTS: Mapping[tuple[Action, str], str] = {
    (Action.CASE_SIGN, "opened"): N_("Signed a case of weighty reasons as the second: it opened"),
    (Action.CASE_SIGN, "extend asked"): N_("Asked, with a signature, for more time for a case"),
    (Action.CASE_SIGN, "extended"): N_("Signed as the second that a case takes longer"),
    (Action.CASE_SIGN, "postpone asked"): N_("Asked, with a signature, to tell the employee later"),
    (Action.CASE_SIGN, "postponed"): N_("Signed as the second that the employee is told later"),
    (Action.CASE_END, "withdrawn"): N_("Took back a question about a case of weighty reasons"),
    (Action.CASE_END, "revoked"): N_("Revoked a signature: a case of weighty reasons ended"),
    (Action.CASE_SUSPEND, "resumed"): N_("Let a suspended case go on"),
    (Action.CASE_SWEEP, "told"): N_("Told an employee of a case of weighty reasons"),
    (Action.CASE_SWEEP, "over"): N_("Ended a case of weighty reasons on its last day"),
    (Action.CASE_SWEEP, "erased"): N_("Erased on term what a case of weighty reasons said"),
}
REFUSED: Mapping[Action, str] = {Action.CASE_PLAY: N_("Tried to hear a call for weighty reasons")}
KIND = frozenset(action for action in Action if action.value.startswith("case:")) - {Action.CASE_PLAY}
"""What somebody may choose to see by itself; the hearing stands with the hearing of calls."""
