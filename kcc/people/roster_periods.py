"""The dated part of an import: periods to begin and to end, and combinations that cannot be; reads no
database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from kcc.db import new_id
from kcc.people import rules
from kcc.people.roster import AssignmentRow, DatedRow, Fault, FunctionRow, Roster
from kcc.people.roster_changes import Change, Exists, Plan
from kcc.people.roster_known import Dated, FunctionKey, Known
from kcc.people.rules import Assigned, Clash, Held, Identified, Period

Key = TypeVar("Key")
R = TypeVar("R", bound=DatedRow)


def functions(plan: Plan, roster: Roster, known: Known, exists: Exists) -> None:
    """Plan the function periods, and find what nobody can hold at once."""

    def key(row: FunctionRow) -> FunctionKey:
        return (row.number, row.function, row.team, row.department, row.begins)

    rows = [
        row
        for row in roster.functions
        if _all(
            (
                exists(row.row, "number", "people", row.number),
                exists(row.row, "team", "teams", row.team),
                exists(row.row, "department", "departments", row.department),
            )
        )
    ]
    for row in rows:
        before = known.functions.get(key(row))
        if before and before.customer_calls != row.customer_calls:
            was = "yes" if before.customer_calls else "no"
            problem = f"is known as {was} from {row.begins}; end that period and begin another"
            plan.faults.append(Fault(row.row, "customer_calls", problem))
    ends = _dated(plan, "functions", rows, known.functions, key, lambda row: (row.number,))
    held = [Held(k[0], k[1], Period(k[4], e), k[2], k[3], row) for k, (e, row) in ends.items()]
    for one in _grouped(held, lambda entry: entry.person).values():
        plan.faults.extend(_clash_faults("function", rules.clashes_of_functions(one)))


def agent_ids(plan: Plan, roster: Roster, known: Known, exists: Exists) -> None:
    """Plan the agent ids, and find those of two people at once."""
    rows = [row for row in roster.agent_ids if exists(row.row, "number", "people", row.number)]
    ends = _dated(
        plan,
        "agent_ids",
        rows,
        known.agent_ids,
        lambda row: (row.number, row.agent_id, row.begins),
        lambda row: (row.number,),
    )
    identified = [Identified(k[0], k[1], Period(k[2], e), row) for k, (e, row) in ends.items()]
    for same in _grouped(identified, lambda entry: entry.agent_id).values():
        plan.faults.extend(_clash_faults("agent_id", rules.clashes_of_agent_ids(same)))


def assignments(plan: Plan, roster: Roster, known: Known, exists: Exists) -> None:
    """Plan the coach assignments, and find who would coach themselves or whom they lead."""

    def people(row: AssignmentRow) -> tuple[str, str]:
        return (row.coach, row.employee)

    rows = [
        row
        for row in roster.coach_assignments
        if _all(exists(row.row, side, "people", getattr(row, side)) for side in ("coach", "employee"))
    ]
    ends = _dated(
        plan,
        "coach_assignments",
        rows,
        known.coach_assignments,
        lambda row: (*people(row), row.begins),
        people,
    )
    assigned = [Assigned(k[0], k[1], Period(k[2], e), row) for k, (e, row) in ends.items()]
    for same in _grouped(assigned, lambda entry: (entry.coach, entry.employee)).values():
        plan.faults.extend(_clash_faults("coach", rules.clashes_of_assignments(same)))
    held = _grouped(_all_held(roster, known), lambda entry: entry.person)
    for entry in assigned:
        clashes = rules.clashes_of_coach_and_lead(
            entry, held.get(entry.coach, ()), held.get(entry.employee, ())
        )
        plan.faults.extend(_clash_faults("coach", clashes))


def _all_held(roster: Roster, known: Known) -> Iterator[Held]:
    said = {(r.number, r.function, r.team, r.department, r.begins): r for r in roster.functions}
    for key, row in said.items():
        yield Held(key[0], key[1], row.period, key[2], key[3], row.row)
    for key, before in known.functions.items():
        if key not in said:
            yield Held(key[0], key[1], Period(key[4], before.ends), key[2], key[3])


def _dated(
    plan: Plan,
    table: str,
    rows: Iterable[R],
    known: Mapping[Key, Dated],
    key: Callable[[R], Key],
    numbers: Callable[[R], tuple[str, ...]],
) -> dict[Key, tuple[date | None, str | None]]:
    """Plan dated rows; gives the end of every period, known or said, with the row that says so."""
    ends: dict[Key, tuple[date | None, str | None]] = {k: (before.ends, None) for k, before in known.items()}
    for row in rows:
        place, before = key(row), known.get(key(row))
        if ends.get(place, (None, None))[1] is not None:
            plan.faults.append(Fault(row.row, "begins", f"stands in {ends[place][1]} already"))
            continue
        ends[place] = (row.ends, row.row)
        what = f"{table} from {row.begins}"
        if before is None:
            said = row.model_dump(exclude={"row"})
            word = f"{what} until {row.ends or 'further notice'}"
            plan.create.append(Change(table, new_id(), said, numbers(row), word, said))
        elif before.ends != row.ends:
            word = f"{what} until {row.ends or 'further notice'}, was {before.ends or 'further notice'}"
            about = row.model_dump(exclude={"row"}) | {"was": before.ends}
            plan.change.append(Change(table, before.id, {"ends": row.ends}, numbers(row), word, about))
        else:
            plan.unchanged[table] += 1
    return ends


def _clash_faults(field: str, clashes: Iterable[Clash]) -> Iterator[Fault]:
    for clash in clashes:
        # The last row that says so is where the fault is shown; what was known is never at fault alone.
        said = [entry for entry in clash.entries if entry.row]
        if not said:
            continue
        shown = said[-1]
        others = "; ".join(_described(entry) for entry in clash.entries if entry is not shown)
        yield Fault(str(shown.row), field, f"{clash.problem}{f' [{others}]' if others else ''}")


def _described(entry: rules.Entry) -> str:
    period = f"{entry.period.begins} to {entry.period.ends or 'further notice'}"
    return f"{entry.row or 'already known'}, {period}"


def _grouped(entries: Iterable[Any], by: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for entry in entries:
        groups[by(entry)].append(entry)
    return groups


def _all(answers: Iterable[bool]) -> bool:
    """Whether all hold, asked to the last: each answer may note a fault of its own."""
    return False not in list(answers)
