"""What each answer of the intake means, in a sentence for a person; the codes themselves come from intake,
registration and rules.
"""

from kcc.errors import N_

SENTENCES = {
    "stored": N_("Stored."),
    "known": N_("Already taken in: this is the same receipt."),
    "internal_call": N_("Registered without sound: internal calls can be heard by nobody."),
    "direct_line": N_(
        "Registered without sound: calls outside the recorded exchange can be heard by nobody."
    ),
    "agent_unknown": N_("Put in quarantine: nobody had this agent id at that moment."),
    "agent_ambiguous": N_("Put in quarantine: several people had this agent id at that moment."),
    "agent_missing": N_("Put in quarantine: its metadata names no employee."),
    "transfer_unclear": N_("Put in quarantine: who of several employees spoke when cannot be told."),
    "private_line": N_("Refused and destroyed: private calls are never kept."),
    "line_unknown": N_("Refused: this line is not in the register of lines."),
    "line_excluded": N_("Refused: calls on this line are not recorded."),
    "no_welcome_text": N_("Refused: the line's welcome text did not yet say that calls are recorded."),
    "start_in_future": N_("Refused: the call starts in the future. Check the recorder's clock."),
    "past_term": N_("Refused: the call is older than recordings may become."),
    "erased": N_("Refused: this call was here and has been erased."),
    "other_bytes": N_("Refused: another recording was taken in under the same id."),
}
"""By code; every other code comes with a sentence of its own."""
