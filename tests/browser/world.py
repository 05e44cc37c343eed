"""A centre in which every page has something to show: nothing, one row and many, long names, long words."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kcc import clock, config
from kcc.access.actor import Function
from kcc.clock import Frozen
from kcc.coaching import assessment, exceptions, replacing, reports, unannounced
from kcc.coaching import draft as drafts
from kcc.coaching.conversation import appointments, signing, writing
from kcc.coaching.model import Draw, Report, SampledCall, SlotAllowance
from kcc.coaching.opinions import asking, concluding, scoring, sealing, taking
from kcc.coaching.opinions.model import SecondOpinion
from kcc.coaching.planned import dates
from kcc.db import count_up, new_id
from kcc.notices import outbox
from kcc.notices.model import Notice
from kcc.people import sessions
from kcc.people.factors import apps, recovery
from kcc.people.factors.model import Passkey
from kcc.people.model import CoachAssignment, FunctionPeriod, Person, Team
from kcc.recordings.model import IntakeCount, Line, Recording
from kcc.recordings.register import changing
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind
from kcc.scheduler import runner
from kcc.stores import Stores
from kcc.threat import incidents, measures
from kcc.threat.joint_listening import sessions as together
from kcc.threat.measures import Plan
from kcc.threat.model import ThreatTally
from kcc.vault.fields import seal_text
from tests.browser import copying, criteria, sharing
from tests.browser.developing import develop
from tests.centre import BEGAN, Centre, build
from tests.coded import encoded
from tests.investigation import world as investigating
from tests.sounds import wav

ANNOUNCED = datetime(2026, 11, 3, 9, 0, tzinfo=clock.LOCAL)
DRAWN = datetime(2026, 11, 16, 14, 5, tzinfo=clock.LOCAL)
LONG_NAME = "Anna-Margaretha Wilhelmina van den Bovenkamp-Şahin-Ouedraogo"
COMPOUND = "Arbeidsongeschiktheidsverzekeringsadministratie"
TEXT = (
    f"Je vat de situatie goed samen en noemt zelf de {COMPOUND.lower()}. "
    "De beller weet daarna wat er gebeurt en wanneer.\nLet op: laat een stilte vallen na een open vraag."
)
COLLEAGUES = 60


@dataclass
class World:
    """The open stores of such a centre, and the ids that its pages are about, by the names in pages.py."""

    stores: Stores
    centre: Centre
    ids: dict[str, str] = field(default_factory=dict)

    def cookie_of(self, number: str) -> str:
        """The secret of a new session of somebody."""
        with self.stores.database.write() as session:
            return sessions.begin(session, getattr(self.centre, number))

    def samples(self, employee: str) -> list[str]:
        """The drawn calls of an employee that stand in the sample."""
        query = select(SampledCall.id).where(SampledCall.employee_id == getattr(self.centre, employee))
        with self.stores.database.read() as session:
            return list(
                session.scalars(query.where(SampledCall.left_at.is_(None)).order_by(SampledCall.slot))
            )


def settings(folder: Path, database_url: str) -> config.Settings:
    """Settings of an installation in a folder of its own."""
    return config.parse(
        {
            "database": {"url": database_url},
            "keystore": {"url": f"sqlite:///{folder}/keys/keys.db", "root_file": f"{folder}/keys/root.key"},
            "blobs": {"folder": f"{folder}/blobs"},
            # A name and no number: else there are no passkeys.
            "server": {"secret_key_file": f"{folder}/secret.key", "public_url": "http://localhost:8000"},
            "signin": {"second_factor": "optional", "factor_key_file": f"{folder}/factors.key"},
            "scim": {"enabled": True},
        },
        folder,
    )


def furnish(stores: Stores, now: Frozen) -> World:
    """Fill an empty installation; leaves the clock on the afternoon of the draw."""
    now.set(ANNOUNCED)
    world = World(stores, build(stores))
    with stores.database.write() as session:
        _lengthen(session, world.centre)
        _hire_colleagues(session, world.centre)
    runner.catch_up(stores)
    now.set(DRAWN)
    _record(world)
    runner.catch_up(stores)
    _score(world)
    _plan(world)
    with stores.database.write() as session:
        _report_threats(world, session)
        _archive(session, world)
    _give_second_opinions(world)
    with stores.database.write() as session:
        _talk(session, world)
        _edit_lines(session, world.centre)
        _tell(session, world.centre)
        _enrol(world, session)
        centre = world.centre
        criteria.write(session, centre.actor(centre.coach), centre.actor(centre.other_coach))
        world.ids |= sharing.share(stores, session, world.centre, world.ids, TEXT)
    world.ids |= copying.copies(stores, world.centre, world.ids)
    world.ids |= develop(stores, world.centre, COMPOUND)
    world.ids |= _put_a_case(world)
    return world


def _put_a_case(world: World) -> dict[str, str]:
    """A case about anna that two have signed; the manager listens, and she is told later."""
    today = clock.today()
    period = {"calls": (), "since": today - timedelta(days=27), "until": today}
    found = investigating.open_case(world.stores, world.centre, **period, **investigating.later())
    return {"case": found, "case_call": investigating.calls(world.stores, found)[0].id}


def _plan(world: World) -> None:
    """Anna's number is raised, and she has dates next month; bob asks not to have his announced."""
    stores, centre = world.stores, world.centre
    coach, today = centre.actor(centre.coach), clock.today()
    world.ids["bob"] = centre.bob
    with stores.database.write() as session:
        last = today + timedelta(days=60)
        wanted = exceptions.Wanted("new_subject", TEXT, 6, today, last)
        exceptions.make(session, stores.keys, coach, stores.settings, centre.anna, wanted)
        for day in (date(2026, 12, 8), date(2026, 12, 17)):
            dates.add(session, coach, stores.settings, centre.anna, day, 2)
        unannounced.ask(session, centre.actor(centre.bob))


