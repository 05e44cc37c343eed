"""The one policy: a table of grants, and the permit without which no protected verb can be called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kcc.access import (
    cases,
    criteria,
    incidents,
    listening_together,
    police_copies,
    redacting,
    second_opinions,
    shared_calls,
    summaries,
)
from kcc.access.actions import Action as A
from kcc.access.actor import Actor
from kcc.access.actor import Function as F
from kcc.access.demands import (
    AUDIBLE,
    COACHED,
    DRAWN,
    FINISHED,
    FINISHED_OR_NO_THREAT,
    LISTED,
    NO_THREAT,
    OWN_CALL,
    OWN_DRAW,
    OWN_REPORT,
    SOMEBODY_ELSE,
    UNFINISHED,
    WRITTEN_BY_ME,
)
from kcc.access.facts import Facts, Nothing
from kcc.access.grants import Demand as Demand
from kcc.access.grants import Grant as Grant
from kcc.access.purposes import Purpose as P
from kcc.errors import N_, AccessDenied


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on: a kind and a random id (empty for a list or a page of one's own)."""

    kind: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


@dataclass(frozen=True, slots=True)
class Permit:
    """The key to one act; only `permit` makes one. `reason` is the sentence after "You see this because"."""

    actor: Actor
    function: F | None
    action: A
    purpose: P | None
    subject: Subject
    about_id: str | None
    reason: str

    def require(self, action: A, subject: Subject) -> None:
        """Refuse a permit that was given for something else."""
        if (self.action, self.subject) != (action, subject):
            raise TypeError(f"a permit for {self.action} {self.subject} does not open {action} {subject}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was asked and not given; the audit writes it down."""

    actor: Actor
    action: A
    purpose: P | None
    subject: Subject
    about_id: str | None


_OWN = N_("it is your own call")
_DRAWN = N_("it was drawn for an employee you coach")
_COACHED = N_("you coach this employee")
_OWN_REPORT = N_("it is a report about your own call")
_MY_REPORT = N_("you wrote this report as coach")
_OWN_DRAW = N_("it was a draw of your own calls")
_PROFILE = N_("it belongs to your function")
_SELF = N_("it is your own page")
_ABOUT_YOU = N_("it is about you, or you did it")
_ANYBODY = N_("everybody may see it")
_REQUEST = N_("a caller's registered request asks for it")
_MACHINE = N_("it is a task of the system")

TABLE: tuple[Grant, ...] = (
    Grant(None, A.PUBLIC_VISIT, _ANYBODY),
    Grant(None, A.SIGN_IN, _ANYBODY),
    Grant(None, A.HOME_VISIT, _SELF),
    Grant(None, A.ACCOUNT_MANAGE, _SELF),
    Grant(None, A.POLICY_READ, _ANYBODY),
    Grant(None, A.NOTICE_READ, _SELF),
    Grant(None, A.MY_DATA_READ, _ABOUT_YOU),
    Grant(None, A.SOUND_FETCH, _SELF),
    Grant(F.EMPLOYEE, A.RECORDING_LIST, _OWN),
    Grant(F.EMPLOYEE, A.RECORDING_READ, _OWN, (OWN_CALL, LISTED)),
    Grant(F.EMPLOYEE, A.RECORDING_PLAY, _OWN, (OWN_CALL, AUDIBLE), (P.INSPECTION,)),
    Grant(F.EMPLOYEE, A.THREAT_REPORT, _OWN, (OWN_CALL, AUDIBLE)),
    Grant(F.EMPLOYEE, A.HOLD_REVIEW, _OWN, (OWN_CALL, AUDIBLE)),
    Grant(F.EMPLOYEE, A.ANNOUNCEMENT_READ, _SELF),
    Grant(F.EMPLOYEE, A.DRAW_PHRASE, _SELF),
    Grant(F.EMPLOYEE, A.DRAW_LIST, _OWN_DRAW),
    Grant(F.EMPLOYEE, A.DRAW_READ, _OWN_DRAW, (OWN_DRAW,)),
    Grant(F.EMPLOYEE, A.UNANNOUNCED_ASK, _SELF),
    Grant(F.EMPLOYEE, A.REPORT_LIST, _OWN_REPORT),
    *(
        Grant(F.EMPLOYEE, action, _OWN_REPORT, (OWN_REPORT, FINISHED))
        for action in (
            A.REPORT_READ,
            A.REPORT_TAKE,
            A.REPORT_SIGN,
            A.CONVERSATION_ANSWER,
            A.CONVERSATION_WRITE,
        )
    ),
    Grant(F.COACH, A.SAMPLE_LIST, _DRAWN),
    Grant(F.COACH, A.SAMPLE_READ, _DRAWN, (DRAWN, NO_THREAT, AUDIBLE)),
    Grant(F.COACH, A.SAMPLE_PLAY, _DRAWN, (DRAWN, NO_THREAT, AUDIBLE), (P.MONITORING, P.COACHING)),
    Grant(F.COACH, A.SAMPLE_REJECT, _DRAWN, (DRAWN, NO_THREAT, AUDIBLE)),
    Grant(F.COACH, A.COACHING_PLAN, _PROFILE),
    Grant(F.COACH, A.SELECTION_PLAN, _COACHED, (COACHED,)),
    Grant(F.COACH, A.UNANNOUNCED_ANSWER, _COACHED, (COACHED,)),
    Grant(F.COACH, A.EXCEPTION_SET, _COACHED, (COACHED,)),
    Grant(F.COACH, A.REPORT_LIST, _MY_REPORT),
    Grant(F.COACH, A.REPORT_READ, _MY_REPORT, (WRITTEN_BY_ME, FINISHED_OR_NO_THREAT)),
    *(
        Grant(F.COACH, action, _MY_REPORT, (WRITTEN_BY_ME, FINISHED))
        for action in (A.REPORT_TAKE, A.REPORT_SIGN, A.CONVERSATION_PROPOSE, A.CONVERSATION_WRITE)
    ),
    Grant(F.COACH, A.REPORT_SCORE, _MY_REPORT, (WRITTEN_BY_ME, UNFINISHED, NO_THREAT)),
    Grant(F.COACH, A.REPORT_FINISH, _MY_REPORT, (WRITTEN_BY_ME, UNFINISHED, NO_THREAT)),
    *criteria.GRANTS,
    *summaries.GRANTS,
    *second_opinions.GRANTS,
    *shared_calls.GRANTS,
    *redacting.GRANTS,
    *police_copies.GRANTS,
    *incidents.GRANTS,
    *listening_together.GRANTS,
    *cases.GRANTS,
    Grant(F.TEAM_LEAD, A.TEAM_READ, _PROFILE),
    Grant(F.ADMINISTRATOR, A.STATUS_READ, _PROFILE),
    Grant(F.ADMINISTRATOR, A.CLOCK_CONFIRM, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.CALLER_FIND, _REQUEST, (), (P.CALLER_REQUEST,)),
    Grant(F.SYSTEM, A.CALLER_FIND, _REQUEST, (), (P.CALLER_REQUEST,)),
    Grant(F.ADMINISTRATOR, A.LINES_READ, _PROFILE),
    Grant(F.ADMINISTRATOR, A.LINE_CHANGE, _PROFILE),
    Grant(F.ADMINISTRATOR, A.PEOPLE_READ, _PROFILE),
    Grant(F.ADMINISTRATOR, A.PEOPLE_CHANGE, _PROFILE, (SOMEBODY_ELSE,)),
    Grant(F.ADMINISTRATOR, A.SECOND_FACTOR_RESET, _PROFILE, (SOMEBODY_ELSE,)),
    Grant(F.DATA_PROTECTION_OFFICER, A.AUDIT_EXPORT, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.ACCESS_EXPLAIN, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.AUDIT_SEARCH, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.WATCH_SETTLE, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.CHECKPOINTS_READ, _PROFILE),
    Grant(F.WORKS_COUNCIL, A.CHECKPOINTS_READ, _PROFILE),
    Grant(F.DATA_PROTECTION_OFFICER, A.DRAWS_OVERSEE, _PROFILE),
    Grant(F.WORKS_COUNCIL, A.DRAWS_OVERSEE, _PROFILE),
    Grant(F.RECORDER, A.RECORDING_INTAKE, _MACHINE),
    Grant(F.RECORDER, A.VCON_DELIVER, _MACHINE),
    Grant(F.PROVISIONER, A.PEOPLE_PROVISION, _MACHINE),
    *(
        Grant(F.SYSTEM, action, _MACHINE)
        for action in (
            A.RECORDING_INTAKE,
            A.RECORDING_FIND,
            A.CALLER_DIGEST,
            A.RECORDING_ERASE,
            A.REPORT_ERASE,
            A.SUMMARY_PASS,
            A.SUMMARY_ERASE,
            A.CENTRE_COMPUTE,
            A.OPINION_END,
            A.CONSENT_END,
            A.INCIDENT_END,
            A.SELECTION_ANNOUNCE,
            A.DRAW_RUN,
            A.PEOPLE_IMPORT,
            A.PEOPLE_CHANGE,
            A.SECOND_FACTOR_RESET,
            A.LINES_IMPORT,
            A.LINES_READ,
            A.TOKEN_CREATE,
            A.CLOCK_CONFIRM,
            A.METRICS_READ,
            A.AUDIT_EXPORT,
            A.ACCESS_EXPLAIN,
            A.AUDIT_WATCH,
            A.AUDIT_FORGET,
            A.AUDIT_RESTORED,
            A.AUDIT_KEY,
        )
    ),
)
"""Who may do what (docs/access.md); what does not stand here is refused (ACC-1, ACC-3, ACC-4, ACC-6, REP-9,
SAM-7).
"""

PURPOSE_NEEDED = frozenset(grant.action for grant in TABLE if grant.purposes)


def by_action(table: Iterable[Grant]) -> Mapping[A, tuple[Grant, ...]]:
    """The grants of each action, in the table's order."""
    return {action: tuple(grant for grant in table if grant.action is action) for action in A}


_OF = by_action(TABLE)


def permit(
    actor: Actor, action: A, subject: Subject, facts: Facts | None = None, purpose: P | None = None
) -> Permit:
    """Give the permit for one act, or raise AccessDenied with the rule that failed.

    The first grant of the table whose demands all hold decides; a sound, or a search for a caller, needs its
    purpose named, and nothing else takes one (PUR-1, PUR-2).
    """
    facts = Nothing() if facts is None else facts
    about_id = None if isinstance(facts, Nothing) else facts.about_id
    failed = "ACC-1"
    for grant in _OF[action]:
        if grant.function and grant.function not in actor.functions:
            continue
        failed = _failing_rule(grant, actor, facts, purpose)
        if not failed:
            return Permit(actor, grant.function, action, purpose, subject, about_id, grant.reason)
    raise AccessDenied(Refusal(actor, action, purpose, subject, about_id), failed)


def may_visit(actor: Actor, action: A) -> bool:
    """Whether any grant of the action is within the actor's functions: what a menu shows."""
    return any(grant.function is None or grant.function in actor.functions for grant in _OF[action])


def _failing_rule(grant: Grant, actor: Actor, facts: Facts, purpose: P | None) -> str:
    if purpose not in (grant.purposes or (None,)):
        return "PUR-1"
    return next((d.rule for d in grant.demands if not d.holds(actor, facts)), "")
