"""The places for which a second opinion's texts are sealed, and opening them; all under its own key."""

from kcc.coaching import draft as drafts
from kcc.coaching.draft import Draft
from kcc.coaching.opinions.model import SecondOpinion
from kcc.vault.fields import open_text, seal_text


def seal(key: bytes, opinion_id: str, part: str, text: str) -> bytes:
    """Seal one text of a second opinion: its `why`, `content` or `conclusion`."""
    return seal_text(key, _place(part, opinion_id), text)


def why(key: bytes, found: SecondOpinion) -> str:
    """Why it was asked; empty where nothing was said."""
    return _opened(key, found.id, "why", found.why)


def conclusion(key: bytes, found: SecondOpinion) -> str:
    """What employee and first coach concluded; empty where nothing is written yet."""
    return _opened(key, found.id, "conclusion", found.conclusion)


def sheet(key: bytes, found: SecondOpinion) -> Draft:
    """What the second coach answered."""
    return drafts.load(_opened(key, found.id, "content", found.content))


def _opened(key: bytes, opinion_id: str, part: str, sealed: bytes | None) -> str:
    return open_text(key, _place(part, opinion_id), sealed) if sealed else ""


def _place(part: str, opinion_id: str) -> str:
    return f"second_opinion.{part}:{opinion_id}"
