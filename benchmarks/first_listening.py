"""First listening of a coded call of 5 minutes: the first sound, and the whole against decoding it bare."""

import io
import resource
import time

import av

from benchmarks.house import house
from benchmarks.ratio import report
from kcc.db import new_id
from kcc.recordings.decoding import decoder
from kcc.recordings.derivative import Makers, Pieces, StillMaking
from kcc.recordings.sound import Encoding
from kcc.stores import Stores
from kcc.vault.sealing import SealingWriter
from tests.coded import MADE

SECONDS, ROUNDS, FIRST_LIMIT, WHOLE_LIMIT = 300.0, 3, 0.3, 1.3
FORMS = ("opus", "mp3", "m4a", "gsm", "amr", "flac")


def main() -> None:
    """Measure and print; the bare decode neither starts a process nor writes anything."""
    with house() as (centre, _):
        for name in FORMS:
            data, form = MADE[name][0](SECONDS), Encoding(MADE[name][1])
            taken = [
                (*bare(data, decoder.DEMUXERS[form]), *ours(centre.stores, data, form)) for _ in range(ROUNDS)
            ]
            floor, least, first, whole, used = (
                sorted(column)[ROUNDS // 2] for column in zip(*taken, strict=True)
            )
            report(f"{name}: seconds to the first sound", first, FIRST_LIMIT, at_least=False)
            detail = f"{whole:.2f} s against {floor:.2f} s; of processor {used:.2f} s against {least:.2f} s"
            report(
                f"{name}: the whole, bare decode = 1",
                whole / floor,
                WHOLE_LIMIT,
                at_least=False,
                detail=detail,
            )


def computed() -> float:
    """Seconds of processor that this process and its ended children used: a busy one counts little."""
    sides = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(side.ru_utime + side.ru_stime for side in sides)


def bare(data: bytes, demuxer: str) -> tuple[float, float]:
    """Seconds that FFmpeg takes in this process, its samples thrown away; and of processor."""
    begin, used = time.perf_counter(), computed()
    with av.open(io.BytesIO(data), "r", format=demuxer) as container:
        for _ in container.decode(container.streams.audio[0]):
            pass
    return time.perf_counter() - begin, computed() - used


def ours(stores: Stores, data: bytes, form: Encoding) -> tuple[float, float, float]:
    """Seconds until two seconds of sound can be sent, and until all pieces are sealed; and of processor."""
    id_ = new_id()
    key = stores.keys.create(id_)
    with stores.blobs.writer(id_) as blob:
        sealing = SealingWriter(key, id_.encode(), blob.write)
        sealing.write(data)
        sealing.finish()
        blob.commit()
    sound = decoder.measure(stores.settings.decoding, form, lambda at, size: data[at : at + size], len(data))
    makers = Makers(stores)
    begin, used = time.perf_counter(), computed()
    pieces = Pieces(stores, makers, id_, sound, key)
    while not _there(pieces, 2 * sound.rate * sound.frame_bytes):
        pass  # as the player asks again
    first = time.perf_counter() - begin
    while makers._running:
        time.sleep(0.002)
    return first, time.perf_counter() - begin, computed() - used


def _there(pieces: Pieces, size: int) -> bool:
    try:
        return bool(pieces.read(0, size))
    except StillMaking:
        return False


if __name__ == "__main__":
    main()
