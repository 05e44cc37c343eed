"""How lines read: what verbs write beside their action has a sentence, under the action that they write."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import kcc
from kcc.access import deeds
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.audit.model import AuditLine
from kcc.people import signin
from kcc.stores import Stores
from kcc.web import pages
from tests.centre import Centre

CODE = Path(kcc.__file__).parent
STEPS = {
    Action.PEOPLE_CHANGE: ("people/functions.py", "people/assignments.py", "people/departures.py"),
    Action.ACCOUNT_MANAGE: ("people/sessions.py", "people/stepping_up.py"),
}


def test_each_step_about_people_reads_as_itself_and_none_is_kept_for_nothing() -> None:
    """What the verbs write and what the sentences are for, found in the code of both."""
    written = {
        (action, word)
        for action, places in STEPS.items()
        for place in places
        for word in re.findall(r'(?:step|act)="([^"]+)"', (CODE / place).read_text())
    }
    assert len(written) > 9
    written |= {(Action.PEOPLE_CHANGE, word) for word in ("withdraw end", "reopen", "passed on")}
    written |= {(Action.PEOPLE_IMPORT, word) for word in ("set password", "bind account", "unbind account")}
    written |= {(Action.SIGN_IN, "bind account")}
    assert {key for key in written if key not in deeds._ACTS} == set()
    code = "".join(path.read_text() for path in CODE.rglob("*.py") if path.name != "deeds.py")
    assert [word for _, word in deeds._ACTS if f'"{word}"' not in code] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_password_set_on_the_host_reads_as_that(stores: Stores, centre: Centre) -> None:
    """Under the action with which the verb writes it."""
    words = "zeven blauwe fietsen op dinsdag"
    with stores.database.write() as session:
        signin.set_password(session, system("cli"), centre.anna, words, min_length=12)
    with stores.database.read() as session:
        line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    detail = json.loads(str(line.body))["detail"]
    assert deeds.sentence(line.action, True, detail) == "Set somebody's password"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_machines_of_a_line_have_their_words(app: Flask) -> None:
    """Nobody reads a code."""
    with app.test_request_context():
        said = pages.functions_said("recorder, provisioner, system")
    assert said in (
        "een recorder, een identiteitsprovider, kcc zelf",
        "a recorder, an identity provider, kcc itself",
    )
