"""The page on which somebody reads what they were told and chooses when to get a letter, and how many notices
are new, for the own menu.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.audit import record
from kcc.errors import N_, Invalid
from kcc.notices import letters, outbox, queries
from kcc.notices.rules import How, Param
from kcc.notices.words import PAGES, SENTENCES
from kcc.web.i18n import long_day
from kcc.web.identity import actor, optional_actor, stores
from kcc.web.pages import FUNCTIONS, render
from kcc.web.routes import needs

bp = Blueprint("notices", __name__)

WAYS = {How.AT_ONCE: N_("As soon as there is something"), How.DIGEST: N_("Once a day")}


@bp.app_context_processor
def own_links() -> dict[str, str | Callable[[], int]]:
    """Where the own menu leads to, and how much is new there."""
    return {"notices_url": url_for("notices.show_all"), "unread_notices": unread}


def unread() -> int:
    """How many notices the reader of this page has not seen; none on a page that says what went wrong."""
    me = None if g.get("kcc_in_error") else optional_actor()
    if me is None:
        return 0
    with stores().database.read() as session:
        return queries.unread(session, me.person_id)


@bp.get("/notices")
@needs(Action.NOTICE_READ)
def show_all() -> ResponseReturnValue:
    """What one was told, newest first; from now on it counts as read."""
    me, before = actor(), _before()
    permit = policy.permit(me, Action.NOTICE_READ, policy.Subject("notice"))
    with stores().database.write() as session:
        record.act(session, permit)
        told, older = queries.of_person(session, me.person_id, before)
        outbox.read_all(session, me.person_id)
        how = letters.choice(session, me.person_id)
    return render(
        "notices/list.html",
        permit.reason,
        this_year=clock.today().year,
        notices=[(one, sentence(one.word, one.params), _page(one.word)) for one in told],
        newer_url=url_for("notices.show_all") if before else None,
        older_url=url_for("notices.show_all", before=_stamp(older)) if older else None,
        how=how.value,
        ways=[(way.value, gettext(words)) for way, words in WAYS.items()],
        mailing=bool(stores().settings.mail.host),
        digest_at=stores().settings.scheduler.digest_at,
    )


@bp.get("/notices/<notice_id>/entry.ics")
@needs(Action.NOTICE_READ)
def entry(notice_id: str) -> ResponseReturnValue:
    """What a notice has for its reader's own calendar."""
    with stores().database.read() as session:
        found = queries.entry(session, actor().person_id, notice_id)
    headers = {"Content-Disposition": "attachment; filename=kcc.ics"}
    return Response(found, mimetype="text/calendar", headers=headers)


@bp.post("/notices/mail")
@needs(Action.ACCOUNT_MANAGE)
def choose_mail() -> ResponseReturnValue:
    """Choose between a letter at once and one a day."""
    try:
        how = How(request.form.get("how", ""))
    except ValueError:
        raise Invalid("how", N_("Choose between a letter at once and one a day.")) from None
    with stores().database.write() as session:
        letters.choose(session, actor(), how)
    flash(gettext("Your choice is saved."))
    return redirect(url_for("notices.show_all"), 303)


def sentence(word: str, params: dict[str, Param]) -> str:
    """A notice in the language of this request."""
    return str(gettext(SENTENCES[word], **{name: _words(value) for name, value in params.items()}))


def _page(word: str) -> str | None:
    return url_for(PAGES[word]) if word in PAGES else None


def _words(value: Param) -> Any:
    if isinstance(value, Function):
        return gettext(FUNCTIONS[value])
    return long_day(value) if isinstance(value, date) else value


def _stamp(key: queries.Key) -> str:
    return f"{key[0].isoformat()}~{key[1]}"


def _before() -> queries.Key | None:
    text = request.args.get("before")
    if not text:
        return None
    moment, _, id_ = text.partition("~")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), id_
    except (ValueError, OverflowError):
        raise Invalid("before", N_("This link is not complete. Start again at the first page.")) from None
