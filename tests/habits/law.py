"""Writes docs/protocol.md and docs/access.md from the rules, the code that cites them, the tests that carry
them and the policy's table: `python -m tests.habits.law`; test_law holds them fresh.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kcc.access import policy
from kcc.access.actor import Function
from kcc.access.purposes import SENTENCES

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "rules.toml"
RULE = re.compile(r"\b[A-Z]{3}-\d{1,2}\b")
PURPOSES = {str(purpose): sentence for purpose, sentence in SENTENCES.items()}
PROTOCOL = """# The protocol, rule by rule

What was promised to employees, where the code holds it and which tests prove it. Written by `make docs` from
`rules.toml`, from the modules that cite a rule and from the tests that carry it; not by hand. A number after
a test file says how many of its tests carry the rule. *Our reading* is ours where the protocol is silent.
"""
ACCESS = """# Who may do what

The policy's own table (`kcc/access/policy.py`), written by `make docs`; what does not stand here is refused
and answered as if it did not exist (ACC-1). An act needs every condition of its row, by the rule in brackets,
and one of its purposes where it has any. `tests/access/` holds it against a second table, written from the
protocol.

Functions are derived from dated facts at each request, never stored as rights. `kcc people import` refuses a
file that makes one person coach and team lead of the same employee, or administrator beside a function that
hears or reads.

| who | may | for the purpose of | if | because |
|---|---|---|---|---|"""


@dataclass(frozen=True)
class Law:
    """One rule, what it says, and where it is found."""

    id: str
    promised: str
    reading: str
    open: str
    code: tuple[str, ...]
    tests: tuple[tuple[str, int], ...]
    """Test files, and how many of their tests carry it."""


def chapters() -> Iterator[tuple[str, list[Law]]]:
    """The protocol's chapters with their rules, in its order."""
    cited, carried = citations(), carriers()
    for chapter in tomllib.loads(RULES.read_text()).values():
        title = chapter.pop("title")
        yield (
            title,
            [
                Law(
                    id_,
                    rule.get("promised", ""),
                    rule.get("reading", ""),
                    rule.get("open", ""),
                    tuple(sorted(cited.get(id_, ()))),
                    tuple(sorted(carried.get(id_, {}).items())),
                )
                for id_, rule in chapter.items()
            ],
        )


def citations() -> dict[str, set[str]]:
    """Which modules, templates and scripts name each rule; the demo's hold nothing."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "kcc").rglob("*")):
        if path.suffix not in (".py", ".html", ".js") or {"dist", "demo"} & set(path.parts):
            continue
        for id_ in RULE.findall(path.read_text()):
            found.setdefault(id_, set()).add(path.relative_to(ROOT).as_posix())
    return found


def carriers() -> dict[str, dict[str, int]]:
    """Which test files carry each rule by `pytest.mark.rule`, and in how many places."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for id_ in marks(path):
            places = found.setdefault(id_, {})
            places[name] = places.get(name, 0) + 1
    return found


def marks(path: Path) -> Iterator[str]:
    """The rules in all `pytest.mark.rule(…)` of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def protocol() -> str:
    """docs/protocol.md."""
    lines = [PROTOCOL]
    for title, laws in chapters():
        lines += [f"## {title}", ""]
        for law in laws:
            lines += [*_told(law), ""]
    return "\n".join(lines).rstrip() + "\n"


def _told(law: Law) -> Iterator[str]:
    yield f"### {law.id}"
    yield ""
    if law.promised:
        yield law.promised
        yield ""
    if law.reading:
        yield f"*Our reading:* {law.reading}"
        yield ""
    if not law.code:
        yield "- **Not built yet.**"
    else:
        yield f"- Held in {', '.join(f'`{name}`' for name in law.code)}"
        tests = ", ".join(f"`{name}` ({number})" for name, number in law.tests)
        yield f"- Proved by {tests}" if tests else "- **No test carries it yet.**"
    if law.open:
        yield f"- **Still open:** {law.open}"


def access() -> str:
    """docs/access.md."""
    lines = [ACCESS]
    order = {function: place for place, function in enumerate((None, *Function))}
    for grant in sorted(policy.TABLE, key=lambda one: order[one.function]):
        who = str(grant.function).replace("_", " ") if grant.function else "anybody"
        purposes = ", ".join(PURPOSES[str(purpose)] for purpose in grant.purposes)
        demands = ", ".join(f"{_words(demand)} ({demand.rule})" for demand in grant.demands)
        lines.append(f"| {who} | `{grant.action}` | {purposes} | {demands} | {grant.reason} |")
    return "\n".join(lines) + "\n"


def _words(demand: policy.Demand) -> str:
    """A condition as its function is named."""
    return demand.holds.__name__.strip("_").replace("_", " ")


PAGES = {"protocol.md": protocol, "access.md": access}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page())
