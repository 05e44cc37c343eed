"""The sealing of a stream of bytes and its reading by ranges; knows no files, no recordings and no key store.

The format is Tink's AES-GCM-HKDF streaming: a 40-byte header (its own length, a salt, a nonce prefix), then
segments of 65,536 bytes, the header counting in the first and each ending in a 16-byte tag. A segment's nonce
is the prefix, its number and whether it is the last, so that cutting, reordering and swapping are refused;
the associated data goes into the derived key, so that one recording's segments never open as another's.
"""

import secrets
import struct
import threading
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kcc.errors import N_, Unavailable

SEGMENT = 65_536
"""Bytes of one sealed segment, all but the last."""

_KEY, _SALT, _PREFIX, _TAG = 32, 32, 7, 16
_HEADER = 1 + _SALT + _PREFIX
_PLAIN = SEGMENT - _TAG
_STEP = 4
"""Segments read in one go: 256 KiB, enough to be quick and little enough to hold memory flat."""

FIRST_BORDER, BORDERS_APART = _PLAIN - _HEADER, _PLAIN
"""Where the first segment's plaintext ends, and how far apart the other ends are: who reads a stream piece by
piece and ends there has no segment opened twice.
"""


class _Room(threading.local):
    """Memory in which a thread opens segments, again and again: fresh memory is filled with zeros first."""

    def __init__(self) -> None:
        self.plain = memoryview(bytearray((_STEP + 1) * _PLAIN))


_ROOM = _Room()


class SealBroken(Unavailable):
    """What lies there is not what was sealed under this key for this place: cut, changed or swapped."""

    code = "seal_broken"

    def __init__(
        self, message: str = N_("What is stored here is damaged and cannot be opened."), **params: str
    ) -> None:
        super().__init__(message, **params)


