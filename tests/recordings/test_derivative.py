"""A coded call through the house: taken in, decoded on first listening, played by ranges, erased whole."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import numpy as np
import pytest

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.errors import KccError
from kcc.recordings import derivative, queries
from kcc.recordings.decoding import decoder, proof
from kcc.recordings.derivative import Makers, Pieces, StillMaking, names, recording_of
from kcc.recordings.erasure import erase_due
from kcc.recordings.playback import Player
from kcc.recordings.reconcile import Strays, clear_strays, missing
from kcc.recordings.rendition import HEADER_BYTES
from kcc.recordings.sounding import sound_of
from kcc.recordings.unknown_sound import UnknownSound
from kcc.stores import Stores
from tests.centre import Centre
from tests.coded import MADE, encoded
from tests.conftest import Client
from tests.recordings import traces
from tests.recordings.test_playback import opened
from tests.waiting import wait_for


@pytest.fixture
def player(stores: Stores) -> Player:
    """A process that plays."""
    return Player(stores, {Action.RECORDING_PLAY: queries.facts})


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a second, so that a short call has several."""
    monkeypatch.setattr(derivative, "PIECE_SECONDS", 1)


def settle(makers: Makers) -> None:
    """Wait until nothing is being decoded."""
    until = time.monotonic() + 20
    while makers._running and time.monotonic() < until:
        time.sleep(0.02)
    assert not makers._running


