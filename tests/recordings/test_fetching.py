"""Sound that a vCon names by its address, over TLS from a real server: whole and as described, or not."""

import base64
import datetime as dt
import hashlib
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kcc import clock
from kcc.access.actor import recorder
from kcc.errors import Unavailable
from kcc.recordings import fetching, vcons
from kcc.recordings.intake import Answer, Desk
from kcc.recordings.sources.content import ContentFault
from kcc.stores import Stores
from tests.recordings import traces
from tests.sounds import wav

SOUND = wav(5.0)


class Handler(BaseHTTPRequestHandler):
    """Answers by the path."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/sound")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/nothing" else 200)
        self.send_header("Content-Length", str(len(SOUND)))
        self.end_headers()
        with suppress(OSError):  # whoever asked has heard enough
            self.wfile.write(SOUND[: len(SOUND) // 2] if self.path == "/cut" else SOUND)

    def log_message(self, *_: object) -> None:
        """Not on the tests' own output."""


class Quiet(ThreadingHTTPServer):
    """Says nothing of those who hang up."""

    def handle_error(self, *_: object) -> None:
        """A client that does not trust us."""


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the server answers, under a certificate that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    Handler.asked = []
    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(url: str) -> bytes:
    return b"".join(fetching.fetch(url))


def test_the_whole_sound_comes(origin: str) -> None:
    assert fetched(f"{origin}/sound?day=3") == SOUND
    assert Handler.asked == ["/sound?day=3"]


@pytest.mark.parametrize("path", ["/moved", "/nothing", "/cut"])
def test_what_is_not_there_whole_is_asked_for_again_later(origin: str, path: str) -> None:
    """No redirect is followed: what may be asked was decided for this address alone."""
    with pytest.raises(Unavailable) as told:
        fetched(f"{origin}{path}")
    assert told.value.code == "content_unavailable"
    assert Handler.asked == [path]


@pytest.mark.parametrize(("limit", "value"), [("LARGEST", 1000), ("WHOLE_SECONDS", -1)])
def test_neither_size_nor_time_is_without_end(
    origin: str, limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, limit, value)
    with pytest.raises(Unavailable):
        fetched(f"{origin}/sound")


def test_a_server_that_cannot_prove_who_it_is_is_not_asked(
    origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unavailable):
        fetched(f"{origin}/sound")
    assert Handler.asked == []


def vcon(url: str, content: bytes) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha512(content).digest()).decode()
    dialog = {
        "type": "recording",
        "start": (clock.now() - dt.timedelta(hours=1)).isoformat(),
        "parties": [0, 1],
        "url": url,
        "content_hash": f"sha512-{digest}",
    }
    parties = [{"tel": "+31612345678"}, {"sip": "sip:2001@example.org"}]
    return json.dumps({"vcon": "0.4.0", "uuid": "u-1", "parties": parties, "dialog": [dialog]}).encode()


@pytest.mark.usefixtures("centre")
def test_a_vcon_without_its_sound_is_taken_in_with_it(stores: Stores, origin: str) -> None:
    allowed = stores.settings.vcons.model_copy(update={"fetch_origins": (origin,)})
    object.__setattr__(stores, "settings", stores.settings.model_copy(update={"vcons": allowed}))
    desk, actor = Desk(stores), recorder("webhook", "siprec")
    with pytest.raises(ContentFault) as other:
        vcons.take_in(desk, actor, vcon(f"{origin}/sound", b"another one"))
    assert other.value.code == "content_mismatch"
    with pytest.raises(Unavailable):
        vcons.take_in(desk, actor, vcon(f"{origin}/cut", SOUND))
    assert traces.amounts(stores) == (0, 0, 0)
    (receipt,) = vcons.take_in(desk, actor, vcon(f"{origin}/sound", SOUND))
    assert receipt.answer in (Answer.STORED, Answer.QUARANTINED)
    assert traces.recording(stores).size == len(SOUND)
