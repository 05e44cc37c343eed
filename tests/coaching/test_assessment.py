"""A coach's work on a report, and the reading of it."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from kcc import clock
from kcc.access.actor import Actor
from kcc.audit.model import AuditLine
from kcc.coaching import assessment, erasure, quality_plan, reports
from kcc.coaching.model import Report
from kcc.errors import AccessDenied, NotFound
from kcc.people.model import CoachAssignment
from kcc.vault.keystore import KeyGone
from kcc.vault.sealing import SealBroken
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.test_draft import COMPLETE

SECRET = "Mevrouw De Wit klonk moe en boos"


def opened(month: Month, actor: Actor | None = None) -> Report:
    """The draft about anna's first drawn call."""
    sample = month.samples(month.centre.anna)[0]
    with month.stores.database.write() as session:
        return assessment.open_report(session, month.stores.keys, actor or month.coach, sample.id)


def save(month: Month, report: Report, revision: int, **changes: str) -> Report:
    """Save some fields, their names with underscores."""
    named = {name.replace("_", "-"): text for name, text in changes.items()}
    with month.stores.database.write() as session:
        return assessment.save(session, month.stores.keys, month.coach, report.id, revision, named)


def finished(month: Month) -> Report:
    """A whole report about anna's first drawn call."""
    report = opened(month)
    with month.stores.database.write() as session:
        keys, coach = month.stores.keys, month.coach
        assessment.save(session, keys, coach, report.id, 0, COMPLETE)
        return assessment.finish(session, keys, coach, report.id, 1)


def read(month: Month, actor: Actor, report_id: str) -> reports.Written:
    """Read a report as somebody."""
    with month.stores.database.write() as session:
        return reports.read(session, month.stores.keys, actor, report_id)


def test_opening_twice_is_one_report(drawn: Month) -> None:
    """A second window finds the same draft; it is on the current form."""
    first = opened(drawn)
    assert opened(drawn).id == first.id
    assert first.form_version == quality_plan.annex().version
    with drawn.stores.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 1


def test_saving_counts_and_keeps(drawn: Month) -> None:
    """Each save is a revision; saving nothing new is none."""
    report = opened(drawn)
    assert save(drawn, report, 0, answer_3="yes").revision == 1
    assert save(drawn, report, 1, answer_3="yes").revision == 1
    assert save(drawn, report, 1, remark_3="kort").revision == 2
    assert read(drawn, drawn.coach, report.id).draft == {"answer-3": "yes", "remark-3": "kort"}


def test_a_stale_revision_loses_nothing(drawn: Month) -> None:
    """The second window is told what the first one saved, and its own words do not overwrite them."""
    report = opened(drawn)
    save(drawn, report, 0, remark_3="eerste venster")
    with pytest.raises(assessment.ChangedElsewhere) as stale:
        save(drawn, report, 0, remark_3="tweede venster")
    assert stale.value.kept == {"remark-3": "eerste venster"}
    assert stale.value.revision == 1
    assert read(drawn, drawn.coach, report.id).draft == {"remark-3": "eerste venster"}
    with pytest.raises(assessment.ChangedElsewhere), drawn.stores.database.write() as session:
        assessment.finish(session, drawn.stores.keys, drawn.coach, report.id, 0)


@pytest.mark.rule("REP-4")
def test_a_finished_report_cannot_be_changed(drawn: Month) -> None:
    """Neither saved nor finished again, and the call can no longer be opened for it."""
    report = finished(drawn)
    with pytest.raises(AccessDenied):
        save(drawn, report, 1, answer_3="no")
    with pytest.raises(AccessDenied), drawn.stores.database.write() as session:
        assessment.finish(session, drawn.stores.keys, drawn.coach, report.id, 1)
    with pytest.raises(AccessDenied):
        opened(drawn)


