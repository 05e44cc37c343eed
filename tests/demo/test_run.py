"""The demo, started again: what an earlier kcc left is brought up to date, and goes on."""

import json
from datetime import date
from pathlib import Path

import pytest

import kcc
from kcc import config, migrating
from kcc.demo import run
from kcc.stores import Stores
from kcc.vault.folder import Folder

SEED = 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A demo without calls that a kcc of before the sealed audit made: no key, an older schema."""
    (tmp_path / "kcc.toml").write_text(run.SETTINGS.format(day=15))
    settings = config.load(tmp_path / "kcc.toml")
    Folder.create(settings.blobs.folder)
    stores = Stores.open(settings)
    migrating.upgrade(stores.database, "0001")
    stores.close()
    (tmp_path / "demo").mkdir()
    (tmp_path / run.MADE).write_text(json.dumps({"seed": SEED, "version": kcc.__version__}))
    return tmp_path


def test_a_demo_of_an_older_kcc_is_brought_up_to_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        run.run(folder, seed=SEED, fresh=False, serve=False)
        told = json.loads(capsys.readouterr().out)
        assert {job["name"]: job["outcome"] for job in told["jobs"] if job["outcome"] != "done"} == {}
    settings = config.load(folder / "kcc.toml")
    assert migrating.is_current(settings.database.url)
    assert settings.audit.key_file.exists()


def test_a_draw_falls_on_a_working_day() -> None:
    assert run.draw_day(date(2026, 11, 22)) == date(2026, 11, 20)
    assert run.draw_day(date(2026, 8, 31)) == date(2026, 8, 28)
