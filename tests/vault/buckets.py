"""A folder of its own in the test server's bucket, seen from beside kcc; it judges nothing."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import obstore
from obstore.store import S3Store

from kcc.s3_place import S3Place
from tests import seaweed


@dataclass
class Bucket:
    """A folder of the bucket: the server, its place for kcc, and a way in beside kcc."""

    server: seaweed.Server
    prefix: str

    @property
    def place(self) -> S3Place:
        """As the settings name it."""
        return self.through()

    def through(self, port: int | None = None, timeout: int = seaweed.UNHURRIED) -> S3Place:
        """The same behind a proxy."""
        return S3Place.of(self.server.url(self.prefix, port, timeout))

    def objects(self) -> list[str]:
        """The names of all objects there."""
        return sorted(found["path"] for page in obstore.list(self._store) for found in page)

    def put(self, name: str, content: bytes) -> None:
        """Leave an object."""
        obstore.put(self._store, name, content)

    def contents(self) -> bytes:
        """Every byte of every object."""
        return b"".join(bytes(obstore.get(self._store, name).bytes()) for name in self.objects())

    def empty(self) -> None:
        """Remove everything."""
        if names := self.objects():
            obstore.delete(self._store, names)

    def empty_drafts(self) -> None:
        """Remove what writers left or are at work on."""
        obstore.delete(self._store, [name for name in self.objects() if name.startswith(".arriving")])

    def unfinished(self) -> list[str]:
        """The uploads in parts that were begun and neither finished nor given up."""
        filer = f"http://127.0.0.1:{self.server.ports['filer']}/buckets/{seaweed.BUCKET}/.uploads/?limit=1000"
        try:
            with urlopen(
                Request(filer, headers={"Accept": "application/json"}), timeout=seaweed.UNHURRIED
            ) as answer:
                entries = json.load(answer)["Entries"] or []
        except HTTPError as fault:
            fault.close()
            return []
        return [entry["FullPath"] for entry in entries]

    @property
    def _store(self) -> S3Store:
        return S3Store(
            seaweed.BUCKET,
            prefix=self.prefix,
            endpoint=f"http://127.0.0.1:{self.server.port}",
            access_key_id=seaweed.KEY_ID,
            secret_access_key=seaweed.SECRET,
            region="us-east-1",
            client_options={"allow_http": True, "timeout": f"{seaweed.UNHURRIED}s"},
        )


@contextmanager
def bucket(server: seaweed.Server) -> Iterator[Bucket]:
    """A folder that nobody else uses, emptied afterwards."""
    found = Bucket(server, f"test-{secrets.token_hex(6)}")
    yield found
    found.empty()
