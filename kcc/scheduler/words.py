"""How the codes on the status page read: states, reasons, outcomes; a code without words shows as it is. And
how letters find their words.
"""

import gettext
from collections.abc import Callable, Mapping
from pathlib import Path

from kcc.errors import N_

RECORDINGS: Mapping[str, str] = {
    "live": N_("Can be heard by whoever may"),
    "sealed": N_("Without sound, for nobody to hear"),
    "held": N_("Kept longer, for a threat"),
    "unreviewed": N_("Kept longer, and not looked at again in time"),
    "quarantined": N_("In quarantine"),
    "erasing": N_("Being erased"),
    "overdue": N_("Past their erasure date"),
    "failing": N_("Could not be erased, tried again later"),
    "missing": N_("Sound or key gone, though nothing erased it"),
    "erased": N_("Erased until now"),
}
DRAWS: Mapping[str, str] = {
    "held": N_("Draws held"),
    "waiting": N_("Draws begun and not finished"),
    "numbers_missing": N_("Missing draw numbers"),
    "calls_in_samples": N_("Calls in a sample"),
}
REPORTS: Mapping[str, str] = {
    "unfinished": N_("Reports being written"),
    "finished": N_("Reports finished"),
}
LETTERS: Mapping[str, str] = {
    "waiting": N_("Letters that wait for the mail server"),
    "given_up": N_("Letters given up after five days"),
}
QUARANTINE: Mapping[str, str] = {
    "agent_unknown": N_("The agent id belongs to nobody"),
    "agent_ambiguous": N_("The agent id belongs to more than one person"),
    "agent_missing": N_("The metadata names no employee"),
    "transfer_unclear": N_("Who of several employees spoke when cannot be told"),
}
REFUSED: Mapping[str, str] = {
    "line_unknown": N_("The line is not registered"),
    "line_excluded": N_("The line is not to be recorded"),
    "private_line": N_("The line is for private calls; destroyed at once"),
    "no_welcome_text": N_("The line's welcome text did not tell callers"),
    "start_in_future": N_("The call begins in the future"),
    "past_term": N_("The call came after its erasure date"),
    "erased": N_("The call was erased before"),
    "other_bytes": N_("The call came before with another sound"),
    "metadata_invalid": N_("The call's metadata is wrong or incomplete"),
    "time_ambiguous": N_("The call begins in the hour that the clock has twice"),
    "time_missing": N_("The call begins in the hour that the clock skips"),
    "vcon_unsigned": N_("The vCon is not signed by a certificate that is trusted"),
    "content_missing": N_("The vCon has no sound that can be read"),
    "content_elsewhere": N_("The vCon's sound is at an address that may not be asked"),
    "content_mismatch": N_("The sound is not the one that its content hash describes"),
    "sound_empty": N_("The file holds no sound"),
    "sound_truncated": N_("The sound is not complete"),
    "sound_malformed": N_("The sound file contradicts itself"),
    "sound_unknown": N_("The file is no sound"),
    "sound_unsupported": N_("The sound is of a kind that kcc does not take"),
    "sound_too_long": N_("The sound is too long"),
    "sound_too_large": N_("The file is too large"),
    "sound_costly": N_("Decoding the sound takes too much"),
    "metadata_missing": N_("Nothing is told about the sound"),
    "file_other": N_("The file is no call"),
    "file_irregular": N_("It is no ordinary file"),
    "file_linked": N_("The file has another name elsewhere"),
    "decoding_off": N_("The sound must be decoded, and decoding is off"),
}
DROPS: Mapping[str, str] = {
    "waiting": N_("Calls and files that lie there to be taken"),
    "kept": N_("Refused calls that are kept for a few days"),
    "rising": N_("Refused in the last 24 hours, more than usual"),
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "done": (N_("done"), "success"),
    "failed": (N_("failed"), "error"),
    "running": (N_("running"), "info"),
}
"""What a run came to, with the kind of mark it gets."""


def counted(words: Mapping[str, str], numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """(sentence to translate, number) of each code that was counted, known codes first and in their order."""
    codes = [code for code in words if code in numbers] + sorted(set(numbers) - set(words))
    return [(words.get(code, code), numbers[code]) for code in codes]


_TRANSLATIONS = Path(__file__).parents[1] / "web" / "translations"


def in_language(language: str) -> Callable[[str], str]:
    """What turns marked sentences into a language, for letters: no request says which one."""
    return gettext.translation("messages", _TRANSLATIONS, [language], fallback=True).gettext
