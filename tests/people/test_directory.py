"""Importing people: whole or not at all, twice without effect, and with every fault named at once."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kcc.access import actor
from kcc.access.actor import Actor, Function, Post
from kcc.audit.model import AuditLine
from kcc.errors import AccessDenied
from kcc.people import directory
from kcc.people.model import AgentId, CoachAssignment, FunctionPeriod, Person, Team
from kcc.people.roster import ImportFaultsError
from kcc.stores import Stores
from tests.people.centre import CENTRE, Centre

SYSTEM = actor.system("people import")
TABLES = (Person, Team, FunctionPeriod, AgentId, CoachAssignment)


def bring_in(stores: Stores, path: Path) -> directory.Summary:
    """Import in a transaction of its own."""
    with stores.database.write() as session:
        return directory.import_file(session, SYSTEM, path)


def rows(stores: Stores) -> list[int]:
    """How many rows each table has."""
    with stores.database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def faults(stores: Stores, path: Path) -> list[str]:
    """The faults that an import names; it must leave everything as it was."""
    before = rows(stores)
    with pytest.raises(ImportFaultsError) as raised:
        bring_in(stores, path)
    assert rows(stores) == before
    return [str(fault) for fault in raised.value.faults]


def test_the_first_import_creates_and_the_second_changes_nothing(centre: Centre) -> None:
    """The same file twice: nothing is created or changed, and one line says that it was asked."""
    before = rows(centre.stores)
    assert before == [4, 2, 4, 1, 1]
    summary = centre.add(CENTRE)
    assert {(c.created, c.changed) for c in summary.values()} == {(0, 0)}
    assert [c.unchanged for c in summary.values()] == [1, 2, 4, 4, 1, 1]
    assert rows(centre.stores) == before


def test_a_changed_end_and_name_are_updates_with_a_line(centre: Centre) -> None:
    """Ending a period and beginning the next changes one row and adds one; the audit says how."""
    moved = CENTRE.replace(
        "customer_calls = true\nbegins = 2026-01-01",
        "customer_calls = true\nbegins = 2026-01-01\nends = 2026-11-01\n[[people.functions]]\n"
        'function = "employee"\nteam = "blue"\ncustomer_calls = true\nbegins = 2026-11-01',
    ).replace("Anna de Vries", "Anna de Vries-Smit")
    summary = centre.add(moved)
    assert (summary["functions"].created, summary["functions"].changed) == (1, 1)
    assert summary["people"].changed == 1
    with centre.stores.database.read() as session:
        ends = select(FunctionPeriod.ends).where(FunctionPeriod.ends.is_not(None))
        assert session.scalars(ends).all() == [date(2026, 11, 1)]
        line = session.scalars(
            select(AuditLine.body)
            .where(AuditLine.subject == f"person:{centre.id('1001')}")
            .where(AuditLine.about_id == centre.id("1001"))
            .order_by(AuditLine.id.desc())
        ).first()
    assert json.loads(str(line))["detail"]["changes"] == [
        "functions from 2026-11-01 until further notice",
        "name",
        "functions from 2026-01-01 until 2026-11-01, was further notice",
    ]
    assert "Smit" not in str(line)


def test_what_a_file_does_not_name_stays(centre: Centre) -> None:
    """A file with one newcomer leaves everybody else as they are, and may refer to what is known."""
    summary = centre.add(
        '[[people]]\nnumber = "1002"\nname = "Bo Jansen"\n[[people.functions]]\n'
        'function = "employee"\nteam = "red"\nbegins = 2026-03-01\n'
        '[[coach_assignments]]\ncoach = "2001"\nemployee = "1002"\nbegins = 2026-03-01\n'
    )
    assert [c.created for c in summary.values()] == [0, 0, 1, 1, 0, 1]
    assert rows(centre.stores) == [5, 2, 5, 1, 2]


def test_a_language_somebody_chose_survives_the_next_import(centre: Centre) -> None:
    """The file's language is for the first pages only."""
    with centre.stores.database.write() as session:
        person = session.get(Person, centre.id("1001"))
        assert person is not None
        person.language = "en"
    assert centre.add(CENTRE)["people"].changed == 0
    with centre.stores.database.read() as session:
        assert session.scalar(select(Person.language).where(Person.number == "1001")) == "en"


