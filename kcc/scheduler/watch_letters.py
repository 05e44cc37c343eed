"""Writing to the data protection officer that unusual reading was noticed: that there is something, and
where; about nobody.
"""

from smtplib import SMTPException

import structlog

from kcc import clock
from kcc.errors import N_
from kcc.insight import queries
from kcc.scheduler import mail
from kcc.scheduler.words import in_language
from kcc.stores import Stores

log = structlog.get_logger(__name__)
_SUBJECT = N_("kcc: unusual reading")
_LETTER = N_(
    "Unusual reading was noticed. Who and what stands on the page of the audit log, where you can also write"
    " down what you found."
)


def send(stores: Stores) -> int:
    """One letter for all that is new, to whoever gets the checkpoints; how many events it tells of.

    Without mail, or while it fails, they stay untold and stand on the officer's page all the same.
    """
    settings, told = stores.settings.mail, stores.settings.audit.mail_to
    if not settings.host or not told:
        return 0
    with stores.database.read() as session:
        fresh = [event.id for event in queries.untold(session)]
    if not fresh:
        return 0
    say = in_language(settings.language)
    text = f"{say(_LETTER)}\n\n{stores.settings.server.public_url}/audit\n"
    try:
        mail.send(settings.model_copy(update={"to": told}), say(_SUBJECT), text)
    except (OSError, ValueError, SMTPException) as fault:
        log.warning("mail not sent", about="unusual reading", error=type(fault).__name__)
        return 0
    with stores.database.write() as session:
        for event in queries.untold(session):
            if event.id in fresh:
                event.told_at = clock.now()
    return len(fresh)
