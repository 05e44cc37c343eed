"""The pages on which the coaches write the next version of the form, part by part."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc.access.actions import Action
from kcc.coaching import forms as coaching_forms
from kcc.coaching import quality_plan
from kcc.coaching.criteria import editing, queries, rules
from kcc.coaching.criteria.drafting import forms
from kcc.coaching.criteria.drafting.forms import ItemForm, NormForm, PhaseForm
from kcc.coaching.criteria.forms import Errors, differences
from kcc.coaching.criteria.shape import Form, Phase
from kcc.coaching.criteria.views import page, read_draft, saved, the_draft
from kcc.errors import NotFound
from kcc.people import queries as people
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("drafting", __name__)
Answer = ResponseReturnValue


@bp.get("/criteria/draft")
@needs(Action.CRITERIA_EDIT)
def draft() -> Answer:
    """The version that the team works on: every part with what can be done to it."""
    return _draft_page()


@bp.post("/criteria/draft")
@needs(Action.CRITERIA_EDIT)
def begin() -> Answer:
    """Begin the next version as a copy of the newest."""
    with stores().database.write() as session:
        editing.begin(session, actor())
    return redirect(url_for("drafting.draft"), 303)


@bp.get("/criteria/draft/items/<int:number>")
@needs(Action.CRITERIA_EDIT)
def item_form(number: int) -> Answer:
    """An item's texts, to be changed."""
    form = the_draft().form
    if number not in form.items:
        raise NotFound
    return _item_page(number, ItemForm.of(form.items[number]))


@bp.post("/criteria/draft/items/<int:number>")
@needs(Action.CRITERIA_EDIT)
def item(number: int) -> Answer:
    """Change an item's texts."""
    typed = ItemForm.read(request.form)
    if not typed.judged(fixed=rules.fixed_item(number)):
        return _item_page(number, typed), 422

    def act(session: Session) -> None:
        editing.change_item(session, actor(), number, typed.was, typed.values)

    kept, status = saved(act, typed.errors)
    if status:
        return _item_page(number, typed, kept), status
    flash(gettext("Item %(number)d is saved in the draft.", number=number))
    return redirect(url_for("drafting.draft") + f"#item-{number}", 303)


@bp.get("/criteria/draft/phases/<code>/items")
@needs(Action.CRITERIA_EDIT)
def new_item_form(code: str) -> Answer:
    """The form for an item of one's own."""
    _phase(the_draft().form, code)
    return _item_page(None, ItemForm.empty(), code=code)


@bp.post("/criteria/draft/phases/<code>/items")
@needs(Action.CRITERIA_EDIT)
def new_item(code: str) -> Answer:
    """Add an item of one's own to a phase."""
    typed = ItemForm.read(request.form)
    if not typed.judged(fixed=False):
        return _item_page(None, typed, code=code), 422
    numbers: list[int] = []

    def act(session: Session) -> None:
        numbers.append(editing.add_item(session, actor(), code, typed.values))

    _, status = saved(act, typed.errors)
    if status:
        return _item_page(None, typed, code=code), status
    flash(gettext("Item %(number)d is in the draft. Say in the norm whether it decides.", number=numbers[0]))
    return redirect(url_for("drafting.draft") + f"#item-{numbers[0]}", 303)


@bp.get("/criteria/draft/phases/<code>")
@needs(Action.CRITERIA_EDIT)
def phase_form(code: str) -> Answer:
    """The name of a phase of one's own, or of a new one ("new")."""
    form = the_draft().form
    typed = PhaseForm() if code == "new" else PhaseForm.of(_own_phase(form, code))
    return _phase_page(code, typed)


@bp.post("/criteria/draft/phases/<code>")
@needs(Action.CRITERIA_EDIT)
def phase(code: str) -> Answer:
    """Name a phase of one's own, or add one."""
    typed = PhaseForm.read(request.form)
    if not typed.judged():
        return _phase_page(code, typed), 422

    def act(session: Session) -> None:
        if code == "new":
            editing.add_phase(session, actor(), typed.name)
        else:
            editing.change_phase(session, actor(), code, typed.was, typed.name)

    kept, status = saved(act, typed.errors)
    if status:
        return _phase_page(code, typed, kept), status
    flash(gettext("The phase is saved in the draft."))
    return redirect(url_for("drafting.draft"), 303)


@bp.get("/criteria/draft/norm")
@needs(Action.CRITERIA_EDIT)
def norm_form() -> Answer:
    """Which items decide, and from when a call meets the norm."""
    return _norm_page(NormForm.of(the_draft().form.norm))


@bp.post("/criteria/draft/norm")
@needs(Action.CRITERIA_EDIT)
def norm() -> Answer:
    """Choose the norm."""
    typed = NormForm.read(request.form)
    chosen = typed.norm(_newest_form())
    if chosen is None:
        return _norm_page(typed), 422
    kept, status = saved(
        lambda session: editing.change_norm(session, actor(), typed.was, chosen), typed.errors
    )
    if status:
        return _norm_page(typed, kept), status
    flash(gettext("The norm is saved in the draft."))
    return redirect(url_for("drafting.draft") + "#norm", 303)


