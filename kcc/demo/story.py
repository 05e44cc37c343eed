"""What people did in the demo centre before you came: a draw was announced and held, a call heard, a
report written, a threat reported; and whose hands the heavier matters were in.
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor, Function, system
from kcc.coaching import drawing, planning
from kcc.coaching.model import SampledCall
from kcc.coaching.quality_plan import annex
from kcc.demo import heavy_matters, history, month, words
from kcc.demo.acting import drawn, id_of, signed_in
from kcc.demo.centre import Centre
from kcc.recordings import listening as own_listening
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.threat import incidents

NOT_MET, NOT_SEEN = ("answer-16", "answer-12"), ("answer-14",)


def tell(stores: Stores, centre: Centre, target: date, now: datetime) -> None:
    """Let the days before `now` happen in kcc: the draw of `target`'s month, and what came of it."""
    announced = datetime.combine(target - timedelta(days=5), time(6), clock.LOCAL)
    with clock.frozen(announced):
        with stores.database.write() as session:
            planning.propose(session, system("announce"), clock.today(), stores.settings)
        month.before(stores)
    with _that_day(target, now):
        drawing.run(stores, target)
        showcase = dict(centre.showcase())
        number = showcase[Function.EMPLOYEE.value]
        report_id = _score(stores, signed_in(stores, showcase[Function.COACH.value]), number)
        employee = signed_in(stores, number)
        _hear_one(stores, employee)
        _weigh(stores, showcase, employee)
        month.tell(stores, report_id)


def _that_day(target: date, now: datetime) -> AbstractContextManager[object]:
    """The present, or late on the day of the draw if that was before a weekend."""
    if target == clock.local_day(now):
        return nullcontext()
    return clock.frozen(datetime.combine(target, time(17), clock.LOCAL))


def _score(stores: Stores, coach: Actor, number: str) -> str:
    """The coach hears the employee's first drawn call, fills in the form and finishes the report; answers its
    id. A second stays a draft.
    """
    first, second = drawn(stores, [number])[number][:2]
    history.score(stores, coach, second, _answers(whole=False), finish=False)
    return history.score(stores, coach, first, _answers(whole=True))


def _answers(*, whole: bool) -> dict[str, str]:
    fields = [f"answer-{number}" for number in annex().observable]
    answers = dict.fromkeys(fields if whole else fields[:6], "yes")
    if not whole:
        return answers
    marked = {**dict.fromkeys(NOT_MET, "no"), **dict.fromkeys(NOT_SEEN, "na")}
    return answers | marked | words.REMARKS | words.FINDINGS | words.MOMENTS


def _hear_one(stores: Stores, employee: Actor) -> None:
    for recording_id in _own(stores, employee)[:1]:
        with stores.database.write() as session:
            own_listening.open_own(session, employee, recording_id, stores.settings.playback.lease_minutes)


def _weigh(stores: Stores, showcase: dict[str, str], employee: Actor) -> None:
    """A threat is reported and measures are agreed; a case about a colleague; a request for a copy."""
    leading = (Function.TEAM_LEAD, Function.DEPARTMENT_MANAGER, Function.DATA_PROTECTION_OFFICER)
    lead, manager, officer = (signed_in(stores, showcase[function.value]) for function in leading)
    if incident_id := _report_threat(stores, employee):
        heavy_matters.decide(stores, employee, lead, incident_id)
    heavy_matters.suspect(stores, lead, manager, id_of(stores, history.TEAMMATE))
    for recording_id in _own(stores, employee)[:4][-1:]:
        heavy_matters.register(stores, officer, recording_id)


def _report_threat(stores: Stores, employee: Actor) -> str | None:
    """One older call is reported, so that the newest stay as they are for whoever tries it; its report."""
    mine = _own(stores, employee)[:7]
    if not mine:
        return None
    told = incidents.Told((), {mine[-1]: "0:04, 0:09-0:12"}, wishes_contact=True)
    with stores.database.write() as session:
        reported = incidents.report(stores, session, employee, mine[-1], "verbal", words.ACCOUNT, told)
        return reported.id


def _own(stores: Stores, employee: Actor) -> list[str]:
    """Their newest calls, but for those in a sample: what is made of these stays as it is."""
    query = select(Recording.id).where(
        Recording.employee_id == employee.person_id,
        Recording.state == "live",
        Recording.id.not_in(select(SampledCall.recording_id)),
    )
    with stores.database.read() as session:
        return list(session.scalars(query.order_by(Recording.started_at.desc()).limit(10)))
