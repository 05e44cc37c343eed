"""A log with a past for tests: lines of several kinds over months, checkpoints kept in a folder, what was due
forgotten.
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.policy import Subject
from kcc.audit import export, record
from kcc.audit.signing import SigningKey
from kcc.audit_settings import Audit
from kcc.clock import Frozen
from kcc.scheduler import auditing
from kcc.stores import Stores
from tests.audit.tampering import Log, parse

ACTIONS = (Action.RECORDING_ERASE, Action.PEOPLE_IMPORT, Action.DRAW_RUN, Action.RECORDING_INTAKE)


def with_audit(stores: Stores, **more: object) -> Stores:
    """The same stores under other settings of the audit."""
    audit = Audit.model_validate({**stores.settings.audit.model_dump(), **more})
    settings = stores.settings.model_copy(update={"audit": audit})
    return Stores(settings, stores.database, stores.keys, stores.blobs)


def act(stores: Stores, number: int) -> None:
    """Leave a line."""
    what = ACTIONS[number % len(ACTIONS)]
    permit = policy.permit(system("test"), what, Subject("thing", f"é{number}"))
    with stores.database.write() as session:
        record.act(session, permit, n=number)


@dataclass(frozen=True)
class Chronicle:
    """The stores, the folder that others hold, and the public key as they know it."""

    stores: Stores
    folder: Path
    key: bytes

    def held(self) -> list[str]:
        """The checkpoints that others hold, as they came."""
        return [path.read_text() for path in sorted(self.folder.glob("*.checkpoint"))]

    def exported(self) -> bytes:
        """The log as an export has it now."""
        out = BytesIO()
        export.write(self.stores.database, out)
        return out.getvalue()

    def log(self) -> Log:
        """The same in its parts."""
        return parse(self.exported(), self.held())


def begin(stores: Stores, folder: Path) -> Chronicle:
    """A log that has not begun, with a folder of checkpoints elsewhere."""
    folder.mkdir()
    stores = with_audit(stores, folder=str(folder), terms={"upkeep": 31, "signin": 31})
    return Chronicle(stores, folder, SigningKey(stores.settings.audit.key_file).public)


def live(chronicle: Chronicle, now: Frozen, turns: int, each: int = 8) -> None:
    """Every other day lines are written, sealed and signed, and what is due is forgotten."""
    for turn in range(turns):
        for number in range(each + turn % 2):
            act(chronicle.stores, turn * 10 + number)
            now.move(timedelta(hours=1))
        auditing.forget(chronicle.stores)
        auditing.checkpoint(chronicle.stores)
        now.move(timedelta(days=2) - timedelta(hours=each + turn % 2))
