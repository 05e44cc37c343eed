"""One opened recording: its sound, its waveform and who speaks when, as far as they are there; whether it may
be heard is playback's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kcc import clock
from kcc.access.purposes import Purpose
from kcc.errors import NotFound
from kcc.recordings import conversation, waveform
from kcc.recordings.extent import Extent
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.rendition import Rendition
from kcc.recordings.sound import Encoding, Sound

DESCRIBED_FOR = (Purpose.INSPECTION, Purpose.COACHING, Purpose.MONITORING, Purpose.SECOND_OPINION)
"""Who hears their own call or one that was drawn is shown who speaks when; nobody else is (THR-3, PUR-2)."""


@dataclass(slots=True)
class Sounding:
    """An opened recording in this process: the key is held for the lease's life, the right is asked again."""

    lease: PlaybackLease
    rendition: Rendition
    sound: Sound
    employee_channel: int | None
    """None where the recorder did not say."""
    due_at: datetime
    close: Callable[[], None]
    asked: float = field(default_factory=clock.ticking)
    asking: float | None = None
    """The `asked` after which some request went to ask again: the others need not, while it does."""
    secret_digest: bytes | None = None
    """The digest of the session's secret, once a request has shown it."""
    touched: float | None = None
    """When the session was last told that somebody listens."""

    read: Callable[[int, int], bytes] = field(default=lambda _start, _length: b"")
    """The file as it was recorded, or what a coded one was decoded to."""
    made: Callable[[], int] | None = None
    """Of a coded sound: how many bytes have been decoded."""
    extent: Extent = field(init=False)
    """What of it went out to be heard."""
    kept: float = field(default_factory=clock.ticking)
    """When the extent was last kept."""

    def __post_init__(self) -> None:
        self.extent = Extent(self.rendition.size)

    def play(self, start: int, length: int) -> bytes:
        """Bytes of the rendition on their way to whoever listens: what goes out is noted (ACC-5)."""
        found = self.rendition.read(start, length)
        self.extent.note(start, len(found))
        return found

    def peaks(self) -> waveform.Waveform:
        """The waveform, the employee's channel first; of a sound still being decoded as far as it is."""
        share, ready = self._ready()
        by_channel = waveform.peaks(self.sound, self.read, frames=ready)
        if self._swapped:
            by_channel.reverse()
        return waveform.to_json(by_channel, self.sound.duration_ms, share)

    def timeline(self) -> conversation.Conversation:
        """Speech, silence, hold music of each side, the employee's first; as far as the sound is decoded.

        NotFound for a purpose that it does not serve.
        """
        if not self.described:
            raise NotFound
        _, ready = self._ready()
        return conversation.of(self.sound, self.read, ready, swap=self._swapped)

    @property
    def described(self) -> bool:
        """Whether this lease's purpose is one that who speaks when is shown for."""
        return self.lease.purpose in {purpose.value for purpose in DESCRIBED_FOR}

    def progress(self) -> float:
        """How much of the sound can be played now, 0 to 1."""
        return self._ready()[0]

    @property
    def _swapped(self) -> bool:
        return self.sound.channels == 2 and self.employee_channel == 1

    def _ready(self) -> tuple[float, int]:
        made = self.made() if self.made else self.sound.data_bytes
        share = made / self.sound.data_bytes if self.sound.data_bytes else 1.0
        return share, made // self.sound.frame_bytes


def sound_of(recording: Recording) -> Sound:
    """The sound that a row describes."""
    if recording.encoding is None or recording.rate is None or recording.channels is None:
        raise NotFound
    return Sound(
        Encoding(recording.encoding),
        recording.rate,
        recording.channels,
        recording.data_offset or 0,
        recording.data_bytes or 0,
    )
