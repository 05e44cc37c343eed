"""What a recognised sound is, in the forms of samples that kcc takes; recognising one is in formats."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SECONDS = 4 * 3600


class Encoding(StrEnum):
    """How one sample is written, or for a coded sound, which only a decoder reads, the form of its file."""

    PCM16 = "pcm16"
    ALAW = "alaw"
    ULAW = "ulaw"
    PCM8 = "pcm8"
    PCM24 = "pcm24"
    FLOAT32 = "float32"
    WAVE = "wave"
    """A WAV file with a codec inside: GSM 6.10, G.722, ADPCM or MP3."""
    GSM = "gsm"
    G722 = "g722"
    MP3 = "mp3"
    OGG = "ogg"
    MATROSKA = "matroska"
    FLAC = "flac"
    MP4 = "mp4"
    AMR = "amr"

    @property
    def coded(self) -> bool:
        """Whether its samples are not there by arithmetic, but must be decoded."""
        return self not in _SAMPLE_BYTES

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of one channel; of a coded sound once it is decoded to PCM16."""
        return _SAMPLE_BYTES.get(self, 2)


_SAMPLE_BYTES = {
    Encoding.PCM16: 2,
    Encoding.ALAW: 1,
    Encoding.ULAW: 1,
    Encoding.PCM8: 1,
    Encoding.PCM24: 3,
    Encoding.FLOAT32: 4,
}


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
        """Bytes of one sample of all channels; of a coded sound nobody knows, any number may be whole."""
        return 1 if self.encoding.coded else self.encoding.sample_bytes * self.channels


@dataclass(frozen=True, slots=True)
class Sound:
    """A recognised sound: the form of its samples, and where they lie in the file as recorded.

    Of a coded one, once measured: its rate, channels and bytes are those of the PCM16 that it decodes to.
    """

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
