"""What an import would create and change beside what is known, or why it cannot; reads and writes nothing."""

from collections.abc import Iterable, Mapping, Sequence

from kcc.db import new_id
from kcc.people import roster_periods
from kcc.people.roster import Fault, Raw, Roster, Row
from kcc.people.roster_changes import Change, Exists, Plan
from kcc.people.roster_known import Known, Thing


def plan(roster: Roster, known: Known, raw: Sequence[Raw], faults: Sequence[Fault]) -> Plan:
    """Compare a file with what is known. `raw` and `faults` tell of rows that were bad by themselves.

    A reference to a bad row is not a second fault: it counts as known while the others are looked for.
    """
    result = Plan(faults=list(faults))
    for table in ("departments", "teams", "people"):
        result.ids.update({(table, code): thing.id for code, thing in getattr(known, table).items()})
    mentioned = {
        (table, str(fields.get("number" if table == "people" else "code"))) for table, _, fields in raw
    }
    _things(result, "departments", roster.departments, known.departments, "code")
    _things(result, "teams", roster.teams, known.teams, "code")
    _things(result, "people", roster.people, known.people, "number")
    result.names = {number: str(thing.fields["name"]) for number, thing in known.people.items()}
    result.names |= {row.number: row.name for row in roster.people}
    exists = Exists(result, mentioned)
    for team in roster.teams:
        exists(team.row, "department", "departments", team.department)
    roster_periods.functions(result, roster, known, exists)
    roster_periods.agent_ids(result, roster, known, exists)
    roster_periods.assignments(result, roster, known, exists)
    return result


def _things(plan: Plan, table: str, rows: Iterable[Row], known: Mapping[str, Thing], key: str) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        values = row.model_dump(exclude={"row"})
        code = values[key]
        if code in seen:
            plan.faults.append(Fault(row.row, key, f"{code} stands in {seen[code]} already"))
            continue
        seen[code] = row.row
        numbers = (code,) if table == "people" else ()
        before = known.get(code)
        if before is None:
            plan.ids[table, code] = new_id()
            plan.create.append(Change(table, plan.ids[table, code], values, numbers, "created", values))
            continue
        # A field that the file leaves out, or in which people choose for themselves, is not changed.
        different = {
            n: v for n, v in values.items() if v is not None and n in before.fields and v != before.fields[n]
        }
        if different:
            word = ", ".join(different)
            plan.change.append(Change(table, before.id, different, numbers, word, {key: code} | different))
        else:
            plan.unchanged[table] += 1
