# ruff: noqa: S608 - tables and ids of ours
"""What the web's role reaches with plain SQL, beside the policy itself: every row of every protected table,
for everybody, in both directions.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import and_, insert, select, text, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import Facts
from kcc.access.policy import Subject
from kcc.access.purposes import Purpose
from kcc.audit.model import AuditLeaf, AuditLine
from kcc.clock import Frozen
from kcc.coaching import queries as coaching
from kcc.coaching.calibration import queries as calibrations
from kcc.coaching.calibration.model import Calibration
from kcc.coaching.consents import queries as consents
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.conversation.model import Conversation
from kcc.coaching.draws.model import DrawPhrase
from kcc.coaching.model import Draw, Report, SampledCall, SelectionDate, SlotAllowance
from kcc.coaching.opinions import queries as opinions
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.scoring.model import RemarkMoment
from kcc.coaching.summaries import queries as summing
from kcc.coaching.summaries.model import AppraisalSummary
from kcc.coaching.training import queries as trainings
from kcc.db import new_id
from kcc.errors import AccessDenied, NotFound
from kcc.people import queries as people
from kcc.people.model import CoachAssignment, FunctionPeriod
from kcc.recordings import queries as recordings
from kcc.recordings.model import Hold, HoldReview, PlaybackLease, Recording
from kcc.recordings.redaction import entries as registering
from kcc.recordings.redaction import queries as disclosures
from kcc.recordings.redaction.model import DisclosureEntry
from kcc.stores import Stores
from kcc.threat.joint_listening import queries as joining
from kcc.threat.joint_listening.model import JointPresence, JointSession
from kcc.threat.model import Incident, IncidentCall
from tests.access.summing import summaries
from tests.access.test_matrix import PEOPLE
from tests.access.world import World
from tests.conftest import Client
from tests.wall import raw

KEYS = {
    "recording": "id",
    "hold": "id",
    "hold_review": "hold_id",
    "playback_lease": "id",
    "selection_date": "id",
    "slot_allowance": "slot",
    "sampled_call": "id",
    "report": "id",
    "conversation": "report_id",
    "conversation_text": "report_id",
    "signed_version": "report_id",
    "report_signature": "report_id",
    "improvement_point": "report_id",
    "appraisal_summary": "id",
    "remark_moment": "report_id",
    "draw_phrase": "id",
    "second_opinion": "id",
    "incident": "id",
    "incident_call": "recording_id",
    "joint_session": "id",
    "joint_presence": "joint_id",
    "audit_line": "id",
    "audit_leaf": "position",
}
"""The protected tables of which the web reaches anything, and what tells their rows apart."""


TALKS = ("conversation", "conversation_text", "signed_version", "report_signature", "improvement_point")
"""What hangs on a report and is reached with it; the world's only conversation has all of it, shared."""


