"""The whole matrix through HTTP, on both databases: every profile and relation, every thing in every state,
every route and method, held against the promise as oracle has it; what is asked stands in doors.
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from kcc import clock, config
from kcc.access import policy
from kcc.access.actor import Function
from kcc.clock import Frozen
from kcc.people import sessions
from kcc.people.model import SigninSession
from kcc.stores import Stores
from kcc.web import pace
from tests.access import whole
from tests.access import world as worlds
from tests.access.doors import (
    DOORS,
    Everybody,
    about_things,
    all_of_it,
    options_that_tell,
    settle,
    unlike_their_doors,
)
from tests.access.test_matrix import ROWS, Matrix
from tests.centre import Centre

LEAST = 10_000
"""Checks on each database: at least 20,000 on both."""


@pytest.fixture
def settings(settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    """The clock stands still, and everybody asks more than a minute allows."""
    for name in [name for name in vars(pace) if name.endswith("_PER_MINUTE")]:
        monkeypatch.setattr(pace, name, 1_000_000)
    limits = ("strangers_per_minute", "requests_per_minute", "signins_per_minute", "calls_per_minute")
    patient = settings.server.model_copy(update=dict.fromkeys(limits, 1_000_000))
    return settings.model_copy(update={"server": patient})


@pytest.fixture
def everybody(app: Flask, stores: Stores, centre: Centre, now: Frozen) -> Everybody:
    """Everything, built and signed in once."""
    small = worlds.build(stores, centre, now)
    more = whole.extend(small)
    matrix = Matrix(app, small)
    found = Everybody(app, matrix, more)
    found.browsers = {name: browser.flask for name, browser in matrix.browsers.items()}
    secrets = {name: _session_of(stores, getattr(centre, name)) for name in whole.MORE}
    secrets |= {"ended": _session_of(stores, centre.bob), "idle": _session_of(stores, centre.carla)}
    long_ago = clock.now() - timedelta(days=2)
    _change(stores, secrets["ended"], ended_at=clock.now())
    _change(stores, secrets["idle"], seen_at=long_ago, created_at=long_ago)
    for name, secret in [*secrets.items(), ("forged", "x" * 43)]:
        found.browsers[name] = app.test_client()
        found.browsers[name].set_cookie("kcc", secret)
    found.tokens = {name: _token(browser) for name, browser in found.browsers.items()}
    return found


def _session_of(stores: Stores, person_id: str) -> str:
    with stores.database.write() as session:
        return sessions.begin(session, person_id)


def _change(stores: Stores, secret: str, **values: Any) -> None:
    row = SigninSession.token_digest == sessions.digest(secret)
    with stores.database.write() as session:
        session.execute(update(SigninSession).where(row).values(**values))


def _token(browser: FlaskClient) -> str:
    for address in ("/signin?next=/", "/account"):
        if held := re.search(r'name="csrf-token" content="([^"]+)"', browser.get(address).text):
            return held.group(1)
    raise AssertionError("no page offered a form token")


def test_every_route_stands_in_the_matrix(app: Flask) -> None:
    """In DOORS, or in ROWS of the small one."""
    known = {(door.method, door.endpoint) for door in DOORS} | {row[:2] for row in ROWS}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert (method, rule.endpoint) in known, (
                f"{method} {rule.rule} ({rule.endpoint}) stands in no table: add a row to DOORS in"
                " tests/access/doors.py if it is about a call, a drawn call or a report,"
                " and to ROWS in tests/access/test_matrix.py in any case"
            )


@pytest.mark.slow
@pytest.mark.rule("ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-6", "REP-4", "REP-9", "SAM-6", "SAM-7", "RET-7")
@pytest.mark.in_part("everywhere")
def test_everybody_is_answered_as_was_promised_everywhere(
    everybody: Everybody, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 differences."""
    settle(everybody, all_of_it(everybody))
    telling = options_that_tell(everybody)
    checks = everybody.checks.total()
    with capsys.disabled():
        print(f"\n{checks} checks, {len(everybody.wrong)} differences: {dict(everybody.checks)}")  # noqa: T201
    assert (everybody.wrong, telling) == ([], [])
    assert unlike_their_doors(everybody) == []
    assert checks >= LEAST


@pytest.mark.rule("ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-6", "REP-4", "REP-9", "SAM-6", "RET-7")
def test_a_part_of_the_matrix(everybody: Everybody, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the checks, for those who do not wait for all; every list; and it finds what is wrong."""
    settle(everybody, all_of_it(everybody)[::23])
    assert everybody.wrong == []
    assert unlike_their_doors(everybody) == []
    assert everybody.checks.total() > 400
    for endpoint, without, to in HOLES:
        with monkeypatch.context() as spoiled:
            spoiled.setattr(policy, "_OF", policy.by_action(_holed(without, to)))
            asks = [ask for ask in about_things(everybody) if ask.thing.startswith(endpoint) and ask.refused]
            for ask in asks:
                if ask.who in ("anna", "coach", "dual", "lead"):
                    everybody.check(ask)
        assert everybody.wrong, (endpoint, without, to)
        everybody.wrong.clear()


HOLES = (
    ("recordings.my_call", policy.OWN_CALL, None),
    ("recordings.my_call", policy.LISTED, None),
    ("scoring.sample", policy.NO_THREAT, None),
    ("coaching.report", policy.FINISHED, None),
    ("coaching.report", policy.OWN_REPORT, Function.TEAM_LEAD),
)
"""A demand left out of every grant, and a function to which its grants are given."""


def _holed(without: policy.Demand, to: Function | None) -> tuple[policy.Grant, ...]:
    """The policy with a hole."""
    return tuple(
        replace(
            grant,
            function=to if to and without in grant.demands else grant.function,
            demands=tuple(demand for demand in grant.demands if demand is not without),
        )
        for grant in policy.TABLE
    )