@bp.post("/criteria/draft/arrange")
@needs(Action.CRITERIA_EDIT)
def arrange() -> Answer:
    """Move an item or phase of one's own up or down, or remove it."""
    what, how = request.form.get("what", ""), request.form.get("how", "")
    revision, errors = coaching_forms.revision(request.form), Errors()
    _, status = saved(lambda session: editing.arrange(session, actor(), revision, what, how), errors)
    if status:
        return _draft_page(errors), status
    place = f"#item-{what}" if what.isdecimal() else f"#phase-{what}"
    return redirect(url_for("drafting.draft") + ("" if how == "remove" else place), 303)


@bp.get("/criteria/draft/discard")
@needs(Action.CRITERIA_EDIT)
def discard_form() -> Answer:
    """What would be lost, before the draft is thrown away."""
    found = the_draft()
    if found.proposed_by is not None:
        return redirect(url_for("drafting.draft"), 303)
    return _discard_page(Errors())


@bp.post("/criteria/draft/discard")
@needs(Action.CRITERIA_EDIT)
def discard() -> Answer:
    """Throw the draft away; what is published stays."""
    revision, errors = coaching_forms.revision(request.form), Errors()
    _, status = saved(lambda session: editing.discard(session, actor(), revision), errors)
    if status and read_draft():
        return _discard_page(errors), status
    flash(
        str(errors[0][1])
        if status
        else gettext("The draft is discarded. Nothing of what is published changed.")
    )
    return redirect(url_for("drafting.draft"), 303)


@bp.get("/criteria/draft/preview")
@needs(Action.CRITERIA_EDIT)
def preview() -> Answer:
    """The draft as the scoring page will show it."""
    found = the_draft()
    words = coaching_forms.words()
    return render("coaching/criteria/preview.html", found.permit.reason, form=found.form, **words)


# --- the pages themselves ---


def _newest_form() -> Form:
    """The draft; where it has been published meanwhile, what was published: typed words are still shown."""
    found = read_draft()
    with stores().database.read() as session:
        return found.form if found else quality_plan.form(session, queries.published(session)[0].number)


def _phase(form: Form, code: str) -> Phase:
    found = next((phase for phase in form.phases if phase.code == code), None)
    if found is None:
        raise NotFound
    return found


def _own_phase(form: Form, code: str) -> Phase:
    if rules.fixed_phase(code):
        raise NotFound
    return _phase(form, code)


def _draft_page(errors: Errors | None = None) -> str:
    found = read_draft()
    reason = found.permit.reason if found else None
    if found is None:
        return page("draft", reason, draft=None, errors=errors)
    with stores().database.read() as session:
        names = people.names(session, [one for one in (found.saved_by, found.proposed_by) if one])
    return page(
        "draft",
        reason,
        draft=found,
        names=names,
        errors=errors,
        fixed_item=rules.fixed_item,
        fixed_phase=rules.fixed_phase,
        mine=found.proposed_by == actor().person_id,
        full=len(found.form.items) >= rules.MOST_ITEMS,
        **differences(found.base, found.form),
    )


def _discard_page(errors: Errors) -> str:
    found = the_draft()
    with stores().database.read() as session:
        names = people.names(session, [found.saved_by] if found.saved_by else [])
    changed = differences(found.base, found.form)
    return page("discard", found.permit.reason, draft=found, names=names, errors=errors or None, **changed)


def _item_page(number: int | None, typed: ItemForm, kept: Any = None, code: str = "") -> str:
    form = _newest_form()
    here = _phase(form, code) if code else rules.phase_of(form, number or 0)
    typed.was = rules.stamp(kept) if kept else typed.was
    return page(
        "item",
        number=number,
        phase=here,
        typed=typed.values,
        was=typed.was,
        kept=kept,
        fixed=number is not None and rules.fixed_item(number),
        errors=typed.errors or None,
        fault=dict(typed.errors),
        longest=rules.LONGEST,
    )


def _phase_page(code: str, typed: PhaseForm, kept: Any = None) -> str:
    typed.was = rules.stamp(kept) if kept else typed.was
    return page(
        "phase",
        code=code,
        typed=typed,
        kept=kept,
        errors=typed.errors or None,
        fault=dict(typed.errors),
        longest=rules.LONGEST,
    )


def _norm_page(typed: NormForm, kept: Any = None) -> str:
    typed.was = rules.stamp(kept) if kept else typed.was
    form = _newest_form()
    return page(
        "norm",
        form=form,
        typed=typed,
        kept=kept,
        choices=[(one.value, gettext(said)) for one, said in forms.CHOICES.items()],
        errors=typed.errors or None,
        fault=dict(typed.errors),
    )
