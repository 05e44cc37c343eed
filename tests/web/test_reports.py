"""What browsers refused on our pages: counted by directive, shown as numbers, and nothing else is kept."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kcc import status
from kcc.clock import Frozen
from kcc.scheduler import metrics, timetable
from kcc.stores import Stores
from kcc.web import pace, reports
from kcc.web.model import BrowserReport
from kcc.web.security import REPORTS
from tests.centre import Centre
from tests.conftest import Client

OLD = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://evil.example/?secret"}}
NEW = {"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem", "sample": "secret"}}


def send(client: Client, told: Any, kind: str = "application/csp-report", **more: Any) -> int:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return client.flask.post(REPORTS, data=body, content_type=kind, **more).status_code


def counted(stores: Stores) -> dict[str, int]:
    with stores.database.read() as session:
        return reports.counted(session)


@pytest.mark.rule("SEC-1")
def test_reports_of_both_shapes_are_counted(client: Client, stores: Stores) -> None:
    """The old one alone, the new one in lists of several."""
    assert send(client, OLD) == send(client, [NEW, NEW, OLD], "application/reports+json") == 204
    assert counted(stores) == {"img-src": 2, "script-src-elem": 2}


def test_nothing_of_a_report_is_kept_but_its_directive(client: Client, stores: Stores) -> None:
    """Whatever somebody writes for a directive is "other"."""
    send(client, {"csp-report": {"violated-directive": "img-src https://evil.example"}})
    send(client, {"csp-report": {"effective-directive": "Anna Jansen was here"}})
    with stores.database.read() as session:
        kept = session.scalars(select(BrowserReport)).all()
    assert {(row.directive, row.count) for row in kept} == {("img-src", 1), ("other", 1)}


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 16_000,
        [],
        {},
        [1, None, "x", []],
        {"csp-report": []},
        {"csp-report": None},
        {"type": "csp-violation"},
        {"type": "deprecation", "body": {"id": "x"}},
    ],
)
def test_what_is_no_report_counts_nothing(client: Client, stores: Stores, told: Any) -> None:
    assert send(client, told) == 204
    assert counted(stores) == {}


@pytest.mark.parametrize("word", [None, 7, [], {}, "", "\0", "x" * 10_000])
def test_an_odd_directive_is_another(client: Client, stores: Stores, word: Any) -> None:
    assert send(client, {"csp-report": {"effective-directive": word}}) == 204
    assert counted(stores) == {"other": 1}


def test_other_kinds_of_bodies_are_not_looked_at(client: Client, stores: Stores) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        assert send(client, OLD, kind) == 204
    assert counted(stores) == {}


def test_much_at_once_is_not_counted(client: Client, stores: Stores) -> None:
    """Neither a large body nor a long list nor many deliveries from one address."""
    assert send(client, b" " * (reports.LARGEST + 1)) == 413
    assert send(client, [NEW] * 100, "application/reports+json") == 204
    assert counted(stores) == {"script-src-elem": reports.MOST}
    statuses = [send(client, OLD) for _ in range(pace.REPORTS_PER_MINUTE)]
    assert statuses[-1] == 429
    assert set(statuses) == {204, 429}


def test_a_report_needs_neither_session_nor_token_and_gives_none(client: Client) -> None:
    answer = client.flask.post(REPORTS, json=OLD, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers


def test_the_administrator_and_monitoring_see_numbers(
    client: Client, stores: Stores, centre: Centre, now: Frozen
) -> None:
    """Of seven days; after 90 they are forgotten."""
    send(client, OLD)
    now.move(timedelta(days=6))
    send(client, OLD)
    found = status.gather(stores)
    assert found["browser_reports"] == {"img-src": 2}
    assert b'kcc_browser_reports{directive="img-src"} 2.0' in metrics.text(found)
    assert "browser_reports: img-src 2" in status.lines(found)
    page = client.sign_in(centre.administrator).get("/status").text
    assert "Door browsers geweigerd" in page
    assert "img-src" in page
    now.move(timedelta(days=4))
    assert counted(stores) == {"img-src": 1}
    (tidy,) = (job for job in timetable.timetable(stores.settings.scheduler) if job.name == "tidy")
    now.move(timedelta(days=86))
    assert tidy.work(stores).endswith("1 counts forgotten")
