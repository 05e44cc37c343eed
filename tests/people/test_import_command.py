"""`kcc people import` as somebody uses it: looked at first, asked, done or not, and everybody at once."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from kcc import clock, config, people_commands
from kcc.access import actor
from kcc.audit.model import AuditLine
from kcc.errors import Refused
from kcc.people import directory, roster_diff
from kcc.people.directory import Wanted
from kcc.people.model import FunctionEnding, FunctionPeriod, Person
from kcc.stores import Stores
from tests.people.centre import CENTRE, Centre

SYSTEM = actor.system("people import")
NEW = """
[[people]]
number = "1002"
name = "Bob Jansen"
[[people.functions]]
function = "employee"
team = "blue"
begins = 2026-11-03
"""
TODAY = date(2026, 11, 3)


@pytest.fixture
def run(centre: Centre, settings: config.Settings, tmp_path: Path) -> "Run":
    return Run(centre, settings, tmp_path / "people.toml")


class Run:
    """The command on the small centre, with a file of a test's own."""

    def __init__(self, centre: Centre, settings: config.Settings, path: Path) -> None:
        self.centre, self.settings, self.path = centre, settings, path

    def __call__(self, toml: str, *options: str, answer: str = "") -> Result:
        self.path.write_text(toml)
        command = people_commands.import_people
        return CliRunner().invoke(command, [str(self.path), *options], input=answer, obj=self.settings)

    def people(self) -> list[str]:
        """The numbers that are known."""
        with self.centre.stores.database.read() as session:
            return list(session.scalars(select(Person.number).order_by(Person.number)))

    def open_functions(self) -> set[str]:
        """The numbers of those who hold something today."""
        today = clock.today()
        query = select(Person.number).join(FunctionPeriod, FunctionPeriod.person_id == Person.id)
        query = query.where(FunctionPeriod.begins <= today)
        query = query.where(FunctionPeriod.ends.is_(None) | (FunctionPeriod.ends > today))
        with self.centre.stores.database.read() as session:
            return set(session.scalars(query))


def lines(stores: Stores) -> int:
    """How many lines the audit has."""
    with stores.database.read() as session:
        return len(list(session.scalars(select(AuditLine.id))))


def test_a_dry_run_shows_in_columns_what_would_happen_and_does_nothing(run: Run) -> None:
    """Somebody new, a function that ends, an e-mail that changes; no line, no row."""
    changed = CENTRE.replace("anna@example.org", "a@example.org").replace(
        'function = "coach"\ndepartment = "permits"\nbegins = 2026-01-01',
        'function = "coach"\ndepartment = "permits"\nbegins = 2026-01-01\nends = 2026-12-01',
    )
    before = lines(run.centre.stores)
    done = run(changed + NEW, "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:4] == [
        "1001  Anna de Vries  changed: email",
        "1002  Bob Jansen     new",
        "                     employee of team blue from 2026-11-03",
        "2001  Coen Bakker    coach of department permits ends 2026-12-01 (was: further notice)",
    ]
    assert "people 1 created, 1 changed, 3 unchanged" in done.stdout.splitlines()[-1]
    assert run.people() == ["1001", "2001", "3001", "9001"]
    assert lines(run.centre.stores) == before


@pytest.mark.parametrize(("answer", "status", "known"), [("y\n", 0, True), ("n\n", 3, False), ("", 3, False)])
def test_it_asks_and_does_what_is_answered(run: Run, answer: str, status: int, *, known: bool) -> None:
    """Also when nobody is there to answer."""
    done = run(CENTRE + NEW, answer=answer)
    assert done.exit_code == status
    assert "Go on?" in done.stderr
    assert ("1002" in run.people()) is known


def test_the_second_time_there_is_nothing_to_ask(run: Run) -> None:
    assert run(CENTRE + NEW, "--yes").exit_code == 0
    again = run(CENTRE + NEW)
    assert (again.exit_code, again.stderr) == (0, "")
    assert again.stdout.startswith("nothing changes\n")


def test_programs_get_all_of_it_as_json(run: Run) -> None:
    """Nothing else stands on standard output."""
    told = json.loads(run(CENTRE + NEW, "--json", "--dry-run").stdout)
    assert (told["imported"], told["dry_run"]) == (False, True)
    assert told["counts"]["functions"] == {"created": 1, "changed": 0, "unchanged": 4}
    assert told["changes"][0] == {"who": "1002", "name": "Bob Jansen", "what": "new"}
    assert json.loads(run(CENTRE + NEW, "--json", "--yes").stdout)["imported"] is True


def test_a_fault_is_status_1_and_names_the_rule(run: Run) -> None:
    """A coach who would lead the team of somebody they coach (ACC-3), before anything is asked."""
    faulty = CENTRE.replace(
        'department = "permits"\nbegins = 2026-01-01\n\n',
        'department = "permits"\nbegins = 2026-01-01\n[[people.functions]]\nfunction = "team_lead"\n'
        'team = "red"\nbegins = 2026-11-03\n\n',
    )
    done = run(faulty, "--yes")
    assert done.exit_code == 1
    assert "(ACC-3)" in str(done.exception)
    assert "Go on?" not in done.stderr


