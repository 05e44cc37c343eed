"""Every situation that a decision can meet, in plain words, and who may do what in it as the promise to
employees says; knows nothing of the policy's own table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post
from kcc.access.facts import (
    CoachedFacts,
    DrawFacts,
    Facts,
    FormFacts,
    IncidentStage,
    IncidentState,
    Nothing,
    OpinionFacts,
    OpinionState,
    PersonFacts,
    ProgressFacts,
    RecordingFacts,
    RecordingState,
    ReportFacts,
    SampleFacts,
    SummaryFacts,
)
from kcc.access.purposes import Purpose
from tests.access import cases, copies, shared, together

ME, OTHER = "me", "somebody-else"
DUE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MOMENTS = {
    "long before": DUE - timedelta(days=20),
    "just before": DUE - timedelta(microseconds=1),
    "at": DUE,
    "after": DUE + timedelta(seconds=1),
}


SHARED = ("offered call", "session", "training", "training call")
"""What is heard with its employee's consent (tests.access.shared)."""


@dataclass(frozen=True)
class Situation:
    """What is asked about, in words: nothing, a person, a call, drawn or not, a report, a second opinion, a
    summary (`finished`: the employee was given it) …
    """

    thing: str
    owner: str | None = None
    state: str = ""
    moment: str = ""
    threat: bool = False
    open: bool = False
    coached_by: frozenset[str] = frozenset()
    writer: str | None = None
    writer_assigned: bool = False
    finished: bool = False
    author: str | None = None
    second: str | None = None
    stands: str = ""
    """Where a second opinion is; `state` is its call's."""
    led_by: frozenset[str] = frozenset()
    readable: bool = True
    passed: bool = False
    word: str = ""
    role: str = ""
    phase: str = ""
    coaches_only: bool = False

    @property
    def mine(self) -> bool:
        """A call that I made, a report about me, or myself."""
        return self.owner == ME

    @property
    def a_call(self) -> bool:
        """A recording: drawn or not, shared or not, or one that a second opinion is about."""
        shared = ("offered call", "session", "training call", "joint")
        return self.thing in ("call", "drawn call", "second opinion", *shared, *copies.THINGS)

    @property
    def before_its_deadline(self) -> bool:
        """The deadline itself is too late (RET-7)."""
        return self.moment in ("long before", "just before")

    def facts(self) -> Facts:
        """The same as the policy wants it."""
        if self.thing in OF_SOMEBODY:
            return OF_SOMEBODY[self.thing](self, str(self.owner))
        if self.thing in ("case subject", "case"):
            return cases.facts(self, ME, None)
        recording = None
        if self.thing != "training":
            state, now = RecordingState(self.state), MOMENTS[self.moment]
            recording = RecordingFacts(self.owner, state, DUE, now, self.threat)
        return self._of_call(recording)

    def _of_call(self, recording: RecordingFacts | None) -> Facts:
        if self.thing == "joint" and recording is not None:
            return together.facts(recording, self.role, self.phase, self.word, self.stands)
        if recording is not None and self.thing in copies.THINGS:
            decided, led_by = self.finished, self.led_by
            return copies.facts(self.thing, recording, runs=self.open, decided=decided, led_by=led_by)
        if self.thing == "case call":
            return cases.facts(self, ME, recording)
        if self.thing in SHARED or recording is None:
            return shared.facts(
                self.thing,
                recording,
                self.role,
                self.phase,
                self.word,
                coaches_only=self.coaches_only,
                coached_by=self.coached_by,
            )
        if self.thing == "second opinion":
            return OpinionFacts(
                recording=recording,
                employee_id=self.owner or "",
                coach_id=self.writer,
                coach_assigned=self.writer_assigned,
                author_id=self.author,
                second_id=self.second,
                state=OpinionState(self.stands),
                lead_ids=self.led_by,
                readable=self.readable,
            )
        return SampleFacts(recording, self.open, self.coached_by) if self.thing == "drawn call" else recording


