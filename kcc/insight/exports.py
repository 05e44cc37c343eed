"""Taking away what a search of the audit found, as CSV or JSON lines, piece by piece, the search on top; the
whole log, which proves itself, is kcc.audit.export's.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.policy import Subject, permit
from kcc.audit import inclusion, record, searching
from kcc.audit.searching import Key, Line
from kcc.insight.search import SUBJECT, Query, wanted
from kcc.stores import Stores

FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
AT_ONCE = 500
FORM = 1
COLUMNS = ("at", "actor", "name", "function", "action", "purpose", "subject", "about", "allowed", "rule")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def begin(stores: Stores, actor: Actor, query: Query, form: str) -> Iterator[bytes]:
    """Write down that what a search finds is taken away, then give it, line by line.

    What is written after this moment is not in it. Each piece is read in a transaction of its own, so that
    whoever stops reading leaves none open.
    """
    allowed = permit(actor, Action.AUDIT_EXPORT, SUBJECT)
    with stores.database.write() as session:
        record.act(session, allowed, **query.told(), form=form)
        found = searching.frozen(wanted(session, query), clock.now())
    head = {"kcc-audit-search": FORM, "at": clock.now().isoformat(), "by": actor.name, "search": query.told()}
    return _pieces(stores, found, head, form)


def line(stores: Stores, actor: Actor, line_id: int) -> dict[str, Any]:
    """The proof of one line, after writing down who takes it; as inclusion.prove tells it or refuses."""
    allowed = permit(actor, Action.AUDIT_EXPORT, Subject("line", str(line_id)))
    with stores.database.write() as session:
        told = inclusion.prove(session, line_id)
        record.act(session, allowed, form="proof")
    return told


def _pieces(stores: Stores, found: searching.Wanted, head: dict[str, Any], form: str) -> Iterator[bytes]:
    yield (
        _csv([["search", json.dumps(head, ensure_ascii=False)], [*COLUMNS, "detail", "reference"]])
        if (form == "csv")
        else _json([head])
    )
    key: Key | None = None
    while True:
        with stores.database.read() as session:
            lines = searching.every(session, found, key, AT_ONCE)
        if lines:
            key = lines[-1].key
            yield _csv(map(_row, lines)) if form == "csv" else _json(map(_object, lines))
        if len(lines) < AT_ONCE:
            return


def _object(line: Line) -> dict[str, Any]:
    said = line.said or {"at": line.at.isoformat(), "action": line.action, "allowed": line.allowed}
    return {**said, "reference": line.commitment.hex()}


def _row(line: Line) -> list[str]:
    told = _object(line)
    detail = json.dumps(told.get("detail", {}), ensure_ascii=False, sort_keys=True)
    return [*(_plain(told.get(name)) for name in COLUMNS), _plain(detail), told["reference"]]


def _plain(value: object) -> str:
    """As a spreadsheet shows it: what would be a formula there stays text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _json(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode()
