"""Under which rule something is refused, and why it is allowed, as it was promised; whether it is stands in
situations. One row a line: what is not listed here is not checked for its words.
"""

from collections.abc import Callable

from kcc.access.actions import Action as A
from kcc.access.actor import Function as F
from kcc.access.purposes import Purpose
from tests.access import cases
from tests.access.situations import EVERYBODY, MAY, ME, PURPOSES, Situation

Test = Callable[[Situation], bool]


def _mine(s: Situation) -> bool:
    return s.a_call and s.mine


def _audible(s: Situation) -> bool:
    return s.a_call and s.state == "live" and s.before_its_deadline


def _listed(s: Situation) -> bool:
    return s.a_call and s.state in ("live", "sealed") and s.before_its_deadline


def _drawn(s: Situation) -> bool:
    return s.thing == "drawn call" and s.open and ME in s.coached_by and not s.mine


def _no_threat(s: Situation) -> bool:
    return (s.a_call or s.thing == "report") and not s.threat


def _another(s: Situation) -> bool:
    return s.thing == "person" and not s.mine


def _another_proposed(s: Situation) -> bool:
    return s.thing == "form" and s.writer not in (None, ME)


def _coached(s: Situation) -> bool:
    return s.thing == "coached" and ME in s.coached_by and not s.mine


def _about_me(s: Situation) -> bool:
    return s.thing == "report" and s.mine


def _i_write(s: Situation) -> bool:
    return s.thing == "report" and s.writer == ME and s.writer_assigned and not s.mine


def _finished(s: Situation) -> bool:
    return s.thing == "report" and s.finished


def _unfinished(s: Situation) -> bool:
    return s.thing == "report" and not s.finished


def _finished_or_no_threat(s: Situation) -> bool:
    return _finished(s) or _no_threat(s)


def _of_me(s: Situation) -> bool:
    return s.thing == "development" and s.mine


def _of_whom_i_coach(s: Situation) -> bool:
    return s.thing == "development" and ME in s.coached_by and not s.mine


def _given_to_me(s: Situation) -> bool:
    return s.thing == "summary" and s.mine and s.finished


def _i_sum_up(s: Situation) -> bool:
    return s.thing == "summary" and s.writer == ME and s.writer_assigned and not s.mine


def _of_whom_i_lead(s: Situation) -> bool:
    return s.thing == "summary" and ME in s.led_by and not s.mine


def _passed(s: Situation) -> bool:
    return s.thing == "summary" and s.passed


def _not_passed(s: Situation) -> bool:
    return s.thing == "summary" and not s.passed


def _drawn_of_me(s: Situation) -> bool:
    return s.thing == "draw" and s.mine


def _asked(s: Situation) -> bool:
    return s.thing == "second opinion" and s.mine


def _another_coach(s: Situation) -> bool:
    known = s.thing == "second opinion" and ME not in (s.owner, s.writer, s.author)
    return known and ME not in s.led_by


def _taken(s: Situation) -> bool:
    return s.thing == "second opinion" and s.second == ME


def _first(s: Situation) -> bool:
    return s.thing == "second opinion" and s.writer == ME and s.writer_assigned and not s.mine


def _one_of_both(s: Situation) -> bool:
    return _first(s) or (_taken(s) and s.stands == "scored" and s.readable)


def _stands(*states: str) -> Test:
    return lambda s: s.thing == "second opinion" and s.stands in states


TAKING: tuple[tuple[str, Test], ...] = (
    ("REP-8", _another_coach),
    ("REP-8", _stands("waiting")),
    ("SAM-6", _no_threat),
    ("RET-7", _audible),
)
SECOND: tuple[tuple[str, Test], ...] = (
    ("REP-8", _taken),
    ("REP-8", _another_coach),
    ("REP-8", _stands("scoring")),
    ("SAM-6", _no_threat),
)
BOTH = ("REP-8", _stands("scored", "concluded"))


def _given(s: Situation) -> bool:
    return s.word == "given"


