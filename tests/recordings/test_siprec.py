"""SIPREC metadata as RFC 7865 has it and as recorders write it, hostile XML, and any bytes at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.recorder_settings import Siprec
from kcc.recordings.sources import siprec, small_xml
from kcc.recordings.sources.described import NOBODY, Part
from kcc.recordings.sources.metadata import MetadataInvalid

HOW = Siprec()
ANNA, BOB, CALLER = "sip:1001@centre.example", "sip:1002@centre.example", "sip:+31201234567@trunk.example"


def document(
    *people: tuple[str, str | None, str | None],
    namespace: str = "urn:ietf:params:xml:ns:recording:1",
    began: str | None = "2026-11-03T09:00:00+01:00",
    associations: bool = True,
    session: str = "hVpd7YQgRW2nD22h7q60JQ==",
) -> bytes:
    """A session with these people: address, associate time, disassociate time."""
    start = f"<start-time>{began}</start-time>" if began else ""
    parts = [f'<recording xmlns="{namespace}"><datamode>complete</datamode>']
    parts.append(f'<session session_id="{session}"><sipSessionID>a;remote=b</sipSessionID>{start}</session>')
    for number, (aor, begins, ends) in enumerate(people):
        parts.append(f'<participant participant_id="p{number}"><nameID aor="{aor}"/></participant>')
        times = f"<associate-time>{begins}</associate-time>" if begins else ""
        times += f"<disassociate-time>{ends}</disassociate-time>" if ends else ""
        if associations:
            parts.append(
                f'<participantsessionassoc participant_id="p{number}" session_id="{session}">{times}'
                "</participantsessionassoc>"
            )
    return "".join([*parts, "</recording>"]).encode()


SIMPLE = document((CALLER, None, None), (ANNA, None, None))


def only(data: bytes, how: Siprec = HOW) -> Part:
    (part,) = siprec.describe(data, how).parts
    return part


def test_a_call_of_one_employee() -> None:
    part = only(SIMPLE)
    call = part.call
    assert call.start == datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    assert (call.call_id, call.agent_id, call.line) == ("hVpd7YQgRW2nD22h7q60JQ==", "1001", "main")
    assert (call.direction, call.scope, call.remote_number) == ("incoming", "external", "+31201234567")
    assert part.whole
    assert part.unplaced is None
    assert siprec.describe(SIMPLE, HOW).recorder == "siprec"


@pytest.mark.parametrize(
    "namespace", ["urn:ietf:params:xml:ns:recording:1", "urn:ietf:params:xml:ns:recording", ""]
)
def test_the_namespace_may_lack_its_version(namespace: str) -> None:
    assert only(document((CALLER, None, None), (ANNA, None, None), namespace=namespace)) == only(SIMPLE)


@pytest.mark.parametrize(
    "began", ["2026-11-03T09:00:00+0100", "2026-11-03T08:00:00Z", "2026-11-03 09:00:00.000+01:00"]
)
def test_an_offset_may_lack_its_colon(began: str) -> None:
    assert only(document((CALLER, None, None), (ANNA, None, None), began=began)) == only(SIMPLE)


def test_a_time_without_offset_needs_a_time_zone() -> None:
    naive = document((CALLER, None, None), (ANNA, None, None), began="2026-11-03T09:00:00")
    with pytest.raises(MetadataInvalid):
        only(naive)
    assert only(naive, Siprec(timezone="Europe/Amsterdam")) == only(SIMPLE)
    doubled = naive.replace(b"11-03T09:00", b"10-25T02:30")
    with pytest.raises(MetadataInvalid) as told:
        only(doubled, Siprec(timezone="Europe/Amsterdam"))
    assert told.value.code == "time_ambiguous"


@pytest.mark.parametrize("session", ["20261103-0017", "no base64!", "04FA08|WEB|CHAT"])
def test_an_id_may_be_no_base64(session: str) -> None:
    assert only(document((ANNA, None, None), session=session)).call.call_id == session


def test_associations_may_be_missing() -> None:
    people = (CALLER, None, None), (ANNA, None, None)
    assert only(document(*people, associations=False)) == only(SIMPLE)
    both = document(*people, (BOB, None, None), associations=False)
    assert (only(both).call.agent_id, only(both).unplaced) == (NOBODY, "transfer_unclear")


def test_the_beginning_may_stand_in_an_association_alone() -> None:
    at = "2026-11-03T09:00:00+01:00"
    assert (
        only(document((CALLER, at, None), (ANNA, at, None), began=None)).call.start == only(SIMPLE).call.start
    )
    with pytest.raises(MetadataInvalid, match="when the session began"):
        only(document((CALLER, None, None), (ANNA, None, None), began=None))


def test_a_draft_before_the_rfc() -> None:
    old = b"""<?xml version='1.0' encoding='UTF-8'?><recording xmlns='urn:ietf:params:xml:ns:recording'>
      <dataMode>complete</dataMode>
      <session id="s=="><associate-time>2026-11-03T08:00:00Z</associate-time></session>
      <participant id="a" session="s=="><nameID aor="sip:1001@x"><name>1001</name></nameID><send>q</send>
        <extensiondata xmlns:v="http://vendor.example/x"><v:callingParty>true</v:callingParty></extensiondata>
        <associate-time>2026-11-03T08:00:00Z</associate-time></participant>
      <participant id="b" session="s=="><nameID aor="sip:0301234567@x"/></participant></recording>"""
    call = only(old).call
    assert (call.agent_id, call.direction, call.remote_number) == ("1001", "outgoing", "0301234567")


def test_an_employee_is_known_by_address_or_name() -> None:
    named = SIMPLE.replace(
        b'<nameID aor="' + ANNA.encode() + b'"/>',
        b'<nameID aor="sip:x@y"><name xml:lang="en">agent anna</name></nameID>',
    )
    assert only(named, Siprec(agent_pattern=r"agent (\w+)")).call.agent_id == "anna"
    assert only(named).unplaced == "agent_missing"


def test_a_call_among_employees_is_internal() -> None:
    parts = siprec.describe(
        document((ANNA, "2026-11-03T09:00:00Z", None), (BOB, "2026-11-03T09:00:00Z", None)), HOW
    ).parts
    assert {part.call.scope for part in parts} == {"internal"}


MOVED = document(
    (CALLER, "2026-11-03T08:00:00Z", None),
    (ANNA, "2026-11-03T08:00:00Z", "2026-11-03T08:01:30Z"),
    (BOB, "2026-11-03T08:01:30Z", None),
)


def test_a_transferred_call_is_each_ones_own_time() -> None:
    first, second = siprec.describe(MOVED, HOW).parts
    assert (first.call.agent_id, first.begins, first.ends, first.unplaced) == ("1001", None, 90, None)
    assert (second.call.agent_id, second.begins, second.ends, second.unplaced) == ("1002", 90, None, None)
    assert second.call.start == datetime(2026, 11, 3, 8, 1, 30, tzinfo=UTC)


def test_several_sessions_give_their_times() -> None:
    text = SIMPLE.decode().replace("</recording>", "")
    text = text.replace(
        "</start-time></session>", "</start-time><stop-time>2026-11-03T08:02:00Z</stop-time></session>"
    )
    text += (
        '<session session_id="second"><start-time>2026-11-03T08:02:00Z</start-time></session>'
        '<participant participant_id="p9"><nameID aor="sip:1002@centre.example"/></participant>'
        '<participantsessionassoc participant_id="p9" session_id="second"/></recording>'
    )
    parts = siprec.describe(text.encode(), HOW).parts
    assert [(one.call.agent_id, one.begins, one.ends) for one in parts] == [
        ("1001", None, 120),
        ("1002", 120, None),
    ]
    assert [one.unplaced for one in parts] == [None, None]


BOMB = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><recording>&b;</recording>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<recording/>",
        b"<html><session session_id='x'/></html>",
        b"<recording xmlns='urn:other'/>",
        BOMB,
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><recording/>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://x/">%p;]><recording/>',
        b"<recording>&undefined;</recording>",
        b"<recording>" * 40,
        b"<recording>" + b"<a/>" * 6000 + b"</recording>",
        b"<recording " + b" ".join(b'a%d="x"' % number for number in range(40)) + b"/>",
        SIMPLE + b" " * siprec.FILE_BYTES,
        SIMPLE[:-5],
        SIMPLE.replace(b"p0", b"p1"),
        SIMPLE.replace(b' participant_id="p0"', b""),
        SIMPLE.replace(b"2026-11-03T09", b"2026-11-99T09"),
        b"<?xml version='1.0' encoding='no-such'?><recording/>",
        b"<?xml version='1.0' encoding='rot13'?><recording/>",
        document(*[(CALLER, None, None)] * 65),
    ],
    ids=lambda data: ascii(data[:24]) + str(len(data)),
)
def test_what_is_no_such_document_is_refused(data: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        siprec.describe(data, HOW)


def test_nothing_is_expanded_or_fetched() -> None:
    with pytest.raises(MetadataInvalid, match="document type or entities"):
        small_xml.parse(BOMB, siprec.FILE_BYTES)


@settings(max_examples=400)
@given(
    st.integers(0, len(MOVED)), st.integers(0, 60), st.binary(max_size=12) | st.sampled_from([b"<x>", b"&a;"])
)
def test_a_changed_document_is_described_or_refused(place: int, dropped: int, put: bytes) -> None:
    described(MOVED[:place] + put + MOVED[place + dropped :])


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        siprec.describe(data, HOW)


def described(data: bytes) -> None:
    try:
        found = siprec.describe(data, HOW)
    except MetadataInvalid:
        return
    assert found.parts


def test_samples_without_a_head_are_declared_by_a_setting() -> None:
    assert only(SIMPLE).call.sound_format is None
    assert only(SIMPLE, HOW.model_copy(update={"sound_format": "g722"})).call.sound_format == "g722"
