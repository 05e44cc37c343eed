"""vCons of every draft, inline and by address, signed and not, and any JSON at all."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.recorder_settings import Vcons
from kcc.recordings.sources import vcon
from kcc.recordings.sources.content import ContentFault
from kcc.recordings.sources.described import NOBODY
from kcc.recordings.sources.metadata import MetadataInvalid
from tests.sounds import wav

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SOUND = wav(1.0)
HOW = Vcons()
CALLER, ANNA, BOB = (
    {"tel": "+31201234567", "name": "X"},
    {"tel": "tel:1001"},
    {"sip": "sip:1002@centre.example"},
)
START = "2026-11-03T08:00:00Z"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def document(*parties: dict[str, Any], version: str | None = "0.4.0", **dialog: Any) -> dict[str, Any]:
    """A vCon of one recording."""
    parties = parties or (CALLER, ANNA)
    one = {
        "type": "recording",
        "start": START,
        "duration": 1.0,
        "parties": [*range(len(parties))],
        "mediatype": "audio/x-wav",
        "body": b64(SOUND),
        "encoding": "base64url",
    }
    values = {key: value for key, value in (one | dialog).items() if value is not None}
    found: dict[str, Any] = {
        "uuid": "0190-u",
        "created_at": START,
        "parties": list(parties),
        "dialog": [values],
    }
    return found | ({"vcon": version} if version else {})


def read(values: Any, how: Vcons = HOW, trusted: tuple[x509.Certificate, ...] = ()) -> list[vcon.Recording]:
    return vcon.read(json.dumps(values).encode(), how, trusted, NOW)


def only(values: Any, how: Vcons = HOW) -> vcon.Recording:
    (one,) = read(values, how)
    return one


def sound(one: vcon.Recording, origins: tuple[str, ...] = ()) -> bytes:
    return b"".join(one.content.pieces(lambda _: iter([SOUND[:100], SOUND[100:]]), origins))


@pytest.mark.parametrize("version", ["0.0.1", "0.0.2", "0.0.3", "0.3.0", "0.4.0", "0.5.0", None])
def test_every_draft_is_read(version: str | None) -> None:
    one = only(document(version=version))
    (part,) = one.described.parts
    assert (part.call.call_id, part.call.agent_id, part.call.line) == ("0190-u", "1001", "main")
    assert (part.call.direction, part.call.scope) == ("incoming", "external")
    assert part.call.remote_number == "+31201234567"
    assert (part.call.start, part.call.employee_channel) == (NOW - timedelta(hours=1), 1)
    assert part.whole
    assert sound(one) == SOUND


@pytest.mark.parametrize("version", ["1.0", "0.6.0", "0.0.4", ""])
def test_a_version_that_nobody_knows_is_refused(version: str) -> None:
    with pytest.raises(MetadataInvalid, match="version"):
        read({**document(), "vcon": version})


@pytest.mark.parametrize("encoding", ["base64url", "base64", None])
@pytest.mark.parametrize("write", [base64.urlsafe_b64encode, base64.b64encode, base64.encodebytes])
def test_both_alphabets_are_read_whatever_is_said(encoding: str | None, write: Any) -> None:
    assert sound(only(document(body=write(SOUND).decode(), encoding=encoding))) == SOUND


@pytest.mark.parametrize(
    "changed", [{"body": "!!!"}, {"body": {"a": 1}}, {"encoding": "json"}, {"body": None}]
)
def test_a_sound_that_cannot_be_read_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ContentFault) as told:
        sound(only(document(**changed)))
    assert told.value.code == "content_missing"


def elsewhere(url: str = "https://sound.example/1.wav", **more: Any) -> dict[str, Any]:
    told = {"content_hash": "sha512-" + b64(hashlib.sha512(SOUND).digest())} | more
    return document(body=None, encoding=None, url=url, **told)


ALLOWED = ("https://sound.example",)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"content_hash": ["sha256-" + b64(hashlib.sha256(SOUND).digest())]},
        {"content_hash": "sha512:" + base64.b64encode(hashlib.sha512(SOUND).digest()).decode()},
        {"content_hash": None, "alg": "SHA-512", "signature": b64(hashlib.sha512(SOUND).digest())},
    ],
    ids=["sha512", "list", "base64", "0.0.1"],
)
def test_a_sound_elsewhere_is_known_by_its_hash(more: dict[str, Any]) -> None:
    assert sound(only(elsewhere(**more)), ALLOWED) == SOUND


def test_another_sound_than_was_promised_is_refused() -> None:
    other = {"content_hash": "sha512-" + b64(hashlib.sha512(b"x").digest())}
    for values in (elsewhere(**other), document(**other)):
        with pytest.raises(ContentFault) as told:
            sound(only(values), ALLOWED)
        assert told.value.code == "content_mismatch"


@pytest.mark.parametrize(
    ("url", "origins", "more"),
    [
        ("https://sound.example/1.wav", (), {}),
        ("http://sound.example/1.wav", ALLOWED, {}),
        ("https://sound.example:8443/1.wav", ALLOWED, {}),
        ("https://sound.example@evil.example/1.wav", ALLOWED, {}),
        ("https://x@sound.example/1.wav", ALLOWED, {}),
        ("https://sound.example/1.wav\r\nX: y", ALLOWED, {}),
        ("https://sound.example.evil/1.wav", ALLOWED, {}),
        ("https://[sound.example/", ALLOWED, {}),
        ("file:///etc/passwd", ALLOWED, {}),
        ("https://sound.example/1.wav", ALLOWED, {"content_hash": None}),
    ],
)
def test_nothing_else_is_fetched(url: str, origins: tuple[str, ...], more: dict[str, Any]) -> None:
    def never(_: str) -> Iterator[bytes]:
        pytest.fail("an address was asked that may not be")

    with pytest.raises(ContentFault) as told:
        b"".join(only(elsewhere(url, **more)).content.pieces(never, origins))
    assert told.value.code == "content_elsewhere"


@pytest.mark.parametrize("written", ["md5-abc", "sha512-abc", "sha512", 7, {}, ["sha512-abc"]])
def test_a_hash_that_cannot_be_checked_is_refused(written: Any) -> None:
    with pytest.raises(ContentFault):
        read(elsewhere(content_hash=written))


def test_who_is_an_employee_is_a_setting() -> None:
    agent, caller = {"uuid": "a-7", "role": "agent", "tel": "1001"}, {"role": "customer", "tel": "1400"}
    roles = Vcons(agent_role="agent", agent_keys=("uuid",), agent_pattern=r"a-(\d+)")
    assert only(document(caller, agent), roles).described.parts[0].call.agent_id == "7"
    meta = {"tel": "1001", "meta": {"role": "agent"}}
    assert only(document(caller, meta), Vcons(agent_role="agent")).described.parts[0].call.agent_id == "1001"
    assert only(document(CALLER, {"mailto": "mailto:1001"})).described.parts[0].call.agent_id == "1001"
    (nobody,) = only(document(CALLER, {"name": "Anna"})).described.parts
    assert (nobody.call.agent_id, nobody.unplaced) == (NOBODY, "agent_missing")


def test_directions_and_lines() -> None:
    assert only(document(ANNA, CALLER)).described.parts[0].call.direction == "outgoing"
    assert only(document(ANNA, CALLER, originator=1)).described.parts[0].call.direction == "incoming"
    lines = Vcons(lines={"permits": "subsidies"})
    assert only(document(campaign="permits"), lines).described.parts[0].call.line == "subsidies"
    parts = only(document(ANNA, BOB)).described.parts
    assert {part.call.scope for part in parts} == {"internal"}


@pytest.mark.parametrize("parties", [1, [1], [[0], [1]], [None, 1], [0, [1]], [[0, 1]]])
def test_parties_are_read_in_all_their_forms(parties: Any) -> None:
    assert only(document(parties=parties)).described.parts[0].call.agent_id == "1001"


def moved(*events: tuple[int, str, int]) -> dict[str, Any]:
    history = [
        {"party": party, "event": event, "time": f"2026-11-03T08:{seconds // 60:02}:{seconds % 60:02}Z"}
        for party, event, seconds in events
    ]
    return document(CALLER, ANNA, BOB, party_history=history)


def test_a_transferred_call_is_each_ones_own_time() -> None:
    events = (0, "join", 0), (1, "join", 0), (1, "hold", 40), (1, "drop", 60), (2, "join", 65)
    first, second = only(moved(*events)).described.parts
    assert (first.call.agent_id, first.begins, first.ends, first.unplaced) == ("1001", None, 60, None)
    assert (second.call.agent_id, second.begins, second.ends, second.unplaced) == ("1002", 65, None, None)


def test_a_transfer_that_nobody_described_is_not_guessed() -> None:
    (part,) = only(moved()).described.parts
    assert (part.call.agent_id, part.unplaced) == (NOBODY, "transfer_unclear")


def test_several_recordings_are_several_calls() -> None:
    values = document(CALLER, ANNA, BOB, parties=[0, 1])
    values["dialog"] += [{"type": "transfer", "transferor": 1}, {**values["dialog"][0], "parties": [0, 2]}]
    found = read(values)
    assert [one.described.parts[0].call.agent_id for one in found] == ["1001", "1002"]
    assert [one.described.parts[0].call.call_id for one in found] == ["0190-u/dialog/0", "0190-u/dialog/2"]


# Signed


def certificate(
    key: Any, *, name: str = "recorder", issuer: Any = None, days: int = 30, ca: bool = False
) -> x509.Certificate:
    """A certificate, by itself or by an issuer (certificate, key), valid from a day ago."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer[1] if issuer else key
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


