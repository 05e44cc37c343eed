"""Plain letters over SMTP, one or many over one connection; what they say, and to whom, is the caller's."""

import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from kcc import clock
from kcc.sections import Mail

TIMEOUT_SECONDS = 20


def send(settings: Mail, subject: str, text: str) -> None:
    """Send it to everybody in `settings.to`; OSError or SMTPException when that fails."""
    with connected(settings) as server:
        server.send_message(letter(settings, settings.to, subject, text))


def letter(
    settings: Mail,
    to: Iterable[str],
    subject: str,
    text: str,
    *,
    id_: str | None = None,
    entries: Iterable[bytes] = (),
) -> EmailMessage:
    """A letter to be sent; with the same `id_` it has the same Message-ID, `entries` are for calendars."""
    written, domain = EmailMessage(), settings.sender.rpartition("@")[2]
    written["From"], written["To"], written["Subject"] = settings.sender, ", ".join(to), subject
    written["Date"] = formatdate(clock.now().timestamp())
    written["Message-ID"] = f"<{id_}@{domain}>" if id_ else make_msgid(domain=domain)
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(text)
    for number, entry in enumerate(entries, 1):
        # A calendar that is told otherwise here than in the entry itself takes neither (RFC 6047).
        method = "CANCEL" if b"METHOD:CANCEL" in entry else "PUBLISH"
        written.add_attachment(
            entry, "text", "calendar", filename=f"kcc-{number}.ics", params={"method": method}
        )
    return written


@contextmanager
def connected(settings: Mail) -> Iterator[smtplib.SMTP]:
    """A mail server that takes letters; OSError or SMTPException when there is none."""
    with _connected(settings) as server:
        if settings.user:
            server.login(settings.user, settings.password_file.read_text().strip())
        yield server


def _connected(settings: Mail) -> smtplib.SMTP:
    host, port = settings.host, settings.port
    if settings.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server
