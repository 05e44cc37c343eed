"""Reading how a WAV file says its samples are written (its fmt chunk); knows no other chunk."""

import struct

from kcc.errors import N_
from kcc.recordings import unknown_sound
from kcc.recordings.sound import Encoding

_FORMAT = struct.Struct("<HHIIHH")
_FORMAT_SIZES = range(16, 129)
_EXTENSIBLE, _EXTENSIBLE_BYTES = 0xFFFE, 40
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_NAMES = {
    0x0001: "PCM",
    0x0002: "MS ADPCM",
    0x0003: "IEEE float",
    0x0006: "A-law",
    0x0007: "µ-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG",
    0x0055: "MP3",
    0x0065: "G.722",
    0x028F: "G.722",
}
_ENCODINGS = {
    (0x0001, 8): Encoding.PCM8,
    (0x0001, 16): Encoding.PCM16,
    (0x0001, 24): Encoding.PCM24,
    (0x0003, 32): Encoding.FLOAT32,
    (0x0006, 8): Encoding.ALAW,
    (0x0007, 8): Encoding.ULAW,
}
_CODED = {0x0002, 0x0011, 0x0031, 0x0055, 0x028F}
"""GSM 6.10, ADPCM of Microsoft and IMA, MP3 and G.722: a decoder's."""


def read_format(body: bytes) -> tuple[Encoding, int, int]:
    """Encoding, rate and channels of a fmt chunk; its bytes per second count for nothing, as in players."""
    if len(body) not in _FORMAT_SIZES:
        raise unknown_sound.contradiction()
    tag, channels, rate, _, frame_bytes, bits = _FORMAT.unpack_from(body)
    if tag == _EXTENSIBLE:
        tag = _extended_tag(body, bits)
    encoding = Encoding.WAVE if tag in _CODED else _ENCODINGS.get((tag, bits))
    if encoding is None:
        raise unknown_sound.holds(_NAMES.get(tag, f"0x{tag:04X}"), bits)
    whole = encoding.coded or frame_bytes == channels * encoding.sample_bytes
    if rate == 0 or channels == 0 or not whole:
        raise unknown_sound.contradiction()
    if channels > 2:
        raise unknown_sound.unsupported(
            N_("This WAV file has %(channels)s channels; kcc takes 1 or 2."),
            channels=channels,
        )
    if not 8_000 <= rate <= 48_000:
        raise unknown_sound.unsupported(
            N_("This WAV file has %(rate)s samples a second; kcc takes 8000 to 48000."),
            rate=rate,
        )
    return encoding, rate, channels


def _extended_tag(body: bytes, bits: int) -> int:
    """The format tag inside a WAVE_FORMAT_EXTENSIBLE description."""
    if len(body) < _EXTENSIBLE_BYTES:
        raise unknown_sound.contradiction()
    extra, valid_bits, _, tag = struct.unpack_from("<HHIH", body, _FORMAT.size)
    if body[26:40] != _GUID_TAIL:
        raise unknown_sound.holds("WAVE_FORMAT_EXTENSIBLE", bits)
    if extra < 22 or valid_bits > bits:
        raise unknown_sound.contradiction()
    return int(tag)
