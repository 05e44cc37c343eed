"""What becomes of a second opinion when a function ends, a successor comes, or its report goes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from kcc import clock
from kcc.access.actor import Function, system
from kcc.coaching import erasure, keys, succession
from kcc.coaching.model import Report
from kcc.coaching.opinions.model import SecondOpinion
from kcc.notices.model import Notice
from kcc.people import assignments, functions
from kcc.people.endings import CameBy
from kcc.people.model import CoachAssignment, FunctionPeriod
from kcc.recordings.model import Recording
from kcc.scheduler import following
from tests.coaching.opinions.conftest import Case


def ends(case: Case, who: str) -> None:
    """Somebody's function ends today, and what follows is done."""
    with case.month.stores.database.write() as session:
        person = getattr(case.month.centre, who)
        period = session.scalars(select(FunctionPeriod.id).where(FunctionPeriod.person_id == person)).one()
        functions.end(session, system("cli"), period, clock.today())
    following.follow(case.month.stores)
    case.again()


def opinions(case: Case) -> int:
    """How many rows there are."""
    with case.month.stores.database.read() as session:
        return session.scalar(select(func.count()).select_from(SecondOpinion)) or 0


@pytest.mark.rule("REP-8", "REP-6")
def test_a_second_coach_who_is_no_coach_any_more(case: Case) -> None:
    """What they filled in goes, the employee is told and may ask again; nothing happens twice."""
    case.ask()
    case.take()
    case.at("other_coach").post(case.url, {"revision": "0", "answer-3": "no"})
    ended = case.row
    with case.month.stores.database.read() as session:
        told = succession.consequences(session, ended.second_id or "", Function.COACH, clock.today())
    assert told.opinions == 1
    ends(case, "other_coach")
    assert (case.row.ended_why, case.row.content) == ("function", None)
    assert case.month.stores.keys.holds([ended.id]) == set()
    assert "opinion.function" in case.told("anna") & case.told("coach")
    assert following.follow(case.month.stores).ended == 0
    with case.month.stores.database.write() as session:
        period = FunctionPeriod(person_id=case.month.centre.carla, function="coach", begins=clock.today())
        session.add(period)
    assert case.ask() == 303


@pytest.mark.rule("REP-8", "REP-5", "RET-8")
@pytest.mark.parametrize("stands", ["waiting", "scoring", "concluding"])
def test_an_employee_who_changes_function(case: Case, stands: str) -> None:
    """Report and second opinion go together, at once for everybody; no row, key or notice of them stays."""
    case.ask("Omdat.")
    if stands != "waiting":
        case.take()
    if stands == "concluding":
        case.score()
        case.at("anna").post(f"{case.url}/conclusion", {"revision": "0", "conclusion": "Samen."})
    id_, url, centre = case.row.id, case.url, case.month.centre
    with case.month.stores.database.read() as session:
        told = succession.consequences(session, centre.anna, Function.EMPLOYEE, clock.today())
    assert told.opinions == (0 if stands == "concluding" else 1)
    ends(case, "anna")
    assert opinions(case) == 0
    assert case.month.stores.keys.holds([id_]) == set()
    for who in ("coach", "other_coach"):
        assert case.at(who).get(f"{url}/compared").status_code == 404
        assert case.at(who).get(url).status_code == 404
    with case.month.stores.database.read() as session:
        left = session.scalars(select(Notice).where(Notice.word.startswith("opinion."))).all()
    told = [(one.word, one.person_id) for one in left]
    assert told == ([("opinion.report", centre.other_coach)] if stands == "scoring" else [])
    assert not any("Anna" in one.params or one.about_id for one in left)


@pytest.mark.rule("REP-5", "REP-8")
@pytest.mark.parametrize("scored", [False, True])
def test_an_end_that_waits_to_be_confirmed(case: Case, scored: bool) -> None:
    """Access is over at once, for the second coach, too; when it was a mistake all goes on as it stood."""
    case.ask("Omdat.")
    case.take()
    url = f"{case.url}/compared" if scored else case.url
    if scored:
        case.score()
    stores, second = case.month.stores, case.at("other_coach")
    assert second.get(url).status_code == 200
    with stores.database.write() as session:
        anna = FunctionPeriod.person_id == case.month.centre.anna
        period = session.scalars(select(FunctionPeriod.id).where(anna)).one()
        today = clock.today()
        ending = functions.end(session, system("import"), period, today, came_by=CameBy.IMPORT).id
    assert following.follow(stores).erased == 0
    assert second.get(url).status_code == 404
    assert second.get(case.report_url).status_code == 404
    assert second.post(f"{case.url}/listen").status_code == 404
    assert "Anna" not in second.get("/opinions").text
    with stores.database.write() as session:
        functions.reopen(session, system("cli"), ending)
    assert second.get(url).status_code == 200


