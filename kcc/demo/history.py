"""The demo's year before: selection dates, draws, reports and conversations about calls that are long erased.

What happens this month is month's and story's; all of it is done by kcc's own verbs, each on its own day.
"""

import hashlib
import random
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from kcc import clock
from kcc.access.actor import Actor, system
from kcc.coaching import assessment, drawing, listening, reports
from kcc.coaching.conversation import appointments, reading, signing, writing
from kcc.coaching.planned import dates
from kcc.coaching.progress.rules import quarter_before, quarter_of
from kcc.coaching.quality_plan import annex
from kcc.demo import lines, office_hours, recorder, words
from kcc.demo.acting import drawn, id_of, signed_in
from kcc.demo.calls import PlannedCall
from kcc.demo.centre import Centre
from kcc.demo.office_hours import Diary
from kcc.demo.speech import Bank
from kcc.notices import outbox
from kcc.recordings import delivery, erasure
from kcc.stores import Stores

ROUNDS, APART, LAST = 8, timedelta(days=42), timedelta(days=35)
"""How many earlier dates, how far from each other, and how long before this month's draw the last one was."""
SHOWN, TEAMMATE = "1001", "1003"
OTHERS = ("1005", "1007", "1008", "1009")
"""With the two above enough people for the centre's figures of the last closed quarter (AGG-1)."""
POOL = 6
DAYS = timedelta(days=19)
"""Before its draw within which a call was made: younger than the pool's oldest by far."""
SECONDS = (21, 32)


@dataclass(frozen=True)
class Round:
    """A selection day: how many calls of whom are drawn on it, by personnel number."""

    day: date
    calls: Mapping[str, int]


def rounds(target: date, today: date) -> list[Round]:
    """The selection days before that of `target`'s month, oldest first."""
    days = [_weekday(target - LAST - APART * index) for index in reversed(range(ROUNDS))]
    closed = max(day for day in days if quarter_of(day) <= quarter_before(quarter_of(today)))
    found = []
    for index, day in enumerate(days):
        whose = {SHOWN: 2} | ({TEAMMATE: 1} if index >= 2 else {})
        found.append(Round(day, whose | (dict.fromkeys(OTHERS, 1) if day == closed else {})))
    return found


def tell(
    stores: Stores, people: Centre, bank: Bank, folder: Path, all_rounds: list[Round]
) -> Iterator[Round]:
    """Let it happen, day by day, giving each as it is over; `folder` is where calls are left."""
    folder.mkdir(parents=True, exist_ok=True)
    diary = Diary(random.Random(f"history/{all_rounds[0].day}"))
    for index, one in enumerate(all_rounds):
        coaches = {number: coach_of(people, number, one.day) for number in one.calls}
        _announce(stores, one, coaches)
        with _at(one.day, time(6, 30)):
            for number in one.calls:
                record(people, bank, folder, diary, number, one.day)
            list(delivery.deliver(stores, system("demo"), [folder]))
            drawing.run(stores, one.day)
        for number in one.calls:
            _monitor(stores, one.day, number, coaches[number], index)
        with _at(one.day + timedelta(days=29), time(6)):
            erasure.erase_due(stores, system("erase"))
            _read_notices(stores, {*coaches, *coaches.values()})
        yield one


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _at(day: date, hour: time) -> AbstractContextManager[object]:
    return clock.frozen(datetime.combine(day, hour, clock.LOCAL))


def coach_of(people: Centre, number: str, day: date) -> str:
    """Who coached an employee on a day, by their numbers."""
    return next(
        one.coach
        for one in people.assignments
        if one.employee == number and one.begins <= day and (one.ends is None or day < one.ends)
    )


def _announce(stores: Stores, one: Round, coaches: Mapping[str, str]) -> None:
    """Each coach sets the date a week before it."""
    with _at(one.day - timedelta(days=7), time(9, 40)):
        actors = {coach: signed_in(stores, coach) for coach in sorted(set(coaches.values()))}
        ids = {number: id_of(stores, number) for number in one.calls}
        with stores.database.write() as session:
            for number, calls in one.calls.items():
                dates.add(session, actors[coaches[number]], stores.settings, ids[number], one.day, calls)


