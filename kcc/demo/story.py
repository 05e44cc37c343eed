"""What people did in the demo centre before you came: a draw was announced and held, a call heard, a
report written, a threat reported.
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor, Function, system
from kcc.coaching import assessment, drawing, listening, planning
from kcc.coaching import queries as coaching
from kcc.coaching.quality_plan import annex
from kcc.demo.centre import Centre
from kcc.people import queries as people
from kcc.people import sessions
from kcc.recordings import listening as own_listening
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import incidents

FINDINGS = {
    "finding-well": "Je luistert rustig en vat goed samen wat de beller wil weten.",
    "finding-compliment": "Fijn dat je uit jezelf vertelde hoe lang de behandeling duurt.",
    "finding-less": "Bij de wachtstand zei je niet waarom je de beller liet wachten.",
    "finding-knowledge": "De termijn voor bezwaar klopte niet helemaal: het zijn zes weken.",
    "point-1": "Zeg vóór de wachtstand wat je gaat doen en hoe lang het duurt.",
    "point-2": "Controleer de gegevens hardop voordat je ze vastlegt.",
}
REMARKS = {
    "remark-6": "Mooie samenvatting na de uitleg van de beller.",
    "remark-16": "Niet gezegd waarom en hoe lang.",
}
NOT_MET, NOT_SEEN = ("answer-16", "answer-12"), ("answer-14",)


def tell(stores: Stores, centre: Centre, target: date, now: datetime) -> None:
    """Let the days before `now` happen in kcc: the draw of `target`'s month, and what came of it."""
    announced = datetime.combine(target - timedelta(days=5), time(6), clock.LOCAL)
    with clock.frozen(announced), stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    with _that_day(target, now):
        drawing.run(stores, target)
        showcase = dict(centre.showcase())
        _score(stores, _session_of(stores, showcase[Function.COACH.value]))
        employee = _session_of(stores, showcase[Function.EMPLOYEE.value])
        _hear_one(stores, employee)
        _report_threat(stores, employee)


def _that_day(target: date, now: datetime) -> AbstractContextManager[object]:
    """The present, or late on the day of the draw if that was before a weekend."""
    if target == clock.local_day(now):
        return nullcontext()
    return clock.frozen(datetime.combine(target, time(17), clock.LOCAL))


def _session_of(stores: Stores, number: str) -> Actor:
    """The person, signed in, and signed out again as far as any browser knows: the secret is thrown away."""
    limits = stores.settings.signin
    with stores.database.write() as session:
        secret = sessions.begin(session, people.by_number(session, number).id)
    with stores.database.read() as session:
        found = sessions.look_up(session, secret, limits)
    if found is None:
        raise LookupError(number)
    return found.actor


def _score(stores: Stores, coach: Actor) -> None:
    """The coach hears the first drawn call, fills in the form and finishes the report; a second stays a
    draft.
    """
    with stores.database.read() as session:
        samples = [row.id for row in coaching.open_samples(session, coach.person_id, clock.now())][:2]
    for sample_id, whole in zip(samples, (True, False), strict=False):
        with stores.database.write() as session:
            listening.open_drawn(session, coach, sample_id, stores.settings.playback.lease_minutes)
            report = assessment.open_report(session, stores.keys, coach, sample_id)
            saved = assessment.save(
                session, stores.keys, coach, report.id, report.revision, _answers(whole=whole)
            )
            if whole:
                assessment.finish(session, stores.keys, coach, saved.id, saved.revision)


def _answers(*, whole: bool) -> dict[str, str]:
    fields = [f"answer-{number}" for number in annex().observable]
    answers = dict.fromkeys(fields if whole else fields[:6], "yes")
    if not whole:
        return answers
    marked = {**dict.fromkeys(NOT_MET, "no"), **dict.fromkeys(NOT_SEEN, "na")}
    return answers | marked | REMARKS | FINDINGS


def _hear_one(stores: Stores, employee: Actor) -> None:
    for recording_id in _own(stores, employee)[:1]:
        with stores.database.write() as session:
            own_listening.open_own(session, employee, recording_id, stores.settings.playback.lease_minutes)


def _report_threat(stores: Stores, employee: Actor) -> None:
    """One older call is reported, so that the newest stay as they are for whoever tries it."""
    for recording_id in _own(stores, employee)[6:7]:
        with stores.database.write() as session:
            incidents.report(
                stores,
                session,
                employee,
                recording_id,
                "verbal",
                "De beller schold en dreigde langs te komen.",
            )


def _own(stores: Stores, employee: Actor) -> list[str]:
    query = select(Recording.id).where(Recording.employee_id == employee.person_id, Recording.state == "live")
    with stores.database.read() as session:
        return list(session.scalars(query.order_by(Recording.started_at.desc()).limit(10)))
