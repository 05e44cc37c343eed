"""Two coaches make and publish a version of the criteria behind the second wall, and employees read it."""

import re

import pytest
from flask import Flask

from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client


def _hidden(browser: Client, address: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', browser.get(address).text)
    assert found, address
    return found.group(1)


@pytest.mark.rule("REP-2")
def test_a_version_is_made_and_published_behind_the_wall(app: Flask, stores: Stores, centre: Centre) -> None:
    """Nothing that anybody does on the way lacks a right; nobody reads what is not published."""
    one, two, anna = (
        Client(app, stores).sign_in(who) for who in (centre.coach, centre.other_coach, centre.anna)
    )
    assert anna.get("/criteria").status_code == 200
    assert one.post("/criteria/draft").status_code == 303
    address = "/criteria/draft/norm"
    norm = {"was": _hidden(one, address, "was"), "percent": "75", "na": "met", "weight-3": "decides"}
    assert two.post(address, norm).status_code == 303
    assert anna.get("/criteria/2").status_code == 404
    address = "/criteria/draft/propose"
    revision = _hidden(one, address, "revision")
    assert one.post(address, {"revision": revision, "starts_on": "2026-12-01"}).status_code == 303
    assert two.post("/criteria/draft/confirm", {"revision": revision}).status_code == 303
    assert "75 %" in anna.get("/criteria/2").text
