"""The decoder's process: a confined program that asks its parent for bytes and answers with PCM16.

It is started by path, imports nothing of kcc, and gives everything up before it hears of a file. Then it
waits for one task: a length of 4 bytes and JSON on descriptor 0. On descriptor 1 it writes messages (a
letter, a length of 4 bytes, that many bytes), on descriptor 0 the parent answers those that ask for a range.
Nobody believes what it says: the parent counts what comes.
"""

import importlib
import io
import json
import os
import resource
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

sys.path.insert(0, str(Path(__file__).parent))
from confinement import confine  # type: ignore[import-not-found]
from wholeness import cut_off, told_seconds  # type: ignore[import-not-found]

HERE, READY, WANT, SOUND, DONE, FAULT = b"H", b"C", b"R", b"P", b"E", b"F"
BUFFER = 65_536
SLACK_SECONDS = 1.0
"""What a decoded sound may be shorter than its file says: silence that encoders add, a damaged frame."""
HIGHEST_RATE = 24_000
"""Above it the rate is halved: twelve kilohertz hold all of speech, and PCM at 48 kHz would fill the disk."""
BATCH = 16_384
"""Samples that are resampled at once: a call for each frame of 20 ms costs as much as decoding it."""
CODECS = (
    "pcm_alaw,pcm_mulaw,pcm_s16le,gsm,gsm_ms,adpcm_g722,g722,adpcm_ima_wav,adpcm_ms,"
    "mp3,mp3float,opus,vorbis,flac,aac,amrnb"
)


def tell(kind: bytes, body: bytes | bytearray = b"") -> None:
    """Send the parent one message."""
    rest = memoryview(kind + struct.pack(">I", len(body)) + body)
    while rest:
        rest = rest[os.write(1, rest) :]


def hear(size: int) -> bytes:
    """Exactly `size` bytes from the parent; it is gone when they do not come."""
    parts = []
    while size:
        part = os.read(0, size)
        if not part:
            os._exit(1)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Source:
    """The file as FFmpeg sees it: no name, no descriptor, only ranges that the parent hands over."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        size = max(0, min(size, self._size - self._at, BUFFER))
        if not size:
            return b""
        tell(WANT, struct.pack(">QI", self._at, size))
        self._at += size
        return hear(size)

    def read_at(self, start: int, size: int) -> bytes:
        """The bytes at a place, fewer at the end."""
        self.seek(start)
        return self.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go elsewhere."""
        self._at = max(0, (0, self._at, self._size)[whence] + offset)
        return self._at

    def tell(self) -> int:
        """Where it is."""
        return self._at


class Unfit(Exception):
    """The sound is of a kind that kcc does not take; the argument is a code."""


def opened(task: dict[str, Any]) -> tuple[Any, Any]:
    """The container, by the one demuxer that the parent named, and its first audio stream."""
    container = av.open(
        Source(task["size"]),
        "r",
        format=task["format"],
        container_options={
            "format_whitelist": task["format"],
            "codec_whitelist": CODECS,
            "protocol_whitelist": "none",
        },
        buffer_size=BUFFER,
        metadata_errors="replace",
    )
    if not container.streams.audio:
        raise Unfit("no_sound")
    stream = container.streams.audio[0]
    context = stream.codec_context
    if not 1 <= context.channels <= 2 or not 8_000 <= context.sample_rate <= 48_000:
        raise Unfit("unsupported")
    context.thread_count = 1
    return container, stream


def frames(container: Any, stream: Any) -> Iterator[AudioFrame]:
    """All that can be decoded; a damaged packet is passed over, too many of them are no sound."""
    good = bad = 0
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            bad += 1
            if bad > 50 and bad > good:
                raise
            continue
        good += 1
        yield from decoded
    if bad > good:
        raise Unfit("malformed")