def record(people: Centre, bank: Bank, folder: Path, diary: Diary, number: str, day: date) -> None:
    """The calls of the weeks before, as the recorder leaves them."""
    person, until = people.people[number], clock.start_of_day(day)
    spans = list(office_hours.within(until - DAYS, until))
    for index in range(POOL):
        chance = random.Random(f"history/{number}/{day}/{index}")
        length = chance.randint(*SECONDS) * 1000
        start = diary.book(number, spans, timedelta(milliseconds=length))
        if start is None:
            raise ValueError(f"no free moment for a call of {number}")
        call = PlannedCall(
            kind="history",
            manner="quick",
            call_id=hashlib.sha256(f"history/{number}/{day}/{index}".encode()).hexdigest()[:24],
            start=start,
            milliseconds=length,
            employee=number,
            agent_id=person.agent_id_on(clock.local_day(start)),
            direction="incoming",
            scope="external",
            line=lines.BY_TEAM[person.current.team or ""],
            remote_number=None,
            nature="business",
            encoding="alaw",
            channels=1,
            employee_channel=None,
        )
        recorder.write(call, bank, folder)


def _monitor(stores: Stores, day: date, number: str, coach_number: str, index: int) -> None:
    """The coach hears, scores and finishes; the employee reads; with the shown employee they talk."""
    with _at(day, time(14, 5)):
        coach, employee = signed_in(stores, coach_number), signed_in(stores, number)
        ids = []
        for place, sample_id in enumerate(drawn(stores, [number])[number]):
            said = earlier_answers(random.Random(f"scores/{number}/{day}/{place}"), index)
            ids.append(score(stores, coach, sample_id, said))
    with _at(day, time(16, 20)), stores.database.write() as session:
        for report_id in ids:
            reports.read(session, stores.keys, employee, report_id)
    if number == SHOWN:
        _talk(stores, coach, employee, ids[0], day, words.TOGETHER[index * len(words.TOGETHER) // ROUNDS])


def _read_notices(stores: Stores, numbers: Collection[str]) -> None:
    ids = [id_of(stores, number) for number in sorted(numbers)]
    with stores.database.write() as session:
        for person_id in ids:
            outbox.read_all(session, person_id)


def earlier_answers(chance: random.Random, index: int) -> dict[str, str]:
    """A form as it was filled in then: from round to round more goes well."""
    skill = 0.5 + 0.055 * index
    said = {f"answer-{n}": "yes" if chance.random() < skill else "no" for n in annex().observable}
    if chance.random() < 0.7:
        said |= {"answer-15": "na", "answer-16": "na"}
    return said | {
        "finding-well": chance.choice(words.EARLIER),
        "point-1": chance.choice(words.EARLIER_POINTS),
    }


def score(
    stores: Stores, coach: Actor, sample_id: str, said: Mapping[str, str], *, finish: bool = True
) -> str:
    """The coach hears a drawn call and fills in the form; the report's id."""
    with stores.database.write() as session:
        listening.open_drawn(session, coach, sample_id, stores.settings.playback.lease_minutes)
        report = assessment.open_report(session, stores.keys, coach, sample_id)
        saved = assessment.save(session, stores.keys, coach, report.id, report.revision, said)
        if finish:
            assessment.finish(session, stores.keys, coach, saved.id, saved.revision)
        return saved.id


def _talk(
    stores: Stores, coach: Actor, employee: Actor, report_id: str, day: date, said: Mapping[str, str]
) -> None:
    """Both agreed on a moment, met, closed the points of before, wrote down what is new, and signed."""
    keys, met = stores.keys, datetime.combine(_weekday(day + timedelta(days=5)), time(10, 30), clock.LOCAL)
    with _at(day, time(16, 40)), stores.database.write() as session:
        appointments.propose(session, keys, coach, report_id, [met], 45, words.PLACE)
        appointments.accept(session, keys, employee, report_id, met)
    with clock.frozen(met + timedelta(minutes=40)), stores.database.write() as session:
        writing.save_view(session, keys, employee, report_id, 0, words.VIEWS["employee"], share=True)
        writing.save_view(session, keys, coach, report_id, 0, words.VIEWS["coach"], share=True)
        earlier = reading.read(session, keys, coach, report_id).earlier
        done = [point.id for point in earlier]
        writing.save_together(session, keys, coach, report_id, 0, said, done)
        for who in (coach, employee):
            signing.sign(session, keys, who, report_id, "1.1.1.1")