@pytest.mark.rule("REP-4", "REP-6", "REP-9", "ACC-3")
def test_who_reads_a_report(drawn: Month) -> None:
    """Before it is finished its coach alone; then the employee too; a coach only while assigned."""
    draft = opened(drawn)
    assert read(drawn, drawn.coach, draft.id).finished_at is None
    with pytest.raises(AccessDenied):
        read(drawn, drawn.anna, draft.id)
    report = finished(drawn)
    assert read(drawn, drawn.anna, report.id).draft == COMPLETE
    for name in ("bob", "other_coach", "lead", "manager", "officer", "administrator", "council"):
        with pytest.raises(AccessDenied):
            read(drawn, drawn.centre.actor(getattr(drawn.centre, name)), report.id)
    with drawn.stores.database.write() as session:
        session.execute(update(CoachAssignment).values(ends=DRAW_DAY))
    with pytest.raises(AccessDenied):
        read(drawn, drawn.coach, report.id)
    assert read(drawn, drawn.anna, report.id).draft == COMPLETE


@pytest.mark.rule("ACC-5")
def test_every_reading_is_logged_and_the_first_is_remembered(drawn: Month) -> None:
    """The coach's reading is not the employee's."""
    report = finished(drawn)
    read(drawn, drawn.coach, report.id)
    assert read(drawn, drawn.anna, report.id).first_read
    assert not read(drawn, drawn.anna, report.id).first_read
    with drawn.stores.database.read() as session:
        kept = session.get_one(Report, report.id)
        assert kept.read_at == clock.now()
        lines = session.scalars(select(AuditLine.actor_id).where(AuditLine.action == "report:read")).all()
    assert sorted(lines) == sorted([drawn.centre.coach, drawn.centre.anna, drawn.centre.anna])


def test_no_word_of_a_report_lies_in_the_database(drawn: Month, tmp_path: Path) -> None:
    """Not in its rows, not in its files, not in the audit."""
    report = opened(drawn)
    save(drawn, report, 0, remark_3=SECRET, finding_well=SECRET, point_1=SECRET)
    with drawn.stores.database.read() as session:
        for table in ("report", "audit_line", "sampled_call"):
            for row in session.execute(text(f"SELECT * FROM {table}")):  # noqa: S608 - names from above
                assert SECRET not in repr(tuple(row))
                assert SECRET.encode() not in b"".join(v for v in row if isinstance(v, bytes))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file


def test_a_text_opens_only_in_its_own_report(drawn: Month) -> None:
    """Content copied from one report's row to another's is refused, not shown."""
    report = finished(drawn)
    second = drawn.samples(drawn.centre.anna)[1]
    with drawn.stores.database.write() as session:
        other = assessment.open_report(session, drawn.stores.keys, drawn.coach, second.id)
        other.content = session.get_one(Report, report.id).content
    with pytest.raises(SealBroken):
        read(drawn, drawn.coach, other.id)


@pytest.mark.rule("REP-5")
def test_a_discarded_report_is_gone(drawn: Month) -> None:
    """Key and row; doing it again finds nothing."""
    report = finished(drawn)
    erasure.discard(drawn.stores, report.id, "test")
    with pytest.raises(KeyGone):
        drawn.stores.keys.get(report.id)
    with pytest.raises(NotFound):
        read(drawn, drawn.anna, report.id)
    with pytest.raises(NotFound):
        erasure.discard(drawn.stores, report.id, "test")
    with drawn.stores.database.read() as session:
        assert session.get(Report, report.id) is None


def test_between_the_two_steps_of_erasing_nobody_reads_it(drawn: Month) -> None:
    """A process that dies after the first step leaves a report that no list and no door shows."""
    report = finished(drawn)
    with drawn.stores.database.write() as session:
        erasure.begin(session, session.get_one(Report, report.id), "test")
    with pytest.raises(NotFound):
        read(drawn, drawn.anna, report.id)
    assert erasure.finish(drawn.stores) == 1
    assert erasure.finish(drawn.stores) == 0
