"""The chart of how costs grow, as SVG with its table beside it in docs/performance.md; measures nothing."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 360, 64, 216, 24, 48
COLOURS = ("#0b5cad", "#b3261e", "#1a7f37", "#8250df", "#9a6700")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4")
"""Each line has its own dashes as well: colour alone tells nothing to many."""
MARKS = "<!-- growth: written by benchmarks/growth.py -->", "<!-- /growth -->"


def write(sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> None:
    """Write docs/growth.svg, and the table between its marks in docs/performance.md."""
    (DOCS / "growth.svg").write_text(svg(sizes, costs))
    page = DOCS / "performance.md"
    begin, end = map(re.escape, MARKS)
    table_ = f"{MARKS[0]}\n{table(sizes, costs)}{MARKS[1]}"
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: table_, page.read_text(), flags=re.DOTALL))


def seconds(value: float) -> str:
    """A span with the unit that suits it, to three figures."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1 or unit == "µs":
            return f"{value * factor:.3g} {unit}"
    raise AssertionError


def table(sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """The figures, a row a cost."""
    lines = [
        "| cost | " + " | ".join(f"{size:,}" for size in sizes) + " | last / first |",
        "|---|" + "---|" * (len(sizes) + 1),
    ]
    for what, of_size in costs.items():
        shown = " | ".join(map(seconds, of_size))
        lines.append(f"| {what} | {shown} | {of_size[-1] / of_size[0]:.2f} |")
    return "\n".join(lines) + "\n"


def svg(sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """Both axes logarithmic: a flat line costs the same in a large store as in a small one."""
    values = [value for of_size in costs.values() for value in of_size]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(size: int) -> float:
        return _between(size, sizes[0], sizes[-1], LEFT, WIDTH - RIGHT)

    def y(value: float) -> float:
        return _between(value, 10.0**low, 10.0**high, HEIGHT - BOTTOM, TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="t d" font-family="sans-serif" font-size="13">',
        '<title id="t">Cost by number of recordings</title>',
        f'<desc id="d">{_said(sizes, costs)}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#d0d7de"/>')
        label = seconds(10.0**power)
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#24292f">{label}</text>')
    under = f'y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#24292f"'
    parts += [f'<text x="{x(size):.1f}" {under}>{size:,}</text>' for size in sizes]
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle" fill="#24292f">recordings</text>')
    names = _apart({what: y(of_size[-1]) + 4 for what, of_size in costs.items()})
    for number, (what, of_size) in enumerate(costs.items()):
        colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(sizes, of_size, strict=True))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dashes or "none"}"/>'
        )
        parts += [
            f'<circle cx="{x(s):.1f}" cy="{y(v):.1f}" r="3" fill="{colour}"/>'
            for s, v in zip(sizes, of_size, strict=True)
        ]
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{names[what]:.1f}" fill="{colour}">{what}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _said(sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    return "; ".join(
        f"{what}: {seconds(of_size[0])} beside {sizes[0]:,}, {seconds(of_size[-1])} beside {sizes[-1]:,}"
        for what, of_size in costs.items()
    )


def _between(value: float, low: float, high: float, first: float, last: float) -> float:
    return first + (last - first) * math.log(value / low) / math.log(high / low)


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """The same heights, moved down where two names would stand on each other."""
    placed: dict[str, float] = {}
    last = -math.inf
    for what, height in sorted(wanted.items(), key=lambda item: item[1]):
        last = placed[what] = max(height, last + 16)
    return placed
