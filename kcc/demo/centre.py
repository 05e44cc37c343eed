"""The demo centre: who works where since when, and on which lines; not their names or their calls."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from kcc.demo import as_toml, lines, names
from kcc.demo.names import Player
from kcc.demo.staff import DEPARTMENTS, TEAMS, AgentId, Assignment, Period, Person

NEWCOMER = "1012"
"""The employee who started two weeks ago."""
RENUMBERED = "1004"
"""The employee whose agent id at the recorder changed ten days ago, or on the Sunday before that."""


@dataclass
class Centre:
    """The whole centre, as `kcc people import` and `kcc lines import` will read it."""

    people: dict[str, Person]
    assignments: list[Assignment]
    lines: list[lines.Line]

    def employees(self) -> list[Person]:
        """The employees with customer calls, by number."""
        return [p for p in self.people.values() if p.current.function == "employee"]

    def people_toml(self) -> str:
        """The file for `kcc people import`."""
        return as_toml.people(self.people.values(), self.assignments)

    def lines_toml(self) -> str:
        """The file for `kcc lines import`."""
        return as_toml.lines(self.lines)

    def showcase(self) -> list[tuple[str, str]]:
        """One (profile, personnel number) per profile, for the table of accounts."""
        return [(self.people[number].current.function, number) for number in names.SHOWCASE]


def generate(seed: int, today: date) -> Centre:
    """The centre as it stands on `today`; the same for the same arguments."""
    chance, players = random.Random(f"centre/{seed}"), names.cast(seed)
    people: dict[str, Person] = {}
    for function, numbers in names.numbers().items():
        for index, number in enumerate(numbers):
            people[number] = _person(players[number], function, index, today, chance)
    _give_histories(people, today)
    return Centre(people, _assign(people, today), lines.all_lines(today))


def _person(player: Player, function: str, index: int, today: date, chance: random.Random) -> Person:
    begins = today - timedelta(days=chance.randint(400, 3200))
    if player.number == NEWCOMER:
        begins = today - timedelta(days=14)
    teams, departments = list(TEAMS), list(DEPARTMENTS)
    period = {
        "employee": lambda: Period(function, begins, team=teams[index // 6], customer_calls=True),
        "coach": lambda: Period(function, begins, department=departments[index // 2]),
        "team_lead": lambda: Period(function, begins, team=teams[index]),
        "department_manager": lambda: Period(function, begins, department=departments[index]),
    }.get(function, lambda: Period(function, begins))()
    person = Person(player, [period], language="en" if player.number in {"1009", "1020"} else "nl")
    if function == "employee":
        person.agent_ids = [AgentId(str(4101 + index), begins)]
    return person


def _give_histories(people: dict[str, Person], today: date) -> None:
    """A former team, a former function and a changed agent id: rights that must follow the dates."""
    moved, risen, renumbered = people["1015"], people["2003"], people[RENUMBERED]
    for person, earlier in ((moved, "LAN"), (risen, "ENE")):
        now = person.current
        before = now.begins - timedelta(days=700)
        person.functions.insert(0, Period("employee", before, now.begins, team=earlier, customer_calls=True))
    moved.agent_ids = [AgentId(moved.agent_ids[0].agent_id, moved.functions[0].begins)]
    risen.agent_ids = [AgentId("4090", risen.functions[0].begins, risen.current.begins)]
    # On a Sunday, so that no ordinary call stands on the day of the change.
    changed = today - timedelta(days=10)
    changed -= timedelta(days=(changed.weekday() + 1) % 7)
    old = renumbered.agent_ids[0]
    renumbered.agent_ids = [AgentId(old.agent_id, old.begins, changed), AgentId("4150", changed)]


def _assign(people: dict[str, Person], today: date) -> list[Assignment]:
    """Each coach has three employees of either team of the department; one had another coach before."""
    employees, coaches = names.numbers()["employee"], names.numbers()["coach"]
    found = []
    for index, number in enumerate(employees):
        coach = coaches[index // 12 * 2 + index % 6 // 3]
        begins = max(
            people[number].current.begins, people[coach].current.begins, today - timedelta(days=380 + index)
        )
        if number == "1002":
            changed = today - timedelta(days=60)
            found.append(Assignment("2002", number, begins, changed))
            begins = changed
        found.append(Assignment(coach, number, begins))
    return found
