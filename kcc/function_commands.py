"""The host's commands on functions, coaches and successors; each calls one verb, no rule is decided here."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock, config
from kcc.access.actor import Function
from kcc.coaching import succession
from kcc.errors import N_, Invalid
from kcc.opening import CLI, opened
from kcc.people import assignments, endings, functions
from kcc.people import queries as people
from kcc.people.endings import CameBy
from kcc.people.model import Department, FunctionEnding, FunctionPeriod, Team
from kcc.people.rules import HELD_BY_PEOPLE
from kcc.scheduler import following

Found = TypeVar("Found")
DAY = click.DateTime(["%Y-%m-%d"])
FUNCTIONS = click.Choice(sorted(function.value for function in HELD_BY_PEOPLE))
WORDS = {
    "reports": "finished reports are erased",
    "drafts": "reports being written are erased",
    "open_calls": "drawn calls leave their sample",
    "dates": "announced selection dates lapse",
    "employees": "employees need a successor of this coach",
    "open_reports": "reports being written wait for the successor",
    "written_reports": "finished reports wait for the successor",
    "opinions": "second opinions that are not scored yet end",
    "consents": "consents to use a call, or questions for one, end",
    "sessions": "calibration sessions end",
    "trainings": "trainings are closed",
}


@click.group("function")
def function_group() -> None:
    """Who holds which function, since when and until when."""


@function_group.command("list")
@click.argument("number")
@click.pass_obj
def list_functions(settings: config.Settings, number: str) -> None:
    """List everything that a person, by number, holds, held or will hold."""
    with opened(settings) as stores, stores.database.read() as session:
        places = people.places(session)
        for period in _periods(session, number):
            place = places.get(period.team_id or period.department_id or "", "-")
            click.echo(f"{period.begins} to {period.ends or 'further notice'}  {period.function}  {place}")


@function_group.command("begin")
@click.argument("number")
@click.argument("function", type=FUNCTIONS)
@click.option("--from", "begins", type=DAY, help="First day; default today.")
@click.option("--until", "ends", type=DAY, help="First day without it.")
@click.option("--team", help="Code of a team.")
@click.option("--department", help="Code of a department.")
@click.option("--customer-calls", is_flag=True, help="An employee who speaks with customers.")
@click.pass_obj
def begin(
    settings: config.Settings,
    number: str,
    function: str,
    begins: datetime | None,
    ends: datetime | None,
    team: str | None,
    department: str | None,
    *,
    customer_calls: bool,
) -> None:
    """Let a person, by number, hold a function."""
    with opened(settings) as stores, stores.database.write() as session:
        person = people.by_number(session, number)
        period = functions.begin(
            session,
            CLI,
            person.id,
            Function(function),
            _day(begins),
            team_id=_id(session, Team, "team", team),
            department_id=_id(session, Department, "department", department),
            customer_calls=customer_calls,
            ends=ends.date() if ends else None,
        )
        click.echo(f"{person.name}: {function} from {period.begins}")


@function_group.command("end")
@click.argument("number")
@click.argument("function", type=FUNCTIONS)
@click.option("--on", "ends", type=DAY, help="First day without it; default today.")
@click.option("--team", help="Code of the team, where the person holds it in more than one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def end(
    settings: config.Settings,
    number: str,
    function: str,
    ends: datetime | None,
    team: str | None,
    *,
    yes: bool,
) -> None:
    """End a function of a person, by number, after saying what follows."""
    day = _day(ends)
    with opened(settings) as stores:
        with stores.database.read() as session:
            found = _one(session, _periods(session, number), function, team)
            follows = succession.consequences(session, found.person_id, Function(function), day)
        for name, count in asdict(follows).items():
            if count:
                click.echo(f"{count} {WORDS[name]}")
        if not yes:
            click.confirm(f"End this function on {day}?", abort=True)
        with stores.database.write() as session:
            functions.end(session, CLI, found.id, day)
        click.echo(str(following.follow(stores)))


@function_group.command("undo")
@click.argument("number")
@click.argument("function", type=FUNCTIONS)
@click.pass_obj
def undo(settings: config.Settings, number: str, function: str) -> None:
    """Undo a beginning or an end that has not taken effect; the latest one."""
    with opened(settings) as stores, stores.database.write() as session:
        mine = [period for period in _periods(session, number) if period.function == function]
        coming = [period for period in mine if period.begins > clock.today()]
        if coming:
            functions.withdraw_begin(session, CLI, coming[-1].id)
            click.echo(f"does not begin on {coming[-1].begins}")
            return
        ending = _standing(session, mine)
        functions.withdraw_end(session, CLI, ending.id)
        click.echo(f"does not end on {ending.ends}")


@function_group.command("waiting")
@click.pass_obj
def waiting(settings: config.Settings) -> None:
    """List what an import or SCIM ended and nobody has confirmed."""
    with opened(settings) as stores, stores.database.read() as session:
        for ending in endings.waiting(session):
            number = people.number_of(session, ending.person_id)
            click.echo(f"{number}  {ending.function}  ended {ending.ends}  until {endings.last_day(ending)}")


@function_group.command("confirm")
@click.argument("number")
@click.argument("function", type=FUNCTIONS)
@click.option("--mistake", is_flag=True, help="It was a mistake: the function goes on.")
@click.pass_obj
def confirm(settings: config.Settings, number: str, function: str, *, mistake: bool) -> None:
    """Say whether what an import or SCIM ended is right."""
    with opened(settings) as stores:
        with stores.database.write() as session:
            person = people.by_number(session, number)
            mine = (one for one in endings.of_person(session, person.id) if one.function == function)
            ending = _first(one for one in mine if one.withdrawn_at is None and one.came_by != CameBy.PERSON)
            (functions.reopen if mistake else functions.confirm)(session, CLI, ending.id)
        click.echo(str(following.follow(stores)))


@function_group.command("assign")
@click.argument("coach")
@click.argument("employee")
@click.option("--from", "begins", type=DAY, help="First day; default today.")
@click.pass_obj
def assign(settings: config.Settings, coach: str, employee: str, begins: datetime | None) -> None:
    """Assign a coach to an employee, both by number."""
    with opened(settings) as stores, stores.database.write() as session:
        ids = [people.by_number(session, number).id for number in (coach, employee)]
        made = assignments.assign(session, CLI, ids[0], ids[1], _day(begins))
        click.echo(f"{coach} coaches {employee} from {made.begins}")


@function_group.command("successor")
@click.argument("coach")
@click.argument("successor")
@click.option("--from", "begins", type=DAY, help="First day; default today.")
@click.option("--employee", "employees", multiple=True, help="Only for these; default all who need one.")
@click.pass_obj
def successor(
    settings: config.Settings, coach: str, successor: str, begins: datetime | None, employees: tuple[str, ...]
) -> None:
    """Name who goes on with a coach's employees, reports and open work, both by number (REP-6)."""
    with opened(settings) as stores:
        with stores.database.write() as session:
            ids = [people.by_number(session, number).id for number in (coach, successor)]
            chosen = [people.by_number(session, number).id for number in employees] or None
            count = assignments.name_successor(session, CLI, ids[0], ids[1], _day(begins), chosen)
        click.echo(f"for {count} employees; {following.follow(stores)}")


