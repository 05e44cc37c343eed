"""A copy for the police, from the threat to a machine that knows nothing of kcc's stores."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.scheduler import auditing
from kcc.threat.model import Incident, IncidentMeasure
from kcc.threat.police_copy.model import PoliceCopy
from tests.centre import Centre
from tests.conftest import Client

ROOT = Path(__file__).parents[2]


@pytest.mark.rule("THR-2", "THR-5")
def test_a_package_is_verified_where_there_is_no_database(
    centre: Centre, browser_as: Callable[[str], Client], tmp_path: Path
) -> None:
    """Reported, decided on by both, taken out once; there, whole or changed, it says so by itself."""
    stores, key = centre.stores, auditing.make_key(centre.stores.settings)
    anna, lead = browser_as(centre.anna), browser_as(centre.lead)
    centre.call(seconds=21)
    with stores.database.read() as session:
        call = anna.get("/calls").text.split('href="/calls/')[1][:32]
    anna.post(f"/calls/{call}/threat", {"kind": "threat", "account": "Hij kwam langs, zei hij."})
    with stores.database.read() as session:
        incident = session.scalars(select(Incident.id)).one()
    due = (clock.today() + timedelta(days=5)).isoformat()
    plan = {"measure": "police", "plan": "Aangifte doen.", "owner": centre.lead, "due": due}
    assert anna.post(f"/threats/{incident}/measures", plan).status_code == 303
    with stores.database.read() as session:
        measure = session.scalars(select(IncidentMeasure.id)).one()
    assert f"/measures/{measure}/police-copy" not in lead.get(f"/threats/{incident}").text
    assert lead.post(f"/measures/{measure}/confirm").status_code == 303
    page = f"/measures/{measure}/police-copy"
    assert page in lead.get(f"/threats/{incident}").text
    assert lead.post(page, {"call": call, "why": "Aangifte PL1300"}).status_code == 303
    with stores.database.read() as session:
        copy = session.scalars(select(PoliceCopy.id)).one()
    package = tmp_path / "there" / "call.zip"
    package.parent.mkdir()
    package.write_bytes(lead.post(f"/police-copies/{copy}/take").data)

    told = there(package, key)
    assert told.returncode == 0, told.stdout + told.stderr
    for word in ("Anna Jansen", "Lead Jansen", "Aangifte PL1300", "intact"):
        assert word in told.stdout
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    package.write_bytes(content)
    changed = there(package, key)
    assert changed.returncode == 1
    assert "heard.wav was changed" in changed.stdout


def there(package: Path, key: str) -> "subprocess.CompletedProcess[str]":
    """`kcc package verify` in an empty folder, without settings, stores or anything of this machine's."""
    return subprocess.run(
        [sys.executable, "-m", "kcc", "package", "verify", package.name, "--key", key],
        cwd=package.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