def furnish_bare(stores: Stores, now: Frozen) -> World:
    """The same people in an installation on its first day: nothing has happened, no line is registered."""
    now.set(DRAWN)
    centre = build(stores)
    with stores.database.write() as session:
        session.execute(delete(Line))
    return World(stores, centre)


def _enrol(world: World, session: Session) -> None:
    """Anna has an app, a passkey with a name as long as may be, and recovery codes."""
    limits, anna = world.stores.settings.signin, world.centre.actor(world.centre.anna)
    world.ids["anna"] = anna.person_id
    offer = apps.offer(limits, anna.person_id)
    apps.add(session, limits, anna, offer.ticket, "Telefoon", apps.current_code(offer.secret)[0])
    session.add(
        Passkey(
            person_id=anna.person_id,
            name=COMPOUND + " thuis",
            credential_id=b"of the screenshots",
            public_key=b"none",
            sign_count=1,
            created_at=clock.now(),
            used_at=clock.now(),
        )
    )
    recovery.renew(session, limits, anna)


def _lengthen(session: Session, centre: Centre) -> None:
    session.execute(update(Person).where(Person.id == centre.anna).values(name=LONG_NAME))
    session.execute(update(Team).where(Team.code == "red").values(name=f"Team {COMPOUND} Noord"))
    session.execute(update(Line).where(Line.code == "main").values(name=f"{COMPOUND}slijn"))


def _hire_colleagues(session: Session, centre: Centre) -> None:
    red = session.scalars(select(Team).where(Team.code == "red")).one()
    people = [
        Person(number=f"e{index}", name=f"Collega {index} de Vries", language="nl")
        for index in range(COLLEAGUES)
    ]
    session.add_all(people)
    session.flush()
    for person in people:
        session.add(
            FunctionPeriod(
                person_id=person.id,
                function=Function.EMPLOYEE,
                team_id=red.id,
                customer_calls=True,
                begins=BEGAN,
            )
        )
        session.add(CoachAssignment(coach_id=centre.coach, employee_id=person.id, begins=BEGAN))


