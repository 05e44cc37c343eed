"""How a line of the audit reads: for each action what was done, in plain words and the past tense; who may do
it stands in policy, how it reads after "may" in words.
"""

from collections.abc import Mapping
from typing import Any

from kcc.access import case_deeds, copy_deeds, joint_deeds, shared_deeds, threat_deeds
from kcc.access.actions import Action
from kcc.access.words import ACTIONS
from kcc.errors import N_

DEEDS: Mapping[Action, str] = {
    Action.PUBLIC_VISIT: N_("Opened a page that is for everybody"),
    Action.SIGN_IN: N_("Signed in to kcc"),
    Action.HOME_VISIT: N_("Came to their own first page"),
    Action.ACCOUNT_MANAGE: N_("Changed something in their own account"),
    Action.POLICY_READ: N_("Read who may reach what"),
    Action.SOUND_FETCH: N_("Played a call"),
    Action.RECORDING_LIST: N_("Opened the list of their own calls"),
    Action.RECORDING_READ: N_("Opened a call's page"),
    Action.RECORDING_PLAY: N_("Opened a call to hear it"),
    Action.THREAT_REPORT: N_("Reported a call as a threat"),
    Action.HOLD_REVIEW: N_("Said that a call is still needed"),
    **threat_deeds.DEEDS,
    Action.ANNOUNCEMENT_READ: N_("Looked when calls will be drawn"),
    Action.DRAW_PHRASE: N_("Looked at the phrase for the draws of their calls"),
    Action.DRAW_LIST: N_("Opened the list of the draws of their calls"),
    Action.DRAW_READ: N_("Looked at a draw of their calls"),
    Action.SAMPLE_LIST: N_("Looked which calls were drawn"),
    Action.SAMPLE_READ: N_("Opened a drawn call and its form"),
    Action.SAMPLE_PLAY: N_("Opened a drawn call to hear it"),
    Action.SAMPLE_REJECT: N_("Took a call out of the sample"),
    Action.REPORT_SCORE: N_("Filled in a form about a call"),
    Action.REPORT_FINISH: N_("Finished a report"),
    Action.REPORT_LIST: N_("Opened the list of their reports"),
    Action.REPORT_READ: N_("Read a report"),
    Action.PROGRESS_READ: N_("Looked how somebody develops over their reports"),
    Action.SUMMARY_LIST: N_("Opened the list of summaries"),
    Action.SUMMARY_READ: N_("Read a summary for the appraisal cycle"),
    Action.SUMMARY_WRITE: N_("Wrote on a summary for the appraisal cycle"),
    Action.SUMMARY_PASS: N_("Passed a summary on to the team lead"),
    Action.SUMMARY_ERASE: N_("Erased a summary for the appraisal cycle"),
    Action.CENTRE_READ: N_("Looked where the centre as a whole stands"),
    Action.CENTRE_COMPUTE: N_("Counted how the centre as a whole did in a quarter"),
    Action.CRITERIA_READ: N_("Read the criteria"),
    Action.CRITERIA_EDIT: N_("Changed the next version of the criteria"),
    Action.CRITERIA_PROPOSE: N_("Put a version of the criteria forward"),
    Action.CRITERIA_CONFIRM: N_("Published a version of the criteria"),
    Action.OPINION_ASK: N_("Asked for a second opinion"),
    Action.OPINION_WITHDRAW: N_("Withdrew a question for a second opinion"),
    Action.OPINION_LIST: N_("Looked which second opinions wait for a coach"),
    Action.OPINION_TAKE: N_("Took a second opinion"),
    Action.OPINION_PLAY: N_("Opened a call to hear it for a second opinion"),
    Action.OPINION_SCORE: N_("Filled in a form for a second opinion"),
    Action.OPINION_COMPARE: N_("Looked at both coaches' scores side by side"),
    Action.OPINION_CONCLUDE: N_("Worked on the conclusion of a second opinion"),
    Action.REPORT_TAKE: N_("Took a report along as a PDF"),
    Action.REPORT_SIGN: N_("Signed a report"),
    Action.CONVERSATION_PROPOSE: N_("Proposed a conversation about a report"),
    Action.CONVERSATION_ANSWER: N_("Accepted a conversation about a report"),
    Action.CONVERSATION_WRITE: N_("Wrote in a report after the conversation"),
    Action.CONSENT_GIVE: N_("Let a call be used for training or calibration"),
    Action.CONSENT_WITHDRAW: N_("Refused the use of a call, or took it back"),
    Action.CONSENT_ASK: N_("Asked for the use of a call in a training or calibration"),
    **shared_deeds.DEEDS,
    **joint_deeds.DEEDS,
    **case_deeds.DEEDS,
    Action.TEAM_READ: N_("Looked who is in their team"),
    Action.STATUS_READ: N_("Looked at counts, jobs and alarms"),
    Action.CLOCK_CONFIRM: N_("Vouched for the clock"),
    Action.LINES_READ: N_("Looked at the register of lines"),
    Action.LINE_CHANGE: N_("Changed a line"),
    Action.MY_DATA_READ: N_("Looked who did what with their data"),
    Action.AUDIT_SEARCH: N_("Searched the log"),
    Action.AUDIT_EXPORT: N_("Took lines out of the log"),
    Action.AUDIT_WATCH: N_("Noticed unusual reading"),
    Action.WATCH_SETTLE: N_("Judged unusual reading"),
    Action.CHECKPOINTS_READ: N_("Looked at the signed checkpoints"),
    Action.DRAWS_OVERSEE: N_("Looked at the draws of everybody, without names"),
    Action.NOTICE_READ: N_("Read what kcc told them"),
    Action.PEOPLE_READ: N_("Looked up who works here, and in which functions"),
    Action.PEOPLE_CHANGE: N_("Changed somebody's functions or coaching"),
    Action.PEOPLE_PROVISION: N_("Told kcc who works here, and in which groups"),
    Action.SECOND_FACTOR_RESET: N_("Let somebody choose new ways to prove who they are"),
    Action.ACCESS_EXPLAIN: N_("Asked whether somebody may do something, and why"),
    Action.METRICS_READ: N_("Read counts for monitoring"),
    Action.RECORDING_INTAKE: N_("Delivered a call"),
    Action.VCON_DELIVER: N_("Delivered a call as a vCon"),
    Action.RECORDING_FIND: N_("Looked up what became of a call"),
    **copy_deeds.DEEDS,
    Action.CALLER_FIND: N_("Looked up calls by a caller's number"),
    Action.CALLER_DIGEST: N_("Made older calls findable by number"),
    Action.RECORDING_ERASE: N_("Erased a call"),
    Action.REPORT_ERASE: N_("Erased a report"),
    Action.OPINION_END: N_("Ended a second opinion"),
    Action.UNANNOUNCED_ASK: N_("Asked that their selection dates are not announced, or took that back"),
    Action.COACHING_PLAN: N_("Looked at the plan of a month, or said how many employees fit in a day"),
    Action.SELECTION_PLAN: N_("Looked at somebody's selection dates, or changed one"),
    Action.UNANNOUNCED_ANSWER: N_("Answered whether selection dates are announced"),
    Action.EXCEPTION_SET: N_("Changed the number of calls for a time"),
    Action.CONSENT_END: N_("Ended what stood on a consent"),
    Action.SELECTION_ANNOUNCE: N_("Announced a selection date"),
    Action.DRAW_RUN: N_("Drew a sample"),
    Action.PEOPLE_IMPORT: N_("Took in who works here"),
    Action.LINES_IMPORT: N_("Took in which lines are recorded"),
    Action.AUDIT_FORGET: N_("Erased on term what log lines said"),
    Action.AUDIT_RESTORED: N_("Stated that the database was restored from a backup"),
    Action.AUDIT_KEY: N_("Let a new key sign the log"),
    Action.TOKEN_CREATE: N_("Made or withdrew a machine's token"),
}
"""What a permitted act reads as; a test holds that none is missing."""

