"""Recognising a sound by its bytes while it streams past (WAV: PCM16, A-law, µ-law); decodes nothing."""

from kcc.recordings import unknown_sound
from kcc.recordings.riff import Start, Trailer
from kcc.recordings.sound import LONGEST_SECONDS, Head, Sound
from kcc.recordings.unknown_sound import UnknownSound


class Recogniser:
    """Judges a sound that passes once and is never read back: feed every piece, then finish.

    Pieces may be cut anywhere; the answer is the same. Memory stays below HEAD_BYTES and a little.
    """

    def __init__(self) -> None:
        self._start = Start()
        self._came = 0  # bytes of sound so far
        self._trailer: Trailer | None = None
        self._fault: UnknownSound | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the file; raises UnknownSound as soon as they cannot become a sound."""
        if self._fault is not None:
            raise self._fault
        try:
            self._advance(memoryview(data).cast("B"))
        except UnknownSound as fault:
            self._fault = fault
            raise

    def finish(self) -> Sound:
        """The sound, now that all bytes came; raises UnknownSound if they do not make one."""
        if self._fault is not None:
            raise self._fault
        head = self._start.head
        if head is None:
            raise self._start.unfinished()
        if head.declared_bytes is not None and self._came < head.declared_bytes:
            raise unknown_sound.truncated()
        if head.declared_bytes is not None and self._trailer is not None:
            self._trailer.finish()
        data_bytes = self._came - self._came % head.frame_bytes
        if data_bytes == 0 or self._only_tags_came():
            raise unknown_sound.empty()
        return Sound(head.encoding, head.rate, head.channels, head.data_offset, data_bytes)

    def _advance(self, data: memoryview) -> None:
        if self._start.head is None:
            data = self._start.feed(data)
        head = self._start.head
        if head is None or not data:
            return
        size = len(data) if head.declared_bytes is None else min(len(data), head.declared_bytes - self._came)
        self._came += size
        longest = head.rate * LONGEST_SECONDS * head.frame_bytes
        if self._came > longest and not head.encoding.coded:  # how long that lasts, only its decoder knows
            raise unknown_sound.too_long()
        if head.declared_bytes is None:
            self._doubt_zero(data)
        elif size < len(data):
            self._trailer = self._trailer or Trailer(padded=head.declared_bytes % 2 == 1)
            self._trailer.feed(data[size:])

    def _doubt_zero(self, data: memoryview) -> None:
        """Follow what comes after an open size as if it were tags: a size of 0 may after all be meant."""
        if self._trailer is None and self._came == len(data):
            self._trailer = Trailer(padded=False)
        if self._trailer is not None:
            try:
                self._trailer.feed(data)
            except UnknownSound:
                self._trailer = None  # it is sound, as nearly always

    def _only_tags_came(self) -> bool:
        head = self._start.head
        if head is None or head.declared_bytes is not None or self._trailer is None:
            return False
        try:
            self._trailer.finish()
        except UnknownSound:
            return False
        return self._trailer.chunks > 0


def read_head(head: bytes) -> Head:
    """What the first bytes of a file (HEAD_BYTES are enough) say of its sound; raises UnknownSound."""
    start = Start()
    start.feed(memoryview(head))
    if start.head is None:
        raise start.unfinished()
    return start.head
