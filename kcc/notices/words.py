"""What kcc tells people, one sentence a word; who is told, and when, each verb says itself.

A word is "topic.what": reports.erased has the topic "reports". A sentence never says what a call, a form or a
report held.
"""

from collections.abc import Mapping

from kcc.errors import N_

SENTENCES: Mapping[str, str] = {
    "function.begun": N_("From %(day)s you hold the function of %(function)s."),
    "function.withdrawn": N_("Your function of %(function)s does not begin on %(day)s after all."),
    "function.ending": N_("Your function of %(function)s ends on %(day)s."),
    "function.ending_withdrawn": N_("Your function of %(function)s does not end on %(day)s after all."),
    "function.ended": N_("Your function of %(function)s has ended on %(day)s."),
    "function.reopened": N_(
        "It was a mistake that your function of %(function)s had ended. You hold it again."
    ),
    "coach.assigned": N_("%(coach)s is your coach from %(day)s."),
    "coach.employee_assigned": N_("You are the coach of %(employee)s from %(day)s."),
    "coach.gone": N_(
        "%(coach)s is no longer your coach. Until a successor is named, nobody but you can read the reports"
        " that this coach wrote about you."
    ),
    "coach.employee_gone": N_("You are no longer the coach of %(employee)s."),
    "coach.ending": N_(
        "From %(day)s %(coach)s is no longer your coach. From then on, until a successor is named, nobody but"
        " you can read the reports that this coach wrote about you."
    ),
    "coach.employee_ending": N_("From %(day)s you are no longer the coach of %(employee)s."),
    "coach.ending_withdrawn": N_("%(coach)s stays your coach, also from %(day)s on."),
    "coach.employee_ending_withdrawn": N_("You stay the coach of %(employee)s, also from %(day)s on."),
    "coach.withdrawn": N_("%(coach)s does not become your coach on %(day)s after all."),
    "coach.employee_withdrawn": N_("You do not become the coach of %(employee)s on %(day)s after all."),
    "coach.successor_needed": N_(
        "%(coach)s is no longer a coach. Name a successor for %(count)d employees: until then nobody goes on"
        " with their reports."
    ),
    "consent.asked_calibration": N_(
        "%(coach)s asks whether a call of yours may be used for calibration. You decide, and a no has no"
        " consequences. Look at the call's page."
    ),
    "consent.asked_training": N_(
        "%(coach)s asks whether a call of yours may be used in the training “%(training)s”. You decide, and a"
        " no has no consequences. Look at the call's page."
    ),
    "consent.answered": N_("%(employee)s has answered your question about the use of a call."),
    "consent.offered": N_("%(employee)s offers a call for training or calibration."),
    "calibration.invited": N_(
        "%(coach)s invites you to a calibration session. You can score the call until %(day)s."
    ),
    "calibration.of_yours": N_(
        "%(coach)s has called a calibration session about the call that you offered: %(count)d coaches score"
        " it, until %(day)s. You can take your consent back at any time."
    ),
    "calibration.compared": N_(
        "The forms of a calibration session lie side by side now. You can discuss them until %(day)s."
    ),
    "calibration.ended": N_("A calibration session that you took part in has ended."),
    "training.invited": N_("%(trainer)s has put you in the training “%(name)s”. It begins on %(day)s."),
    "reports.passed": N_("Your reports by %(coach)s have passed to %(successor)s, your coach now."),
    "reports.received": N_(
        "You are the successor of %(coach)s for %(employee)s: reports and open work have passed to you."
    ),
    "reports.erased": N_(
        "Your reports have been erased, because your function of %(function)s has ended. Their number:"
        " %(count)d."
    ),
    "reports.ending": N_(
        "Your function of %(function)s ends on %(day)s. Your reports are erased then; until then you can read"
        " them."
    ),
    "reports.waiting": N_(
        "An import or the directory ended your function of %(function)s on %(day)s. If that is right,"
        " your reports are erased on %(last)s at the latest. If it is a mistake, tell the administrator"
        " before then."
    ),
    "ending.waiting": N_(
        "An import or the directory ended the function of %(function)s of %(person)s on %(day)s. Confirm it,"
        " or say that it was a mistake. On %(last)s it counts as confirmed."
    ),
    "signin.reset": N_(
        "Your second factor was reset: “%(reason)s”. At the next sign-in you choose a new one. Did you not"
        " ask for this? Tell the data protection officer at once."
    ),
    "signin.added": N_(
        "“%(name)s” was added as a way to prove that it is you. Was that not you? Tell the administrator at"
        " once."
    ),
}
"""Every word that somebody can be told, with the places that `tell` fills."""


def topic(word: str) -> str:
    """What a word is about: the part before its dot."""
    return word.partition(".")[0]
