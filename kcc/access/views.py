"""The page that shows the policy to anybody signed in, made from the table that decides (ACC-1)."""

from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc.access.actions import Action
from kcc.access.actor import Function
from kcc.access.policy import TABLE, Grant, Subject, permit
from kcc.access.purposes import SENTENCES
from kcc.access.words import ACTIONS
from kcc.errors import N_
from kcc.web.identity import actor
from kcc.web.pages import FUNCTIONS, render
from kcc.web.routes import needs

bp = Blueprint("access", __name__)
MACHINES = {
    Function.RECORDER: N_("a recorder"),
    Function.PROVISIONER: N_("an identity provider"),
    Function.SYSTEM: N_("kcc itself"),
}


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
    )


def _title(word: str) -> str:
    """A function's word as a heading; the name of kcc stays as it is."""
    said: str = gettext(word)
    return said if said.startswith("kcc") else said[0].upper() + said[1:]


def _grants(function: Function | None) -> tuple[Grant, ...]:
    return tuple(grant for grant in TABLE if grant.function is function)