def _offered(s: Situation) -> bool:
    return s.thing == "offered call" and ME in s.coached_by and not s.mine


def _take_part(s: Situation) -> bool:
    return s.thing == "session" and s.role != "nothing" and not s.mine


def _goes_on(s: Situation) -> bool:
    return s.thing == "session" and s.phase != "over"


def _one_who_scores(s: Situation) -> bool:
    return s.role in ("scores", "leads and scores", "has finished")


def _still_blind(s: Situation) -> bool:
    return s.phase != "compared" and s.role != "has finished"


def _lead(s: Situation) -> bool:
    return s.thing == "session" and s.role.startswith("leads")


def _of_training(s: Situation) -> bool:
    return s.thing in ("training", "training call") and s.role != "outside"


def _not_for_coaches(s: Situation) -> bool:
    return s.thing in ("training", "training call") and not s.coaches_only


def _not_over(s: Situation) -> bool:
    return s.thing in ("training", "training call") and s.phase != "over"


def _has_begun(s: Situation) -> bool:
    return s.thing in ("training", "training call") and s.phase != "to come"


def _train(s: Situation) -> bool:
    return s.thing in ("training", "training call") and s.role == "trainer"


def _anothers_call(s: Situation) -> bool:
    return s.thing in ("call", "disclosure") and not s.mine


def _runs(s: Situation) -> bool:
    return s.thing == "disclosure" and s.open


def _led_by_me(s: Situation) -> bool:
    return s.thing == "police copy" and ME in s.led_by and not s.mine


def _both_decided(s: Situation) -> bool:
    return s.thing == "police copy" and s.finished


def _copy_waits(s: Situation) -> bool:
    return s.thing == "police copy" and s.open


Tests = tuple[tuple[str, Test], ...]
FOR_A_REQUEST: Tests = (("ACC-1", _anothers_call), ("SUB-1", _runs), ("RET-7", _audible))
TOGETHER: Tests = (("THR-2", _led_by_me), ("THR-5", _both_decided))
COPIES: dict[tuple[F, A], Tests] = {
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_REGISTER): (("ACC-1", _anothers_call), ("RET-7", _audible)),
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_MARK): FOR_A_REQUEST,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_PLAY): FOR_A_REQUEST,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_TAKE): FOR_A_REQUEST,
    (F.TEAM_LEAD, A.POLICE_COPY_MAKE): (*TOGETHER, ("RET-7", _audible)),
    (F.TEAM_LEAD, A.POLICE_COPY_TAKE): (*TOGETHER, ("THR-5", _copy_waits), ("RET-7", _audible)),
}
SESSION: Tests = (("CAL-3", _take_part), ("CAL-3", _goes_on), ("SAM-6", _no_threat), ("RET-7", _audible))
IN_TRAINING: Tests = (
    ("CAL-2", _not_over),
    ("CAL-2", _has_begun),
    ("CAL-1", _given),
    ("SAM-6", _no_threat),
    ("RET-7", _audible),
)
SHARED: dict[tuple[F, A], Tests] = {
    (F.EMPLOYEE, A.CONSENT_GIVE): (("RGT-1", _mine), ("RET-7", _audible), ("SAM-6", _no_threat)),
    (F.EMPLOYEE, A.CONSENT_WITHDRAW): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.COACH, A.CONSENT_ASK): (("ACC-2", _drawn), ("SAM-6", _no_threat), ("RET-7", _audible)),
    (F.COACH, A.CALIBRATION_CONVENE): (
        ("ACC-2", _offered),
        ("CAL-1", _given),
        ("SAM-6", _no_threat),
        ("RET-7", _audible),
    ),
    (F.COACH, A.CALIBRATION_READ): SESSION,
    (F.COACH, A.CALIBRATION_PLAY): (*SESSION, ("CAL-1", _given)),
    (F.COACH, A.CALIBRATION_SCORE): (
        *SESSION,
        ("CAL-1", _given),
        ("CAL-3", _one_who_scores),
        ("CAL-3", _still_blind),
    ),
    (F.COACH, A.CALIBRATION_LEAD): (*SESSION, ("CAL-3", _lead)),
    (F.EMPLOYEE, A.TRAINING_READ): (
        ("CAL-2", _of_training),
        ("CAL-2", _not_for_coaches),
        ("CAL-2", _not_over),
    ),
    (F.COACH, A.TRAINING_READ): (("CAL-2", _of_training), ("CAL-2", _not_over)),
    (F.EMPLOYEE, A.TRAINING_PLAY): (("CAL-2", _of_training), ("CAL-2", _not_for_coaches), *IN_TRAINING),
    (F.COACH, A.TRAINING_PLAY): (("CAL-2", _of_training), *IN_TRAINING),
    (F.COACH, A.TRAINING_LEAD): (("CAL-2", _train), ("CAL-2", _not_over)),
}


