"""Asterisk's call records: their columns and ways, the doubled hour, and any text at all."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.recorder_settings import Cdr
from kcc.recordings.sources import cdr
from kcc.recordings.sources.described import NOBODY, Described, Part
from kcc.recordings.sources.metadata import MetadataInvalid

ROW = {
    "accountcode": "",
    "src": "0201234567",
    "dst": "600",
    "dcontext": "from-trunk",
    "clid": '"Jansen" <0201234567>',
    "channel": "PJSIP/trunk-0000002b",
    "dstchannel": "PJSIP/1001-0000002c",
    "lastapp": "Queue",
    "lastdata": "subsidies,tT",
    "start": "2026-11-03 09:00:00",
    "answer": "2026-11-03 09:00:12",
    "end": "2026-11-03 09:05:00",
    "duration": "300",
    "billsec": "288",
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
    "uniqueid": "1793692800.17",
    "userfield": "",
}
MAPPED = Cdr(lines={"from-trunk": "main", "from-internal": "main"})


def line(**changed: str) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow((ROW | changed).values())
    return out.getvalue()


def described(*lines: str, name: str = "1793692800.17", how: Cdr = MAPPED) -> Described:
    return cdr.describe(cdr.read(lines, how, frozenset({name})).rows.get(name, []), how)


def only(*lines: str, **more: Any) -> Part:
    (part,) = described(*lines, **more).parts
    return part


def test_an_incoming_call() -> None:
    part = only(line())
    call = part.call
    assert call.start == datetime(2026, 11, 3, 8, 0, 12, tzinfo=UTC)
    assert (call.call_id, call.agent_id, call.line) == ("1793692800.17", "1001", "main")
    assert (call.direction, call.scope, call.remote_number) == ("incoming", "external", "0201234567")
    assert part.whole
    assert described(line()).recorder == "asterisk"


def test_an_outgoing_call_is_its_callers() -> None:
    call = only(line(dcontext="from-internal", src="1002", dst="0301234567", dstchannel="PJSIP/trunk-1")).call
    assert (call.agent_id, call.direction, call.remote_number) == ("1002", "outgoing", "0301234567")


def test_contexts_can_be_internal_or_be_lines() -> None:
    how = Cdr(internal_contexts=("local",))
    call = only(line(dcontext="local"), how=how).call
    assert (call.scope, call.line) == ("internal", "local")


@pytest.mark.parametrize("userfield", ["rec-1.wav", "/var/spool/2026/rec-1.wav", "audio:rec-1.WAV", "rec-1"])
def test_a_sound_may_be_named_in_the_userfield(userfield: str) -> None:
    assert only(line(userfield=userfield), name="rec-1").call.agent_id == "1001"


def test_a_recording_may_begin_with_the_call() -> None:
    how = Cdr(lines=MAPPED.lines, sound_begins="start")
    assert only(line(), how=how).call.start == datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


def test_columns_are_a_setting_and_the_last_may_be_missing() -> None:
    without = ",".join(list(ROW.values())[:-1]).replace('"Jansen" <0201234567>', "Jansen").replace(",tT", "")
    assert only(without).call.agent_id == "1001"
    turned = Cdr(columns=tuple(reversed(MAPPED.columns)), lines=MAPPED.lines)
    out = io.StringIO()
    csv.writer(out).writerow(reversed(ROW.values()))
    assert only(out.getvalue(), how=turned).call.agent_id == "1001"


def test_unanswered_calls_are_counted_and_left_out() -> None:
    unanswered = [line(disposition=word) for word in ("NO ANSWER", "BUSY", "FAILED", "CONGESTION")]
    names = ",".join(ROW)
    found = cdr.read([names, *unanswered, line(), '"broken', "a,b", "", "x" * 20_000], MAPPED, frozenset())
    assert (found.calls, found.unanswered, found.malformed) == (1, 4, 3)
    with pytest.raises(MetadataInvalid, match="no answered call"):
        described(*unanswered)


def test_several_answered_rows_are_a_transferred_call() -> None:
    second = line(dstchannel="PJSIP/1002-1", start="2026-11-03 09:05:00", duration="100", billsec="100")
    first, other = described(second, line()).parts
    assert (first.call.agent_id, first.begins, first.ends) == ("1001", None, 288)
    assert (other.call.agent_id, other.begins, other.ends) == ("1002", 288, 388)
    assert other.call.start - first.call.start == timedelta(seconds=288)


def test_an_answer_by_no_employee_is_nobodys() -> None:
    part = only(line(dstchannel="", lastapp="Playback"))
    assert (part.call.agent_id, part.unplaced) == (NOBODY, "agent_missing")


DOUBLED = {"start": "2026-10-25 02:30:00"}


def test_the_doubled_hour_is_refused_and_not_guessed() -> None:
    with pytest.raises(MetadataInvalid) as told:
        described(line(**DOUBLED, uniqueid="call-7"), name="call-7")
    assert told.value.code == "time_ambiguous"


@pytest.mark.parametrize(("epoch", "hour"), [(1792888200, 0), (1792891800, 1)])
@pytest.mark.parametrize("prefix", ["", "pbx-1-"])
def test_the_doubled_hour_is_told_by_a_uniqueid_that_begins_with_the_time(
    epoch: int, hour: int, prefix: str
) -> None:
    name = f"{prefix}{epoch}.5"
    start = only(line(**DOUBLED, uniqueid=name), name=name).call.start
    assert start == datetime(2026, 10, 25, hour, 30, 12, tzinfo=UTC)


def test_a_uniqueid_of_another_time_tells_nothing() -> None:
    with pytest.raises(MetadataInvalid) as told:
        described(line(**DOUBLED))
    assert told.value.code == "time_ambiguous"


def test_a_call_through_the_end_of_the_doubled_hour_keeps_its_length() -> None:
    name = "1792888200.5"
    before = line(start="2026-10-25 01:59:00", uniqueid=name, duration="7200", billsec="7100")
    second = line(
        start="2026-10-25 02:59:00", uniqueid=name, dstchannel="PJSIP/1002-1", duration="60", billsec="60"
    )
    with pytest.raises(MetadataInvalid):  # its own uniqueid was made an hour earlier
        described(before, second, name=name)
    assert only(before, name=name).call.start == datetime(2026, 10, 25, 0, 0, 40, tzinfo=UTC)


def test_the_skipped_hour_is_refused() -> None:
    with pytest.raises(MetadataInvalid) as told:
        described(line(start="2026-03-29 02:30:00"))
    assert told.value.code == "time_missing"


def test_records_in_utc_have_no_such_hours() -> None:
    how = Cdr(timezone="UTC", lines=MAPPED.lines)
    assert only(line(**DOUBLED), how=how).call.start == datetime(2026, 10, 25, 2, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed",
    [
        {"start": ""},
        {"start": "2026-13-03 09:00:00"},
        {"duration": "-3"},
        {"billsec": "x"},
        {"duration": "١"},
    ],
)
def test_what_a_row_cannot_say_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(MetadataInvalid):
        described(line(**changed))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(list(ROW)), st.text(max_size=30), max_size=4))
def test_any_row_is_described_or_refused_as_invalid(changed: dict[str, str]) -> None:
    row = ROW | changed
    try:
        found = cdr.describe([row], MAPPED)
    except MetadataInvalid:
        return
    assert found.parts


@settings(max_examples=300)
@given(st.lists(st.text(max_size=60), max_size=5), st.integers(0, 400), st.text(max_size=3))
def test_any_text_is_read(lines: list[str], place: int, put: str) -> None:
    good = line()
    found = cdr.read([*lines, good[:place] + put + good[place:]], MAPPED, frozenset({ROW["uniqueid"]}))
    for rows in found.rows.values():
        try:
            assert cdr.describe(rows, MAPPED).parts
        except MetadataInvalid:
            continue


@pytest.mark.parametrize(
    ("suffix", "declared"),
    [(".alaw", "alaw"), (".UL", "ulaw"), (".g722", "g722"), (".wav", None), (".gsm", None), ("", None)],
)
def test_the_suffix_says_what_samples_without_a_head_are(suffix: str, declared: str | None) -> None:
    rows = cdr.read([line()], MAPPED, frozenset({"1793692800.17"})).rows["1793692800.17"]
    (part,) = cdr.describe(rows, MAPPED, suffix).parts
    assert part.call.sound_format == declared