class Oracle:
    """What the policy says of every row there is, for one person at this moment."""

    def __init__(self, session: Session, actor: Actor, now: datetime) -> None:
        self.session, self.actor, self.now = session, actor, now
        today = clock.local_day(now)
        self.coached = people.employees_of(session, actor.person_id, today) - {actor.person_id}
        self.coached = self.coached if self.may(Action.SAMPLE_LIST) else frozenset()

    def may(self, action: Action, facts: Facts | None = None, purpose: Purpose | None = None) -> bool:
        """The policy's verdict."""
        try:
            policy.permit(self.actor, action, Subject("test"), facts, purpose)
        except AccessDenied:
            return False
        return True

    def rows(self) -> dict[str, set[Any]]:
        """The keys of the rows of each table that some grant opens."""
        own = {id_ for id_ in self._ids(Recording) if self._own(id_)}
        samples = {id_ for id_ in self._ids(SampledCall) if self._sample(id_)}
        reports = {id_ for id_ in self._ids(Report) if self._report(id_)}
        drawn = self._of(SampledCall.recording_id, SampledCall.id.in_(samples))
        opined = self._opined()
        both = {i for i in self._ids(SecondOpinion) if self._opinion(i, Action.OPINION_COMPARE)}
        second = (SecondOpinion.id.in_(both), SecondOpinion.second_id == self.actor.person_id)
        compared = self._of(SecondOpinion.report_id, and_(*second))
        first = reports | self._of(SecondOpinion.report_id, SecondOpinion.id.in_(self._unfinished_first()))
        joints = {i for i in self._ids(JointSession) if self._joint(i)}
        together = self._of(JointSession.recording_id, JointSession.id.in_(joints))
        held = self._of(Hold.id, Hold.recording_id.in_(own))
        me = self.actor.person_id
        mine = (AuditLine.about_id == me, AuditLine.actor_id == me, AuditLine.subject == f"person:{me}")
        leases = self._of(PlaybackLease.id, PlaybackLease.recording_id.in_(own))
        officer = self.may(Action.AUDIT_EXPORT)
        return {
            "recording": own | drawn | self._heard(opined) | self._shared() | together | self._disclosed(),
            "hold": held,
            "hold_review": self._of(HoldReview.hold_id, HoldReview.hold_id.in_(held)),
            "playback_lease": leases
            | self._of(PlaybackLease.id, PlaybackLease.person_id == self.actor.person_id),
            "selection_date": self._of(SelectionDate.id, SelectionDate.employee_id.in_(self._concerned())),
            "slot_allowance": self._of(SlotAllowance.slot, SlotAllowance.employee_id.in_(self._concerned())),
            "sampled_call": samples | self._of(Report.sampled_call_id, Report.id.in_(reports)),
            **dict.fromkeys(TALKS, self._of(Conversation.report_id, Conversation.report_id.in_(reports))),
            "appraisal_summary": {i for i in self._ids(AppraisalSummary) if self._summary(i)},
            "remark_moment": self._of(
                RemarkMoment.report_id,
                and_(RemarkMoment.report_id.in_(reports), RemarkMoment.recording_id.in_(own | drawn)),
            ),
            "draw_phrase": self._of(DrawPhrase.id, DrawPhrase.employee_id == me)
            if self.may(Action.DRAW_PHRASE)
            else set(),
            "report": reports | compared,
            "second_opinion": both | opined | self._of(SecondOpinion.id, SecondOpinion.report_id.in_(first)),
            "incident": self._of(Incident.id, Incident.recording_id.in_(own | together)),
            "incident_call": self._of(
                IncidentCall.recording_id, IncidentCall.recording_id.in_(own | together)
            ),
            "joint_session": joints,
            "joint_presence": self._of(JointPresence.joint_id, JointPresence.joint_id.in_(joints)),
            "audit_line": self._ids(AuditLine)
            if officer
            else set[Any]().union(*(self._of(AuditLine.id, one) for one in mine)),
            "audit_leaf": set(self._ids(AuditLeaf, AuditLeaf.position)) if officer else set(),
        }

    def _joint(self, id_: str) -> bool:
        """Whether this person is one of both, or may join."""
        return self._holds(Action.JOINT_READ, lambda: joining.facts(self.session, id_, self.now))

    def _disclosed(self) -> set[Any]:
        """The recordings for which a request runs, for whoever covers names in a copy of them."""
        entries = self.session.scalars(select(DisclosureEntry))
        return {
            one.recording_id
            for one in list(entries)
            if self.may(Action.DISCLOSURE_MARK, disclosures.facts(self.session, one.id, self.now))
        }

    def _opined(self) -> set[Any]:
        """The second opinions that this person may take, or took and may score."""
        either = (Action.OPINION_TAKE, Action.OPINION_SCORE)
        return {i for i in self._ids(SecondOpinion) if any(self._opinion(i, action) for action in either)}

    def _heard(self, opined: set[Any]) -> set[Any]:
        live = and_(Recording.state == "live", Recording.due_at > self.now)
        return self._of(Recording.id, live) & self._of(
            SecondOpinion.recording_id, SecondOpinion.id.in_(opined)
        )

    def _opinion(self, id_: str, action: Action) -> bool:
        return self._holds(action, lambda: opinions.facts(self.session, id_, self.now))

    def _unfinished_first(self) -> set[Any]:
        """In this world some stand on reports that are not finished: of the employee and of their coach."""
        me = self.actor.person_id
        mine = self._of(SecondOpinion.id, SecondOpinion.employee_id == me)
        mine = mine if self.may(Action.ANNOUNCEMENT_READ) else set()
        first = and_(SecondOpinion.coach_id == me, SecondOpinion.employee_id.in_(self.coached))
        return mine | self._of(SecondOpinion.id, first)

    def changeable(self) -> dict[str, set[Any]]:
        """The rows that some grant lets this person change."""
        calls = {i for i in self._ids(Recording) if self.may(Action.THREAT_REPORT, self._facts(i))}
        of_report = lambda id_: coaching.report_facts(self.session, id_, self.now)  # noqa: E731
        mine = {i for i in self._ids(Report) if self._holds(Action.REPORT_SCORE, partial(of_report, i))}
        read = self._of(Report.id, Report.employee_id == self.actor.person_id)
        sums = {
            i
            for i in self._ids(AppraisalSummary)
            if any(self._summary(i, one) for one in (Action.SUMMARY_WRITE, Action.SUMMARY_PASS))
        }
        rows = self.rows()
        return {
            "recording": calls,
            "report": mine | (read & rows["report"]),
            "remark_moment": mine & rows["remark_moment"],
            "appraisal_summary": sums,
        }

    def _concerned(self) -> Iterable[str]:
        return self.coached | ({self.actor.person_id} if self.may(Action.ANNOUNCEMENT_READ) else set())

    def _facts(self, id_: str) -> Facts:
        return recordings.facts(self.session, id_, self.now)

    def _own(self, id_: str) -> bool:
        facts = self._facts(id_)
        return self.may(Action.RECORDING_READ, facts) or self.may(
            Action.RECORDING_PLAY, facts, Purpose.INSPECTION
        )

    def _sample(self, id_: str) -> bool:
        facts = lambda: coaching.sample_facts(self.session, id_, self.now)  # noqa: E731
        return self._holds(Action.SAMPLE_READ, facts) or self._holds(
            Action.SAMPLE_PLAY, facts, Purpose.MONITORING
        )

    def _report(self, id_: str) -> bool:
        return self._holds(Action.REPORT_READ, lambda: coaching.report_facts(self.session, id_, self.now))

    def _summary(self, id_: str, action: Action = Action.SUMMARY_READ) -> bool:
        return self._holds(action, lambda: summing.facts(self.session, id_, self.now))

    def _holds(self, action: Action, facts: Callable[[], Facts], purpose: Purpose | None = None) -> bool:
        try:
            return self.may(action, facts(), purpose)
        except NotFound:
            return False

    def _shared(self) -> set[Any]:
        """Recordings that somebody sees with their employee's consent: in sessions, trainings and offers."""
        return {
            consent.recording_id
            for consent in self.session.scalars(select(CallConsent))
            if any(self.may(*asked) for asked in self._uses(consent))
        }

    def _uses(self, consent: CallConsent) -> Iterable[tuple[Any, ...]]:
        """What the policy is asked about one consent."""
        for id_ in self.session.scalars(select(Calibration.id).where(Calibration.consent_id == consent.id)):
            yield Action.CALIBRATION_READ, calibrations.facts(self.session, id_, self.now)
        if consent.training_id:
            call = trainings.call_facts(self.session, consent.id, self.now)
            yield Action.TRAINING_PLAY, call, Purpose.TRAINING
        else:
            yield Action.CALIBRATION_CONVENE, consents.offer_facts(self.session, consent.id, self.now)

    def _ids(self, model: Any, key: Any = None) -> set[Any]:
        return set(self.session.scalars(select(model.id if key is None else key)))

    def _of(self, key: Any, where: Any) -> set[Any]:
        return set(self.session.scalars(select(key).where(where)))


