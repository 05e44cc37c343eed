"""One plain letter to the administrator over SMTP; what it says is the caller's."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from kcc import clock
from kcc.sections import Mail

TIMEOUT_SECONDS = 20


def send(settings: Mail, subject: str, text: str) -> None:
    """Send it to everybody in `settings.to`; OSError or SMTPException when that fails."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.sender, ", ".join(settings.to), subject
    letter["Date"] = formatdate(clock.now().timestamp())
    letter["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    with _connected(settings) as server:
        if settings.user:
            server.login(settings.user, settings.password_file.read_text().strip())
        server.send_message(letter)


def _connected(settings: Mail) -> smtplib.SMTP:
    host, port = settings.host, settings.port
    if settings.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server
