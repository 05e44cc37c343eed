"""kcc.crew: many files by several processes, each file taken in once, whatever happens to a process."""

import io
import json
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import func, select

from kcc import clock, config, crew, ingesting, migrating
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.errors import Unavailable
from kcc.recordings import delivery
from kcc.recordings.answers import SENTENCES
from kcc.recordings.delivery import FileAnswer
from kcc.recordings.intake import Answer
from kcc.recordings.model import Recording
from kcc.stores import Stores
from kcc.vault.folder import Folder
from tests import centre
from tests.sounds import wav

CREW = system("crew")
MANY = crew.FEW + 20
STORED = {("stored", SENTENCES["stored"], True)}


@pytest.fixture
def stores(database_url: str, tmp_path: Path) -> Iterator[Stores]:
    """Stores by the real clock: other processes have no frozen one."""
    file = tmp_path / "kcc.toml"
    file.write_text(f'[database]\nurl = "{database_url}"\n')
    settings = config.load(file)
    Folder.create(settings.blobs.folder)
    opened = Stores.open(settings)
    migrating.upgrade(opened.database)
    centre.build(opened)
    yield opened
    opened.close()


def filled(folder: Path, files: int, **said: str) -> list[Path]:
    """A recorder's folder."""
    folder.mkdir()
    start = (clock.now() - timedelta(hours=1)).isoformat()
    described = {"recorder": "exchange", "start": start, "agent_id": "agent-anna", "direction": "incoming"}
    described |= {"scope": "external", "line": "main"} | said
    paths = [folder / f"call-{number}.wav" for number in range(files)]
    for path in paths:
        path.write_bytes(wav(1.0))
        path.with_suffix(".json").write_text(json.dumps(described | {"call_id": path.stem}))
    return paths


def registered(stores: Stores) -> tuple[int, int]:
    """How many recordings there are, and how many of their intakes the audit knows."""
    with stores.database.read() as session:
        lines = select(func.count()).where(AuditLine.action == "recording:intake")
        return session.scalar(select(func.count(Recording.id))) or 0, session.scalar(lines) or 0


def test_many_files_are_each_taken_in_once(stores: Stores, tmp_path: Path) -> None:
    paths, told = filled(tmp_path / "in", MANY), []
    answers = list(crew.deliver(stores, CREW, [tmp_path / "in"], progress=told.append, processes=2))
    assert sorted(answer.path for answer in answers) == sorted(paths)
    assert {(answer.code, answer.message, answer.removed) for answer in answers} == STORED
    assert told == list(range(1, MANY + 1))
    assert registered(stores) == (MANY, MANY)
    assert stores.keys.holds(list(stores.blobs.names())) == set(stores.blobs.names())
    assert not list((tmp_path / "in").iterdir())
    filled(tmp_path / "again", MANY)
    again = list(crew.deliver(stores, CREW, [tmp_path / "again"], processes=2))
    assert {answer.answer for answer in again} == {Answer.KNOWN}
    assert registered(stores)[0] == MANY


def test_refused_files_stay_and_stop_nobody(stores: Stores, tmp_path: Path) -> None:
    paths = filled(tmp_path / "in", MANY)
    for path in paths[::10]:
        path.write_bytes(b"no sound")
    answers = {answer.path: answer for answer in crew.deliver(stores, CREW, [tmp_path / "in"], processes=2)}
    refused = {path: answer.code for path, answer in answers.items() if answer.answer is Answer.REFUSED}
    assert refused == dict.fromkeys(paths[::10], "sound_unknown")
    assert all(
        answers[path].fault is None or answers[path].fault.code == answers[path].code for path in refused
    )
    assert all(path.exists() for path in paths[::10])
    assert registered(stores)[0] == MANY - len(paths[::10])


def test_few_files_begin_no_process(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "in", 3)
    monkeypatch.setattr(crew, "Crew", None)
    assert len(list(crew.deliver(stores, CREW, [tmp_path / "in"]))) == 3


def killed(_files: list[Path]) -> list[FileAnswer]:
    """What a process does that the system ends."""
    os.kill(os.getpid(), signal.SIGKILL)
    return []


@pytest.mark.in_part("postgresql")
def test_a_killed_process_is_told_and_nothing_is_lost(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "in", MANY)
    with monkeypatch.context() as patched:
        patched.setattr(crew, "_take", killed)
        with pytest.raises(Unavailable, match="has ended"):
            list(crew.deliver(stores, CREW, [tmp_path / "in"], processes=2))
        summary = ingesting.run(stores, CREW, (tmp_path / "in",), Console(file=io.StringIO()), as_json=False)
        assert summary.status == ingesting.FAILED
    assert len(list(crew.deliver(stores, CREW, [tmp_path / "in"], processes=2))) == MANY
    assert registered(stores) == (MANY, MANY)


def full(files: list[Path]) -> list[FileAnswer]:
    """What a process answers when the disk is full."""
    return [FileAnswer(path, Answer.REFUSED, "disk_full") for path in files[: delivery.WORKERS]]


def test_a_full_disk_ends_the_run(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = filled(tmp_path / "in", 10 * crew.CHUNK)
    monkeypatch.setattr(crew, "_take", full)
    answers = list(crew.deliver(stores, CREW, [tmp_path / "in"], processes=2))
    assert 0 < len(answers) <= 5 * delivery.WORKERS
    assert all(path.exists() for path in paths)
