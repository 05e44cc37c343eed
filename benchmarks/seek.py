"""A seek to the middle of a 4-hour call against that of a 1-minute call, as recorded and decoded."""

import sys
from collections.abc import Callable, Iterator

from benchmarks.house import house
from benchmarks.memory import adpcm, alaw, decoded, opened, taken
from benchmarks.ratio import in_turn, report
from kcc.recordings.sounding import Sounding

RANGE, TIMES, ROUNDS, LIMIT = 65_536, 300, 7, 1.2


def main() -> bool:
    """Measure both forms and print; whether both keep the target."""
    return all([measure("A-law", alaw), measure("decoded ADPCM", adpcm)])


def measure(form: str, make: Callable[[float], Iterator[bytes]]) -> bool:
    """Both calls opened, read in turn."""
    with house() as (centre, _):
        taken(centre.stores, make(1 / 60), "short")
        short = opened(centre)  # the longest call there is until now
        taken(centre.stores, make(4), "long")
        long = opened(centre)
        if long.made:
            decoded(short)
            decoded(long)
        assert long.rendition.size > 200 * short.rendition.size
        ours, theirs = in_turn(lambda: sought(long), lambda: sought(short), ROUNDS)
    detail = f"{ours / TIMES * 1e6:.0f} µs against {theirs / TIMES * 1e6:.0f} µs"
    return report(f"seek in 4 hours of {form}", ours / theirs, LIMIT, at_least=False, detail=detail)


def sought(sounding: Sounding) -> None:
    """Ranges around the middle, none of them twice in a row."""
    middle = sounding.rendition.size // 2
    for number in range(TIMES):
        start = middle - RANGE * (1 + number % 5)
        assert len(sounding.rendition.read(start, RANGE)) == RANGE


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
