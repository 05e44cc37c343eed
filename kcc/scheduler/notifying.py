"""Letters that say there is something to read in kcc, and the end of notices; what was told stays in kcc."""

from smtplib import SMTPException

from sqlalchemy import select

from kcc import clock
from kcc.errors import N_
from kcc.notices import outbox, queries
from kcc.people.model import FunctionPeriod, Person
from kcc.people.queries import holds_on
from kcc.scheduler import mail
from kcc.scheduler.words import in_language
from kcc.stores import Stores

_SUBJECT = N_("kcc: there is something for you")
_LETTER = N_("There is something for you in kcc. Sign in to read it:")


def write_letters(stores: Stores) -> tuple[int, int]:
    """One letter to each person with notices that nobody wrote about yet; answers (sent, failed).

    Only to who may sign in today and has an address. Each is remembered once it went, so a crash may
    send one letter twice and never none.
    """
    settings, sent, failed = stores.settings, 0, 0
    if not settings.mail.host:
        return 0, 0
    for address, language, ids in _waiting(stores):
        say = in_language(language)
        text = f"{say(_LETTER)}\n\n{settings.server.public_url}/notices\n"
        try:
            mail.send(settings.mail.model_copy(update={"to": (address,)}), say(_SUBJECT), text)
        except (OSError, SMTPException):
            failed += 1
            continue
        with stores.database.write() as session:
            outbox.mailed(session, ids)
        sent += 1
    return sent, failed


def forget(stores: Stores) -> int:
    """Erase the notices that are past their term."""
    forgotten = 0
    while True:
        with stores.database.write() as session:
            gone = outbox.forget_old(session, clock.now())
        forgotten += gone
        if gone < outbox.BATCH:
            return forgotten


def _waiting(stores: Stores) -> list[tuple[str, str, list[str]]]:
    with stores.database.read() as session:
        unmailed = queries.unmailed(session)
        held = select(FunctionPeriod.id).where(
            FunctionPeriod.person_id == Person.id, holds_on(FunctionPeriod, clock.today())
        )
        query = select(Person.id, Person.email, Person.language).where(
            Person.email.is_not(None), held.exists()
        )
        return [
            (email or "", language, unmailed[i])
            for i, email, language in session.execute(query)
            if i in unmailed
        ]
