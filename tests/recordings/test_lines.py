"""The register of lines: read from a file whole or not at all."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from kcc.access.actor import Actor, Function, Post, system
from kcc.audit.model import AuditLine
from kcc.errors import AccessDenied, Invalid
from kcc.recordings import lines
from kcc.recordings.model import Line
from kcc.recordings.rules import LineKind
from kcc.stores import Stores

MAIN = '[[lines]]\ncode = "main"\nname = "Hoofdlijn"\nkind = "recorded"\nwelcome_text_since = 2026-01-01\n'
PRIVATE = '[[lines]]\ncode = "priv"\nname = "Privé"\nkind = "private"\n'


def read(stores: Stores, path: Path, text: str | bytes) -> dict[str, int]:
    file = path / "lines.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with stores.database.write() as session:
        return lines.import_file(session, system("import"), file)


def registered(stores: Stores) -> dict[str, tuple[str, date | None]]:
    with stores.database.read() as session:
        return {line.code: (line.kind, line.welcome_text_since) for line in session.scalars(select(Line))}


@pytest.mark.rule("PUR-5")
def test_lines_come_in_change_and_stay(stores: Stores, tmp_path: Path) -> None:
    assert read(stores, tmp_path, MAIN + PRIVATE) == {"created": 2, "changed": 0, "unchanged": 0}
    assert read(stores, tmp_path, MAIN + PRIVATE) == {"created": 0, "changed": 0, "unchanged": 2}
    assert read(stores, tmp_path, MAIN.replace("01-01", "02-01")) == {
        "created": 0,
        "changed": 1,
        "unchanged": 0,
    }
    assert registered(stores) == {"main": ("recorded", date(2026, 2, 1)), "priv": ("private", None)}
    with stores.database.read() as session:
        assert lines.rules_of(session, "main") == (LineKind.RECORDED, date(2026, 2, 1))
        assert lines.rules_of(session, "unheard-of") == (None, None)


@pytest.mark.rule("ACC-5")
def test_each_change_is_written_down(stores: Stores, tmp_path: Path) -> None:
    read(stores, tmp_path, MAIN)
    with stores.database.read() as session:
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "lines:import"))
    assert line.body is not None
    assert '"line":"main"' in line.body


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("lines = 3", "lines"),
        ("", "lines"),
        ("other = 1\nlines = []", "other"),
        ("[[lines]", "file"),
        (b"\xff\xfe", "file"),
        (MAIN + MAIN, "code"),
        (MAIN.replace("recorded", "sometimes"), "lines.0.kind"),
        (MAIN + PRIVATE.replace('code = "priv"', 'code = "a b"'), "lines.1.code"),
        (MAIN.replace("2026-01-01", '"soon"'), "lines.0.welcome_text_since"),
        (MAIN + "colour = 1\n", "lines.0.colour"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(
    stores: Stores, tmp_path: Path, text: str | bytes, field: str
) -> None:
    read(stores, tmp_path, PRIVATE)
    with pytest.raises(Invalid) as told:
        read(stores, tmp_path, text)
    assert told.value.field == field
    assert registered(stores) == {"priv": ("private", None)}


def test_a_file_that_is_not_there_is_named(stores: Stores, tmp_path: Path) -> None:
    with stores.database.write() as session, pytest.raises(Invalid, match="absent"):
        lines.import_file(session, system("import"), tmp_path / "absent.toml")


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("function", [f for f in Function if f is not Function.SYSTEM])
def test_nobody_but_the_hosts_command_line_brings_lines_in(
    stores: Stores, tmp_path: Path, function: Function
) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(MAIN)
    somebody = Actor("p", "P", frozenset({Post(function)}))
    with stores.database.write() as session, pytest.raises(AccessDenied):
        lines.import_file(session, somebody, file)
    assert registered(stores) == {}
