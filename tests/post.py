"""A real mail server in the test's own process, that keeps every letter and can have bad days."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from kcc.config import Settings
from kcc.sections import Mail
from kcc.stores import Stores
from tests.ports import free_port


class Post:
    """What a mail server took; `answer` is what it says to the next letters, `mute` cuts the line instead."""

    def __init__(self) -> None:
        self.port, self.sent = free_port(), list[EmailMessage]()
        self.refused, self.answer, self.mute = set[str](), "250 fine", False
        self._server: Controller | None = None

    @property
    def letters(self) -> list[str]:
        """Every letter as one text, head and body."""
        return [_text(letter) for letter in self.sent]

    def open(self) -> None:
        """Begin to answer, at the same port each time."""
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    def shut(self) -> None:
        """Be away: who comes is refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    async def handle_RCPT(  # noqa: N802 - the server's own name and shape
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, or say that there is no such one."""
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the letter and say so, or not."""
        if self.answer.startswith("250"):
            letter: Any = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
            self.sent.append(letter)
        if self.mute:
            server.transport.abort()
        return self.answer


@contextmanager
def answering() -> Iterator[Post]:
    """A mail server that answers until the end of the block."""
    post = Post()
    post.open()
    try:
        yield post
    finally:
        post.shut()


def mail_to(post: Post, *to: str) -> Mail:
    """Settings by which letters go to this server."""
    return Mail(host="127.0.0.1", port=post.port, security="none", sender="kcc@example.org", to=to)


def with_settings(stores: Stores, **more: object) -> Stores:
    """The same stores under other settings."""
    settings: Settings = stores.settings.model_copy(update=more)
    return Stores(settings, stores.database, stores.keys, stores.blobs)


def _text(letter: EmailMessage) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in letter.items())
    body = letter.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    return f"{head}\n\n{text}".replace("\r\n", "\n")
