"""Remarks at a moment of the call: what may be written, who still sees the moment, and when it goes."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from kcc import clock
from kcc.access.actor import Actor, system
from kcc.coaching import assessment, erasure, notes, reports, sheets
from kcc.coaching import draft as drafts
from kcc.coaching.model import Report, SampledCall
from kcc.coaching.quality_plan import annex
from kcc.coaching.scoring.model import RemarkMoment
from kcc.errors import Invalid
from kcc.recordings import erasure as recordings_erasure
from kcc.recordings.model import Recording
from tests.coaching.conftest import DRAW_DAY, Month
from tests.coaching.test_draft import COMPLETE

REMARK = {"note-000a": "onderbreekt de klant", "about-000a": "6", "at-000a": "0:12"}


@pytest.fixture
def heard(month: Month) -> Month:
    """Anna's four drawn calls have a sound and so a key."""
    month.announce()
    month.go_to(DRAW_DAY)
    for hours in range(1, 6):
        month.centre.call("anna", clock.now() - timedelta(hours=hours), seconds=30)
    month.draw()
    return month


def opened(month: Month) -> Report:
    """The draft about anna's first drawn call."""
    with month.stores.database.write() as session:
        sample = month.samples(month.centre.anna)[0]
        return assessment.open_report(session, month.stores.keys, month.coach, sample.id)


def save(month: Month, report: Report, revision: int, fields: Mapping[str, str]) -> Report:
    """Save some fields of it as its coach."""
    with month.stores.database.write() as session:
        return assessment.save(session, month.stores.keys, month.coach, report.id, revision, fields)


def finish(month: Month, report: Report, revision: int) -> None:
    """Finish it as its coach."""
    with month.stores.database.write() as session:
        assessment.finish(session, month.stores.keys, month.coach, report.id, revision)


def read(month: Month, actor: Actor, report: Report) -> Mapping[str, str]:
    """What the report says to somebody."""
    with month.stores.database.write() as session:
        return reports.read(session, month.stores.keys, actor, report.id).draft


def rows(month: Month) -> int:
    """How many moments are kept."""
    with month.stores.database.read() as session:
        return session.scalar(select(func.count()).select_from(RemarkMoment)) or 0


def call_of(month: Month, report: Report) -> str:
    """The recording that a report is about."""
    with month.stores.database.read() as session:
        query = select(SampledCall.recording_id).where(SampledCall.id == report.sampled_call_id)
        return session.scalars(query).one()


@pytest.mark.parametrize(
    ("typed", "kept"), [("2:05", "2:05"), ("02:05", "2:05"), ("1:02:03", "62:03"), ("0:00", "0:00"), ("", "")]
)
def test_a_moment_is_minutes_and_seconds(typed: str, kept: str) -> None:
    """However it was typed; an hour is sixty minutes."""
    found = drafts.changed(annex(), {}, {"note-a": "x", "at-a": typed})
    assert found.get("at-a", "") == kept


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("at-a", "2"),
        ("at-a", "2:60"),
        ("at-a", "-1:00"),
        ("at-a", "twee"),
        ("about-a", "1"),  # cannot be observed
        ("about-a", "99"),
        ("about-a", "well"),
        ("note-a", "x" * 2001),
        ("note-" + "a" * 13, "x"),
        ("note-A", "x"),
        ("note-", "x"),
    ],
)
def test_what_is_no_remark_is_refused(field: str, wrong: str) -> None:
    """The field at fault is named."""
    with pytest.raises(Invalid) as fault:
        drafts.changed(annex(), {}, {"note-a": "x", field: wrong})
    assert fault.value.field == field


def test_without_a_text_there_is_no_remark() -> None:
    """Emptying it takes the moment and the item along; a report has at most so many."""
    kept = drafts.changed(annex(), {}, REMARK)
    assert drafts.changed(annex(), kept, {"note-000a": " "}) == {}
    assert drafts.changed(annex(), {}, {"at-a": "1:00", "about-a": "6"}) == {}
    with pytest.raises(Invalid):
        drafts.changed(annex(), {}, {f"note-{n}": "x" for n in range(notes.MOST + 1)})


def test_remarks_stand_in_time_order() -> None:
    """Those without a moment come last, as they were begun."""
    said = {"note-002": "b", "at-002": "0:09", "note-003": "c", "note-001": "a", "at-001": "10:00"}
    assert notes.in_order(said | {"note-000": "d"}) == ["002", "001", "000", "003"]


@pytest.mark.rule("REP-1", "RGT-1")
def test_the_moment_is_kept_beside_the_text(heard: Month) -> None:
    """The coach sees both while scoring; then the employee does, who may still hear the call; the coach
    reads the text alone, for the call is closed to them.
    """
    report = opened(heard)
    save(heard, report, 0, REMARK)
    assert read(heard, heard.coach, report) == REMARK
    save(heard, report, 1, {"at-000a": "0:20", **COMPLETE})
    finish(heard, report, 2)
    assert read(heard, heard.anna, report)["at-000a"] == "0:20"
    of_coach = read(heard, heard.coach, report)
    assert (of_coach["note-000a"], of_coach.get("at-000a")) == (REMARK["note-000a"], None)


def test_a_moment_after_the_end_is_refused(heard: Month) -> None:
    """The call has thirty seconds."""
    report = opened(heard)
    with pytest.raises(Invalid) as fault:
        save(heard, report, 0, REMARK | {"at-000a": "0:31"})
    assert fault.value.field == "at-000a"
    save(heard, report, 0, REMARK | {"at-000a": "0:30"})


