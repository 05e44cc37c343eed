"""The pages about the audit: everybody's own, and those of whoever oversees."""

from datetime import datetime
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access.actions import Action
from kcc.access.policy import Subject, may_visit, permit
from kcc.access.purposes import SENTENCES
from kcc.audit.searching import Key
from kcc.insight import forms, own
from kcc.insight.reading import Told
from kcc.web import i18n, pages
from kcc.web.identity import actor, seeing, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("insight", __name__)


@bp.app_template_filter("dated_moment")
def dated_moment(value: datetime) -> str:
    """An instant as people say it, with its year where that is not this one: the log goes back two years."""
    said = i18n.moment(value)
    year = clock.local_day(value).year
    return said if year == clock.today().year else said.replace(",", f" {year},", 1)


@bp.get("/my-data")
@needs(Action.MY_DATA_READ)
def my_data() -> ResponseReturnValue:
    """Who did what with the actor's data, and what they did themselves."""
    faults: forms.Faults = []
    asked = forms.asked_of(request.args, faults)
    before, after = forms.key_of(request.args, "before"), forms.key_of(request.args, "after")
    me, found = actor(), None
    why = permit(me, Action.MY_DATA_READ, Subject("audit", me.person_id)).reason
    if not faults:
        with stores().database.write() as session, seeing(session) as seen:
            found = own.look(session, me, asked, before, after, seen)
    shown = render(
        "insight/my_data.html",
        why,
        rows=[in_words(told) for told in found.rows] if found else None,
        wanted=request.args,
        by_me=asked.who == "me",
        employee=may_visit(me, Action.CASE_OWN),
        errors=faults,
        filtered=any(request.args.get(name) for name in forms.FILTERS),
        paged=before is not None or after is not None,
        who_words=[(who, gettext(words)) for who, words in forms.WHO_WORDS.items()],
        kinds=list(forms.kinds().items()),
        months=round(stores().settings.audit.terms.listening / 30.4),
        older_url=_address("insight.my_data", forms.FILTERS, "before", found.older if found else None),
        newer_url=_address("insight.my_data", forms.FILTERS, "after", found.newer if found else None),
    )
    return shown, 422 if faults else 200


def in_words(told: Told) -> dict[str, Any]:
    """A row in the words of this language."""
    purposes = {purpose.value: words for purpose, words in SENTENCES.items()}
    purpose = purposes.get(told.purpose or "")
    deed = gettext(told.deed)
    return {
        "told": told,
        "line": told.line,
        "what": gettext(told.sentence, deed=deed[:1].lower() + deed[1:]),
        "function": pages.functions_said(told.function),
        "purpose": gettext(purpose) if purpose else None,
    }


def _address(endpoint: str, kept: tuple[str, ...], name: str, key: Key | None) -> str | None:
    query = forms.address_of(request.args, kept, name, key)
    return url_for(endpoint, **query) if query else None