def _joint(*roles: str) -> Test:
    return lambda s: s.thing == "joint" and s.role in roles


def _lead_another(s: Situation) -> bool:
    return _joint("leads", "another joined", "joined")(s) and not s.mine


def _stands_reported(s: Situation) -> bool:
    return s.thing == "joint" and s.word == "stands"


def _joint_on(s: Situation) -> bool:
    return s.thing == "joint" and s.phase == "on"


def _in_its_hour(s: Situation) -> bool:
    return s.thing == "joint" and s.phase != "over"


def _both_there(s: Situation) -> bool:
    two = _joint("third joined", "another joined", "joined")(s) and not (s.mine and s.role == "joined")
    return two and s.stands != "one"


def _at_this_browser(s: Situation) -> bool:
    return s.thing == "joint" and s.stands != "elsewhere"


REPORTED: Tests = (("RGT-1", _mine), ("RET-7", _audible), ("THR-2", _stands_reported))
LEADING: Tests = (
    ("THR-2", _lead_another),
    ("RET-7", _audible),
    ("THR-2", _stands_reported),
    ("THR-2", _joint_on),
)
HEARD: Tests = (("THR-2", _both_there), ("THR-2", _at_this_browser))
FREE = ("THR-2", _joint("outside", "leads", "joined", "led once"))
JOINED = ("THR-2", _joint("joined", "led once"))
TOGETHER: dict[tuple[F, A], Tests] = {
    (F.EMPLOYEE, A.JOINT_OPEN): REPORTED,
    (F.EMPLOYEE, A.JOINT_READ): REPORTED[:2],
    (F.EMPLOYEE, A.JOINT_STEER): (*REPORTED, ("THR-2", _joint_on)),
    (F.EMPLOYEE, A.JOINT_PLAY): (*REPORTED, ("THR-2", _joint_on), *HEARD),
    (F.TEAM_LEAD, A.JOINT_READ): (
        ("THR-2", _lead_another),
        FREE,
        ("THR-2", _in_its_hour),
        ("RET-7", _audible),
    ),
    (F.TEAM_LEAD, A.JOINT_JOIN): (*LEADING, FREE),
    (F.TEAM_LEAD, A.JOINT_STEER): (*LEADING, JOINED),
    (F.TEAM_LEAD, A.JOINT_PLAY): (*LEADING[1:], JOINED, *HEARD),
}


def _reported(s: Situation) -> bool:
    return s.thing == "threat" and s.mine


def _reported_to_me(s: Situation) -> bool:
    return s.thing == "threat" and ME in s.led_by and not s.mine


def _neither_settled_nor_back(s: Situation) -> bool:
    return s.thing == "threat" and s.stands in ("open", "decided")


def _within_its_term(s: Situation) -> bool:
    return s.thing == "threat" and s.readable


def _nothing_decided(s: Situation) -> bool:
    return s.thing == "threat" and s.stands == "open"


