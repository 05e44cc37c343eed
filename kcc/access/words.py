"""How the policy reads: each action as the end of a sentence; who may do it stands in policy."""

from kcc.access.actions import Action
from kcc.errors import N_

ACTIONS = {
    Action.PUBLIC_VISIT: N_("open the pages that everybody may open"),
    Action.SIGN_IN: N_("sign in"),
    Action.HOME_VISIT: N_("come to their own first page"),
    Action.ACCOUNT_MANAGE: N_("see and end their own sessions, and change their password"),
    Action.POLICY_READ: N_("read this page"),
    Action.SOUND_FETCH: N_(
        "go on hearing a call that they were allowed to open, as long as they are allowed to"
    ),
    Action.RECORDING_LIST: N_("see the list of their own calls"),
    Action.RECORDING_READ: N_("see one call: when it was, who heard it, when it is erased"),
    Action.RECORDING_PLAY: N_("hear a call"),
    Action.THREAT_REPORT: N_("report a call as a threat"),
    Action.HOLD_REVIEW: N_("say that a call they keep is still needed"),
    Action.ANNOUNCEMENT_READ: N_("see when calls will be drawn"),
    Action.SAMPLE_LIST: N_("see which calls were drawn for the people they coach"),
    Action.SAMPLE_READ: N_("open a drawn call and its form"),
    Action.SAMPLE_PLAY: N_("hear a drawn call"),
    Action.SAMPLE_REJECT: N_("register a drawn call as not representative"),
    Action.REPORT_SCORE: N_("fill in a form"),
    Action.REPORT_FINISH: N_("finish a report"),
    Action.REPORT_LIST: N_("see the list of their reports"),
    Action.REPORT_READ: N_("read a report"),
    Action.TEAM_READ: N_("see who is in their team, and that a threat was reported"),
    Action.STATUS_READ: N_("see counts, jobs and alarms"),
    Action.CLOCK_CONFIRM: N_("vouch for the clock"),
    Action.LINES_READ: N_("see the register of lines, with counts"),
    Action.LINE_CHANGE: N_("add and change a line, with a reason"),
    Action.AUDIT_EXPORT: N_("take out the audit log, to check it elsewhere"),
    Action.ACCESS_EXPLAIN: N_("ask whether somebody may do something, and why"),
    Action.AUDIT_FORGET: N_("erase on term what audit lines said"),
    Action.AUDIT_KEY: N_("let a new key sign the audit"),
    Action.AUDIT_RESTORED: N_("state that the database was restored from a backup"),
    Action.METRICS_READ: N_("read counts for monitoring"),
    Action.RECORDING_INTAKE: N_("deliver calls"),
    Action.VCON_DELIVER: N_("deliver calls as signed vCons"),
    Action.CALLER_FIND: N_("find a caller's calls by number, for a registered request"),
    Action.CALLER_DIGEST: N_("make older calls findable by number"),
    Action.RECORDING_FIND: N_("tell what became of a call"),
    Action.RECORDING_ERASE: N_("erase recordings"),
    Action.REPORT_ERASE: N_("erase reports"),
    Action.SELECTION_ANNOUNCE: N_("announce selection dates"),
    Action.DRAW_RUN: N_("draw samples"),
    Action.PEOPLE_IMPORT: N_("take in who works here"),
    Action.LINES_IMPORT: N_("take in which lines are recorded"),
    Action.TOKEN_CREATE: N_("make a recorder's token"),
}
"""Read after "may"; for the people of the contact centre, in plain words."""
