"""Which line of the audit is of which kind, and so which term it has; how it is erased is kcc.audit's."""

from collections.abc import Mapping

from kcc.access.actions import Action

FOR_GOOD = frozenset({Action.AUDIT_FORGET, Action.AUDIT_RESTORED, Action.AUDIT_KEY})
"""Lines without which other proofs say less; they name nobody but the host."""
_LISTENING = frozenset(
    {
        Action.RECORDING_LIST,
        Action.RECORDING_READ,
        Action.RECORDING_PLAY,
        Action.SOUND_FETCH,
        Action.SAMPLE_LIST,
        Action.SAMPLE_READ,
        Action.SAMPLE_PLAY,
        Action.SAMPLE_REJECT,
        Action.OPINION_PLAY,
        Action.THREAT_REPORT,
        Action.INCIDENT_WITHDRAW,
        Action.INCIDENT_READ,
        Action.INCIDENT_DECIDE,
        Action.INCIDENT_KEEP,
        Action.INCIDENT_END,
    }
)
"""Who heard or saw a call: the employee it is about may ask (ACC-5)."""
_REPORTS = frozenset(
    {
        Action.REPORT_LIST,
        Action.REPORT_READ,
        Action.REPORT_SCORE,
        Action.REPORT_FINISH,
        Action.REPORT_ERASE,
        Action.OPINION_ASK,
        Action.OPINION_WITHDRAW,
        Action.OPINION_LIST,
        Action.OPINION_TAKE,
        Action.OPINION_SCORE,
        Action.OPINION_COMPARE,
        Action.OPINION_CONCLUDE,
        Action.OPINION_END,
        Action.ANNOUNCEMENT_READ,
        Action.SELECTION_ANNOUNCE,
        Action.COACHING_PLAN,
        Action.SELECTION_PLAN,
        Action.UNANNOUNCED_ASK,
        Action.UNANNOUNCED_ANSWER,
        Action.EXCEPTION_SET,
        Action.DRAW_RUN,
        Action.DRAW_PHRASE,
        Action.DRAW_LIST,
        Action.DRAW_READ,
    }
)
"""Who wrote or read a report, and how it came about."""
_SIGNIN = frozenset(
    {Action.PUBLIC_VISIT, Action.SIGN_IN, Action.HOME_VISIT, Action.ACCOUNT_MANAGE, Action.NOTICE_READ}
)
"""What an inquiry into a break-in needs (SEC-1)."""
_UPKEEP = frozenset(
    {
        Action.RECORDING_INTAKE,
        Action.VCON_DELIVER,
        Action.RECORDING_FIND,
        Action.RECORDING_ERASE,
        Action.METRICS_READ,
    }
)
"""What machines did with calls; when one was erased its tombstone tells longer."""
_NAMED = _LISTENING | _REPORTS | _SIGNIN | _UPKEEP | FOR_GOOD
KINDS: Mapping[str, frozenset[Action]] = {
    "listening": _LISTENING,
    "reports": _REPORTS,
    "signin": _SIGNIN,
    "upkeep": _UPKEEP,
    "administration": frozenset(Action) - _NAMED,
}
"""Kinds by the name of their setting in [audit.terms]; what nobody thought of counts as administration."""
