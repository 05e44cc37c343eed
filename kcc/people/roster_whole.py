"""A file that holds everybody: the functions of who is not in it end today, within a limit; plans, and
writes nothing.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kcc.access.actor import Function
from kcc.errors import N_, Refused
from kcc.people.roster import Roster
from kcc.people.roster_changes import Change, Plan
from kcc.people.roster_known import Dated, FunctionKey, Known

MOST = 20
"""Percent of those who hold a function now that one file may end without being told that so many is right."""


def absent(plan: Plan, roster: Roster, known: Known, today: date, *, allow_many: bool) -> None:
    """Plan the ends of the functions of everybody whom the file does not name.

    Refused when they are more than a fifth of all, or when nobody would be administrator any more: a file cut
    short by a fault looks just like a centre that everybody left.
    """
    named = {row.number for row in roster.people}
    held = {key: row for key, row in known.functions.items() if row.ends is None or row.ends > today}
    gone = {key: row for key, row in held.items() if key[0] not in named}
    _not_too_many({key[0] for key in gone}, {key[0] for key in held}, allow_many=allow_many)
    _somebody_administers(plan, held, gone)
    for key, row in sorted(gone.items(), key=lambda item: (item[0][0], item[0][4])):
        number, begins = key[0], key[4]
        about = _about(key, row) | {"ends": today, "was": row.ends}
        if begins >= today:
            word = f"functions from {begins} withdrawn"
            plan.withdraw.append(Change("functions", row.id, {}, (number,), word, about))
        else:
            word = f"functions from {begins} until {today}, was {row.ends or 'further notice'}"
            plan.change.append(Change("functions", row.id, {"ends": today}, (number,), word, about))


def _not_too_many(gone: set[str], all_of_them: set[str], *, allow_many: bool) -> None:
    if allow_many or len(gone) * 100 <= len(all_of_them) * MOST:
        return
    raise Refused(
        N_(
            "Nothing was imported: %(count)d of %(all)d people are not in the file and would lose their"
            " functions. Is it whole? Then say --allow-many."
        ),
        count=len(gone),
        all=len(all_of_them),
    )


def _somebody_administers(
    plan: Plan, held: Mapping[FunctionKey, Dated], gone: Mapping[FunctionKey, Dated]
) -> None:
    administer = {key for key in held if key[1] is Function.ADMINISTRATOR}
    begun = any(
        change.table == "functions" and change.values["function"] is Function.ADMINISTRATOR
        for change in plan.create
    )
    if administer and administer <= set(gone) and not begun:
        raise Refused(N_("Nothing was imported: nobody would be administrator any more."), rule="ACC-6")


def _about(key: FunctionKey, row: Dated) -> dict[str, Any]:
    number, function, team, department, begins = key
    return {
        "number": number,
        "function": function,
        "team": team,
        "department": department,
        "customer_calls": row.customer_calls,
        "begins": begins,
    }
