"""The shell around every page: who is here, their tasks, and why they may see it; the pages themselves are
the packages'.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import kcc
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.errors import N_
from kcc.web import identity
from kcc.web import sessions as cookies

FUNCTIONS = {
    Function.EMPLOYEE: N_("employee"),
    Function.COACH: N_("coach"),
    Function.TEAM_LEAD: N_("team lead"),
    Function.DEPARTMENT_MANAGER: N_("department manager"),
    Function.DATA_PROTECTION_OFFICER: N_("data protection officer"),
    Function.WORKS_COUNCIL: N_("works council member"),
    Function.ADMINISTRATOR: N_("administrator"),
}
THEME = "theme"
ASSETS = Path(__file__).parent / "assets" / "dist"


@dataclass(frozen=True, slots=True)
class Task:
    """An entry of the top bar, shown to whoever may do its action."""

    action: Action
    endpoint: str
    label: str


IN_THE_BAR = 5
"""Entries that a person takes in at a glance; whoever has more finds the rest behind the last one."""


@dataclass(frozen=True, slots=True)
class TaskLink:
    """A task as this page shows it."""

    url: str
    label: str
    current: bool


def render(template: str, why: str | None = None, **context: Any) -> str:
    """Render a page inside the shell; `why` is a permit's reason."""
    line = gettext("You see this because %(reason)s.", reason=gettext(why)) if why else None
    return render_template(template, why=line, **context)


def asset(name: str) -> str:
    """The address of a built asset, with its content's hash in it."""
    return url_for("assets", path=_manifest()[name])


@cache
def _manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((ASSETS / "manifest.json").read_text())
    return found


def install(app: Flask, tasks: tuple[Task, ...]) -> None:
    """Serve the assets and give every template the shell's context."""
    app.extensions["kcc.tasks"] = tasks

    def assets(path: str) -> ResponseReturnValue:
        return send_from_directory(ASSETS, path, max_age=31_536_000)

    assets.kcc_action = Action.PUBLIC_VISIT  # type: ignore[attr-defined] # what routes.needs does; it imports us
    app.add_url_rule("/assets/<path:path>", "assets", assets)
    app.jinja_env.globals.update(asset=asset)
    app.context_processor(_shell)


@dataclass(frozen=True, slots=True)
class Here:
    """Who is signed in, as the shell shows it."""

    name: str
    functions: list[str]


def _shell() -> dict[str, Any]:
    # On an error page the identity may be what failed: it is shown only if it was found before.
    actor = g.get("kcc_actor") if g.get("kcc_in_error") else identity.optional_actor()
    tasks = _tasks(actor) if actor else []
    return {
        "actor": Here(actor.name, function_words(actor)) if actor else None,
        "tasks": tasks,
        "tasks_shown": IN_THE_BAR if len(tasks) <= IN_THE_BAR else IN_THE_BAR - 1,
        "theme": request.cookies.get(
            cookies.name(secure=identity.stores().settings.server.secure, of=THEME), ""
        ),
        "version": kcc.__version__,
        "home_url": url_for("people.home"),
        "preferences_url": url_for("people.preferences"),
        "sign_out_url": url_for("people.sign_out"),
        "policy_url": url_for("access.who_may_what"),
        "my_data_url": url_for("insight.my_data"),
    }


def function_words(actor: Actor) -> list[str]:
    """The actor's functions as words of this language, in the order of the protocol's list."""
    return [gettext(FUNCTIONS[f]) for f in FUNCTIONS if f in actor.functions]


def functions_said(codes: str | None) -> str | None:
    """The functions that an audit line names, in the words of this language; kcc itself as it is."""
    machines = {
        Function.RECORDER: gettext("a recorder"),
        Function.PROVISIONER: gettext("an identity provider"),
        Function.SYSTEM: gettext("kcc itself"),
    }
    words = {function.value: gettext(word) for function, word in FUNCTIONS.items()} | machines
    return ", ".join(words.get(code, code) for code in codes.split(", ")) if codes else None


def _tasks(actor: Actor) -> list[TaskLink]:
    tasks: tuple[Task, ...] = current_app.extensions["kcc.tasks"]
    return [
        TaskLink(url_for(t.endpoint), gettext(t.label), request.endpoint == t.endpoint)
        for t in tasks
        if policy.may_visit(actor, t.action)
    ]
