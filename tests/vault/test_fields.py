"""Sealed texts: they come back in their own place under their own key, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcc.errors import Invalid
from kcc.vault.fields import open_text, seal_text
from kcc.vault.sealing import SealBroken

KEY, OTHER = bytes(32), b"\1" * 32
PLACE = "recording.remote_number:4f2a"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back(text: str) -> None:
    assert open_text(KEY, PLACE, seal_text(KEY, PLACE, text)) == text


def test_the_length_tells_only_its_step_of_32() -> None:
    sizes = [len(seal_text(KEY, PLACE, "x" * length)) for length in range(100)]
    assert sizes[:29] == [sizes[0]] * 29
    assert sorted(set(sizes)) == [sizes[0] + 32 * step for step in range(4)]


def test_the_same_text_never_looks_the_same() -> None:
    assert seal_text(KEY, PLACE, "+31612345678") != seal_text(KEY, PLACE, "+31612345678")


def test_another_place_or_key_is_refused() -> None:
    sealed = seal_text(KEY, PLACE, "+31612345678")
    for key, place in [(OTHER, PLACE), (KEY, PLACE + "0"), (KEY, "recording.remote_number:"), (KEY, "")]:
        with pytest.raises(SealBroken):
            open_text(key, place, sealed)


def test_every_flipped_bit_and_every_cut_is_refused() -> None:
    sealed = seal_text(KEY, PLACE, "Mevrouw belde over haar vergunning.")
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            open_text(KEY, PLACE, bytes(changed))
    for size in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_text(KEY, PLACE, sealed[:size])


def test_a_text_without_utf8_is_refused_before_it_is_stored() -> None:
    with pytest.raises(Invalid):
        seal_text(KEY, PLACE, "half a pair: \ud83d")


def test_a_short_key_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal_text(bytes(16), PLACE, "x")
