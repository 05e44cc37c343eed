"""First listening of a coded call of 5 minutes: the first sound, and the whole against the ffmpeg command
doing the same work, PCM16 into a file; without that command, against FFmpeg's libraries in a fresh process.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.house import house
from benchmarks.ratio import report
from kcc.db import new_id
from kcc.recordings.decoding import decoder, spare
from kcc.recordings.derivative import Makers, Pieces, StillMaking
from kcc.recordings.sound import Encoding, Sound
from kcc.stores import Stores
from kcc.vault.sealing import SealingWriter
from tests.coded import MADE

SECONDS, ROUNDS, FIRST_LIMIT, WHOLE_LIMIT = 300.0, 5, 0.3, 1.3
FORMS = ("opus", "vorbis", "mp3", "m4a", "amr", "flac", "gsm", "wav-g722")
PLAIN = """
import sys, av
form, file, rate, out = sys.argv[1:]
with av.open(file, format=form) as sound, open(out, "wb") as pcm:
    stream = sound.streams.audio[0]
    resampler = av.AudioResampler("s16", stream.layout.name, int(rate))
    for frame in sound.decode(stream):
        for part in resampler.resample(frame):
            pcm.write(memoryview(part.planes[0])[: 2 * stream.channels * part.samples])
"""
"""The same as the ffmpeg command does, by PyAV, and confined by nothing."""


def main() -> None:
    """Measure and print: by the command, with no decoder waiting, by the command, with one waiting."""
    yardstick = "ffmpeg" if shutil.which("ffmpeg") else "PyAV in a fresh process"
    with house() as (centre, _), tempfile.TemporaryDirectory() as folder:
        for name in FORMS:
            data, form = MADE[name][0](SECONDS), Encoding(MADE[name][1])
            sound = _measured(centre.stores, data, form)
            file = Path(folder) / "call"
            file.write_bytes(data)
            taken = []
            for _ in range(ROUNDS):
                theirs = plain(file, sound)
                *cold, _ = ours(centre.stores, data, sound)
                again = plain(file, sound)
                _one_waits(centre.stores, data, sound)
                mine = ours(centre.stores, data, sound)
                spare.stop()
                taken.append((*(sum(pair) / 2 for pair in zip(theirs, again, strict=True)), *cold, *mine))
            _judged(name, yardstick, *map(statistics.median, zip(*taken, strict=True)))


def _judged(  # the medians, in the order in which they were taken
    name: str,
    yardstick: str,
    floor: float,
    least: float,
    cold: float,
    slow: float,
    first: float,
    whole: float,
    used: float,
) -> None:
    report(
        f"{name}: seconds to the first sound",
        first,
        FIRST_LIMIT,
        at_least=False,
        detail=f"{cold:.2f} with no decoder waiting",
    )
    report(
        f"{name}: the whole, {yardstick} = 1",
        whole / floor,
        WHOLE_LIMIT,
        at_least=False,
        detail=f"{whole:.2f} s against {floor:.2f} s ({slow:.2f} s with no decoder waiting); "
        f"of processor {used:.2f} s against {least:.2f} s",
    )


def computed() -> float:
    """Seconds of processor that this process and its ended children used: a busy one counts little."""
    sides = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(side.ru_utime + side.ru_stime for side in sides)


def plain(file: Path, sound: Sound) -> tuple[float, float]:
    """Seconds of the command, and of processor."""
    form, rate, out = decoder.DEMUXERS[sound.encoding], str(sound.rate), f"{file}.pcm"
    command = [sys.executable, "-c", PLAIN, form, str(file), rate, out]
    if found := shutil.which("ffmpeg"):
        command = [found, "-nostdin", "-v", "error", "-y", "-f", form, "-i", str(file)]
        command += ["-f", "s16le", "-ar", rate, out]
    begin, used = time.perf_counter(), computed()
    subprocess.run(command, check=True)
    return time.perf_counter() - begin, computed() - used


def _measured(stores: Stores, data: bytes, form: Encoding) -> Sound:
    return decoder.measure(stores.settings.decoding, form, lambda at, size: data[at : at + size], len(data))


def _one_waits(stores: Stores, data: bytes, sound: Sound) -> None:
    """As in a worker that decoded something before."""
    spare.keep()
    _measured(stores, data, sound.encoding)
    while not (spare._keeper and spare._keeper._waiting):
        time.sleep(0.01)
    time.sleep(1)  # started is not ready


def ours(stores: Stores, data: bytes, sound: Sound) -> tuple[float, float, float]:
    """Seconds until two seconds of sound can be sent, and until all pieces are sealed; and of processor."""
    id_ = new_id()
    key = stores.keys.create(id_)
    with stores.blobs.writer(id_) as blob:
        sealing = SealingWriter(key, id_.encode(), blob.write)
        sealing.write(data)
        sealing.finish()
        blob.commit()
    makers = Makers(stores)
    begin, used = time.perf_counter(), computed()
    pieces = Pieces(stores, makers, id_, sound, key)
    while not _there(pieces, 2 * sound.rate * sound.frame_bytes):
        pass  # as the player asks again
    first = time.perf_counter() - begin
    while makers._running:
        time.sleep(0.001)
    return first, time.perf_counter() - begin, computed() - used


def _there(pieces: Pieces, size: int) -> bool:
    try:
        return bool(pieces.read(0, size))
    except StillMaking:
        return False


if __name__ == "__main__":
    main()