def _tell(session: Session, centre: Centre) -> None:
    """Notices that a coach has and has not seen."""
    for number in range(60):
        outbox.tell(session, centre.coach, "coach.employee_gone", employee=f"Collega {number} de Vries")
    outbox.read_all(session, centre.coach)
    session.execute(update(Notice).values(told_at=DRAWN - timedelta(days=330)))
    outbox.tell(session, centre.coach, "reports.received", coach=LONG_NAME, employee="Bob Jansen")
    outbox.tell(
        session,
        centre.coach,
        "ending.waiting",
        person=LONG_NAME,
        function=Function.DATA_PROTECTION_OFFICER,
        day=DRAWN.date(),
        last=DRAWN.date() + timedelta(days=7),
    )


def _record(world: World) -> None:
    """Calls of anna (many), bob (one) and of nobody known; one sealed, one from the private telephone."""
    centre, hour = world.centre, timedelta(hours=1)
    centre.calls(64)
    centre.call("anna", clock.now() - hour / 4, content=wav(75, "pcm16", channels=2), direction="outgoing")
    centre.call("bob", clock.now() - 5 * hour)
    centre.call("anna", clock.now() - hour / 2, scope="internal")
    centre.call("stranger", clock.now() - hour)
    centre.call("anna", clock.now() - hour, line="private")
    centre.call("anna", clock.now() - hour, line="silent")
    # Too short to be drawn (SAM-4): the samples stay as they are.
    centre.call("anna", clock.now() - 2 * hour, content=encoded("ogg", "libopus", 48000, 15, 2))
    newest = select(Recording).where(Recording.employee_id == centre.anna)
    with world.stores.database.read() as session:
        calls = list(session.scalars(newest.order_by(Recording.started_at.desc())))
    world.ids |= {"call": calls[0].id, "sealed": next(c.id for c in calls if c.state == "sealed")}
    world.ids |= _staff(world)
    world.ids["coded"] = next(c.id for c in calls if c.encoding == "ogg")


def _staff(world: World) -> dict[str, str]:
    """Who the administrator's pages are about."""
    centre = world.centre
    function = select(FunctionPeriod.id).where(FunctionPeriod.person_id == centre.anna)
    pair = select(CoachAssignment.id).where(CoachAssignment.employee_id == centre.anna)
    with world.stores.database.read() as session:
        found = {"annas_function": session.scalars(function).one(), "pair": session.scalars(pair).one()}
    return found | {"anna": centre.anna, "coach": centre.coach, "administrator": centre.administrator}


def _score(world: World) -> None:
    """Of anna's four drawn calls: one finished, one to finish, one begun, one untouched; bob's left out."""
    finished, whole, begun, fresh = world.samples("anna")
    with world.stores.database.read() as session:
        for name, employee in (("draw", world.centre.bob), ("unfair", world.centre.anna)):
            theirs = select(Draw.selection_id).where(Draw.employee_id == employee)
            world.ids[name] = session.scalars(theirs).one()
    world.ids |= {"finished": finished, "whole": whole, "begun": begun, "fresh": fresh}
    answers = {f"answer-{number}": "yes" for number in range(3, 24)} | {"answer-15": "na", "answer-16": "na"}
    said = {"answer-6": "no", "remark-6": TEXT, "finding-well": TEXT, "finding-less": TEXT, "point-1": TEXT}
    heard = {"note-000a": TEXT, "about-000a": "6", "at-000a": "0:12", "note-001b": "Mooi.", "at-001b": "0:04"}
    world.ids["report"] = _write(world, finished, answers | said | heard, finish=True)
    _write(world, whole, answers | {"finding-well": "Goed."})
    _write(world, begun, {name: said[name] for name in ("answer-6", "remark-6")} | heard)
    coach = world.centre.actor(world.centre.coach)
    (other,) = world.samples("bob")
    replacing.reject(world.stores, coach, other, "private")
    employee = world.centre.actor(world.centre.anna)
    with world.stores.database.write() as session:
        reports.read(session, world.stores.keys, employee, world.ids["report"])


