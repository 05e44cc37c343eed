"""Names for the durable steps: where each is taken, a test can kill the process or let the disk fail; what
then happens is the step's own affair.

Nothing outside the process can arm them: no setting, no variable of the environment and no request is read
here. Only Python that runs in the same process and calls `armed` does, and nothing in kcc calls it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType

POINTS = {
    "draft.create": "the draft of a blob begins to exist",
    "draft.write": "a piece of sealed sound goes into the draft",
    "draft.sync": "the draft's bytes are on the disk",
    "draft.remove": "the draft's own name goes",
    "shard.make": "a folder of blobs is made",
    "shard.sync": "that folder's own entry is on the disk",
    "blob.link": "the blob appears under its name",
    "blob.sync": "the blob's name is on the disk",
    "blob.unlink": "a blob goes",
    "blob.gone": "that it went is on the disk",
    "stray.remove": "a draft that a killed writer left goes",
    "volume.make": "the folder of the volume is made",
    "volume.arriving": "the folder for drafts is made",
    "volume.mark": "the volume is marked",
    "volume.sync": "the mark is on the disk",
    "volume.identify": "the draft of a volume's identity is written",
    "volume.identity": "a volume of before gets its identity",
    "root.folder": "the folder of the root file is made",
    "root.clear": "a draft of the root file that a crash left goes",
    "root.write": "the new roots are written beside the old",
    "root.sync": "the new roots are on the disk",
    "root.replace": "the new root file takes the old one's place",
    "root.placed": "that it did is on the disk",
    "root.wipe": "what the old root file held is overwritten",
    "root.wiped": "the overwriting is on the disk",
    "keys.folder": "the folder of the key store is made",
    "keys.file": "the file of the key store is made",
    "keys.schema": "the key table is made",
    "keys.create": "new keys are committed",
    "keys.destroy": "the destruction of keys is committed",
    "keys.root": "the transaction around a change of the root file ends",
    "keys.rewrap": "keys wrapped anew are committed",
    "keys.settle": "the key store's log is cut off",
    "database.folder": "the folder of an embedded database is made",
    "database.commit": "a verb's rows and audit lines are committed",
    "database.settle": "the database's log is cut off",
    "source.remove": "the recorder's file goes",
    "drop.make": "a folder of ours in a drop folder is made",
    "claim.make": "the folder for a claim's files is made",
    "claim.write": "a claim is written down as a draft",
    "claim.note": "the draft becomes the claim's note",
    "claim.take": "a recorder's file comes into the claim",
    "claim.return": "a claimed file goes back to where it lay",
    "claim.remove": "a claimed file goes",
    "claim.empty": "the claim's folder goes",
    "claim.forget": "the claim's note goes",
    "claim.clear": "a note that a crash left goes",
    "refused.folder": "a folder for refused calls is made",
    "refused.write": "the reason of a refusal is written as a draft",
    "refused.reason": "the draft becomes the reason",
    "refused.keep": "a refused call's file comes to where it is kept",
    "refused.remove": "a refused call's file or reason goes in its time",
    "refused.empty": "an empty folder of refused calls goes",
    "signing.folder": "the folder of the audit's signing key is made",
    "signing.clear": "a draft of a key that a crash left goes",
    "signing.write": "the draft of a signing key is on the disk",
    "signing.link": "the signing key appears under its name",
    "signing.unlink": "the draft's own name goes",
    "signing.sync": "the key's name is on the disk",
    "signing.promote": "the successor takes the key's place",
    "signing.promoted": "that it did is on the disk",
    "memory.clear": "a draft of the key's memory that a crash left goes",
    "memory.write": "the checkpoint signed last is on the disk as a draft",
    "memory.replace": "the draft becomes the key's memory",
    "memory.sync": "that it did is on the disk",
    "factors.folder": "the folder of the second factors' key is made",
    "factors.write": "the draft of that key is on the disk",
    "factors.link": "the key appears under its name",
    "factors.unlink": "the draft's own name goes",
    "factors.sync": "the key's name is on the disk",
    "place.clear": "a draft that a crash left in the folder of checkpoints goes",
    "place.write": "the draft of a checkpoint is on the disk",
    "place.link": "the checkpoint appears under its number",
    "place.remove": "the draft's own name goes",
    "place.sync": "the checkpoint's name is on the disk",
    "place.put": "a checkpoint is put into the bucket of checkpoints",
    "bucket.mark": "a bucket's folder is marked",
    "bucket.draft": "the draft of an object is put",
    "bucket.touch": "a writer shows that it lives",
    "bucket.part": "a part of a large object is sent",
    "bucket.parts": "the parts become one draft",
    "bucket.put": "a small object is put in its place",
    "bucket.copy": "a large object is copied to its place",
    "bucket.remove": "an object's draft goes",
    "bucket.delete": "objects go at once",
    "bucket.delete_one": "one object goes",
    "bucket.sweep": "drafts that killed writers left go",
}
"""Every durable step of vault, recordings, audit, second factors and database, by name."""

Hook = Callable[[str, bool], None]
"""Told of each step, before it (False) and after it went well (True); what it raises, the step raises."""

_hook: Hook | None = None


class _Unarmed:
    """What surrounds a step outside tests: nothing."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        return


class _Armed:
    """What surrounds a step while a test watches."""

    __slots__ = ("_hook", "_name")

    def __init__(self, name: str, hook: Hook) -> None:
        if name not in POINTS:
            raise KeyError(name)
        self._name, self._hook = name, hook

    def __enter__(self) -> None:
        self._hook(self._name, False)

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._hook(self._name, True)


_UNARMED = _Unarmed()


def durable(name: str) -> AbstractContextManager[None]:
    """Surround one durable step, `with durable("blob.link"): os.link(...)`; costs a comparison."""
    return _UNARMED if _hook is None else _Armed(name, _hook)


@contextmanager
def armed(hook: Hook) -> Iterator[None]:
    """Have every durable step of this process told to `hook` for the length of the block; for tests alone."""
    global _hook
    before, _hook = _hook, hook
    try:
        yield
    finally:
        _hook = before
