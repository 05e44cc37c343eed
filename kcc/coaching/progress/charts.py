"""Where a development's dots and bars stand in its drawing; the words around them are the templates'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kcc.coaching.progress.rules import MONTHS, Point

QUARTERS = 8
"""Two years: what fits beside its table at a size that can be read, also on a telephone."""
LEFT, TOP, STEP, HEIGHT = 40, 8, 30, 128
"""Pixels: the scale's words, the room above 100 %, a quarter, and from 0 to 100 %."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A quarter in the drawing: the dot of its mean, and the bar of its interval from `top` to `bottom`."""

    x: float
    dot: float
    top: float
    bottom: float
    quarter: date


@dataclass(frozen=True, slots=True)
class Chart:
    """The marks of the last two years, the heights of the scale's lines, and the years' first quarters."""

    marks: list[Mark]
    lines: list[tuple[int, float]]
    years: list[tuple[int, float]]
    width: int
    height: int


def chart(points: Sequence[Point]) -> Chart | None:
    """The drawing of a development, each quarter in its place in time; None without any."""
    if not points:
        return None
    last = points[-1].quarter
    shown = [(point, QUARTERS - 1 - _between(point.quarter, last)) for point in points]
    marks = [_mark(point, place) for point, place in shown if place >= 0]
    years: dict[int, float] = {}
    for mark in marks:
        years.setdefault(mark.quarter.year, mark.x)
    return Chart(
        marks,
        [(percent, _y(percent / 100)) for percent in (0, 50, 100)],
        list(years.items()),
        LEFT + QUARTERS * STEP,
        TOP + HEIGHT + 36,
    )


def _between(first: date, last: date) -> int:
    return ((last.year - first.year) * 12 + last.month - first.month) // MONTHS


def _mark(point: Point, place: int) -> Mark:
    x = LEFT + (place + 0.5) * STEP
    return Mark(x, _y(point.share), _y(point.high), _y(point.low), point.quarter)


def _y(share: float) -> float:
    return round(TOP + HEIGHT * (1 - share), 1)
