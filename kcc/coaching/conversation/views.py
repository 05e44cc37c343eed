"""The pages of the conversation about a report: agreeing when, writing, signing, and taking it all along."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.coaching.conversation import (
    appointments,
    forms,
    queries,
    reading,
    signing,
    taking,
    texts,
    writing,
)
from kcc.coaching.conversation.model import Conversation
from kcc.coaching.conversation.paper import forms as letters
from kcc.coaching.conversation.paper import pdf
from kcc.coaching.conversation.reading import Talk
from kcc.coaching.conversation.rules import Side
from kcc.errors import Invalid, KccError, NotFound, Refused
from kcc.notices import calendars
from kcc.people import queries as people
from kcc.vault.keystore import KeyStore
from kcc.web.i18n import sentence
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("conversation", __name__)
Typed = dict[str, Any]


@bp.get("/reports/<report_id>/conversation")
@needs(Action.REPORT_READ)
def show(report_id: str) -> ResponseReturnValue:
    """What waits for whom, and all that somebody can do now."""
    return _page(report_id)


@bp.post("/reports/<report_id>/conversation/proposal")
@needs(Action.CONVERSATION_PROPOSE)
def propose(report_id: str) -> ResponseReturnValue:
    """Propose moments for the conversation."""

    def act(session: Session, keys: KeyStore, me: Actor) -> None:
        posted = request.form
        moments, minutes = forms.options(posted), forms.minutes(posted)
        appointments.propose(session, keys, me, report_id, moments, minutes, posted.get("where", ""))

    return _done(report_id, act, gettext("Your proposal is made."))


@bp.post("/reports/<report_id>/conversation/answer")
@needs(Action.CONVERSATION_ANSWER)
def answer(report_id: str) -> ResponseReturnValue:
    """Accept one of the moments, or ask for another."""
    if request.form.get("moment") == "another":
        wish = request.form.get("wish", "")
        return _done(
            report_id,
            lambda session, keys, me: appointments.ask_another(session, keys, me, report_id, wish),
            gettext("You have asked for another moment."),
        )
    return _done(
        report_id,
        lambda session, keys, me: appointments.accept(
            session, keys, me, report_id, forms.moment(request.form)
        ),
        gettext("The conversation is agreed."),
    )


@bp.post("/reports/<report_id>/conversation/cancel")
@needs(Action.CONVERSATION_PROPOSE)
def cancel(report_id: str) -> ResponseReturnValue:
    """Withdraw the proposal, or call the conversation off."""
    return _done(
        report_id,
        lambda session, keys, me: appointments.cancel(session, keys, me, report_id),
        gettext("The conversation is cancelled."),
    )


@bp.post("/reports/<report_id>/conversation/view")
@needs(Action.CONVERSATION_WRITE)
def save_view(report_id: str) -> ResponseReturnValue:
    """Save one's own view, and share it where that was asked."""
    text, share = request.form.get("view", ""), "share" in request.form

    def act(session: Session, keys: KeyStore, me: Actor) -> None:
        reason = request.form.get("reason", "")
        seen = forms.revision()
        writing.save_view(session, keys, me, report_id, seen, text, share=share, reason=reason)

    said = gettext("Your view is shared.") if share else gettext("Your view is saved.")
    return _done(report_id, act, said, typed={"view": text})


@bp.post("/reports/<report_id>/conversation/text")
@needs(Action.CONVERSATION_WRITE)
def save_text(report_id: str) -> ResponseReturnValue:
    """Save conclusions, agreements and points."""
    closed = request.form.getlist("closed")

    def act(session: Session, keys: KeyStore, me: Actor) -> None:
        posted, seen = request.form, forms.revision()
        reason = posted.get("reason", "")
        writing.save_together(session, keys, me, report_id, seen, posted, closed, reason=reason)

    typed = {"text": forms.typed(request.form, closed)}
    return _done(report_id, act, gettext("What you wrote together is saved."), typed=typed)


@bp.get("/reports/<report_id>/conversation/sign")
@needs(Action.REPORT_SIGN, step_up=True)
def sign_form(report_id: str) -> ResponseReturnValue:
    """The whole text once more, before it is signed."""
    return _page(report_id, "sign")


@bp.post("/reports/<report_id>/conversation/sign")
@needs(Action.REPORT_SIGN, step_up=True)
def sign(report_id: str) -> ResponseReturnValue:
    """Sign exactly the text that was shown."""

    def act(session: Session, keys: KeyStore, me: Actor) -> None:
        signing.sign(session, keys, me, report_id, request.form.get("seen", ""))

    return _done(report_id, act, gettext("You have signed."), template="sign", to="coaching.report")


