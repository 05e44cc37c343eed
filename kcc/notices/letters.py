"""The letters that say there is something to read: gathered from notices, kept until a mail server has taken
them, and tried again until then. Their words and their sending are kcc.scheduler's.

A letter is a row before it is sent. Whoever would send it claims it first, so that no two do; what a crash
leaves between the server's answer and ours goes once more under the same Message-ID, by which mail systems
know it as the same letter.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.audit import record
from kcc.db import inserting, new_id, put
from kcc.notices import rules
from kcc.notices.model import Letter, MailChoice, Notice
from kcc.notices.rules import How

FRESH = timedelta(days=7)
"""What is older was told while there was no mail; a letter about it now would only puzzle."""
GIVE_UP_AFTER = timedelta(days=5)
"""How long mail servers try, by custom (RFC 5321, 4.5.4.1); the notice itself stays in kcc."""


OPEN = and_(Letter.sent_at.is_(None), Letter.given_up_at.is_(None))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter to be sent now: to whom, about which notices, and the calendar entries that go with it."""

    id: str
    person_id: str
    notices: tuple[str, ...]
    entries: tuple[bytes, ...]


def choice(session: Session, person_id: str) -> How:
    """When somebody wants letters: at once where they have chosen nothing."""
    kept = session.get(MailChoice, person_id)
    return How(kept.how) if kept else How.AT_ONCE


def choose(session: Session, actor: Actor, how: How) -> None:
    """Remember when the actor wants letters; what waits already goes by it too."""
    person_id = actor.person_id
    permit = policy.permit(actor, Action.ACCOUNT_MANAGE, policy.Subject("person", person_id))
    record.act(session, permit, letters=how.value)
    put(session, MailChoice, {"person_id": person_id}, how=how.value, chosen_at=clock.now())


def gather(session: Session, readers: Select[str], now: datetime, digest_at: time) -> int:
    """Put every notice that is to be written about now into its person's letter; how many notices.

    `readers` selects the ids of the people who can be written to. Each has one letter waiting at most: what
    comes while no mail server answers goes with it.
    """
    waiting = and_(_waiting(now, rules.last_digest(now, digest_at)), Notice.person_id.in_(readers))
    people = list(session.scalars(select(Notice.person_id).where(waiting).distinct()))
    gathered = 0
    for person_id in sorted(
        people
    ):  # in one order, so that two who gather at once do not lock each other out
        fresh = inserting(session, Letter, id=new_id(), person_id=person_id, made_at=now, next_try=now)
        session.execute(fresh.on_conflict_do_nothing())
        open_ = select(Letter.id).where(Letter.person_id == person_id, OPEN).with_for_update()
        mine = update(Notice).where(waiting, Notice.person_id == person_id)
        done = session.execute(mine.values(letter_id=session.scalar(open_)))
        gathered += done.rowcount  # type: ignore[attr-defined]
    return gathered


_TO_MAIL = or_(Notice.read_at.is_(None), Notice.entry.is_not(None))
"""Who has read a notice needs no letter about it; an entry for their calendar comes by mail all the same."""


def due(session: Session, now: datetime) -> list[str]:
    """The letters whose turn has come, those that wait longest first."""
    query = select(Letter.id).where(OPEN, Letter.next_try <= now)
    return list(session.scalars(query.order_by(Letter.next_try, Letter.id)))


def claim(session: Session, letter_id: str, now: datetime) -> Claimed | None:
    """Take one letter to send it now; None when somebody else has, or when all of it was read meanwhile."""
    letter = session.get(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None or letter.sent_at or letter.given_up_at or letter.next_try > now:
        return None
    query = select(Notice.id, Notice.entry).where(Notice.letter_id == letter_id, Notice.mailed_at.is_(None))
    rows = session.execute(query.where(_TO_MAIL).order_by(Notice.told_at, Notice.id)).all()
    if not rows:
        session.execute(update(Notice).where(Notice.letter_id == letter_id).values(letter_id=None))
        session.delete(letter)
        return None
    letter.attempts += 1
    letter.next_try = now + rules.letter_wait(letter.attempts)
    entries = tuple(row.entry.encode() for row in rows if row.entry)
    return Claimed(letter_id, letter.person_id, tuple(row.id for row in rows), entries)


def sent(session: Session, claimed: Claimed, now: datetime) -> None:
    """A mail server has taken it; what was told while it was under way goes with the next one."""
    session.execute(update(Letter).where(Letter.id == claimed.id).values(sent_at=now))
    session.execute(update(Notice).where(Notice.id.in_(claimed.notices)).values(mailed_at=now))
    late = update(Notice).where(Notice.letter_id == claimed.id, Notice.mailed_at.is_(None))
    session.execute(late.values(letter_id=None))


def failed(session: Session, claimed: Claimed, now: datetime) -> bool:
    """No mail server has taken it; answers whether it is given up."""
    letter = session.get(Letter, claimed.id)
    if letter is None or now - letter.made_at < GIVE_UP_AFTER:
        return False
    letter.given_up_at = now
    return True


def forget(session: Session, most: int) -> int:
    """Erase letters that are over once their notices are gone; how many."""
    unused = ~select(Notice.id).where(Notice.letter_id == Letter.id).exists()
    ids = list(session.scalars(select(Letter.id).where(~OPEN, unused).limit(most)))
    session.execute(delete(Letter).where(Letter.id.in_(ids)))
    return len(ids)


def counts(session: Session) -> dict[str, int]:
    """How many letters wait for a mail server, and how many were given up: figures about nobody."""
    query = select(func.count(Letter.id), func.count(Letter.given_up_at)).where(Letter.sent_at.is_(None))
    unsent, given_up = session.execute(query).one()
    return {"waiting": unsent - given_up, "given_up": given_up}


def _waiting(now: datetime, digest: datetime) -> ColumnElement[bool]:
    daily = select(MailChoice.person_id).where(
        MailChoice.person_id == Notice.person_id, MailChoice.how == How.DIGEST.value
    )
    at_once = or_(~daily.exists(), Notice.word.in_(rules.URGENT), Notice.told_at < digest)
    untold = and_(_TO_MAIL, Notice.mailed_at.is_(None), Notice.letter_id.is_(None))
    return and_(untold, Notice.told_at > now - FRESH, at_once)
