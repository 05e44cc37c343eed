"""The demo, started again: what an earlier kcc left is brought up to date, and goes on."""

import base64
import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
from rich.console import Console

import kcc
from kcc import clock, config, migrating
from kcc.demo import accounts, run
from kcc.demo.centre import Centre
from kcc.people import directory, passwords
from kcc.people import queries as people
from kcc.people.factors import proving
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


def test_an_account_without_a_second_factor_gets_one(
    folder: Path, capsys: pytest.CaptureFixture[str], house: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a demo of before; the same seed gives the same secrets, and its code opens the account."""
    light = passwords.PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", light)
    stores = Stores.open(config.load(folder / "kcc.toml"))
    migrating.upgrade(stores.database)
    (folder / "demo" / "people.toml").write_text(house.people_toml())
    with stores.database.write() as session:
        directory.import_file(session, run.DEMO, folder / "demo" / "people.toml")
    accounts.set_up(stores, folder / "demo", house, SEED)
    of_before = [row[:4] for row in json.loads((folder / "demo" / accounts.FILE).read_text())]
    (folder / "demo" / accounts.FILE).write_text(json.dumps(of_before))
    for _ in range(2):
        accounts.enrol(stores, folder / "demo", SEED)
    found = accounts.shown(folder / "demo")
    assert [one.profile for one in found] == [row[0] for row in of_before]
    assert len({one.secret for one in found}) == len(found)
    chance = random.Random(f"codes/{SEED}/{found[0].number}")
    assert base64.b32decode(found[0].secret) == chance.randbytes(20)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        shown = run.code(folder, "coach").split()[0]
        assert shown == run.code(folder, accounts.find(folder / "demo", "coach").number).split()[0]  # type: ignore[union-attr]
        with stores.database.read() as session:
            coach = people.by_number(session, accounts.find(folder / "demo", "coach").number)  # type: ignore[union-attr]
            actor = people.actor_of(session, coach.id, clock.today())
        assert proving.by_code(stores, actor, shown) == "totp"
    stores.close()
    Console(file=sys.stdout, width=100).print(run._accounts(folder), run._codes(folder))
    told = capsys.readouterr().out
    assert all(one.password in told and one.secret in told for one in found)
    with pytest.raises(click.ClickException, match="there are: "):
        run.code(folder, "nobody")


def test_a_draw_falls_on_a_working_day() -> None:
    assert run.draw_day(date(2026, 11, 22)) == date(2026, 11, 20)
    assert run.draw_day(date(2026, 8, 31)) == date(2026, 8, 28)
