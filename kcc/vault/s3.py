"""Blobs in an S3 bucket, laid out as in a folder: marker, drafts, whole or absent; one blob on its way in
is s3_upload's.
"""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import obstore
from obstore import store as stores
from obstore.exceptions import AlreadyExistsError, BaseError

from kcc.errors import N_, Invalid, Unavailable
from kcc.failpoints import durable
from kcc.s3_place import S3Place
from kcc.vault.files import BlobGone
from kcc.vault.s3_upload import ARRIVING, Upload, answering

if TYPE_CHECKING:
    from obstore.store import BackoffConfig

MARKER = ".kcc-volume"
"""The object that says "these are kcc's"; without it another bucket would look like an empty one."""

_NAME = re.compile(r"[a-z0-9]{8,64}")
_BLOB = re.compile(r"([a-z0-9]{2})/(\1[a-z0-9]{6,62})")
_RETRIES = 2
_BACKOFF: "BackoffConfig" = {
    "init_backoff": timedelta(seconds=0.1),
    "max_backoff": timedelta(seconds=1),
    "base": 2,
}
_BULK = 1000
"""Objects that one request may delete."""


class S3Blobs:
    """A bucket's prefix of blobs; for many threads of one process: its connections do not survive a fork."""

    def __init__(self, place: S3Place, access_key_id: str, secret_access_key: str) -> None:
        """The blobs at `place`; Unavailable when the store does not answer or bears no marker there."""
        self._store = connect(place, access_key_id, secret_access_key)
        self._process = os.getpid()
        self.check()

    @classmethod
    def create(cls, place: S3Place, access_key_id: str, secret_access_key: str) -> Self:
        """Make an empty prefix a volume, if the store keeps the promises we need; one that is one stays."""
        store = connect(place, access_key_id, secret_access_key)
        with answering():
            if not _marked(store):
                if any(page for page in obstore.list(store, chunk_size=1)):
                    raise Unavailable(N_("The bucket's folder is not empty and is not a volume of kcc."))
                _try_out(store)
                # Another may make it at this moment.
                with suppress(AlreadyExistsError), durable("bucket.mark"):
                    obstore.put(store, MARKER, _new_marker(), mode="create")
        return cls(place, access_key_id, secret_access_key)

    def check(self) -> None:
        """Unavailable when the volume is not there."""
        with answering():
            if not _marked(self._here()):
                raise Unavailable(N_("The bucket holds no volume of kcc (or another one than it did)."))

    def writer(self, name: str) -> Upload:
        """A writer for a new blob; nothing is there under the name until it is committed."""
        return Upload(self._here(), f"{ARRIVING}/{name}.{secrets.token_hex(4)}", _key(name))

    def open(self, name: str) -> "S3Blob":
        """The blob, open for reading; BlobGone when there is none."""
        found = self._head(name)
        if found is None:
            raise BlobGone(N_("The stored sound is gone."))
        return S3Blob(self._here(), _key(name), found["size"])

    def delete(self, names: Sequence[str]) -> None:
        """Remove these blobs; a missing one is fine; all are tried, unless the store itself is away."""
        keys = [_key(name) for name in names]
        self.check()
        faults: list[Unavailable] = []
        for start in range(0, len(keys), _BULK):
            faults += self._delete(keys[start : start + _BULK])
        self.check()  # what another bucket does not hold has not been removed from ours
        if faults:
            raise faults[0]

    def names(self) -> Iterator[str]:
        """The names of all blobs in order; Unavailable rather than a short list."""
        self.check()
        for found in self._list():
            if match := _BLOB.fullmatch(found["path"]):
                yield match[2]
        self.check()

    def present(self, name: str) -> bool:
        """Whether there is a blob of this name; Unavailable when the volume is not there."""
        return self._head(name) is not None

    def older(self, name: str, before: datetime) -> bool:
        """Whether there is a blob of this name that was written, by the store's clock, before an instant."""
        found = self._head(name)
        return found is not None and bool(found["last_modified"] < before)

    def abandoned(self, older_than: datetime) -> set[str]:
        """The names of which there is a draft that `sweep` would remove."""
        self.check()
        return {key.rpartition("/")[2].partition(".")[0] for key in self._stale(older_than)}

    def arriving(self) -> set[str]:
        """The names of what is being written, or was left unfinished."""
        self.check()
        return {found["path"].rpartition("/")[2].partition(".")[0] for found in self._list(ARRIVING)}

    def identity(self) -> str:
        """What tells this volume from every other; a volume of before gets its own now."""
        self.check()
        with answering():
            lines = bytes(obstore.get(self._here(), MARKER).bytes()).decode().split("\n")
            if len(lines) < 2 or not lines[1]:
                with durable("bucket.mark"):
                    obstore.put(self._here(), MARKER, _new_marker())
                lines = bytes(obstore.get(self._here(), MARKER).bytes()).decode().split("\n")
        return lines[1]

    def sweep(self, older_than: datetime) -> int:
        """Remove the drafts that no writer has touched since `older_than`; how many.

        A living writer touches its draft every few minutes, and gives up once it is gone. Parts that a killed
        writer had sent are no objects: the bucket's own rule for unfinished uploads removes them.
        """
        self.check()
        stale = list(self._stale(older_than))
        with answering():
            for start in range(0, len(stale), _BULK):
                with durable("bucket.sweep"):
                    obstore.delete(self._here(), stale[start : start + _BULK])
        return len(stale)

    def free_bytes(self) -> None:
        """Unknown: a bucket does not say."""
        return

    def _delete(self, keys: list[str]) -> Iterator[Unavailable]:
        """Delete at once, or one by one if that fails while the store is there; the faults."""
        try:
            with answering(), durable("bucket.delete"):
                obstore.delete(self._here(), keys)
            return
        except Unavailable:
            self.check()
        for key in keys:
            try:
                with (
                    answering(key.rpartition("/")[2]),
                    suppress(FileNotFoundError),
                    durable("bucket.delete_one"),
                ):
                    obstore.delete(self._here(), key)
            except Unavailable as fault:
                yield fault

    def _stale(self, older_than: datetime) -> Iterator[str]:
        return (found["path"] for found in self._list(ARRIVING) if found["last_modified"] < older_than)

    def _list(self, prefix: str | None = None) -> Iterator[Any]:
        with answering():
            for page in obstore.list(self._here(), prefix):
                yield from page

    def _head(self, name: str) -> Any:
        """What the store says of a blob; None when the volume is there and the blob is not."""
        key = _key(name)
        with answering(name), suppress(FileNotFoundError):
            return obstore.head(self._here(), key)
        self.check()
        return None

    def _here(self) -> stores.S3Store:
        if os.getpid() != self._process:
            raise RuntimeError("this store was opened before a fork; open it anew in each process")
        return self._store