OF_SOMEBODY: dict[str, Callable[[Situation, str], Facts]] = {
    "nothing": lambda _, __: Nothing(),
    "person": lambda _, owner: PersonFacts(owner),
    "form": lambda s, _: FormFacts(s.writer),
    "draw": lambda _, owner: DrawFacts(owner),
    "coached": lambda s, owner: CoachedFacts(owner, s.coached_by),
    "development": lambda s, owner: ProgressFacts(owner, s.coached_by),
    "summary": lambda s, owner: SummaryFacts(
        owner, s.writer, s.writer_assigned, s.led_by, s.finished, s.passed
    ),
    "threat": lambda s, owner: IncidentState(owner, s.led_by, IncidentStage(s.stands), s.readable),
    "report": lambda s, owner: ReportFacts(owner, s.writer, s.writer_assigned, s.finished, s.threat),
}


def situations() -> Iterator[Situation]:
    """All that can be; a call that belongs to nobody has no coach."""
    yield Situation("nothing")
    yield from (Situation("form", writer=writer) for writer in (ME, OTHER, None))
    yield from (Situation(thing, owner) for thing in ("person", "draw") for owner in (ME, OTHER))
    for owner, coached_by in product((ME, OTHER), ((), (ME,), (OTHER,), (ME, OTHER))):
        yield Situation("coached", owner, coached_by=frozenset(coached_by))
    for owner, state, moment, threat in product(
        (ME, OTHER, None), ("live", "sealed", "quarantined", "erasing"), MOMENTS, (False, True)
    ):
        yield Situation("call", owner, state, moment, threat)
        nobody, coaches = frozenset[str](), (frozenset({ME}), frozenset({OTHER}), frozenset({ME, OTHER}))
        for is_open, coached_by in product((True, False), (nobody, *(coaches if owner else ()))):
            yield Situation("drawn call", owner, state, moment, threat, is_open, coached_by)
    yield from _developments()
    yield from _threats()
    for owner, writer, assigned, finished, threat in product(
        (ME, OTHER), (ME, OTHER, None), (False, True), (False, True), (False, True)
    ):
        yield Situation(
            "report", owner, threat=threat, writer=writer, writer_assigned=assigned, finished=finished
        )

    yield from _second_opinions()
    yield from (Situation(**case) for case in cases.situations(ME, OTHER, MOMENTS))


def _second_opinions() -> Iterator[Situation]:
    """Whoever I may be to one, in each of its states; of the call only what still decides."""
    concerned: list[dict[str, Any]] = [
        {"owner": ME, "writer": OTHER, "author": OTHER, "second": OTHER, "writer_assigned": True},
        {"owner": OTHER, "writer": ME, "author": ME, "second": OTHER, "writer_assigned": True},
        {"owner": OTHER, "writer": ME, "author": OTHER, "second": ME, "writer_assigned": True},
        {"owner": OTHER, "writer": ME, "author": ME, "second": OTHER, "writer_assigned": False},
        {"owner": OTHER, "writer": OTHER, "author": ME, "second": ME, "writer_assigned": True},
        {"owner": OTHER, "writer": None, "author": OTHER, "second": ME, "writer_assigned": False},
        {"owner": OTHER, "writer": OTHER, "author": OTHER, "second": OTHER, "writer_assigned": True},
        {"owner": OTHER, "writer": OTHER, "author": OTHER, "second": ME, "led_by": frozenset({ME})},
        {"owner": ME, "writer": ME, "author": OTHER, "second": ME, "writer_assigned": True},
        {"owner": ME, "writer": OTHER, "author": OTHER, "second": ME, "writer_assigned": True},
    ]
    sound = (("live", "long before", False), ("live", "long before", True), ("live", "at", False))
    for who, stands, (state, moment, threat), readable in product(
        concerned, ("waiting", "scoring", "scored", "concluded", "ended"), (*sound, GONE), (True, False)
    ):
        if readable or stands in ("scored", "concluded"):
            yield Situation(
                "second opinion",
                state=state,
                moment=moment,
                threat=threat,
                stands=stands,
                readable=readable,
                **who,
            )


GONE = ("erasing", "at", False)
"""A call that is erased, or of which nothing more is told."""


