"""Who may import whom: the arrows of docs/architecture.md, held over every module of kcc."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "kcc").rglob("*.py"))

BASE = {
    "db",
    "clock",
    "config",
    "recorder_settings",
    "s3_place",
    "audit_settings",
    "case_settings",
    "scim_settings",
    "sections",
    "sso_settings",
    "errors",
    "failpoints",
    "synced",
}
ROOTS = {
    "app",
    "cli",
    "recording_commands",
    "line_commands",
    "package_commands",
    "people_commands",
    "function_commands",
    "__main__",
    "server",
    "status",
    "migrating",
    "logs",
    "schema",
    "scheduler",
    "demo",
    "opening",
    "ingesting",
    "audit_commands",
    "access_commands",
    "draw_commands",
    "explaining",
    "database_commands",
    "crew",
}
"""Composition: may import everything; among domain packages nothing imports them."""
EDGES = {"views", "api", "forms"}
DOMAINS = {"coaching", "threat", "investigation"}
MAY = {
    "db": {"errors", "failpoints"},
    "clock": set[str](),
    "errors": set[str](),
    "failpoints": set[str](),
    "synced": set[str](),
    "s3_place": set[str](),
    "sections": {"s3_place"},
    "recorder_settings": {"sections"},
    "audit_settings": {"s3_place", "sections"},
    "case_settings": {"sections"},
    "scim_settings": {"sections"},
    "sso_settings": {"sections"},
    "config": {
        "audit_settings",
        "case_settings",
        "recorder_settings",
        "scim_settings",
        "sections",
        "sso_settings",
    },
    "access": {"errors"},
    "audit": BASE,
    "wall": {"clock", "db"},
    "vault": BASE,
    "stores": BASE | {"vault", "wall"},
    "notices": BASE | {"access", "audit", "stores"},
    "people": BASE | {"access", "audit", "stores", "notices", "wall"},
    "timekeeping": BASE | {"access", "audit", "stores"},
    "recordings": BASE | {"access", "audit", "vault", "stores", "people", "notices", "timekeeping", "wall"},
    "coaching": BASE | {"access", "audit", "vault", "stores", "people", "notices", "recordings", "wall"},
    "threat": BASE | {"access", "audit", "vault", "stores", "people", "notices", "recordings", "wall"},
    "investigation": BASE | {"access", "audit", "vault", "stores", "people", "notices", "recordings", "wall"},
    "insight": BASE
    | {"access", "audit", "stores", "people", "recordings", "coaching", "investigation", "wall"},
    "web": BASE | {"access", "audit", "stores", "people", "wall"},
}
INNER = {"model": 0, "rules": 0, "queries": 1}
"""Within a package: views -> verbs -> queries, rules -> model."""


def imports(path: Path) -> set[str]:
    """The modules of kcc that a module imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "kcc"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "kcc":
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def package(dotted: str) -> str:
    """kcc.people.queries -> people."""
    return dotted.split(".")[1] if "." in dotted else ""


def dotted(path: Path) -> str:
    """The module's name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path))
def test_arrows_point_downward(path: Path) -> None:
    """A module imports only from packages below its own; an edge may also use the tools for pages."""
    name = dotted(path)
    own = package(name)
    if own in ROOTS or not own:
        return
    edge = name.rsplit(".", 1)[-1] in EDGES
    allowed = MAY[own] | {own, ""} | ({"web"} if edge else set())
    targets = {package(target) for target in imports(path) if target != "kcc.__version__"}
    assert targets <= allowed, f"{name} imports {sorted(targets - allowed)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path))
def test_only_the_app_imports_the_edges(path: Path) -> None:
    """Pages and APIs are nobody's library."""
    name = dotted(path)
    edges = {t for t in imports(path) if len(t.split(".")) > 2 and t.split(".")[2] in EDGES}
    own = {t for t in edges if package(t) == package(name) and name.rsplit(".", 1)[-1] in EDGES}
    assert name == "kcc.app" or edges <= own, f"{name} imports {sorted(edges)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path))
def test_flask_appears_only_at_the_edge(path: Path) -> None:
    """Verbs never see a request."""
    name = dotted(path)
    text = path.read_text()
    at_edge = package(name) == "web" or name.rsplit(".", 1)[-1] in EDGES or name in {"kcc.app", "kcc.server"}
    assert at_edge or ("import flask" not in text and "from flask" not in text), name


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "rules.py"], ids=lambda p: dotted(p))
def test_rules_are_pure(path: Path) -> None:
    """rules.py knows neither database nor web, and receives its moments."""
    tree = ast.parse(path.read_text())
    roots = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    roots |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not roots & {"sqlalchemy", "flask"}
    assert "clock.now(" not in path.read_text()


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "queries.py"], ids=lambda p: dotted(p))
def test_queries_never_write(path: Path) -> None:
    """Reading modules hold no statement that changes anything."""
    found = re.findall(
        r"session\.(?:add|delete|flush|merge)|(?<!\.)\b(?:insert|update|delete)\(", path.read_text()
    )
    assert not found, f"{dotted(path)} has {found}"


def test_inner_order() -> None:
    """A model imports neither queries nor verbs; rules and queries import no verb of their package."""
    for path in MODULES:
        name = dotted(path)
        rank = INNER.get(name.rsplit(".", 1)[-1])
        if rank is None:
            continue
        for target in imports(path):
            parts = target.split(".")
            if package(target) != package(name) or len(parts) < 3 or f"kcc.{parts[1]}.{parts[2]}" == name:
                continue
            verb = parts[2] not in INNER and (ROOT / "kcc" / parts[1] / f"{parts[2]}.py").exists()
            lower = INNER.get(parts[2], 9) <= rank or not verb
            assert lower or parts[2] in {"quality_plan", "formats"}, f"{name} imports {target}"
