"""Under which rule something is refused, and why it is allowed, as it was promised; whether it is stands in
situations. One row a line: what is not listed here is not checked for its words.
"""

from collections.abc import Callable

from kcc.access.actions import Action as A
from kcc.access.actor import Function as F
from kcc.access.purposes import Purpose
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


Tests = tuple[tuple[str, Test], ...]
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
DRAWN: tuple[tuple[str, Test], ...] = (("ACC-2", _drawn), ("SAM-6", _no_threat), ("RET-7", _audible))
WRITING: tuple[tuple[str, Test], ...] = (("REP-4", _i_write), ("REP-2", _unfinished), ("SAM-6", _no_threat))
RULES: dict[tuple[F, A], tuple[tuple[str, Test], ...]] = {
    (F.EMPLOYEE, A.RECORDING_READ): (("RGT-1", _mine), ("RET-7", _listed)),
    (F.EMPLOYEE, A.RECORDING_PLAY): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.THREAT_REPORT): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.HOLD_REVIEW): (("RGT-1", _mine), ("RET-7", _audible)),
    (F.EMPLOYEE, A.REPORT_READ): (("REP-4", _about_me), ("REP-4", _finished)),
    (F.COACH, A.SAMPLE_READ): DRAWN,
    (F.COACH, A.SAMPLE_PLAY): DRAWN,
    (F.COACH, A.SAMPLE_REJECT): DRAWN,
    (F.COACH, A.REPORT_READ): (("REP-4", _i_write), ("SAM-6", _finished_or_no_threat)),
    (F.COACH, A.REPORT_SCORE): WRITING,
    (F.COACH, A.REPORT_FINISH): WRITING,
    (F.ADMINISTRATOR, A.PEOPLE_CHANGE): (("ACC-6", _another),),
    (F.ADMINISTRATOR, A.SECOND_FACTOR_RESET): (("ACC-6", _another),),
    **SHARED,
}
"""The conditions of a row, in the order in which a refusal names them."""

OWN, DRAWN_FOR_MINE = "it is your own call", "it was drawn for an employee you coach"
PROFILE, MACHINE = "it belongs to your function", "it is a task of the system"
REQUEST = "a caller's registered request asks for it"
YOURS = "it is about the use of your own call"
IN_SESSION = "you take part in this calibration session"
IN_THE_TRAINING = "you take part in this training"
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
    (F.EMPLOYEE, A.REPORT_LIST): "it is a report about your own call",
    (F.EMPLOYEE, A.REPORT_READ): "it is a report about your own call",
    (F.COACH, A.SAMPLE_LIST): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_READ): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_PLAY): DRAWN_FOR_MINE,
    (F.COACH, A.SAMPLE_REJECT): DRAWN_FOR_MINE,
    (F.COACH, A.REPORT_LIST): "you wrote this report as coach",
    (F.COACH, A.REPORT_READ): "you wrote this report as coach",
    (F.COACH, A.REPORT_SCORE): "you wrote this report as coach",
    (F.COACH, A.REPORT_FINISH): "you wrote this report as coach",
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
    (F.TEAM_LEAD, A.TEAM_READ): PROFILE,
    (F.ADMINISTRATOR, A.STATUS_READ): PROFILE,
    (F.ADMINISTRATOR, A.CLOCK_CONFIRM): PROFILE,
    (F.ADMINISTRATOR, A.LINES_READ): PROFILE,
    (F.ADMINISTRATOR, A.LINE_CHANGE): PROFILE,
    (F.ADMINISTRATOR, A.PEOPLE_READ): PROFILE,
    (F.ADMINISTRATOR, A.PEOPLE_CHANGE): PROFILE,
    (F.ADMINISTRATOR, A.SECOND_FACTOR_RESET): PROFILE,
    (F.DATA_PROTECTION_OFFICER, A.CALLER_FIND): REQUEST,
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
