"""A centre with everybody and everything that the whole matrix asks about: each relation and each state, as
rows beside those of the small world; what is promised about them is in oracle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Function
from kcc.coaching import assessment, draft, quality_plan
from kcc.coaching import model as coaching
from kcc.coaching.opinions import sealing
from kcc.coaching.opinions.model import SecondOpinion
from kcc.db import new_id
from kcc.people.model import CoachAssignment, FunctionPeriod, Person, Team
from kcc.recordings.model import Hold, HoldReview, Recording
from kcc.threat.model import Incident, IncidentCall
from kcc.vault.fields import seal_text
from tests.access import oracle
from tests.access.oracle import Call, Opinion, Report, Sample, Thing
from tests.access.world import UNKNOWN, World
from tests.centre import BEGAN

MORE: dict[str, tuple[Function, ...]] = {
    "dual": (Function.EMPLOYEE, Function.COACH),
    "leading": (Function.EMPLOYEE, Function.TEAM_LEAD),
    "former": (Function.COACH,),
    "coming": (Function.COACH,),
    "lapsed": (Function.DEPARTMENT_MANAGER,),
    "heap": (Function.TEAM_LEAD, Function.DEPARTMENT_MANAGER, Function.WORKS_COUNCIL),
    "gone": (),
    "newcomer": (),
}
"""Who is here besides the small centre's people, and what they are today: somebody with customers and
coachees, a lead with customers, who coached anna until yesterday, who will from tomorrow, who does but is no
coach any more, who heaps up functions, whose function ended yesterday, whose begins tomorrow."""
COACHED = {"coach": {"anna", "bob", "dual"}, "other_coach": {"carla"}, "dual": {"carla"}, "lapsed": {"anna"}}
OWNERS = ("anna", "carla", "dual", None)
CALL_STATES = (
    *("live", "last", "due", "overdue", "sealed", "sealed-due"),
    *("quarantined", "erasing", "threat", "threat-due"),
)
DUE = {"due": 0, "overdue": -3600, "sealed-due": 0, "threat-due": 0}
"""Seconds from now to the deadline where it has come."""


@dataclass
class Whole:
    """Everything that is asked about, by its id, and everybody who asks."""

    things: dict[str, Thing] = field(default_factory=dict)
    people: dict[str, oracle.Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def extend(world: World) -> Whole:
    """Add people, calls, samples and reports to the small world."""
    whole = Whole()
    with world.stores.database.write() as session:
        _hire(session, world, whole)
    with world.stores.database.write() as session:
        rows = Rows(session, world, whole)
        for call in _calls():
            rows.call(call)
        for sample in _samples():
            rows.sample(sample)
        for opinion in _opinions():
            rows.opinion(opinion)
        rows.flush()
    for kind in ("call", "sample", "report", "opinion"):
        whole.things[f"{kind}-unknown"] = _nothing(kind)
        whole.ids[f"{kind}-unknown"] = UNKNOWN
    return whole


def _nothing(kind: str) -> Thing:
    if kind == "call":
        return Call("unknown", None, "gone")
    if kind == "opinion":
        return Opinion("unknown", "", None, None, None, "gone")
    return Sample("unknown", "", "gone") if kind == "sample" else Report("unknown", "", None, "gone")


# --- people ---


def _hire(session: Session, world: World, whole: Whole) -> None:
    centre, today = world.centre, clock.today()
    (red,) = session.scalars(select(Team.id).where(Team.code == "red"))
    for name, functions in MORE.items():
        person = Person(number=name, name=f"{name.title()} Jansen")
        session.add(person)
        session.flush()
        centre.__dict__[name] = person.id
        for function in functions or (Function.COACH,):
            ended, comes = name == "gone", name == "newcomer"
            session.add(
                FunctionPeriod(
                    person_id=person.id,
                    function=function,
                    team_id=red if function in (Function.EMPLOYEE, Function.TEAM_LEAD) else None,
                    customer_calls=function is Function.EMPLOYEE,
                    begins=today + timedelta(days=1) if comes else BEGAN,
                    ends=today if ended else None,
                )
            )
    session.add_all(_assignments(world, today))
    session.add(
        FunctionPeriod(person_id=centre.__dict__["lapsed"], function=Function.COACH, begins=BEGAN, ends=today)
    )
    _describe(whole)


def _assignments(world: World, today: date) -> Iterator[CoachAssignment]:
    who = world.centre.__dict__
    tomorrow = today + timedelta(days=1)
    for coach, employee, begins, ends in (
        ("coach", "dual", BEGAN, None),
        ("dual", "carla", BEGAN, None),
        ("former", "anna", BEGAN, today),
        ("coming", "anna", tomorrow, None),
        ("lapsed", "anna", BEGAN, None),
    ):
        yield CoachAssignment(coach_id=who[coach], employee_id=who[employee], begins=begins, ends=ends)


def _describe(whole: Whole) -> None:
    """Everybody as the promise sees them; the small centre's people hold what their names say."""
    small = {
        **dict.fromkeys(("anna", "bob", "carla"), Function.EMPLOYEE),
        **dict.fromkeys(("coach", "other_coach"), Function.COACH),
        **dict.fromkeys(("lead", "other_lead"), Function.TEAM_LEAD),
        "manager": Function.DEPARTMENT_MANAGER,
        "officer": Function.DATA_PROTECTION_OFFICER,
        "administrator": Function.ADMINISTRATOR,
        "council": Function.WORKS_COUNCIL,
    }
    held = {name: (function,) for name, function in small.items()} | MORE
    for name, functions in held.items():
        whole.people[name] = oracle.Person(
            name,
            frozenset(functions),
            frozenset(COACHED.get(name, ())),
            signed_in=bool(functions),
        )


