"""The administrator's pages of the register of lines: the list, one line with its history, adding and
changing; counts, never a call or a person (ACC-6).
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.audit import record
from kcc.errors import Invalid
from kcc.recordings.model import Line, LineChange
from kcc.recordings.register import changing, queries, words
from kcc.recordings.register.changing import LineChanged, LineValues
from kcc.recordings.register.forms import LineForm, kind_choices, kind_word
from kcc.wall.rights import Role
from kcc.web import pages
from kcc.web.i18n import sentence
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("lines", __name__)
bp.add_app_template_filter(kind_word, "line_kind")


@bp.get("/lines")
@needs(Action.LINES_READ)
def show_all() -> ResponseReturnValue:
    """Every line: its kind, since when callers are told, how many calls; and what stands in the way."""
    with stores().database.write() as session:
        permit = policy.permit(actor(), Action.LINES_READ, policy.Subject("line"))
        record.act(session, permit)
        with _counting() as counting:
            found = queries.overview(session, clock.now(), counting)
    return render(
        "lines/list.html",
        permit.reason,
        lines=found.rows,
        unknown=found.unknown,
        days=queries.COUNTED.days,
        hindrance=_hindrance,
    )


@bp.get("/line/<code>")
@needs(Action.LINES_READ)
def show(code: str) -> ResponseReturnValue:
    """One line, how many calls, and every change of it."""
    with stores().database.write() as session:
        line = queries.one(session, code)
        permit = policy.permit(actor(), Action.LINES_READ, policy.Subject("line", line.code))
        record.act(session, permit)
        with _counting() as counting:
            counts = queries.counts_of(counting, line.code, clock.now())
        history = [_told(one) for one in queries.history(session, line.code)]
    return render(
        "lines/show.html",
        permit.reason,
        line=line,
        meaning=gettext(words.KINDS[LineValues.of(line).kind][1]),
        hindrance=_hindrance(line),
        counts=counts,
        history=history,
        longest=queries.LONGEST_HISTORY,
        days=queries.COUNTED.days,
    )


@bp.get("/lines/new")
@needs(Action.LINE_CHANGE, step_up=True)
def new_form() -> ResponseReturnValue:
    """The form to add a line."""
    return _form(LineForm(), None)


@bp.post("/lines/new")
@needs(Action.LINE_CHANGE, step_up=True)
def add() -> ResponseReturnValue:
    """Add a line."""
    form = LineForm.read(request.form)
    values, warnings = _read(form, None)
    if form.errors or values is None:
        return _form(form, None, warnings), 422
    try:
        with stores().database.write() as session:
            changing.add(session, actor(), form.code, values, form.reason)
    except Invalid as fault:
        form.errors.append((fault.field, sentence(fault)))
        return _form(form, None, warnings), 422
    flash(gettext("The line is in the register. Its calls are taken in from now on as its kind says."))
    return redirect(url_for("lines.show", code=form.code), 303)


@bp.get("/line/<code>/change")
@needs(Action.LINE_CHANGE, step_up=True)
def change_form(code: str) -> ResponseReturnValue:
    """The form to change a line."""
    line = _line(code)
    return _form(LineForm.of(line.code, LineValues.of(line), line.revision), line)


@bp.post("/line/<code>/change")
@needs(Action.LINE_CHANGE, step_up=True)
def change(code: str) -> ResponseReturnValue:
    """Change a line, unless somebody else did meanwhile."""
    line = _line(code)
    form = LineForm.read({**request.form, "code": line.code})
    if line.revision != form.revision:
        return _overtaken(form, line)
    values, warnings = _read(form, LineValues.of(line))
    if form.errors or values is None:
        return _form(form, line, warnings), 422
    try:
        with stores().database.write() as session:
            changing.change(session, actor(), line.code, form.revision, values, form.reason)
    except LineChanged:
        return _overtaken(form, _line(code))
    except Invalid as fault:
        form.errors.append((fault.field, sentence(fault)))
        return _form(form, line, warnings), 422
    flash(gettext("The change is in the register, and so is its reason."))
    return redirect(url_for("lines.show", code=line.code), 303)


def _counting() -> AbstractContextManager[Session]:
    """A transaction that may count calls, of which an administrator reaches none (ACC-6)."""
    return stores().acting(Role.FIGURES).database.read()


def _line(code: str) -> Line:
    with stores().database.read() as session:
        return queries.one(session, code)


def _read(form: LineForm, before: LineValues | None) -> tuple[LineValues | None, list[str]]:
    """What was typed, and what it does; whoever has not yet said to have read that is asked to."""
    values = form.values()
    warnings = [gettext(message) for message in words.consequences(before, values)] if values else []
    if warnings and form.understood != form.chosen:
        form.errors.append(("understood", gettext("Read what this does, and say that you mean it.")))
    return values, warnings


def _overtaken(form: LineForm, line: Line) -> ResponseReturnValue:
    """Somebody else was first: what they made of it beside what was typed, of which nothing is lost."""
    with stores().database.read() as session:
        last = next(iter(queries.history(session, line.code)), None)
    form.revision, form.understood = line.revision, ""
    return _form(form, line, overtaken=_told(last) if last else None), 409


def _form(
    form: LineForm,
    line: Line | None,
    warnings: list[str] | None = None,
    overtaken: "Told | None" = None,
) -> str:
    subject = policy.Subject("line", line.code if line else "")
    permit = policy.permit(actor(), Action.LINE_CHANGE, subject)
    return render(
        "lines/form.html",
        permit.reason,
        form=form,
        line=line,
        warnings=warnings,
        overtaken=overtaken,
        kinds=kind_choices(),
        meanings=[(gettext(word), gettext(meaning)) for word, meaning in words.KINDS.values()],
        longest_name=changing.LONGEST_NAME,
        longest_reason=changing.LONGEST_REASON,
        errors=form.errors,
        fault=dict(form.errors),
    )


def _hindrance(line: Line) -> str | None:
    """Why calls of a line that is recorded are refused today, if they are (PUR-5)."""
    if LineValues.of(line).kind not in words.STORING:
        return None
    if line.welcome_text_since is None:
        return str(gettext("refused: no welcome text"))
    return str(gettext("refused until that day")) if line.welcome_text_since > clock.today() else None


@dataclass(frozen=True, slots=True)
class Told:
    """A change as the page shows it: each thing that changed, with what it was and what it became."""

    at: datetime
    who: str
    function: str
    reason: str
    added: bool
    things: list[tuple[str, str | None, str]]


def _told(change: LineChange) -> Told:
    added = change.kind_before is None
    things = [
        (
            gettext("Kind"),
            kind_word(change.kind_before) if change.kind_before else None,
            kind_word(change.kind),
        ),
        (
            gettext("Welcome text since"),
            _day(change.welcome_text_since_before),
            _day(change.welcome_text_since),
        ),
        (gettext("Name"), change.name_before, change.name),
    ]
    changed = [thing for thing in things if added or thing[1] != thing[2]]
    return Told(change.at, change.by_name, _function(change), change.reason, added, changed)


def _day(day: date | None) -> str:
    return str(format_date(day, "d MMM y")) if day else str(gettext("not filled in"))


def _function(change: LineChange) -> str:
    if change.function == Function.SYSTEM.value:
        return str(gettext("on the command line"))
    word = pages.FUNCTIONS.get(Function(change.function)) if change.function else None
    return str(gettext(word)) if word else ""
