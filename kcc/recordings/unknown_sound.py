"""The ways in which a file is no sound that kcc takes, each with its code and sentence; it finds none."""

from typing import Any

from kcc.errors import N_, Invalid
from kcc.recordings.sound import LONGEST_SECONDS

_RIFF = b"RIFF"


class UnknownSound(Invalid):
    """The bytes are not a sound that kcc takes. `code` is one of

    sound_unknown (no form of sound), sound_unsupported (of another kind), sound_malformed (contradicts
    itself, cannot be decoded), sound_empty (no sound in it), sound_truncated (incomplete: the recorder keeps
    its file and sends it again), sound_too_long (over 4 hours), sound_too_large (over 512 MB), sound_costly
    (needs more memory or time to decode than any call), decoding_off (would need a decoder, and none may run
    here: the recorder keeps its file).
    """

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__("sound", message, code=code, **params)


def unknown(seen: bytes) -> UnknownSound:
    """Says what it looks like, from its first four bytes alone: the answer may not hang on how it was cut."""
    first = seen[:4].removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"<"):
        return UnknownSound("sound_unknown", N_("This is a web page or XML, not a sound."))
    if all(0x20 <= byte <= 0x7E or byte in b"\t\r\n" for byte in first) and seen[:4] != _RIFF:
        return UnknownSound("sound_unknown", N_("This looks like text or another kind of file, not a sound."))
    return UnknownSound("sound_unknown", N_("This is no sound of a kind that kcc knows."))


def empty() -> UnknownSound:
    """No sound at all."""
    return UnknownSound("sound_empty", N_("The file holds no sound."))


def truncated() -> UnknownSound:
    """Less sound than the file says: the recorder sends it again."""
    return UnknownSound(
        "sound_truncated", N_("The file is incomplete: part of the sound is missing. Send it again.")
    )


def begins_late() -> UnknownSound:
    """Too much before the sound."""
    return malformed(N_("The sound does not begin within the first 64 KiB of the WAV file."))


def contradiction() -> UnknownSound:
    """A description of samples that cannot be."""
    return malformed(N_("What the WAV file says of its sound contradicts itself."))


def goes_on() -> UnknownSound:
    """Something after the sound that is no chunk."""
    return malformed(
        N_("After its sound the WAV file goes on with something that is no part of a WAV file."),
    )


def malformed(message: str) -> UnknownSound:
    """A WAV file that contradicts itself."""
    return UnknownSound("sound_malformed", message)


def unsupported(message: str, **params: Any) -> UnknownSound:
    """A WAV file of a kind that kcc does not take."""
    return UnknownSound("sound_unsupported", message, **params)


def holds(encoding: str, bits: int) -> UnknownSound:
    """A WAV file of samples that kcc does not take."""
    return unsupported(
        N_("This WAV file holds %(encoding)s of %(bits)s bits, which kcc does not take."),
        encoding=encoding,
        bits=bits,
    )


def too_long() -> UnknownSound:
    """More sound than any call has."""
    return UnknownSound(
        "sound_too_long",
        N_("The sound lasts more than %(hours)s hours."),
        hours=LONGEST_SECONDS // 3600,
    )


def too_large() -> UnknownSound:
    """More bytes than any call has."""
    return UnknownSound("sound_too_large", N_("The file is larger than 512 MB."))


def costly() -> UnknownSound:
    """The decoder broke its limits: made to do so, or broken itself."""
    return UnknownSound("sound_costly", N_("Decoding this sound takes more memory or time than a call may."))


def decoding_off() -> UnknownSound:
    """Nothing is decoded where the decoder's confinement was not proven."""
    return UnknownSound(
        "decoding_off",
        N_("This sound must be decoded, and decoding is off here. Keep the file; `kcc status` says why."),
    )
