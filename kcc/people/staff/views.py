"""The administrator's pages of people: searching them and seeing one's course; changing it lives in
people/changing and people/pairing.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.facts import PersonFacts
from kcc.audit import record
from kcc.people import assignments, endings
from kcc.people.model import FunctionEnding
from kcc.people.queries import names
from kcc.people.staff import course, queries, time_line
from kcc.people.staff.queries import Place, Sought
from kcc.web import pages
from kcc.web.identity import actor, stores
from kcc.web.pages import render
from kcc.web.routes import needs

bp = Blueprint("staff", __name__)

WITHOUT = "none"
"""The filter's word for people who hold no function today."""


@bp.app_template_filter()
def function_word(function: Function) -> str:
    """A function as a word of this language."""
    return str(gettext(pages.FUNCTIONS[function]))


@bp.app_template_filter()
def sentence_case(words: str) -> str:
    """The same words with a capital first letter, and the others as they were."""
    return words[:1].upper() + words[1:]


@bp.app_template_filter()
def last_day(ends: date) -> date:
    """The last day of a period that ends, for people: the day before it is over."""
    return ends - timedelta(days=1)


@bp.get("/people")
@needs(Action.PEOPLE_READ)
def search() -> ResponseReturnValue:
    """People by name or number, with today's functions."""
    words = request.args.get("q", "").strip()[: queries.LONGEST_SEARCH]
    held = request.args.get("function", "")
    function = Function(held) if held in pages.FUNCTIONS else None
    sought = Sought(words, function, without=held == WITHOUT)
    with stores().database.write() as session:
        permit = policy.permit(actor(), Action.PEOPLE_READ, policy.Subject("people"))
        record.act(session, permit)
        found = queries.search(session, sought, clock.today(), _read(request.args.get("after", "")))
        waiting = names(session, {one.person_id for one in endings.waiting(session)})
    further: dict[str, Any] = {"q": words or None, "function": held or None}
    return render(
        "people/search.html",
        permit.reason,
        words=words,
        waiting=sorted(waiting.items(), key=lambda one: one[1].casefold()),
        held=held,
        functions=[("", gettext("any")), *_function_words(), (WITHOUT, gettext("none today"))],
        rows=found.rows,
        narrowed=bool(words or held),
        first=not request.args.get("after"),
        start=url_for("staff.search", **further),
        further=url_for("staff.search", **further, after=_written(found.next)) if found.next else None,
    )


@bp.get("/people/<person_id>")
@needs(Action.PEOPLE_READ)
def person(person_id: str) -> ResponseReturnValue:
    """One person's course: functions, agent ids and coaching, drawn and listed."""
    with stores().database.write() as session:
        found = queries.course(session, person_id)
        subject = policy.Subject("person", found.id)
        permit = policy.permit(actor(), Action.PEOPLE_READ, subject, PersonFacts(found.id))
        record.act(session, permit)
        ended = endings.of_person(session, found.id)
        waiting = [_wait(one) for one in endings.waiting(session) if one.person_id == found.id]
        succeeding = bool(assignments.needing_successor(session, found.id, clock.today()))
    rows, today = course.rows(found, clock.today()), clock.today()
    return render(
        "people/person.html",
        permit.reason,
        person=found,
        mine=found.id == actor().person_id,
        employed=any(
            one.function is Function.EMPLOYEE and (one.ends is None or one.ends > today)
            for one in found.functions
        ),
        succeeding=succeeding,
        waiting=waiting,
        undoable={one.period_id: one.id for one in ended if one.withdrawn_at is None and one.ends > today},
        line=time_line.covering([row.period for row in rows], today),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class Wait:
    """An end that came by import or SCIM, and the last day on which it may be called a mistake."""

    id: str
    function: Function
    ends: date
    came_by: str
    last: date


def _wait(ending: FunctionEnding) -> Wait:
    last = endings.last_day(ending)
    return Wait(ending.id, Function(ending.function), ending.ends, ending.came_by, last)


def _function_words() -> list[tuple[str, str]]:
    return [(function.value, gettext(word)) for function, word in pages.FUNCTIONS.items()]


def _written(place: Place) -> str:
    """Where the list goes on, as one word of an address."""
    return base64.urlsafe_b64encode(f"{place.id} {place.name}".encode()).decode().rstrip("=")


def _read(typed: str) -> Place | None:
    """The same word read back; what is none begins at the start."""
    try:
        person_id, _, name = base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)).decode().partition(" ")
    except (binascii.Error, ValueError):
        return None
    return Place(name, person_id) if name.isprintable() and name else None
