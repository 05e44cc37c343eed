"""When a call meets the norm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.coaching import norm
from kcc.coaching.norm import Tally, meets, tally
from kcc.coaching.quality_plan import Form, Norm, NotApplicable, annex

ITEMS = tuple(range(3, 24))
ANSWERS = st.sampled_from(["yes", "no", "na"])


def form(deciding: tuple[int, ...], percent: int, na: str, required: tuple[int, ...] = ()) -> Form:
    """The annex with another norm."""
    return replace(annex(), norm=Norm(deciding, required, percent, NotApplicable(na)))


def answered(**answers: str) -> dict[str, str]:
    """A draft from i3="yes"."""
    return {f"answer-{name[1:]}": answer for name, answer in answers.items()}


def test_the_first_version_asks_for_four_of_five() -> None:
    """All 21 that can be heard decide; 17 of 21 are enough, 16 are not; without an answer nothing is said."""
    met = {f"answer-{n}": "yes" for n in ITEMS}
    assert norm.deciding(annex()) == ITEMS
    assert meets(annex(), met) is True
    four = met | dict.fromkeys(("answer-3", "answer-4", "answer-5", "answer-6"), "no")
    assert tally(annex(), four) == Tally(17, 21, 17, (), ())
    assert meets(annex(), four) is True
    assert meets(annex(), four | {"answer-7": "no"}) is False
    assert meets(annex(), {k: v for k, v in met.items() if k != "answer-9"}) is None
    assert tally(annex(), {}).open == ITEMS
    assert meets(annex(), {}) is None


@pytest.mark.parametrize(
    ("na", "verdict", "counted"), [("left_out", True, 1), ("met", True, 2), ("not_met", False, 2)]
)
def test_not_applicable_does_what_was_chosen(na: str, verdict: bool, counted: int) -> None:
    """Left out, met or not met."""
    found = form((3, 4), 100, na)
    draft = answered(i3="yes", i4="na")
    assert (meets(found, draft), tally(found, draft).counted) == (verdict, counted)


def test_where_nothing_applies_there_is_no_verdict() -> None:
    """All n/a and left out, or no item that decides; counted as met or not met it is one."""
    nothing = answered(i3="na")
    assert meets(form((3,), 80, "left_out"), nothing) is None
    assert meets(form((3,), 80, "met"), nothing) is True
    assert meets(form((3,), 80, "not_met"), nothing) is False
    assert meets(form((), 80, "met"), nothing) is None


def test_a_required_item_decides_alone() -> None:
    """Not met, the rest does not help; not applicable is as chosen; what cannot be heard never decides."""
    found = form((3, 4, 5), 60, "left_out", (11,))
    rest = answered(i3="yes", i4="yes", i5="yes")
    assert meets(found, rest | {"answer-11": "no"}) is False
    assert tally(found, rest | {"answer-11": "no"}).failed == (11,)
    assert meets(found, rest | {"answer-11": "na"}) is True
    assert meets(form((3, 4, 5), 60, "not_met", (11,)), rest | {"answer-11": "na"}) is False
    assert meets(found, rest) is None
    assert norm.deciding(form((1, 3), 60, "met", (2,))) == (3,)


FORMS = st.builds(
    form,
    st.lists(st.sampled_from(ITEMS), min_size=1, unique=True).map(tuple),
    st.integers(1, 100),
    st.sampled_from([one.value for one in NotApplicable]),
    st.lists(st.sampled_from(ITEMS), max_size=3, unique=True).map(tuple),
)
DRAFTS = st.fixed_dictionaries({f"answer-{n}": ANSWERS for n in ITEMS})


@pytest.mark.rule("GOV-4")
@given(FORMS, DRAFTS)
def test_the_verdict_is_what_counting_by_hand_gives(found: Form, draft: dict[str, str]) -> None:
    """Counted another way: fractions over the answers as they are read."""
    read = {"yes": True, "no": False, "na": {"met": True, "not_met": False}.get(found.norm.na)}
    judged = [read[draft[f"answer-{n}"]] for n in {*found.norm.deciding, *found.norm.required}]
    counted = [one for one in judged if one is not None]
    must = all(read[draft[f"answer-{n}"]] is not False for n in found.norm.required)
    share = sum(counted) * 100 >= len(counted) * found.norm.percent
    assert meets(found, draft) == ((share and must) if counted else None)


@given(FORMS, DRAFTS, st.sampled_from(ITEMS))
def test_a_better_answer_never_makes_it_worse(found: Form, draft: dict[str, str], number: int) -> None:
    """Turning one "no" into "yes" takes nobody below the norm; remarks change nothing."""
    worse, better = draft | {f"answer-{number}": "no"}, draft | {f"answer-{number}": "yes"}
    assert bool(meets(found, better)) >= bool(meets(found, worse))
    assert meets(found, worse | {f"remark-{number}": "x", "point-1": "y"}) == meets(found, worse)


@given(FORMS, st.dictionaries(st.sampled_from([f"answer-{n}" for n in ITEMS]), ANSWERS))
def test_no_verdict_before_every_deciding_item_is_answered(found: Form, draft: dict[str, str]) -> None:
    """What is open is named."""
    left = tally(found, draft).open
    assert set(left) == {n for n in norm.deciding(found) if f"answer-{n}" not in draft}
    assert not left or meets(found, draft) is None
