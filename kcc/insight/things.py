"""What the subjects of audit lines are for a reader: a call that is there, one that was erased, something
else; reads only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.audit.searching import Line
from kcc.coaching.calibration.model import Calibration
from kcc.coaching.consents.model import CallConsent
from kcc.coaching.model import Report, SampledCall
from kcc.coaching.opinions.model import SecondOpinion
from kcc.recordings.model import PlaybackLease, Recording, Tombstone
from kcc.recordings.queries import LISTED_STATES


class Fate(StrEnum):
    """What became of a call."""

    THERE = "there"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a line is about: `at` is when it began, or when it was erased (None: it is being erased).

    `mine` says that the reader made it, and may open it.
    """

    id: str
    fate: Fate
    at: datetime | None
    mine: bool = False


UNTOLD = frozenset({Action.DRAW_RUN.value, Action.SELECTION_ANNOUNCE.value})
"""Acts of which no call is named: the employee does not know beforehand which ones are drawn (ANN-3)."""


def calls(session: Session, lines: Iterable[Line], reader_id: str) -> dict[int, Call]:
    """The calls that these lines are about, by the lines' ids; lines about no call are left out."""
    told = [line for line in lines if line.said and line.action not in UNTOLD]
    of_line = {line.id: found for line in told if (found := _recording_of(line))}
    samples = {line.id: id_ for line in told if line.id not in of_line and (id_ := _named(line, "sample"))}
    reports = {line.id: id_ for line in told if (id_ := _named(line, "report"))}
    query = select(Report.id, Report.sampled_call_id).where(Report.id.in_(set(reports.values())))
    of_report = dict(session.execute(query).all())
    samples |= {line: of_report[id_] for line, id_ in reports.items() if id_ in of_report}
    drawn = select(SampledCall.id, SampledCall.recording_id).where(SampledCall.id.in_(set(samples.values())))
    of_sample = dict(session.execute(drawn).all())
    of_line |= {line: of_sample[id_] for line, id_ in samples.items() if id_ in of_sample}
    of_line |= _of_opinions(session, told)
    known = _fates(session, set(of_line.values()), reader_id)
    return {line: known[id_] for line, id_ in of_line.items() if id_ in known}


def subjects_of(session: Session, recording_id: str) -> tuple[str, ...]:
    """Under what names the audit speaks of one call: itself, where it was drawn, the reports about it,
    second opinions, its consents and sessions, and where two heard it together.
    """
    samples = list(session.scalars(select(SampledCall.id).where(SampledCall.recording_id == recording_id)))
    reports = session.scalars(select(Report.id).where(Report.sampled_call_id.in_(samples)))
    named = [f"sample:{id_}" for id_ in samples] + [f"report:{id_}" for id_ in reports]
    opinions = select(SecondOpinion.id).where(SecondOpinion.recording_id == recording_id)
    named += [f"opinion:{id_}" for id_ in session.scalars(opinions)]
    shared = select(CallConsent.id).where(CallConsent.recording_id == recording_id)
    consents = list(session.scalars(shared))
    sessions = session.scalars(select(Calibration.id).where(Calibration.consent_id.in_(consents)))
    named += [f"{kind}:{id_}" for id_ in consents for kind in ("consent", "training_call")]
    named += [f"calibration:{id_}" for id_ in sessions]
    heard = select(PlaybackLease.subject).where(PlaybackLease.recording_id == recording_id).distinct()
    named += [subject for subject in session.scalars(heard) if subject.startswith("joint:")]
    return (f"recording:{recording_id}", *named)


def recordings(session: Session, call_id: str) -> list[str]:
    """Our ids of the calls that a recorder knows by this id, or that have it as theirs."""
    query = select(Recording.id).where((Recording.call_id == call_id) | (Recording.id == call_id))
    gone = select(Tombstone.recording_id).where(Tombstone.recording_id == call_id)
    return sorted({*session.scalars(query), *session.scalars(gone)})


def _of_opinions(session: Session, told: Collection[Line]) -> dict[int, str]:
    """The calls of the lines that are about a second opinion."""
    named = {line.id: id_ for line in told if (id_ := _named(line, "opinion"))}
    query = select(SecondOpinion.id, SecondOpinion.recording_id)
    found = dict(session.execute(query.where(SecondOpinion.id.in_(set(named.values())))).all())
    return {line: found[id_] for line, id_ in named.items() if id_ in found}


def _recording_of(line: Line) -> str | None:
    told = line.detail.get("recording")
    return str(told) if told else _named(line, "recording")


def _named(line: Line, kind: str) -> str | None:
    found, _, id_ = str(line.said.get("subject")).partition(":")
    return id_ if found == kind and id_ else None


def _fates(session: Session, ids: Collection[str], reader_id: str) -> dict[str, Call]:
    found, now = {}, clock.now()
    query = select(
        Recording.id,
        Recording.started_at,
        Recording.state,
        Recording.due_at,
        Recording.employee_id,
        Recording.shown_until,
        Recording.left_at,
    )
    for row in session.execute(query.where(Recording.id.in_(ids))):
        mine = row.employee_id == reader_id
        due = max(row.due_at, row.shown_until or row.due_at) if mine else row.due_at
        there = row.state in LISTED_STATES and due > now
        # Of one that a case still keeps: when it went for everybody else (WGT-2).
        erased = Call(row.id, Fate.ERASED, row.left_at)
        found[row.id] = Call(row.id, Fate.THERE, row.started_at, mine) if there else erased
    gone = select(Tombstone.recording_id, Tombstone.erased_at).where(Tombstone.recording_id.in_(ids))
    return found | {id_: Call(id_, Fate.ERASED, at) for id_, at in session.execute(gone)}