def _day(given: datetime | None) -> date:
    return given.date() if given else clock.today()


def _periods(session: Session, number: str) -> list[FunctionPeriod]:
    person = people.by_number(session, number)
    query = select(FunctionPeriod).where(FunctionPeriod.person_id == person.id)
    return list(session.scalars(query.order_by(FunctionPeriod.begins, FunctionPeriod.function)))


def _one(session: Session, periods: list[FunctionPeriod], function: str, team: str | None) -> FunctionPeriod:
    team_id, today = _id(session, Team, "team", team), clock.today()
    held = [p for p in periods if p.function == function and (p.ends is None or p.ends > today)]
    if team_id is not None:
        held = [period for period in held if period.team_id == team_id]
    if len(held) > 1:
        raise Invalid("team", N_("This person holds the function in several teams: name one."))
    return _first(held)


def _standing(session: Session, periods: list[FunctionPeriod]) -> FunctionEnding:
    ids = [period.id for period in periods]
    query = select(FunctionEnding).where(
        FunctionEnding.period_id.in_(ids), FunctionEnding.withdrawn_at.is_(None)
    )
    return _first(session.scalars(query.order_by(FunctionEnding.ends.desc())))


def _first(found: Iterable[Found]) -> Found:
    for one in found:
        return one
    raise Invalid("function", N_("There is no such function of this person."))


def _id(session: Session, model: type[Team | Department], field: str, code: str | None) -> str | None:
    if code is None:
        return None
    found = session.scalar(select(model.id).where(model.code == code))
    if found is None:
        raise Invalid(field, N_("There is no %(name)s."), name=code)
    return found
