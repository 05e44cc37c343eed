"""Each table is classified in the second wall (kcc.wall.tables): who reaches it is decided as it is made."""

import re

from kcc.schema import metadata
from kcc.wall.coaching import COACHING
from kcc.wall.rights import Role
from kcc.wall.tables import PROTECTED, TABLES


def test_every_table_is_classified() -> None:
    """A new table is closed to every role but its owner until it stands there: say who reaches it."""
    named = [table.name for table in TABLES]
    assert set(metadata.tables) - set(named) == set(), "give these a place in kcc/wall/tables.py"
    assert len(named) == len(set(named))


def test_a_classified_column_exists() -> None:
    """A grant of columns names columns that there are; a renamed one would break the next migrate."""
    for table in TABLES:
        if table.name not in metadata.tables:  # of a package that is not built here
            continue
        columns = set(metadata.tables[table.name].columns.keys())
        granted = [right.columns for right in table.web]
        granted += [inside for one in table.granted().values() for inside in re.findall(r"\(([^)]*)\)", one)]
        for names in granted:
            assert set(filter(None, names.replace(" ", "").split(","))) <= columns, table.name


def test_the_web_reaches_no_row_of_what_is_protected_without_a_condition() -> None:
    """Neither does the gate reach any of it; and lines of the audit are added by a role that reads none."""
    for table in (*PROTECTED, *COACHING):
        assert all(right.rows not in ("", "true") for right in table.web), table.name
        assert not table.gate, table.name
        assert Role.FIGURES.value not in table.granted() or "(" in table.figures, table.name
        assert not table.append or (table.name == "audit_line" and table.append.startswith("INSERT ("))
