"""Taking in the recordings of a vCon, each in its parts; who delivers it, and how, is the edge's."""

from collections.abc import Callable
from functools import partial

from kcc import clock
from kcc.access.actor import Actor
from kcc.recordings import transfers
from kcc.recordings.fetching import fetch
from kcc.recordings.intake import Desk, Pieces, Receipt
from kcc.recordings.sources import signed, vcon
from kcc.recordings.sources.content import Opener
from kcc.recordings.two_sides import stereo

__all__ = ["take_in"]


def take_in(
    desk: Desk, actor: Actor, data: bytes, *, recorder: str | None = None, open_url: Opener = fetch
) -> list[Receipt]:
    """Take in all recordings of a vCon; a receipt for each part of each.

    Raises MetadataInvalid (also for sound that is not the one described), UnknownSound, Unavailable. What was
    taken in before that stays, and is known when the same vCon comes again.
    """
    settings = desk.stores.settings.vcons
    found = vcon.read(data, settings, signed.load(settings.certificates), clock.now(), recorder)
    receipts: list[Receipt] = []
    for one in found:
        read: Callable[[], Pieces] = partial(one.content.pieces, open_url, settings.fetch_origins)
        if one.second is not None:
            declared = one.described.parts[0].call.sound_format
            second = partial(one.second.pieces, open_url, settings.fetch_origins)
            read = partial(stereo, desk.stores.settings.decoding, read, second, declared=declared)
        receipts += transfers.take_in(desk, actor, one.described, read)
    return receipts
