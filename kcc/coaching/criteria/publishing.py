"""Publishing a version of the form: one coach puts it forward, another publishes it, and it stays (REP-2)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.access.facts import FormFacts
from kcc.audit import record
from kcc.coaching.criteria import rules, shape
from kcc.coaching.criteria.editing import open_row, subject
from kcc.coaching.criteria.model import FormVersion
from kcc.errors import N_, NotFound, Refused


def propose(session: Session, actor: Actor, revision: int, starts_on: date, days: int) -> None:
    """Put the draft at `revision` forward, to hold from a day on which employees have read it for `days`.

    Invalid when the day is too early or too late; Refused when it says what the version before it says.
    """
    row = open_row(session, revision)
    permit = policy.permit(actor, Action.CRITERIA_PROPOSE, subject(row.version))
    if row.proposed_by is not None:
        raise Refused(N_("This version has been put forward already."), rule="REP-2")
    before = session.get_one(FormVersion, row.version - 1)
    if row.body == before.body:
        raise Refused(N_("This draft says what the version before it says: there is nothing to publish."))
    if fault := rules.start_fault(starts_on, clock.today(), days, before.starts_on or starts_on):
        raise fault
    _check_whole(row)
    record.act(session, permit, starts=starts_on.isoformat(), revision=revision)
    row.starts_on, row.proposed_by, row.proposed_at = starts_on, actor.person_id, clock.now()
    session.flush()


def take_back(session: Session, actor: Actor, revision: int) -> None:
    """Make what was put forward a draft again; any coach may, also the one who put it forward."""
    row = open_row(session, revision)
    permit = policy.permit(actor, Action.CRITERIA_EDIT, subject(row.version))
    if row.proposed_by is None:
        return
    record.act(session, permit, act="take back")
    row.starts_on = row.proposed_by = row.proposed_at = None
    session.flush()


def confirm(session: Session, actor: Actor, revision: int, days: int) -> date:
    """Publish what another coach put forward: from now on it never changes. Gives its first day.

    Refused when it has changed since `revision`, was taken back, or its first day has come too near.
    """
    row = open_row(session, revision)
    permit = policy.permit(actor, Action.CRITERIA_CONFIRM, subject(row.version), FormFacts(row.proposed_by))
    if row.starts_on is None:
        raise NotFound
    before = session.scalars(select(FormVersion.starts_on).where(FormVersion.version == row.version - 1))
    if rules.start_fault(row.starts_on, clock.today(), days, before.one() or row.starts_on):
        message = N_("The first day has come too near. Take it back, and put it forward with a later one.")
        raise Refused(message, rule="REP-2")
    record.act(session, permit, starts=row.starts_on.isoformat(), revision=revision)
    row.confirmed_by, row.published_at = actor.person_id, clock.now()
    session.flush()
    return row.starts_on


def _check_whole(row: FormVersion) -> None:
    form = shape.load(row.version, row.body)
    if not rules.keeps_the_annex(form):  # no verb can bring it about; what is signed is looked at again
        raise Refused(N_("The items of the annex have to stay as they are."), rule="REP-7")
    if any(not phase.items for phase in form.phases):
        raise Refused(N_("A phase has no item. Give it one, or remove it."), rule="REP-7")
    if rules.norm_faults(form, form.norm):
        raise Refused(N_("Choose the norm: at least one item has to decide."), rule="REP-2")
