"""What changed between two versions of the form, for people to read; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from kcc.coaching.criteria.shape import Form, Item, Wording


class Kind(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Piece(StrEnum):
    """A piece of a changed text: it stayed, went, or came."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


ALIKE = 0.3
"""Texts that have less in common are shown one after the other: single words between them only confuse."""
Pieces = tuple[tuple[Piece, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one item: `texts` are its changed texts (name, question, meaning), word by word.

    `flags` are "knowledge" and "observable", as far as they changed.
    """

    kind: Kind
    item: Item
    texts: tuple[tuple[str, Pieces], ...] = ()
    flags: tuple[str, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed; `elsewhere` counts items whose text changed in another language alone."""

    changes: tuple[Change, ...]
    phases_added: tuple[Wording, ...]
    phases_removed: tuple[Wording, ...]
    phases_renamed: tuple[tuple[Wording, Wording], ...]
    norm: bool
    elsewhere: int

    @property
    def anything(self) -> bool:
        """Whether something changed that a reader of this language sees."""
        phases = self.phases_added or self.phases_removed or self.phases_renamed
        return bool(self.changes or phases or self.norm)


def between(old: Form, new: Form, language: str) -> Difference:
    """What changed from one version to another, read in a language; items in the order of the new one."""
    before = {phase.code: phase.name for phase in old.phases}
    after = {phase.code: phase.name for phase in new.phases}
    other = "en" if language == "nl" else "nl"
    seen = tuple(_changes(old, new, language))
    numbers = {change.item.number for change in seen}
    unseen = {change.item.number for change in _changes(old, new, other)} - numbers
    return Difference(
        changes=seen,
        phases_added=tuple(name for code, name in after.items() if code not in before),
        phases_removed=tuple(name for code, name in before.items() if code not in after),
        phases_renamed=tuple(
            (before[code], name) for code, name in after.items() if before.get(code, name) != name
        ),
        norm=old.norm != new.norm,
        elsewhere=len(unseen),
    )


def words(old: str, new: str) -> Pieces:
    """A text as it became, word by word, with what went and what came."""
    before, after = (re.findall(r"\S+\s*|\s+", text) for text in (old, new))
    pieces: list[tuple[Piece, str]] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if old and new and matcher.ratio() < ALIKE:
        return (Piece.GONE, old), (Piece.NEW, new)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append((Piece.SAME, "".join(before[i1:i2])))
            continue
        gone, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        pieces += [(Piece.GONE, gone)] if gone else []
        pieces += [(Piece.NEW, come)] if come else []
    return tuple(pieces)


def _changes(old: Form, new: Form, language: str) -> Iterator[Change]:
    stayed = _moves(old, new)
    for number, item in new.items.items():
        if number not in old.items:
            yield Change(Kind.ADDED, item)
            continue
        texts = tuple(_texts(old.items[number], item, language))
        flags = tuple(f for f in ("knowledge", "observable") if _flag(old, new, number, f))
        moved = number not in stayed
        if texts or flags or moved:
            yield Change(Kind.CHANGED if texts or flags else Kind.MOVED, item, texts, flags, moved)
    for number, item in old.items.items():
        if number not in new.items:
            yield Change(Kind.REMOVED, item)


def _texts(old: Item, new: Item, language: str) -> Iterator[tuple[str, Pieces]]:
    for name in ("name", "question", "meaning"):
        before, after = getattr(old, name).read(language), getattr(new, name).read(language)
        if before != after:
            yield name, words(before, after)


def _flag(old: Form, new: Form, number: int, flag: str) -> bool:
    return bool(getattr(old.items[number], flag) != getattr(new.items[number], flag))


def _moves(old: Form, new: Form) -> set[int]:
    """The items that stand where they stood: in the same phase, and in the order they had."""
    before, after = _places(old), _places(new)
    first = [place for place in before if place in set(after)]
    second = [place for place in after if place in set(before)]
    found: set[int] = set()
    for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
        found |= {number for _, number in first[block.a : block.a + block.size]}
    return found


def _places(form: Form) -> list[tuple[str, int]]:
    return [(phase.code, item.number) for phase in form.phases for item in phase.items]
