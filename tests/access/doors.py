"""What the whole matrix asks: who asks for what at which address, and how they are answered by the promise.

A new route about a call, a drawn call or a report needs a row in DOORS; every other one a row in ROWS of
test_matrix, from which it is taken. What is new in who may what needs a row in oracle.PROMISES.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kcc.stores import Stores
from tests.access import oracle
from tests.access.test_matrix import EVERYBODY, LEASED, ROWS, Matrix, kept, listed, refused_as
from tests.access.whole import Whole
from tests.conftest import Client


class Door(NamedTuple):
    """One route about a thing: what is done there, how whoever may is answered, and what is sent."""

    method: str
    endpoint: str
    kind: str
    act: str
    answers: dict[str, int]
    """The status by the thing's state; "" is for any other."""
    sent: dict[str, Any] | None = None


ACCOUNT: dict[str, Any] = {"kind": "verbal", "account": "Hij schold mij uit."}
SAVED: dict[str, Any] = {"revision": "0", "answer-3": "yes"}
AUTOSAVED: dict[str, Any] = {"revision": 0, "changes": {"answer-3": "yes"}}
CONCLUDED: dict[str, Any] = {"revision": "0", "conclusion": "Samen besproken."}
DOORS = (
    Door("GET", "recordings.my_call", "call", "read", {"": 200}),
    Door("POST", "recordings.listen", "call", "play", {"": 303}),
    Door("GET", "threat.report_form", "call", "report", {"": 200}),
    Door("POST", "threat.report", "call", "report", {"": 303, "threat": 409}, ACCOUNT),
    Door("POST", "threat.review", "call", "review", {"": 303}),
    Door("GET", "scoring.sample", "sample", "read", {"": 200, "finished": 303, "finished-threat": 303}),
    Door("GET", "scoring.finish_form", "sample", "read", {"": 200}),
    Door("GET", "scoring.reject_form", "sample", "read", {"": 200}),
    Door("POST", "scoring.listen", "sample", "play", {"": 303}),
    Door("POST", "scoring.save", "sample", "write", {"": 303}, SAVED),
    Door("POST", "scoring.autosave", "sample", "write", {"": 200}, AUTOSAVED),
    Door("POST", "scoring.finish", "sample", "write", {"": 422}, {"revision": "0"}),  # much is missing yet
    Door("POST", "scoring.reject", "sample", "reject", {"": 422}, {"reason": "?"}),  # so that no key dies
    Door("GET", "coaching.report", "report", "read", {"": 200, "draft": 303}),
    Door("GET", "opinions.ask_form", "report", "ask", {"": 200}),
    Door("POST", "opinions.ask", "report", "ask", {"": 422}, {"why": "x" * 1001}),  # so that no key is made
    Door("POST", "opinions.withdraw", "opinion", "withdraw", {"": 303}),
    Door("POST", "giving.take", "opinion", "take", {"": 303}),
    Door("GET", "giving.sheet", "opinion", "open", {"": 200, "scored": 303}),
    Door("GET", "giving.finish_form", "opinion", "score", {"": 200}),
    Door("POST", "giving.save", "opinion", "score", {"": 303}, SAVED),
    Door("POST", "giving.autosave", "opinion", "score", {"": 200}, AUTOSAVED),
    Door("POST", "giving.listen", "opinion", "play", {"": 303}),
    Door("POST", "giving.finish", "opinion", "score", {"": 422}, {"revision": "0"}),
    Door("GET", "opinions.compare", "opinion", "compare", {"": 200}),
    Door("GET", "opinions.confirm_form", "opinion", "conclude", {"": 200}),
    Door("POST", "opinions.conclude", "opinion", "conclude", {"": 303}, CONCLUDED),
    Door("POST", "opinions.confirm", "opinion", "conclude", {"": 422}, {"revision": "0"}),
    Door("GET", "conversation.show", "report", "talk", {"": 200}),
    Door("GET", "conversation.sign_form", "report", "talk", {"": 200}),
    Door("GET", "conversation.earlier", "report", "talk", {"": 404}),  # nobody signed these
    Door("GET", "conversation.calendar", "report", "talk", {"": 404}),
    Door("GET", "conversation.take", "report", "talk", {"": 200}),
    Door("POST", "conversation.propose", "report", "propose", {"": 422}),
    Door("POST", "conversation.cancel", "report", "propose", {"": 409}),  # there is nothing yet
    Door("POST", "conversation.answer", "report", "answer", {"": 409}, {"moment": "another", "wish": "x"}),
    Door("POST", "conversation.save_view", "report", "talk", {"": 303}, {"revision": "0", "view": "Goed."}),
    Door("POST", "conversation.save_text", "report", "talk", {"": 303}, {"revision": "0", "agreements": "A"}),
    Door("POST", "conversation.sign", "report", "talk", {"": 422}, {"seen": "1.0.0.0"}),
)
"""Every route about a call, a drawn call, a report or a second opinion: one row a route."""
JSON = {"scoring.autosave", "giving.autosave"}
STRANGERS = ("gone", "newcomer", "nobody", "recorder", "provisioner", "ended", "idle", "forged")
"""Who has no session today: no function, none yet, none at all, a token, one that ended or idled, a made-up
one."""
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


