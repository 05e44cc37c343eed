"""One employee's development over their finished reports, for themself and for their coach (REP-4, AGG-4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import ProgressFacts
from kcc.access.policy import Permit, Subject
from kcc.audit import record
from kcc.coaching.model import Report
from kcc.coaching.progress import reading, rules
from kcc.coaching.progress.rules import Change, Point, Scored
from kcc.coaching.quality_plan import Form, Item, Phase
from kcc.people import queries as people
from kcc.vault.keystore import KeyStore


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase's quarters, what the last one says, and those of each of its items."""

    phase: Phase
    points: list[Point]
    change: Change | None
    items: list[tuple[Item, list[Point]]]


@dataclass(frozen=True, slots=True)
class OnForm:
    """The development on one version of the form: versions that differ are never added up."""

    form: Form
    calls: int
    phases: list[PhaseLine]


@dataclass(frozen=True, slots=True)
class Progress:
    """An employee's development as the reader may see it, the newest form first."""

    permit: Permit
    employee_id: str
    forms: list[OnForm]

    @property
    def calls(self) -> int:
        """Over how many monitored calls."""
        return sum(one.calls for one in self.forms)


def facts(session: Session, employee_id: str) -> ProgressFacts:
    """What the policy asks about somebody's development, whoever they are."""
    return ProgressFacts(employee_id, people.coaches_of(session, employee_id, clock.today()))


def read(session: Session, keys: KeyStore, actor: Actor, employee_id: str) -> Progress:
    """The development over the reports that the reader may open themself: a coach's are those they hold.

    Computed now and kept nowhere; in the log it is one reading.
    """
    asked = facts(session, employee_id)
    permit = policy.permit(actor, Action.PROGRESS_READ, Subject("progress", employee_id), asked)
    which: list[ColumnElement[bool]] = [Report.employee_id == employee_id]
    if actor.person_id != employee_id:
        which.append(Report.coach_id == actor.person_id)
    found = list(reading.scored(session, keys, *which))
    record.act(session, permit, reports=len(found))
    return Progress(permit, employee_id, by_form(session, found))


def by_form(session: Session, found: Iterable[Scored]) -> list[OnForm]:
    """The development on each version of the form, the newest first."""
    versions: dict[int, list[Scored]] = {}
    for report in found:
        versions.setdefault(report.version, []).append(report)
    return [
        _on_form(reading.form(session, version), versions[version])
        for version in sorted(versions, reverse=True)
    ]


def _on_form(form: Form, scored: list[Scored]) -> OnForm:
    lines, na = [], rules.treatment(form)
    for phase in form.phases:
        items = [item for item in phase.items if item.observable]
        if items:
            line = rules.points(scored, [item.number for item in items], na)
            each = [(item, rules.points(scored, [item.number], na)) for item in items]
            lines.append(PhaseLine(phase, line, rules.change(line), each))
    return OnForm(form, len(scored), lines)
