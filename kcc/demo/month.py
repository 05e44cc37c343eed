"""What coaches and employees of the demo did with this month's draws, and planned for the next; the year
before is history's.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching import exceptions, unannounced
from kcc.coaching.calibration import convening, interpretations
from kcc.coaching.calibration import scoring as sheets
from kcc.coaching.consents import answering, asking
from kcc.coaching.conversation import appointments
from kcc.coaching.draws import phrases
from kcc.coaching.model import SampledCall
from kcc.coaching.opinions import asking as doubting
from kcc.coaching.opinions import scoring, taking
from kcc.coaching.planned import dates
from kcc.coaching.planned.rules import working_days
from kcc.coaching.quality_plan import annex
from kcc.coaching.rules import next_month
from kcc.coaching.summaries import passing, writing
from kcc.coaching.summaries.writing import Period
from kcc.coaching.training import holding
from kcc.demo import history, words
from kcc.demo.acting import drawn, id_of, signed_in
from kcc.demo.history import SHOWN, TEAMMATE
from kcc.scheduler.words import in_language
from kcc.stores import Stores

COACH, COLLEAGUE, THIRD = "2001", "2002", "2003"
DOUBTING, WAITING = "1005", "1006"
"""Whose coach is the colleague, so that the shown coach can give a second opinion."""
RAISED, ASKING = "1008", "1007"
LASTS = timedelta(days=10)
ALIKE = {f"answer-{number}": "yes" for number in annex().observable} | {"answer-15": "na", "answer-16": "na"}
DIFFERENT = (
    {"remark-5": words.OPEN_QUESTION},
    {"answer-5": "no", "answer-14": "no", "remark-5": words.CLOSED_QUESTIONS},
    {"answer-5": "no", "answer-18": "no"},
)
"""What each of three coaches answered otherwise than yes about one call, and why."""


def before(stores: Stores) -> None:
    """The employee's own phrase, in time for the draw."""
    employee = signed_in(stores, SHOWN)
    with stores.database.write() as session:
        phrases.choose(session, stores.keys, employee, words.PHRASE)


def tell(stores: Stores, report_id: str) -> None:
    """All that goes on today; `report_id` is the finished report about the shown employee."""
    actors = {number: signed_in(stores, number) for number in (COACH, COLLEAGUE, THIRD)}
    employees = {number: signed_in(stores, number) for number in (SHOWN, TEAMMATE, DOUBTING, WAITING, ASKING)}
    calls = drawn(stores, (SHOWN, TEAMMATE, DOUBTING, WAITING))
    _plan(stores, actors[COACH], employees)
    _propose_a_talk(stores, actors[COACH], report_id)
    _doubt(stores, actors, employees, report_id, calls)
    _calibrate(stores, actors, employees, calls)
    _train(stores, actors[COACH], employees, calls)
    _sum_up(stores, actors[COACH], employees)


def _plan(stores: Stores, coach: Actor, employees: dict[str, Actor]) -> None:
    """Two dates of next month, a number that was raised, and somebody who asks not to be told."""
    month, today = next_month(clock.today().replace(day=1)), clock.today()
    shown, raised = employees[SHOWN].person_id, id_of(stores, RAISED)
    wanted = exceptions.Wanted("new_subject", words.EXCEPTION, 6, today, today + timedelta(days=60))
    sampling = stores.settings.sampling
    free = working_days(month, today + timedelta(days=sampling.announce_days), sampling)
    with stores.database.write() as session:
        for day in (free[5], free[12]):
            dates.add(session, coach, stores.settings, shown, day, 2)
        exceptions.make(session, stores.keys, coach, stores.settings, raised, wanted)
        unannounced.ask(session, employees[ASKING])


def _propose_a_talk(stores: Stores, coach: Actor, report_id: str) -> None:
    days = _working_days(clock.today(), 3)
    moments = [
        datetime.combine(days[1], time(10), clock.LOCAL),
        datetime.combine(days[2], time(14, 30), clock.LOCAL),
    ]
    with stores.database.write() as session:
        appointments.propose(session, stores.keys, coach, report_id, moments, 45, words.PLACE)


