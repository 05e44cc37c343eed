"""How much each asker has left, one number each in the database, so that all machines share it; who asks, how
often they may, and what they are told is pace's.
"""

import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.db import Database, inserting
from kcc.web.model import Budget

PIECES = 50
"""A large budget is fetched by this many pieces of it, which a process then spends from memory: at 1200 a
minute one write for 24 pages. Too much is let through by at most one piece for each process.
"""
REMEMBERED = 10_000
"""Askers that a process keeps in mind; with more it asks the database again."""
FORGOTTEN_AFTER = timedelta(hours=1)
NOTHING = -1
_ROUNDING = 1e-4
"""Seconds by which sums of many small steps may be off."""


@dataclass(slots=True)
class Budgets:
    """Budgets by the generic cell rate algorithm: of each asker one number, the moment until which it is
    spent, in seconds since 1970.

    A whole window's budget may be spent at once; then it comes back evenly. The number changes in one
    statement, which changes nothing when too little is left: two machines never give the same twice.
    """

    database: Database
    key: bytes
    _kept: dict[bytes, tuple[int, float]] = field(default_factory=dict)
    """(left of a piece, until when), or (NOTHING, until when)."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, asker: str, most: int, window: float, amount: int = 1) -> bool:
        """Take from the budget of `most` in `window` seconds; False when there is too little.

        Raises Unavailable when the database is away.
        """
        name, now = self._name(asker), clock.now().timestamp()
        known = self._known(name, now, amount)
        if known is not None:
            return known
        step = window / most
        for asked in sorted({max(amount, most // PIECES), amount}, reverse=True):
            if self._spend(name, asked * step, window, now):
                self._in_hand(name, asked - amount, now + window)
                return True
        if amount == 1:
            self._in_hand(name, NOTHING, now + self._wait(name, step, window, now))
        return False

    def ready_at(self, asker: str, most: int, window: float) -> float:
        """When there is one again, in seconds since 1970."""
        now = clock.now().timestamp()
        return now + self._wait(self._name(asker), window / most, window, now)

    def clear(self, asker: str) -> None:
        """Give somebody their whole budget back; what other processes have in mind ends by itself."""
        name = self._name(asker)
        with self._lock:
            self._kept.pop(name, None)
        with self.database.write() as session:
            session.execute(delete(Budget).where(Budget.key == name))

    def _name(self, asker: str) -> bytes:
        """No address and no person stands in the table: only who has the key can tell whose a row is."""
        return hmac.digest(self.key, b"kcc budget\0" + asker.encode("utf-8", "replace"), hashlib.sha256)

    def _known(self, name: bytes, now: float, amount: int) -> bool | None:
        """The answer, if this process has it: from a piece in hand, or since nothing can be left yet."""
        with self._lock:
            left, until = self._kept.get(name, (0, 0.0))
            if until <= now:
                return None
            if left == NOTHING:
                return False
            if left < amount:
                return None
            self._kept[name] = (left - amount, until)
            return True

    def _in_hand(self, name: bytes, left: int, until: float) -> None:
        with self._lock:
            if len(self._kept) >= REMEMBERED:
                self._kept.clear()
            self._kept[name] = (left, until)

    def _spend(self, name: bytes, cost: float, window: float, now: float) -> bool:
        spent = Budget.spent_until
        # What lies in the past is whole again; what lies beyond any budget was written by a clock gone wrong.
        begin = case(((spent >= now) & (spent <= now + window + _ROUNDING), spent), else_=now)
        with self.database.write() as session:
            row = inserting(session, Budget, key=name, spent_until=now + cost)
            statement = row.on_conflict_do_update(
                index_elements=[Budget.key],
                set_={"spent_until": begin + cost},
                where=begin + cost <= now + window + _ROUNDING,
            ).returning(spent)
            return session.execute(statement).first() is not None

    def _wait(self, name: bytes, cost: float, window: float, now: float) -> float:
        with self.database.read() as session:
            spent = session.scalar(select(Budget.spent_until).where(Budget.key == name))
        begin = spent if spent is not None and now <= spent <= now + window + _ROUNDING else now
        return max(0.0, begin + cost - now - window)


def forget(session: Session) -> int:
    """Remove the rows of budgets that have been whole for an hour."""
    old = delete(Budget).where(Budget.spent_until < (clock.now() - FORGOTTEN_AFTER).timestamp())
    return session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]
