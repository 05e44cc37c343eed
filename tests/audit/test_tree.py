"""kcc.audit.tree: the roots that RFC 9162 defines, for known vectors and against its recursive definition."""

import hashlib
import random
from collections.abc import Iterator, Sequence

import pytest

from kcc.audit.tree import leaf_hash, node_hash, root

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the first 0 to 8 leaves, as the implementations of certificate transparency test each other with."""


def naive(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word: split at the largest power of two smaller than n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:split]) + naive(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_known_vectors(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


def test_the_streaming_root_is_the_recursive_one() -> None:
    """For all sizes from 0 to 70, and around two larger powers of two."""
    chance = random.Random(9162)
    leaves = [chance.randbytes(chance.randrange(80)) for _ in range(1026)]
    for size in (*range(71), 127, 128, 129, 1023, 1024, 1025):
        assert root(leaves[:size]) == naive(leaves[:size]), size


def test_leaves_and_nodes_cannot_be_taken_for_each_other() -> None:
    """A leaf that reads like two hashes has another hash than the node over them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)
    assert node_hash(left, right) != node_hash(right, left)


def test_every_change_changes_the_root() -> None:
    """Another byte, order, number: nothing is lost on the way up."""
    leaves = [bytes([number]) * 3 for number in range(13)]
    roots = {root(leaves), root(leaves[::-1]), root([*leaves, b""]), root(leaves[:-1]), root([b"", *leaves])}
    for place in range(13):
        roots.add(root([*leaves[:place], b"other", *leaves[place + 1 :]]))
        roots.add(root([*leaves[:place], *leaves[place + 1 :]]))
    assert len(roots) == 5 + 13 + 12  # without the last leaf is counted twice


def test_leaves_are_read_once_as_they_come() -> None:
    """Any stream will do."""

    def stream() -> Iterator[bytes]:
        yield from LEAVES

    assert root(stream()).hex() == ROOTS[8]