def _developments() -> Iterator[Situation]:
    """How somebody develops, and the summaries about them: nothing goes on that was not given first."""
    sets = (frozenset[str](), frozenset({ME}), frozenset({OTHER}), frozenset({ME, OTHER}))
    for owner, coaches in product((ME, OTHER), sets):
        yield Situation("development", owner, coached_by=coaches)
    for owner, writer, assigned, leads, (given, passed) in product(
        (ME, OTHER), (ME, OTHER), (False, True), sets, ((False, False), (True, False), (True, True))
    ):
        yield Situation(
            "summary",
            owner,
            writer=writer,
            writer_assigned=assigned,
            led_by=leads,
            finished=given,
            passed=passed,
        )
    yield from (Situation(**kind) for kind in shared.kinds())  # type: ignore[arg-type]
    yield from (Situation(**kind) for kind in together.kinds())  # type: ignore[arg-type]
    yield from (Situation(**kind) for kind in copies.kinds())  # type: ignore[arg-type]


def _threats() -> Iterator[Situation]:
    """One that is reported, at each of its stages, kept still or past its term; whose lead I may be."""
    sets = (frozenset[str](), frozenset({ME}), frozenset({OTHER}), frozenset({ME, OTHER}))
    stages = ("open", "decided", "settled", "withdrawn")
    for owner, leads, stands, kept in product((ME, OTHER), sets, stages, (True, False)):
        yield Situation("threat", owner, led_by=leads, stands=stands, readable=kept)


def _threat_stands(s: Situation) -> bool:
    return s.thing == "threat" and s.stands in ("open", "decided") and s.readable


def _own_threat(s: Situation) -> bool:
    return _threat_stands(s) and s.mine


def _threat_of_whom_i_lead(s: Situation) -> bool:
    return _threat_stands(s) and ME in s.led_by and not s.mine


def _own_call_listed(s: Situation) -> bool:
    return s.a_call and s.mine and s.state in ("live", "sealed") and s.before_its_deadline


def _own_call_with_sound(s: Situation) -> bool:
    return s.a_call and s.mine and s.state == "live" and s.before_its_deadline


def _drawn_for_whom_i_coach(s: Situation) -> bool:
    return (
        s.thing == "drawn call"
        and s.open
        and ME in s.coached_by
        and not s.mine
        and not s.threat
        and s.state == "live"
        and s.before_its_deadline
    )


def _i_wrote(s: Situation) -> bool:
    return s.thing == "report" and s.writer == ME and s.writer_assigned and not s.mine


def _i_coach(s: Situation) -> bool:
    return s.thing == "coached" and ME in s.coached_by and not s.mine


def _i_ask(s: Situation) -> bool:
    return s.thing == "second opinion" and s.mine


def _anothers(s: Situation) -> bool:
    return (
        s.thing == "second opinion"
        and ME not in (s.owner, s.writer, s.author)
        and ME not in s.led_by
        and not s.threat
    )


def _i_score(s: Situation) -> bool:
    return _anothers(s) and s.second == ME and s.stands == "scoring"


def _i_may_take(s: Situation) -> bool:
    return _anothers(s) and s.stands == "waiting" and s.state == "live" and s.before_its_deadline


def _i_am_first(s: Situation) -> bool:
    return s.thing == "second opinion" and s.writer == ME and s.writer_assigned and not s.mine


def _i_gave_it(s: Situation) -> bool:
    return s.thing == "second opinion" and s.second == ME and s.stands == "scored" and s.readable


def _i_sum_up(s: Situation) -> bool:
    return s.thing == "summary" and s.writer == ME and s.writer_assigned and not s.mine


def _heard_of_another(s: Situation) -> bool:
    return s.a_call and not s.mine and s.state == "live" and s.before_its_deadline


def _requested(s: Situation) -> bool:
    return s.thing == "disclosure" and s.open and _heard_of_another(s)


def _we_decided(s: Situation) -> bool:
    return s.thing == "police copy" and ME in s.led_by and s.finished and _heard_of_another(s)


def _may_be_heard(s: Situation) -> bool:
    return not s.threat and s.state == "live" and s.before_its_deadline


