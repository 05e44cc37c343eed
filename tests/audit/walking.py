"""Doing something while the database refuses lines, and telling where it stopped; no walk itself is here."""

import ast
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kcc.access.actor import system
from kcc.errors import KccError
from kcc.recordings import reconcile
from kcc.stores import Stores
from tests.access.world import World
from tests.audit.lines import REPAIR, _run, all_lines, everything
from tests.audit.test_acts import Verb

ROOT = Path(__file__).parents[2]
EDGES = {"views", "api"}
ALLOWED = (0, 1, 2, 3, 5, 8, 13, 21, 34)
"""How many lines a verb may write before one is refused; none of them writes more."""


def places() -> set[tuple[str, str]]:
    """(module, function) of everything in kcc that writes the line of an act."""
    found = set()
    for path in sorted((ROOT / "kcc").rglob("*.py")):
        if path == ROOT / "kcc/audit/record.py" or "demo" in path.parts:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_writes, ast.walk(function))):
                found.add((path.relative_to(ROOT).as_posix(), function.name))
    return found


def _writes(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute)
        and called.attr in ("act", "acts")
        and isinstance(called.value, ast.Name)
        and called.value.id == "record"
    )


@contextmanager
def refusing_after(stores: Stores, lines: int) -> Iterator[None]:
    """The database takes so many lines more, and then none."""
    name = stores.database.engine.dialect.name
    limit = len(all_lines(stores)) + lines
    many = f"(SELECT count(*) FROM audit_line) >= {limit}"  # noqa: S608
    if name == "sqlite":
        when = f"CREATE TRIGGER no_line BEFORE INSERT ON audit_line WHEN {many}"
        _run(stores, [f"{when} BEGIN SELECT RAISE(ABORT, 'no line'); END"])
    else:
        body = f"BEGIN IF {many} THEN RAISE EXCEPTION ''no line''; END IF; RETURN NEW; END"
        _run(
            stores,
            [
                f"CREATE FUNCTION no_line() RETURNS trigger LANGUAGE plpgsql AS '{body}'",
                "CREATE TRIGGER no_line BEFORE INSERT ON audit_line FOR EACH ROW EXECUTE FUNCTION no_line()",
            ],
        )
    try:
        yield
    finally:
        _run(stores, REPAIR[name])


def stopped_at(fault: BaseException) -> tuple[str, str] | None:
    """The function of kcc that wanted to write the line that was refused."""
    cause: BaseException | None = fault
    while cause is not None:
        frames = traceback.extract_tb(cause.__traceback__)
        for caller, called in pairwise(frames):
            inside = called.filename.endswith("kcc/audit/record.py") and called.name in ("act", "acts")
            if inside and not caller.filename.endswith("kcc/audit/record.py"):
                return Path(caller.filename).relative_to(ROOT).as_posix(), caller.name
        cause = cause.__cause__ or cause.__context__
    return None


def written(verb: Callable[..., object], who: str, *more: object) -> Verb:
    """A verb that takes (session, actor, …); strings that name a thing of the world stand for its id."""

    def run(world: World) -> object:
        actor = system("test") if who == "system" else world.centre.actor(getattr(world.centre, who))
        things = [world.ids.get(one, one) if isinstance(one, str) else one for one in more]
        with world.stores.database.write() as session:
            return verb(session, actor, *things)

    return run


def of_stores(verb: Callable[..., object], who: str, *more: object) -> Verb:
    """A verb that takes (stores, actor, …)."""

    def run(world: World) -> object:
        actor = system("test") if who == "system" else world.centre.actor(getattr(world.centre, who))
        return verb(world.stores, actor, *more)

    return run


def with_session(run: Callable[[World, Session], object]) -> Verb:
    """A verb that takes (world, session)."""

    def verb(world: World) -> object:
        with world.stores.database.write() as session:
            return run(world, session)

    return verb


def walk(stores: Stores, verb: Callable[[], object], name: str) -> set[tuple[str, str]]:
    """Do it with none, one, two … lines allowed, until it goes through; where it was stopped each time.

    Wherever it was stopped before it could write any line, nothing else is there either.
    """
    reached: set[tuple[str, str]] = set()
    before = everything(stores)
    for lines in ALLOWED:
        stopped: BaseException | None = None
        with refusing_after(stores, lines):
            try:
                verb()
            except (DBAPIError, KccError) as fault:
                stopped = fault
        found = stopped_at(stopped) if stopped else None
        if found is None:
            assert lines, f"{name} was not stopped by its line: {stopped!r}"
            assert stopped is None or name in IN_PARTS, f"{name} does not go through: {stopped!r}"
            return reached
        reached.add(found)
        reconcile.clear_strays(stores, -timedelta(days=3650))
        after = everything(stores)
        changed = {kind for kind in before if before[kind] != after[kind]}
        if "audit_line" not in changed and name not in MAKES_READY:
            assert changed <= {"clock_seen"}, name  # at which the sweep looks
        before = after
    pytest.fail(f"{name} does not come to an end")


MAKES_READY = {
    *("make older calls findable", "vouch for the clock", "change a password", "forget", "draw"),
    *("remind of a threat", "leave with a threat"),
}
"""What these make ready stays: a key for what is to come, an attempt counted, a clock looked at."""
IN_PARTS = {"find a call not representative", "leave with a threat"}
"""A part of it had gone through, in a transaction of its own, and cannot be done twice."""