REFUSED: Mapping[Action, str] = {
    Action.SIGN_IN: N_("Tried to sign in"),
    Action.RECORDING_READ: N_("Tried to open a call's page"),
    Action.RECORDING_PLAY: N_("Tried to hear a call"),
    Action.SAMPLE_READ: N_("Tried to open a drawn call and its form"),
    Action.SAMPLE_PLAY: N_("Tried to hear a drawn call"),
    Action.REPORT_READ: N_("Tried to read a report"),
    Action.OPINION_PLAY: N_("Tried to hear the call of a second opinion"),
    **joint_deeds.REFUSED,
    **case_deeds.REFUSED,
    Action.OPINION_COMPARE: N_("Tried to see both coaches' scores side by side"),
}
"""What the usual refused attempts read as; of others it is said what the action would have been."""

_ACTS: Mapping[tuple[Action, str], str] = {
    **threat_deeds.ACTS,
    (Action.ACCOUNT_MANAGE, "sign out"): N_("Signed out"),
    (Action.ACCOUNT_MANAGE, "sign out everywhere"): N_("Signed out everywhere"),
    (Action.ACCOUNT_MANAGE, "sign out elsewhere"): N_("Signed out on other computers"),
    (Action.ACCOUNT_MANAGE, "change password"): N_("Changed their own password"),
    (Action.ACCOUNT_MANAGE, "choose language"): N_("Chose a language"),
    (Action.ACCOUNT_MANAGE, "sign out one"): N_("Signed out on one other computer"),
    (Action.ACCOUNT_MANAGE, "add authenticator app"): N_("Added an authenticator app"),
    (Action.ACCOUNT_MANAGE, "add passkey"): N_("Added a passkey"),
    (Action.ACCOUNT_MANAGE, "remove second factor"): N_("Removed a second way to prove who they are"),
    (Action.ACCOUNT_MANAGE, "renew recovery codes"): N_("Made new recovery codes"),
    (Action.ACCOUNT_MANAGE, "step up"): N_("Proved once more who they are"),
    (Action.PEOPLE_CHANGE, "begin"): N_("Began a function"),
    (Action.PEOPLE_CHANGE, "end"): N_("Ended a function"),
    (Action.PEOPLE_CHANGE, "confirm end"): N_("Confirmed that a function ended"),
    (Action.PEOPLE_CHANGE, "assign"): N_("Assigned a coach"),
    (Action.PEOPLE_CHANGE, "end coach"): N_("Ended a coach's assignment"),
    (Action.PEOPLE_CHANGE, "name successor"): N_("Named a coach's successor"),
    (Action.PEOPLE_CHANGE, "withdraw begin"): N_("Undid that a function would begin"),
    (Action.PEOPLE_CHANGE, "withdraw end"): N_("Undid that a function would end"),
    (Action.PEOPLE_CHANGE, "reopen"): N_("Said that a function had ended by mistake"),
    (Action.PEOPLE_CHANGE, "withdraw coach"): N_("Undid that somebody would get a coach"),
    (Action.PEOPLE_CHANGE, "withdraw end of coach"): N_("Undid that a coach's assignment would end"),
    (Action.PEOPLE_CHANGE, "end followed"): N_("Carried out what follows when a function ends"),
    (Action.PEOPLE_CHANGE, "passed on"): N_("Passed reports and open work on to a coach's successor"),
    (Action.CRITERIA_EDIT, "begun"): N_("Began the next version of the criteria"),
    (Action.CRITERIA_EDIT, "take back"): N_("Took a version of the criteria back that was put forward"),
    (Action.DRAW_PHRASE, "set"): N_("Set the phrase for the draws of their calls"),
    (Action.DRAW_PHRASE, "emptied"): N_("Took the phrase for the draws of their calls away"),
    (Action.DRAW_READ, "proof"): N_("Took the proof of a draw of their calls along"),
    (Action.DRAWS_OVERSEE, "proof"): N_("Took the proof of a draw along, without names"),
    (Action.SELECTION_PLAN, "set"): N_("Set a selection date"),
    (Action.SELECTION_PLAN, "moved"): N_("Moved a selection date"),
    (Action.SELECTION_PLAN, "withdrawn"): N_("Withdrew a selection date"),
    (Action.COACHING_PLAN, "capacity"): N_("Said how many employees fit in a day"),
    (Action.UNANNOUNCED_ASK, "asked"): N_("Asked that their selection dates are not announced"),
    (Action.UNANNOUNCED_ASK, "revoked"): N_("Took back that their selection dates are not announced"),
    (Action.UNANNOUNCED_ANSWER, "agreed"): N_("Agreed that selection dates are not announced"),
    (Action.UNANNOUNCED_ANSWER, "refused"): N_("Did not agree that selection dates are not announced"),
    (Action.EXCEPTION_SET, "made"): N_("Raised or lowered the number of calls for a time"),
    (Action.EXCEPTION_SET, "ended"): N_("Ended another number of calls early"),
    **copy_deeds.ACTS,
    (Action.CONSENT_GIVE, "offered"): N_("Offered a call for training or calibration"),
    (Action.CONSENT_WITHDRAW, "looked"): N_("Looked what a call may be used for"),
    (Action.CONSENT_WITHDRAW, "refused"): N_("Refused the use of a call"),
    (Action.CONSENT_WITHDRAW, "withdrawn"): N_("Took back their consent to the use of a call"),
    (Action.CALIBRATION_SCORE, "finished"): N_("Finished a form in a calibration session"),
    (Action.CALIBRATION_LEAD, "compared"): N_("Laid the forms of a calibration session side by side"),
    (Action.CALIBRATION_LEAD, "ended"): N_("Ended a calibration session"),
    (Action.CALIBRATION_LEAD, "agreed"): N_("Kept how an item is meant, as coaches agreed"),
    (Action.REPORT_SCORE, "begun"): N_("Began a form about a call"),
    (Action.OPINION_SCORE, "opened"): N_("Opened the form of a second opinion"),
    (Action.OPINION_SCORE, "finished"): N_("Finished a second opinion"),
    (Action.OPINION_CONCLUDE, "confirmed"): N_("Confirmed the conclusion of a second opinion"),
    (Action.REPORT_SIGN, "signed off"): N_("Signed a report as the second of both"),
    (Action.CONVERSATION_PROPOSE, "moved"): N_("Proposed another time for a conversation about a report"),
    (Action.CONVERSATION_PROPOSE, "cancelled"): N_("Cancelled a conversation about a report"),
    (Action.CONVERSATION_ANSWER, "another time"): N_(
        "Asked for another time for a conversation about a report"
    ),
    **joint_deeds.ACTS,
    **case_deeds.ACTS,
    (Action.PEOPLE_IMPORT, "created"): N_("Took in data about a person from the people file"),
    (Action.PEOPLE_IMPORT, "set password"): N_("Set somebody's password"),
    (Action.PEOPLE_IMPORT, "bind account"): N_("Bound an account of single sign-on to somebody"),
    (Action.PEOPLE_IMPORT, "unbind account"): N_("Unbound somebody from their accounts of single sign-on"),
    (Action.SIGN_IN, "bind account"): N_("Signed in with an account of single sign-on for the first time"),
}
"""Where the further facts of an act (`act` or `step`) say it more exactly."""


