"""The recorders' door over HTTP: statuses that say what to do next, streamed bodies, and docs that agree."""

import io
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from kcc.access.actor import system
from kcc.app import create_app
from kcc.people import tokens
from kcc.recordings import openapi
from kcc.recordings.answers import SENTENCES
from kcc.recordings.api import BodyIncomplete, Busy, LengthNeeded
from kcc.recordings.erasure import erase_due
from kcc.recordings.registration import BeingErased, DayForgotten, InDoubt
from kcc.recordings.sources.metadata import CallMetadata
from kcc.stores import Stores
from kcc.timekeeping.rules import Doubt
from kcc.web.pace import TooOften
from tests.recordings import traces
from tests.recordings.inbox import SOUND, describe
from tests.sounds import wav

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
Put = Callable[..., TestResponse]

pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def token(stores: Stores) -> str:
    """The token of the recorder named exchange."""
    with stores.database.write() as session:
        return tokens.create(session, system("test"), "exchange")


def header(**described: Any) -> str:
    """The metadata header of a good call, as curl sends it."""
    return json.dumps(describe(**({"recorder": None, "call_id": None} | described)), ensure_ascii=False)


@pytest.fixture
def put(app: Flask, token: str) -> Put:
    """Puts a call, by default a good one."""

    def send(
        call_id: str = "call-1", content: bytes = SOUND, metadata: str | None = None, **headers: str
    ) -> TestResponse:
        sent = {"Authorization": f"Bearer {token}", "Kcc-Call": header() if metadata is None else metadata}
        path = f"/api/v1/recordings/{quote(call_id, safe='')}"
        return app.test_client().put(path, data=content, content_length=len(content), headers=sent | headers)

    return send


def test_a_call_is_stored_and_a_repeat_is_harmless(put: Put, stores: Stores) -> None:
    first, again = put(), put()
    assert (first.status_code, again.status_code) == (201, 200)
    told = first.get_json()
    assert told["answer"] == told["code"] == "stored"
    assert told["remove_source"] is True
    assert again.get_json() | {"answer": "stored", "code": "stored", "detail": ""} == told | {"detail": ""}
    assert again.get_json()["answer"] == "known"
    assert traces.recording(stores).recorder == "exchange"


def test_a_call_that_nobody_can_be_found_for_is_accepted(put: Put) -> None:
    answer = put(metadata=header(agent_id="nobody"))
    assert (answer.status_code, answer.get_json()["code"]) == (202, "agent_unknown")
    assert answer.get_json()["remove_source"] is True


def test_other_bytes_under_the_same_id_conflict(put: Put) -> None:
    put()
    other = put(content=wav(2.0))
    assert (other.status_code, other.get_json()["code"]) == (409, "other_bytes")
    assert other.content_type == "application/problem+json"
    assert (other.get_json()["retry"], other.get_json()["remove_source"]) == (False, False)


@pytest.mark.rule("PUR-4")
def test_a_private_call_is_to_be_destroyed_at_its_source(put: Put, stores: Stores) -> None:
    answer = put(metadata=header(line="private"), content=b"no sound at all")
    told = answer.get_json()
    assert (answer.status_code, told["code"], told["rule"]) == (422, "private_line", "PUR-4")
    assert (told["remove_source"], told["retry"]) == (True, False)
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("PUR-3", "PUR-5")
@pytest.mark.parametrize(
    ("described", "status", "code", "rule"),
    [
        ({"line": "silent"}, 422, "no_welcome_text", "PUR-5"),
        ({"line": "unheard-of"}, 422, "line_unknown", "PUR-5"),
        ({"line": "excluded"}, 422, "line_excluded", "PUR-3"),
        ({"start": "2026-01-01T00:00:00Z"}, 422, "past_term", "RET-1"),
        ({"start": "2027-01-01T00:00:00Z"}, 422, "start_in_future", None),
        ({"line": "direct"}, 201, "direct_line", None),
        ({"scope": "internal"}, 201, "internal_call", None),
    ],
)
def test_a_lines_rules_are_told(
    put: Put, described: dict[str, str], status: int, code: str, rule: str | None
) -> None:
    answer = put(metadata=header(**described))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.get_json().get("rule") == rule
    assert answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("content", "code", "retry"),
    [
        (SOUND[:-10], "sound_truncated", True),
        (SOUND[:20], "sound_truncated", True),
        (b"", "sound_empty", False),
        (b"<html>", "sound_unknown", False),
        (b"\0" * 100_000, "sound_unknown", False),
    ],
)
def test_what_is_no_sound_is_refused(
    put: Put, stores: Stores, content: bytes, code: str, retry: bool
) -> None:
    answer = put(content=content)
    told = answer.get_json()
    assert (answer.status_code, told["code"], told["retry"]) == (422, code, retry)
    assert traces.amounts(stores) == (0, 0, 0)


