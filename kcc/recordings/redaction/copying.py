"""A whole covered copy of a sealed recording, as WAV or Opus, streamed; who may have one is entries'."""

from collections.abc import Iterator
from contextlib import closing

from kcc.recordings import rendition
from kcc.recordings.decoding import decoder
from kcc.recordings.redaction import covering, opus
from kcc.recordings.redaction.covering import Covering
from kcc.recordings.redaction.spans import Form, Marks, cuts
from kcc.recordings.rendition import Rendition
from kcc.recordings.sound import Sound
from kcc.sections import Decoding
from kcc.vault.sealing import SealedReader

MEDIA_TYPES = {Form.WAV: rendition.MEDIA_TYPE, Form.OPUS: opus.MEDIA_TYPE}


def covering_of(sound: Sound, marks: Marks) -> Covering:
    """How marks lie on a sound's samples."""
    return Covering(sound.rate, sound.channels, cuts(marks, sound.rate, sound.channels), marks.manner)


def copy(
    settings: Decoding, sound: Sound, reader: SealedReader, marks: Marks, form: Form
) -> tuple[int | None, Iterator[bytes]]:
    """How many bytes the copy has (None: only known at its end), and the copy, from its sealed original.

    Nothing is kept of it. It holds what was recorded but for what the marks cover, and nothing that the
    file as recorded held besides its samples.
    """
    how = covering_of(sound, marks)
    covered = covering.pieces(how, _samples(settings, sound, reader))
    if form is Form.OPUS:
        return None, opus.encoded(covered, sound.rate, sound.channels)
    size = sound.frames * how.frame_bytes
    return rendition.HEADER_BYTES + size, _wav(sound, size, covered)


def _wav(sound: Sound, size: int, covered: Iterator[bytes]) -> Iterator[bytes]:
    yield rendition.header(sound.rate, sound.channels, size)
    yield from covered


def _samples(settings: Decoding, sound: Sound, reader: SealedReader) -> Iterator[bytes]:
    """PCM16 from the first sample to the last; a coded sound is decoded in its confined process."""
    if sound.encoding.coded:
        with closing(decoder.pcm(settings, sound, reader.read, reader.size)) as pcm:
            yield from pcm
        return
    played = Rendition(sound, reader.view)
    step = covering.PIECE_SECONDS * sound.rate * sound.channels * covering.WIDTH
    for start in range(rendition.HEADER_BYTES, played.size, step):
        yield played.read(start, step)