def _in_my_session(s: Situation) -> bool:
    takes_part = s.thing == "session" and s.role != "nothing" and not s.mine
    return takes_part and s.phase != "over" and _may_be_heard(s)


def _i_score_blind(s: Situation) -> bool:
    blind = s.role in ("scores", "leads and scores") and s.phase == "scoring"
    return _in_my_session(s) and s.word == "given" and blind


def _in_my_training(s: Situation, *, coach: bool) -> bool:
    inside = s.thing in ("training", "training call") and s.role != "outside" and s.phase != "over"
    return inside and (coach or not s.coaches_only)


def _heard_in_training(s: Situation, *, coach: bool) -> bool:
    there = s.thing == "training call" and s.phase == "held" and s.word == "given"
    return there and _in_my_training(s, coach=coach) and _may_be_heard(s)


def _reported_and_mine(s: Situation) -> bool:
    return s.thing == "joint" and _own_call_with_sound(s) and s.word == "stands"


def _led_by_me(s: Situation) -> bool:
    leads = s.thing == "joint" and s.role in ("leads", "another joined", "joined") and not s.mine
    return leads and s.state == "live" and s.before_its_deadline


def _i_may_join(s: Situation) -> bool:
    return _led_by_me(s) and s.role != "another joined" and s.phase == "on" and s.word == "stands"


def _two_are_there(s: Situation) -> bool:
    two = s.role in ("third joined", "another joined", "joined") and not (s.mine and s.role == "joined")
    return two and s.stands == "both"


def _always(_: Situation) -> bool:
    return True


