"""The form as the annex has it."""

import pytest

from kcc.coaching.quality_plan import form
from kcc.errors import NotFound


@pytest.mark.rule("REP-2", "REP-7")
def test_the_form_is_the_annex() -> None:
    """23 items in seven phases, numbered through; 1 and 2 not observable; 11, 12 and 22 are knowledge."""
    found = form(1)
    assert list(found.items) == list(range(1, 24))
    assert [len(phase.items) for phase in found.phases] == [2, 2, 4, 6, 2, 6, 1]
    assert set(found.items) - set(found.observable) == {1, 2}
    assert [n for n, item in found.items.items() if item.knowledge] == [11, 12, 22]


def test_every_item_says_what_it_means_in_both_languages() -> None:
    """Name, question and interpretation, each in Dutch and in English."""
    for item in form().items.values():
        for text in (item.name, item.question, item.meaning):
            assert text.nl
            assert text.en
            assert text.nl != text.en
            assert (text.read("nl"), text.read("en"), text.read("fr")) == (text.nl, text.en, text.nl)


@pytest.mark.rule("REP-2")
def test_a_version_never_changes() -> None:
    """Its items cannot be replaced in a running program, and there is no version that was never made."""
    with pytest.raises(TypeError):
        form().items[3] = form().items[4]  # type: ignore[index]
    with pytest.raises(NotFound):
        form(99)