class Ask(NamedTuple):
    """One check: who asks for what, and the status that was promised; `changes` where it is allowed to."""

    who: str
    method: str
    address: str
    expected: int
    sent: dict[str, Any] | None = None
    as_json: bool = False
    changes: bool = False
    thing: str = ""
    led: bool = False
    """Led on to another page as was promised, not to the page to sign in."""

    @property
    def refused(self) -> bool:
        """Whether it is not for them, or leads elsewhere: either way it changes nothing."""
        return not self.changes and (self.expected >= 400 or self.expected == 302)


@dataclass
class Everybody:
    """Everybody's open browser, the small world and the whole one."""

    app: Flask
    matrix: Matrix
    whole: Whole
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    opened: set[tuple[str, str]] = field(default_factory=set)
    """Who was answered with a page, about which thing."""

    @property
    def asking(self) -> list[str]:
        """All who ask: those who are here today, and the strangers."""
        return [*(n for n, p in self.whole.people.items() if p.signed_in), *STRANGERS]

    def answer(self, ask: Ask, accept: str) -> TestResponse:
        """What somebody is answered."""
        headers = {"X-CSRFToken": self.tokens[ask.who], "Accept": accept}
        if ask.who in self.matrix.bearers:
            headers["Authorization"] = self.matrix.bearers[ask.who]
        body = {"json": ask.sent} if ask.as_json else {"data": ask.sent}
        return self.browsers[ask.who].open(
            ask.address, method=ask.method, headers=headers, buffered=True, **(body if ask.sent else {})
        )

    def check(self, ask: Ask) -> None:
        """Ask, and keep what was not as promised; every eighth as a browser does, the others as a program."""
        self.checks[ask.method] += 1
        page = self.checks.total() % 8 == 0 or (ask.expected == 302 and not ask.refused)
        answer = self.answer(ask, "text/html" if page else "application/json")
        signs_in = ask.expected == 302 and ask.who in STRANGERS and not ask.led
        expected = 401 if signs_in and not page else ask.expected
        if answer.status_code != expected:
            said = f"{ask.method} {ask.thing}: {answer.status_code}, not {expected}"
            self.wrong.append(f"{ask.who} {said}")
        if answer.status_code == 200 and ask.method == "GET":
            self.opened.add((ask.who, ask.thing))


# --- what is asked ---


def about_things(found: Everybody) -> Iterator[Ask]:
    """Everybody, at every door, of every thing in every state."""
    with found.app.test_request_context():
        urls = found.app.url_map.bind("")
        for door in DOORS:
            (rule,) = found.app.url_map.iter_rules(door.endpoint)
            (argument,) = rule.arguments
            for number, (name, thing) in enumerate(found.whole.things.items()):
                if thing.kind != door.kind:
                    continue
                address = urls.build(door.endpoint, {argument: found.whole.ids[name]})
                for place, who in enumerate(found.asking):
                    if (number + place) % _every(found, who, door.kind) == 0:
                        yield _asked(found, door, name, who, address)


