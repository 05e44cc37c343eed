"""kcc.audit.verify: an untouched log passes, a thousand generated tamperings are found, kcc is not needed."""

import base64
import json
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

import kcc.audit.verify as verify_module
from kcc.audit import leaves, tree, verify
from kcc.audit.checkpoints import hand_over
from kcc.audit.notes import Note, continues, without_proof
from kcc.audit.signing import SigningKey
from kcc.clock import Frozen
from kcc.scheduler import auditing
from kcc.stores import Stores
from tests.audit import chronicle as chronicles
from tests.audit.chronicle import Chronicle
from tests.audit.tampering import KINDS, Log

TAMPERINGS, TURNS = 1000, 24


@pytest.fixture
def chronicle(stores: Stores, now: Frozen, tmp_path: Path) -> Chronicle:
    """Seven weeks, some 200 lines, the oldest of them forgotten in part."""
    begun = chronicles.begin(stores, tmp_path / "elsewhere")
    chronicles.live(begun, now, TURNS)
    return begun


def found(log: Log, key: bytes) -> list[str]:
    """What a check finds."""
    return verify.check(BytesIO(log.file()), log.held, key).findings


@pytest.mark.rule("ACC-5")
def test_an_untouched_log_passes(chronicle: Chronicle) -> None:
    """With checkpoints held elsewhere and the key known beforehand, and from the log alone."""
    log = chronicle.log()
    assert (len(log.checkpoints), len(log.held)) == (TURNS, TURNS)
    for held, key in ((log.held, chronicle.key), ((), None)):
        report = verify.check(BytesIO(log.file()), held, key)
        assert (report.findings, report.notices) == ([], [])
        assert report.size == len(log.lines) > 200
        assert report.erased > 20
        assert report.keys == [chronicle.key]


@pytest.mark.rule("ACC-5")
def test_a_thousand_tamperings_are_all_found(chronicle: Chronicle) -> None:
    """Edits, deletions, insertions, swaps, truncations, rollbacks, bodies taken out, other checkpoints."""
    log = chronicle.log()
    missed, done = [], 0
    half = 0 if chronicle.stores.database.url.get_backend_name() == "sqlite" else 1
    for number in range(half, TAMPERINGS, 2):
        kind = KINDS[number % len(KINDS)]
        changed = kind(log, random.Random(number))
        assert changed.file() != log.file(), (kind.__name__, number)
        done += 1
        if not found(changed, chronicle.key):
            missed.append((kind.__name__, number))
    assert missed == []
    assert done == TAMPERINGS // 2


def test_whoever_signs_everything_anew_has_another_key(chronicle: Chronicle, tmp_path: Path) -> None:
    """Also where the log is consistent in itself: it is not signed by the key that is known."""
    log = chronicle.log()
    other = SigningKey.create(tmp_path / "other.key")
    header = json.loads(log.header)
    header["key"] = base64.b64encode(other.public).decode()
    forged = Log(json.dumps(header).encode() + b"\n", log.checkpoints, log.lines, ())
    assert "no checkpoint is signed by the key you gave" in found(forged, chronicle.key)
    assert any("not signed by this log's key" in one for one in found(forged, other.public))


def test_the_place_of_a_change_is_told(chronicle: Chronicle) -> None:
    """Between the last checkpoint that holds and the first that does not."""
    log = chronicle.log()
    sizes = [Note.read(json.loads(line)["checkpoint"]).size for line in log.checkpoints]
    line = log.lines[sizes[12]]
    changed = (*log.lines[: sizes[12]], line.replace(b"system:", b"sYstem:"), *log.lines[sizes[12] + 1 :])
    (finding,) = found(Log(log.header, log.checkpoints, changed, log.held), chronicle.key)
    assert finding == (
        f"the lines {sizes[12] + 1} to {sizes[13]} are not those that checkpoint 14 was signed over"
    )