def _doubt(
    stores: Stores,
    coaches: dict[str, Actor],
    employees: dict[str, Actor],
    report_id: str,
    calls: dict[str, list[str]],
) -> None:
    """Three ask for a second opinion: one the colleague has begun, one the shown coach has, one waits."""
    asked: dict[str, tuple[Actor, Actor | None]]
    asked = {report_id: (employees[SHOWN], coaches[COLLEAGUE])}
    for number, second in ((DOUBTING, coaches[COACH]), (WAITING, None)):
        theirs = history.score(stores, coaches[COLLEAGUE], calls[number][0], answers())
        asked[theirs] = (employees[number], second)
    for about, (employee, second) in asked.items():
        with stores.database.write() as session:
            opinion = doubting.ask(session, stores.keys, employee, about, words.WHY_OPINION)
            if second:
                taking.take(session, second, opinion.id)
                scoring.save(session, stores.keys, second, opinion.id, 0, answers(until=14))


def _calibrate(
    stores: Stores, coaches: dict[str, Actor], employees: dict[str, Actor], calls: dict[str, list[str]]
) -> None:
    """One session that three coaches have finished, and one for which the shown employee is asked."""
    keys, coach = stores.keys, coaches[COACH]
    ids = [actor.person_id for actor in coaches.values()]
    with stores.database.write() as session:
        done, asked = calls[TEAMMATE][0], calls[SHOWN][-1]
        held = convening.ask(session, coach, done, ids, _until(session, done)).id
        answering.give(session, employees[TEAMMATE], _recording(session, done), "calibration")
        convening.ask(session, coach, asked, ids, _until(session, asked))
    for actor, otherwise in zip(coaches.values(), DIFFERENT, strict=True):
        with stores.database.write() as session:
            sheets.save(session, keys, actor, held, 0, ALIKE | otherwise)
            sheets.finish(session, keys, actor, held, 1)
    with stores.database.write() as session:
        interpretations.agree(session, coach, held, 5, words.INTERPRETATION)


def _train(stores: Stores, coach: Actor, employees: dict[str, Actor], calls: dict[str, list[str]]) -> None:
    """A training with one call that its employee gave, and the shown employee among those who come."""
    call, today = calls[TEAMMATE][1], clock.today()
    people = [employees[SHOWN].person_id, employees[ASKING].person_id, id_of(stores, COLLEAGUE)]
    with stores.database.write() as session:
        wanted = holding.Plan(words.TRAINING, "customer_contact", today, today + LASTS, people)
        training = holding.plan(session, coach, wanted).id
        asking.ask_for_training(session, coach, call, training)
        answering.give(session, employees[TEAMMATE], _recording(session, call), "training")


def _sum_up(stores: Stores, coach: Actor, employees: dict[str, Actor]) -> None:
    """One summary that the shown employee can read, and a colleague's that the team lead can."""
    terms, today, keys = stores.settings.summaries, clock.today(), stores.keys
    period, nl = Period(today - timedelta(days=365), today), in_language("nl")

    def say(sentence: str, **places: str) -> str:
        return nl(sentence) % places

    for number in (SHOWN, TEAMMATE):
        who = employees[number]
        with stores.database.write() as session:
            id_ = writing.begin(session, keys, coach, who.person_id, period, terms, "nl", say)
            text = passing.read(session, keys, coach, id_, terms.reading_days).text
            writing.save(session, keys, coach, id_, 0, f"{words.SUMMARY}\n\n{text}")
            writing.give(session, keys, coach, id_, terms)
    with stores.database.write() as session:
        passing.read(session, keys, who, id_, terms.reading_days)
        passing.pass_on(session, keys, who, id_, 1, words.VIEW_OF_SUMMARY)


def answers(until: int = 23) -> dict[str, str]:
    """A form that went well but for two items, answered up to a number; whole, with what both talk about."""
    said = {f"answer-{number}": "yes" for number in annex().observable if number <= until}
    if until < 23:
        return said
    return said | {"answer-16": "no", "answer-14": "na"} | words.REMARKS | words.FINDINGS


def _until(session: Session, sample_id: str) -> date:
    return min(clock.today() + LASTS, convening.last_day(session, _recording(session, sample_id)))


def _recording(session: Session, sample_id: str) -> str:
    return session.get_one(SampledCall, sample_id).recording_id


def _working_days(after: date, count: int) -> Sequence[date]:
    days = [after + timedelta(days=index) for index in range(1, 2 * count + 4)]
    return [day for day in days if day.weekday() < 5][:count]