def _every(found: Everybody, who: str, kind: str) -> int:
    """Which part of the things of a kind somebody asks about: all for whoever reaches some; every third for
    who comes no further than the door, which looks at no thing, and every fourth who is not signed in.
    """
    person = found.whole.people.get(who)
    if person is None or not person.signed_in:
        return 4
    return 1 if person.functions & REACHING[kind] else 3


REACHING = {
    "call": {"employee"},
    "sample": {"coach"},
    "report": {"employee", "coach"},
    "opinion": {"employee", "coach"},
}
"""The functions that reach something of a kind."""


def _asked(found: Everybody, door: Door, name: str, who: str, address: str) -> Ask:
    thing, person = found.whole.things[name], found.whole.people.get(who)
    allowed = person is not None and oracle.may(person, door.act, thing)
    status = refused_as("anna" if person and person.signed_in else "nobody", door.method, door.endpoint)
    if allowed:
        status = door.answers.get(oracle.state(thing), door.answers[""])
    changes = allowed and door.method != "GET"
    return Ask(
        who,
        door.method,
        address,
        status,
        door.sent,
        door.endpoint in JSON,
        changes,
        f"{door.endpoint} {name}",
    )


def about_the_rest(found: Everybody) -> Iterator[Ask]:
    """Everybody new, at every other route, as the rows of the small matrix promise it to their functions."""
    doors = {door.endpoint for door in DOORS}
    new = [who for who in found.asking if who not in EVERYBODY]
    for method, endpoint, thing, who, status in ROWS:
        if endpoint in doors or endpoint in ("people.sign_out", "assets"):
            continue
        if thing == "incident.bobs" and not who:
            continue  # the small matrix takes it back on its way; here it stands
        address = found.matrix.address(endpoint, thing)
        for name in new:
            person = found.whole.people.get(name)
            inside = person is not None and person.signed_in
            may = bool(inside and person and _holds(person, set(who))) or ("nobody" in who and not inside)
            may = may or (name == "dual" and who == ["other_coach"])  # coaches carla, too
            if may and method != "GET":
                continue  # the small matrix does it
            stands_in = "anna" if inside else "nobody"
            expected = status if may else refused_as(stands_in, method, endpoint)
            if endpoint in LEASED and not inside:  # goes by the session's secret: theirs has no such lease
                expected = 204 if method == "POST" and name != "forged" else 404
            as_json = endpoint.endswith(".autosave")
            sent = AUTOSAVED if as_json else None
            yield Ask(name, method, address, expected, sent, as_json, thing=f"{endpoint} {thing}", led=may)


SMALL = {
    "employee": {"anna", "bob", "carla"},
    "coach": {"coach", "other_coach"},
    "team_lead": {"lead"},  # all lead anna's team
    "department_manager": {"manager"},
    "data_protection_officer": {"officer"},
    "administrator": {"administrator"},
    "works_council": {"council"},
}
"""Who in the small matrix stands for which function."""


def _holds(person: oracle.Person, who: set[str]) -> bool:
    """Whether a row of the small matrix is for everybody with one of these functions."""
    return any(SMALL[function] <= who for function in person.functions)


def other_methods(found: Everybody) -> Iterator[Ask]:
    """Every route with every method: what it does not do is done for nobody, and HEAD is a GET."""
    given: dict[str, set[str]] = {}
    addresses = {}
    for rule in found.app.url_map.iter_rules():
        given.setdefault(rule.rule, set()).update(rule.methods or ())
        addresses[rule.rule] = found.matrix.address(rule.endpoint, "x.unknown")
    for place, known in given.items():
        for method in METHODS:
            if method not in known:
                for who in ("anna", "administrator", "nobody"):
                    yield Ask(who, method, addresses[place], 405, thing=place)


def without_a_body(found: Everybody) -> Iterator[Ask]:
    """HEAD is answered as GET is, but leads nobody to the page to sign in."""
    for ask in list(about_things(found))[::9]:
        if ask.method == "GET":
            yield ask._replace(method="HEAD", expected=401 if ask.expected == 302 else ask.expected)
    for method, endpoint, thing, who, status in ROWS:
        if (method, thing, status) == ("GET", "", 200) and endpoint not in ("people.sign_in", "assets"):
            for name in ("anna", "coach", "lead", "officer", "administrator", "nobody"):
                refused = refused_as(name, "HEAD", endpoint)
                address = found.matrix.address(endpoint, thing)
                yield Ask(name, "HEAD", address, status if name in who else refused, thing=endpoint)