def test_all_faults_of_the_metadata_are_told_at_once(put: Put, stores: Stores) -> None:
    bad = header(start="yesterday", direction="sideways", agent_id=None, colour="red")
    answer = put(metadata=bad)
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (422, "metadata_invalid")
    assert {one["field"]: one["code"] for one in told["errors"]} == {
        "start": "metadata_wrong",
        "direction": "metadata_wrong",
        "agent_id": "metadata_missing",
        "colour": "metadata_unknown",
    }
    assert all(one["detail"] for one in told["errors"])
    assert traces.refusals(stores) == {("?", "metadata_invalid"): 1}


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ("", "metadata"),
        ("{", "metadata"),
        ("[]", "metadata"),
        ('{"line": "a", "line": "b"}', "metadata"),
        ({"remote_number": "é"}, "metadata"),
        ("x" * 9000, "metadata"),
        ({"call_id": "another"}, "call_id"),
        ({"recorder": "another"}, "recorder"),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(
    put: Put, stores: Stores, metadata: str | dict[str, str], field: str
) -> None:
    answer = put(metadata=metadata if isinstance(metadata, str) else header(**metadata))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert traces.amounts(stores) == (0, 0, 0)


def test_what_address_and_token_say_may_be_repeated(put: Put) -> None:
    assert put(metadata=header(call_id="call-1", recorder="exchange")).status_code == 201


def test_without_the_header_it_is_named(app: Flask, token: str) -> None:
    sent = {"Authorization": f"Bearer {token}"}
    answer = app.test_client().put("/api/v1/recordings/x", data=SOUND, headers=sent)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "Kcc-Call")


@pytest.mark.parametrize("call_id", ["a/b", "/a//b/", "../../etc", "é漢字", "a b?c#d%2F", "x" * 200])
def test_ids_of_every_kind_arrive_as_they_were(put: Put, stores: Stores, call_id: str) -> None:
    assert put(call_id).status_code == 201
    assert traces.recording(stores).call_id == call_id


@pytest.mark.parametrize("call_id", ["x" * 201, "x" * 5000, "a\0b", "\n", " ", "\u202e"])
def test_ids_that_nobody_can_read_are_refused(put: Put, stores: Stores, call_id: str) -> None:
    answer = put(call_id)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "call_id")
    assert traces.amounts(stores) == (0, 0, 0)


def test_an_id_that_is_no_utf8_is_not_taken_for_another(app: Flask, token: str) -> None:
    sent = {"Authorization": f"Bearer {token}", "Kcc-Call": header()}
    answer = app.test_client().put("/api/v1/recordings/a%ff", data=SOUND, headers=sent)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "call_id")


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer kcc_wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_good_token_nothing_is_looked_at(app: Flask, stores: Stores, sent: dict[str, str]) -> None:
    answer = app.test_client().put(
        "/api/v1/recordings/x", data=SOUND, headers=sent | {"Kcc-Call": header(line="private")}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_needed")
    assert (traces.amounts(stores), traces.refusals(stores)) == ((0, 0, 0), {})


def test_a_revoked_token_opens_nothing(put: Put, stores: Stores, token: str) -> None:
    with stores.database.write() as session:
        found = tokens.find(session, token)
        assert found is not None
        tokens.revoke(session, system("test"), found.id)
    assert put().status_code == 401


def test_two_recorders_do_not_see_each_others_ids(put: Put, stores: Stores) -> None:
    with stores.database.write() as session:
        other = tokens.create(session, system("test"), "second")
    assert put().status_code == 201
    assert put(content=wav(2.0), Authorization=f"Bearer {other}").status_code == 201


def test_a_store_that_is_away_asks_to_come_again(put: Put, stores: Stores) -> None:
    blobs = stores.settings.blobs.folder
    blobs.rename(blobs.with_name("unmounted"))
    answer = put()
    blobs.with_name("unmounted").rename(blobs)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(openapi.RETRY_AFTER))
    assert (answer.get_json()["retry"], answer.get_json()["remove_source"]) == (True, False)
    assert traces.amounts(stores) == (0, 0, 0)
    assert put().status_code == 201


