"""kcc.web.errors: every "no" has one page and one JSON shape, and tells nothing of the inside."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from werkzeug.exceptions import TooManyRequests, UnsupportedMediaType
from werkzeug.test import TestResponse

from kcc.errors import Invalid, NotFound, Refused, Unavailable
from kcc.stores import Stores
from kcc.web.errors import SENTENCES, TITLES
from tests.audit.lines import Watch, all_lines, body
from tests.centre import Centre
from tests.conftest import Client

SECRET = "0612345678 said Anna"
JSON = {"Accept": "application/json"}
EVERY = {
    NotFound(): (404, "not_found", "Not found", "Niet gevonden"),
    Refused("Refused %(what)s.", rule="RET-7", code="too_late", what="so"): (
        409,
        "too_late",
        "That is not possible",
        "Dat kan niet",
    ),
    Invalid("day", "A day is missing."): (
        422,
        "invalid",
        "Something is not right yet",
        "Er klopt nog iets niet",
    ),
    Unavailable("The disk is full.", code="disk"): (
        503,
        "disk",
        "Not available just now",
        "Nu even niet beschikbaar",
    ),
    TooManyRequests(): (429, "too_many_requests", "Too often", "Te vaak"),
    UnsupportedMediaType(): (
        415,
        "unsupported_media_type",
        "That did not arrive well",
        "Dat kwam niet goed aan",
    ),
    ValueError(SECRET): (500, "error", "Something went wrong", "Er ging iets mis"),
}


class Failing:
    """The account page of a signed-in employee, made to fail."""

    def __init__(self, app: Flask, client: Client) -> None:
        self.app, self.client = app, client

    def with_(self, fault: Exception, **headers: str) -> TestResponse:
        """What a request is answered when its view raises this."""

        def view() -> ResponseReturnValue:
            raise fault

        self.app.view_functions["people.account"] = view
        return self.client.get("/account", headers=headers)


@pytest.fixture
def failing(app: Flask, client: Client, centre: Centre) -> Failing:
    return Failing(app, client.sign_in(centre.anna))


def problem(answer: TestResponse) -> dict[str, Any]:
    """Problem details, as RFC 9457 shapes them."""
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.text)
    assert found["type"] == "about:blank"
    assert found["status"] == answer.status_code
    assert {type(found[name]) for name in ("title", "detail", "code")} == {str}
    return found


def test_every_no_is_a_page_in_both_languages(failing: Failing) -> None:
    """With a title in words, inside the shell, with the right status and never kept by a browser."""
    for fault, (status, _, english, dutch) in EVERY.items():
        for language, title in (("en", english), ("nl", dutch)):
            failing.client.flask.set_cookie("language", language)
            answer = failing.with_(fault)
            assert answer.status_code == status
            assert answer.mimetype == "text/html"
            assert f'<html lang="{language}"' in answer.text
            assert f"{title}</h1>" in answer.text
            assert "Anna Jansen" in answer.text, "whoever is signed in keeps their menu"
            assert answer.headers["Cache-Control"] == "no-store"


def test_every_no_is_problem_details_for_a_program(failing: Failing) -> None:
    """With the same status and a word that programs can rely on."""
    for fault, (status, code, _, _) in EVERY.items():
        answer = failing.with_(fault, **JSON)
        assert answer.status_code == status
        assert problem(answer)["code"] == code


def test_a_rule_and_a_field_are_named(failing: Failing) -> None:
    """So that a person can look the rule up and a form can show the fault in its place."""
    refused = Refused("It is too late for %(what)s.", rule="RET-7", what="this call")
    said = problem(failing.with_(refused, **JSON))
    assert (said["rule"], said["detail"]) == ("RET-7", "It is too late for this call.")
    assert "RET-7" in failing.with_(refused).text
    assert problem(failing.with_(Invalid("day", "A day is missing."), **JSON))["field"] == "day"
    assert "rule" not in problem(failing.with_(NotFound(), **JSON))


def test_what_was_not_expected_says_nothing_of_the_inside(failing: Failing) -> None:
    """Neither the exception's name, nor its words, nor where it happened."""
    for headers in ({}, JSON):
        answer = failing.with_(KeyError(SECRET), **headers)
        assert answer.status_code == 500
        for word in (SECRET, "0612345678", "KeyError", "Traceback", ".py", "people"):
            assert word not in answer.text.replace("/preferences", ""), word


def test_a_fault_stays_one_request(failing: Failing) -> None:
    """The next one works."""
    assert failing.with_(RuntimeError("once")).status_code == 500
    assert failing.client.get("/calls").status_code == 200


