"""The proof of a draw: it holds whatever became of the draw, and says why each call was passed over."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from kcc import clock
from kcc.access.actor import system
from kcc.audit import verify as audit_verify
from kcc.coaching import drawing, freezing, replacing, seed_chain
from kcc.coaching.draws import proofs, verify
from kcc.recordings import erasure
from kcc.recordings.model import Recording
from kcc.threat import incidents
from tests.coaching.conftest import DRAW_DAY
from tests.coaching.draws.conftest import Proving

FILE = Path(verify.__file__)


@pytest.mark.rule("SAM-3")
def test_a_whole_proof_holds(proving: Proving) -> None:
    """With a phrase, nothing skipped: everything is recomputed, and every line is in the signed tree."""
    proving.say(proving.month.anna, "drie blauwe fietsen")
    proof = proving.hold().proof(proving.month.centre.anna)
    assert proofs.judge(proof).findings == []
    assert proof["phrase"] == "drie blauwe fietsen"
    assert all("position" in line for line in proof["lines"])
    standing = [sample.recording_id for sample in proving.month.samples(proving.month.centre.anna)]
    assert [one["id"] for one in proof["drawn"]] == standing


@pytest.mark.rule("SAM-3", "SAM-8")
def test_an_empty_pool_has_a_proof_too(proving: Proving) -> None:
    """Nobody was drawn, and that is shown as well."""
    proof = proving.hold().proof(proving.month.centre.bob)
    assert proofs.judge(proof).findings == []
    assert (proof["pool"], proof["drawn"], len(proof["steps"])) == ([], [], 1)


@pytest.mark.rule("SAM-1", "SAM-5", "SAM-6")
def test_each_ticket_passed_over_cites_the_line_that_says_why(proving: Proving, tmp_path: Path) -> None:
    """One call is reported as a threat and one erased before the secret is known; then one leaves as not
    representative, one as a threat. The proof tells all of it, and each reason leads to its line.
    """
    month = proving.month
    month.announce()
    month.go_to(DRAW_DAY)
    month.centre.calls(12)
    seed_chain.prepare(month.stores, 10)
    with month.stores.database.write() as session:
        freezing.freeze(session, system("draw"), month.stores.settings, DRAW_DAY, 10)
    lowest = tickets_of(proving)
    threat(proving, lowest[1])
    erase(proving, lowest[2])
    month.draw()
    standing = month.samples(month.centre.anna)
    assert [sample.recording_id for sample in standing] == [lowest[0], *lowest[3:6]]
    assert replacing.reject(month.stores, month.coach, standing[0].id, "private")
    threat(proving, standing[1].recording_id)
    assert drawing.refill_all(month.stores) == 1
    proof = proving.proof(month.centre.anna)
    report = proofs.judge(proof)
    assert report.findings == []
    assert [one["why"] for one in proof["steps"][0]["skipped"]] == ["threat", "erased"]
    assert [step.get("left") for step in proof["steps"][1:]] == ["not_representative", "threat"]
    for one in proof["steps"][0]["skipped"]:
        assert [json.loads(proof["lines"][at]["body"])["subject"] for at in one["because"]]
    assert check_alone(proof, tmp_path, "--lines", str(tmp_path / "lines")).returncode == 0
    written = sorted((tmp_path / "lines").glob("line-*.json"))
    assert len(written) == len(proof["lines"])
    for line in written:
        assert audit_verify.check_line(json.loads(line.read_text())).findings == []


@pytest.mark.rule("SAM-3")
def test_the_file_runs_alone(proving: Proving, tmp_path: Path) -> None:
    """No kcc, no site-packages: 0 for a fair draw, 1 for another, 2 for no proof at all."""
    proof = proving.hold().proof(proving.month.centre.anna)
    done = check_alone(proof, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 calls in the pool" in done.stdout
    assert "this draw was fair" in done.stdout
    assert "kcc audit verify" in done.stdout
    proof["pool"][-1] = "f" * 32
    done = check_alone(proof, tmp_path)
    assert done.returncode == 1
    assert "WRONG: the pool is not the one that was fixed" in done.stdout
    assert check_alone([], tmp_path).returncode == 1
    (tmp_path / "proof.json").write_text("{")
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(FILE), str(tmp_path / "proof.json")],
        check=False,
        capture_output=True,
    )
    assert done.returncode == 2


@pytest.mark.rule("AGG-4")
def test_a_bare_proof_leads_to_nobody(proving: Proving) -> None:
    """It holds, and has neither phrase nor reason, name, person, moment or line of the log."""
    month = proving.month
    proving.say(month.anna, "Anna van de balie")
    proving.hold()
    first = month.samples(month.centre.anna)[0]
    replacing.reject(month.stores, month.coach, first.id, "private")
    proof = proving.proof(month.centre.anna, bare=True)
    assert proofs.judge(proof).findings == []
    text = json.dumps(proof)
    for word in ("Anna", month.centre.anna, month.centre.coach, "private", "not_repr", "2026-11-1", first.id):
        assert word not in text
    assert proof["month"] == "2026-11"
    proof["drawn"][1]["ticket"], proof["drawn"][2]["ticket"] = (
        proof["drawn"][2]["ticket"],
        proof["drawn"][1]["ticket"],
    )
    assert proofs.judge(proof).findings


def test_lines_not_signed_yet_are_said_to_be_so(proving: Proving) -> None:
    """Right after the draw the proof holds already, and says when to come again."""
    proving.hold()
    proof = proving.proof(proving.month.centre.anna)
    for line in proof["lines"]:
        for name in [name for name in line if name not in ("salt", "body")]:
            del line[name]
    report = proofs.judge(proof)
    assert report.fair
    assert any("not signed yet" in notice for notice in report.notices)


def tickets_of(proving: Proving) -> list[str]:
    """The calls of anna's frozen draw in the order of their tickets, before anybody else can know it."""
    draw, keys = proving.draw_of(proving.month.centre.anna), proving.month.stores.keys
    with proving.month.stores.database.read() as session:
        [secret] = seed_chain.reveal(session, keys, [(draw.chain_id, draw.chain_index)]).values()
    parts = (secret, b"", str(draw.number).encode())
    made = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    proof = {"seed": verify.hashlib.sha256(made).hexdigest(), "number": draw.number}
    return [id_ for _, id_ in verify.tickets(proof | {"pool": (draw.pool or "").split("\n")})]


def threat(proving: Proving, recording_id: str) -> None:
    """Anna reports a call of hers as a threat."""
    stores = proving.month.stores
    with stores.database.write() as session:
        incidents.report(stores, session, proving.month.anna, recording_id, "verbal", "Hij schold.")


def erase(proving: Proving, recording_id: str) -> None:
    """The call reaches its end."""
    stores = proving.month.stores
    with stores.database.write() as session:
        ended = clock.now() - timedelta(seconds=1)
        session.execute(update(Recording).where(Recording.id == recording_id).values(due_at=ended))
    erasure.erase_due(stores, system("erase"))


def check_alone(proof: Any, folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    """Run the one file by a bare interpreter, elsewhere."""
    path = folder / "proof.json"
    path.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(FILE), str(path), *more]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
