"""A centre in which everything exists that a route can be about; who reaches what is told elsewhere."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import Actor, Function, system
from kcc.clock import Frozen
from kcc.coaching import assessment, draft, drawing, planning, replacing
from kcc.coaching.calibration import convening
from kcc.coaching.consents import answering
from kcc.coaching.consents import asking as consenting
from kcc.coaching.conversation import appointments, signing, writing
from kcc.coaching.draws import phrases
from kcc.coaching.model import Draw, Report, SampledCall
from kcc.coaching.opinions import asking, scoring, sealing, taking
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.training import holding
from kcc.db import new_id
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import incidents, measures
from kcc.threat.joint_listening import sessions as joining
from kcc.threat.measures import Plan
from tests.centre import BEGAN, Centre

DRAW_DAY = date(2026, 11, 16)
UNKNOWN = "0" * 32
COMPLETE = {f"answer-{number}": "yes" for number in range(3, 24)} | {"point-1": "Vraag door."}


@dataclass
class World:
    """The ids of things by what they are: "call.live", "sample.draft", "report.finished" and so on."""

    stores: Stores
    centre: Centre
    now: Frozen
    ids: dict[str, str] = field(default_factory=dict)

    def recordings(self) -> list[str]:
        """Every recording there is."""
        return self._all(select(Recording.id))

    def samples(self) -> list[str]:
        """Every call that was ever drawn and not erased."""
        return self._all(select(SampledCall.id))

    def reports(self) -> list[str]:
        """Every report, also those that are being discarded."""
        return self._all(select(Report.id))

    def _all(self, query: object) -> list[str]:
        with self.stores.database.read() as session:
            return list(session.scalars(query))  # type: ignore[call-overload]


def build(stores: Stores, centre: Centre, now: Frozen) -> World:
    """Everything through the real verbs, on the day of the draw."""
    world = World(stores, centre, now)
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
        phrases.choose(session, stores.keys, centre.actor(centre.anna), "drie blauwe fietsen")
    now.set(clock.start_of_day(DRAW_DAY) + timedelta(hours=9))
    for employee in ("anna", "bob", "carla"):
        centre.calls(4, employee)
    drawing.run(stores, clock.today())
    _name_samples(world)
    _name_draws(world)
    _name_calls(world)
    _score(world)
    _talk(world)
    _leave(world)
    _second_opinions(world)
    _share(world)
    _together(world)
    return world


def _name_samples(world: World) -> None:
    centre = world.centre
    names = {
        centre.anna: ("fresh", "begun", "draft", "finished"),
        centre.bob: ("complete", "odd", "rejected", "threat"),
        centre.carla: ("carlas", "carlas-draft", "carlas-2", "carlas-3"),
    }
    for person, words in names.items():
        with world.stores.database.read() as session:
            drawn = list(
                session.scalars(
                    select(SampledCall).where(SampledCall.employee_id == person).order_by(SampledCall.slot)
                )
            )
        assert len(drawn) == len(words)
        for word, sample in zip(words, drawn, strict=True):
            world.ids[f"sample.{word}"] = sample.id
            world.ids[f"call.of-{word}"] = sample.recording_id


def _name_draws(world: World) -> None:
    with world.stores.database.read() as session:
        query = select(Draw.selection_id).where(Draw.employee_id == world.centre.anna)
        (world.ids["proof.annas"],) = session.scalars(query)


def _name_calls(world: World) -> None:
    centre, soon = world.centre, clock.now() - timedelta(minutes=30)
    for word, said in {
        "live": {},
        "to-report": {},
        "threat": {},
        "sealed": {"line": "direct"},
        "erasing": {},
        "due": {},
        "bobs": {"agent": "bob"},
        "nobodys": {"agent_id": "agent-nobody-knows"},
    }.items():
        before = set(world.recordings())
        centre.call(**{"start": soon, "seconds": 21, **said})  # type: ignore[arg-type]
        (world.ids[f"call.{word}"],) = set(world.recordings()) - before
    with world.stores.database.write() as session:
        _change(session, world.ids["call.erasing"], state="erasing", reason="live")
        _change(session, world.ids["call.due"], due_at=clock.now())
        anna = centre.actor(centre.anna)
        hers, his = world.ids["call.threat"], world.ids["call.of-threat"]
        mine = incidents.report(world.stores, session, anna, hers, "verbal", "Hij schold.")
        bob = centre.actor(centre.bob)
        bobs = incidents.report(world.stores, session, bob, his, "verbal", "Zij schold.")
        world.ids |= {"incident.annas": mine.id, "incident.bobs": bobs.id}
        plan = Plan("talk", centre.lead, clock.today(), "Bellen.")
        for word in ("annas", "annas-2"):
            measure = measures.propose(world.stores, session, anna, mine.id, plan)
            world.ids[f"measure.{word}"] = measure.id
    assert world.ids["call.due"] in world.recordings()


def _change(session: object, recording_id: str, **values: object) -> None:
    session.execute(update(Recording).where(Recording.id == recording_id).values(**values))  # type: ignore[attr-defined]


def _score(world: World) -> None:
    coach = world.centre.actor(world.centre.coach)
    other = world.centre.actor(world.centre.other_coach)
    for word, who, changes in (
        ("begun", coach, {}),
        ("draft", coach, {"answer-3": "no"}),
        ("finished", coach, COMPLETE),
        ("complete", coach, COMPLETE),
        ("carlas-draft", other, COMPLETE),
    ):
        world.ids[f"report.{word}"] = write(world, who, world.ids[f"sample.{word}"], changes)
    with world.stores.database.write() as session:
        assessment.finish(session, world.stores.keys, coach, world.ids["report.finished"], 1)


def _second_opinions(world: World) -> None:
    """Anna asked on her finished report, and another coach began; beside it one that waits and one scored, as
    rows on reports that are not finished: what may be done with them does not depend on it.
    """
    centre, keys = world.centre, world.stores.keys
    anna, other = centre.actor(centre.anna), centre.actor(centre.other_coach)
    with world.stores.database.write() as session:
        asked = asking.ask(session, keys, anna, world.ids["report.finished"], "Was dit gelijk?")
        taking.take(session, other, asked.id)
        scoring.save(session, keys, other, asked.id, 0, {"answer-3": "no"})
        world.ids["opinion.taken"] = asked.id
        for word, report, employee in (("waiting", "complete", "bob"), ("scored", "draft", "anna")):
            drawn = session.get_one(SampledCall, world.ids[f"sample.{report}"])
            row = SecondOpinion(
                id=new_id(),
                report_id=world.ids[f"report.{report}"],
                recording_id=drawn.recording_id,
                employee_id=getattr(centre, employee),
                coach_id=centre.coach,
                author_id=centre.coach,
                asked_at=clock.now(),
                ends_at=clock.now() + timedelta(days=14),
                form_version=1,
            )
            row.content = sealing.seal(keys.create(row.id), row.id, "content", draft.dump(COMPLETE))
            if word == "scored":
                row.second_id, row.taken_at = centre.other_coach, clock.now()
                row.finished_at = clock.now()
            session.add(row)
            world.ids[f"opinion.{word}"] = row.id


def _talk(world: World) -> None:
    """The finished report was signed by both, changed, and signed by the coach; another talk is agreed."""
    coach, anna = world.centre.actor(world.centre.coach), world.centre.actor(world.centre.anna)
    thing, keys, when = world.ids["report.finished"], world.stores.keys, clock.now() + timedelta(days=2)
    text = {"conclusions": "Het liep goed.", "agreements": "Anna vat samen.", "point-1": "Vat samen."}
    with world.stores.database.write() as session:
        for who in (anna, coach):
            writing.save_view(session, keys, who, thing, 0, "Het was lastig.", share=True)
        writing.save_together(session, keys, coach, thing, 0, text)
        signing.sign(session, keys, coach, thing, "1.1.1.1")
        signing.sign(session, keys, anna, thing, "1.1.1.1")
        better = text | {"conclusions": "Het liep beter."}
        writing.save_together(session, keys, anna, thing, 1, better, reason="Een fout.")
        signing.sign(session, keys, coach, thing, "2.1.1.2")
        appointments.propose(session, keys, coach, thing, [when], 45, "Kamer 2.14")
        appointments.accept(session, keys, anna, thing, when)


def write(world: World, who: Actor, sample_id: str, changes: dict[str, str]) -> str:
    """Begin a report about a drawn call and save it once."""
    with world.stores.database.write() as session:
        report = assessment.open_report(session, world.stores.keys, who, sample_id)
        if changes:
            assessment.save(session, world.stores.keys, who, report.id, 0, changes)
        return report.id


def _together(world: World) -> None:
    """Anna opened a session about a call she reported, and her team lead joined; neither is at a browser."""
    anna, lead = (world.centre.actor(one) for one in (world.centre.anna, world.centre.lead))
    with world.stores.database.write() as session:
        joint = joining.open_on(session, anna, world.ids["call.threat"])
        joining.join(session, lead, joint.id, "nowhere")
        world.ids["joint.annas"] = joint.id


def _leave(world: World) -> None:
    coach = world.centre.actor(world.centre.coach)
    replacing.reject(world.stores, coach, world.ids["sample.rejected"], "private")


def _share(world: World) -> None:
    """Anna's calls in a session and a training of the coach's: consent given, asked and taken back; one that
    she offers."""
    stores, centre = world.stores, world.centre
    coach, anna = centre.actor(centre.coach), centre.actor(centre.anna)
    today = clock.today()
    last = today + timedelta(days=10)
    with stores.database.write() as session:
        third = Person(number="third", name="Third Jansen", language="nl")
        session.add(third)
        session.flush()
        session.add(FunctionPeriod(person_id=third.id, function=Function.COACH, begins=BEGAN))
        session.flush()
        wanted = holding.Plan("Doorvragen", "customer_contact", today, last, [centre.bob])
        training = holding.plan(session, coach, wanted).id
        world.ids["training.on"] = training
        for word, sample in (("given", "fresh"), ("asked", "begun"), ("withdrawn", "draft")):
            drawn, call = world.ids[f"sample.{sample}"], world.ids[f"call.of-{sample}"]
            held = convening.ask(session, coach, drawn, [centre.coach, third.id], last)
            world.ids[f"session.{word}"] = held.id
            consent = consenting.ask_for_training(session, coach, drawn, training)
            world.ids[f"heard.{word}"] = consent
            world.ids[f"in_training.{word}"] = f"{training}/{consent}"
            for purpose in ("calibration", "training"):
                if word != "asked":
                    answering.give(session, anna, call, purpose)
                if word == "withdrawn":
                    answering.withdraw(session, anna, call, purpose)
        offer = answering.give(session, anna, world.ids["call.live"], "calibration")
        world.ids["offer.given"] = offer.id