OF_THREATS = (A.INCIDENT_READ, A.INCIDENT_DECIDE, A.INCIDENT_KEEP)
THREATS: dict[tuple[F, A], Tests] = {
    (F.EMPLOYEE, A.INCIDENT_WITHDRAW): (
        ("THR-1", _reported),
        ("THR-2", _nothing_decided),
        ("RET-7", _within_its_term),
    ),
    **{
        (function, action): (relation, ("THR-2", _neither_settled_nor_back), ("RET-7", _within_its_term))
        for function, relation in (
            (F.EMPLOYEE, ("THR-1", _reported)),
            (F.TEAM_LEAD, ("THR-2", _reported_to_me)),
        )
        for action in OF_THREATS
    },
}
DRAWN: tuple[tuple[str, Test], ...] = (("ACC-2", _drawn), ("SAM-6", _no_threat), ("RET-7", _audible))
WRITING: tuple[tuple[str, Test], ...] = (("REP-4", _i_write), ("REP-2", _unfinished), ("SAM-6", _no_threat))
ABOUT_ME: tuple[tuple[str, Test], ...] = (("REP-4", _about_me), ("REP-4", _finished))
AFTER: tuple[tuple[str, Test], ...] = (("REP-4", _i_write), ("REP-4", _finished))
RULES: dict[tuple[F, A], tuple[tuple[str, Test], ...]] = {
    (F.EMPLOYEE, A.RECORDING_READ): (("RGT-1", _mine), ("RET-7", _listed)),
    (F.EMPLOYEE, A.RECORDING_PLAY): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.THREAT_REPORT): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.HOLD_REVIEW): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.REPORT_READ): ABOUT_ME,
    (F.EMPLOYEE, A.REPORT_TAKE): ABOUT_ME,
    (F.EMPLOYEE, A.REPORT_SIGN): ABOUT_ME,
    (F.EMPLOYEE, A.CONVERSATION_ANSWER): ABOUT_ME,
    (F.EMPLOYEE, A.CONVERSATION_WRITE): ABOUT_ME,
    (F.EMPLOYEE, A.DRAW_READ): (("SAM-3", _drawn_of_me),),
    (F.COACH, A.SAMPLE_READ): DRAWN,
    (F.COACH, A.SAMPLE_PLAY): DRAWN,
    (F.COACH, A.SAMPLE_REJECT): DRAWN,
    (F.COACH, A.SELECTION_PLAN): (("ACC-2", _coached),),
    (F.COACH, A.UNANNOUNCED_ANSWER): (("ACC-2", _coached),),
    (F.COACH, A.EXCEPTION_SET): (("ACC-2", _coached),),
    (F.COACH, A.REPORT_READ): (("REP-4", _i_write), ("SAM-6", _finished_or_no_threat)),
    (F.COACH, A.REPORT_TAKE): AFTER,
    (F.COACH, A.REPORT_SIGN): AFTER,
    (F.COACH, A.CONVERSATION_PROPOSE): AFTER,
    (F.COACH, A.CONVERSATION_WRITE): AFTER,
    (F.COACH, A.REPORT_SCORE): WRITING,
    (F.COACH, A.REPORT_FINISH): WRITING,
    (F.EMPLOYEE, A.PROGRESS_READ): (("REP-4", _of_me),),
    (F.COACH, A.PROGRESS_READ): (("REP-4", _of_whom_i_coach),),
    (F.EMPLOYEE, A.SUMMARY_READ): (("REP-10", _given_to_me),),
    (F.EMPLOYEE, A.SUMMARY_PASS): (("REP-10", _given_to_me), ("REP-10", _not_passed)),
    (F.COACH, A.SUMMARY_READ): (("REP-10", _i_sum_up),),
    (F.COACH, A.SUMMARY_WRITE): (("REP-10", _i_sum_up), ("REP-10", _not_passed)),
    (F.TEAM_LEAD, A.SUMMARY_READ): (("REP-10", _of_whom_i_lead), ("REP-10", _passed)),
    (F.COACH, A.CRITERIA_CONFIRM): (("REP-2", _another_proposed),),
    (F.EMPLOYEE, A.OPINION_ASK): (("REP-4", _about_me), ("REP-4", _finished)),
    (F.EMPLOYEE, A.OPINION_WITHDRAW): (("REP-8", _asked), ("REP-8", _stands("waiting", "scoring"))),
    (F.EMPLOYEE, A.OPINION_COMPARE): (("REP-8", _asked), BOTH),
    (F.EMPLOYEE, A.OPINION_CONCLUDE): (("REP-8", _asked), ("REP-8", _stands("scored"))),
    (F.COACH, A.OPINION_TAKE): TAKING,
    (F.COACH, A.OPINION_PLAY): (*SECOND, ("RET-7", _audible)),
    (F.COACH, A.OPINION_SCORE): SECOND,
    (F.COACH, A.OPINION_COMPARE): (("REP-4", _one_of_both), BOTH),
    (F.COACH, A.OPINION_CONCLUDE): (("REP-4", _first), ("REP-8", _stands("scored"))),
    (F.ADMINISTRATOR, A.PEOPLE_CHANGE): (("ACC-6", _another),),
    (F.ADMINISTRATOR, A.SECOND_FACTOR_RESET): (("ACC-6", _another),),
    **SHARED,
    **TOGETHER,
    **THREATS,
    **COPIES,
    **cases.RULES,
}
"""The conditions of a row, in the order in which a refusal names them."""

