"""Judging any file as it streams past: which form of sound it is, by its first bytes; WAV is formats', and
nothing is decoded here.
"""

from typing import Protocol

from kcc.recordings import unknown_sound
from kcc.recordings.formats import Recogniser
from kcc.recordings.sound import LONGEST_SECONDS, Encoding, Sound

LARGEST_BYTES = 512 * 1024 * 1024
"""No file of a call is larger, by whichever way it comes."""
DECLARED = ("alaw", "ulaw", "g722")
"""Forms without any mark of their own: a file is one of these only when its source says so."""

_MAGIC = {
    b"fLaC": Encoding.FLAC,
    b"OggS": Encoding.OGG,
    b"\x1aE\xdf\xa3": Encoding.MATROSKA,
    b"#!AMR\n": Encoding.AMR,
    b"ID3": Encoding.MP3,
}
_MAGIC_BYTES = 12
_GSM_FRAME, _GSM_FRAMES = 33, 10
"""GSM 6.10 has no header, but each of its frames begins with the same four bits."""
_RAW_RATE = 8_000


class Judge(Protocol):
    """Takes the pieces of a file in order and says in the end what it is; UnknownSound as soon as nothing."""

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""

    def finish(self) -> Sound:
        """The sound; of a coded one only the form is true until it is measured."""


class AnySound:
    """Waits for enough of the file to know its form, then leaves it to that form's judge."""

    def __init__(self, declared: str | None = None) -> None:
        """`declared`: a form that cannot be recognised, as the source says; a WAV file remains one."""
        self._declared = Encoding(declared) if declared in DECLARED else None
        self._head, self._size = b"", 0
        self._judge: Judge | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes; raises UnknownSound as soon as they cannot become a sound."""
        self._size += len(data)
        if self._size > LARGEST_BYTES:
            raise unknown_sound.too_large()
        if self._judge is None:
            self._head += bytes(data)
            self._judge = _judge_of(self._head, self._declared, ended=False)
            if self._judge is None:
                return
            data, self._head = self._head, b""
        self._judge.feed(data)

    def finish(self) -> Sound:
        """The sound, now that all bytes came; raises UnknownSound if they do not make one."""
        if self._judge is None:
            self._judge = _judge_of(self._head, self._declared, ended=True) or Recogniser()
            self._judge.feed(self._head)
        return self._judge.finish()


def _judge_of(head: bytes, declared: Encoding | None, *, ended: bool) -> Judge | None:
    """The judge of a file with these first bytes; None while more are needed."""
    if len(head) < _MAGIC_BYTES and not ended:
        return None
    if head[:4] == b"RIFF":
        return Recogniser()
    form = declared or _form(head)
    if form is not None:
        return Bare(form)
    if head[:1] and head[0] >> 4 == 0xD:
        return _gsm(head, ended=ended)
    return Recogniser()  # which says what it looks like


def _form(head: bytes) -> Encoding | None:
    """The form of which a file bears the mark."""
    marked = [encoding for magic, encoding in _MAGIC.items() if head.startswith(magic)]
    if marked:
        return marked[0]
    if head[4:8] == b"ftyp":
        return Encoding.MP4
    return Encoding.MP3 if _is_mp3(head) else None


def _is_mp3(head: bytes) -> bool:
    """Whether an MPEG audio frame of layer III begins here, with a bit rate and a rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] >> 3 & 3 != 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _gsm(head: bytes, *, ended: bool) -> Judge | None:
    marks = head[: _GSM_FRAME * _GSM_FRAMES : _GSM_FRAME]
    if any(mark >> 4 != 0xD for mark in marks):
        return Recogniser()
    return Bare(Encoding.GSM) if ended or len(marks) == _GSM_FRAMES else None


class Bare:
    """A file of which only the size is judged here: a coded one, or bare A-law or µ-law samples."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding, self._size = encoding, 0

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._size += len(data)
        if not self._encoding.coded and self._size > LONGEST_SECONDS * _RAW_RATE:
            raise unknown_sound.too_long()

    def finish(self) -> Sound:
        """The sound as far as its bytes tell."""
        if not self._size:
            raise unknown_sound.empty()
        if self._encoding is Encoding.GSM and self._size % _GSM_FRAME:
            raise unknown_sound.truncated()
        return Sound(self._encoding, _RAW_RATE, 1, 0, self._size)
