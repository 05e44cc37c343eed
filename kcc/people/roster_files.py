"""Reading import files, TOML or CSV, into rows that say where they stand; what they mean lives in roster."""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kcc.people.roster import TABLES, Fault, ImportFaultsError, Raw, Row

LARGEST = 256 * 2**20
"""Bytes of a file that is still read; 10,000 people take about 3 MiB."""
NESTED = ("functions", "agent_ids")


def read(path: Path) -> list[Raw]:
    """The rows of a TOML file, of one CSV file named after its table, or of a folder of those.

    Raises ImportFaultsError naming everything that cannot be read.
    """
    faults: list[Fault] = []
    rows: list[Raw] = []
    for file in _files(path):
        reader = _csv if file.suffix.lower() == ".csv" else _toml
        rows.extend(reader(file, faults))
    if faults:
        raise ImportFaultsError(faults)
    return rows


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [path / f"{table}.csv" for table in TABLES if (path / f"{table}.csv").exists()]
    if not files:
        wanted = ", ".join(f"{table}.csv" for table in TABLES)
        raise ImportFaultsError([Fault(str(path), "files", f"holds none of {wanted}")])
    return files


def _text(file: Path, faults: list[Fault]) -> str | None:
    try:
        if file.stat().st_size > LARGEST:
            faults.append(Fault(file.name, "file", "is larger than 256 MiB"))
            return None
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        faults.append(Fault(file.name, "file", f"cannot be read ({fault.strerror})"))
    except UnicodeDecodeError:
        faults.append(Fault(file.name, "file", "is not UTF-8; export it as UTF-8"))
    return None


def _toml(file: Path, faults: list[Fault]) -> Iterator[Raw]:
    text = _text(file, faults)
    try:
        raw = tomllib.loads(text) if text is not None else {}
    except tomllib.TOMLDecodeError as fault:
        faults.append(Fault(file.name, "file", f"is not TOML ({fault})"))
        return
    for table, rows in raw.items():
        if table not in TABLES or table in NESTED:
            faults.append(Fault(file.name, table, "there is no such table"))
        elif not _is_list_of_tables(rows):
            faults.append(Fault(file.name, table, f"must be written as [[{table}]]"))
        else:
            for number, fields in enumerate(rows, 1):
                yield from _toml_row(table, f"{table} {number}", fields, faults)


def _toml_row(table: str, where: str, fields: dict[str, Any], faults: list[Fault]) -> Iterator[Raw]:
    if table == "people":
        where = f"{where} ({fields.get('number', '?')})"
        for nested in NESTED:
            rows = fields.pop(nested, [])
            if not _is_list_of_tables(rows):
                faults.append(Fault(where, nested, f"must be written as [[people.{nested}]]"))
                continue
            for number, row in enumerate(rows, 1):
                yield nested, f"{where} {nested} {number}", _of(fields.get("number"), row)
    yield table, where, fields


def _of(number: Any, row: Mapping[str, Any]) -> Mapping[str, Any]:
    # A row inside a person is that person's: a number of its own is handed on as a field that nobody knows.
    return {
        "number": number,
        **{("number here" if field == "number" else field): row[field] for field in row},
    }


def _is_list_of_tables(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows)


def _csv(file: Path, faults: list[Fault]) -> Iterator[Raw]:
    table = file.stem.lower()
    if table not in TABLES:
        faults.append(Fault(file.name, "file", f"must be named after its table: {', '.join(TABLES)}"))
        return
    text = _text(file, faults)
    if not text:
        return
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", strict=True)
    try:
        columns = [column.strip() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        if problems := list(_wrong_columns(columns, TABLES[table])):
            faults.extend(Fault(file.name, column, problem) for column, problem in problems)
            return
        for fields in reader:
            yield from _csv_row(table, f"{file.name} line {reader.line_num}", fields, faults)
    except csv.Error as fault:
        faults.append(Fault(f"{file.name} line {reader.line_num}", "line", f"is not CSV ({fault})"))


def _csv_row(table: str, where: str, fields: dict[str, Any], faults: list[Fault]) -> Iterator[Raw]:
    if "" in fields:
        faults.append(Fault(where, "line", "has more fields than the first line has columns"))
        return
    yield table, where, {column: value for column, value in fields.items() if value and value.strip()}


def _wrong_columns(columns: list[str], model: type[Row]) -> Iterator[tuple[str, str]]:
    known = {name: field for name, field in model.model_fields.items() if name != "row"}
    for column in columns:
        if column not in known:
            yield column or "(no name)", f"there is no such column; there are {', '.join(known)}"
        elif columns.count(column) > 1:
            yield column, "stands there twice"
    for name, field in known.items():
        if field.is_required() and name not in columns:
            yield name, "this column is missing"
