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
    "selection.announced": N_(
        "On %(day)s the system draws at random at most %(count)d of your calls for your coach."
    ),
    "selection.moved": N_(
        "The selection of %(was)s moves to %(day)s. Then the system draws at random at most %(count)d of your"
        " calls for your coach."
    ),
    "selection.withdrawn": N_("The selection of %(day)s does not take place."),
    "selection.drawn": N_(
        "A draw among your calls has been held. Under My draws you see how many calls were in it and how many"
        " were drawn, and you can check that it was fair."
    ),
    "selection.calls_drawn": N_("Calls of %(employee)s have been drawn. They stand in your samples."),
    "unannounced.asked": N_("%(employee)s asks not to announce selection dates beforehand. Answer this."),
    "unannounced.agreed": N_(
        "%(coach)s agrees: from now on your selection dates are not announced. You can take this back at any"
        " time."
    ),
    "unannounced.refused": N_(
        "%(coach)s does not agree: your selection dates stay announced. You find the reason at your selection"
        " days."
    ),
    "unannounced.revoked": N_("%(employee)s wants selection dates announced again. Dates may have moved."),
    "unannounced.lapsed": N_(
        "Your coach has changed. What you agreed ends with that: your selection dates are announced again."
    ),
    "exception.made": N_(
        "From %(day)s until %(last)s at most %(count)d of your calls a month are drawn. You find the reason"
        " at your selection days."
    ),
    "exception.ended": N_(
        "Another number of calls a month no longer holds for you. From now on at most %(count)d are drawn a"
        " month."
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
    "police_copy.taken": N_(
        "%(lead)s has taken a copy of your call out for the police, as you decided together."
    ),
    "training.invited": N_("%(trainer)s has put you in the training “%(name)s”. It begins on %(day)s."),
    "reports.finished": N_("%(coach)s has finished a report on one of your calls. You can read it."),
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
    "threat.together": N_(
        "%(employee)s asks you to hear a reported call together. Join from the page My team, within an hour."
    ),
    "summary.given": N_(
        "%(coach)s has written a summary for your appraisal cycle. You read it first, and may add a view. It"
        " goes to your team lead when you pass it on, or %(days)d days after you first read it."
    ),
    "summary.taken_back": N_(
        "%(coach)s has taken back the summary for your appraisal cycle, to change it. Nobody else read it."
    ),
    "summary.passed": N_(
        "The summary for your appraisal cycle has gone to your team lead, because the days for it had passed."
    ),
    "summary.passed_coach": N_(
        "The summary for the appraisal cycle of %(employee)s has gone to the team lead."
    ),
    "summary.erased": N_(
        "The summaries for your appraisal cycle have been erased, because your function of %(function)s has"
        " ended."
    ),
    "ending.waiting": N_(
        "An import or the directory ended the function of %(function)s of %(person)s on %(day)s. Confirm it,"
        " or say that it was a mistake. On %(last)s it counts as confirmed."
    ),
    "opinion.waiting": N_("A second opinion is asked for. Any other coach can take it."),
    "opinion.asked": N_("%(employee)s asks another coach for a second opinion on your report of %(day)s."),
    "opinion.taken": N_("%(coach)s gives the second opinion that you asked for."),
    "opinion.withdrawn": N_("%(employee)s has withdrawn the question of %(day)s for a second opinion."),
    "opinion.scored": N_(
        "The second opinion that was asked for on %(day)s is there. Both coaches' scores stand side by side."
    ),
    "opinion.lapsed": N_(
        "The second opinion that was asked for on %(day)s was not there within 14 days, and has ended."
    ),
    "opinion.erased": N_(
        "The second opinion that was asked for on %(day)s has ended: the recording reached its erasure date"
        " before another coach had begun to score it."
    ),
    "opinion.threat": N_(
        "The second opinion that was asked for on %(day)s has ended, because the call was reported as a"
        " threat."
    ),
    "opinion.function": N_(
        "The second opinion that was asked for on %(day)s has ended, because somebody's function ended. As"
        " long as the call can be heard, it can be asked for again."
    ),
    "opinion.succeeded": N_(
        "The second opinion that was asked for on %(day)s has ended, because the coach who was to give it has"
        " become the coach of %(employee)s. As long as the call can be heard, it can be asked for again."
    ),
    "opinion.report": N_(
        "The second opinion that you took, of %(day)s, has ended, because its report is erased."
    ),
    "opinion.agreed": N_(
        "%(person)s has confirmed the conclusion after the second opinion. Once you confirm it, too, it"
        " stands."
    ),
    "opinion.reopened": N_(
        "%(person)s has changed the conclusion after the second opinion. Both of you confirm it again."
    ),
    "opinion.concluded": N_("The second opinion that was asked for on %(day)s is concluded."),
    "criteria.published": N_(
        "From %(day)s calls are monitored by new criteria. You can read them now, and what changes, under"
        " Criteria."
    ),
    "reports.talk_proposed": N_(
        "%(coach)s proposes a conversation about one of your reports. Choose a moment, or ask for another."
    ),
    "reports.talk_moved": N_(
        "%(coach)s proposes another moment for the conversation about your report. What you had agreed no"
        " longer holds."
    ),
    "reports.talk_agreed": N_(
        "The conversation with %(person)s about a report is on %(day)s at %(time)s. The entry for your"
        " calendar is with the report."
    ),
    "reports.talk_another": N_("%(employee)s asks for another moment for the conversation about a report."),
    "reports.talk_cancelled": N_(
        "The conversation with %(person)s about a report, on %(day)s at %(time)s, is cancelled."
    ),
    "reports.talk_withdrawn": N_(
        "%(coach)s has withdrawn the proposal for a conversation about your report."
    ),
    "reports.view_shared": N_("%(person)s has shared a view with a report. You can read it there."),
    "reports.text_changed": N_(
        "%(person)s changed the text of a report that you had signed. Read what changed, and sign again if"
        " you agree."
    ),
    "reports.signed_first": N_("%(person)s has signed a report. Read it, and sign if you agree."),
    "reports.signed_off": N_("You and %(person)s have both signed a report."),
    "threat.reported": N_(
        "%(employee)s has reported a threat. Talk with each other; you hear what was said only together."
    ),
    "threat.reported_contact": N_(
        "%(employee)s has reported a threat and asks that you come to them. You hear what was said only"
        " together."
    ),
    "threat.withdrawn": N_("%(employee)s has taken the report of a threat back."),
    "threat.yours": N_("A threat that %(employee)s reported waits for you, as their present team lead."),
    "threat.left": N_(
        "%(employee)s does not work in your team any more. A threat that they reported still stands: you"
        " finish what was agreed on your own."
    ),
    "threat.proposed_employee": N_("%(employee)s proposes a measure after a threat. Look whether you agree."),
    "threat.proposed_lead": N_("%(person)s proposes a measure after a threat. Look whether you agree."),
    "threat.agreed_employee": N_("%(employee)s agrees to a measure after a threat. It now stands."),
    "threat.agreed_lead": N_("%(person)s agrees to a measure after a threat. It now stands."),
    "threat.longer_employee": N_("%(employee)s keeps the calls of a threat longer, and says why."),
    "threat.longer_lead": N_("%(person)s keeps the calls of a threat longer, and says why."),
    "threat.settling_employee": N_(
        "%(employee)s says that a threat is settled. If you agree, its calls are erased."
    ),
    "threat.settling_lead": N_(
        "%(person)s says that a threat is settled. If you agree, its calls are erased."
    ),
    "threat.settled_employee": N_(
        "You and %(employee)s both say that a threat is settled. Its calls are erased."
    ),
    "threat.settled_lead": N_("You and %(person)s both say that a threat is settled. Its calls are erased."),
    "threat.review": N_(
        "The calls of a threat are to be looked at again before %(day)s. Look before that day whether they"
        " are still needed."
    ),
    "case.to_sign": N_(
        "%(person)s asks for your signature in a case of weighty reasons. You find it under Weighty reasons."
    ),
    "case.proposed": N_("A case of weighty reasons was put forward. It waits for its second signature."),
    "case.asked": N_("In a case of weighty reasons more time, or a later telling, was asked for."),
    "case.opened": N_("A case of weighty reasons has opened: two have signed it."),
    "case.extended": N_("A case of weighty reasons takes longer: two have signed that."),
    "case.postponed": N_("In a case of weighty reasons the employee is told later: two have signed that."),
    "case.listen": N_("You are named as listener in a case of weighty reasons, until %(day)s."),
    "case.suspended": N_("The data protection officer has suspended a case of weighty reasons."),
    "case.resumed": N_("The data protection officer lets a suspended case of weighty reasons go on."),
    "case.told": N_("The employee was told of a case of weighty reasons."),
    "case.to_write": N_(
        "An employee about whom there is a case of weighty reasons no longer works here. kcc cannot"
        " tell them: write them a letter."
    ),
    "case.unasked": N_("What was asked in a case of weighty reasons was taken back."),
    "case.ended": N_("A case of weighty reasons has ended."),
    "case.about_you": N_(
        "There is a case of weighty reasons about you. You read who decided it, and about which calls, under"
        " Who did what with my data."
    ),
    "case.ended_about_you": N_("The case of weighty reasons about you has ended."),
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

PAGES: Mapping[str, str] = {
    "selection.drawn": "draws.own",
    "selection.calls_drawn": "coaching.board",
    **dict.fromkeys([word for word in SENTENCES if word.startswith("reports.")], "coaching.reports"),
    **dict.fromkeys([word for word in SENTENCES if word.startswith("summary.")], "summaries.show_all"),
}
"""The page (its endpoint) to which a notice leads on, where it has one."""


def topic(word: str) -> str:
    """What a word is about: the part before its dot."""
    return word.partition(".")[0]
