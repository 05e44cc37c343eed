"""The difference between two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching.conversation.differing import Piece, pieces


def test_words_not_letters() -> None:
    """A changed word is gone and new as a whole; what is the same stays in one run."""
    assert pieces("Anna vat samen.", "Anna vat twee keer samen.") == [
        Piece("same", "Anna vat "),
        Piece("new", "twee keer "),
        Piece("same", "samen."),
    ]
    assert pieces("een fout", "een feit") == [
        Piece("same", "een "),
        Piece("gone", "fout"),
        Piece("new", "feit"),
    ]
    assert pieces("twee oude woorden hier", "drie nieuwe regels hier") == [
        Piece("gone", "twee oude woorden"),
        Piece("new", "drie nieuwe regels"),
        Piece("same", " hier"),
    ]
    assert pieces("", "") == []


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_both_texts_can_be_read_back(before: str, now: str) -> None:
    """Without what is new it is the old text, without what is gone the new one."""
    found = pieces(before, now)
    assert "".join(one.text for one in found if one.kind != "new") == before
    assert "".join(one.text for one in found if one.kind != "gone") == now