def crumbs(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, a tenth of a second at a time."""
    for part in parts:
        for start in range(0, len(part), 1600):
            yield part[start : start + 1600]


def patient(read: Callable[[int, int], bytes], start: int, length: int) -> bytes:
    """Read as a player does: ask again while it is being made."""
    until = time.monotonic() + 20
    while True:
        try:
            return read(start, length)
        except StillMaking:
            assert time.monotonic() < until


@pytest.mark.parametrize("name", ["mp3-stereo", "opus", "m4a", "wav-gsm", "amr"])
def test_a_coded_call_is_taken_in_and_played(centre: Centre, player: Player, name: str) -> None:
    make, form, rate = MADE[name]
    assert centre.call(content=make(3.0)).code == "stored"
    row = traces.recording(centre.stores)
    assert (row.encoding, row.rate) == (form, rate)
    assert abs(row.duration_ms - 3000) < 150
    lease = opened(centre)
    found = player.sounding(lease.id, lease.session_id)
    whole = patient(found.rendition.read, 0, found.rendition.size)
    assert len(whole) == found.rendition.size == HEADER_BYTES + (row.data_bytes or 0)
    settle(player._makers)
    middle = len(whole) // 2
    assert found.rendition.read(middle, 1000) == whole[middle : middle + 1000]
    peaks = found.peaks()
    assert peaks["made"] == 1.0
    assert len(peaks["peaks"]) == row.channels
    assert max(peaks["peaks"][0]) > 20


@pytest.mark.usefixtures("small")
def test_what_is_played_is_what_was_said(centre: Centre, player: Player) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 5.0, 2))
    lease = opened(centre)
    found = player.sounding(lease.id, lease.session_id)
    pcm = np.frombuffer(patient(found.rendition.read, HEADER_BYTES, 10**7), "<i2").reshape(-1, 2)
    assert len(pcm) == 40_000
    for channel, hertz in enumerate((440, 880)):
        spectrum = np.abs(np.fft.rfft(pcm[:, channel].astype(float)))
        assert abs(int(spectrum.argmax()) / 5 - hertz) < 1


def test_bare_alaw_and_g722_are_taken_in_when_declared(centre: Centre) -> None:
    centre.call(content=bytes(range(256)) * 100, sound_format="alaw", start=clock.now() - timedelta(hours=3))
    centre.call(content=encoded("g722", "g722", 16000, 2.0), sound_format="g722")
    first, second = traces.recordings(centre.stores)
    assert (first.encoding, first.duration_ms) == ("alaw", 3200)
    assert (second.encoding, second.rate) == ("g722", 16000)


@pytest.mark.parametrize(
    "content",
    [b"fLaC" + bytes(500), b"OggS" + bytes(500), b"\0\0\0\x18ftypisom" + bytes(500), b"ID3\x04" + bytes(500)],
)
def test_what_cannot_be_decoded_leaves_nothing(centre: Centre, stores: Stores, content: bytes) -> None:
    with pytest.raises(UnknownSound):
        centre.call(content=content)
    assert traces.amounts(stores) == (0, 0, 0)


def test_with_decoding_off_coded_calls_stay_with_their_recorder(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = proof.Proof(on=False, reason="tried")
    monkeypatch.setitem(proof._known, stores.settings.decoding, off)
    with pytest.raises(UnknownSound) as refused:
        centre.call(content=MADE["mp3"][0](1.0))
    assert refused.value.code == "decoding_off"
    assert centre.call().code == "stored"
    assert traces.amounts(stores) == (1, 1, 1)


@pytest.mark.rule("PUR-3")
def test_a_call_that_nobody_may_hear_is_never_decoded(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "measure", None)
    centre.call(content=MADE["mp3"][0](1.0), scope="internal")
    assert traces.amounts(stores) == (1, 0, 0)


@pytest.mark.rule("RET-8")
@pytest.mark.usefixtures("small")
def test_the_pieces_are_sealed_and_go_with_the_recording(
    centre: Centre, stores: Stores, now: Frozen, player: Player
) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 4.5))
    row = traces.recording(stores)
    lease = opened(centre)
    found = player.sounding(lease.id, lease.session_id)
    pcm = patient(found.rendition.read, HEADER_BYTES, 10**7)
    settle(player._makers)
    assert traces.amounts(stores) == (1, 1, 1 + 5)
    raw = b"".join(path.read_bytes() for path in traces.files(stores))
    assert pcm[2000:2040] not in raw
    now.set(row.due_at)
    assert erase_due(stores, system("erase")).erased == 1
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.rule("RET-8")
@pytest.mark.usefixtures("small")
def test_a_recording_erased_while_it_is_decoded_leaves_no_piece(
    centre: Centre, stores: Stores, now: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 4.0))
    row = traces.recording(stores)
    key, real = stores.keys.get(row.id), decoder.pcm
    now.set(row.due_at)

    def erased_midway(*given: object) -> Iterator[bytes]:
        for number, part in enumerate(crumbs(real(*given))):  # type: ignore[arg-type]
            yield part
            if number == 10:
                erase_due(stores, system("erase"))

    monkeypatch.setattr(decoder, "pcm", erased_midway)
    makers = Makers(stores)
    makers.ensure(row.id, sound_of(row), key)
    settle(makers)
    assert traces.amounts(stores) == (0, 0, 0)


@pytest.mark.usefixtures("small")
def test_pieces_without_their_recording_are_strays_and_others_are_not(
    centre: Centre, stores: Stores, player: Player
) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 3.0))
    row = traces.recording(stores)
    lease = opened(centre)
    player.sounding(lease.id, lease.session_id)
    settle(player._makers)
    stray = names("5" * 32, sound_of(row))[1]
    with stores.blobs.writer(stray) as blob:
        blob.write(b"noise")
        blob.commit()
    assert recording_of(stray) == "5" * 32
    assert recording_of(row.id) == row.id
    assert clear_strays(stores, timedelta(days=-3650)) == Strays(0, 1, 0)
    assert traces.amounts(stores) == (1, 1, 1 + 3)
    assert list(missing(stores)) == []


@pytest.mark.usefixtures("small")
def test_what_is_made_plays_while_the_rest_is_being_made(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 4.0))
    row = traces.recording(stores)
    real = decoder.pcm

    def slow(*given: object) -> Iterator[bytes]:
        sent = 0
        for part in crumbs(real(*given)):  # type: ignore[arg-type]
            sent += len(part)
            if sent > 2.5 * 16_000:
                time.sleep(3)
                sent = 0
            yield part

    monkeypatch.setattr(decoder, "pcm", slow)
    makers = Makers(stores)
    pieces = Pieces(stores, makers, row.id, sound_of(row), stores.keys.get(row.id))
    assert len(pieces.read(0, 16_000)) == 16_000
    with pytest.raises(StillMaking) as told:
        pieces.read(3 * 16_000, 100)
    assert "50" in str(told.value)
    assert pieces.made() == 2 * 16_000
    assert len(patient(pieces.read, 3 * 16_000, 16_000)) == 16_000
    settle(makers)


@pytest.mark.usefixtures("small")
def test_two_processes_that_make_the_same_pieces_do_no_harm(centre: Centre, stores: Stores) -> None:
    centre.call(content=encoded("flac", "flac", 8000, 4.0))
    row = traces.recording(stores)
    key, sound, both = stores.keys.get(row.id), sound_of(row), [Makers(stores), Makers(stores)]
    for makers in both:
        makers.ensure(row.id, sound, key)
    for makers in both:
        settle(makers)
    assert traces.amounts(stores) == (1, 1, 1 + 4)
    assert len(Pieces(stores, both[0], row.id, sound, key).read(0, 10**7)) == sound.data_bytes


def test_a_decoder_that_fails_later_is_a_clear_error(
    centre: Centre, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.call(content=MADE["mp3"][0](1.0))
    row = traces.recording(stores)
    monkeypatch.setitem(proof._known, stores.settings.decoding, proof.Proof(on=False, reason="tried"))
    pieces = Pieces(stores, Makers(stores), row.id, sound_of(row), stores.keys.get(row.id))
    with pytest.raises(KccError) as told:
        patient(pieces.read, 0, 100)
    assert told.value.code == "decoding_off"


def test_the_player_gets_ranges_and_peaks_over_http(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    centre.call(content=encoded("webm", "libopus", 48000, 4.0))
    anna, row = browser_as(centre.anna), traces.recording(centre.stores)
    begun = time.monotonic()
    lease = anna.post(f"/calls/{row.id}/listen", headers={"Accept": "application/json"})
    addresses = anna.get(lease.headers["Location"]).json
    assert addresses is not None
    sound = anna.get(addresses["sound_url"], headers={"Range": "bytes=44-96043"})
    took = time.monotonic() - begun
    assert (sound.status_code, len(sound.data)) == (206, 96_000)
    assert took < 30  # the target of 0.3 s is measured in benchmarks, on a machine of its own
    wait_for(lambda: (anna.get(addresses["waveform_url"]).json or {})["made"] == 1.0)
    assert anna.get(addresses["sound_url"]).data[:4] == b"RIFF"