def test_taking_a_remark_back_takes_its_moment(heard: Month) -> None:
    """No row stays behind; nor when only the moment is emptied."""
    report = opened(heard)
    save(heard, report, 0, REMARK | {"note-000b": "y", "at-000b": "0:01"})
    assert rows(heard) == 2
    save(heard, report, 1, {"note-000a": ""})
    assert rows(heard) == 1
    save(heard, report, 2, {"at-000b": ""})
    assert rows(heard) == 0
    assert read(heard, heard.coach, report) == {"note-000b": "y"}


@pytest.mark.rule("RET-8")
def test_when_the_recording_is_erased_the_moment_goes_and_the_text_stays(heard: Month) -> None:
    """Key destroyed and row gone: in a backup of the database nobody can open it. Nothing brings it back,
    not even a page that was open all the time.
    """
    report = opened(heard)
    save(heard, report, 0, REMARK)
    with heard.stores.database.read() as session:
        backup = session.scalars(select(RemarkMoment.sealed)).one()
    recording = call_of(heard, report)
    heard.now.set(clock.now() + timedelta(days=28))
    assert "at-000a" not in read(heard, heard.coach, report)  # the deadline has passed, the job has not run
    recordings_erasure.erase_due(heard.stores, system("erase"))
    assert rows(heard) == 0
    assert heard.stores.keys.holds([recording]) == set()
    assert backup
    save(heard, report, 1, {"note-000a": "anders gezegd", "at-000a": "0:12"})
    assert read(heard, heard.coach, report) == {"note-000a": "anders gezegd", "about-000a": "6"}
    assert rows(heard) == 0


@pytest.mark.rule("RET-8")
def test_with_the_key_gone_the_text_is_still_read(heard: Month) -> None:
    """Between the destruction of the key and the row's end nothing breaks."""
    report = opened(heard)
    save(heard, report, 0, REMARK)
    heard.stores.keys.destroy([call_of(heard, report)])
    assert read(heard, heard.coach, report) == {k: v for k, v in REMARK.items() if k != "at-000a"}
    save(heard, report, 1, {"note-000b": "nog een", "at-000b": "0:01"})
    assert read(heard, heard.coach, report)["note-000b"] == "nog een"


@pytest.mark.rule("SAM-6", "THR-3")
def test_after_a_threat_the_coach_has_no_moment(heard: Month) -> None:
    """Of a finished report the employee alone still sees it."""
    report = opened(heard)
    save(heard, report, 0, REMARK | COMPLETE)
    finish(heard, report, 1)
    with heard.stores.database.write() as session:
        session.execute(update(Recording).values(sample_barred=True))
    assert "at-000a" in read(heard, heard.anna, report)
    assert "at-000a" not in read(heard, heard.coach, report)


@pytest.mark.rule("REP-5")
def test_an_erased_report_leaves_no_moment(heard: Month) -> None:
    """They hang on the report as well."""
    report = opened(heard)
    save(heard, report, 0, REMARK)
    erasure.discard(heard.stores, report.id, "test")
    assert rows(heard) == 0


def test_neither_word_nor_moment_lies_open_in_the_database(heard: Month) -> None:
    """The moment is sealed, its length tells nothing, and it opens at its own place only."""
    report = opened(heard)
    save(heard, report, 0, REMARK | {"note-000b": "y", "at-000b": "0:01"})
    with heard.stores.database.read() as session:
        kept = session.execute(text("SELECT * FROM remark_moment")).all()
        first, second = session.scalars(select(RemarkMoment.sealed)).all()
    assert len(first) == len(second)
    assert first != second
    assert b"0:12" not in b"".join(value for row in kept for value in row if isinstance(value, bytes))


def test_how_long_somebody_worked_is_not_recorded(heard: Month) -> None:
    """Of a scoring only the last save and the finish have a time; a report's beginning is a day; the log has
    the acts, as ACC-5 asks, and in none of them a duration or a start.
    """
    report = opened(heard)
    for step, minutes in enumerate((3, 11, 26)):
        heard.now.set(clock.now() + timedelta(minutes=minutes))
        save(heard, report, step, {"note-000a": f"na {minutes}", "at-000a": "0:01"})
    save(heard, report, 3, COMPLETE)
    heard.now.set(clock.now() + timedelta(minutes=7))
    finish(heard, report, 4)
    with heard.stores.database.read() as session:
        row = session.execute(select(*Report.__table__.columns).where(Report.id == report.id)).one()
        times = {name for name, value in row._mapping.items() if hasattr(value, "tzinfo")}
        moment = {column.name for column in RemarkMoment.__table__.columns}
        bodies = [str(body) for body in session.scalars(text("SELECT body FROM audit_line"))]
        sheet = sheets.Sheet.__dataclass_fields__
    assert times == {"created_at", "saved_at", "finished_at"}
    assert row.created_at == clock.start_of_day(DRAW_DAY)
    assert row.saved_at == row.finished_at - timedelta(minutes=7)
    assert moment == {"report_id", "remark", "recording_id", "sealed"}
    said = " ".join(bodies)
    assert not [word for word in ("duration", "seconds", "minutes", "spent", "typing") if word in said]
    assert "created_at" not in sheet
