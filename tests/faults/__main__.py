"""`make faults`: every scene under every fault, with figures; leaves with 1 if anything did not hold."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import structlog

import kcc.app  # noqa: F401 - warm: each run is a fork of this process
from kcc import failpoints
from kcc.recordings.decoding.proof import proof
from kcc.sections import Decoding
from tests import postgres
from tests.faults.grounds import OnPostgres, OnS3, OnSqlite, fast_folder, s3_server
from tests.faults.injected import Fault
from tests.faults.loop import Tally, loop, prepare
from tests.faults.scenes import SCENES

CONFIDENCE = 0.95
SAME_ON_POSTGRESQL = (
    "set-up",
    "rotation",
    "first listening",
    "old volume",
    "intake of a coded call",
    "drop folder",
)
"""What hardly touches the database."""
LONG = ("drop folder", "checkpoint")
"""Of so many places that all but kills, and kills too on PostgreSQL, take each n-th of them."""
ON_BUCKETS = (
    *("intake into a bucket", "erasure in a bucket", "restart on a bucket", "old bucket"),
    "checkpoint into a bucket",
)


def bound(runs: int) -> float:
    """The rate of violations that `runs` without one exclude, with 95 % confidence."""
    return 1.0 - (1.0 - CONFIDENCE) ** (1.0 / runs) if runs else 1.0


def main() -> int:
    """Run what was asked for."""
    asked = _asked()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    began, tallies = time.monotonic(), list[Tally]()
    with ExitStack() as stack:
        place = stack.enter_context(fast_folder())
        grounds: list[OnSqlite] = []
        if "sqlite" in asked.grounds:
            grounds.append(OnSqlite(place / "sqlite"))
        if "postgresql" in asked.grounds:
            url = asked.server or stack.enter_context(postgres.server())
            grounds.append(OnPostgres(place / "postgresql", server=url))
        if "s3" in asked.grounds:
            grounds.append(OnS3(place / "s3", server=stack.enter_context(s3_server())))
        for ground in grounds:
            ground.migrate()
        proof(Decoding())
        tasks = [(ground, scene) for ground in grounds for scene in SCENES if _wanted(asked, ground, scene)]
        for tally in _shared_out(tasks, asked):
            tallies.append(tally)
            _print_line(tally)
        for ground in grounds:
            ground.close()
    return _print_sum(tallies, time.monotonic() - began, whole=asked.whole)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--grounds", nargs="+", default=["sqlite", "postgresql", "s3"])
    parser.add_argument("--scenes", nargs="+", default=[])
    parser.add_argument("--faults", nargs="+", default=[fault.value for fault in Fault])
    parser.add_argument("--every", type=int, default=1, help="strike at each n-th place only")
    parser.add_argument("--thin", type=int, default=4, help="all but kills on PostgreSQL and S3")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--server", help="a running PostgreSQL server")
    parser.add_argument("--whole", action="store_true", help="fail unless every point was struck")
    return parser.parse_args()


def _wanted(asked: argparse.Namespace, ground: OnSqlite, scene: str) -> bool:
    fits = (scene in ON_BUCKETS) == isinstance(ground, OnS3)
    same = isinstance(ground, OnPostgres) and scene in SAME_ON_POSTGRESQL
    return fits and not same and (not asked.scenes or scene in asked.scenes)


def _shared_out(tasks: list[tuple[OnSqlite, str]], asked: argparse.Namespace) -> Iterator[Tally]:
    """Do the scenes in `jobs` processes at once."""
    waiting, running = list(reversed(tasks)), dict[int, int]()
    while waiting or running:
        while waiting and len(running) < asked.jobs:
            ground, scene = waiting.pop()
            hear, tell = os.pipe()
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    os.close(hear)
                    with os.fdopen(tell, "w") as answer:
                        _do(ground, scene, asked, answer)
                    status = 0
                finally:
                    sys.stderr.flush()
                    os._exit(status)
            os.close(tell)
            running[child] = hear
        ended, how = os.wait()
        if ended not in running:
            continue
        with os.fdopen(running.pop(ended)) as answers:
            for line in answers:
                told = json.loads(line)
                yield Tally(**told | {"points": Counter(told["points"]), "passed": Counter(told["passed"])})
        if how:
            yield Tally("?", "?", "?", violations=["a scene could not be played"])


def _do(ground: OnSqlite, scene: str, asked: argparse.Namespace, answer: object) -> None:
    try:
        ground.prepare(scene, prepare(SCENES[scene]))
        plain = type(ground) is OnSqlite
        thinned = asked.every * asked.thin
        every = asked.every if plain and scene not in LONG else thinned
        for fault in map(Fault, asked.faults):
            # Kills are what is counted, and only lasting faults come to the steps that others lead to.
            all_of = fault in (Fault.KILL, Fault.BROKEN) and (plain or scene not in LONG)
            step = asked.every if all_of else every
            first = 1 + (len(scene) + len(fault)) % step
            tally = loop(ground, SCENES[scene], fault, first=first, every=step)
            print(json.dumps(vars(tally)), file=answer, flush=True)  # type: ignore[call-overload]
    except BaseException as failed:
        import traceback

        traceback.print_exc()
        told = Tally(ground.name, scene, "?", violations=[repr(failed)])
        print(json.dumps(vars(told)), file=answer, flush=True)  # type: ignore[call-overload]
    finally:
        ground.close()


def _print_line(tally: Tally) -> None:
    bad = f"  {len(tally.violations)} VIOLATIONS" if tally.violations else ""
    print(f"{tally.ground:<11} {tally.scene:<24} {tally.fault:<18} {tally.struck:>5}{bad}", flush=True)  # noqa: T201


def _print_sum(tallies: list[Tally], seconds: float, *, whole: bool) -> int:
    say = print
    violations = [line for tally in tallies for line in tally.violations]
    struck, passed = Counter[str](), Counter[str]()
    for tally in tallies:
        struck.update(tally.points)
        passed.update(tally.passed)
    say("\nfault               runs  violations  at most (95 %)")
    for fault in [*Fault, None]:
        mine = [tally for tally in tallies if fault is None or tally.fault == fault]
        runs, wrong = sum(tally.struck for tally in mine), sum(len(tally.violations) for tally in mine)
        told = f"{100 * bound(runs):>13.2f} %" if not wrong and runs else "-"
        say(f"{fault or 'all':<18} {runs:>5}  {wrong:>10}  {told}")
    say("\npoint               struck before  struck after")
    for name in failpoints.POINTS:
        say(f"{name:<19} {struck[name]:>13}  {struck[f'{name}+']:>12}{'' if struck[name] else '   NEVER'}")
    never = [name for name in failpoints.POINTS if not struck[name]]
    reached = len(failpoints.POINTS) - len(never)
    say(f"\n{reached} of {len(failpoints.POINTS)} points struck, in {seconds:.0f} s")
    for line in violations[:20]:
        say(f"\nVIOLATION {line}")
    return 1 if violations or (whole and never) else 0


if __name__ == "__main__":
    sys.exit(main())