def differences(world: World, stores: Stores) -> tuple[list[str], dict[str, int]]:
    """Where the database gives a person more or less than the policy; and how many rows it gave, by table."""
    engine, found, given = raw.engine_of(stores), [], dict.fromkeys(KEYS, 0)
    for name in PEOPLE:
        person_id = getattr(world.centre, name)
        digest, actor = raw.token_of(stores, person_id), world.centre.actor(person_id)
        with stores.database.read() as session, raw.within(engine, digest) as connection:
            oracle = Oracle(session, actor, clock.now())
            for table, allowed in oracle.rows().items():
                reached = raw.rows(connection, table, KEYS[table])
                given[table] += len(reached)
                if reached != allowed:
                    found.append(f"{name} {table}: {reached - allowed} too many, {allowed - reached} missing")
            found += [f"{name} changes {one}" for one in _changes(connection, oracle)]
    return found, given


def _changes(connection: Any, oracle: Oracle) -> list[str]:
    """What can be changed or taken away that the policy lets nobody, or not this person."""
    wrong, allowed = [], oracle.changeable()
    told = {
        "recording": "UPDATE recording SET sample_barred = true WHERE id = '{}'",
        "report": "UPDATE report SET read_at = now() WHERE id = '{}'",
        "appraisal_summary": "UPDATE appraisal_summary SET saved_at = now() WHERE id = '{}'",
        "remark_moment": "UPDATE remark_moment SET sealed = 'x' WHERE report_id = '{}'",
    }
    of_coach = "UPDATE report SET revision = revision + 1 WHERE id = '{}'"
    for table, statement in told.items():
        key: Any = {
            "recording": Recording.id,
            "report": Report.id,
            "remark_moment": RemarkMoment.report_id,
            "appraisal_summary": AppraisalSummary.id,
        }
        for id_ in oracle.session.scalars(select(key[table])):
            outcomes = {raw.tried(connection, statement.format(id_))}
            if table == "report":
                outcomes.add(raw.tried(connection, of_coach.format(id_)))
            if (1 in outcomes) != (id_ in allowed[table]):
                wrong.append(f"{table} {id_}: {outcomes}")
    doomed = [*(table for table in KEYS if table != "remark_moment"), "draw", "tombstone"]
    wrong += [f"DELETE {one}" for one in doomed if raw.tried(connection, f"DELETE FROM {one}") != "42501"]
    if raw.tried(connection, "UPDATE sampled_call SET slot = slot") not in (0, "42501"):
        wrong.append("UPDATE sampled_call")
    return wrong


