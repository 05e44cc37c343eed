"""Whether all of a coded file came: a demuxer plays what there is of one that was cut off, and says nothing.

Runs inside the decoder's process and knows the standard library alone. Where a form does not say how long it
is (MP3 without its table, a live WebM, a cut between two frames of AMR), nobody can tell.
"""

import struct
from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]
_AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)
"""A frame of AMR-NB by its mode, head included; the modes that follow hold no sound, one byte each."""
_ELEMENT_IDS = 4
_SEGMENT = b"\x18\x53\x80\x67"
_WINDOW = 65_536


class _Window:
    """Small reads out of large ones: what walks a file asks for no byte of it twice."""

    def __init__(self, read_at: ReadAt) -> None:
        self._read_at, self._start, self._kept = read_at, 0, b""

    def __call__(self, start: int, size: int) -> bytes:
        at = start - self._start
        if at < 0 or at + size > len(self._kept):
            self._start, self._kept, at = start, self._read_at(start, _WINDOW), 0
        return self._kept[at : at + size]


def cut_off(form: str, read_at: ReadAt, size: int) -> bool:
    """Whether the file's own structure goes on beyond its last byte; what else is odd is the decoder's."""
    walk = _WALKS.get(form)
    return walk is not None and walk(_Window(read_at), size)


def told_seconds(form: str, read_at: ReadAt) -> float:
    """How long the sound lasts by the file's own word, 0 where it does not say."""
    tell = _TELLS.get(form)
    return tell(read_at) if tell is not None else 0.0


def _boxes(read_at: ReadAt, size: int) -> bool:
    """MP4: boxes one after another, the last of which may be left open (size 0)."""
    at = 0
    while at < size:
        head = read_at(at, 16)
        if len(head) < 8:
            return True
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:
            return False
        if length < 8:
            return False
        at += length
    return at > size


def _pages(read_at: ReadAt, size: int) -> bool:
    """Ogg: pages one after another; what is no page ends the look."""
    at = 0
    while at < size:
        head = read_at(at, 27 + 255)
        if not head.startswith(b"OggS"[: len(head)]):
            return False
        if len(head) < 27 or len(head) < 27 + head[26]:
            return True
        at += 27 + head[26] + sum(head[27 : 27 + head[26]])
    return at > size


def _segment(read_at: ReadAt, size: int) -> bool:
    """Matroska: the head, then a segment that holds the rest; a live one leaves its length open."""
    head = read_at(0, 64)
    length, width = _vint(head[_ELEMENT_IDS:])
    at = _ELEMENT_IDS + width + length
    segment = read_at(at, 12)
    if not width or not segment.startswith(_SEGMENT):
        return False
    length, width = _vint(segment[_ELEMENT_IDS:])
    return width > 0 and length != (1 << 7 * width) - 1 and at + _ELEMENT_IDS + width + length > size


def _vint(data: bytes) -> tuple[int, int]:
    """EBML's number of its own width, and that width; 0 wide if it is none."""
    width = 9 - data[0].bit_length() if data else 9
    if width > 8 or len(data) < width:
        return 0, 0
    return int.from_bytes(data[:width], "big") & (1 << 7 * width) - 1, width


def _frames(read_at: ReadAt, size: int) -> bool:
    """AMR: frames one after another, their lengths in their heads."""
    at = len(b"#!AMR\n")
    while at < size:
        mode = read_at(at, 1)[0] >> 3 & 15
        at += _AMR_BYTES[mode] if mode < len(_AMR_BYTES) else 1
    return at > size


def _flac_seconds(read_at: ReadAt) -> float:
    """FLAC counts its samples in its first block; 0 where its writer could not go back to say."""
    head = read_at(0, 26)
    if len(head) < 26 or head[4] & 0x7F != 0:
        return 0.0
    rate = int.from_bytes(head[18:21], "big") >> 4
    return (int.from_bytes(head[21:26], "big") & (1 << 36) - 1) / rate if rate else 0.0


def _mp3_seconds(read_at: ReadAt) -> float:
    """MP3: the table (Xing, Info) that an encoder leaves in the first frame counts the frames."""
    at, head = 0, read_at(0, 10)
    if head.startswith(b"ID3") and len(head) == 10:
        at = 10 + sum(byte << 7 * (3 - place) for place, byte in enumerate(head[6:10]))
    frame = read_at(at, 192)
    if len(frame) < 192 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2 or frame[2] >> 2 & 3 == 3:
        return 0.0
    first, mono = frame[1] >> 3 & 3 == 3, frame[3] >> 6 == 3
    table = 4 + ((17 if mono else 32) if first else (9 if mono else 17))
    if frame[table : table + 4] not in (b"Xing", b"Info") or not frame[table + 7] & 1:
        return 0.0
    rate = (44_100, 48_000, 32_000)[frame[2] >> 2 & 3] >> {3: 0, 2: 1, 0: 2}.get(frame[1] >> 3 & 3, 0)
    number: int = struct.unpack_from(">I", frame, table + 8)[0]
    return number * (1152 if first else 576) / rate


_WALKS: dict[str, Callable[[ReadAt, int], bool]] = {
    "mov": _boxes,
    "ogg": _pages,
    "matroska": _segment,
    "amr": _frames,
}
_TELLS: dict[str, Callable[[ReadAt], float]] = {"flac": _flac_seconds, "mp3": _mp3_seconds}
