"""How a claim is printed: what was measured, what it was measured against in the same run, the ratio and
its limit.
"""

import statistics
import sys
import time
from collections.abc import Callable


def timed(act: Callable[[], object]) -> float:
    """Seconds that one act takes."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 5) -> tuple[float, float]:
    """Median seconds of each, taken A B A B, after one round that does not count."""
    ours(), theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def report(claim: str, ratio: float, limit: float, *, at_least: bool, detail: str = "") -> bool:
    """Print one line; whether the ratio keeps its limit."""
    kept = ratio >= limit if at_least else ratio <= limit
    sign = "≥" if at_least else "≤"
    print(f"{'kept' if kept else 'MISSED':6}  {claim}: {ratio:.2f} (target {sign} {limit}) {detail}")
    sys.stdout.flush()
    return kept
