"""kcc ingest by itself: what counts as failed, a bar for who watches, a Ctrl-C that leaves nothing half."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from kcc import clock, ingesting
from kcc.access.actor import system
from kcc.stores import Stores
from tests.recordings import traces
from tests.recordings.inbox import SOUND, left, put
from tests.sounds import wav

pytestmark = pytest.mark.usefixtures("centre")
ACTOR = system("ingest")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorder's folder."""
    path = tmp_path / "source"
    path.mkdir()
    return path


def test_our_own_trouble_is_failed_and_not_refused(stores: Stores, folder: Path) -> None:
    put(folder, "a.wav")
    put(folder, "b.wav", line="silent")
    blobs = stores.settings.blobs.folder
    blobs.rename(blobs.with_name("away"))
    told = io.StringIO()
    summary = ingesting.run(stores, ACTOR, (folder,), Console(file=told), as_json=False)
    assert (summary.status, summary.plain()["failed"]) == (3, {"unavailable": 1})
    assert summary.plain()["refused"] == {"no_welcome_text": 1}
    assert "failed (unavailable)" in told.getvalue()
    blobs.with_name("away").rename(blobs)
    assert ingesting.run(stores, ACTOR, (folder,), Console(file=told), as_json=False).status == 1


def test_what_a_recorder_would_send_again_is_failed_too(stores: Stores, folder: Path) -> None:
    """The same word as the interface's `retry`: call it again later."""
    put(folder, "half.wav", SOUND[:-1])
    put(folder, "ahead.wav", wav(2.0), start=(clock.now() + timedelta(hours=1)).isoformat())
    summary = ingesting.run(stores, ACTOR, (folder,), Console(file=io.StringIO()), as_json=False)
    assert (summary.status, summary.plain()["failed"]) == (3, {"sound_truncated": 1, "start_in_future": 1})
    assert left(folder) == {"half.wav", "half.json", "ahead.wav", "ahead.json"}


def test_a_terminal_gets_a_bar_and_names_of_odd_bytes_are_told(
    stores: Stores, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder, "a.wav")
    with open(os.fsencode(folder) + b"/\xff[red].wav", "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(SOUND)
    shown = io.StringIO()
    summary = ingesting.run(stores, ACTOR, (folder,), Console(file=shown, force_terminal=True), as_json=False)
    assert "2/2" in shown.getvalue()
    assert "\\udcff[red].wav: refused (metadata_missing)" in shown.getvalue()
    assert summary.bytes == len(SOUND)
    assert "metadata_missing" in capsys.readouterr().out
    shown.truncate(0)
    ingesting.run(stores, ACTOR, (folder,), Console(file=shown, force_terminal=True), as_json=True)
    assert "taking in" not in shown.getvalue()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]["stopped"] is False


@pytest.mark.in_part("postgresql")
def test_ctrl_c_ends_after_the_calls_in_hand_with_a_summary(
    stores: Stores, folder: Path, tmp_path: Path
) -> None:
    start = (datetime.now(UTC) - timedelta(hours=1)).isoformat()  # another process, in real time
    for number in range(300):
        put(folder, f"{number:03}.wav", wav(5.0, hertz=200.0 + number), start=start)
    settings = stores.settings
    file = tmp_path / "kcc.toml"
    file.write_text(
        f'[database]\nurl = "{settings.database.url}"\n'
        f'[keystore]\nurl = "{settings.keystore.url}"\nroot_file = "{settings.keystore.root_file}"\n'
        f'[blobs]\nfolder = "{settings.blobs.folder}"\n'
    )
    command = [sys.executable, "-m", "kcc", "--config", str(file), "ingest", str(folder), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while len(left(folder)) > 590 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    *lines, last = map(json.loads, out.splitlines())
    summary = last["summary"]
    assert (process.returncode, summary["stopped"]) == (130, True), told
    assert 0 < summary["stored"]["stored"] == len(lines) < 300
    assert len(left(folder)) == 2 * (300 - len(lines))
    assert traces.amounts(stores) == (len(lines),) * 3
