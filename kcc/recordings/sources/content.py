"""The sound of a vCon's recording: inside it, or elsewhere under a hash; opened by whoever may fetch."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from kcc.errors import N_, Invalid
from kcc.recordings.sources.metadata import MetadataInvalid

PIECE = 262_144
_ALGORITHMS = {"sha512": 64, "sha384": 48, "sha256": 32}

Opener = Callable[[str], Iterable[bytes]]
"""Gives the bytes at an https address by the piece, up to a size of its own; Unavailable if it cannot."""


class ContentFault(MetadataInvalid):
    """The sound is not there (`content_missing`), may not be fetched (`content_elsewhere`), or is another one
    (`content_mismatch`).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__((Invalid("dialog", message, code=code),))
        self.code = code


@dataclass(frozen=True, slots=True)
class Content:
    """Where a recording's sound is: `body` in base64, or `url`; and the digests of which all must agree."""

    body: str | None = field(default=None, repr=False)
    url: str | None = None
    digests: tuple[tuple[str, bytes], ...] = ()

    def pieces(self, open_url: Opener | None, origins: Iterable[str]) -> Iterator[bytes | memoryview]:
        """The sound's bytes; raises ContentFault, at the end if they were others than was promised.

        Whoever takes them in must let go of all when this raises. Of an address only a configured https
        origin is asked, and only for sound that has a digest.
        """
        yield from self.checked(self._from(open_url, origins))

    def checked(self, pieces: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
        """These bytes; ContentFault after the last if they are not those that the digests describe."""
        hashed = [hashlib.new(name) for name, _ in self.digests]
        for piece in pieces:
            for one in hashed:
                one.update(piece)
            yield piece
        for one, (_, digest) in zip(hashed, self.digests, strict=True):
            if not hmac.compare_digest(one.digest(), digest):
                raise ContentFault(
                    "content_mismatch", N_("The sound is another one than its content hash describes.")
                )

    def _from(self, open_url: Opener | None, origins: Iterable[str]) -> Iterable[bytes]:
        if self.body is not None:
            return _decoded(self.body)
        if self.url is None:
            raise ContentFault("content_missing", N_("The vCon's recording has no sound."))
        if open_url is None or not self.digests or _origin(self.url) not in set(origins):
            raise ContentFault(
                "content_elsewhere",
                N_("The vCon's sound is at an address that may not be asked, or has no content hash."),
            )
        return open_url(self.url)


def content_of(dialog: dict[str, Any]) -> Content:
    """Where a dialog's sound is; raises ContentFault for a digest that cannot be checked."""
    body, url = dialog.get("body"), dialog.get("url")
    written = dialog.get("content_hash")
    hashes = written if isinstance(written, list) else [] if written in (None, "") else [written]
    digests = [_digest(one) for one in hashes]
    if dialog.get("signature") and not hashes:  # the drafts up to 0.0.2: alg and signature beside the url
        digests = [_digest(f"{str(dialog.get('alg', '')).replace('-', '').lower()}-{dialog['signature']}")]
    encoding = dialog.get("encoding")
    if body not in (None, "") and (
        not isinstance(body, str) or encoding not in ("base64url", "base64", None, "")
    ):
        raise ContentFault(
            "content_missing", N_("The vCon's sound is in an encoding that kcc does not read.")
        )
    return Content(body or None, url if isinstance(url, str) and url else None, tuple(digests))


def _digest(written: object) -> tuple[str, bytes]:
    """sha512-DIGEST; also sha512:DIGEST, with or without padding."""
    found = (
        re.fullmatch(r"(sha\d{3})[-:]([A-Za-z0-9_+/=\-\s]{40,120})", written)
        if isinstance(written, str)
        else None
    )
    if found and found[1] in _ALGORITHMS:
        digest = b"".join(_decoded(found[2]))
        if len(digest) == _ALGORITHMS[found[1]]:
            return found[1], digest
    raise ContentFault("content_mismatch", N_("The vCon's content hash is none that kcc can check."))


_TO_BASE64 = bytes.maketrans(b"-_", b"+/")


def _decoded(text: str) -> Iterator[bytes]:
    """The bytes of base64url, or of base64 as older writers have it, a piece at a time."""
    left = b""
    for at in range(0, len(text), PIECE):
        left += text[at : at + PIECE].encode("ascii", "replace").translate(_TO_BASE64, b"\r\n\t =")
        whole = len(left) - len(left) % 4
        yield _plain(left[:whole])
        left = left[whole:]
    yield _plain(left + b"=" * (-len(left) % 4))


def _plain(coded: bytes) -> bytes:
    try:
        return base64.b64decode(coded, validate=True)
    except ValueError:
        raise ContentFault("content_missing", N_("The vCon's sound is not written in base64url.")) from None


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or parts.username is not None or not url.isascii() or not url.isprintable():
        return ""
    return f"https://{parts.hostname}" + ("" if port in (None, 443) else f":{port}")
