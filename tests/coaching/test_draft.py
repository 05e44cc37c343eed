"""What may be written in a report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching import draft
from kcc.coaching.quality_plan import annex
from kcc.errors import Invalid

COMPLETE = {f"answer-{n}": "yes" for n in annex().observable} | {"point-1": "Vat vaker samen."}


@pytest.mark.rule("REP-1", "REP-7")
def test_the_fields_are_two_parts() -> None:
    """21 answers with remarks; four findings and three points; nothing for items 1 and 2."""
    fields = draft.fields(annex())
    assert len(fields) == len(set(fields)) == 21 * 2 + 4 + 3
    assert not {"answer-1", "answer-2", "remark-1", "remark-2"} & set(fields)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("answer-1", "yes"),
        ("answer-2", "na"),
        ("answer-24", "yes"),
        ("remark-1", "x"),
        ("answer-3", "YES"),
        ("answer-3", "maybe"),
        ("remark-3", "x" * 2001),
        ("finding-other", "x"),
        ("point-4", "x"),
        ("remark-3", "\ud800"),
        ("remark-3", "a\0b"),
        ("remark-3", 7),
        ("score", "10"),
    ],
)
def test_a_wrong_field_is_named(field: str, text: object) -> None:
    """The error says which field it is about."""
    with pytest.raises(Invalid) as fault:
        draft.changed(annex(), {}, {field: text})  # type: ignore[dict-item]
    assert fault.value.field == field


def test_one_wrong_field_changes_nothing() -> None:
    """Neither the draft that was, nor half of the new."""
    before = {"answer-3": "yes"}
    with pytest.raises(Invalid):
        draft.changed(annex(), before, {"answer-4": "no", "answer-5": "?"})
    assert before == {"answer-3": "yes"}


def test_an_empty_text_empties_its_field() -> None:
    """And what is left alone stays."""
    before = {"answer-3": "yes", "remark-3": "x", "point-1": "y"}
    assert draft.changed(annex(), before, {"remark-3": "  \r\n ", "answer-3": ""}) == {"point-1": "y"}


@given(st.dictionaries(st.sampled_from(["remark-3", "finding-well", "point-2"]), st.text(max_size=900)))
def test_any_text_that_is_taken_comes_back(changes: dict[str, str]) -> None:
    """Through JSON and back, whatever signs it holds, but for white space around it."""
    try:
        new = draft.changed(annex(), {}, changes)
    except Invalid:
        return
    assert draft.load(draft.dump(new)) == new
    for field, text in changes.items():
        assert new.get(field, "") == text.replace("\r\n", "\n").strip()


@pytest.mark.rule("REP-1")
def test_finishing_asks_for_both_parts() -> None:
    """Every observable item, and a finding or a point."""
    draft.require_complete(annex(), COMPLETE)
    with pytest.raises(draft.Incomplete) as fault:
        draft.require_complete(
            annex(), {k: v for k, v in COMPLETE.items() if k not in ("answer-9", "answer-23")}
        )
    assert fault.value.items == (9, 23)
    assert fault.value.field == "answer-9"
    with pytest.raises(draft.Incomplete, match="at least one finding"):
        draft.require_complete(annex(), {k: v for k, v in COMPLETE.items() if k != "point-1"})
