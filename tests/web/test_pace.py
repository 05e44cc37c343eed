"""Budgets that all machines share: one number each in the database, and what is said when it is spent."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from kcc.app import create_app
from kcc.clock import Frozen
from kcc.scheduler import timetable
from kcc.stores import Stores
from kcc.web import budgets, pace
from kcc.web.budgets import Budgets
from kcc.web.model import Budget
from tests.centre import Centre
from tests.conftest import Client

As = Callable[[str], Client]


def machine(stores: Stores) -> Budgets:
    """What one process of one machine has."""
    return Budgets(stores.database, b"the same key everywhere")


def rows(stores: Stores) -> int:
    with stores.database.read() as session:
        return session.scalar(select(func.count()).select_from(Budget)) or 0


def limited(stores: Stores, **server: int) -> Flask:
    """The application with other limits."""
    changed = stores.settings.server.model_copy(update=server)
    settings = stores.settings.model_copy(update={"server": changed})
    return create_app(Stores(settings, stores.database, stores.keys, stores.blobs))


def test_a_minutes_budget_at_once_then_evenly(stores: Stores, now: Frozen) -> None:
    asked = machine(stores)
    assert all(asked.take("a", 6, 60) for _ in range(6))
    assert not asked.take("a", 6, 60)
    assert asked.ready_at("a", 6, 60) == pytest.approx(now.at.timestamp() + 10, abs=1e-3)
    now.move(timedelta(seconds=9))
    assert not asked.take("a", 6, 60)
    now.move(timedelta(seconds=1))
    assert (asked.take("a", 6, 60), asked.take("a", 6, 60)) == (True, False)
    now.move(timedelta(hours=1))
    assert [asked.take("a", 6, 60) for _ in range(7)] == [True] * 6 + [False]


def test_askers_have_budgets_of_their_own(stores: Stores) -> None:
    asked = machine(stores)
    assert [asked.take(name, 1, 60) for name in ("a", "a", "b", "\ud800", "")] == [
        True,
        False,
        True,
        True,
        True,
    ]


@pytest.mark.rule("SEC-1")
def test_two_machines_share_a_budget_exactly(stores: Stores) -> None:
    """Whoever was refused at one is refused at the other."""
    one, other = machine(stores), machine(stores)
    let = sum(asked.take("a", 5, 60) for _ in range(5) for asked in (one, other))
    assert let == 5


def test_many_at_once_never_get_more(stores: Stores) -> None:
    """Eight threads as so many machines: the statement decides, not what was read before it."""
    let: list[bool] = []

    def ask() -> None:
        asked = machine(stores)
        let.extend(asked.take("a", 20, 60) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(let), len(let)) == (20, 40)


def test_a_large_budget_is_fetched_in_pieces(
    stores: Stores, now: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One write for many requests, and never more over than a piece for each machine."""
    writes = []
    spend = Budgets._spend
    monkeypatch.setattr(Budgets, "_spend", lambda *args: writes.append(1) or spend(*args))
    one, other = machine(stores), machine(stores)
    assert all(one.take("a", 1000, 60) for _ in range(100))
    assert len(writes) == 100 // (1000 // budgets.PIECES)
    taken = 100 + sum(other.take("a", 1000, 60) for _ in range(1100))
    assert taken == 1000
    now.move(timedelta(minutes=1))
    assert 1000 <= sum(one.take("a", 1000, 60) for _ in range(1100)) <= 1020