OWN, DRAWN_FOR_MINE = "it is your own call", "it was drawn for an employee you coach"
SUMMARY = "it is a summary about you, from you, or about somebody whom you lead"
GROUPS = "it is about groups of people, never about one"
PROFILE, MACHINE = "it belongs to your function", "it is a task of the system"
COACHES = "you coach this employee"
ASKED = "you asked for a second opinion"
REQUEST = "a caller's registered request asks for it"
REGISTERED = "a registered request asks for it"
DECIDED = "you and your employee decided on a report to the police"
YOURS = "it is about the use of your own call"
IN_SESSION = "you take part in this calibration session"
IN_THE_TRAINING = "you take part in this training"
MY_REPORTED = "it is about your own call, which you reported"
ASKED_ME = "an employee of your team opened it to listen together with you"
REASONS: dict[tuple[F | None, A], str] = {
    (None, A.PUBLIC_VISIT): "everybody may see it",
    (None, A.SIGN_IN): "everybody may see it",
    (None, A.HOME_VISIT): "it is your own page",
    (None, A.ACCOUNT_MANAGE): "it is your own page",
    (None, A.POLICY_READ): "everybody may see it",
    (None, A.NOTICE_READ): "it is your own page",
    (None, A.MY_DATA_READ): "it is about you, or you did it",
    (None, A.SOUND_FETCH): "it is your own page",
    (F.EMPLOYEE, A.RECORDING_LIST): OWN,
    (F.EMPLOYEE, A.RECORDING_READ): OWN,
    (F.EMPLOYEE, A.RECORDING_PLAY): OWN,
    (F.EMPLOYEE, A.THREAT_REPORT): OWN,
    (F.EMPLOYEE, A.HOLD_REVIEW): OWN,
    (F.EMPLOYEE, A.ANNOUNCEMENT_READ): "it is your own page",
    (F.EMPLOYEE, A.DRAW_PHRASE): "it is your own page",
    (F.EMPLOYEE, A.DRAW_LIST): "it was a draw of your own calls",
    (F.EMPLOYEE, A.DRAW_READ): "it was a draw of your own calls",
    (F.DATA_PROTECTION_OFFICER, A.DRAWS_OVERSEE): PROFILE,
    (F.WORKS_COUNCIL, A.DRAWS_OVERSEE): PROFILE,
    (F.EMPLOYEE, A.UNANNOUNCED_ASK): "it is your own page",
    (F.COACH, A.COACHING_PLAN): PROFILE,
    (F.COACH, A.SELECTION_PLAN): COACHES,
    (F.COACH, A.UNANNOUNCED_ANSWER): COACHES,
    (F.COACH, A.EXCEPTION_SET): COACHES,
    (F.EMPLOYEE, A.REPORT_LIST): "it is a report about your own call",
    (F.EMPLOYEE, A.REPORT_READ): "it is a report about your own call",
    (F.EMPLOYEE, A.REPORT_TAKE): "it is a report about your own call",
    (F.EMPLOYEE, A.REPORT_SIGN): "it is a report about your own call",
    (F.EMPLOYEE, A.CONVERSATION_ANSWER): "it is a report about your own call",
    (F.EMPLOYEE, A.CONVERSATION_WRITE): "it is a report about your own call",
    (F.COACH, A.SAMPLE_LIST): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_READ): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_PLAY): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_REJECT): DRAWN_FOR_MINE,
    (F.COACH, A.REPORT_LIST): "you wrote this report as coach",
    (F.COACH, A.REPORT_READ): "you wrote this report as coach",
    (F.COACH, A.REPORT_TAKE): "you wrote this report as coach",
    (F.COACH, A.REPORT_SIGN): "you wrote this report as coach",
    (F.COACH, A.CONVERSATION_PROPOSE): "you wrote this report as coach",
    (F.COACH, A.CONVERSATION_WRITE): "you wrote this report as coach",
    (F.COACH, A.REPORT_SCORE): "you wrote this report as coach",
    (F.COACH, A.REPORT_FINISH): "you wrote this report as coach",
    (F.EMPLOYEE, A.PROGRESS_READ): "it is about your own reports",
    (F.COACH, A.PROGRESS_READ): "it is about somebody whom you coach",
    **{(f, A.SUMMARY_LIST): SUMMARY for f in (F.EMPLOYEE, F.COACH, F.TEAM_LEAD)},
    **{(f, A.SUMMARY_READ): SUMMARY for f in (F.EMPLOYEE, F.COACH, F.TEAM_LEAD)},
    (F.COACH, A.SUMMARY_WRITE): SUMMARY,
    (F.EMPLOYEE, A.SUMMARY_PASS): SUMMARY,
    **{(f, A.CENTRE_READ): GROUPS for f in (F.COACH, F.DEPARTMENT_MANAGER, F.WORKS_COUNCIL)},
    (F.EMPLOYEE, A.CRITERIA_READ): "your calls are monitored by these criteria",
    (F.COACH, A.CRITERIA_READ): PROFILE,
    (F.COACH, A.CRITERIA_EDIT): PROFILE,
    (F.COACH, A.CRITERIA_PROPOSE): PROFILE,
    (F.COACH, A.CRITERIA_CONFIRM): PROFILE,
    (F.EMPLOYEE, A.OPINION_ASK): "it is a report about your own call",
    (F.EMPLOYEE, A.OPINION_WITHDRAW): ASKED,
    (F.EMPLOYEE, A.OPINION_COMPARE): ASKED,
    (F.EMPLOYEE, A.OPINION_CONCLUDE): ASKED,
    (F.COACH, A.OPINION_LIST): "a second opinion waits for a coach",
    (F.COACH, A.OPINION_TAKE): "a second opinion waits for a coach",
    (F.COACH, A.OPINION_PLAY): "you give a second opinion on this call",
    (F.COACH, A.OPINION_SCORE): "you give a second opinion on this call",
    (F.COACH, A.OPINION_COMPARE): "you are one of the two coaches who scored this call",
    (F.COACH, A.OPINION_CONCLUDE): "you are one of the two coaches who scored this call",
    (F.EMPLOYEE, A.CONSENT_GIVE): YOURS,
    (F.EMPLOYEE, A.CONSENT_WITHDRAW): YOURS,
    (F.COACH, A.CONSENT_ASK): DRAWN_FOR_MINE,
    (F.COACH, A.CALIBRATION_LIST): IN_SESSION,
    (F.COACH, A.CALIBRATION_CONVENE): "an employee you coach offers it",
    (F.COACH, A.CALIBRATION_READ): IN_SESSION,
    (F.COACH, A.CALIBRATION_PLAY): IN_SESSION,
    (F.COACH, A.CALIBRATION_SCORE): IN_SESSION,
    (F.COACH, A.CALIBRATION_LEAD): IN_SESSION,
    (F.EMPLOYEE, A.TRAINING_LIST): IN_THE_TRAINING,
    (F.EMPLOYEE, A.TRAINING_READ): IN_THE_TRAINING,
    (F.EMPLOYEE, A.TRAINING_PLAY): IN_THE_TRAINING,
    (F.COACH, A.TRAINING_LIST): IN_THE_TRAINING,
    (F.COACH, A.TRAINING_READ): IN_THE_TRAINING,
    (F.COACH, A.TRAINING_PLAY): IN_THE_TRAINING,
    (F.COACH, A.TRAINING_PLAN): PROFILE,
    (F.COACH, A.TRAINING_LEAD): IN_THE_TRAINING,
    **{(f, a): MY_REPORTED for f, a in TOGETHER if f is F.EMPLOYEE},
    **{(f, a): ASKED_ME for f, a in TOGETHER if f is F.TEAM_LEAD},
    (F.TEAM_LEAD, A.TEAM_READ): PROFILE,
    **{(F.EMPLOYEE, a): "you reported this threat" for a in (A.INCIDENT_WITHDRAW, *OF_THREATS)},
    **{(F.TEAM_LEAD, a): "somebody whom you lead reported this threat" for a in OF_THREATS},
    **{
        (f, A.THREATS_COUNT): "it is about counts, never about one person"
        for f in (F.DEPARTMENT_MANAGER, F.WORKS_COUNCIL, F.DATA_PROTECTION_OFFICER)
    },
    (F.ADMINISTRATOR, A.STATUS_READ): PROFILE,
    (F.ADMINISTRATOR, A.CLOCK_CONFIRM): PROFILE,
    (F.ADMINISTRATOR, A.LINES_READ): PROFILE,
    (F.ADMINISTRATOR, A.LINE_CHANGE): PROFILE,
    (F.ADMINISTRATOR, A.PEOPLE_READ): PROFILE,
    (F.ADMINISTRATOR, A.PEOPLE_CHANGE): PROFILE,
    (F.ADMINISTRATOR, A.SECOND_FACTOR_RESET): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.CALLER_FIND): REQUEST,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_LIST): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_REGISTER): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_MARK): REGISTERED,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_PLAY): REGISTERED,
    (F.DATA_PROTECTION_OFFICER, A.DISCLOSURE_TAKE): REGISTERED,
    (F.TEAM_LEAD, A.POLICE_COPY_MAKE): DECIDED,
    (F.TEAM_LEAD, A.POLICE_COPY_TAKE): DECIDED,
    (F.DATA_PROTECTION_OFFICER, A.AUDIT_EXPORT): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.ACCESS_EXPLAIN): PROFILE,
    (F.RECORDER, A.RECORDING_INTAKE): MACHINE,
    (F.DATA_PROTECTION_OFFICER, A.AUDIT_SEARCH): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.WATCH_SETTLE): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.CHECKPOINTS_READ): PROFILE,
    (F.WORKS_COUNCIL, A.CHECKPOINTS_READ): PROFILE,
    (F.RECORDER, A.VCON_DELIVER): MACHINE,
    (F.PROVISIONER, A.PEOPLE_PROVISION): MACHINE,
    (F.SYSTEM, A.CALLER_FIND): REQUEST,
    (F.SYSTEM, A.RECORDING_ERASE): MACHINE,
    **cases.REASONS,
}
"""What a page says after "You see this because"."""


def refused_under(function: F | None, action: A, situation: Situation, purpose: Purpose | None) -> str | None:
    """The rule that a refusal names for whoever holds this one function; None where none was promised."""
    holds = action in EVERYBODY or (function is not None and action in MAY[function])
    if not holds:
        return "ACC-1"
    if purpose not in PURPOSES.get(action, {None}):
        return "PUR-1"
    demands = RULES.get((function, action), ()) if function else ()
    return next((rule for rule, holds in demands if not holds(situation)), None)


def reason(function: F | None, action: A) -> str | None:
    """Why whoever holds this one function may; None where no words were promised."""
    return REASONS.get((None if action in EVERYBODY else function, action))
