"""Spoiling the policy on purpose, one place at a time, and seeing whether its tests notice: the mutants of a
module, made from its syntax tree; `python -m tests.access.mutation` prints what becomes of each.
"""

import ast
import copy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import CodeType, ModuleType

from kcc.access import criteria, demands, policy, second_opinions, shared_calls, summaries
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.facts import Consent, OpinionState, RecordingState
from kcc.access.purposes import Purpose

ENUMS = {
    "F": Function,
    "Function": Function,
    "A": Action,
    "Action": Action,
    "P": Purpose,
    "RecordingState": RecordingState,
    "OpinionState": OpinionState,
    "Consent": Consent,
}
PARTS = (demands, criteria, summaries, second_opinions, shared_calls, policy)
"""The policy and what it is put together from, in the order in which each knows those before it."""
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
Change = Callable[[ast.AST], list[ast.AST]]
Place = tuple[str, int | None]


@dataclass(frozen=True)
class Mutant:
    """One spoiled version of a module: where, and what stands there now."""

    line: int
    was: str
    now: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"line {self.line}: {self.was} -> {self.now}"

    def load(self, original: ModuleType) -> ModuleType:
        """The module that it makes, or the policy made with it; raises whatever it raises."""
        made = _made(original, compile(self.tree, str(original.__file__), "exec"))
        if original not in PARTS or original is policy:
            return made
        with _standing_in(original, made):
            for part in PARTS[PARTS.index(original) + 1 :]:
                made = _made(part, _code(part))
                _stand_in(part, made)
            return made


def _made(original: ModuleType, code: CodeType) -> ModuleType:
    module = ModuleType(original.__name__)
    module.__file__ = original.__file__
    exec(code, module.__dict__)  # noqa: S102 - our own text
    return module


@cache
def _code(module: ModuleType) -> CodeType:
    return compile(Path(str(module.__file__)).read_text(), str(module.__file__), "exec")


def _stand_in(part: ModuleType, made: ModuleType) -> None:
    """Whoever imports that part now gets this one."""
    sys.modules[part.__name__] = made
    setattr(sys.modules["kcc.access"], part.__name__.rpartition(".")[2], made)


@contextmanager
def _standing_in(original: ModuleType, made: ModuleType) -> Iterator[None]:
    try:
        _stand_in(original, made)
        yield
    finally:
        for part in PARTS:
            _stand_in(part, part)


def copied(module: ModuleType) -> ModuleType:
    """The same module once more, spoiled nowhere."""
    tree = ast.parse(Path(str(module.__file__)).read_text())
    return Mutant(0, "", "", tree).load(module)


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """Every mutant of a module; each differs from it in one place."""
    source = Path(str(module.__file__)).read_text()
    tree = ast.parse(source)
    names = _siblings(tree)
    for path, node in _nodes(tree, ()):
        for changed in _changes(node, names):
            mutated = _replaced(tree, path, changed)
            yield Mutant(getattr(node, "lineno", 0), _short(node), _short(changed), mutated)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _nodes(node: ast.AST, path: tuple[Place, ...]) -> Iterator[tuple[tuple[Place, ...], ast.AST]]:
    """Every node that may be changed, with the way to it; words for people and annotations stay."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment"):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or _words(child):
                continue
            here = (*path, (field, index))
            yield here, child
            yield from _nodes(child, here)


def _words(node: ast.AST) -> bool:
    """Imports, docstrings, and what is said in words: those are the catalogue's, and other tests'."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"


def _siblings(tree: ast.Module) -> dict[str, str]:
    """For each constant of a module's own that is made by a call, the next one made by the same."""
    kinds: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            (target,) = node.targets
            kinds.setdefault(ast.unparse(node.value.func), []).append(ast.unparse(target))
    following: dict[str, str] = {}
    for names in kinds.values():
        following |= dict(zip(names, [*names[1:], names[0]], strict=True))
    return following


def _replaced(tree: ast.Module, path: tuple[Place, ...], new: ast.AST) -> ast.Module:
    mutated = copy.copy(tree)
    node: ast.AST = mutated
    for place, (field, index) in enumerate(path):
        last = place == len(path) - 1
        value = getattr(node, field)
        if index is None:
            child = new if last else copy.copy(value)
            setattr(node, field, child)
        else:
            child = new if last else copy.copy(value[index])
            setattr(node, field, [*value[:index], child, *value[index + 1 :]])
        node = child
    return mutated


# --- what can be spoiled ---


def _changes(node: ast.AST, siblings: dict[str, str]) -> Iterator[ast.AST]:
    for kind, change in CHANGES:
        if isinstance(node, kind):
            for changed in change(node):
                yield ast.fix_missing_locations(ast.copy_location(changed, node))
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        other = siblings.get(node.id, node.id)
        if other != node.id:
            yield ast.copy_location(ast.Name(other, ast.Load()), node)


def _compare(node: ast.Compare) -> list[ast.AST]:
    swapped = [COMPARED[type(op)]() for op in node.ops]
    found: list[ast.AST] = [ast.Compare(node.left, list(swapped), node.comparators)]
    return found


def _logic(node: ast.BoolOp) -> list[ast.AST]:
    """And for or, and each condition left out."""
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    found: list[ast.AST] = [ast.BoolOp(other, node.values)]
    for place in range(len(node.values)):
        kept = [*node.values[:place], *node.values[place + 1 :]]
        found.append(kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept))
    return found


def _unary(node: ast.UnaryOp) -> list[ast.AST]:
    return [node.operand] if isinstance(node.op, ast.Not) else []


