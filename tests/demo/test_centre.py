"""The generated centre is what the issue asks for, and its files can be read as TOML."""

import tomllib
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from kcc.demo import centre, lines
from kcc.demo.centre import Centre
from kcc.recordings.rules import LineKind

TODAY = date(2026, 11, 23)


@pytest.fixture
def read(house: Centre) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(house.people_toml())


def test_everybody_is_there(read: dict[str, list[dict[str, Any]]]) -> None:
    assert Counter(person["functions"][-1]["function"] for person in read["people"]) == {
        "employee": 24,
        "coach": 4,
        "team_lead": 4,
        "department_manager": 2,
        "data_protection_officer": 1,
        "administrator": 1,
        "works_council": 1,
    }
    assert len(read["departments"]) == 2
    assert len(read["teams"]) == 4


def test_six_employees_with_customer_calls_in_each_team(read: dict[str, list[dict[str, Any]]]) -> None:
    current = [p["functions"][-1] for p in read["people"] if p["functions"][-1]["function"] == "employee"]
    assert all(period["customer_calls"] is True for period in current)
    assert Counter(period["team"] for period in current) == dict.fromkeys(("ENE", "INN", "OMG", "LAN"), 6)


def test_each_coach_has_six_employees_and_each_employee_one_coach(house: Centre) -> None:
    now = [a for a in house.assignments if a.ends is None]
    assert sorted(Counter(a.coach for a in now).values()) == [6, 6, 6, 6]
    assert sorted(a.employee for a in now) == [p.number for p in house.employees()]


def test_an_assignment_lies_within_both_functions(house: Centre) -> None:
    for assignment in house.assignments:
        for number in (assignment.coach, assignment.employee):
            assert house.people[number].current.begins <= assignment.begins < TODAY
        assert assignment.ends is None or assignment.begins < assignment.ends


def test_keys_are_those_of_the_import(read: dict[str, list[dict[str, Any]]]) -> None:
    assert set(read) == {"departments", "teams", "people", "coach_assignments"}
    for person in read["people"]:
        assert {"number", "name", "email", "language", "functions"} <= set(person)
        assert set(person) <= {"number", "name", "email", "language", "functions", "agent_ids"}
        assert isinstance(person["functions"][0]["begins"], date)
    assert {person["language"] for person in read["people"]} == {"nl", "en"}


def test_numbers_addresses_and_agent_ids_are_unique(house: Centre) -> None:
    people = list(house.people.values())
    for values in (
        [p.number for p in people],
        [p.player.email for p in people],
        [p.player.name for p in people],
        [a.agent_id for p in people for a in p.agent_ids],
    ):
        assert len(values) == len(set(values))
    assert all(p.player.email.isascii() and p.player.email.endswith("@example.nl") for p in people)
    assert all(len(p.player.email.split("@")[0]) <= 64 for p in people)


def test_names_are_as_various_as_people(house: Centre) -> None:
    found = [p.player.name for p in house.people.values()]
    assert max(len(name) for name in found) >= 50
    assert any(not name.isascii() for name in found)
    assert any(" van der " in name or " de " in name or " van " in name for name in found)


def test_periods_follow_each_other(house: Centre) -> None:
    for person in house.people.values():
        for dated in (person.functions, person.agent_ids):
            for earlier, later in pairwise(dated):
                assert earlier.begins < earlier.ends == later.begins
            assert not dated or dated[-1].begins < TODAY


def test_a_newcomer_and_a_changed_agent_id(house: Centre) -> None:
    assert house.people[centre.NEWCOMER].current.begins == TODAY - timedelta(days=14)
    old, new = house.people[centre.RENUMBERED].agent_ids
    assert new.begins.isoweekday() == 7
    assert TODAY - timedelta(days=17) < new.begins < TODAY
    assert house.people[centre.RENUMBERED].agent_id_on(new.begins) == new.agent_id
    assert house.people[centre.RENUMBERED].agent_id_on(new.begins - timedelta(days=1)) == old.agent_id


def test_nobody_has_an_agent_id_before_it_begins(house: Centre) -> None:
    person = house.people[centre.NEWCOMER]
    with pytest.raises(KeyError):
        person.agent_id_on(person.current.begins - timedelta(days=1))


def test_lines_are_of_every_kind(house: Centre) -> None:
    read = tomllib.loads(house.lines_toml())["lines"]
    assert {line["kind"] for line in read} == set(LineKind)
    by_code = {line["code"]: line for line in read}
    assert "welcome_text_since" not in by_code[lines.NO_WELCOME]
    assert by_code[lines.LATE_WELCOME]["welcome_text_since"] == TODAY - timedelta(days=9)


def test_one_person_is_shown_per_profile(house: Centre) -> None:
    shown = house.showcase()
    assert len({profile for profile, _ in shown}) == len(shown) == 7
    assert all(house.people[number].current.function == profile for profile, number in shown)
    assert ("employee", "1001") in shown
    assert ("2001", "1001") in [(a.coach, a.employee) for a in house.assignments]


def test_the_same_seed_gives_the_same_centre_and_another_does_not() -> None:
    first, again, other = (centre.generate(seed, TODAY) for seed in (1, 1, 2))
    assert first.people_toml() == again.people_toml() != other.people_toml()
    assert first.lines_toml() == again.lines_toml()
