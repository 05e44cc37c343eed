"""A recorder's folder in tests: sounds with their sidecars, whole, broken or odd."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from kcc import clock
from kcc.access.actor import system
from kcc.recordings.delivery import FileAnswer, deliver
from kcc.stores import Stores
from tests.sounds import wav

SOUND = wav(1.0)


def describe(call_id: str | None, **more: object) -> dict[str, Any]:
    """What a sidecar says of a good call."""
    values: dict[str, object] = {
        "recorder": "exchange",
        "call_id": call_id,
        "start": (clock.now() - timedelta(hours=1)).isoformat(),
        "agent_id": "agent-anna",
        "direction": "incoming",
        "scope": "external",
        "line": "main",
        "remote_number": "+31201234567",
    }
    return {key: value for key, value in (values | more).items() if value is not None}


def put(folder: Path, name: str, content: bytes = SOUND, **described: object) -> Path:
    """A sound with its sidecar; gives the sound's path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_suffix(".json").write_text(json.dumps(describe(**({"call_id": path.stem} | described))))
    return path


def run(stores: Stores, *paths: Path, workers: int = 4) -> dict[str, FileAnswer]:
    """The answers of one run, by file name."""
    return {answer.path.name: answer for answer in deliver(stores, system("ingest"), paths, workers=workers)}


def left(folder: Path) -> set[str]:
    """What is still in the folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