def _write(world: World, sample_id: str, said: dict[str, str], *, finish: bool = False) -> str:
    keys, coach = world.stores.keys, world.centre.actor(world.centre.coach)
    with world.stores.database.write() as session:
        report = assessment.open_report(session, keys, coach, sample_id)
        report = assessment.save(session, keys, coach, report.id, report.revision, said)
        if finish:
            assessment.finish(session, keys, coach, report.id, report.revision)
        return report.id


def _edit_lines(session: Session, centre: Centre) -> None:
    """The main line was changed and changed back; another's name, code and reason are as long as may be."""
    administrator, main = centre.actor(centre.administrator), session.get_one(Line, "main")
    now, why = LineValues.of(main), f"Volgens het besluit over de {COMPOUND.lower()}."
    for kind in (LineKind.NETWORK, LineKind.RECORDED):
        values = LineValues(now.name, kind, now.welcome_text_since)
        changing.change(session, administrator, "main", main.revision, values, why)
    soon = LineValues(COMPOUND * 4, LineKind.RECORDED, DRAWN.date() + timedelta(days=20))
    changing.add(session, administrator, "nieuwe-regelingen-" + "x" * 46, soon, COMPOUND * 8)
    count_up(session, IntakeCount, {"day": DRAWN.date(), "line": "?", "code": "line_unknown"}, 3)


def _report_threats(world: World, session: Session) -> None:
    """Anna reports two calls that are in nobody's sample."""
    anna, drawn = world.centre.actor(world.centre.anna), select(SampledCall.recording_id)
    query = select(Recording.id).where(
        Recording.employee_id == anna.person_id, Recording.state == "live", Recording.id.not_in(drawn)
    )
    query = query.where(Recording.id != world.ids["call"]).order_by(Recording.started_at.desc()).limit(2)
    for kind, recording_id in zip(("threat", "intimidation"), list(session.scalars(query)), strict=True):
        said = f"Het ging over de {COMPOUND}."
        reported = incidents.report(world.stores, session, anna, recording_id, kind, said)
        world.ids |= {"threat": recording_id, "incident": reported.id}
    lead = world.centre.actor(world.centre.lead)
    for kind, ends in (("police", None), ("deny", clock.today() + timedelta(days=90)), ("aftercare", None)):
        plan = Plan(kind, lead.person_id, clock.today(), f"Volgens de {COMPOUND}.", ends)
        measure = measures.propose(world.stores, session, anna, reported.id, plan)
        if kind != "aftercare":
            measures.confirm(session, lead, measure.id)
    for kind, number in (("verbal", 12), ("threat", 7), ("stalking", 4), ("physical", 3)):
        session.add(ThreatTally(quarter=date(2026, 7, 1), word=f"incident:{kind}", count=number))
    session.add(ThreatTally(quarter=date(2026, 7, 1), word="measure:talk", count=9))
    world.ids["joint"] = together.open_on(session, anna, world.ids["threat"]).id


