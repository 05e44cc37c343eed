"""kcc.audit.forgetting, export and the terms: what lines said goes on its term, proofs stay."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, system
from kcc.audit import export, verify
from kcc.audit.model import AuditLeaf, AuditLine
from kcc.audit_settings import AuditTerms
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Refused
from kcc.scheduler import auditing
from kcc.scheduler.audit_terms import FOR_GOOD, KINDS
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from tests.audit import chronicle as chronicles
from tests.audit.chronicle import act, with_audit
from tests.audit.lines import Watch, all_lines, body, refused_by_the_database

DAY = timedelta(days=1)
OFFICER = Actor("o" * 32, "Officer Jansen", frozenset({Post(Function.DATA_PROTECTION_OFFICER)}))


def told(stores: Stores) -> list[tuple[str, bool]]:
    """(action, whether it still says something) of each line."""
    return [(line.action, line.body is not None) for line in all_lines(stores)]


def turn(stores: Stores) -> int:
    """A night: sign, then forget."""
    auditing.checkpoint(stores)
    return auditing.forget(stores)


@pytest.mark.rule("ACC-5")
def test_each_kind_is_forgotten_on_its_own_term(stores: Stores, now: Frozen) -> None:
    """Not a day earlier; what was forgotten is told by a line that stays."""
    stores = with_audit(stores, terms={"upkeep": 40, "reports": 200, "administration": 300})
    for number in range(4):
        act(stores, number)  # an erasure, an import, a draw, an intake
    now.move(40 * DAY)
    assert turn(stores) == 0
    now.move(DAY)
    assert turn(stores) == 2
    assert [said for _, said in told(stores)[:4]] == [False, True, True, False]
    now.move(160 * DAY)
    assert turn(stores) == 1
    now.move(100 * DAY)
    assert turn(stores) == 1
    now.move(3000 * DAY)
    assert turn(stores) == 0
    assert told(stores)[4:] == [("audit:forget", True)] * 3
    assert body(all_lines(stores)[4])["detail"] == {
        "kind": "upkeep",
        "before": (now.at - 3300 * DAY).isoformat(),
        "count": 2,
        "lines": [[0, 0], [3, 3]],
    }


@pytest.mark.rule("ACC-5")
def test_nothing_personal_is_left_and_every_proof_holds(stores: Stores, now: Frozen, tmp_path: Path) -> None:
    """Salt, body and all columns about somebody go; every checkpoint of before still proves the log."""
    chronicle = chronicles.begin(stores, tmp_path / "elsewhere")
    chronicles.live(chronicle, now, 18)
    gone = [line for line in all_lines(stores) if line.body is None]
    assert len(gone) > 5
    for line in gone:
        personal = (line.salt, line.actor_id, line.about_id, line.subject, line.purpose)
        assert personal == (None,) * 5
        assert len(line.commitment) == 32
    report = verify.check(BytesIO(chronicle.exported()), chronicle.held(), chronicle.key)
    assert (report.findings, report.erased) == ([], len(gone))
    assert auditing.check(chronicle.stores) == {}


def test_what_no_checkpoint_proves_is_not_forgotten(stores: Stores, now: Frozen) -> None:
    """Else nothing would say that it had been there."""
    stores = with_audit(stores, terms={"upkeep": 31})
    act(stores, 0)
    now.move(40 * DAY)
    assert auditing.forget(stores) == 0
    assert turn(stores) == 1


@pytest.mark.rule("ACC-5")
def test_without_its_line_nothing_is_forgotten(stores: Stores, now: Frozen) -> None:
    """The database refuses the line: what lines said stays until the next night."""
    stores = with_audit(stores, terms={"upkeep": 31})
    act(stores, 0)
    now.move(40 * DAY)
    auditing.checkpoint(stores)
    with refused_by_the_database(stores), pytest.raises(Exception, match="line"):
        auditing.forget(stores)
    assert told(stores) == [("recording:erase", True)]
    job = next(job for job in timetable(stores.settings.scheduler) if job.name == "forget")
    assert job.work(stores) == "1 lines, 0 notices, 0 proofs forgotten"


def test_every_action_has_exactly_one_term() -> None:
    """And the settings know every kind."""
    assert set(KINDS) == set(AuditTerms.model_fields)
    listed = [action for actions in (*KINDS.values(), FOR_GOOD) for action in actions]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(Action)


@pytest.mark.rule("ACC-5", "RET-2")
def test_who_listened_is_kept_as_long_as_a_call_can_live(stores: Stores) -> None:
    """A threat call lives for 6 months: a shorter term for listening does not start."""
    with pytest.raises(ValidationError):
        with_audit(stores, terms={"listening": 180})


@pytest.mark.rule("ACC-5")
def test_an_export_is_for_the_officer_and_stands_in_the_log(stores: Stores) -> None:
    """In the exported one, too; nobody else gets a byte."""
    act(stores, 1)
    out, watch = BytesIO(), Watch(stores)
    number = auditing.write_export(stores, OFFICER, out)
    assert watch.new() == [("audit:export", "audit", True)]
    report = verify.check(BytesIO(out.getvalue()))
    assert (report.findings, report.size) == ([], number)
    assert b'"action":"audit:export"' in out.getvalue().splitlines()[-1]
    for function in Function:
        if function in (Function.DATA_PROTECTION_OFFICER, Function.SYSTEM):
            continue
        with pytest.raises(AccessDenied):
            auditing.write_export(stores, Actor("p" * 32, "P", frozenset({Post(function)})), BytesIO())


@pytest.mark.rule("ACC-5")
def test_what_cannot_be_written_down_is_not_exported(stores: Stores) -> None:
    """Nor is a restore accepted, nor a key renewed."""
    act(stores, 1)
    auditing.checkpoint(stores)
    out, key = BytesIO(), stores.settings.audit.key_file.read_bytes()
    with refused_by_the_database(stores):
        for attempt in (
            lambda: auditing.write_export(stores, system("cli"), out),
            lambda: auditing.accept_restored(stores, system("cli"), "x"),
            lambda: auditing.renew_key(stores, system("cli")),
        ):
            with pytest.raises(Exception, match="line"):
                attempt()
    assert out.getvalue() == b""
    assert stores.settings.audit.key_file.read_bytes() == key


@pytest.mark.rule("ACC-5")
def test_a_changed_log_can_still_be_exported(stores: Stores, tmp_path: Path, now: Frozen) -> None:
    """That is when it is most needed: it is written out up to the last checkpoint, and the check finds it."""
    chronicle = chronicles.begin(stores, tmp_path / "elsewhere")
    chronicles.live(chronicle, now, 2)
    with stores.database.write() as session:
        line = session.scalars(select(AuditLine).join(AuditLeaf, AuditLeaf.line_id == AuditLine.id)).first()
        assert line is not None
        session.delete(line)
    out = BytesIO()
    auditing.write_export(chronicle.stores, OFFICER, out)
    findings = verify.check(BytesIO(out.getvalue()), chronicle.held(), chronicle.key).findings
    assert "line 1 is missing or cannot be read" in findings


def test_an_export_of_nothing_is_refused(stores: Stores) -> None:
    """There is no checkpoint to prove it by."""
    with pytest.raises(Refused):
        export.write(stores.database, BytesIO())
