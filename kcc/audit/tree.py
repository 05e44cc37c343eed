"""Merkle tree hashing as RFC 9162 section 2.1 defines it; pure."""

import hashlib
from collections.abc import Iterable


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over the given leaves' data in order; SHA-256 of nothing for none.

    Streams: keeps one hash a level, so that a million leaves need twenty hashes of memory.
    """
    stack: list[tuple[int, bytes]] = []
    for data in leaves:
        height, node = 0, leaf_hash(data)
        while stack and stack[-1][0] == height:
            node = node_hash(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    if not stack:
        return hashlib.sha256(b"").digest()
    node = stack.pop()[1]
    while stack:
        node = node_hash(stack.pop()[1], node)
    return node
