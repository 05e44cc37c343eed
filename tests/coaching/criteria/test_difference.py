"""What changed between two versions, as people read it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching.criteria import rules
from kcc.coaching.criteria.difference import Kind, Piece, between, words
from kcc.coaching.criteria.shape import Norm, Wording
from kcc.coaching.quality_plan import annex
from tests.coaching.criteria.conftest import OWN

TEXT = st.text(alphabet="ab \n", max_size=60)


@given(TEXT, TEXT)
def test_a_changed_text_holds_both_texts(old: str, new: str) -> None:
    """What stayed and went is the old one, what stayed and came the new one, to the letter."""
    pieces = words(old, new)
    assert "".join(text for kind, text in pieces if kind != Piece.NEW) == old
    assert "".join(text for kind, text in pieces if kind != Piece.GONE) == new
    assert all(text for _, text in pieces)


def test_nothing_changed_between_a_version_and_itself() -> None:
    """In either language."""
    for language in ("nl", "en"):
        found = between(annex(), annex(), language)
        assert not found.anything
        assert found.elsewhere == 0


def test_each_kind_of_change_is_told() -> None:
    """A new item, one elsewhere, a changed text, a changed mark, one that is gone; phases; the norm."""
    base = rules.with_new_item(annex(), "closing", 24, OWN)
    base = rules.with_new_item(base, "closing", 25, OWN)
    base = rules.with_phase(base, "own-1", Wording("Chat", "Chat"))
    new = rules.with_new_item(base, "own-1", 26, OWN)
    new = rules.moved_item(new, 25, -1)
    new = rules.with_item(new, 3, replace(OWN, meaning=Wording("Een groet.", annex().items[3].meaning.en)))
    new = rules.with_phase(new, "own-1", Wording("Schrift", "Chat"))
    new = rules.with_norm(new, Norm((3,), (3,), 100))
    found = between(base, new, "nl")
    assert {(c.item.number, c.kind) for c in found.changes} >= {(26, Kind.ADDED), (3, Kind.CHANGED)}
    assert len([c for c in found.changes if c.kind is Kind.MOVED]) == 1
    assert [name for name, _ in between(base, new, "en").changes[0].texts] == ["question"]
    assert found.phases_renamed == ((Wording("Chat", "Chat"), Wording("Schrift", "Chat")),)
    assert found.norm
    back = between(new, base, "nl")
    assert (26, Kind.REMOVED) in {(c.item.number, c.kind) for c in back.changes}
    assert between(annex(), base, "nl").phases_added == (Wording("Chat", "Chat"),)
    assert between(base, annex(), "nl").phases_removed == (Wording("Chat", "Chat"),)
    silent = rules.with_item(base, 24, replace(OWN, observable=False, knowledge=True))
    assert between(base, silent, "nl").changes[0].flags == ("knowledge", "observable")


def test_a_change_in_the_other_language_alone_is_counted() -> None:
    """Whoever reads Dutch learns that the English was put better."""
    item = annex().items[5]
    new = rules.with_item(
        annex(), 5, replace(OWN, question=item.question, meaning=Wording(item.meaning.nl, "Better."))
    )
    assert (between(annex(), new, "nl").elsewhere, between(annex(), new, "nl").anything) == (1, False)
    assert between(annex(), new, "en").elsewhere == 0