def sentence(action: str, allowed: bool, detail: Mapping[str, Any]) -> str:
    """What was done, or tried, as a sentence to translate; an action that is no more reads as its word."""
    if action not in set(Action):
        return action
    known = Action(action)
    if not allowed:
        return REFUSED.get(known) or N_("Tried: %(deed)s")
    more = str(detail.get("act") or detail.get("step") or "")
    return _ACTS.get((known, more)) or DEEDS.get(known) or ACTIONS[known]


_SHARED_PLAYS = (Action.CALIBRATION_PLAY, Action.TRAINING_PLAY, Action.CASE_PLAY)
NAMELESS = frozenset(
    {
        Action.CALIBRATION_READ,
        Action.CALIBRATION_PLAY,
        Action.CALIBRATION_SCORE,
        Action.CALIBRATION_LEAD,
        Action.TRAINING_PLAY,
    }
)
"""Acts of which whoever did them is not told whose call it was (CAL-3); the employee and the officer are."""

_ACCOUNT = frozenset({Action.SIGN_IN, Action.ACCOUNT_MANAGE, Action.SECOND_FACTOR_RESET})
KINDS: Mapping[str, tuple[str, frozenset[Action]]] = {
    "heard": (
        N_("Hearing calls"),
        frozenset(
            {
                Action.RECORDING_PLAY,
                Action.SAMPLE_PLAY,
                Action.OPINION_PLAY,
                Action.JOINT_PLAY,
                Action.DISCLOSURE_PLAY,
                *_SHARED_PLAYS,
            }
        ),
    ),
    "seen": (
        N_("Looking at calls"),
        frozenset({Action.RECORDING_READ, Action.SAMPLE_READ, Action.SAMPLE_LIST, Action.RECORDING_LIST}),
    ),
    "reports": (
        N_("Forms and reports"),
        frozenset(
            {
                Action.REPORT_READ,
                Action.REPORT_SCORE,
                Action.REPORT_FINISH,
                Action.REPORT_ERASE,
                Action.SAMPLE_REJECT,
                Action.REPORT_LIST,
                Action.PROGRESS_READ,
                Action.SUMMARY_LIST,
                Action.SUMMARY_READ,
                Action.SUMMARY_WRITE,
                Action.SUMMARY_PASS,
                Action.SUMMARY_ERASE,
                Action.OPINION_ASK,
                Action.OPINION_WITHDRAW,
                Action.OPINION_LIST,
                Action.OPINION_TAKE,
                Action.OPINION_SCORE,
                Action.OPINION_COMPARE,
                Action.OPINION_CONCLUDE,
                Action.OPINION_END,
                Action.REPORT_TAKE,
                Action.REPORT_SIGN,
                Action.CONVERSATION_PROPOSE,
                Action.CONVERSATION_ANSWER,
                Action.CONVERSATION_WRITE,
            }
        ),
    ),
    "people": (
        N_("Functions and coaching"),
        frozenset({Action.PEOPLE_CHANGE, Action.PEOPLE_IMPORT, Action.PEOPLE_PROVISION, Action.PEOPLE_READ}),
    ),
    "sharing": (
        N_("Training and calibration"),
        frozenset(one for one in Action if one.startswith(("consent:", "calibration:", "training:")))
        - frozenset(_SHARED_PLAYS),
    ),
    "copies": (N_("Copies of calls"), copy_deeds.KIND),
    "threat": (
        N_("Threats"),
        frozenset({Action.THREAT_REPORT, Action.HOLD_REVIEW, *threat_deeds.OF_ONE, *joint_deeds.KIND}),
    ),
    "cases": (N_("Weighty reasons"), case_deeds.KIND),
    "signin": (N_("Signing in and the account"), _ACCOUNT),
}
"""Kinds of acts by which somebody may look at them; every other action is of the kind "other"."""
OTHER = N_("Everything else")


def of_kind(kind: str) -> frozenset[Action]:
    """The actions of a kind, "other" among them; of an unknown kind all."""
    if kind in KINDS:
        return KINDS[kind][1]
    named = frozenset(action for _, actions in KINDS.values() for action in actions)
    return frozenset(Action) - named if kind == "other" else frozenset(Action)
