"""Dutch voices by libespeak-ng, from text to 8 kHz samples; who says what lives in kcc.demo.dialogues.

libespeak-ng carries hidden state from one utterance to the next and seeds its chance by the time of day, so
the same text would sound a little different each time. A `Speaker` therefore loads the library afresh, seeds
it and unloads it at its end: what it says depends on its own utterances alone (loading takes under 1 ms).
"""

import _ctypes  # the only way to unload a library
import ctypes
from dataclasses import dataclass
from types import ModuleType, TracebackType

import numpy as np
from numpy.typing import NDArray

from kcc.demo.names import Sex
from kcc.demo.resampling import to_telephone
from kcc.errors import N_, Unavailable

Samples = NDArray[np.int16]
LEVEL = 0.1
"""Root mean square that each utterance is brought to, as a share of full scale (-20 dBFS)."""

SEED = 1
_SYNCHRONOUS, _UTF8 = 2, 1
_RATE, _PITCH, _RANGE = 1, 3, 4


@dataclass(frozen=True)
class Voice:
    """A variant of the Dutch voice with its speed (words a minute), pitch and pitch range (0 to 100)."""

    variant: str
    sex: Sex
    rate: int
    pitch: int
    span: int


EMPLOYEES = (
    Voice("f2", "f", 158, 52, 55),
    Voice("m3", "m", 156, 46, 50),
    Voice("f4", "f", 165, 45, 45),
    Voice("m1", "m", 162, 55, 60),
    Voice("f1", "f", 150, 58, 60),
    Voice("m7", "m", 168, 40, 45),
)
CALLERS = (
    Voice("m2", "m", 150, 38, 45),
    Voice("f3", "f", 160, 60, 65),
    Voice("m4", "m", 170, 50, 60),
    Voice("f5", "f", 145, 40, 45),
    Voice("max", "m", 155, 60, 55),
    Voice("Annie", "f", 165, 50, 55),
    Voice("david", "m", 148, 30, 35),
    Voice("f2", "f", 172, 72, 75),
)

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def loader() -> ModuleType:
    """The package that brings libespeak-ng; Unavailable with what to install when it is missing."""
    try:
        import espeakng_loader
    except ImportError as missing:
        raise Unavailable(
            N_("The demo's voices are not installed. Install the extra “demo”: pip install 'kcc[demo]'.")
        ) from missing
    return espeakng_loader  # type: ignore[no-any-return]


class Speaker:
    """Speaks Dutch; use as a context manager, one at a time in a process (the library is one per process)."""

    def __enter__(self) -> "Speaker":
        package = loader()
        self._library = ctypes.CDLL(package.get_library_path())
        data = str(package.get_data_path()).encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        if self._rate <= 0:
            raise Unavailable(N_("The demo's voices could not be loaded."))
        self._spoken: list[bytes] = []
        self._callback = _Callback(self._receive)  # kept: the library holds only a bare pointer to it
        self._library.espeak_SetSynthCallback(self._callback)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.espeak_Terminate()
        _ctypes.dlclose(self._library._handle)

    def _receive(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            self._spoken.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, voice: Voice, *, loud: bool = False) -> Samples:
        """`text` as 8 kHz samples at one level; loud: higher, faster and driven into the line's limit."""
        if self._library.espeak_SetVoiceByName(f"nl+{voice.variant}".encode()) != 0:
            raise Unavailable(N_("The demo's voices could not be loaded."))
        lift = 18 if loud else 0
        wanted = {_RATE: voice.rate + lift, _PITCH: min(99, voice.pitch + lift), _RANGE: voice.span + lift}
        for parameter, value in wanted.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
        self._spoken.clear()
        written = text.encode() + b"\0"
        size = ctypes.c_size_t(len(written))
        self._library.espeak_Synth(written, size, 0, 0, 0, _UTF8, None, None)
        raw = np.frombuffer(b"".join(self._spoken), dtype=np.int16)
        return _levelled(to_telephone(raw, self._rate), LEVEL * (3 if loud else 1))


def _levelled(sound: NDArray[np.float64], level: float) -> Samples:
    """Bring to a level and round the peaks off as a telephone line does, never beyond full scale."""
    root = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    return np.asarray(np.rint(np.tanh(sound / root * level) * 32000), dtype=np.int16)