Test = Callable[[Situation], bool]
EVERYBODY = {
    Action.PUBLIC_VISIT,
    Action.SIGN_IN,
    Action.HOME_VISIT,
    Action.ACCOUNT_MANAGE,
    Action.POLICY_READ,
    Action.NOTICE_READ,
    Action.MY_DATA_READ,
    Action.SOUND_FETCH,  # of a lease, which only a permit to play gives
}
DECIDING: dict[Action, Test] = {
    Action.CASE_LIST: _always,
    Action.CASE_PROPOSE: cases.may_propose,
    Action.CASE_READ: cases.may_read,
    Action.CASE_SIGN: cases.may_sign,
    Action.CASE_END: cases.may_end,
    Action.CASE_PLAY: cases.may_hear,
}
"""Team lead and department manager together, on weighty reasons (WGT-2)."""
MAY: dict[Function, dict[Action, Test]] = {
    # Hears and sees their own until it is erased, reads what is finished about them, reports a threat.
    Function.EMPLOYEE: {
        Action.CASE_OWN: _always,
        Action.RECORDING_LIST: _always,
        Action.RECORDING_READ: _own_call_listed,
        Action.RECORDING_PLAY: _own_call_with_sound,
        Action.THREAT_REPORT: _own_call_with_sound,
        Action.HOLD_REVIEW: _own_call_with_sound,
        Action.INCIDENT_WITHDRAW: lambda s: _own_threat(s) and s.stands == "open",
        Action.INCIDENT_READ: _own_threat,
        Action.INCIDENT_DECIDE: _own_threat,
        Action.INCIDENT_KEEP: _own_threat,
        Action.ANNOUNCEMENT_READ: _always,
        Action.UNANNOUNCED_ASK: _always,
        Action.REPORT_LIST: _always,
        **dict.fromkeys(
            (
                Action.REPORT_READ,
                Action.REPORT_TAKE,
                Action.REPORT_SIGN,
                Action.CONVERSATION_ANSWER,
                Action.CONVERSATION_WRITE,
            ),
            lambda s: s.thing == "report" and s.mine and s.finished,
        ),
        Action.REPORT_READ: lambda s: s.thing == "report" and s.mine and s.finished,
        Action.PROGRESS_READ: lambda s: s.thing == "development" and s.mine,
        Action.SUMMARY_LIST: _always,
        Action.SUMMARY_READ: lambda s: s.thing == "summary" and s.mine and s.finished,
        Action.SUMMARY_PASS: lambda s: s.thing == "summary" and s.mine and s.finished and not s.passed,
        Action.CRITERIA_READ: _always,
        Action.DRAW_PHRASE: _always,
        Action.DRAW_LIST: _always,
        Action.DRAW_READ: lambda s: s.thing == "draw" and s.mine,
        Action.OPINION_ASK: lambda s: s.thing == "report" and s.mine and s.finished,
        Action.OPINION_WITHDRAW: lambda s: _i_ask(s) and s.stands in ("waiting", "scoring"),
        Action.OPINION_COMPARE: lambda s: _i_ask(s) and s.stands in ("scored", "concluded"),
        Action.OPINION_CONCLUDE: lambda s: _i_ask(s) and s.stands == "scored",
        # Says yes, no and no longer to the use of an own call; is in trainings that are not for coaches only.
        Action.CONSENT_GIVE: lambda s: _own_call_with_sound(s) and not s.threat,
        Action.CONSENT_WITHDRAW: _own_call_with_sound,
        # Opens a session to listen together about a call they reported; sound only while both are there.
        Action.JOINT_OPEN: _reported_and_mine,
        Action.JOINT_READ: _own_call_with_sound,
        Action.JOINT_STEER: lambda s: _reported_and_mine(s) and s.phase == "on",
        Action.JOINT_PLAY: lambda s: _reported_and_mine(s) and s.phase == "on" and _two_are_there(s),
        Action.TRAINING_LIST: _always,
        Action.TRAINING_READ: lambda s: _in_my_training(s, coach=False),
        Action.TRAINING_PLAY: lambda s: _heard_in_training(s, coach=False),
    },
    # Drawn calls of assigned employees while the draw is open, never a threat; the reports they wrote.
    Function.COACH: {
        Action.SAMPLE_LIST: _always,
        Action.SAMPLE_READ: _drawn_for_whom_i_coach,
        Action.SAMPLE_PLAY: _drawn_for_whom_i_coach,
        Action.SAMPLE_REJECT: _drawn_for_whom_i_coach,
        Action.COACHING_PLAN: _always,
        Action.SELECTION_PLAN: _i_coach,
        Action.UNANNOUNCED_ANSWER: _i_coach,
        Action.EXCEPTION_SET: _i_coach,
        Action.REPORT_LIST: _always,
        Action.REPORT_READ: lambda s: _i_wrote(s) and (s.finished or not s.threat),
        Action.REPORT_SCORE: lambda s: _i_wrote(s) and not s.finished and not s.threat,
        Action.REPORT_FINISH: lambda s: _i_wrote(s) and not s.finished and not s.threat,
        **dict.fromkeys(
            (
                Action.REPORT_TAKE,
                Action.REPORT_SIGN,
                Action.CONVERSATION_PROPOSE,
                Action.CONVERSATION_WRITE,
            ),
            lambda s: _i_wrote(s) and s.finished,
        ),
        # The team writes the criteria together; what one puts forward another publishes.
        Action.CRITERIA_READ: _always,
        Action.CRITERIA_EDIT: _always,
        Action.CRITERIA_PROPOSE: _always,
        Action.CRITERIA_CONFIRM: lambda s: s.thing == "form" and s.writer == OTHER,
        # Another coach than the report's hears and scores the call blind; then both see both.
        Action.OPINION_LIST: _always,
        Action.OPINION_TAKE: _i_may_take,
        Action.OPINION_PLAY: lambda s: _i_score(s) and s.state == "live" and s.before_its_deadline,
        Action.OPINION_SCORE: _i_score,
        Action.OPINION_COMPARE: lambda s: (
            (_i_am_first(s) and s.stands in ("scored", "concluded")) or _i_gave_it(s)
        ),
        Action.OPINION_CONCLUDE: lambda s: _i_am_first(s) and s.stands == "scored",
        # Develops with those they coach, writes their summaries; sees the centre as groups.
        Action.PROGRESS_READ: lambda s: s.thing == "development" and ME in s.coached_by and not s.mine,
        Action.SUMMARY_LIST: _always,
        Action.SUMMARY_READ: _i_sum_up,
        Action.SUMMARY_WRITE: lambda s: _i_sum_up(s) and not s.passed,
        Action.CENTRE_READ: _always,
        # Asks for drawn calls; hears with consent what is in their own sessions and trainings.
        Action.CONSENT_ASK: _drawn_for_whom_i_coach,
        Action.CALIBRATION_LIST: _always,
        Action.CALIBRATION_CONVENE: lambda s: (
            s.thing == "offered call"
            and ME in s.coached_by
            and not s.mine
            and s.word == "given"
            and _may_be_heard(s)
        ),
        Action.CALIBRATION_READ: _in_my_session,
        Action.CALIBRATION_PLAY: lambda s: _in_my_session(s) and s.word == "given",
        Action.CALIBRATION_SCORE: _i_score_blind,
        Action.CALIBRATION_LEAD: lambda s: _in_my_session(s) and s.role.startswith("leads"),
        Action.TRAINING_LIST: _always,
        Action.TRAINING_READ: lambda s: _in_my_training(s, coach=True),
        Action.TRAINING_PLAY: lambda s: _heard_in_training(s, coach=True),
        Action.TRAINING_PLAN: _always,
        Action.TRAINING_LEAD: lambda s: _in_my_training(s, coach=True) and s.role == "trainer",
    },
    # Of their own team: never a form, only a summary that the employee read before (REP-9, REP-10).
    Function.TEAM_LEAD: {
        Action.JOINT_READ: lambda s: _led_by_me(s) and s.role != "another joined" and s.phase != "over",
        Action.JOINT_JOIN: _i_may_join,
        Action.JOINT_STEER: lambda s: _i_may_join(s) and s.role == "joined",
        Action.JOINT_PLAY: lambda s: _i_may_join(s) and s.role == "joined" and _two_are_there(s),
        **DECIDING,
        Action.TEAM_READ: _always,
        # Of a threat, together with whoever reported it and is led now; never its sound alone (THR-2).
        Action.INCIDENT_READ: _threat_of_whom_i_lead,
        Action.INCIDENT_DECIDE: _threat_of_whom_i_lead,
        Action.INCIDENT_KEEP: _threat_of_whom_i_lead,
        # A copy for the police, which they and the employee decided on together (THR-5).
        Action.POLICE_COPY_MAKE: _we_decided,
        Action.POLICE_COPY_TAKE: lambda s: _we_decided(s) and s.open,
        Action.SUMMARY_LIST: _always,
        Action.SUMMARY_READ: lambda s: s.thing == "summary" and ME in s.led_by and not s.mine and s.passed,
    },
    Function.DEPARTMENT_MANAGER: {
        **DECIDING,
        Action.CENTRE_READ: _always,
        Action.THREATS_COUNT: _always,
        Action.CASE_COUNT: _always,
    },
    # Finds a caller's calls for a registered request, without their sound (SUB-1); reads, searches
    # and takes out the audit, and judges what the watch over it noticed.
    Function.DATA_PROTECTION_OFFICER: {
        Action.CALLER_FIND: _always,
        Action.THREATS_COUNT: _always,
        # Covers names in a copy of somebody else's call, while a request for it runs (SUB-2, GOV-3).
        Action.DISCLOSURE_LIST: _always,
        Action.DISCLOSURE_REGISTER: lambda s: s.thing in ("call", "disclosure") and _heard_of_another(s),
        Action.DISCLOSURE_MARK: _requested,
        Action.DISCLOSURE_PLAY: _requested,
        Action.DISCLOSURE_TAKE: _requested,
        Action.CASE_LIST: _always,
        Action.CASE_COUNT: _always,
        Action.CASE_READ: cases.a_case,
        Action.CASE_SUSPEND: lambda s: cases.a_case(s) and s.phase != "ended",
        Action.AUDIT_EXPORT: _always,
        Action.AUDIT_SEARCH: _always,
        Action.WATCH_SETTLE: _always,
        Action.CHECKPOINTS_READ: _always,
        Action.DRAWS_OVERSEE: _always,
        Action.ACCESS_EXPLAIN: _always,
    },
    Function.WORKS_COUNCIL: {
        Action.THREATS_COUNT: _always,
        Action.CASE_COUNT: _always,
        Action.CHECKPOINTS_READ: _always,
        Action.DRAWS_OVERSEE: _always,
        Action.CENTRE_READ: _always,
    },
    Function.ADMINISTRATOR: {
        Action.STATUS_READ: _always,
        Action.CLOCK_CONFIRM: _always,
        Action.LINES_READ: _always,
        Action.LINE_CHANGE: _always,
        Action.PEOPLE_READ: _always,
        Action.PEOPLE_CHANGE: lambda s: s.thing == "person" and not s.mine,
        Action.SECOND_FACTOR_RESET: lambda s: s.thing == "person" and not s.mine,
    },
    Function.RECORDER: {Action.RECORDING_INTAKE: _always, Action.VCON_DELIVER: _always},
    # Says who works here, and sees nothing else (ACC-6 holds for it too).
    Function.PROVISIONER: {Action.PEOPLE_PROVISION: _always},
    Function.SYSTEM: dict.fromkeys(
        (
            Action.RECORDING_INTAKE,
            Action.RECORDING_FIND,
            Action.CASE_SWEEP,
            Action.CALLER_FIND,
            Action.CALLER_DIGEST,
            Action.RECORDING_ERASE,
            Action.REPORT_ERASE,
            Action.OPINION_END,
            Action.SUMMARY_PASS,
            Action.SUMMARY_ERASE,
            Action.CENTRE_COMPUTE,
            Action.CONSENT_END,
            Action.JOINT_END,
            Action.INCIDENT_END,
            Action.SELECTION_ANNOUNCE,
            Action.DRAW_RUN,
            Action.PEOPLE_IMPORT,
            Action.PEOPLE_CHANGE,
            Action.SECOND_FACTOR_RESET,
            Action.LINES_IMPORT,
            Action.LINES_READ,
            Action.TOKEN_CREATE,
            Action.CLOCK_CONFIRM,
            Action.METRICS_READ,
            Action.AUDIT_EXPORT,
            Action.ACCESS_EXPLAIN,
            Action.AUDIT_WATCH,
            Action.AUDIT_FORGET,
            Action.AUDIT_RESTORED,
            Action.AUDIT_KEY,
        ),
        _always,
    ),
}
PURPOSES = {
    Action.CASE_PLAY: {Purpose.WEIGHTY_REASONS},
    Action.RECORDING_PLAY: {Purpose.INSPECTION},
    Action.SAMPLE_PLAY: {Purpose.COACHING, Purpose.MONITORING},
    Action.OPINION_PLAY: {Purpose.SECOND_OPINION},
    Action.CALIBRATION_PLAY: {Purpose.CALIBRATION},
    Action.TRAINING_PLAY: {Purpose.TRAINING},
    Action.JOINT_PLAY: {Purpose.THREAT},
    Action.CALLER_FIND: {Purpose.CALLER_REQUEST},
    Action.DISCLOSURE_PLAY: {Purpose.CALLER_REQUEST, Purpose.DISCLOSURE},
    Action.DISCLOSURE_TAKE: {Purpose.CALLER_REQUEST, Purpose.DISCLOSURE},
    Action.POLICE_COPY_MAKE: {Purpose.THREAT},
    Action.POLICE_COPY_TAKE: {Purpose.THREAT},
}
"""What may be the purpose of each use of a sound (PUR-1) and of a search by number (SUB-1); everything else
has none."""


def may(function: Function | None, action: Action, situation: Situation, purpose: Purpose | None) -> bool:
    """Whether somebody who holds this one function may."""
    if purpose not in PURPOSES.get(action, {None}):
        return False
    if action in EVERYBODY:
        return True
    test = MAY[function].get(action) if function else None
    return test is not None and test(situation)


def somebody(*functions: Function) -> Actor:
    """Me, with these functions."""
    posts = frozenset(Post(function, team_id="red") for function in functions)
    return Actor(ME, "Me Jansen", posts, session_id="session")