def test_unknown_addresses_have_both_shapes(client: Client) -> None:
    """Signed in or not, with the same words as anything that is not for this person."""
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert problem(client.get("/no/such/page", headers=JSON))["code"] == "not_found"
    assert problem(client.get("/api/v1/nothing"))["code"] == "not_found"


def test_a_method_that_is_not_there_is_told_which_are(client: Client, centre: Centre) -> None:
    client.sign_in(centre.anna)
    answer = client.post("/calls")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Dat kan hier niet" in answer.text
    assert problem(client.post("/calls", headers=JSON))["code"] == "method_not_allowed"


def test_too_much_at_once_is_told_so(client: Client) -> None:
    """A form of two megabytes is no form of ours: it is not read, whoever sends it."""
    body = BytesIO(b"x" * 2 * 1024 * 1024)
    for address in ("/signin", "/account/password", "/preferences"):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            sent: dict[str, Any] = {"input_stream": body, "content_length": 2**21, "content_type": kind}
            answer = client.flask.post(address, **sent)
            assert answer.status_code == 413
            assert "Te veel in één keer" in answer.text
            assert problem(client.flask.post(address, headers=JSON, **sent))["status"] == 413
            assert body.tell() == 0


def test_whoever_is_not_signed_in_is_sent_to_sign_in_or_told_so(client: Client) -> None:
    """A page is a redirect that comes back; a program and a form get an answer."""
    answer = client.get("/calls?since=2026-11-01&direction=incoming")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/signin?next=/calls?since%3D2026-11-01%26direction%3Dincoming"
    assert problem(client.get("/calls", headers=JSON))["status"] == 401
    assert client.post("/calls/x/listen").status_code == 401


@pytest.mark.rule("ACC-5")
def test_a_refusal_is_written_down_once(client: Client, centre: Centre, stores: Stores) -> None:
    """At the door, with the address that was asked for; what does not exist is nobody's refusal."""
    client.sign_in(centre.anna)
    watch = Watch(stores)
    client.get("/status")
    assert watch.new() == [("status:read", "route:status.show", False)]
    last = body(all_lines(stores)[-1])
    assert (last["actor"], last["function"], last["rule"]) == (centre.anna, "employee", "ACC-1")
    client.get("/status", headers=JSON)
    assert len(watch.new()) == 1
    for address in ("/no-such-page", f"/calls/{'0' * 32}", "/calls/x"):
        assert client.get(address).status_code == 404
    assert watch.new() == []


def test_a_nul_in_an_address_is_an_ordinary_no(client: Client, centre: Centre) -> None:
    """PostgreSQL cannot look for one, SQLite can: both answer alike, in place of an id and in a question."""
    client.sign_in(centre.anna)
    for address in ("/calls/%00", "/calls/a%00b/threat", "/listening/%00", "/listening/%00/sound"):
        assert client.get(address).status_code == 404, address
    for address in ("/calls?since=%00", "/calls?before=1~%00", "/calls?x=1&x=%00"):
        assert client.get(address).status_code == 400, address
    assert client.post("/calls/%00/listen").status_code == 404


def test_odd_ids_are_unknown_ids(client: Client, centre: Centre) -> None:
    """No UTF-8, lone surrogates, much too long, dots, an animal, a quote: on either database."""
    client.sign_in(centre.anna)
    for odd in ("%ff%fe", "%ed%a0%80", "a" * 5000, "%2e%2e", "%F0%9F%A6%84", "'--"):
        for address in (f"/calls/{odd}", f"/listening/{odd}"):
            assert client.get(address).status_code == 404, address


def test_a_database_that_fails_is_still_a_page(client: Client, centre: Centre, stores: Stores) -> None:
    """The page that says so needs no database itself, whichever kind of fault the engine calls it."""
    client.sign_in(centre.anna)
    with stores.database.write() as session:
        session.execute(text("ALTER TABLE signin_session RENAME TO unreachable"))
    answer = client.get("/calls")
    assert answer.status_code in {500, 503}
    assert ("Er ging iets mis", "Nu even niet beschikbaar")[answer.status_code == 503] in answer.text


def test_every_status_we_give_has_words() -> None:
    """A sentence for what comes from outside, a title for all of it."""
    assert set(SENTENCES) <= set(TITLES) | {416}
    assert {400, 401, 404, 405, 409, 410, 413, 422, 429, 500, 503} <= set(TITLES)