def test_a_refusal_is_remembered_without_asking_again(
    stores: Stores, now: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = machine(stores)
    assert (asked.take("a", 1, 60), asked.take("a", 1, 60)) == (True, False)
    monkeypatch.setattr(Budgets, "_spend", lambda *_: pytest.fail("the database was asked"))
    assert not asked.take("a", 1, 60)
    monkeypatch.undo()
    now.move(timedelta(seconds=60))
    assert asked.take("a", 1, 60)


def test_a_clock_that_was_wrong_locks_nobody_out(stores: Stores, now: Frozen) -> None:
    """A number that lies beyond any budget counts for nothing."""
    now.move(timedelta(days=400))
    assert machine(stores).take("a", 1, 60)
    now.move(timedelta(days=-400))
    assert (machine(stores).take("a", 1, 60), machine(stores).take("a", 1, 60)) == (True, False)


def test_what_is_whole_again_is_forgotten(stores: Stores, now: Frozen) -> None:
    """By the job, hourly; nothing in the table says whose it was."""
    machine(stores).take("address 192.0.2.7", 5, 60)
    with stores.database.read() as session:
        assert b"192" not in session.scalars(select(Budget.key)).one()
    (tidy,) = (job for job in timetable.timetable(stores.settings.scheduler) if job.name == "tidy")
    assert tidy.work(stores) == "0 budgets, 0 counts forgotten"
    now.move(timedelta(hours=2))
    assert tidy.work(stores) == "1 budgets, 0 counts forgotten"
    assert rows(stores) == 0


@pytest.mark.rule("SEC-1")
def test_a_person_who_asks_too_often_waits(stores: Stores, centre: Centre, now: Frozen) -> None:
    """Over all machines, as a page and as problem details; others are not concerned, nor are the assets."""
    first, second = (limited(stores, requests_per_minute=60) for _ in range(2))
    anna, also_anna = (Client(app, stores).sign_in(centre.anna) for app in (first, second))
    statuses = [who.get("/account").status_code for _ in range(31) for who in (anna, also_anna)]
    assert statuses == [200] * 60 + [429] * 2
    page = anna.get("/account")
    assert page.headers["Retry-After"] == "1"
    assert "Over 1 seconden kun je verder." in page.text
    problem = also_anna.get("/account", headers={"Accept": "application/json"})
    assert (problem.content_type, problem.get_json()["code"]) == ("application/problem+json", "too_often")
    assert Client(first, stores).sign_in(centre.bob).get("/account").status_code == 200
    assert Client(first, stores).get("/signin").status_code == 200
    now.move(timedelta(seconds=5))
    assert anna.get("/account").status_code == 200


def test_sound_and_machines_cost_nobody_a_budget(stores: Stores, app: Flask, centre: Centre) -> None:
    """The ways that must be quick write nothing; a machine is counted once it is known which it is."""
    client = Client(app, stores).sign_in(centre.anna)
    before = rows(stores)
    client.get(f"/listening/{'0' * 32}/sound")
    client.get("/metrics")
    client.get("/assets/none.css")
    assert rows(stores) == before


@pytest.mark.rule("SEC-1")
def test_signing_in_is_limited_by_address(stores: Stores) -> None:
    """Over all accounts, known or not: a list of stolen passwords is tried slowly."""
    clients = [Client(limited(stores, signins_per_minute=5), stores) for _ in range(2)]
    sent: Any = [
        clients[n % 2].post("/signin", {"number": f"nobody-{n}", "password": "x" * 15}) for n in range(6)
    ]
    assert [answer.status_code for answer in sent] == [422] * 5 + [429]
    assert sent[-1].headers["Retry-After"] == "12"
    assert clients[0].get("/signin").status_code == 200


def test_behind_a_proxy_the_callers_own_address_counts(stores: Stores) -> None:
    """The last address that our own proxies added, and not what the caller wrote before it."""
    client = Client(limited(stores, signins_per_minute=5, proxies=1), stores)

    def sign_in(number: int, forwarded: str) -> int:
        sent = {"X-Forwarded-For": forwarded}
        return client.post("/signin", {"number": str(number), "password": "x"}, headers=sent).status_code

    assert [sign_in(n, f"198.51.100.{n}, 192.0.2.1") for n in range(6)] == [422] * 5 + [429]
    assert sign_in(7, "192.0.2.1, 192.0.2.2") == 422


def test_without_proxies_the_header_is_not_believed(stores: Stores) -> None:
    client = Client(limited(stores, signins_per_minute=5), stores)
    sent = [
        client.post(
            "/signin", {"number": str(n), "password": "x"}, headers={"X-Forwarded-For": f"192.0.2.{n}"}
        )
        for n in range(6)
    ]
    assert [answer.status_code for answer in sent] == [422] * 5 + [429]


def test_every_name_in_the_limits_is_a_route(app: Flask) -> None:
    """A limit for a route that is no more would limit nothing."""
    assert set(app.view_functions) >= pace.FREE
    assert pace.REPORTS in app.view_functions