# --- things ---


def _calls() -> Iterator[Call]:
    for owner in OWNERS:
        for state in CALL_STATES:
            yield Call(f"{owner}s-{state}", owner, state)


def _samples() -> Iterator[Sample]:
    for owner, writer in (("anna", "coach"), ("carla", "other_coach"), ("dual", "coach")):
        for sound in ("live", "last", "due", "erased", "erasing", "threat"):
            yield Sample(f"{owner}-{sound}", owner, sound)
        for sound in ("live", "due", "erased", "threat"):
            yield Sample(f"{owner}-{sound}-begun", owner, sound, report="begun", writer=writer)
        for sound in ("live", "erased", "threat"):
            yield Sample(f"{owner}-{sound}-finished", owner, sound, report="finished", writer=writer)
        yield Sample(f"{owner}-left", owner, "live", left="not_representative")
        yield Sample(f"{owner}-left-threat", owner, "threat", left="threat")
        yield Sample(f"{owner}-discarded", owner, "live", "not_representative", "discarded", writer)
        yield Sample(f"{owner}-left-finished", owner, "threat", "threat", "finished", writer)
    for writer in ("former", "coming", "lapsed", "other_coach", None):
        for report in ("begun", "finished"):
            yield Sample(f"anna-{report}-by-{writer}", "anna", "live", report=report, writer=writer)


def _opinions() -> Iterator[Opinion]:
    """Those of anna on coach's report, in each state; then who else may be concerned."""
    first, other = ("anna", "coach", "coach"), "other_coach"
    for sound in ("live", "last", "due", "erased", "threat"):
        yield Opinion(f"waiting-{sound}", *first, None, "waiting", sound)
        yield Opinion(f"scoring-{sound}", *first, other, "scoring", sound)
    for stands in ("late", "scored", "scored-old", "concluded", "withdrawn"):
        yield Opinion(stands, *first, other, stands)
    yield Opinion("passed-on", "anna", "coach", other, None, "waiting")
    yield Opinion("became-first", "anna", other, "coach", other, "scoring")
    yield Opinion("carlas-scored", "carla", other, other, "dual", "scored", "erased")
    yield Opinion("duals-waiting", "dual", "coach", "coach", None, "waiting")
    yield Opinion("duals-own", "dual", "coach", "coach", "dual", "scoring")


ORDER = (
    *(Recording, Hold, HoldReview, Incident, IncidentCall),
    *(coaching.SlotAllowance, coaching.SampledCall, coaching.Report, SecondOpinion),
)
"""What others hang on comes first."""


