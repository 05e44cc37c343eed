"""Finished reports as they stand in the database, sealed and all, without a month's story for each."""

from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import insert

from kcc import clock
from kcc.coaching import assessment
from kcc.coaching import draft as drafts
from kcc.coaching.model import Draw, Report, SampledCall, SeedChain, SelectionDate, SlotAllowance
from kcc.coaching.planned.model import QuotaException
from kcc.db import new_id
from kcc.stores import Stores

_numbers = count(900_000)
ALL_YES = {f"answer-{number}": "yes" for number in range(3, 24)}


def report(
    stores: Stores, employee_id: str, coach_id: str, day: date, said: dict[str, str], *, version: int = 1
) -> str:
    """A report about a call whose recording is gone, finished at noon of a day; gives its id."""
    return reports(stores, [(employee_id, coach_id, day, said, version)])[0]


def reports(stores: Stores, wanted: list[tuple[str, str, date, dict[str, str], int]]) -> list[str]:
    """Many at once: (employee, coach, day, draft, form version)."""
    rows: dict[type, list[dict[str, object]]] = {}
    for employee_id, coach_id, day, said, version in wanted:
        for model, row in _rows(
            employee_id, coach_id, clock.start_of_day(day) + timedelta(hours=12), version
        ):
            rows.setdefault(model, []).append(row)
        rows[Report][-1]["said"] = said
    ids = [str(row["id"]) for row in rows[Report]]
    keys = stores.keys.create_many(ids)
    for row in rows[Report]:
        id_, said_there = str(row["id"]), row.pop("said")
        text = drafts.dump(said_there)  # type: ignore[arg-type]
        row["content"] = assessment.seal_text(keys[id_], assessment.place(id_), text)
    with stores.database.write() as session:
        for model in (SeedChain, SelectionDate, Draw, QuotaException, SlotAllowance, SampledCall, Report):
            session.execute(insert(model), rows[model])
    return ids


def _rows(
    employee_id: str, coach_id: str, at: datetime, version: int
) -> list[tuple[type, dict[str, object]]]:
    number, chain, selection, sample = next(_numbers), new_id(), new_id(), new_id()
    month = clock.local_day(at).replace(day=1)
    draw = {"number": number, "selection_id": selection, "employee_id": employee_id, "rule_version": "t"}
    proof = {"pool_size": 1, "pool_root": bytes(32), "committed_at": at, "chain_id": chain, "chain_index": 1}
    slot = {"employee_id": employee_id, "month": month, "slot": number}
    exception = {"id": new_id(), "employee_id": employee_id, "coach_id": coach_id, "calls": 99}
    exception |= {"reason": "induction", "explanation": b"", "made_at": at}
    exception |= {"begins": month, "ends": month + timedelta(days=28)}
    return [
        (SeedChain, {"id": chain, "published_end": bytes(32), "length": 0, "used": 0, "created_at": at}),
        (
            SelectionDate,
            {
                "id": selection,
                "employee_id": employee_id,
                "month": month,
                "ordinal": number,
                "day": month,
                "announced_at": at,
                "state": "drawn",
            },
        ),
        (Draw, draw | proof),
        (QuotaException, exception),
        (SlotAllowance, slot | {"exception_id": exception["id"]}),
        (
            SampledCall,
            slot
            | {
                "id": sample,
                "draw_number": number,
                "recording_id": new_id(),
                "ticket": bytes(32),
                "drawn_at": at,
            },
        ),
        (
            Report,
            {
                "id": new_id(),
                "sampled_call_id": sample,
                "employee_id": employee_id,
                "coach_id": coach_id,
                "form_version": version,
                "created_at": at,
                "saved_at": at,
                "finished_at": at,
                "revision": 1,
            },
        ),
    ]
