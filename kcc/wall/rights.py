"""The words in which a table's rights are told: which role of the database may do what with which rows; which
table has which stands in tables.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role of the database by what connects with it.

    WEB serves whoever is signed in, and reaches what their session reaches. GATE serves who is not yet known,
    and accounts. INTAKE takes calls in. JOBS is kcc itself: timetable and command line. FIGURES counts.
    """

    WEB = "web"
    GATE = "gate"
    INTAKE = "intake"
    JOBS = "jobs"
    FIGURES = "figures"


WALL = "kcc_wall"
"""The role without sign-in that owns the wall's functions, and its schema; it reads what decides."""
APPEND = "kcc_append"
"""The role without sign-in that may add a line to the audit; the others are its members."""

READ = "SELECT"
ADD = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True, slots=True)
class Right:
    """What the web may do with which rows (a condition in SQL), and with which columns (none named: all).

    `after` is the condition that a row must meet once it is written, where it differs.
    """

    verb: str
    rows: str
    columns: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the web's rights row by row, and the other roles' grants; who is not named has none."""

    name: str
    web: tuple[Right, ...] = ()
    gate: str = ""
    intake: str = ""
    jobs: str = ALL
    figures: str = ""
    wall: str = ""
    append: str = ""

    def granted(self) -> dict[str, str]:
        """The grants of every role but the web, by role or group."""
        named = {role.value: str(getattr(self, role.value)) for role in Role if role is not Role.WEB}
        named |= {WALL: self.wall, APPEND: self.append}
        return {role: grants for role, grants in named.items() if grants}
