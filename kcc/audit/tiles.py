"""The tree as it is kept: tiles of 256 hashes, read and appended to; roots of any earlier size and proofs
that one continues another are computed from them.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from kcc.audit import tree
from kcc.audit.model import AuditTile

HEIGHT = 8
"""Levels of the tree that one tile spans."""
WIDTH = 1 << HEIGHT
_SIZE = 32


class Tiles:
    """The tree's hashes within one transaction; tiles already read are remembered for its length."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[tuple[int, int], bytes] = {}

    def append(self, size: int, leaves: Iterable[bytes]) -> int:
        """Add the leaves' data behind the first `size` ones; the new size.

        Costs the new lines alone: of what stands only the last tile of each level is touched.
        """
        fresh, level = [tree.leaf_hash(data) for data in leaves], 0
        grown, behind = size + len(fresh), size
        while fresh:
            whole = self._extend(level, behind, fresh)
            fresh, behind, level = whole, behind >> HEIGHT, level + 1
        return grown

    def _extend(self, level: int, behind: int, fresh: list[bytes]) -> list[bytes]:
        """Write hashes behind the `behind` ones of this level; the roots of the tiles that became full."""
        full, at = [], 0
        while at < len(fresh):
            number, taken = divmod(behind + at, WIDTH)
            piece = fresh[at : at + WIDTH - taken]
            hashes = (self._tile(level, number)[: taken * _SIZE] if taken else b"") + b"".join(piece)
            self._session.merge(AuditTile(level=level, number=number, hashes=hashes))
            self._read[level, number] = hashes
            at += len(piece)
            if len(hashes) == WIDTH * _SIZE:
                full.append(_fold(hashes))
        self._session.flush()
        return full

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves, now or when there were no more."""
        return self.range(0, size) if size else tree.root([])

    def range(self, start: int, end: int) -> bytes:
        """The hash over leaves start..end as a tree of their own; `start` is where a subtree begins."""
        count = end - start
        if count & (count - 1) == 0:
            return self._node(count.bit_length() - 1, start // count)
        half = 1 << (count - 1).bit_length() - 1
        return tree.node_hash(self.range(start, start + half), self.range(start + half, end))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof of RFC 9162, 2.1.4, that the tree of `new` leaves continues that of `old`."""
        return self._continued(old, 0, new, known=True) if 0 < old < new else []

    def _continued(self, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
        if start + old == end:
            return [] if known else [self.range(start, end)]
        half = 1 << (end - start - 1).bit_length() - 1
        if old <= half:
            return [
                *self._continued(old, start, start + half, known=known),
                self.range(start + half, end),
            ]
        rest = self._continued(old - half, start + half, end, known=False)
        return [*rest, self.range(start, start + half)]

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """The path of RFC 9162, 2.1.3, from the leaf at this place up to the root over `size` leaves."""
        return self._path(position, 0, size)

    def _path(self, position: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        half = start + (1 << (end - start - 1).bit_length() - 1)
        if position < half:
            return [*self._path(position, start, half), self.range(half, end)]
        return [*self._path(position, half, end), self.range(start, half)]

    def folded(self, level: int, number: int) -> bytes:
        """The root over one full tile."""
        return _fold(self._tile(level, number))

    def _node(self, height: int, index: int) -> bytes:
        """The hash of a whole subtree of 2**height leaves."""
        level, above = divmod(height, HEIGHT)
        number, offset = divmod(index << above, WIDTH)
        hashes = self._tile(level, number)[offset * _SIZE : (offset + (1 << above)) * _SIZE]
        if len(hashes) != _SIZE << above:
            raise LookupError(f"the tree has no subtree {index} of height {height}")
        return _fold(hashes)

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._read:
            found = self._session.get(AuditTile, (level, number))
            self._read[level, number] = found.hashes if found else b""
        return self._read[level, number]


def _fold(hashes: bytes) -> bytes:
    """The node over a power of two of hashes."""
    row = [hashes[at : at + _SIZE] for at in range(0, len(hashes), _SIZE)]
    while len(row) > 1:
        row = [tree.node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
