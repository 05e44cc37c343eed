"""A SCIM filter as a condition on our tables: every operator, the attributes we have, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

LONGEST = 2_000
"""Characters of a filter that is still read."""
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Test = Callable[[Column], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Text:
    """A column of words; without `exact`, capitals make no difference."""

    column: Column
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A column that holds an instant."""

    column: Column


@dataclass(frozen=True, slots=True)
class Flag:
    """A condition that holds or not."""

    column: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Many:
    """Words of which there are several in rows of their own; `where` says that one of them passes a test."""

    column: Column
    where: Callable[[ColumnElement[bool]], ColumnElement[bool]]


Attribute = Text | Moment | Flag | Many
Attributes = Mapping[str, Attribute]
"""What can be asked, by name in small letters, such as name.familyname; extensions with their URN before."""


def condition(
    scim_filter: ScimFilter[Any] | None, known: Attributes, *, lenient: bool = False
) -> ColumnElement[bool]:
    """The rows that a filter wants; InvalidFilterException for what cannot be asked.

    Where several kinds are searched at once (`lenient`), what a kind does not have fits none of it.
    """
    if scim_filter is None:
        return true()
    if len(scim_filter) > LONGEST:
        raise InvalidFilterException(detail=f"A filter has at most {LONGEST} characters")
    try:
        return _node(scim_filter.ast, known, "")
    except InvalidFilterException:
        if lenient:
            return false()
        raise


def _node(node: FilterNode, known: Attributes, within: str) -> ColumnElement[bool]:
    if isinstance(node, Not):
        return not_(_node(node.expr, known, within))
    if isinstance(node, LogicalExpr):
        joined = and_ if node.op is LogicalOperator.and_ else or_
        return joined(*(_node(term, known, within) for term in node.terms))
    if isinstance(node, ValuePath) and not within:
        return _node(node.val_filter, known, f"{_name(node.attr_path)}.")
    if isinstance(node, Present):
        return _present(_find(node.attr_path, known, within))
    if isinstance(node, Comparison):
        return _compared(_find(node.attr_path, known, within), node.op, node.value)
    raise InvalidFilterException


def _name(path: AttrPath) -> str:
    name = f"{path.attr}.{path.sub_attr}" if path.sub_attr else path.attr
    core = path.uri is None or path.uri.lower().startswith("urn:ietf:params:scim:schemas:core:2.0:")
    return (name if core else f"{path.uri}:{name}").lower()


def _find(path: AttrPath, known: Attributes, within: str) -> Attribute:
    name = within + _name(path)
    found = known.get(name.removesuffix(".value"))
    if found is None:
        raise InvalidFilterException(detail=f"Nobody can be found by {name}")
    return found


def _present(attribute: Attribute) -> ColumnElement[bool]:
    if isinstance(attribute, Flag):
        return true()
    present = attribute.column.is_not(None)
    return attribute.where(present) if isinstance(attribute, Many) else present


def _compared(attribute: Attribute, op: CompareOperator, value: Any) -> ColumnElement[bool]:
    if value is None:
        if op not in (CompareOperator.eq, CompareOperator.ne):
            raise InvalidFilterException(detail="null can be equal or not, and nothing else")
        present = _present(attribute)
        return present if op is CompareOperator.ne else not_(present)
    if op is CompareOperator.ne:
        return not_(_compared(attribute, CompareOperator.eq, value))
    if isinstance(attribute, Flag):
        return _flag(attribute, op, value)
    if isinstance(attribute, Moment):
        return _test(op, _moment(value))(attribute.column)
    return _words(attribute, op, value)


def _flag(attribute: Flag, op: CompareOperator, value: Any) -> ColumnElement[bool]:
    if op is not CompareOperator.eq or not isinstance(value, bool):
        raise InvalidFilterException(detail="This is true or false")
    return attribute.column if value else not_(attribute.column)


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as fault:
        raise InvalidFilterException(detail="This is a moment, such as 2026-11-03T09:00:00Z") from fault
    if found.tzinfo is None:
        raise InvalidFilterException(detail="A moment needs its offset, such as Z")
    return found


def _words(attribute: Text | Many, op: CompareOperator, value: Any) -> ColumnElement[bool]:
    if not isinstance(value, str):
        raise InvalidFilterException(detail="This is text")
    if "\0" in value:  # which no database can hold or look for
        return false()
    if isinstance(attribute, Many):
        return attribute.where(_test(op, value)(attribute.column))
    if attribute.exact:
        return _test(op, value)(attribute.column)
    return _test(op, value.lower())(func.lower(attribute.column))


def _test(op: CompareOperator, value: Any) -> Test:
    """The comparison; of a column that holds nothing it is false and not unknown, so that "not" turns it."""
    tests: Mapping[CompareOperator, Test] = {
        CompareOperator.eq: lambda column: column == value,
        CompareOperator.co: lambda column: column.contains(value, autoescape=True),
        CompareOperator.sw: lambda column: column.startswith(value, autoescape=True),
        CompareOperator.ew: lambda column: column.endswith(value, autoescape=True),
        CompareOperator.gt: lambda column: column > value,
        CompareOperator.ge: lambda column: column >= value,
        CompareOperator.lt: lambda column: column < value,
        CompareOperator.le: lambda column: column <= value,
    }
    if isinstance(value, datetime) and op.value in ("co", "sw", "ew"):
        raise InvalidFilterException(detail="A moment comes before or after another")
    return lambda column: and_(column.is_not(None), tests[op](column))
