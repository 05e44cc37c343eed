"""What recorders write about a call: taken when it says what it must, else refused in plain words."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.errors import Invalid
from kcc.recordings.sources.metadata import CallMetadata, MetadataInvalid
from kcc.recordings.sources.sidecar import FILE_BYTES, HEADER_BYTES, from_header, parse, path_for

CALL: dict[str, Any] = {
    "recorder": "exchange-1",
    "call_id": "2026/11/03/1762175100.42",
    "start": "2026-11-03T14:05:00+01:00",
    "agent_id": "4711",
    "direction": "incoming",
    "scope": "external",
    "line": "subsidies",
    "remote_number": "+31201234567",
    "nature": "business",
    "employee_channel": 1,
}
REQUIRED = ["call_id", "start", "agent_id", "direction", "scope", "line"]


def written(**changed: Any) -> bytes:
    return json.dumps(CALL | changed).encode()


def without(*keys: str) -> bytes:
    return json.dumps({key: value for key, value in CALL.items() if key not in keys}).encode()


def faults(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(MetadataInvalid) as refusal:
        parse(data)
    assert refusal.value.code == "metadata_invalid"
    assert refusal.value.field == refusal.value.faults[0].field
    assert str(refusal.value) == str(refusal.value.faults[0])
    return [(fault.field, fault.code) for fault in refusal.value.faults]


def test_a_full_sidecar_is_read_with_its_start_in_utc() -> None:
    call = parse(written())
    assert call.start == datetime(2026, 11, 3, 13, 5, tzinfo=UTC)
    assert call.start.utcoffset() == timedelta(0)
    assert call.model_dump(exclude={"start"}) == {key: CALL[key] for key in CALL if key != "start"} | {
        "sound_format": None
    }


def test_what_may_be_left_out_has_its_default() -> None:
    call = parse(without("recorder", "remote_number", "nature", "employee_channel"))
    assert (call.recorder, call.remote_number, call.nature, call.employee_channel) == (
        None,
        None,
        "unknown",
        None,
    )


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert parse(b"\xef\xbb\xbf" + written()) == parse(written())


@pytest.mark.parametrize("number", ["", None])
def test_a_withheld_number_is_no_number(number: str | None) -> None:
    assert parse(written(remote_number=number)).remote_number is None


@pytest.mark.parametrize(
    "number", ["112", "anonymous", "sip:klant@example.org;transport=tls", "+" + "9" * 20]
)
def test_numbers_are_taken_as_exchanges_write_them(number: str) -> None:
    assert parse(written(remote_number=number)).remote_number == number


def test_the_other_partys_number_shows_in_no_repr() -> None:
    assert "31201234567" not in repr(parse(written()))


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_key_is_named(key: str) -> None:
    assert faults(without(key)) == [(key, "metadata_missing")]


def test_several_faults_are_told_at_once_each_with_its_key() -> None:
    data = json.dumps({"start": "yesterday", "direction": "up", "colour": "red"}).encode()
    assert faults(data) == [
        ("call_id", "metadata_missing"),
        ("start", "metadata_wrong"),
        ("agent_id", "metadata_missing"),
        ("direction", "metadata_wrong"),
        ("scope", "metadata_missing"),
        ("line", "metadata_missing"),
        ("colour", "metadata_unknown"),
    ]


WRONG: list[tuple[str, Any]] = [
    ("start", "2026-11-03T14:05:00"),
    ("start", "2026-11-03"),
    ("start", "2026-11-03 14:05:00+01:00"),
    ("start", "2026-11-03T14:05+01:00"),
    ("start", "2026-11-31T14:05:00Z"),
    ("start", "2026-11-03T14:05:00+25:00"),
    ("start", "2026-11-03T14:05:00Z\n"),
    ("start", "0001-01-01T00:00:00+01:00"),
    ("start", "٢٠٢٦-11-03T14:05:00Z"),
    ("start", 1_762_175_100),
    ("start", None),
    ("call_id", ""),
    ("call_id", "   "),
    ("call_id", "a\0b"),
    ("call_id", "a\nb"),
    ("call_id", "a\x7fb"),
    ("call_id", "a\u202eb"),
    ("call_id", "a\ud800b"),
    ("call_id", "x" * 201),
    ("call_id", "x" * 5000),
    ("call_id", 42),
    ("call_id", ["a"]),
    ("agent_id", "x" * 65),
    ("agent_id", 4711),
    ("agent_id", "47\t11"),
    ("agent_id", None),
    ("direction", "Incoming"),
    ("direction", True),
    ("scope", "local"),
    ("scope", {}),
    ("line", ""),
    ("line", "sub sidies"),
    ("line", "../secret"),
    ("line", "x" * 65),
    ("recorder", "a/b"),
    ("recorder", 1),
    ("remote_number", "9" * 65),
    ("remote_number", "31\0"),
    ("remote_number", 31_201_234_567),
    ("nature", "secret"),
    ("nature", None),
    ("employee_channel", 2),
    ("employee_channel", -1),
    ("employee_channel", "1"),
    ("employee_channel", True),
    ("employee_channel", 1.0),
    ("employee_channel", 1e999),
]


@pytest.mark.parametrize(("key", "value"), WRONG, ids=lambda value: ascii(value)[:30])
def test_a_wrong_value_is_refused_by_its_keys_name(key: str, value: Any) -> None:
    assert faults(json.dumps(CALL | {key: value}).replace("Infinity", "1e999").encode()) == [
        (key, "metadata_wrong")
    ]


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        ("2026-11-03T13:05:00Z", datetime(2026, 11, 3, 13, 5, tzinfo=UTC)),
        ("2026-11-03t13:05:00z", datetime(2026, 11, 3, 13, 5, tzinfo=UTC)),
        ("2026-11-03T13:05:00.123456789Z", datetime(2026, 11, 3, 13, 5, 0, 123456, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_offset_decides_the_instant(start: str, instant: datetime) -> None:
    assert parse(written(start=start)).start == instant


def test_refusals_speak_plainly_and_repeat_nothing_personal() -> None:
    with pytest.raises(MetadataInvalid) as refusal:
        parse(written(start="2026-11-03T14:05:00", remote_number="+31201234567" * 9))
    told = [str(fault) for fault in refusal.value.faults]
    assert "2026-11-03T14:05:00+01:00" in told[0]
    assert all(sentence.endswith(".") and "pydantic" not in sentence for sentence in told)
    assert "31201234567" not in " ".join(told)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize("key", ["x" * 5000, "\ud800", "a\nb\0", "%(x)s", "start "], ids=ascii)
def test_an_unknown_key_is_refused_and_shown_short_and_harmless(key: str) -> None:
    with pytest.raises(MetadataInvalid) as refusal:
        parse(written(**{key: 1}))
    fault = refusal.value.faults[0]
    assert fault.code == "metadata_unknown"
    assert len(fault.field) <= 40
    assert fault.field.isascii()
    assert fault.field.isprintable()


def test_ten_thousand_unknown_keys_give_a_short_answer() -> None:
    data = json.dumps({f"k{number}": 0 for number in range(5000)}).encode()
    assert len(faults(data)) == 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"{",
        written()[:-1],
        written() + b"x",
        b"null",
        b"[]",
        b'"call"',
        b"42",
        b"NaN",
        b"<html></html>",
        "é".encode("latin-1"),
        written().decode().encode("utf-16"),
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a": %s}' % (b"9" * 5000),
        written().replace(b'"employee_channel": 1', b'"employee_channel": NaN'),
        written().replace(b'"employee_channel": 1', b'"employee_channel": -Infinity'),
        written()[:-1] + b', "line": "subsidies"}',
        written()[:-1] + b', "x": {"y": 1, "y": 1}}',
        written(x="x" * FILE_BYTES),
    ],
    ids=lambda data: ascii(data[:12]) + str(len(data)),
)
def test_what_is_no_single_json_object_is_unreadable(data: bytes) -> None:
    assert faults(data) == [("metadata", "metadata_unreadable")]


def test_a_doubled_key_is_named() -> None:
    with pytest.raises(Invalid, match="line stands there twice"):
        parse(written()[:-1] + b', "line": "permits"}')


def test_a_header_is_read_like_a_file() -> None:
    name = {"agent_id": "José"}
    assert from_header(json.dumps(CALL | name)) == parse(json.dumps(CALL | name, ensure_ascii=False).encode())


def test_a_header_with_other_letters_says_how_to_escape_them() -> None:
    with pytest.raises(MetadataInvalid, match=r"\\u00e9"):
        from_header(json.dumps(CALL | {"agent_id": "José"}, ensure_ascii=False))


def test_a_header_has_its_own_limit() -> None:
    padding = " " * (HEADER_BYTES - len(written()))
    assert from_header(written().decode() + padding) == parse(written())
    with pytest.raises(MetadataInvalid, match="8 KiB"):
        from_header(written().decode() + padding + " ")


def test_a_sidecar_lies_beside_its_sound() -> None:
    assert path_for(Path("/in/2026/call.wav")) == Path("/in/2026/call.json")
    assert path_for(Path("a.b.WAV")) == Path("a.b.json")


def test_metadata_can_be_made_from_an_aware_instant_and_cannot_be_changed() -> None:
    start = datetime(2026, 11, 3, 14, 5, tzinfo=timezone(timedelta(hours=1)))
    call = CallMetadata.of(CALL | {"start": start})
    assert call == parse(written())
    with pytest.raises(ValueError, match="frozen"):
        call.line = "other"  # type: ignore[misc]
    with pytest.raises(MetadataInvalid):
        CallMetadata.of(CALL | {"start": start.replace(tzinfo=None)})


TEXT = st.text("a1é/\0\n\ud800", max_size=8) | st.sampled_from(["incoming", "external", "private"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*CALL, "other"]), JSON, max_size=4))
def test_any_json_is_read_or_refused_as_invalid(changed: dict[str, Any]) -> None:
    told: tuple[Invalid, ...] = ()
    try:
        assert parse(written(**changed)).model_dump_json()
    except MetadataInvalid as refusal:
        told = refusal.faults
    assert {fault.field for fault in told} <= {*changed, "metadata"}


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_invalid(data: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        parse(data)
