"""Pages behind PostgreSQL's second wall against the same pages without it: one server, two databases alike,
the same application, asked in turn.
"""

import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import insert

from benchmarks.house import house
from benchmarks.ratio import report, timed
from kcc import clock
from kcc.app import create_app
from kcc.people import sessions
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.wall.rights import Role
from tests import postgres, walled
from tests.coaching.conftest import recording

CALLS, ROUNDS, LIMIT = 120, 400, 1.5
"""A page costs one more question for each of its transactions, and the conditions of each statement."""


def main() -> bool:
    """Measure and print; whether the target is kept."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server())
        bare = stack.enter_context(postgres.database(server))
        behind = stack.enter_context(postgres.database(server))
        walled.make_roles(behind)
        section = "".join(f'{name} = "{url}"\n' for name, url in walled.urls(behind).items())
        pages = [
            _pages(stack, f'[database]\nurl = "{bare}"\n', Role.JOBS),
            _pages(stack, f"[database]\n{section}", Role.WEB),
        ]
        kept = [_compare(name, pages[1][name], pages[0][name]) for name in pages[0]]
        return all(kept)


def _pages(stack: ExitStack, settings: str, role: Role) -> dict[str, Callable[[], object]]:
    """An installation with a page of calls; its pages, as acts to be timed."""
    centre, _ = stack.enter_context(house(settings))
    stores = stack.enter_context(closing(Stores.open(centre.stores.settings, role)))
    application = create_app(stores)
    rows = [recording(centre.anna, clock.now() - timedelta(hours=1 + hours)) for hours in range(CALLS)]
    with centre.stores.database.write() as session:
        session.execute(insert(Recording), rows)
        employee = sessions.begin(session, centre.anna)
        coach = sessions.begin(session, centre.coach)
    return {
        "page of 50 calls": _asked(application.test_client(), employee, "/calls"),
        "one call": _asked(application.test_client(), employee, f"/calls/{rows[0]['id']}"),
        "the coach's board": _asked(application.test_client(), coach, "/samples"),
    }


def _asked(browser: FlaskClient, secret: str, path: str) -> Callable[[], object]:
    browser.set_cookie("kcc", secret)

    def ask() -> None:
        if browser.get(path).status_code != 200:
            raise SystemExit(f"refused: {path}")

    return ask


def _compare(name: str, walled_page: Callable[[], object], bare_page: Callable[[], object]) -> bool:
    for _ in range(20):
        walled_page()
        bare_page()
    pairs = [(timed(walled_page), timed(bare_page)) for _ in range(ROUNDS)]
    mine, plain = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
    detail = f"{mine:.1f} ms against {plain:.1f} ms, medians of {ROUNDS}"
    claim = f"{name} behind the second wall against without"
    return report(claim, mine / plain, LIMIT, at_least=False, detail=detail)


if __name__ == "__main__":
    sys.exit(not main())