def _archive(session: Session, world: World) -> None:
    """Sixty finished reports of earlier months about anna; only their lines in the lists can be read."""
    drawn = session.get_one(SampledCall, world.ids["finished"])
    months = [date(2025 + index // 12, index % 12 + 1, 1) for index in range(6, 21)]
    for index, (month, slot) in enumerate((month, slot) for month in months for slot in (1, 2, 3, 4)):
        at = clock.start_of_day(month) + timedelta(days=15, hours=10, minutes=index)
        session.add(SlotAllowance(employee_id=world.centre.anna, month=month, slot=slot))
        session.flush()
        old = SampledCall(
            id=new_id(),
            draw_number=drawn.draw_number,
            recording_id=new_id(),
            employee_id=world.centre.anna,
            month=month,
            slot=slot,
            ticket=drawn.ticket,
            drawn_at=at,
        )
        session.add(old)
        session.flush()
        session.add(_old_report(world, old, at))


def _give_second_opinions(world: World) -> None:
    """On anna's report one that is scored, on older ones one that is taken and one that waits."""
    centre, keys = world.centre, world.stores.keys
    anna, other = centre.actor(centre.anna), centre.actor(centre.other_coach)
    answers = {f"answer-{number}": "yes" for number in range(3, 24)} | {"answer-4": "no", "remark-4": TEXT}
    with world.stores.database.write() as session:
        asked = asking.ask(session, keys, anna, world.ids["report"], TEXT)
        taking.take(session, other, asked.id)
        scoring.save(session, keys, other, asked.id, 0, answers)
        scoring.finish(session, keys, other, asked.id, 1)
        concluding.write(session, keys, anna, asked.id, 0, TEXT)
        world.ids["opinion_scored"] = asked.id
        archive = select(Report).where(Report.content == b"sealed").order_by(Report.finished_at.desc())
        olds = list(session.scalars(archive.limit(3)))
        world.ids |= {f"old_{number}": old.id for number, old in enumerate(olds, 1)}
        taken, waiting = _on(world, olds[0]), _on(world, olds[1])
        taken.second_id, taken.taken_at = other.person_id, clock.now()
        session.add_all([taken, waiting])
        world.ids["opinion_taken"] = taken.id


def _on(world: World, report: Report) -> SecondOpinion:
    """One on a report of the archive, about a call that can be heard."""
    id_, now = new_id(), clock.now()
    sheet = sealing.seal(world.stores.keys.create(id_), id_, "content", drafts.dump({"answer-3": "yes"}))
    return SecondOpinion(
        id=id_,
        report_id=report.id,
        recording_id=world.ids["call"],
        employee_id=world.centre.anna,
        coach_id=world.centre.coach,
        author_id=world.centre.coach,
        asked_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=13),
        form_version=1,
        content=sheet,
        revision=1,
        saved_at=now,
    )


def _talk(session: Session, world: World) -> None:
    """One report was signed by both and changed, and another moment is proposed; of another nothing yet."""
    keys, id_ = world.stores.keys, world.ids["report"]
    coach, anna = world.centre.actor(world.centre.coach), world.centre.actor(world.centre.anna)
    old = session.scalars(select(Report).where(Report.content == b"sealed").order_by(Report.id)).first()
    assert old is not None
    old.content = seal_text(keys.create(old.id), assessment.place(old.id), drafts.dump({"point-1": TEXT}))
    world.ids["untold"] = old.id
    text = {"conclusions": TEXT, "agreements": f"Anna oefent met de {COMPOUND.lower()}.", "point-1": TEXT}
    for who in (anna, coach):
        writing.save_view(session, keys, who, id_, 0, TEXT, share=True)
    writing.save_together(session, keys, coach, id_, 0, text)
    signing.sign(session, keys, coach, id_, "1.1.1.1")
    signing.sign(session, keys, anna, id_, "1.1.1.1")
    better = text | {"agreements": "Anna oefent elke week twee keer met een collega."}
    writing.save_together(session, keys, anna, id_, 1, better, reason="De afspraak stond er niet goed in.")
    moments = [clock.now() + timedelta(days=days) for days in (2, 3)]
    appointments.propose(session, keys, coach, id_, moments, 45, f"Kamer 2.14 ({COMPOUND})")


def _old_report(world: World, sample: SampledCall, at: datetime) -> Report:
    return Report(
        sampled_call_id=sample.id,
        employee_id=world.centre.anna,
        coach_id=world.centre.coach,
        form_version=1,
        content=b"sealed",
        revision=1,
        created_at=at,
        saved_at=at,
        finished_at=at,
        read_at=at if sample.slot != 4 else None,
    )