class Rows:
    """Writes the rows of things; what is sealed has its own key, as ever."""

    def __init__(self, session: Session, world: World, whole: Whole) -> None:
        self.session, self.world, self.whole = session, world, whole
        self._number = count(1)
        template = session.get_one(Recording, world.ids["call.live"])
        self._template = {c.name: getattr(template, c.name) for c in Recording.__table__.columns}
        self._pending: dict[Any, list[dict[str, Any]]] = {}
        self._selections()

    def flush(self) -> None:
        """Write what was gathered."""
        for model in ORDER:
            if rows := self._pending.get(model):
                self.session.execute(insert(model), rows)

    def person(self, name: str | None) -> str | None:
        """Somebody's id."""
        return getattr(self.world.centre, name) if name else None

    def call(self, call: Call) -> None:
        """A call in one state."""
        self._name(call, self._recording(call.owner, call.state))

    def sample(self, sample: Sample) -> None:
        """A drawn call, its sound unless that is erased, and the report about it."""
        recording_id = new_id() if sample.sound == "erased" else self._recording(sample.owner, sample.sound)
        number = next(self._number)
        month, slot = date(2020 + number // 48, 1 + number // 4 % 12, 1), 1 + number % 4
        employee, now = self.person(sample.owner), clock.now()
        row = {"employee_id": employee, "month": month, "slot": slot}
        self._add(coaching.SlotAllowance, row)
        sample_id = self._name(sample, new_id())
        left = {"left_at": now if sample.left else None, "left_reason": sample.left or None}
        drawn = {"recording_id": recording_id, "ticket": bytes(32), "drawn_at": now}
        draw = {"draw_number": self._draws[sample.owner], "freed_ordinal": None}
        self._add(coaching.SampledCall, row | left | drawn | draw | {"id": sample_id})
        if sample.report:
            self._report(sample, sample_id)

    def _report(self, sample: Sample, sample_id: str) -> None:
        threat = sample.sound == "threat" or sample.left == "threat"
        report = Report(sample.name, sample.owner, sample.writer, sample.report, threat)
        id_, now = self._name(report, new_id()), clock.now()
        sealed = seal_text(self.world.stores.keys.create(id_), assessment.place(id_), draft.dump({}))
        self._add(
            coaching.Report,
            {
                "id": id_,
                "sampled_call_id": sample_id,
                "employee_id": self.person(sample.owner),
                "coach_id": self.person(sample.writer),
                "form_version": quality_plan.annex().version,
                "content": b"" if sample.report == "discarded" else sealed,
                "created_at": now,
                "saved_at": now,
                "finished_at": now if sample.report == "finished" else None,
                "written_by_id": None,
                "revision": 0,
            },
        )

    def opinion(self, opinion: Opinion) -> None:
        """A second opinion on a finished report of its own, which nobody asks about."""
        recording_id = (
            new_id() if opinion.sound == "erased" else self._recording(opinion.owner, opinion.sound)
        )
        report_id, opinion_id = self._reported(opinion, recording_id), new_id()
        now, scored = clock.now(), opinion.stands in ("scored", "scored-old", "concluded")
        ended = opinion.stands == "withdrawn"
        finished = now - timedelta(days=28 if opinion.stands == "scored-old" else 0)
        key = self.world.stores.keys.create(opinion_id)
        self._add(
            SecondOpinion,
            {
                "id": self._name(opinion, opinion_id),
                "report_id": report_id,
                "recording_id": recording_id,
                "employee_id": self.person(opinion.owner),
                "coach_id": self.person(opinion.writer),
                "author_id": self.person(opinion.author),
                "asked_at": now,
                "ends_at": now + timedelta(days=0 if opinion.stands == "late" else 14),
                "second_id": self.person(opinion.second),
                "taken_at": now if opinion.second else None,
                "form_version": 1,
                "content": None if ended else sealing.seal(key, opinion_id, "content", draft.dump({})),
                "revision": 0,
                "finished_at": finished if scored else None,
                "concluded_at": now if opinion.stands == "concluded" else None,
                "conclusion_revision": 0,
                "ended_at": now if ended else None,
                "ended_why": opinion.stands if ended else None,
            },
        )

    def _reported(self, opinion: Opinion, recording_id: str) -> str:
        number, employee, now = next(self._number), self.person(opinion.owner), clock.now()
        month, slot = date(2020 + number // 48, 1 + number // 4 % 12, 1), 1 + number % 4
        row = {"employee_id": employee, "month": month, "slot": slot}
        self._add(coaching.SlotAllowance, row)
        id_, sample_id, passed = new_id(), new_id(), opinion.writer != opinion.author
        drawn = {"recording_id": recording_id, "ticket": bytes(32), "drawn_at": now}
        left = {"left_at": None, "left_reason": None, "freed_ordinal": None}
        draw = {"id": sample_id, "draw_number": self._draws[opinion.owner]}
        self._add(coaching.SampledCall, row | drawn | left | draw)
        sealed = seal_text(self.world.stores.keys.create(id_), assessment.place(id_), draft.dump({}))
        dated = dict.fromkeys(("created_at", "saved_at", "finished_at"), now)
        said = {"form_version": 1, "content": sealed, "revision": 0}
        whose = {"employee_id": employee, "coach_id": self.person(opinion.writer)}
        author = {"written_by_id": self.person(opinion.author) if passed else None}
        self._add(coaching.Report, dated | said | whose | author | {"id": id_, "sampled_call_id": sample_id})
        return id_

    def _recording(self, owner: str | None, state: str) -> str:
        id_, number, now = new_id(), next(self._number), clock.now()
        threat = state.startswith("threat")
        kept = {"sealed-due": "sealed"}.get(state, state)
        due = now + timedelta(days=20, microseconds=number)
        if state == "last":
            due = now + timedelta(microseconds=1)
        elif state in DUE:
            due = now + timedelta(seconds=DUE[state])
        self._add(
            Recording,
            self._template
            | {
                "id": id_,
                "call_id": f"whole-{number}",
                "receipt": new_id(),
                "employee_id": self.person(owner),
                "state": kept if kept in ("sealed", "quarantined", "erasing") else "live",
                "due_at": due,
                "sample_barred": threat,
                "started_at": now - timedelta(days=1, seconds=number),
                "caller_day_id": None,
                "caller_digest": None,
            },
        )
        self.world.stores.keys.create(id_)
        if threat and owner:
            self._threat(id_, owner, now)
        return id_

    def _threat(self, recording_id: str, owner: str, now: datetime) -> None:
        hold, employee = new_id(), self.person(owner)
        placed = now - timedelta(hours=2)
        self._add(
            Hold,
            {
                "id": hold,
                "recording_id": recording_id,
                "kind": "threat",
                "rule": "RET-2",
                "placed_by": employee,
                "placed_at": placed,
                "until": now + timedelta(days=150),
                "lifted_at": None,
            },
        )
        review = {"owner_id": employee, "reason": None, "review_at": now + timedelta(days=30)}
        self._add(HoldReview, {"hold_id": hold, **review})
        incident = new_id()
        self._add(
            Incident,
            {
                "id": incident,
                "recording_id": recording_id,
                "employee_id": employee,
                "kind": "verbal",
                "reported_at": placed,
                "account": b"",
                "state": "open",
                "wishes_contact": False,
            },
        )
        call = {"incident_id": incident, "recording_id": recording_id, "hold_id": hold}
        self._add(IncidentCall, call)

    def _selections(self) -> None:
        """One draw an employee, from which all their samples come."""
        self._draws: dict[str, int] = {}
        chain = self.session.scalars(select(coaching.SeedChain.id)).first()
        highest = max(self.session.scalars(select(coaching.Draw.number)))
        for place, owner in enumerate(("anna", "carla", "dual"), 1):
            selection = coaching.SelectionDate(
                employee_id=self.person(owner),
                month=date(2020, 1, 1),
                ordinal=9,
                day=date(2020, 1, 1),
                announced_at=clock.now(),
                state="drawn",
            )
            self.session.add(selection)
            self.session.flush()
            self._draws[owner] = highest + place
            self.session.add(
                coaching.Draw(
                    number=highest + place,
                    selection_id=selection.id,
                    employee_id=self.person(owner),
                    rule_version="1",
                    pool_size=1,
                    pool_root=bytes(32),
                    pool="",
                    committed_at=clock.now(),
                    chain_id=chain,
                    chain_index=900 + place,
                )
            )
            self.session.flush()

    def _add(self, model: Any, row: dict[str, Any]) -> None:
        self._pending.setdefault(model, []).append(row)

    def _name(self, thing: Thing, id_: str) -> str:
        name = f"{thing.kind}-{thing.name}"
        self.whole.things[name], self.whole.ids[name] = thing, id_
        return id_
