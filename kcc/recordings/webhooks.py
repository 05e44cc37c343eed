"""Who sent a webhook, by its signature, and whether it came before under its idempotency key; what it
delivers is not looked at here.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from kcc.access.actor import Actor, recorder
from kcc.db import Database
from kcc.errors import N_, Invalid, KccError, Refused, Unavailable
from kcc.recorder_settings import Vcons
from kcc.recordings.model import WebhookDelivery

HEADERS = ("Kcc-Timestamp", "Kcc-Signature", "X-Hub-Signature-256", "Idempotency-Key")
TIMESTAMP, SIGNATURE, BODY_SIGNATURE, KEY = HEADERS
WINDOW = timedelta(minutes=5)
"""How far a delivery's time may lie from ours, either way: older ones may be replays."""
KEPT = timedelta(days=7)
"""How long an idempotency key is known; after that intake still knows the calls by their ids."""
SECRET_BYTES = 16
"""A shorter secret could be guessed."""


class SignatureWrong(KccError):
    """No signature, or one that none of the configured secrets makes."""

    status = 401
    code = "signature_wrong"


class TimestampStale(SignatureWrong):
    """Signed, if at all, for a moment more than WINDOW away."""

    code = "timestamp_stale"


class KeyReused(Refused):
    """The idempotency key belongs to a delivery with another body."""

    code = "key_reused"


def expected(settings: Vcons, headers: Mapping[str, str], now: datetime) -> str:
    """The signature that a delivery shows, before its body is read; SignatureWrong if it can be none."""
    signature = headers.get(SIGNATURE)
    if signature is None and settings.sign_body_alone:
        signature = headers.get(BODY_SIGNATURE)
    elif not _fresh(headers.get(TIMESTAMP, ""), now):
        raise TimestampStale(
            N_("Send the time of signing in seconds (Kcc-Timestamp), at most 5 minutes old.")
        )
    if not signature or not settings.secrets:
        raise SignatureWrong(N_("Sign the delivery with the secret of a recorder that is registered here."))
    return signature


def sender(settings: Vcons, headers: Mapping[str, str], signature: str, body: bytes) -> Actor:
    """The recorder whose secret signed this; SignatureWrong if none did. All secrets are tried, always."""
    timestamp = f"{headers.get(TIMESTAMP, '')}.".encode() if SIGNATURE in headers else b""
    found = None
    for name, path in settings.secrets.items():
        try:
            secret = path.read_bytes().strip()
        except OSError as fault:
            raise Unavailable(N_("A secret for webhooks cannot be read.")) from fault
        made = hmac.new(secret, timestamp, hashlib.sha256)
        made.update(body)
        same = hmac.compare_digest(f"sha256={made.hexdigest()}".encode(), signature.lower().encode())
        if same and len(secret) >= SECRET_BYTES:
            found = name
    if found is None:
        raise SignatureWrong(N_("Sign the delivery with the secret of a recorder that is registered here."))
    return recorder("webhook", found)


def _fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    return abs(datetime.fromtimestamp(int(timestamp), UTC) - now) <= WINDOW


def begin(database: Database, sender_name: str, key: str, body: bytes, now: datetime) -> str | None:
    """Note a delivery before anything is done with it; the answer it got, if it came and was done before.

    Raises KeyReused for another body under a known key. One that was broken off is simply done again.
    """
    if not 0 < len(key) <= 255 or not key.isprintable():
        raise Invalid(KEY, N_("Send an idempotency key of 1 to 255 printable characters."), code="key_needed")
    digest = hashlib.sha256(body).digest()
    row = {"key_digest": _key(sender_name, key), "body_digest": digest, "came_at": now, "answer": None}
    try:
        with database.write() as session:
            session.execute(delete(WebhookDelivery).where(WebhookDelivery.came_at < now - KEPT))
            known = session.get(WebhookDelivery, row["key_digest"])
            if known is None:
                session.add(WebhookDelivery(**row))
                return None
            return _same(known, digest)
    except IntegrityError:  # two at once: the other was first
        with database.read() as session:
            query = select(WebhookDelivery).where(WebhookDelivery.key_digest == row["key_digest"])
            return _same(session.scalars(query).one(), digest)


def finish(database: Database, sender_name: str, key: str, answer: str) -> None:
    """Keep the answer: the same delivery gets it again."""
    with database.write() as session:
        this = WebhookDelivery.key_digest == _key(sender_name, key)
        session.execute(update(WebhookDelivery).where(this).values(answer=answer))


def _same(known: WebhookDelivery, body_digest: bytes) -> str | None:
    if known.body_digest != body_digest:
        raise KeyReused(N_("Another delivery came under this idempotency key."))
    return known.answer


def _key(sender_name: str, key: str) -> bytes:
    return hashlib.sha256(f"{sender_name}\0{key}".encode()).digest()
