"""vCons by webhook: signed and of now, once for each idempotency key, and each employee's part their own."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.config import Settings
from kcc.recordings.erasure import erase_due
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces
from tests.recordings.test_vcon import BOB, CALLER, b64, document
from tests.sounds import wav

SECRET = b"a secret of enough length"
ANNA = {"tel": "agent-anna"}
Post = Callable[..., TestResponse]
pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """One recorder may deliver, and agents are named as in the centre."""
    secret = tmp_path / "siprec.secret"
    secret.write_bytes(SECRET + b"\n")
    vcons = settings.vcons.model_copy(
        update={"secrets": {"siprec": secret}, "agent_pattern": "(agent-[a-z]+)", "max_mb": 1}
    )
    return settings.model_copy(update={"vcons": vcons})


def signed(body: bytes, secret: bytes = SECRET, at: int | None = None) -> dict[str, str]:
    timestamp = str(int(clock.now().timestamp()) if at is None else at)
    value = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Kcc-Timestamp": timestamp, "Kcc-Signature": f"sha256={value}"}


@pytest.fixture
def post(app: Flask) -> Post:
    """Posts a vCon, by default a good one, signed."""

    def send(values: Any = None, *, key: str | None = "k-1", **headers: str) -> TestResponse:
        body = json.dumps(call() if values is None else values).encode()
        sent = signed(body) | ({"Idempotency-Key": key} if key else {}) | headers
        return app.test_client().post("/api/v1/vcons", data=body, headers=sent)

    return send


def call(*parties: dict[str, Any], **dialog: Any) -> dict[str, Any]:
    start = (clock.now() - timedelta(hours=1)).isoformat()
    return document(*(parties or (CALLER, ANNA)), **({"start": start} | dialog))


def test_a_call_is_stored_and_the_same_again_gets_the_same_answer(
    post: Post, stores: Stores, centre: Centre
) -> None:
    first, again = post(), post()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    told = first.get_json()
    assert (told["answer"], told["remove_source"], len(told["parts"])) == ("stored", True, 1)
    row = traces.recording(stores)
    assert (row.recorder, row.employee_id) == ("siprec", centre.anna)
    assert post(key="k-2").get_json()["answer"] == "known"


def test_a_key_with_another_body_is_refused(post: Post, stores: Stores) -> None:
    post()
    other = post(call(body=b64(wav(2.0))))
    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")
    assert traces.amounts(stores) == (1, 1, 1)


def test_other_sound_under_the_same_uuid_conflicts(post: Post) -> None:
    post()
    other = post(call(body=b64(wav(2.0))), key="k-2")
    assert (other.status_code, other.get_json()["code"]) == (409, "other_bytes")
    assert [one["code"] for one in other.get_json()["parts"]] == ["other_bytes"]


@pytest.mark.parametrize("key", [None, "x" * 256])
def test_a_key_is_needed(post: Post, key: str | None) -> None:
    assert post(key=key).get_json()["code"] == "key_needed"


def test_what_was_refused_is_judged_anew(post: Post, stores: Stores, now: Frozen) -> None:
    ahead = call(start=(clock.now() + timedelta(hours=1)).isoformat())
    assert post(ahead).get_json()["code"] == "start_in_future"
    now.move(timedelta(hours=1))
    assert post(ahead).status_code == 201
    assert traces.amounts(stores) == (1, 1, 1)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Kcc-Signature": "sha256=" + "0" * 64}, "signature_wrong"),
        ({"Kcc-Signature": ""}, "signature_wrong"),
        ({"Kcc-Signature": "é"}, "signature_wrong"),
        ({"Kcc-Timestamp": "0"}, "timestamp_stale"),
        ({"Kcc-Timestamp": "soon"}, "timestamp_stale"),
        ({"Kcc-Timestamp": "9" * 40}, "timestamp_stale"),
    ],
)
def test_who_does_not_sign_delivers_nothing(
    post: Post, stores: Stores, headers: dict[str, str], code: str
) -> None:
    answer = post(**headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)
    assert traces.amounts(stores) == (0, 0, 0)


def test_a_replay_after_the_window_is_refused(app: Flask, now: Frozen) -> None:
    body = json.dumps(call()).encode()
    headers = signed(body) | {"Idempotency-Key": "k"}
    now.move(timedelta(minutes=5, seconds=1))
    answer = app.test_client().post("/api/v1/vcons", data=body, headers=headers)
    assert answer.get_json()["code"] == "timestamp_stale"
    moved = headers | {"Kcc-Timestamp": str(int(clock.now().timestamp()))}
    assert app.test_client().post("/api/v1/vcons", data=body, headers=moved).status_code == 401


def test_a_short_secret_signs_nothing(post: Post, settings: Settings) -> None:
    settings.vcons.secrets["siprec"].write_bytes(b"short")
    body = json.dumps(call()).encode()
    assert post(**signed(body, b"short")).get_json()["code"] == "signature_wrong"


def test_a_secret_that_is_away_asks_to_come_again(post: Post, settings: Settings) -> None:
    settings.vcons.secrets["siprec"].unlink()
    assert (post().status_code, post().get_json()["retry"]) == (503, True)


def test_without_secrets_the_door_is_closed(post: Post, settings: Settings) -> None:
    settings.vcons.secrets.clear()
    assert post().get_json()["code"] == "signature_wrong"


def test_a_signature_over_the_body_alone_needs_a_setting(app: Flask, stores: Stores) -> None:
    body = json.dumps(call()).encode()
    value = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={value}", "Idempotency-Key": "k"}
    assert app.test_client().post("/api/v1/vcons", data=body, headers=headers).status_code == 401
    vcons = stores.settings.vcons.model_copy(update={"sign_body_alone": True})
    object.__setattr__(stores, "settings", stores.settings.model_copy(update={"vcons": vcons}))
    assert app.test_client().post("/api/v1/vcons", data=body, headers=headers).status_code == 201


def test_what_is_too_large_is_refused(post: Post, stores: Stores) -> None:
    assert post(call(body=b64(wav(120.0)))).status_code == 413
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("RET-1", "RGT-1")
def test_a_transferred_call_is_each_ones_own(post: Post, stores: Stores, centre: Centre) -> None:
    start = clock.now() - timedelta(hours=1)
    times = [(start + timedelta(seconds=seconds)).isoformat() for seconds in (0, 20, 25)]
    events = [(1, "join", 0), (1, "drop", 1), (2, "join", 2)]
    history = [{"party": party, "event": event, "time": times[at]} for party, event, at in events]
    bob = BOB | {"tel": "agent-bob"}
    answer = post(call(CALLER, ANNA, bob, party_history=history, body=b64(wav(40.0))))
    assert answer.status_code == 201
    assert len(answer.get_json()["parts"]) == 2
    found = [(row.employee_id, row.duration_ms) for row in traces.recordings(stores)]
    assert found == [(centre.anna, 20_000), (centre.bob, 15_000)]


def test_who_cannot_be_placed_waits_in_quarantine(post: Post, stores: Stores) -> None:
    answer = post(call(CALLER, {"name": "Anna"}))
    assert (answer.status_code, answer.get_json()["code"]) == (202, "agent_missing")
    assert traces.recording(stores).reason == "agent_missing"


@pytest.mark.parametrize(
    ("values", "code"),
    [({}, "metadata_invalid"), ({"content_hash": "sha512-" + "A" * 86}, "content_mismatch")],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(
    post: Post, stores: Stores, values: dict[str, Any], code: str
) -> None:
    answer = post(call(**values) if values else {"uuid": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert traces.amounts(stores) == (0, 0, 0)
    assert traces.refusals(stores) == {("?", code): 1}


def test_an_erased_call_does_not_come_back(post: Post, stores: Stores, now: Frozen) -> None:
    nobody = call(CALLER, {"name": "Anna"})
    post(nobody)
    now.move(timedelta(days=7, seconds=1))
    erase_due(stores, system("erase"))
    assert post(nobody).get_json()["code"] == "erased"


def test_nothing_of_a_delivery_is_kept_but_digests(post: Post, stores: Stores) -> None:
    post(key="marker-key")
    assert traces.words_in_cells(stores, "marker-key", "+31201234567") == []


def test_two_sides_of_one_call_are_one_recording(post: Post, stores: Stores, centre: Centre) -> None:
    """As SIPREC adapters write it: each stream a dialog of its own, with its party alone."""
    values = call(parties=[0], body=b64(wav(20.0)))
    values["dialog"].append({**values["dialog"][0], "parties": [1], "originator": 1, "body": b64(wav(19.0))})
    answer = post(values)
    assert (answer.status_code, len(answer.get_json()["parts"])) == (201, 1)
    row = traces.recording(stores)
    assert (row.employee_id, row.channels, row.employee_channel) == (centre.anna, 2, 1)
    assert (row.direction, row.duration_ms) == ("incoming", 20_000)
