"""What a recognised sound is, in the forms of samples that kcc takes; recognising one is in formats."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SECONDS = 4 * 3600


class Encoding(StrEnum):
    """How one sample is written."""

    PCM16 = "pcm16"
    ALAW = "alaw"
    ULAW = "ulaw"

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of one channel."""
        return 2 if self is Encoding.PCM16 else 1


@dataclass(frozen=True, slots=True)
class Head:
    """What a WAV file says of itself before its sound begins; `declared_bytes` is None if left open."""

    encoding: Encoding
    rate: int
    channels: int
    data_offset: int
    declared_bytes: int | None

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.encoding.sample_bytes * self.channels


@dataclass(frozen=True, slots=True)
class Sound:
    """A recognised sound: the form of its samples, and where they lie in the file as recorded."""

    encoding: Encoding
    rate: int
    channels: int
    data_offset: int
    data_bytes: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.encoding.sample_bytes * self.channels

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return self.data_bytes // self.frame_bytes

    @property
    def duration_ms(self) -> int:
        """Whole milliseconds of sound."""
        return self.frames * 1000 // self.rate