def batches(parts: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """The same sound in fewer and longer frames; ValueError if it changes its shape on the way."""
    fifo, shape = AudioFifo(), None
    for frame in parts:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if found != (shape := shape or found):  # the queue itself would read beyond a frame of fewer channels
            raise ValueError
        frame.pts = None  # gaps and jumps in them count for nothing: what was recorded is played
        fifo.write(frame)
        if fifo.samples >= BATCH:
            yield from filter(None, [fifo.read()])
    if fifo.samples:
        yield from filter(None, [fifo.read(partial=True)])


def least_seconds(task: dict[str, Any]) -> float:
    """How long the sound must last at least, by the file's own word; Unfit if its end did not come."""
    if task["give"]:
        return 0.0  # it was measured before
    source = Source(task["size"])
    if cut_off(task["format"], source.read_at, task["size"]):
        raise Unfit("truncated")
    return float(told_seconds(task["format"], source.read_at)) - SLACK_SECONDS


def decode(task: dict[str, Any]) -> None:
    """Decode the whole, tell its shape first, and its length or its sound as asked."""
    least = least_seconds(task)
    container, stream = opened(task)
    context = stream.codec_context
    rate = context.sample_rate if context.sample_rate <= HIGHEST_RATE else context.sample_rate // 2
    channels = context.channels
    tell(READY, json.dumps({"rate": rate, "channels": channels}).encode())
    resampler = AudioResampler("s16", "mono" if channels == 1 else "stereo", rate)
    total, most, waiting = 0, task["seconds"] * rate, bytearray()
    for batch in chain(batches(frames(container, stream)), [None]):
        for part in resampler.resample(batch):
            total += part.samples
            if task["give"]:
                waiting += memoryview(part.planes[0])[: 2 * channels * part.samples]
        if total > most:
            raise Unfit("too_long")
        if len(waiting) >= BUFFER:
            tell(SOUND, waiting)
            waiting.clear()
    if total / rate < least:
        raise Unfit("truncated")
    tell(SOUND, waiting)
    tell(DONE, json.dumps({"frames": total}).encode())


def endless(cpu_seconds: int) -> None:
    """OSError if the kernel will end this process after so much processor time, and nothing can lift that."""
    limits = resource.getrlimit(resource.RLIMIT_CPU)
    if resource.RLIM_INFINITY in limits or max(limits) > cpu_seconds:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds + 1, cpu_seconds + 1))


def attempt(task: dict[str, Any]) -> None:
    """Try what must not be possible; tell what was."""
    tries: dict[str, Callable[[], object]] = {
        "read": lambda: os.open("/etc/hostname", os.O_RDONLY),
        "list": lambda: os.listdir("/usr"),  # noqa: PTH208 - the plainest call
        "write": lambda: os.open(f"{task['folder']}/kcc-escape", os.O_WRONLY | os.O_CREAT),
        "make": lambda: os.mkdir(f"{task['folder']}/kcc-escape"),  # noqa: PTH102 - needs no descriptor
        "remove": lambda: os.unlink(f"{task['folder']}/bait"),  # noqa: PTH108
        "network": lambda: socket.create_connection(("127.0.0.1", task["port"]), 1),
        "socket": lambda: socket.socket(socket.AF_UNIX),
        "process": os.fork,
        "memory": lambda: bytearray(task["memory_mb"] * 1024 * 1024),
        "processor": lambda: endless(task["cpu_seconds"]),
    }
    possible = []
    for name, act in tries.items():
        try:
            if act() == 0 and name == "process":
                os._exit(0)
        except (OSError, ValueError, MemoryError):
            continue
        possible.append(name)
    tell(DONE, json.dumps({"possible": possible}).encode())


def main() -> None:
    """Load what decoding needs, give everything else up, wait for the task, do it, end."""
    memory_mb, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    warm()
    granted = confine(memory_mb, cpu_seconds)
    tell(HERE)  # until here it was the machine's doing, from here on the sound's
    task = json.loads(hear(struct.unpack(">I", hear(4))[0]))
    if task.get("attempt"):
        tell(READY, json.dumps({"granted": granted}).encode())
        attempt(task)
        return
    try:
        decode(task)
    except Unfit as unfit:
        tell(FAULT, str(unfit).encode())
    except (av.error.FFmpegError, ValueError, EOFError) as fault:
        tell(FAULT, b"too_large" if isinstance(fault, av.error.MemoryError) else b"malformed")
    except MemoryError:
        tell(FAULT, b"too_large")


def warm() -> None:
    """Load what is loaded at its first use, while files can still be read: one silent moment of our own."""
    for name in (
        "audio.stream",
        "video.stream",
        "subtitles.stream",
        "audio.codeccontext",
        "video.codeccontext",
    ):
        importlib.import_module(f"av.{name}")
    silence = b"RIFF\x44\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
    with av.open(io.BytesIO(silence + b"data\x20\0\0\0" + bytes(32)), "r", format="wav") as container:
        resampler = AudioResampler("s16", "mono", 8_000)
        for batch in batches(container.decode(container.streams.audio[0])):
            resampler.resample(batch)


if __name__ == "__main__":
    main()