def sealed_size(plain: int) -> int:
    """Bytes that `plain` bytes take once sealed."""
    segments = max(1, -(-(plain + _HEADER) // _PLAIN))
    return _HEADER + plain + _TAG * segments


def plain_size(sealed: int) -> int:
    """Bytes within a sealed stream of `sealed` bytes; SealBroken if no stream has that size."""
    plain = sealed - _HEADER - _TAG * -(-sealed // SEGMENT)
    if plain < 0 or sealed_size(plain) != sealed:
        raise SealBroken
    return plain


def _aead(key: bytes, salt: bytes, associated: bytes) -> AESGCM:
    if len(key) != _KEY:
        raise ValueError("a sealing key has 32 bytes")
    return AESGCM(HKDF(SHA256(), _KEY, salt, associated).derive(key))


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return struct.pack(">7sIB", prefix, number, last)


class SealingWriter:
    """Seals what is written to it and hands whole segments to `write`, from a buffer that it uses again.

    `write` must be done with the view it is given when it returns. The last segment has a nonce of its own,
    so it leaves only at `finish`; a stream that was never finished does not open. One thread at a time.
    """

    def __init__(self, key: bytes, associated: bytes, write: Callable[[memoryview | bytes], object]) -> None:
        salt, self._prefix = secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX)
        self._aead = _aead(key, salt, associated)
        self._emit = write
        self._number = 0
        self._finished = False
        self._plain, self._filled = memoryview(bytearray(_PLAIN)), 0
        self._sealed = memoryview(bytearray(SEGMENT))
        self._sealed[:_HEADER] = bytes([_HEADER]) + salt + self._prefix
        self._before, self._room = _HEADER, _PLAIN - _HEADER

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Seal more bytes; what does not fill a segment waits for the next call."""
        if self._finished:
            raise ValueError("this stream is finished")
        rest = memoryview(data).cast("B")
        while len(rest):
            if self._filled == self._room:
                self._seal(self._plain[: self._filled], last=False)
                self._filled = 0
            elif not self._filled and len(rest) > self._room:
                taken = self._room  # straight from the caller's memory; `>`: the last segment must wait
                self._seal(rest[:taken], last=False)
                rest = rest[taken:]
            else:
                rest = self._keep(rest)

    def finish(self) -> None:
        """Seal what waits as the last segment; an empty stream is one empty segment."""
        if self._finished:
            raise ValueError("this stream is finished")
        self._finished = True
        self._seal(self._plain[: self._filled], last=True)

    def _keep(self, rest: memoryview) -> memoryview:
        taken = min(self._room - self._filled, len(rest))
        self._plain[self._filled : self._filled + taken] = rest[:taken]
        self._filled += taken
        return rest[taken:]

    def _seal(self, plain: memoryview, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last)
        self._number += 1  # before anything can fail: a nonce is never used twice
        end = self._before + len(plain) + _TAG
        self._aead.encrypt_into(nonce, plain, None, self._sealed[self._before : end])
        self._before, self._room = 0, _PLAIN
        self._emit(self._sealed[:end])


class SealedReader:
    """Opens any range of a sealed stream; may be shared by threads, and is best kept for a whole playback.

    `read_at(start, length)` gives the sealed bytes and must itself bear threads. Construction opens the last
    segment, which vouches for `size`: a stream cut at a segment's border is refused before any byte is
    promised.
    """

    def __init__(
        self, key: bytes, associated: bytes, read_at: Callable[[int, int], bytes], sealed: int
    ) -> None:
        self.size = plain_size(sealed)
        self._sealed, self._read_at = sealed, read_at
        self._last = (sealed - 1) // SEGMENT
        header = self._fetch(0, _HEADER)
        if header[0] != _HEADER:
            raise SealBroken
        self._prefix = bytes(header[1 + _SALT :])
        self._aead = _aead(key, bytes(header[1 : 1 + _SALT]), associated)
        self._open(self._last, self._last)

    def read(self, start: int, length: int) -> bytes:
        """The plaintext from `start`, `length` bytes or as many as there are, or SealBroken."""
        return bytes(self.view(start, length))

    def view(self, start: int, length: int) -> memoryview:
        """The same, in memory that this thread's next reading uses again: for who is done with it by then."""
        if start < 0 or length < 0:
            raise ValueError("a range begins at 0 or later and has no negative length")
        end = min(start + length, self.size)
        if start >= end:
            return memoryview(b"")
        first = (start + _HEADER) // _PLAIN
        offset = start - max(0, first * _PLAIN - _HEADER)
        plain = self._open(first, (end - 1 + _HEADER) // _PLAIN)
        return plain[offset : offset + end - start]

    def _open(self, first: int, last: int) -> memoryview:
        """The plaintext of the segments `first` to `last`, every one verified."""
        end = min((last + 1) * SEGMENT, self._sealed)
        before = _HEADER if first == 0 else 0
        total = end - first * SEGMENT - before - _TAG * (last - first + 1)
        plain, filled = _ROOM.plain[:total], 0
        if len(plain) < total:
            plain = memoryview(bytearray(total))
        for number in range(first, last + 1, _STEP):
            at = number * SEGMENT
            sealed = self._fetch(at, min(at + _STEP * SEGMENT, end) - at)
            filled += self._open_step(number, sealed, plain[filled:])
        return plain

    def _open_step(self, number: int, sealed: memoryview, plain: memoryview) -> int:
        filled, at = 0, 0 if number else _HEADER
        while at < len(sealed):
            until = min(at - at % SEGMENT + SEGMENT, len(sealed))
            length = until - at - _TAG
            nonce = _nonce(self._prefix, number, number == self._last)
            try:
                self._aead.decrypt_into(nonce, sealed[at:until], None, plain[filled : filled + length])
            except InvalidTag:
                raise SealBroken from None
            filled, at, number = filled + length, until, number + 1
        return filled

    def _fetch(self, start: int, length: int) -> memoryview:
        sealed = self._read_at(start, length)
        if len(sealed) != length:
            raise SealBroken
        return memoryview(sealed)
