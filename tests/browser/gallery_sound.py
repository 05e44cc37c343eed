"""The gallery's stand-in for a recording's routes: opening, ranges of sound, the lease, what is shown of the
sound, closing.
"""

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

import numpy as np
from flask import Blueprint, Response, current_app, jsonify, request

from kcc.recordings import conversation
from kcc.recordings.sound import Encoding, Sound

RATE = 8000
SECONDS = 600
PEAKS = 1200
PIECE = 262_144
sound = Blueprint("sound", __name__)


@dataclass
class Lease:
    """What the tests switch and count: a `reason` ends the lease, `broken` makes the server answer 503,
    `mute` only where sound is asked for."""

    number: int = 0
    reason: str | None = None
    broken: bool = False
    mute: bool = False
    made: float = 1.0
    """How much of the sound has been decoded; what lies beyond is answered with "still being made"."""
    asked: list[str] = field(default_factory=list)
    highest_byte: int = 0
    closed: int = 0


def lease() -> Lease:
    """The one lease of this gallery app."""
    state: Lease = current_app.extensions.setdefault("gallery-lease", Lease())
    return state


@cache
def samples(channels: int) -> np.ndarray:
    """Ten minutes in which two tones, one per channel, take turns every three seconds and swell slowly."""
    at = np.arange(RATE * SECONDS) / RATE
    turn = (at // 3) % 2
    swell = 0.2 + 0.8 * np.abs(np.sin(at / 5))
    sides = [
        np.sin(2 * np.pi * (440 if side == 0 else 310) * at) * swell * (turn == side) for side in range(2)
    ]
    mixed = np.stack(sides if channels == 2 else [sides[0] + sides[1]], axis=1)
    return (mixed * 12000).astype("<i2")


@cache
def wav(channels: int) -> bytes:
    """The call as WAV: a 44-byte header, then PCM16."""
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples(channels).tobytes())
    return target.getvalue()


def refusal() -> Response | None:
    """503 while broken, 403 with a sentence once the lease has ended, else None."""
    if lease().broken:
        return Response(status=503)
    if lease().reason is None:
        return None
    answer = jsonify(title="Refused", status=403, detail=lease().reason)
    answer.status_code = 403
    answer.mimetype = "application/problem+json"
    return answer


@sound.post("/sound/<int:channels>/open")
def opened(channels: int) -> tuple[Response, int] | Response:
    """Give the lease."""
    return refusal() or (
        jsonify(
            sound_url=f"/sound/{channels}/call.wav",
            state_url="/sound/state",
            waveform_url=f"/sound/{channels}/waveform",
            conversation_url=f"/sound/{channels}/conversation",
            progress_url="/sound/progress",
            close_url=f"/sound/close/{lease().number}",
            duration_ms=SECONDS * 1000,
            channels=channels,
            rate=RATE,
            bytes=len(wav(channels)),
            employee_channel=0 if channels == 2 else None,
            made=lease().made,
        ),
        201,
    )


@sound.get("/sound/<int:channels>/call.wav")
def ranged(channels: int) -> Response:
    """The asked bytes, as a playback route gives them."""
    refused = refusal()
    if refused:
        return refused
    if lease().mute:
        return Response(status=503)
    whole = wav(channels)
    wanted = request.range
    start, stop = (wanted and wanted.range_for_length(len(whole))) or (0, len(whole))
    there = int(lease().made * len(whole))
    if start >= there or (stop > there and stop - start <= PIECE):
        answer = jsonify(code="sound_making", status=503, detail="Het geluid wordt klaargezet.")
        answer.status_code = 503
        return answer
    lease().asked.append(str(wanted))
    if stop > there:  # a long answer breaks off where nothing is yet, as the real one does
        body = chain([whole[start:there]], broken_off())
        answer = Response(body, 206, mimetype="audio/wav")
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(whole)}"
        answer.content_length = stop - start
        return answer
    if wanted is None:
        return Response(whole, mimetype="audio/wav", headers={"Accept-Ranges": "bytes"})
    lease().highest_byte = max(lease().highest_byte, stop)
    answer = Response(whole[start:stop], 206, mimetype="audio/wav")
    answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(whole)}"
    return answer


def broken_off() -> Iterator[bytes]:
    """The connection is closed before all that was promised has come."""
    raise EOFError
    yield b""


@sound.get("/sound/progress")
def progress() -> Response:
    """How much there is."""
    return refusal() or jsonify(made=lease().made)


@sound.get("/sound/<int:channels>/conversation")
def talk(channels: int) -> Response:
    """What the real measure makes of these tones."""
    whole = wav(channels)
    heard = Sound(Encoding.PCM16, RATE, channels, 44, len(whole) - 44)
    ready = int(lease().made * heard.frames)
    return refusal() or jsonify(conversation.of(heard, lambda at, size: whole[at : at + size], ready))


@sound.get("/sound/state")
def state() -> Response:
    """204 while the lease stands."""
    return refusal() or Response(status=204)


@sound.get("/sound/<int:channels>/waveform")
def waveform(channels: int) -> Response:
    """Peaks from the sound itself, 0..127."""
    pieces = np.abs(samples(channels).astype(int)).reshape(PEAKS, -1, channels).max(axis=1)
    peaks = (pieces * 127 // 32767).T.tolist()
    return refusal() or jsonify(peaks=peaks, duration_ms=SECONDS * 1000)


@sound.post("/sound/close/<int:number>")
def closed(number: int) -> Response:
    """The listener gave the lease back; a late one from the test before does not count."""
    lease().closed += number == lease().number
    return Response(status=204)