def test_what_changed_while_it_was_asked_is_not_overwritten(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else brings the same person in before the answer: nothing is done, status 3."""

    def answered() -> bool:
        run.centre.add(NEW.replace("Bob Jansen", "Bob J."))
        return True

    monkeypatch.setattr(people_commands, "_asked", answered)
    done = run(CENTRE + NEW)
    assert done.exit_code == 3
    assert "look again" in done.stderr
    with run.centre.stores.database.read() as session:
        assert session.scalar(select(Person.name).where(Person.number == "1002")) == "Bob J."


ONE_LESS = (
    CENTRE[: CENTRE.index('[[people]]\nnumber = "3001"')]
    + CENTRE[CENTRE.index('[[people]]\nnumber = "9001"') :]
)


@pytest.mark.rule("ACC-1", "REP-5")
def test_who_is_not_in_a_full_file_loses_their_functions_and_nothing_else(run: Run) -> None:
    """One of five: within the limit. They stay known, with their history; a second time changes nothing."""
    run.centre.add(NEW)
    done = run(ONE_LESS + NEW, "--full", "--yes")
    assert done.exit_code == 0, done.output
    assert "3001  Lia Mulder  team lead of team red ends 2026-11-03 (was: further notice)" in done.stdout
    assert run.open_functions() == {"1001", "1002", "2001", "9001"}
    assert "3001" in run.people()
    with run.centre.stores.database.read() as session:
        (ending,) = session.scalars(select(FunctionEnding))
        assert (ending.came_by, ending.confirmed_at) == ("import", None), "reports wait for a person"
    assert run(ONE_LESS + NEW, "--full").stdout.startswith("nothing changes\n")


def test_without_full_who_is_absent_stays(run: Run) -> None:
    assert run(ONE_LESS, "--yes").stdout.startswith("nothing changes\n")
    assert "3001" in run.open_functions()


def test_a_file_cut_short_ends_nobody(run: Run) -> None:
    """One of four is more than a fifth: refused, unless that is said to be right."""
    done = run(ONE_LESS, "--full", "--yes")
    assert done.exit_code == 1
    assert "1 of 4 people" in str(done.exception)
    assert "3001" in run.open_functions()
    assert run(ONE_LESS, "--full", "--allow-many", "--yes").exit_code == 0
    assert "3001" not in run.open_functions()


@pytest.mark.rule("ACC-6")
def test_a_full_file_leaves_somebody_who_administers(run: Run) -> None:
    """Otherwise nobody could mend it from the pages."""
    without = CENTRE.replace('number = "9001"\nname = "Ada Beheer"', 'number = "9002"\nname = "Bea Heer"')
    without = without.replace('function = "administrator"', 'function = "works_council"')
    done = run(without, "--full", "--allow-many", "--yes")
    assert done.exit_code == 1
    assert "nobody would be administrator" in str(done.exception)
    handed_over = CENTRE.replace('number = "9001"\nname = "Ada Beheer"', 'number = "9002"\nname = "Bea Heer"')
    assert run(handed_over, "--full", "--allow-many", "--yes").exit_code == 0
    assert run.open_functions() == {"1001", "2001", "3001", "9002"}


def test_what_has_not_begun_is_withdrawn(run: Run) -> None:
    """A full file without somebody who was to come later; the audit keeps that they were."""
    run.centre.add(NEW.replace("2026-11-03", "2026-12-01"))
    done = run(CENTRE, "--full", "--yes")
    assert "1002  Bob Jansen  employee of team blue from 2026-12-01 is withdrawn" in done.stdout
    with run.centre.stores.database.read() as session:
        held = select(FunctionPeriod.id).join(Person, Person.id == FunctionPeriod.person_id)
        assert list(session.scalars(held.where(Person.number == "1002"))) == []
        assert "withdrawn" in (
            session.scalars(select(AuditLine.body).order_by(AuditLine.id.desc())).first() or ""
        )


def test_many_people_are_looked_at_and_compared(centre: Centre, tmp_path: Path) -> None:
    """And a file with a third of them left out is refused; ten thousand are taken in elsewhere."""
    folder = tmp_path / "csv"
    folder.mkdir()

    def write(many: int) -> None:
        numbers = range(100_000, 100_000 + many)
        (folder / "people.csv").write_text("number,name\n" + "".join(f"{n},Naam {n}\n" for n in numbers))
        rows = "".join(f"{n},employee,red,yes,2026-11-03\n" for n in numbers)
        (folder / "functions.csv").write_text("number,function,team,customer_calls,begins\n" + rows)

    write(500)
    with centre.stores.database.write() as session:
        plan = directory.look(session, SYSTEM, Wanted(folder))
        assert len(roster_diff.lines(plan)) == 1_000
        directory.carry_out(session, SYSTEM, plan)
    write(350)
    with pytest.raises(Refused, match="154 of 504"), centre.stores.database.read() as session:
        directory.look(session, SYSTEM, Wanted(folder, full=True))
