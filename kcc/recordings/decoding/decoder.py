"""Measuring and decoding a coded sound, in words of kcc: which demuxer, what counts as too much, what a "no"
means; the process behind it is process's.
"""

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from kcc.errors import N_, Unavailable
from kcc.recordings import unknown_sound
from kcc.recordings.decoding import spare
from kcc.recordings.decoding.process import ChildFault, Limits, Read, run
from kcc.recordings.decoding.proof import Proof, proof
from kcc.recordings.sound import LONGEST_SECONDS, Encoding, Sound
from kcc.recordings.unknown_sound import UnknownSound
from kcc.sections import Decoding

DEMUXERS = {
    Encoding.WAVE: "wav",
    Encoding.GSM: "gsm",
    Encoding.G722: "g722",
    Encoding.MP3: "mp3",
    Encoding.OGG: "ogg",
    Encoding.MATROSKA: "matroska",
    Encoding.FLAC: "flac",
    Encoding.MP4: "mov",
    Encoding.AMR: "amr",
}
"""The one demuxer of each form that was recognised by its bytes; FFmpeg never guesses."""

_FAULTS = {
    "malformed": unknown_sound.malformed(N_("The sound in this file cannot be decoded.")),
    "no_sound": unknown_sound.empty(),
    "truncated": unknown_sound.truncated(),
    "unsupported": unknown_sound.unsupported(
        N_("kcc takes 1 or 2 channels of 8000 to 48000 samples a second; this sound has others.")
    ),
    "too_long": unknown_sound.too_long(),
    "too_large": unknown_sound.costly(),
    "killed": unknown_sound.costly(),
    "protocol": unknown_sound.costly(),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the child says of the sound before it decodes it: what its PCM16 will be like."""

    rate: int
    channels: int


def require(settings: Decoding) -> Proof:
    """The proof that the child is confined; UnknownSound `decoding_off` without it."""
    found = proof(settings)
    if not found.on:
        raise unknown_sound.decoding_off()
    return found


def measure(settings: Decoding, encoding: Encoding, read: Read, size: int) -> Sound:
    """Decode the whole file once and give its sound as it will be played; UnknownSound if it is none."""
    frames, shape = 0, None
    for kind, body in _run(settings, encoding, read, size, give=False):
        if kind == b"C":
            shape = _shape(body)
        elif kind == b"E":
            frames = _number(_loaded(body), "frames")
    if shape is None or not frames:
        raise unknown_sound.empty()
    if frames > LONGEST_SECONDS * shape.rate:
        raise unknown_sound.too_long()
    return Sound(encoding, shape.rate, shape.channels, 0, frames * 2 * shape.channels)


def pcm(settings: Decoding, sound: Sound, read: Read, size: int) -> Generator[bytes, None, None]:
    """The PCM16 of a measured sound as it is decoded: as many bytes as were measured, not one more or less.

    What is missing at the end (of another version of the decoder) is silence.
    """
    left = sound.data_bytes
    for kind, body in _run(settings, sound.encoding, read, size, give=True):
        if kind == b"C" and _shape(body) != Shape(sound.rate, sound.channels):
            raise unknown_sound.contradiction()
        if kind == b"P" and left:
            yield body[:left]
            left -= min(left, len(body))
    while left:
        yield bytes(min(left, 65_536))
        left -= min(left, 65_536)


def _run(
    settings: Decoding, encoding: Encoding, read: Read, size: int, *, give: bool
) -> Iterator[tuple[bytes, bytes]]:
    confined = require(settings)
    limits = Limits(settings.memory_mb, settings.cpu_seconds)
    task = {"format": DEMUXERS[encoding], "seconds": LONGEST_SECONDS, "give": give}
    try:
        yield from run(task, spare.child(limits, confined.wrapper), read, size)
    except ChildFault as fault:
        raise _told(fault) from fault
    except OSError as fault:  # no process, no memory, no descriptor left: of the machine, not of the sound
        raise Unavailable(N_("This sound cannot be decoded now.")) from fault
    finally:
        spare.replace(limits, confined.wrapper)  # not before: making it would take time from this one


def _told(fault: ChildFault) -> UnknownSound:
    known = _FAULTS.get(fault.code, _FAULTS["protocol"])
    return UnknownSound(known.code, known.message, **known.params)


def _shape(body: bytes) -> Shape:
    said = _loaded(body)
    shape = Shape(_number(said, "rate"), _number(said, "channels"))
    if not 8_000 <= shape.rate <= 48_000 or not 1 <= shape.channels <= 2:
        raise unknown_sound.contradiction()
    return shape


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise _told(ChildFault("protocol")) from None


def _number(said: Any, name: str) -> int:
    value = said.get(name) if isinstance(said, dict) else None
    if not isinstance(value, int) or value < 0:
        raise _told(ChildFault("protocol"))
    return value