def options_that_tell(found: Everybody) -> list[str]:
    """Addresses whose OPTIONS say more than which methods there are, or nothing to whom they should."""
    telling = []
    for rule in found.app.url_map.iter_rules():
        address = found.matrix.address(rule.endpoint, "x.unknown")
        for who in ("coach", "administrator", "nobody"):
            answer = found.answer(Ask(who, "OPTIONS", address, 200), "application/json")
            found.checks["OPTIONS"] += 1
            if answer.status_code not in (200, 401, 404) or (answer.status_code == 200 and answer.data):
                telling.append(f"{who} {rule.endpoint}: {answer.status_code}")
    return telling


@contextmanager
def undone(stores: Stores) -> Iterator[None]:
    """What is written inside the block is seen inside it, and taken back at its end: one outer transaction,
    in which each of kcc's own becomes a savepoint.
    """
    database = stores.database
    kept_engine, kept_writing = database.engine, database._writing
    with kept_writing.connect() as connection, connection.begin() as outer:
        connection.begin_nested()
        database.engine = database._writing = connection  # type: ignore[assignment]
        try:
            yield
        finally:
            database.engine, database._writing = kept_engine, kept_writing
            outer.rollback()


def all_of_it(found: Everybody) -> list[Ask]:
    """Every check."""
    parts = (about_things, about_the_rest, other_methods, without_a_body)
    return [ask for part in parts for ask in part(found)]


def settle(found: Everybody, asks: Iterable[Ask]) -> None:
    """Go through all of it: first what is refused, which changes nothing, then what is shown, then each act
    that changes something, which is taken back."""
    stores, every = found.matrix.world.stores, list(asks)
    before = kept(stores)
    for ask in every:
        if ask.refused:
            found.check(ask)
    assert kept(stores) == before, "something that was refused changed something"
    for ask in every:
        if not ask.refused and not ask.changes:
            found.check(ask)
    for ask in every:
        if ask.changes:
            with undone(stores):
                found.check(ask)


SHOWN = {"sample": {"waiting", "draft", "draft-heard"}, "report": {"finished", "finished-threat"}}
"""What waits for a coach stands on the board, what is finished in the list of reports."""


def unlike_their_doors(found: Everybody) -> list[tuple[str, str]]:
    """Whose list of what does not show exactly what the promise opens, as the doors were held against it."""
    wrong = []
    for who, person in found.whole.people.items():
        if not person.signed_in:
            continue
        client = Client(found.app, found.matrix.world.stores)
        client.flask = found.browsers[who]
        for kind, address in (("call", "calls"), ("sample", "samples"), ("report", "reports")):
            ids = {found.whole.ids[name] for name, thing in found.whole.things.items() if thing.kind == kind}
            shown = listed(client, f"/{address}", address) & ids
            if shown != {found.whole.ids[name] for name in _on_the_list(found, person, kind)}:
                wrong.append((who, kind))
        if not _opinions_agree(found, person, client):
            wrong.append((who, "opinion"))
    return wrong


def _opinions_agree(found: Everybody, person: oracle.Person, client: Client) -> bool:
    """Whether the page of second opinions offers just what may be taken, and leads to just what was."""
    page = client.get("/opinions").text
    ids = {
        found.whole.ids[name]: thing for name, thing in found.whole.things.items() if thing.kind == "opinion"
    }
    offered = set(re.findall(r'action="/opinions/([0-9a-f]{32})/take"', page)) & ids.keys()
    linked = set(re.findall(r'href="/opinions/([0-9a-f]{32})', page)) & ids.keys()
    mine = {id_ for id_, thing in ids.items() if oracle.may(person, "open", thing)}
    return (offered, linked) == ({id_ for id_, t in ids.items() if oracle.may(person, "take", t)}, mine)


def _on_the_list(found: Everybody, person: oracle.Person, kind: str) -> Iterator[str]:
    for name, thing in found.whole.things.items():
        fits = thing.kind == kind and (kind == "call" or oracle.state(thing) in SHOWN[kind])
        if fits and oracle.may(person, "read", thing):
            yield name
