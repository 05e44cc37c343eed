"""Every address says what it does, every action is somebody's, no page holds script, style or raw text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcc.access.actions import Action
from kcc.access.policy import TABLE

ROOT = Path(__file__).parents[2]
EDGES = sorted(path for name in ("views", "api") for path in (ROOT / "kcc").rglob(f"{name}.py"))
TEMPLATES = sorted((ROOT / "kcc/web/templates").rglob("*.html"))
METHODS = {"get", "post", "put", "patch", "delete", "route"}
"""Stands in the policy, and is part of recording:read until it has a page of its own."""


def views(path: Path) -> Iterator[tuple[ast.FunctionDef, list[ast.Call]]]:
    """The functions that a module routes to, with their decorators."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
            if any(_is_route(call) for call in calls):
                yield node, calls


def _is_route(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in METHODS
        and isinstance(function.value, ast.Name)
        and function.value.id == "bp"
    )


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("path", EDGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_view_declares_its_action_right_above_it(path: Path) -> None:
    """The route outside, the action inside: so that what is registered carries it."""
    found = 0
    for node, calls in views(path):
        last = calls[-1]
        assert isinstance(last.func, ast.Name), node.name
        assert last.func.id == "needs", node.name
        (argument,) = last.args
        assert isinstance(argument, ast.Attribute), node.name
        assert argument.attr in Action.__members__, node.name
        assert sum(isinstance(call.func, ast.Name) and call.func.id == "needs" for call in calls) == 1
        found += 1
    assert found, "no route was recognised"


@pytest.mark.rule("ACC-1")
def test_every_action_is_used_and_is_granted_to_somebody() -> None:
    """A word that nothing asks for protects nothing; one that the policy does not know is always refused."""
    words = {"kcc/access/actions.py", "kcc/access/policy.py", "kcc/access/words.py"}
    modules = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "kcc").rglob("*.py")}
    outside = [path for name, path in modules.items() if name not in words]
    said = {name for path in outside for name in re.findall(r"\bAction\.([A-Z_]+)\b", path.read_text())}
    unknown = said - set(Action.__members__)
    assert not unknown
    unused = {action for action in Action if action.name not in said}
    assert not unused
    assert {grant.action for grant in TABLE} == set(Action)


@pytest.mark.rule("ACC-1", "ACC-5")
def test_only_the_policy_decides_on_functions() -> None:
    """A verb that looked at functions itself would be a second policy; pages may, to choose words."""
    deciding = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "kcc").rglob("*.py")
        if re.search(r"\bin (\w+\.)*actor(\(\))?\.functions|\bin me\.functions", path.read_text())
    ]
    assert set(deciding) <= {
        "kcc/access/explaining.py",  # tells what the policy decides
        "kcc/access/policy.py",
        "kcc/access/views.py",
        "kcc/coaching/views.py",
        "kcc/web/pages.py",
    }


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_template_holds_script_style_or_raw_text(path: Path) -> None:
    """What people write is escaped everywhere; scripts and styles come from files, as the headers demand.

    Words for a script may stand in a page as JSON, which no browser runs and whose escaping Flask does.
    """
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r'<script type="application/json"[^>]*>\{\{ \{[^<]*\} \| tojson \}\}</script>', "", text)
    assert not re.search(r"\|\s*(safe|tojson)\b", text), "raw text"
    assert "autoescape" not in text
    assert not re.search(r"<style\b|\sstyle\s*=", text, re.IGNORECASE), "a style of its own"
    assert not re.search(r"\son\w+\s*=\s*[\"']", text, re.IGNORECASE), "a handler of its own"
    assert "javascript:" not in text.lower()
    for script in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL | re.IGNORECASE):
        assert "src=" in script[0], "a script of its own"
        assert not script[1].strip()
    for address in re.findall(r"""(?:src|href|action)\s*=\s*["'](\w+:)?//""", text):
        pytest.fail(f"something from elsewhere: {address}")


def test_no_code_makes_raw_text() -> None:
    """Markup() would go around the templates."""
    made = [
        path
        for path in (ROOT / "kcc").rglob("*.py")
        if re.search(r"\bMarkup\(|render_template_string", path.read_text())
    ]
    assert made == []