@bp.get("/reports/<report_id>/conversation/earlier")
@needs(Action.REPORT_READ)
def earlier(report_id: str) -> ResponseReturnValue:
    """A version that both signed, beside what it became."""
    talk, context = _read(report_id)
    number = request.args.get("version", type=int)
    version = next((one for one in talk.signed if one.version == number), None)
    if number is None and talk.signed:
        version = talk.before or talk.signed[-1]
    if version is None:
        raise NotFound
    later = next((one.text for one in talk.signed if one.version > version.version), talk.whole)
    context["signed_version"] = version
    context["changes"] = forms.changes(version.text, later, talk) if later != version.text else []
    return render("coaching/conversation/earlier.html", talk.permit.reason, **context)


@bp.get("/reports/<report_id>/conversation/calendar")
@needs(Action.REPORT_READ)
def calendar(report_id: str) -> ResponseReturnValue:
    """The agreed moment for one's calendar; of one that is off, the entry that takes it out again."""
    with stores().database.write() as session:
        talk = reading.read(session, stores().keys, actor(), report_id)
        row = session.get(Conversation, report_id)
        if row is None:
            raise NotFound
        url, where = url_for("conversation.show", report_id=report_id, _external=True), talk.appointment.where
        content = appointments.calendar_entry(row, gettext("Coaching conversation"), where=where, url=url)
    return _file(content, calendars.CONTENT_TYPE, gettext("conversation") + ".ics")


@bp.get("/reports/<report_id>/pdf")
@needs(Action.REPORT_TAKE, step_up=True)
def take(report_id: str) -> ResponseReturnValue:
    """The report as a PDF, made now and kept nowhere."""
    if not pdf.available():
        raise NotFound
    with stores().database.write() as session:
        talk = taking.take(session, stores().keys, actor(), report_id)
        names = people.names(session, talk.people)
    letter = letters.letter(talk, names, str(get_locale()))
    return _file(pdf.make(letter), pdf.CONTENT_TYPE, gettext("report") + ".pdf")


# --- on the lists of reports, and in a report ---


@bp.app_context_processor
def for_lists() -> dict[str, Callable[..., Any]]:
    """Let the lists of reports tell where each conversation stands, and what waits."""
    return {"conversations_of": conversations_of, "conversations_waiting": conversations_waiting}


def conversations_of(rows: Sequence[Any]) -> dict[str, tuple[str, str]]:
    """The words and the mark of the standing of each report in a list."""
    with stores().database.read() as session:
        found = queries.standings(session, [row.id for row in rows])
    return {id_: (forms.words(one), forms.STANDINGS[one][1]) for id_, one in found.items()}


def conversations_waiting(side: str) -> list[dict[str, Any]]:
    """The reports in which the next step is the reader's, newest first: id, day, who else, and the step."""
    me = optional_actor()
    if me is None:
        return []
    with stores().database.read() as session:
        rows = queries.waiting(session, me.person_id, Side(side), clock.now())
        names = people.names(session, [row.other for row in rows if row.other])
    return [
        {
            "id": row.id,
            "finished_at": row.finished_at,
            "step": gettext(
                forms.STEPS[row.standing, Side(side)], name=names.get(row.other or "", gettext("your coach"))
            ),
        }
        for row in rows
    ]


def _read(report_id: str) -> tuple[Talk, dict[str, Any]]:
    with stores().database.write() as session:
        talk = reading.read(session, stores().keys, actor(), report_id)
        names = people.names(session, talk.people)
    return talk, forms.context(talk, names)


def _page(
    report_id: str, template: str = "show", errors: Sequence[tuple[str | None, str]] = (), **typed: Any
) -> str:
    talk, context = _read(report_id)
    context |= {"errors": list(errors), "error": dict(errors), "posted": request.form} | typed
    return render(f"coaching/conversation/{template}.html", talk.permit.reason, **context)


def _done(
    report_id: str,
    act: Callable[[Session, KeyStore, Actor], object],
    said: str,
    *,
    template: str = "show",
    to: str = "conversation.show",
    typed: Typed | None = None,
) -> ResponseReturnValue:
    """Do one thing, and go on; or show what is wrong, with what was typed."""
    try:
        with stores().database.write() as session:
            act(session, stores().keys, actor())
    except writing.TextChanged as other:
        kept = {"kept": _kept(other), "mine": True}
        return _page(report_id, template, [(None, sentence(other))], **(typed or {}), **kept), 409
    except Invalid as fault:
        return _page(report_id, template, [(_field(fault), sentence(fault))], **(typed or {})), fault.status
    except Refused as fault:
        return _page(report_id, template, [(None, sentence(fault))], **(typed or {})), fault.status
    flash(said)
    return redirect(url_for(to, report_id=report_id), 303)


def _field(fault: KccError) -> str | None:
    field = getattr(fault, "field", None)
    return None if field in ("sign", "revision", "closed") else field


def _kept(other: writing.TextChanged) -> Any:
    """What the other window or the other person saved: a view as it is, or the texts of both."""
    if request.endpoint == "conversation.save_view":
        return other.kept
    return texts.load(other.kept) if other.kept else texts.Together()


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=kind, headers=headers)