def _constant(node: ast.Constant) -> list[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        return [ast.Constant(not value)]
    if isinstance(value, int):
        return [ast.Constant(value + 1)]
    return [ast.Constant("XXX-9" if value else "XXX")] if isinstance(value, str) else []


def _attribute(node: ast.Attribute) -> list[ast.AST]:
    """Another function, action, purpose or state; of functions all others."""
    if not isinstance(node.value, ast.Name) or node.value.id not in ENUMS:
        return []
    members = list(ENUMS[node.value.id].__members__)
    if node.attr not in members:
        return []
    place = members.index(node.attr)
    others = [*members[place + 1 :], *members[:place]]
    return [ast.Attribute(node.value, name, ast.Load()) for name in others[:2]]


def _tuple(node: ast.Tuple) -> list[ast.AST]:
    """Each part left out: a demand, a purpose, a grant, a state."""
    if not isinstance(node.ctx, ast.Load):
        return []
    parts = node.elts
    found: list[ast.AST] = [ast.Tuple([*parts[:i], *parts[i + 1 :]], ast.Load()) for i in range(len(parts))]
    grants = [part for part in parts if _is_grant(part)]
    for place, grant in enumerate(grants):
        found += [ast.Tuple([*parts, wider], ast.Load()) for wider in _wider(grant, place)]
    return found


def _is_grant(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Grant"


def _wider(grant: ast.expr, place: int) -> Iterator[ast.expr]:
    """The same grant for others too: everybody, and two functions in turn."""
    assert isinstance(grant, ast.Call)
    functions = [f for f in Function if ast.unparse(grant.args[0]) != f"F.{f.name}"]
    chosen = [functions[(2 * place + step) % len(functions)] for step in range(2)]
    holders: list[ast.expr] = [
        ast.Attribute(ast.Name("F", ast.Load()), function.name, ast.Load()) for function in chosen
    ]
    if ast.unparse(grant.args[0]) != "None":
        holders.append(ast.Constant(None))
        for holder in holders:
            yield ast.Call(grant.func, [holder, *grant.args[1:]], grant.keywords)


def _statement(node: ast.If) -> list[ast.AST]:
    """The question turned round, always yes, always no."""
    return [
        ast.If(test, node.body, node.orelse)
        for test in (ast.UnaryOp(ast.Not(), node.test), ast.Constant(True), ast.Constant(False))
    ]


def _return(node: ast.Return) -> list[ast.AST]:
    if node.value is None:
        return []
    answers = [ast.Constant(True), ast.Constant(False), ast.Constant(None)]
    return [ast.Return(answer) for answer in answers if ast.unparse(answer) != ast.unparse(node.value)]


def _dropped(_: ast.AST) -> list[ast.AST]:
    return [ast.Pass()]


def _loop(_: ast.Continue) -> list[ast.AST]:
    return [ast.Pass(), ast.Break()]


def _choice(node: ast.IfExp) -> list[ast.AST]:
    return [node.body, node.orelse, ast.IfExp(node.test, node.orelse, node.body)]


def _comprehension(node: ast.comprehension) -> list[ast.AST]:
    without = [ast.comprehension(node.target, node.iter, [], 0)] if node.ifs else []
    turned = [
        ast.comprehension(node.target, node.iter, [ast.UnaryOp(ast.Not(), test)], 0) for test in node.ifs
    ]
    return [*without, *turned]


def _call(node: ast.Call) -> list[ast.AST]:
    """Of a call with several arguments: the last left out, two swapped; any() and all() for each other."""
    found: list[ast.AST] = []
    if isinstance(node.func, ast.Name) and node.func.id in ("any", "all"):
        other = "all" if node.func.id == "any" else "any"
        found.append(ast.Call(ast.Name(other, ast.Load()), node.args, node.keywords))
    if len(node.args) > 1 and not any(isinstance(arg, ast.Starred) for arg in node.args):
        found.append(ast.Call(node.func, node.args[:-1], node.keywords))
        found.append(ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords))
    return found


CHANGES: tuple[tuple[type[ast.AST], Callable[..., list[ast.AST]]], ...] = (
    (ast.Compare, _compare),
    (ast.BoolOp, _logic),
    (ast.UnaryOp, _unary),
    (ast.Constant, _constant),
    (ast.Attribute, _attribute),
    (ast.Tuple, _tuple),
    (ast.If, _statement),
    (ast.Return, _return),
    (ast.Raise, _dropped),
    (ast.Assign, _dropped),
    (ast.AugAssign, _dropped),
    (ast.Continue, _loop),
    (ast.IfExp, _choice),
    (ast.comprehension, _comprehension),
    (ast.Call, _call),
)


# --- what becomes of them ---


@dataclass(frozen=True)
class Score:
    """How many mutants there were, and those that no test noticed."""

    made: int
    survivors: tuple[tuple[Mutant, ModuleType], ...]

    @property
    def killed(self) -> float:
        """The part that was noticed, in percent."""
        return 100 * (self.made - len(self.survivors)) / self.made


def run(originals: tuple[ModuleType, ...], notices: Callable[[ModuleType], bool], every: int = 1) -> Score:
    """Try every mutant of some modules, or one in so many; one that cannot even be loaded is noticed."""
    made, survivors = 0, []
    for original in originals:
        for mutant in islice(mutants(original), 0, None, every):
            made += 1
            try:
                spoiled = mutant.load(original)
                noticed = notices(spoiled)
            except Exception:
                noticed = True
            if not noticed:
                survivors.append((mutant, spoiled))
    return Score(made, tuple(survivors))


if __name__ == "__main__":
    from tests.access.test_mutation import EXPLAINING, POLICY

    for name, told in (("policy", POLICY()), ("explaining", EXPLAINING())):
        sys.stdout.write(f"{name}: {told.made} mutants, {told.killed:.1f} % noticed\n")
        sys.stdout.writelines(f"  {mutant}\n" for mutant, _ in told.survivors)