ANNA = '[[people]]\nnumber = "1001"\nname = "Anna de Vries"\n'
FAULTS = {
    "contradicting flag": (
        ANNA + '[[people.functions]]\nfunction = "employee"\nteam = "red"\nbegins = 2026-01-01',
        "people 1 (1001) functions 1: customer_calls: is known as yes from 2026-01-01",
    ),
    "overlapping period": (
        ANNA + '[[people.functions]]\nfunction = "employee"\nteam = "blue"\nbegins = 2026-06-01',
        "nobody is an employee in two teams on the same day [already known, 2026-01-01 to further notice]",
    ),
    "administrator who hears": (
        ANNA + '[[people.functions]]\nfunction = "administrator"\nbegins = 2026-06-01',
        "an administrator holds no function that hears or reads",
    ),
    "coach who leads": (
        '[[people]]\nnumber = "2001"\nname = "Coen Bakker"\n'
        '[[people.functions]]\nfunction = "team_lead"\nteam = "red"\nbegins = 2026-06-01',
        "nobody is both coach of an employee and lead of that employee's team",
    ),
    "lead who coaches": (
        '[[coach_assignments]]\ncoach = "3001"\nemployee = "1001"\nbegins = 2026-06-01',
        "nobody is both coach of an employee and lead of that employee's team",
    ),
    "own coach": (
        '[[coach_assignments]]\ncoach = "2001"\nemployee = "2001"\nbegins = 2026-06-01',
        "nobody is their own coach",
    ),
    "shared agent id": (
        '[[people]]\nnumber = "1002"\nname = "Bo"\n'
        '[[people.agent_ids]]\nagent_id = "4101"\nbegins = 2026-06-01',
        "people 1 (1002) agent_ids 1: agent_id: this agent id belongs to somebody else",
    ),
    "unknown team": (
        ANNA + '[[people.functions]]\nfunction = "employee"\nteam = "green"\nbegins = 2027-01-01',
        "team: there is no green among the teams",
    ),
    "unknown person": (
        '[[coach_assignments]]\ncoach = "2001"\nemployee = "8888"\nbegins = 2026-06-01',
        "coach_assignments 1: employee: there is no 8888 among the people",
    ),
    "end before begin": (
        ANNA + '[[people.agent_ids]]\nagent_id = "7"\nbegins = 2026-06-01\nends = 2026-06-01',
        "ends must lie after begins",
    ),
    "a machine's function": (
        ANNA + '[[people.functions]]\nfunction = "system"\nbegins = 2026-06-01',
        "function: must be one of administrator, coach,",
    ),
    "lead of nothing": (
        ANNA + '[[people.functions]]\nfunction = "team_lead"\nbegins = 2026-06-01',
        "a team lead needs a team",
    ),
    "calls of a coach": (
        '[[people]]\nnumber = "2001"\nname = "Coen Bakker"\n'
        '[[people.functions]]\nfunction = "coach"\ncustomer_calls = true\nbegins = 2027-01-01',
        "customer_calls belongs to the function employee",
    ),
    "twice in the file": (ANNA + ANNA, "people 2 (1001): number: 1001 stands in people 1 (1001) already"),
    "unknown field": (ANNA + "salary = 3", "people 1 (1001): salary: there is no such field"),
    "field called row": (ANNA + 'row = "x"', "people 1 (1001): row: there is no such field"),
    "another's number inside": (
        ANNA + '[[people.agent_ids]]\nnumber = "2001"\nagent_id = "7"\nbegins = 2026-06-01',
        "number here: there is no such field",
    ),
    "control characters": ('[[people]]\nnumber = "1\\u0000"\nname = "x"', "cannot be printed"),
    "missing name": ('[[people]]\nnumber = "5"', "people 1 (5): name: is missing"),
    "not an address": (ANNA + 'email = "anna"', "people 1 (1001): email:"),
    "unknown table": ("[[friends]]\nname = 'x'", "friends: there is no such table"),
    "table written singly": ("[people]\nname = 'x'", "people: must be written as [[people]]"),
    "not TOML": ("[[people", "file: is not TOML"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_row_and_field(centre: Centre, tmp_path: Path, name: str) -> None:
    """One fault, one sentence that says where and what; nothing is imported."""
    text, expected = FAULTS[name]
    path = tmp_path / "fault.toml"
    path.write_text(text)
    found = faults(centre.stores, path)
    assert len(found) == 1, found
    assert expected in found[0]


def test_all_faults_are_named_at_once(centre: Centre, tmp_path: Path) -> None:
    """Bad rows, dangling references and clashes come in one answer; what hangs on a bad row is not a second
    fault.
    """
    path = tmp_path / "faults.toml"
    path.write_text(
        '[[people]]\nnumber = "1005"\nname = ""\n'
        '[[people.functions]]\nfunction = "employee"\nteam = "red"\nbegins = 2026-01-01\n'
        '[[people]]\nnumber = "1006"\nname = "Cas"\n'
        '[[people.functions]]\nfunction = "dancer"\nbegins = 2026-01-01\n'
        '[[people.functions]]\nfunction = "employee"\nteam = "green"\nbegins = 2026-01-01\n'
        '[[coach_assignments]]\ncoach = "3001"\nemployee = "1001"\nbegins = 2026-06-01\n'
        '[[coach_assignments]]\ncoach = "2001"\nemployee = "1005"\nbegins = 2026-06-01\n'
    )
    found = faults(centre.stores, path)
    with pytest.raises(ImportFaultsError) as raised:
        bring_in(centre.stores, path)
    assert str(raised.value).splitlines() == ["Nothing was imported: the file has 4 faults.", *found]
    assert [fault.split(": ")[:2] for fault in found] == [
        ["people 1 (1005)", "name"],
        ["people 2 (1006) functions 1", "function"],
        ["people 2 (1006) functions 2", "team"],
        ["coach_assignments 1", "coach"],
    ]


def test_a_folder_of_csv_files_says_the_same_as_toml(centre: Centre, tmp_path: Path) -> None:
    """Semicolons, a byte order mark, Dutch days and words: what a spreadsheet exports is what TOML said."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "people.csv").write_text(
        "\ufeffnumber;name;email;language\n1001;Anna de Vries;anna@example.org;\n"
    )
    (folder / "functions.csv").write_text(
        "number;function;team;department;customer_calls;begins;ends\n1001;employee;red;;ja;1-1-2026;\n"
    )
    (folder / "agent_ids.csv").write_text("number,agent_id,begins,ends\n1001,4101,2026-01-01,\n")
    (folder / "coach_assignments.csv").write_text("coach,employee,begins\n2001,1001,01-02-2026\n")
    summary = bring_in(centre.stores, folder)
    assert [(c.created, c.changed) for c in summary.values()] == [(0, 0)] * 6
    assert [c.unchanged for c in summary.values()] == [0, 0, 1, 1, 1, 1]


def test_one_csv_file_ends_a_period(centre: Centre, tmp_path: Path) -> None:
    """A single file named after its table is an import, too."""
    path = tmp_path / "agent_ids.csv"
    path.write_text("number,agent_id,begins,ends\n1001,4101,2026-01-01,2026-12-01\n1001,4102,2026-12-01,\n")
    counts = bring_in(centre.stores, path)["agent_ids"]
    assert (counts.created, counts.changed, counts.unchanged) == (1, 1, 0)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("friends.csv", b"number,name\n", "must be named after its table"),
        ("people.csv", b"number,salary\n1,2\n", "salary: there is no such column"),
        ("people.csv", b"number,number,name\n1,2,x\n", "stands there twice"),
        ("people.csv", b"number\n1\n", "name: this column is missing"),
        ("people.csv", b"number,name\n1,x,y\n", "people.csv line 2: line: has more fields"),
        ("people.csv", b'number,name\n1,"x\n', "is not CSV"),
        ("people.csv", "number,name\n1,Renée\n".encode("latin-1"), "is not UTF-8"),
        ("people.csv", b"number,name\n1,\n", "people.csv line 2: name: is missing"),
        ("agent_ids.csv", b"number,agent_id,begins\n1001,7,31-2-2026\n", "agent_ids.csv line 2: begins:"),
    ],
)
def test_each_fault_of_csv_is_named(
    centre: Centre, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    """Headers, encodings and lines that are no CSV have an answer each."""
    path = tmp_path / name
    path.write_bytes(content)
    assert any(expected in fault for fault in faults(centre.stores, path))


def test_a_file_or_folder_that_is_not_there_is_a_fault(stores: Stores, tmp_path: Path) -> None:
    """No file, and a folder without any of the tables."""
    assert "cannot be read" in faults(stores, tmp_path / "none.toml")[0]
    (tmp_path / "empty").mkdir()
    assert "holds none of departments.csv" in faults(stores, tmp_path / "empty")[0]


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("function", sorted(set(Function) - {Function.SYSTEM}))
def test_nobody_but_the_host_imports(centre: Centre, tmp_path: Path, function: Function) -> None:
    """No function of a person or recorder opens the import."""
    path = tmp_path / "more.toml"
    with pytest.raises(AccessDenied), centre.stores.database.write() as session:
        directory.import_file(session, Actor("x", "X", frozenset({Post(function, "t", "d")})), path)


@pytest.mark.in_part("postgresql")
def test_ten_thousand_people_take_seconds(stores: Stores, tmp_path: Path) -> None:
    """A big centre comes in, and a second time nothing happens."""
    parts = ['[[departments]]\ncode = "d"\nname = "D"\n']
    parts += [f'[[teams]]\ncode = "t{n}"\nname = "T{n}"\ndepartment = "d"\n' for n in range(500)]
    parts += [
        f'[[people]]\nnumber = "{n}"\nname = "Person {n}"\n[[people.functions]]\nfunction = "employee"\n'
        f'team = "t{n % 500}"\ncustomer_calls = true\nbegins = 2026-01-01\n'
        f'[[people.agent_ids]]\nagent_id = "a{n}"\nbegins = 2026-01-01\n'
        for n in range(10_000)
    ]
    parts += [
        f'[[coach_assignments]]\ncoach = "{n % 100}"\nemployee = "{n}"\nbegins = 2026-01-01\n'
        for n in range(100, 10_000)
    ]
    path = tmp_path / "big.toml"
    path.write_text("\n".join(parts))
    started = time.process_time()  # of this process alone: whatever else the machine does
    assert bring_in(stores, path)["people"].created == 10_000
    assert bring_in(stores, path)["people"].unchanged == 10_000
    assert time.process_time() - started < 30
    assert rows(stores) == [10_000, 500, 10_000, 10_000, 9_900]