def test_roots_are_right_at_every_size_across_chunks(monkeypatch: pytest.MonkeyPatch, now: Frozen) -> None:
    """The pass computes the roots that the tree has, wherever a checkpoint falls."""
    monkeypatch.setattr(leaves, "CHUNK", 8)
    chance = random.Random(8)
    lines = [b'{"commitment":"%s"}\n' % chance.randbytes(32).hex().encode() for _ in range(70)]
    data = [bytes.fromhex(line[15:79].decode()) for line in lines]
    for size in range(71):
        notes = [
            Note("", "o", at, tree.root(data[:at]), n, now.at, None, None)
            for n, at in enumerate(range(0, size + 1, 1 + size % 5))
        ]
        report = leaves.Report()
        leaves.Pass(report, notes, ()).read(BytesIO(b"".join(lines[:size])))
        assert [one for one in report.findings if "are not those" in one] == [], size
        assert report.size == size


@pytest.mark.rule("ACC-5")
def test_a_key_may_be_followed_by_another(chronicle: Chronicle, now: Frozen) -> None:
    """By a checkpoint that both sign; whoever knows either key can check everything."""
    old = SigningKey(chronicle.stores.settings.audit.key_file)
    chronicles.act(chronicle.stores, 1)
    new = hand_over(chronicle.stores.database, old)
    now.move(timedelta(hours=2))
    auditing.checkpoint(chronicle.stores)
    log = chronicle.log()
    for key in (old.public, new.public):
        report = verify.check(BytesIO(log.file()), log.held, key)
        assert report.findings == []
        assert report.keys == [old.public, new.public]
    third = base64.b64encode(b"3" * 32)
    stolen = [line.replace(base64.b64encode(new.public), third) for line in log.checkpoints]
    assert found(Log(log.header, tuple(stolen), log.lines, ()), old.public)


def test_checkpoints_alone_prove_that_each_continues_the_one_before(chronicle: Chronicle) -> None:
    """Without the log, by the proofs that came along; a forked one or one left out is noticed."""
    held = chronicle.held()
    assert verify.check_held(held, chronicle.key).findings == []
    assert verify.check_held(held[:12] + held[13:], chronicle.key).findings
    assert verify.check_held(held, b"k" * 32).findings
    notes = [(Note.read(note), proof) for note, proof in map(without_proof, held)]
    for (old, _), (new, proof) in pairwise(notes):
        assert continues(old, new, proof)
        assert not continues(old, new, [*proof, b"x" * 32])
        if proof:
            assert not continues(old, new, [b"x" * 32, *proof[1:]])
            assert not continues(old, new, proof[:-1])


def test_it_runs_without_kcc(chronicle: Chronicle, tmp_path: Path) -> None:
    """Three files, Python and cryptography, on a machine that has neither kcc nor its database."""
    away = tmp_path / "away"
    away.mkdir()
    for name in ("verify", "leaves", "notes"):
        shutil.copy(Path(verify_module.__file__).with_name(f"{name}.py"), away)
    (away / "log").write_bytes(chronicle.exported())
    key = base64.b64encode(chronicle.key).decode()
    (away / "kcc.py").write_text("raise ImportError('no kcc here')\n")
    command = [sys.executable, "verify.py", "log", "--checkpoints", str(chronicle.folder), "--key", key]
    done = subprocess.run(command, cwd=away, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("unchanged\n")
    changed = (away / "log").read_bytes().replace(b"system:test", b"system:tesT", 1)
    (away / "log").write_bytes(changed)
    done = subprocess.run(command, cwd=away, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "WRONG: the lines" in done.stdout
    only_held = [*command[:2], *command[3:]]
    assert subprocess.run(only_held, cwd=away, capture_output=True, check=False).returncode == 0
    assert subprocess.run(command[:2], cwd=away, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize("file", [b"", b"{}\n", b"[]\n", b"\xff\xfe\n", b'{"kcc-audit-log":2}\n', b"7\n"])
def test_what_is_no_log_is_told(file: bytes) -> None:
    """And never taken for one that holds."""
    assert verify.check(BytesIO(file)).findings