def remarked(stores: Stores) -> None:
    """Put a remark at a moment into every report whose call is still there."""
    query = select(Report.id, SampledCall.recording_id).join(
        SampledCall, SampledCall.id == Report.sampled_call_id
    )
    with stores.database.write() as session:
        calls = set(session.scalars(select(Recording.id)))
        rows = [
            RemarkMoment(report_id=report, remark="a", recording_id=call, sealed=b"x")
            for report, call in session.execute(query).all()
            if call in calls
        ]
        session.add_all(rows)


def opened_by_everybody(world: World, app: Any, stores: Stores) -> None:
    """Let a call be heard by its employee and by their coach, so that there are leases."""
    for name, path in (("anna", "/calls/{}/listen"), ("coach", "/samples/{}/listen")):
        thing = "call.live" if name == "anna" else "sample.fresh"
        browser = Client(app, stores).sign_in(getattr(world.centre, name))
        assert browser.post(path.format(world.ids[thing])).status_code == 303


@pytest.mark.rule("ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-6", "REP-4", "REP-9", "SAM-6", "RET-7")
def test_plain_sql_reaches_what_the_policy_opens_and_nothing_else(
    app: Any, world: World, stores: Stores, now: Frozen
) -> None:
    """Today; after relations changed; after the deadline though no job ran: for every profile, row by row."""
    opened_by_everybody(world, app, stores)
    summaries(stores, world.centre)
    remarked(stores)
    with stores.database.write() as session:
        for call in ("call.live", "call.bobs", "call.threat"):
            officer, asked = world.centre.actor(world.centre.officer), world.ids[call]
            registering.register(stores, session, officer, asked, "disclosure", "Woo 3")
    found, given = differences(world, stores)
    assert found == []
    assert all(given[table] for table in KEYS if table != "audit_leaf"), f"nothing was compared: {given}"

    centre = world.centre
    with stores.database.write() as session:
        assigned = CoachAssignment.employee_id == centre.anna
        session.execute(update(CoachAssignment).where(assigned).values(ends=clock.today()))
        row = {"id": new_id(), "employee_id": centre.anna, "begins": clock.today()}
        session.execute(insert(CoachAssignment), [row | {"coach_id": centre.other_coach}])
        was = FunctionPeriod.person_id == centre.carla
        session.execute(update(FunctionPeriod).where(was).values(function="coach"))
    assert differences(world, stores)[0] == []

    now.move(timedelta(days=28))
    found, given = differences(world, stores)
    assert found == []
    assert given["report"], "finished reports outlive their calls"


def test_without_a_session_nothing_is_reached(world: World, stores: Stores) -> None:
    """Of no table that holds anything about anybody; the draws' pools by nobody at all."""
    engine = raw.engine_of(stores)
    with raw.within(engine, None) as connection:
        for table in (*KEYS, "function_period", "coach_assignment", "team"):
            assert raw.tried(connection, f"SELECT * FROM {table}") == 0, table
    with raw.within(engine, raw.token_of(stores, world.centre.officer)) as connection:
        for table in ("draw", "seed_chain", "tombstone", "service_token", "caller_day", "job_run"):
            assert raw.tried(connection, f"SELECT * FROM {table}") == "42501", table
    with stores.database.read() as session:
        assert session.scalar(select(Draw.number)), "there was something to reach"


def test_what_a_coach_is_told_is_no_row(world: World, stores: Stores) -> None:
    """How a month's slots stand, of those they coach."""
    centre, engine = world.centre, raw.engine_of(stores)
    slots = text("SELECT employee_id FROM kcc_wall.slots(:wanted, date '2026-11-01')")
    everybody = {"wanted": [centre.anna, centre.bob, centre.carla]}
    for name in PEOPLE:
        with raw.within(engine, raw.token_of(stores, getattr(centre, name))) as connection:
            seen = set(connection.scalars(slots, everybody))
            expected = {"coach": {centre.anna, centre.bob}, "other_coach": {centre.carla}}
            assert seen == expected.get(name, set()), name
