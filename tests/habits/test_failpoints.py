"""Every durable step of vault, database, recordings and audit stands under a name of its own, and nothing in
kcc can arm one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcc.failpoints import POINTS

ROOT = Path(__file__).parents[2]
WATCHED = sorted(
    [
        ROOT / "kcc" / "db.py",
        ROOT / "kcc" / "stores.py",
        ROOT / "kcc" / "synced.py",
        *(ROOT / "kcc" / "vault").glob("*.py"),
        *(ROOT / "kcc" / "recordings").rglob("*.py"),
        *(ROOT / "kcc" / "audit").glob("*.py"),
        *(ROOT / "kcc" / "people" / "factors").glob("*.py"),
        *(ROOT / "kcc" / "scheduler").glob("*.py"),
    ]
)
DURABLE = {
    *("os.fsync", "os.link", "os.rename", "os.replace", "os.unlink", "os.remove", "os.mkdir", "os.write"),
    *("os.pwrite", "os.ftruncate", "shutil.rmtree", "shutil.move", "shutil.copy", "sync", "_sync_folder"),
    *("write_private",),
    *("obstore.put", "obstore.delete", "obstore.copy", "session.commit", "transaction.commit"),
    *("self._parts.write", "parts.close", "file.write"),
}
"""Calls that make something durable, as they are written here."""
METHODS = {"unlink", "mkdir", "write_text", "write_bytes", "hardlink_to", "rename", "rmdir"}
"""Methods of a path that do."""
WRAPPED = {"sync", "_sync_folder", "write_private"}
"""Functions that do nothing else: their callers name the step."""
TRIED = {"_try_out", "_put_again", "_copy_again"}
"""Making a bucket tries out on an object of its own whether the store keeps its promises."""
PIPES = {"kcc/recordings/decoding/child.py": {"os.write"}, "kcc/recordings/decoding/process.py": {"os.write"}}
"""What a decoder and its owner write to each other lies nowhere."""
ATTEMPTS = {"kcc/recordings/decoding/child.py": {"attempt"}}
"""Functions of a confined child that try what it may not do: each has to fail."""
EFFECTFUL = {"draft.replace"}


def _named(tree: ast.Module) -> Iterator[tuple[str, bool, str]]:
    """Every durable call: as written, whether it stands within `with durable(...)`, and in which function."""

    def walk(node: ast.AST, inside: bool, function: str) -> Iterator[tuple[str, bool, str]]:
        if isinstance(node, ast.FunctionDef):
            function = node.name
        if isinstance(node, ast.With):
            named = any("durable(" in ast.unparse(item.context_expr) for item in node.items)
            for part in node.body:
                yield from walk(part, inside or named, function)
            return
        if isinstance(node, ast.Call):
            written = ast.unparse(node.func)
            if written in DURABLE | EFFECTFUL or (
                isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
            ):
                yield f"{written} at line {node.lineno}", inside, function
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside, function)

    yield from walk(tree, False, "")


@pytest.mark.parametrize("path", WATCHED, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_durable_step_has_a_name(path: Path) -> None:
    """No fsync, link, rename, unlink, commit, put or delete outside `with durable(...)`."""
    name = path.relative_to(ROOT).as_posix()
    apart = WRAPPED | TRIED | ATTEMPTS.get(name, set())
    found = [
        written
        for written, named, function in _named(ast.parse(path.read_text()))
        if not named and function not in apart and written.split()[0] not in PIPES.get(name, set())
    ]
    assert not found


def test_names_are_used_once_where_the_registry_has_them() -> None:
    """Every name is in the registry, every one there is used, and a name means one kind of step."""
    used: list[str] = []
    for path in WATCHED:
        text = path.read_text()
        used += re.findall(r'durable\("([^"]+)"\)', text)
        used += re.findall(r'_rows\.(?:writing|alone)\("([^"]+)"\)', text) + re.findall(
            r'_each\("([^"]+)"', text
        )
    assert set(used) == set(POINTS)
    assert len(POINTS) == len(re.findall(r'^    "[a-z_]+\.[a-z_]+": ', _registry(), re.MULTILINE)), "twice"


def _registry() -> str:
    return (ROOT / "kcc" / "failpoints.py").read_text()


def test_nothing_in_kcc_can_arm_them() -> None:
    """Neither a call nor a variable of the environment: only Python of the same process, which tests are."""
    for path in (ROOT / "kcc").rglob("*.py"):
        text = path.read_text()
        imported = {
            alias.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom) and node.module == "kcc.failpoints"
            for alias in node.names
        }
        assert imported <= {"durable"}, path
        assert "import failpoints" not in text, path
    tree = ast.parse(_registry())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"collections.abc", "contextlib", "types"}, "it reads nothing from outside"
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))


def test_the_makefile_has_what_the_readme_names() -> None:
    """`make faults` is there if anything tells of it."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    told = {name for path in documents for name in re.findall(r"`make ([a-z-]+)", path.read_text())}
    assert told <= targets, told - targets
    assert "faults" in told
