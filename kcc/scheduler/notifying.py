"""Sending the letters that say there is something to read in kcc, and the end of notices; what was told stays
in kcc, and which letters there are is kcc.notices'.
"""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

import structlog
from sqlalchemy import Select, select

from kcc import clock
from kcc.errors import N_
from kcc.notices import letters, outbox
from kcc.notices.letters import Claimed
from kcc.people.model import FunctionPeriod, Person
from kcc.people.queries import holds_on
from kcc.scheduler import mail
from kcc.scheduler.words import in_language
from kcc.stores import Stores

log = structlog.get_logger(__name__)
_SUBJECT = N_("kcc: there is something for you")
_LETTER = N_("There is something for you in kcc. Sign in to read it:")
_MANY = N_("There are %(count)d new notices for you in kcc. Sign in to read them:")
_CHOOSE = N_("On the same page you choose whether you get a letter at once, or one a day.")

_NOT_THIS_ONE = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPResponseException,
    smtplib.SMTPNotSupportedError,
    ValueError,
)
"""What is wrong with one letter or its address, and not with the mail server."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a round came to: letters that went, that a server refused, and that still wait for one."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0


def write_letters(stores: Stores) -> Posted:
    """Write to everybody about whom it is time, one letter each, over one connection.

    While no mail server answers they wait, in order, each a while longer every time; none is lost, and of
    two rounds at once each letter is one's alone. Only who may sign in today and has an address gets any.
    """
    if not stores.settings.mail.host:
        return Posted()
    now = clock.now()
    with stores.database.write() as session:
        letters.gather(session, _readers(), now, stores.settings.scheduler.digest_at)
        due = letters.due(session, now)
    if not due:
        return Posted()
    done = {"sent": 0, "refused": 0}
    try:
        with mail.connected(stores.settings.mail) as server:
            for letter_id in due:
                _one(stores, server, letter_id, done)
    except (OSError, smtplib.SMTPException) as fault:
        log.warning("mail not sent", about="notices", error=type(fault).__name__)
        return Posted(**done, waiting=len(due) - done["sent"] - done["refused"])
    return Posted(**done)


def forget(stores: Stores) -> int:
    """Erase the notices that are past their term, and the letters that spoke of them."""
    forgotten = 0
    while True:
        with stores.database.write() as session:
            gone = outbox.forget_old(session, clock.now())
            letters.forget(session, outbox.BATCH)
        forgotten += gone
        if gone < outbox.BATCH:
            return forgotten


def _one(stores: Stores, server: smtplib.SMTP, letter_id: str, done: dict[str, int]) -> None:
    """Claim, send, remember; a server that is gone ends the round, one that refuses this letter does not."""
    with stores.database.write() as session:
        claimed = letters.claim(session, letter_id, clock.now())
    if claimed is None:
        return
    try:
        server.send_message(_written(stores, claimed))
    except _NOT_THIS_ONE as fault:
        log.warning("letter refused", letter=letter_id, error=type(fault).__name__)
        done["refused"] += 1
        with stores.database.write() as session:
            letters.failed(session, claimed, clock.now())
        server.rset()
        return
    with stores.database.write() as session:
        letters.sent(session, claimed, clock.now())
    done["sent"] += 1


def _written(stores: Stores, claimed: Claimed) -> EmailMessage:
    """The letter; ValueError when there is nobody to write to any more, or the address is none."""
    with stores.database.read() as session:
        query = select(Person.email, Person.language).where(Person.id == claimed.person_id)
        row = session.execute(query.where(Person.id.in_(_readers()))).one_or_none()
    if row is None:
        raise ValueError("nobody to write to")
    settings, say, count = stores.settings, in_language(row.language), len(claimed.notices)
    first = say(_LETTER) if count == 1 else say(_MANY) % {"count": count}
    text = f"{first}\n\n{settings.server.public_url}/notices\n\n{say(_CHOOSE)}\n"
    return mail.letter(
        settings.mail, (row.email,), say(_SUBJECT), text, id_=claimed.id, entries=claimed.entries
    )


def _readers() -> Select[str]:
    """Who may sign in today and has an address: a letter to anybody else would lead nowhere."""
    held = select(FunctionPeriod.id).where(
        FunctionPeriod.person_id == Person.id, holds_on(FunctionPeriod, clock.today())
    )
    return select(Person.id).where(Person.email.is_not(None), held.exists())
