"""Erasures that failed: how often, and when each is tried again, so that a poisoned one neither stops the
rest nor is tried for ever at each run; erasing itself is erasure's.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from kcc.db import put
from kcc.recordings import rules
from kcc.recordings.model import ErasureAttempt, Recording
from kcc.stores import Stores

log = structlog.get_logger(__name__)


def note(stores: Stores, failed: Sequence[str], now: datetime) -> None:
    """Count one more failed attempt for each of these, and put off the next one."""
    if not failed:
        return
    with stores.database.write() as session:
        for recording_id in failed:
            if session.get(Recording, recording_id) is None:  # somebody else has erased it meanwhile
                continue
            kept = session.get(ErasureAttempt, recording_id)
            attempts = kept.attempts + 1 if kept else 1
            wait = rules.erasure_wait(attempts)
            put(
                session,
                ErasureAttempt,
                {"recording_id": recording_id},
                attempts=attempts,
                next_try=now + wait,
            )
            log.warning(
                "erasing put off", recording=recording_id, attempts=attempts, hours=wait.seconds / 3600
            )