def test_what_is_too_large_is_refused(app: Flask, put: Put, stores: Stores) -> None:
    app.config["MAX_CONTENT_LENGTH"] = len(SOUND) - 1
    answer = put()
    assert answer.status_code == 413
    assert traces.amounts(stores) == (0, 0, 0)
    app.config["MAX_CONTENT_LENGTH"] = len(SOUND)
    assert put().status_code == 201


def test_an_erased_call_does_not_come_back(put: Put, stores: Stores, now: Any) -> None:
    metadata = header(agent_id="nobody")
    assert put(metadata=metadata).status_code == 202
    now.move(timedelta(days=7))
    erase_due(stores, system("erase"))
    answer = put(metadata=metadata)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "erased")


def test_nothing_is_spooled(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def spooled(*_: object, **__: object) -> None:
        pytest.fail("a body was spooled to disk")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, spooled)
    assert put(content=wav(120.0)).status_code == 201


# Over a real socket


@pytest.fixture
def address(app: Flask) -> Iterator[tuple[str, int]]:
    """Where the app answers on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ("127.0.0.1", server.port)
    server.shutdown()
    thread.join()
    server.server_close()


def open_ended(seconds: float) -> bytes:
    """A sound that does not say how long it is: any part of it would pass for the whole."""
    content = bytearray(wav(seconds))
    content[40:44] = b"\xff\xff\xff\xff"
    return bytes(content)


def begin(address: tuple[str, int], token: str, length: str) -> socket.socket:
    connection = socket.create_connection(address)
    head = (
        f"PUT /api/v1/recordings/x HTTP/1.1\r\nHost: kcc\r\nAuthorization: Bearer {token}\r\n"
        f"Kcc-Call: {header()}\r\n{length}\r\n\r\n"
    )
    connection.sendall(head.encode())
    return connection


def test_a_recorder_that_hangs_up_leaves_nothing(
    address: tuple[str, int], token: str, stores: Stores
) -> None:
    content = open_ended(60.0)
    with begin(address, token, f"Content-Length: {len(content)}") as connection:
        connection.sendall(content[: len(content) // 2])
        _until(lambda: len(traces.files(stores)) == 1)
    _until(lambda: traces.amounts(stores) == (0, 0, 0))


def test_a_server_that_hides_a_broken_connection_fools_nobody(app: Flask, token: str, stores: Stores) -> None:
    content = open_ended(10.0)
    answer = app.test_client().put(
        "/api/v1/recordings/x",
        input_stream=io.BytesIO(content[:30_000]),
        headers={"Authorization": f"Bearer {token}", "Kcc-Call": header()},
        environ_overrides={"CONTENT_LENGTH": str(len(content)), "wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (400, "body_incomplete")
    assert traces.amounts(stores) == (0, 0, 0)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def test_a_body_without_a_length_could_be_cut_unseen_and_is_refused(
    address: tuple[str, int], token: str, stores: Stores
) -> None:
    connection = HTTPConnection(*address)
    sent = {"Authorization": f"Bearer {token}", "Kcc-Call": header()}
    connection.request("PUT", "/api/v1/recordings/x", iter([SOUND]), sent, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (411, "length_needed")
    connection.close()
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_the_line_of_the_docs_delivers_a_call(
    address: tuple[str, int], token: str, stores: Stores, tmp_path: Path
) -> None:
    (line,) = re.findall(r"```sh\n(curl -T .*?)\n```", DOCS.read_text(), re.DOTALL)
    sound, told = tmp_path / "call.wav", tmp_path / "call.json"
    sound.write_bytes(wav(400.0))  # large enough for curl to ask first (Expect: 100-continue)
    told.write_text(header(agent_id="agent-anna"))
    environment = {
        "PATH": "/usr/bin:/bin",
        "KCC": f"http://{address[0]}:{address[1]}",
        "KCC_TOKEN": token,
        "CALL_ID": "2026%2Fx-1",
        "WAV": str(sound),
        "JSON": str(told),
    }
    done = subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == "stored"
    assert traces.recording(stores).call_id == "2026/x-1"
    again = subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert json.loads(again.stdout)["answer"] == "known"


# What it says of itself


def test_the_description_is_served_to_anybody(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document = answer.get_json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/api/v1/recordings/{call_id}",
        "/api/v1/vcons",
        "/api/v1/openapi.json",
    }


def test_every_route_of_the_interface_is_described(app: Flask) -> None:
    described = openapi.document("http://kcc")["paths"]
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if "/api/" in rule.rule
    }
    assert {path.replace("call_id:", "") for path in served} == set(described)


def test_the_described_metadata_is_what_is_read() -> None:
    schema = openapi.document("http://kcc")["components"]["schemas"]["Call"]
    assert set(schema["properties"]) == set(CallMetadata.model_fields)
    required = {key for key, field in CallMetadata.model_fields.items() if field.is_required()}
    assert set(schema["required"]) == required - {"call_id"}


def test_the_docs_name_everything_that_is_described() -> None:
    text, document = DOCS.read_text(), openapi.document("http://kcc")
    put = document["paths"]["/api/v1/recordings/{call_id}"]["put"]
    schemas = document["components"]["schemas"]
    named = [*document["paths"], *put["responses"], *(parameter["name"] for parameter in put["parameters"])]
    for schema in schemas.values():
        named += schema["properties"]
    post = document["paths"]["/api/v1/vcons"]["post"]
    named += [*post["responses"], *(parameter["name"] for parameter in post["parameters"])]
    codes = [*SENTENCES, *UNKNOWN_SOUNDS, *VCON_CODES, *PASSING, "metadata_invalid", "token_needed"]
    missing = [name for name in [*named, *codes] if f"`{name}`" not in text]
    assert missing == []


VCON_CODES = (
    *("time_ambiguous", "time_missing", "vcon_unsigned", "signature_wrong", "timestamp_stale"),
    *("content_missing", "content_elsewhere", "content_mismatch", "content_unavailable"),
    *("key_needed", "key_reused"),
)
PASSING = (
    *(doubt.value for doubt in Doubt),
    *(
        kind.code
        for kind in (BeingErased, DayForgotten, InDoubt, TooOften, Busy, LengthNeeded, BodyIncomplete)
    ),
)
"""What the intake answers of itself, and the same call may be sent again."""
UNKNOWN_SOUNDS = (
    "sound_unknown",
    "sound_unsupported",
    "sound_malformed",
    "sound_empty",
    "sound_truncated",
    "sound_too_long",
    "sound_too_large",
    "sound_costly",
    "decoding_off",
)


def test_the_docs_name_no_code_that_does_not_exist() -> None:
    table = re.findall(r"^\| `([a-z_]+)` \| (\d{3})", DOCS.read_text(), re.MULTILINE)
    known = {*SENTENCES, *UNKNOWN_SOUNDS, "metadata_invalid", "token_needed", "disk_full", "unavailable"}
    known |= {*PASSING, "sound_missing", "request_entity_too_large", "error"}
    known |= set(VCON_CODES)
    assert {code for code, _ in table} <= known
    for code, status in table:
        assert int(status) in openapi.DESCRIPTIONS, code


def test_the_docs_say_of_each_status_whether_to_send_again() -> None:
    """In the words of the page: what openapi calls x-resend."""
    rows = re.findall(r"^\| `(\d{3})` \| .* \| (.*) \|$", DOCS.read_text(), re.MULTILINE)
    told = {int(status): text for status, text in rows}
    assert set(told) == set(openapi.DESCRIPTIONS)
    for path, method in (("/api/v1/recordings/{call_id}", "put"), ("/api/v1/vcons", "post")):
        responses = openapi.document("http://kcc")["paths"][path][method]["responses"]
        for status, response in responses.items():
            resend = response.get("x-resend", "taken in")
            text = told[int(status)]
            if resend is True:
                assert "sends it again" in text, status
            elif resend == "taken in":
                assert text == "removes its file", status
            elif resend is False:
                assert text == "keeps it and warns somebody", status
            else:
                assert "sends it again if `retry` is true" in text, status
            assert ("Retry-After" in response.get("headers", {})) == ("`Retry-After`" in text), status


# Limits


def limited(stores: Stores, **server: int) -> Flask:
    """The app of an installation with such limits; the same for each process that starts on this machine."""
    settings = stores.settings.model_copy(update={"server": stores.settings.server.model_copy(update=server)})
    return create_app(replace(stores, settings=settings))


def put_to(app: Flask, token: str, call_id: str, content: bytes = SOUND) -> TestResponse:
    """One call, delivered to one of several processes."""
    headers = {"Authorization": f"Bearer {token}", "Kcc-Call": header()}
    path = f"/api/v1/recordings/{call_id}"
    return app.test_client().put(path, data=content, content_length=len(content), headers=headers)


def test_a_recorder_that_is_too_fast_is_told_when_to_come_again_and_loses_nothing(
    stores: Stores, token: str
) -> None:
    processes = [limited(stores, calls_per_minute=6) for _ in range(2)]
    with stores.database.write() as session:
        other = tokens.create(session, system("test"), "second")
    answers = [put_to(processes[n % 2], token, f"c{n}", wav(1 + n / 10)) for n in range(8)]
    assert [answer.status_code for answer in answers] == [201] * 6 + [429] * 2
    told = answers[-1]
    assert told.content_type == "application/problem+json"
    assert 1 <= int(told.headers["Retry-After"]) <= 10
    assert (told.get_json()["code"], told.get_json()["retry"]) == ("too_often", True)
    assert told.get_json()["remove_source"] is False
    assert traces.amounts(stores) == (6, 6, 6)
    assert put_to(processes[0], other, "c0").status_code == 201  # its own budget


def test_a_stranger_is_slowed_down_and_holds_up_nobody_with_a_token(stores: Stores, token: str) -> None:
    app = limited(stores, strangers_per_minute=3)
    statuses = [put_to(app, "kcc_wrong", "c1").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    unsigned = app.test_client().post("/api/v1/vcons", data=b"{}")
    assert (unsigned.status_code, "Retry-After" in unsigned.headers) == (429, True)
    assert put_to(app, token, "c1").status_code == 201


def test_every_problem_says_whether_to_send_again(app: Flask, put: Put) -> None:
    for answer, retry in (
        (put(Authorization="Bearer no"), False),
        (app.test_client().put("/api/v1/recordings/x"), False),
        (app.test_client().post("/api/v1/vcons", data=b"{}"), False),
        (put(metadata="{}"), False),
        (put(content=SOUND[:-1]), True),
    ):
        told = answer.get_json()
        assert (told["retry"], told["answer"], told["remove_source"]) == (retry, "refused", False), told


def test_uploads_beyond_the_places_are_asked_to_come_again(stores: Stores, token: str) -> None:
    app = limited(stores, uploads_at_once=1)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        slow = HTTPConnection("127.0.0.1", server.port, timeout=20)
        slow.putrequest("PUT", "/api/v1/recordings/slow")
        for name, value in (
            ("Authorization", f"Bearer {token}"),
            ("Kcc-Call", header()),
            ("Content-Length", str(len(SOUND))),
        ):
            slow.putheader(name, value)
        slow.endheaders(SOUND[:1000])
        time.sleep(0.5)
        busy = put_to(app, token, "quick", wav(2.0))
        assert (busy.status_code, busy.get_json()["code"]) == (503, "busy")
        assert (busy.headers["Retry-After"], busy.get_json()["retry"]) == ("2", True)
        slow.send(SOUND[1000:])
        assert slow.getresponse().status == 201
        slow.close()
        assert put_to(app, token, "quick", wav(2.0)).status_code == 201
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Watched(io.BytesIO):
    """A body that notes how much is asked of it at once."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece

    def readinto(self, buffer: Any, /) -> int:
        self.largest = max(self.largest, len(buffer))
        return super().readinto(buffer)


def test_a_body_is_read_in_pieces_of_bounded_size(app: Flask, token: str) -> None:
    content = wav(120.0)
    body = Watched(content)
    answer = app.test_client().put(
        "/api/v1/recordings/x",
        input_stream=body,
        content_length=len(content),
        headers={"Authorization": f"Bearer {token}", "Kcc-Call": header()},
    )
    assert answer.status_code == 201
    assert 0 < body.largest <= 262_144
