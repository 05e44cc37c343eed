"""What the register's pages say: the kinds of line in words, and what a change would do; the rules are
kcc.recordings.rules.
"""

from collections.abc import Mapping
from datetime import date

from kcc.errors import N_
from kcc.recordings.register.changing import LineValues
from kcc.recordings.rules import LineKind

KINDS: Mapping[LineKind, tuple[str, str]] = {
    LineKind.RECORDED: (
        N_("Recorded"),
        N_("Calls are kept from the day on which the welcome text tells callers, and can be drawn (PUR-5)."),
    ),
    LineKind.NETWORK: (
        N_("Network relations"),
        N_("Recorded as well, from that day on; its calls never come into a sample (SAM-4)."),
    ),
    LineKind.DIRECT: (
        N_("Direct number"),
        N_("A call is registered without sound: no key is ever made, and nobody can hear it (PUR-3)."),
    ),
    LineKind.INTERNAL: (
        N_("Internal"),
        N_("Between colleagues: registered without sound, as every internal call on any line (PUR-3)."),
    ),
    LineKind.PRIVATE: (
        N_("Private"),
        N_("A call is refused and destroyed at once, at the recorder too; only a count remains (PUR-4)."),
    ),
    LineKind.EXCLUDED: (
        N_("Excluded"),
        N_("Not recorded, by decision: a call is refused and stays with its recorder (PUR-3)."),
    ),
}
STORING = (LineKind.RECORDED, LineKind.NETWORK)
_STRICTNESS = {
    LineKind.RECORDED: 0,
    LineKind.NETWORK: 0,
    LineKind.DIRECT: 1,
    LineKind.INTERNAL: 1,
    LineKind.EXCLUDED: 2,
    LineKind.PRIVATE: 3,
}
"""As kcc.recordings.rules.Fate orders them; a test holds the two together."""

_NO_DAY = N_(
    "Every call on this line is refused until you fill in since when the welcome text tells callers."
)
_FROM_NOW = {
    LineKind.PRIVATE: N_(
        "From now on every call that arrives is destroyed, at the recorder too: also calls that were made "
        "before this change. That cannot be undone."
    ),
    LineKind.EXCLUDED: N_(
        "From now on every call that arrives is refused: also calls that were made before this change."
    ),
    LineKind.DIRECT: N_(
        "From now on every call that arrives loses its sound for good: also calls that were made before "
        "this change."
    ),
}
_FROM_NOW[LineKind.INTERNAL] = _FROM_NOW[LineKind.DIRECT]
_KEPT_STAYS = N_(
    "Recordings that are kept already stay until their own erasure date, as they are: the rules speak of the "
    "exchange at the time of the call."
)
_NOT_BACK = N_(
    "The change counts for calls that begin after it. Earlier calls stay refused, destroyed or without "
    "sound, also when they are delivered again."
)
_NETWORK_STAYS = N_("Calls that began before this change still never come into a sample.")
_SAMPLE_STAYS = N_(
    "From now on no call of this line is drawn, also none of before. What stands in a sample already stays "
    "there: its coach marks it as not representative."
)
_EARLIER = N_(
    "Calls from the new day on that were refused until now are taken in if a recorder delivers them again. "
    "Fill in the day on which callers were really told."
)
_LATER = N_(
    "Calls of before the new day that still arrive are refused. Recordings that are kept already stay until "
    "their own erasure date; if callers were not told, tell the data protection officer."
)


def consequences(before: LineValues | None, after: LineValues) -> list[str]:
    """What a change does that one might not expect, as sentences to translate; none for a harmless one."""
    said = []
    if before is None or before.kind is not after.kind:
        said += _of_kind(before.kind if before else None, after.kind)
    if after.kind in STORING:
        if after.welcome_text_since is None:
            said.append(_NO_DAY)
        if before is not None and before.kind in STORING:
            said += _of_day(before.welcome_text_since, after.welcome_text_since)
    return said


def _of_kind(before: LineKind | None, after: LineKind) -> list[str]:
    if before is None:
        return [_FROM_NOW[after]] if after is LineKind.PRIVATE else []
    said = [_FROM_NOW[after]] if _STRICTNESS[after] > _STRICTNESS[before] else []
    if before in STORING and after not in STORING:
        said.append(_KEPT_STAYS)
    if _STRICTNESS[after] < _STRICTNESS[before]:
        said.append(_NOT_BACK)
    if (before, after) == (LineKind.NETWORK, LineKind.RECORDED):
        said.append(_NETWORK_STAYS)
    if (before, after) == (LineKind.RECORDED, LineKind.NETWORK):
        said.append(_SAMPLE_STAYS)
    return said


def _of_day(before: date | None, after: date | None) -> list[str]:
    if before == after:
        return []
    if after is not None and (before is None or after < before):
        return [_EARLIER]
    return [_LATER]
