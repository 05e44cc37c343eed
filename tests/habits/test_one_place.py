"""One commit site, one clock, a sentence on top of every module, small rooms: what keeps the house in
order.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "kcc").rglob("*.py"))
CLOCKS = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.(time|monotonic|perf_counter)\(")


def test_only_db_commits() -> None:
    """Verbs leave the commit to whoever opened the transaction; the key store has its own engine."""
    commits = {p.relative_to(ROOT).as_posix() for p in MODULES if ".commit()" in p.read_text()}
    own_engines = {"kcc/vault/folder.py", "kcc/vault/files.py", "kcc/vault/keyrows.py", "kcc/migrating.py"}
    assert commits - own_engines - _blob_commits() == {"kcc/db.py"}


def _blob_commits() -> set[str]:
    """Modules whose only commit is that of a blob being written."""
    found = set()
    for path in MODULES:
        if set(re.findall(r"(\w+)\.commit\(\)", path.read_text())) == {"blob"}:
            found.add(path.relative_to(ROOT).as_posix())
    return found


def test_only_clock_reads_the_time() -> None:
    """Everything else asks kcc.clock, so that a test can stop it."""
    readers = {p.relative_to(ROOT).as_posix() for p in MODULES if CLOCKS.search(p.read_text())}
    assert readers == {"kcc/clock.py"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    """One sentence on top, ending in a full stop."""
    doc = ast.get_docstring(ast.parse(path.read_text()))
    assert doc, "no docstring"
    assert re.search(r"\.(\s|$)", doc), "no sentence"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_public_functions_are_described(path: Path) -> None:
    """Whatever others may call says what it does."""
    bare = [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not bare


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_rooms_are_small(path: Path) -> None:
    """No function of 60 lines, no module of 300."""
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_no_bags() -> None:
    """A module's name says its deed: no utils, helpers, service, manager or common."""
    bags = {"utils", "util", "helpers", "helper", "service", "services", "manager", "common", "misc"}
    assert not [p for p in MODULES if p.stem in bags]
