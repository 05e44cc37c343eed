"""The page that shows the policy to anybody signed in, made from the table that decides (ACC-1), and the one
that explains single decisions to the data protection officer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.explaining import STATES, Answer
from kcc.access.policy import TABLE, Grant, Subject, may_visit, permit
from kcc.access.purposes import SENTENCES
from kcc.access.words import ACTIONS
from kcc.errors import N_, Invalid
from kcc.web.i18n import sentence
from kcc.web.identity import actor, seeing, stores
from kcc.web.pages import FUNCTIONS, function_words, render
from kcc.web.routes import needs

bp = Blueprint("access", __name__)
MACHINES = {
    Function.RECORDER: N_("a recorder"),
    Function.PROVISIONER: N_("an identity provider"),
    Function.SYSTEM: N_("kcc itself"),
}
EXPLAIN = "kcc.explain"
"""Where the application keeps what answers a question: it asks packages that this one does not know."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Everything that one function may do; `mine` when the reader holds it."""

    slug: str
    name: str
    mine: bool
    grants: tuple[Grant, ...]

    @property
    def conditional(self) -> bool:
        """Whether any of it has a condition or a purpose; else a plain list says it all."""
        return any(grant.demands or grant.purposes for grant in self.grants)


@bp.get("/who-may-what")
@needs(Action.POLICY_READ)
def who_may_what() -> ResponseReturnValue:
    """Who may reach what, and why."""
    given = permit(actor(), Action.POLICY_READ, Subject("policy"))
    people = [Holder(f, _title(word), f in actor().functions, _grants(f)) for f, word in FUNCTIONS.items()]
    machines = [Holder(f, _title(word), False, _grants(f)) for f, word in MACHINES.items()]
    people.sort(key=lambda holder: not holder.mine)  # what concerns the reader comes first
    everybody = Holder("everybody", _title(N_("everybody who is signed in")), False, _grants(None))
    return render(
        "access/who_may_what.html",
        given.reason,
        holders=[*people, everybody, *machines],
        words=ACTIONS,
        purposes=SENTENCES,
        may_ask=may_visit(actor(), Action.ACCESS_EXPLAIN),
    )


@bp.get("/who-may-what/explain")
@needs(Action.ACCESS_EXPLAIN)
def explain_form() -> ResponseReturnValue:
    """The question to ask; a link may have filled it in."""
    return _explain_page(request.args)


@bp.post("/who-may-what/explain")
@needs(Action.ACCESS_EXPLAIN)
def explain() -> ResponseReturnValue:
    """Whether somebody may do something, by which grant, and what holds and fails; written in the log."""
    try:
        with stores().database.write() as session, seeing(session) as seen:
            found = current_app.extensions[EXPLAIN](session, actor(), request.form, seen)
    except Invalid as fault:
        return _explain_page(request.form, fault=fault), 422
    return _explain_page(request.form, found)


def _explain_page(typed: Mapping[str, str], found: Answer | None = None, fault: Invalid | None = None) -> str:
    given = permit(actor(), Action.ACCESS_EXPLAIN, Subject("policy"))
    return render(
        "access/explain.html",
        given.reason,
        typed=typed,
        found=found,
        holds=function_words(found.explanation.actor) if found else [],
        words=ACTIONS,
        acts=_choices(ACTIONS),
        purposes=SENTENCES,
        aims=_choices(SENTENCES),
        states=STATES,
        functions=FUNCTIONS | MACHINES,
        errors=[(fault.field, sentence(fault))] if fault else None,
        fault={fault.field: sentence(fault)} if fault else {},
    )


def _choices(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(code), gettext(word)) for code, word in words.items()]


def _title(word: str) -> str:
    """A function's word as a heading; the name of kcc stays as it is."""
    said: str = gettext(word)
    return said if said.startswith("kcc") else said[0].upper() + said[1:]


def _grants(function: Function | None) -> tuple[Grant, ...]:
    return tuple(grant for grant in TABLE if grant.function is function)