@pytest.mark.rule("REP-6", "REP-8")
def test_a_successor_concludes_for_the_first_coach(case: Case) -> None:
    """The reports pass on, and what was asked about them; the author cannot become the second coach."""
    stores, centre = case.month.stores, case.month.centre
    with stores.database.write() as session:
        session.add(FunctionPeriod(person_id=centre.carla, function="coach", begins=clock.today()))
    case.ask()
    case.take()
    case.score()
    first, said = case.at("coach"), {"revision": "0", "conclusion": "Nee."}
    assert first.post(f"{case.url}/conclusion", said).status_code == 303
    assert first.post(f"{case.url}/confirm", {"revision": "1"}).status_code == 303
    succeed(case, centre.carla)
    case.again()
    assert case.at("anna").post(f"{case.url}/confirm", {"revision": "1"}).status_code == 303
    assert case.row.concluded_at is None, "the successor has confirmed nothing yet"
    successor = case.at("carla")
    assert successor.get(f"{case.url}/compared").status_code == 200
    assert successor.post(f"{case.url}/conclusion", {"revision": "1", "conclusion": "Ja."}).status_code == 303
    assert case.at("coach").get(f"{case.url}/compared").status_code == 404
    assert case.at("coach").post(f"{case.url}/take").status_code == 404


@pytest.mark.rule("REP-6", "REP-8")
@pytest.mark.parametrize("taken", [False, True])
def test_a_second_coach_who_becomes_the_successor(case: Case, taken: bool) -> None:
    """They read the report from then on, so that they cannot score it blind; the employee is told."""
    case.ask()
    if taken:
        case.take()
    succeed(case, case.month.centre.other_coach)
    case.again()
    assert case.row.ended_why == ("succeeded" if taken else None)
    assert case.row.coach_id == case.month.centre.other_coach
    assert case.at("other_coach").get(case.url).status_code == 404
    assert case.take() == 404
    if taken:
        assert "opinion.succeeded" in case.told("anna")
        assert case.month.stores.keys.holds([case.row.id]) == set()


@pytest.mark.rule("REP-5", "RET-8")
def test_a_report_that_is_erased_takes_it_along(case: Case) -> None:
    """Whoever was scoring is told; a crash in between leaves nothing to read, and the next run goes on."""
    stores = case.month.stores
    case.ask("Omdat.")
    case.take()
    opened = case.at("other_coach").get(case.url)
    assert opened.status_code == 200
    id_, url = case.row.id, case.url
    with stores.database.read() as session:
        assert keys.known(session, [id_]) == {id_}
        assert id_ in set(keys.expected(session))
    with stores.database.write() as session:
        erasure.begin(session, session.scalars(select(Report)).one(), "test")
    assert case.at("other_coach").get(url).status_code == 404
    assert case.at("anna").post(f"{url}/withdraw").status_code == 404
    assert "opinion.report" in case.told("other_coach")
    assert erasure.finish(stores) == 1
    assert opinions(case) == 0
    assert stores.keys.holds([id_]) == set()
    assert erasure.finish(stores) == 0


@pytest.mark.rule("SAM-6", "THR-3")
def test_a_threat_ends_what_is_not_scored(case: Case) -> None:
    """At once for the second coach; the job then tells all three."""
    from kcc.coaching.opinions import ending

    case.ask()
    case.take()
    with case.month.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=True))
    assert case.at("other_coach").get(case.url).status_code == 404
    assert ending.end_due(case.month.stores) == 1
    assert case.row.ended_why == "threat"
    assert "opinion.threat" in case.told("anna") & case.told("coach") & case.told("other_coach")


def succeed(case: Case, successor_id: str) -> None:
    """Anna's coach hands her over to somebody, today."""
    stores, centre = case.month.stores, case.month.centre
    with stores.database.write() as session:
        mine = CoachAssignment.employee_id == centre.anna
        session.execute(update(CoachAssignment).where(mine).values(ends=clock.today() + timedelta(days=1)))
    case.month.now.move(timedelta(days=1))
    with stores.database.write() as session:
        administrator = centre.actor(centre.administrator)
        assignments.name_successor(
            session, administrator, centre.coach, successor_id, clock.today(), [centre.anna]
        )
    following.follow(stores)


@pytest.mark.rule("REP-8")
def test_a_first_coach_who_left_is_told_nothing(case: Case) -> None:
    """Nobody reads it: neither that it was asked, nor that it is scored; the employee is told."""
    ends(case, "coach")
    case.ask()
    case.take()
    case.score()
    assert case.row.finished_at is not None
    assert "opinion.scored" in case.told("anna")
    assert not {word for word in case.told("coach") if word.startswith("opinion.")}
