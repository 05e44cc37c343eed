"""The register of lines: read from a file whole or not at all."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from kcc.access.actor import Actor, Function, Post, system
from kcc.audit.model import AuditLine
from kcc.errors import AccessDenied, Invalid
from kcc.recordings.model import Line, LineChange
from kcc.recordings.register import importing
from kcc.stores import Stores
from tests.audit.lines import body

MAIN = '[[lines]]\ncode = "main"\nname = "Hoofdlijn"\nkind = "recorded"\nwelcome_text_since = 2026-01-01\n'
PRIVATE = '[[lines]]\ncode = "priv"\nname = "Privé"\nkind = "private"\n'


def read(stores: Stores, path: Path, text: str | bytes, reason: str | None = None) -> dict[str, int]:
    file = path / "lines.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with stores.database.write() as session:
        return importing.import_file(session, system("import"), file, reason)


def registered(stores: Stores) -> dict[str, tuple[str, date | None]]:
    with stores.database.read() as session:
        return {line.code: (line.kind, line.welcome_text_since) for line in session.scalars(select(Line))}


@pytest.mark.rule("PUR-5")
def test_lines_come_in_change_and_stay(stores: Stores, tmp_path: Path) -> None:
    assert read(stores, tmp_path, MAIN + PRIVATE) == {"created": 2, "changed": 0, "unchanged": 0}
    assert read(stores, tmp_path, MAIN + PRIVATE) == {"created": 0, "changed": 0, "unchanged": 2}
    assert read(stores, tmp_path, MAIN.replace("01-01", "02-01"), "De tekst kwam later.") == {
        "created": 0,
        "changed": 1,
        "unchanged": 0,
    }
    assert registered(stores) == {"main": ("recorded", date(2026, 2, 1)), "priv": ("private", None)}


@pytest.mark.rule("ACC-5")
def test_each_changed_line_has_its_audit_line_with_the_reason(stores: Stores, tmp_path: Path) -> None:
    """From what to what; an import that changes nothing leaves one line too."""
    read(stores, tmp_path, MAIN + PRIVATE)
    read(stores, tmp_path, MAIN.replace("recorded", "network") + PRIVATE, " Besluit van 3 november. ")
    read(stores, tmp_path, MAIN.replace("recorded", "network"))
    with stores.database.read() as session:
        written = list(session.scalars(select(AuditLine).order_by(AuditLine.id)))
        history = list(session.scalars(select(LineChange).order_by(LineChange.line, LineChange.number)))
    said = [(body(one)["subject"], body(one)["detail"]) for one in written]
    main = {"name": "Hoofdlijn", "kind": "recorded", "welcome_text_since": "2026-01-01"}
    private = {"name": "Privé", "kind": "private", "welcome_text_since": None}
    assert said == [
        ("line:main", {"before": None, "after": main, "reason": "lines.toml"}),
        ("line:priv", {"before": None, "after": private, "reason": "lines.toml"}),
        (
            "line:main",
            {"before": main, "after": main | {"kind": "network"}, "reason": "Besluit van 3 november."},
        ),
        ("line", {"created": 0, "changed": 0, "unchanged": 1}),
    ]
    assert {one.action for one in written} == {"lines:import"}
    assert [(one.line, one.number, one.kind_before, one.kind, one.reason) for one in history] == [
        ("main", 1, None, "recorded", "lines.toml"),
        ("main", 2, "recorded", "network", "Besluit van 3 november."),
        ("priv", 1, None, "private", "lines.toml"),
    ]


@pytest.mark.rule("ACC-5")
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_no_line_changes_without_a_reason(stores: Stores, tmp_path: Path, reason: str | None) -> None:
    """Then nothing of the file comes in, also no new line."""
    read(stores, tmp_path, PRIVATE)
    with pytest.raises(Invalid, match="priv") as told:
        read(stores, tmp_path, MAIN + PRIVATE.replace("private", "recorded"), reason)
    assert told.value.field == "reason"
    assert registered(stores) == {"priv": ("private", None)}


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
        (MAIN.replace('"main"', '".."'), "code"),
        (MAIN.replace("Hoofdlijn", "   "), "name"),
        (MAIN.replace("Hoofdlijn", "a\\u0000b"), "name"),
        (MAIN.replace("Hoofdlijn", "x" * 201), "lines.0.name"),
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
        importing.import_file(session, system("import"), tmp_path / "absent.toml")


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("function", [f for f in Function if f is not Function.SYSTEM])
def test_nobody_but_the_hosts_command_line_brings_lines_in(
    stores: Stores, tmp_path: Path, function: Function
) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(MAIN)
    somebody = Actor("p", "P", frozenset({Post(function)}))
    with stores.database.write() as session, pytest.raises(AccessDenied):
        importing.import_file(session, somebody, file)
    assert registered(stores) == {}
