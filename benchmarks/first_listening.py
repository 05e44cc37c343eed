"""First listening of a coded call of 5 minutes: the first sound, and the whole against decoding it bare."""

import io
import time

import av

from benchmarks.house import house
from benchmarks.ratio import report
from kcc.db import new_id
from kcc.recordings.decoding import decoder
from kcc.recordings.derivative import Makers, Pieces
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
                (bare(data, decoder.DEMUXERS[form]), *ours(centre.stores, data, form)) for _ in range(ROUNDS)
            ]
            floor, first, whole = (sorted(column)[ROUNDS // 2] for column in zip(*taken, strict=True))
            report(f"{name}: seconds to the first sound", first, FIRST_LIMIT, at_least=False)
            detail = f"{whole:.2f} s against {floor:.2f} s, {SECONDS / whole:.0f} × real time"
            report(
                f"{name}: the whole, bare decode = 1",
                whole / floor,
                WHOLE_LIMIT,
                at_least=False,
                detail=detail,
            )


def bare(data: bytes, demuxer: str) -> float:
    """Seconds that FFmpeg takes in this process, its samples thrown away."""
    begin = time.perf_counter()
    with av.open(io.BytesIO(data), "r", format=demuxer) as container:
        for _ in container.decode(container.streams.audio[0]):
            pass
    return time.perf_counter() - begin


def ours(stores: Stores, data: bytes, form: Encoding) -> tuple[float, float]:
    """Seconds until two seconds of sound can be sent, and until all pieces are sealed."""
    id_ = new_id()
    key = stores.keys.create(id_)
    with stores.blobs.writer(id_) as blob:
        sealing = SealingWriter(key, id_.encode(), blob.write)
        sealing.write(data)
        sealing.finish()
        blob.commit()
    sound = decoder.measure(stores.settings.decoding, form, lambda at, size: data[at : at + size], len(data))
    makers = Makers(stores)
    begin = time.perf_counter()
    pieces = Pieces(stores, makers, id_, sound, key)
    assert pieces.read(0, 2 * sound.rate * sound.frame_bytes)
    first = time.perf_counter() - begin
    while makers._running:
        time.sleep(0.002)
    return first, time.perf_counter() - begin


if __name__ == "__main__":
    main()
