"""The host's commands on functions: what they say, what they ask, and what is then so."""

from dataclasses import fields

import pytest

from kcc import clock, function_commands
from kcc.access.actor import Function, system
from kcc.coaching import succession
from kcc.coaching.succession import Consequences
from kcc.people import functions
from kcc.people.endings import CameBy
from kcc.stores import Stores
from tests.centre import Centre
from tests.coaching.conftest import Month, drawn, month
from tests.people.test_functions import only
from tests.test_cli import Run, kcc

__all__ = ["drawn", "kcc", "month"]  # fixtures of other tests


def test_a_function_from_beginning_to_end(kcc: Run, centre: Centre) -> None:
    """Begun in a team, planned to end, undone, ended after a question."""
    assert kcc(
        "people", "function", "begin", "council", "employee", "--team", "red", "--customer-calls"
    ).output == ("Council Jansen: employee from 2026-11-03\n")
    assert Function.EMPLOYEE in centre.actor(centre.council).functions
    end = ("people", "function", "end", "council", "employee")
    assert kcc(*end, "--on", "2026-11-10", "--yes").exit_code == 0
    listed = kcc("people", "function", "list", "council").output
    assert "2026-11-03 to 2026-11-10  employee  Team Rood\n" in listed
    assert kcc("people", "function", "undo", "council", "employee").output == "does not end on 2026-11-10\n"
    assert "Aborted!" in kcc(*end, input="n\n").output
    assert Function.EMPLOYEE in centre.actor(centre.council).functions
    assert "1 ends followed" in kcc(*end, input="y\n").output
    assert Function.EMPLOYEE not in centre.actor(centre.council).functions
    future = kcc("people", "function", "begin", "council", "coach", "--from", "2026-11-20")
    assert future.exit_code == 0
    assert kcc("people", "function", "undo", "council", "coach").output == "does not begin on 2026-11-20\n"


@pytest.mark.rule("REP-5", "REP-6")
def test_what_follows_is_said_beforehand_in_counts(kcc: Run, drawn: Month) -> None:
    centre = drawn.centre
    assert (
        "4 drawn calls leave their sample\n"
        in kcc("people", "function", "end", "anna", "employee", input="n\n").output
    )
    ended = kcc("people", "function", "end", "coach", "coach", "--yes").output
    assert ended.startswith("2 employees need a successor of this coach\n")
    named = kcc("people", "function", "successor", "coach", "other_coach", "--employee", "anna").output
    assert named == "for 1 employees; 0 ends followed, 0 reports erased, 1 successions\n"
    assert kcc("people", "function", "begin", "lead", "coach").exit_code == 0
    refused = kcc("people", "function", "assign", "lead", "bob")
    assert refused.exit_code == 1
    assert "(ACC-3)" in refused.output
    assert kcc("people", "function", "assign", "other_coach", "bob").output == (
        f"other_coach coaches bob from {clock.today()}\n"
    )
    assert centre.actor(centre.coach).functions == set()


def test_each_consequence_has_its_words() -> None:
    """Or the command breaks off where there is one without."""
    assert set(function_commands.WORDS) == {field.name for field in fields(Consequences)}


@pytest.mark.rule("REP-5")
def test_what_waits_is_listed_and_answered(kcc: Run, centre: Centre, stores: Stores) -> None:
    for person in (centre.anna, centre.bob):
        with stores.database.write() as session:
            period = only(stores, person).id
            functions.end(session, system("import"), period, clock.today(), came_by=CameBy.IMPORT)
    listed = kcc("people", "function", "waiting").output.splitlines()
    assert sorted(listed) == [
        "anna  employee  ended 2026-11-03  until 2026-11-10",
        "bob  employee  ended 2026-11-03  until 2026-11-10",
    ]
    assert "1 ends followed" in kcc("people", "function", "confirm", "anna", "employee").output
    assert kcc("people", "function", "confirm", "bob", "employee", "--mistake").exit_code == 0
    assert kcc("people", "function", "waiting").output == ""
    assert centre.actor(centre.bob).functions == {Function.EMPLOYEE}


def test_what_is_not_there_is_said(kcc: Run, centre: Centre) -> None:
    assert centre.anna
    for arguments, said in (
        (("begin", "nobody", "coach"), "Nobody has the number nobody."),
        (("begin", "anna", "team_lead", "--team", "green"), "There is no green."),
        (("end", "anna", "coach", "--yes"), "There is no such function of this person."),
        (("undo", "anna", "employee"), "There is no such function of this person."),
        (("confirm", "anna", "employee"), "There is no such function of this person."),
    ):
        answer = kcc("people", "function", *arguments)
        assert answer.exit_code == 1
        assert said in answer.output


def test_the_command_has_words_for_all_that_follows() -> None:
    """What a later package counts must not break the command that warns of it."""
    assert set(function_commands.WORDS) == {field.name for field in fields(succession.Consequences)}