RSA, EC, OTHER = (
    rsa.generate_private_key(65537, 2048),
    *(ec.generate_private_key(ec.SECP256R1()) for _ in "ab"),
)


def sign(
    values: Any, key: Any, *chain: x509.Certificate, flat: bool = False, **header: Any
) -> dict[str, Any]:
    """A JWS in JSON, the chain in the unprotected header, as the drafts have it."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    protected = b64(json.dumps({"alg": algorithm} | header).encode())
    payload = b64(json.dumps(values).encode())
    message = f"{protected}.{payload}".encode()
    if algorithm == "RS256":
        value = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        value = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    shown = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]
    one = {"protected": protected, "header": {"x5c": shown} if shown else {}, "signature": b64(value)}
    return {"payload": payload, **one} if flat else {"payload": payload, "signatures": [one]}


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
def test_a_signature_by_a_trusted_certificate_holds(key: Any, flat: bool) -> None:
    own = certificate(key)
    for values in (sign(document(), key, own, flat=flat), sign(document(), key, flat=flat)):
        (one,) = read(values, Vcons(accept_unsigned=False), (own,))
        assert sound(one) == SOUND


def test_a_signer_may_be_vouched_for() -> None:
    root = certificate(RSA, name="root", ca=True)
    middle = certificate(OTHER, name="middle", issuer=(root, RSA), ca=True)
    leaf = certificate(EC, issuer=(middle, OTHER))
    assert read(sign(document(), EC, leaf, middle), HOW, (root,))
    for chain in ((leaf,), (leaf, certificate(OTHER, name="middle")), (middle, leaf)):
        with pytest.raises(MetadataInvalid):
            read(sign(document(), EC, *chain), HOW, (root,))


def test_who_is_no_authority_vouches_for_nobody() -> None:
    root = certificate(RSA, name="root")
    with pytest.raises(MetadataInvalid):
        read(sign(document(), EC, certificate(EC, issuer=(root, RSA))), HOW, (root,))


def forged() -> Iterator[tuple[dict[str, Any], x509.Certificate]]:
    own = certificate(EC)
    good = sign(document(), EC, own)
    yield sign(document(), OTHER, own), own
    yield sign(document(), OTHER, certificate(OTHER)), own
    yield {**good, "payload": b64(json.dumps(document(ANNA, CALLER)).encode())}, own
    yield good, certificate(EC, days=-1)
    yield sign(document(), EC, own, alg="none"), own
    yield sign(document(), EC, own, alg="HS256"), own
    yield sign(document(), EC, own, crit=["x"]), own
    yield {**good, "signatures": []}, own
    yield {**good, "signatures": 7}, own
    yield {**good, "signatures": [None, {"signature": 7}]}, own
    yield {"payload": 7, "signature": "x"}, own


@pytest.mark.parametrize(("values", "trusted"), list(forged()))
def test_what_is_not_signed_by_whom_we_trust_is_refused(values: Any, trusted: x509.Certificate) -> None:
    with pytest.raises(MetadataInvalid) as told:
        read(values, HOW, (trusted,))
    assert told.value.code == "vcon_unsigned"


def test_unsigned_ones_can_be_refused() -> None:
    with pytest.raises(MetadataInvalid) as told:
        read(document(), Vcons(accept_unsigned=False))
    assert told.value.code == "vcon_unsigned"


# Anything at all


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"uuid": "x"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff",
        b'{"uuid": 7, "dialog": []}',
    ],
    ids=lambda data: ascii(data[:12]),
)
def test_what_is_no_vcon_is_refused(data: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        vcon.read(data, HOW, (), NOW)


def test_what_is_too_large_is_not_even_read() -> None:
    with pytest.raises(MetadataInvalid, match="larger"):
        vcon.read(b" " * (1024 * 1024 + 1), Vcons(max_mb=1), (), NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.text(max_size=8) | st.just(START),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["party", "time", "event"]), inner)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [*document()["dialog"][0], "originator", "party_history", "url", "content_hash", "campaign"]
)


@settings(max_examples=400)
@given(
    st.dictionaries(KEYS, JSON, max_size=4),
    st.dictionaries(st.sampled_from(["uuid", "parties", "dialog"]), JSON),
)
def test_any_json_is_read_or_refused(dialog: dict[str, Any], outer: dict[str, Any]) -> None:
    values = document()
    values["dialog"][0] |= dialog
    try:
        for one in read(values | outer):
            b"".join(one.content.pieces(None, ()))
    except MetadataInvalid:
        return


@settings(max_examples=200)
@given(st.integers(0, 400), st.integers(0, 20), st.binary(max_size=6))
def test_a_changed_document_is_read_or_refused(place: int, dropped: int, put: bytes) -> None:
    data = json.dumps(document(body=b64(SOUND[:50]))).encode()
    try:
        found = vcon.read(data[:place] + put + data[place + dropped :], HOW, (), NOW)
    except MetadataInvalid:
        return
    assert found


@pytest.mark.parametrize("key", ["mediatype", "mimetype"])
@pytest.mark.parametrize(
    ("said", "declared"),
    [("audio/PCMA; rate=8000", "alaw"), ("audio/pcmu", "ulaw"), ("audio/G722", "g722"), ("audio/ogg", None)],
)
def test_the_media_type_says_what_samples_without_a_head_are(
    key: str, said: str, declared: str | None
) -> None:
    (part,) = only(document(**({"mediatype": None} | {key: said}))).described.parts
    assert part.call.sound_format == declared
