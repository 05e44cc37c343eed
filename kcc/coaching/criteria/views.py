"""The pages on which everybody reads the criteria, and on which two coaches publish the next version; writing
it lives in drafting.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.facts import FormFacts
from kcc.access.policy import Subject
from kcc.coaching import quality_plan
from kcc.coaching.criteria import editing, forms, publishing, queries
from kcc.coaching.criteria.editing import Draft, Overtaken
from kcc.coaching.criteria.forms import Errors
from kcc.coaching.forms import revision as revision_of
from kcc.errors import Invalid, NotFound, Refused
from kcc.people import queries as people
from kcc.web.days import read_day
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("criteria", __name__)
Answer = ResponseReturnValue


# --- reading ---


@bp.get("/criteria")
@needs(Action.CRITERIA_READ)
def show_current() -> Answer:
    """The criteria in force, and the next ones before they start (REP-2)."""
    return _version_page(None)


@bp.get("/criteria/<int:version>")
@needs(Action.CRITERIA_READ)
def show(version: int) -> Answer:
    """A published version, with what changed in it."""
    return _version_page(version)


def _version_page(number: int | None) -> Answer:
    permit = policy.permit(actor(), Action.CRITERIA_READ, Subject("form_version"))
    with stores().database.read() as session:
        versions = queries.published(session)
        number = quality_plan.current(session) if number is None else number
        found = next((one for one in versions if one.number == number), None)
        if found is None:
            raise NotFound
        form = quality_plan.form(session, number)
        before = quality_plan.form(session, number - 1) if number > 1 else None
    changed = forms.differences(before, form) if before else {}
    return page(
        "show",
        permit.reason,
        form=form,
        shown=found,
        versions=versions,
        may_edit=policy.may_visit(actor(), Action.CRITERIA_EDIT),
        **changed,
    )


# --- publishing ---


@bp.get("/criteria/draft/propose")
@needs(Action.CRITERIA_PROPOSE, step_up=True)
def propose_form() -> Answer:
    """What would change, and the first day to choose."""
    found = the_draft()
    if found.proposed_by is not None:
        return redirect(url_for("drafting.draft"), 303)
    return _publish_page(found, [])


@bp.post("/criteria/draft/propose")
@needs(Action.CRITERIA_PROPOSE, step_up=True)
def propose() -> Answer:
    """Put the draft forward, for another coach to publish."""
    faults: list[tuple[str, str]] = []
    day = read_day(request.form.get("starts_on", ""), "starts_on", faults, needed=True)
    errors = Errors(faults)
    if day is None:
        return _publish_page(the_draft(), errors), 422
    revision = revision_of(request.form)

    def act(session: Session) -> None:
        publishing.propose(session, actor(), revision, day, _days())

    _, status = saved(act, errors)
    if status:
        return _publish_page(the_draft(), errors), status
    flash(gettext("The version is put forward. Another coach has to publish it."))
    return redirect(url_for("drafting.draft"), 303)


@bp.post("/criteria/draft/take-back")
@needs(Action.CRITERIA_EDIT)
def take_back() -> Answer:
    """Make what was put forward a draft again."""
    revision, errors = revision_of(request.form), Errors()
    _, status = saved(lambda session: publishing.take_back(session, actor(), revision), errors)
    flash(str(errors[0][1]) if status else gettext("The version is a draft again."))
    return redirect(url_for("drafting.draft"), 303)


@bp.get("/criteria/draft/confirm")
@needs(Action.CRITERIA_CONFIRM, step_up=True)
def confirm_form() -> Answer:
    """What another coach put forward, to be read before it is published."""
    found = the_draft()
    subject = editing.subject(found.form.version)
    policy.permit(actor(), Action.CRITERIA_CONFIRM, subject, FormFacts(found.proposed_by))
    return _publish_page(found, [])


@bp.post("/criteria/draft/confirm")
@needs(Action.CRITERIA_CONFIRM, step_up=True)
def confirm() -> Answer:
    """Publish what another coach put forward."""
    revision, errors, days = revision_of(request.form), Errors(), list[date]()

    def act(session: Session) -> None:
        days.append(publishing.confirm(session, actor(), revision, _days()))

    _, status = saved(act, errors)
    if status and (found := read_draft()):
        return _publish_page(found, errors), status
    if status:
        flash(str(errors[0][1]))
        return redirect(url_for("criteria.show_current"), 303)
    flash(gettext("The version is published. It holds from %(day)s.", day=forms.long_date(days[0])))
    return redirect(url_for("criteria.show_current"), 303)


# --- what these pages share ---


def saved(act: Callable[[Session], object], errors: Errors) -> tuple[Any, int]:
    """Do something to the draft; gives 0, or the status with why not in the errors, and what is kept now."""
    try:
        with stores().database.write() as session:
            act(session)
    except Overtaken as other:
        errors.append((None, sentence(other)))
        return other.kept, other.status
    except Refused as fault:
        errors.append((None, sentence(fault)))
        return None, fault.status
    except Invalid as fault:
        errors.append((fault.field, sentence(fault)))
        return None, fault.status
    return None, 0


def read_draft() -> Draft | None:
    """The version that the team works on, if there is one."""
    with stores().database.read() as session:
        return editing.read(session, actor())


def the_draft() -> Draft:
    """The version that the team works on; NotFound when there is none."""
    found = read_draft()
    if found is None:
        raise NotFound
    return found


def page(name: str, why: str | None = None, **context: Any) -> str:
    """Render a page of the criteria, with the words that all of them use."""
    if why is None:
        why = policy.permit(actor(), Action.CRITERIA_EDIT, Subject("form_version")).reason
    said = {"wording": forms.wording, "norm_words": forms.norm_words, "long_date": forms.long_date}
    return render(f"coaching/criteria/{name}.html", why, **{"errors": None, **said, **context})


def _days() -> int:
    return stores().settings.quality_plan.read_days


def _publish_page(found: Draft, errors: Errors) -> str:
    with stores().database.read() as session:
        names = people.names(session, [found.proposed_by] if found.proposed_by else [])
    earliest = date.fromordinal(clock.today().toordinal() + _days())
    return page(
        "publish",
        found.permit.reason,
        draft=found,
        names=names,
        errors=errors or None,
        fault=dict(errors),
        starts_on=request.form.get("starts_on", earliest.isoformat()),
        days=_days(),
        **forms.differences(found.base, found.form),
    )
