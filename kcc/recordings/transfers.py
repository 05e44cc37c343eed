"""Taking in a sound in its parts, one recording for each employee who spoke in it; who spoke when, the source
has said, and one recording at a time is intake's.
"""

from collections.abc import Callable, Sequence

from kcc.access.actor import Actor
from kcc.recordings import intake, plain_wave, segments
from kcc.recordings.intake import Answer, Desk, Pieces, Receipt
from kcc.recordings.plain_wave import PlainWave
from kcc.recordings.sources.described import Described, Part
from kcc.recordings.unknown_sound import UnknownSound

_WORST_FIRST = (Answer.REFUSED, Answer.QUARANTINED, Answer.STORED, Answer.KNOWN)


def take_in(desk: Desk, actor: Actor, described: Described, read: Callable[[], Pieces]) -> list[Receipt]:
    """Take in each part with a key and a deadline of its own; a receipt for each.

    `read` gives the whole sound anew each time: once to see that all of it is there, then once for each part,
    so that no sound is held in memory; a coded one is decoded for that, and its parts are PCM16. Raises as
    intake does; what was taken in before stays, and is known when the same sound comes again.
    """
    if len(described.parts) == 1 and described.parts[0].whole:
        return [_whole(desk, actor, described, described.parts[0].unplaced, read)]
    declared = described.parts[0].call.sound_format
    try:
        sound = plain_wave.of(desk.stores.settings.decoding, read, declared)
    except UnknownSound:
        # The line's rules come before the sound's: a private call is destroyed whatever it is (PUR-4).
        return [_whole(desk, actor, described, "transfer_unclear", read)]
    found = [_one(desk, actor, described.recorder, part, sound) for part in described.parts]
    receipts = [receipt for receipt in found if receipt is not None]
    return receipts or [_whole(desk, actor, described, "transfer_unclear", read)]


def decisive(receipts: Sequence[Receipt]) -> Receipt:
    """The receipt that stands for all: a refused part keeps the file, a private one destroys it."""
    destroyed = [receipt for receipt in receipts if receipt.destroy_source]
    return min(destroyed or receipts, key=lambda receipt: _WORST_FIRST.index(receipt.answer))


def _whole(
    desk: Desk, actor: Actor, described: Described, unplaced: str | None, read: Callable[[], Pieces]
) -> Receipt:
    call = described.parts[0].call
    return intake.take_in_at(desk, actor, described.recorder, call, read(), unplaced=unplaced)


def _one(desk: Desk, actor: Actor, recorder: str, part: Part, whole: PlainWave) -> Receipt | None:
    """One part's receipt; None if nothing of it was recorded, because its time lies after the sound's end."""
    frames = segments.frames(whole.sound, part.begins, part.ends)
    if not frames:
        return None
    pieces = segments.cut(whole.read(), whole.sound, frames)
    return intake.take_in_at(desk, actor, recorder, part.call, pieces, unplaced=part.unplaced)