class S3Blob:
    """An open blob; threads may read it together."""

    def __init__(self, store: stores.S3Store, key: str, size: int) -> None:
        self._store, self._key, self.size = store, key, size
        self._closed = False

    def read_at(self, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer at the end; BlobGone when it was removed meanwhile."""
        if self._closed:
            raise ValueError("this blob is closed")
        length = min(length, self.size - start)
        if length <= 0:
            return b""
        with answering(self._key.rpartition("/")[2]):
            try:
                return bytes(obstore.get_range(self._store, self._key, start=start, length=length))
            except FileNotFoundError:
                raise BlobGone(N_("The stored sound is gone.")) from None

    def close(self) -> None:
        """Give no more of it."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(place: S3Place, access_key_id: str, secret_access_key: str) -> stores.S3Store:
    """Every request is bounded: in time, in how often it is repeated, and in how long that may go on."""
    timeout = timedelta(seconds=place.timeout)
    return stores.S3Store(
        place.bucket,
        prefix=place.prefix or None,
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        endpoint=place.endpoint,
        region=place.region,
        virtual_hosted_style_request=place.virtual_hosts,
        copy_if_not_exists="multipart",
        client_options={
            "allow_http": place.endpoint.startswith("http://"),
            "connect_timeout": min(timeout, timedelta(seconds=5)),
            "timeout": timeout,
        },
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": timeout,
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        },
    )


def _new_marker() -> bytes:
    return f"kcc volume 1\n{secrets.token_hex(16)}\n".encode()


def _marked(store: stores.S3Store) -> bool:
    with suppress(FileNotFoundError):
        obstore.head(store, MARKER)
        return True
    return False


def _try_out(store: stores.S3Store) -> None:
    """Unavailable unless the store refuses to replace, when asked, and really removes what is deleted."""
    trial = f"{ARRIVING}/trial"
    try:
        version = obstore.put(store, trial, b"1", mode="create").get("version")
        if version not in (None, "null"):
            raise Unavailable(
                N_("The bucket keeps old versions, so that nothing is removed; switch that off.")
            )
        for again in (_put_again, _copy_again):
            with suppress(AlreadyExistsError):
                again(store, trial)
                raise Unavailable(
                    N_("The store replaces objects although it is asked not to; kcc needs another.")
                )
    finally:
        with suppress(BaseError, FileNotFoundError):
            obstore.delete(store, trial)


def _put_again(store: stores.S3Store, key: str) -> None:
    obstore.put(store, key, b"2", mode="create")


def _copy_again(store: stores.S3Store, key: str) -> None:
    obstore.copy(store, key, key, overwrite=False)


def _key(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid("name", N_("A stored file's name has 8 to 64 small letters and digits."))
    return f"{name[:2]}/{name}"
