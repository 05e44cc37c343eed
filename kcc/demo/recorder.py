"""A call written as a telephone recorder does: an 8 kHz sound file and a JSON sidecar; it plans nothing."""

import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kcc.clock import LOCAL
from kcc.demo import assembly, coding, companding
from kcc.demo.resampling import RATE
from kcc.demo.speech import Bank

if TYPE_CHECKING:
    from kcc.demo.calls import PlannedCall

NAME = "demo-recorder"
FORMATS = {"pcm16": (1, 16), "alaw": (6, 8), "ulaw": (7, 8)}
"""WAV format tag and bits a sample, by encoding."""


def write(call: "PlannedCall", bank: Bank, folder: Path) -> Path:
    """Write the sound and then `<call id>.json` beside it in `folder`; the path of the sound file.

    It is `<call id>.wav`, or ends in the name of its coding.
    """
    samples = _samples(call, bank)
    if call.encoding in coding.CODECS:
        sound = folder / f"{call.call_id}.{call.encoding}"
        sound.write_bytes(coding.encode(call.encoding, samples, call.channels))
    else:
        sound = folder / f"{call.call_id}.wav"
        sound.write_bytes(_wave(call, samples))
    sound.with_suffix(".json").write_text(json.dumps(sidecar(call), indent=2) + "\n", encoding="utf-8")
    return sound


def sidecar(call: "PlannedCall") -> dict[str, str | int]:
    """What the recorder knows of a call; what it does not know is left out."""
    known: dict[str, str | int | None] = {
        "recorder": NAME,
        "call_id": call.call_id,
        "start": call.start.astimezone(LOCAL).isoformat(timespec="seconds"),
        "agent_id": call.agent_id,
        "direction": call.direction,
        "scope": call.scope,
        "line": call.line,
        "remote_number": call.remote_number,
        "nature": call.nature,
        "employee_channel": call.employee_channel,
    }
    return {key: value for key, value in known.items() if value is not None}


def _samples(call: "PlannedCall", bank: Bank) -> NDArray[np.int16]:
    """All samples of the call, interleaved when it has two channels."""
    employee, caller = assembly.assemble(call, bank)
    if call.channels == 1:
        mixed = employee.overlay(caller)
    else:
        sides = (caller, employee) if call.employee_channel else (employee, caller)
        mixed = assembly.AudioSegment.from_mono_audiosegments(*sides)
    return np.frombuffer(mixed.raw_data, np.int16)


def _wave(call: "PlannedCall", samples: NDArray[np.int16]) -> bytes:
    """A WAV file; the companded forms carry the longer format chunk and the fact chunk they must."""
    tag, bits = FORMATS[call.encoding]
    data = samples.tobytes() if tag == 1 else companding.encode(call.encoding, samples)
    frame = call.channels * bits // 8
    head = struct.pack("<HHIIHH", tag, call.channels, RATE, RATE * frame, frame, bits)
    chunks = _chunk(b"fmt ", head)
    if tag != 1:
        chunks = _chunk(b"fmt ", head + b"\0\0") + _chunk(b"fact", struct.pack("<I", len(data) // frame))
    body = b"WAVE" + chunks + _chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
