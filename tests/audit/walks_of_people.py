"""What is done with people in the walks: functions, coaches, second factors, single sign-on, provisioning.

In this order, since each makes ready what the next one needs.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.service import ScimService
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kcc import clock, explaining
from kcc.access.actor import Actor, Function, provisioner, system
from kcc.coaching import planning, succession
from kcc.notices import letters
from kcc.notices.rules import How
from kcc.people import assignments, departures, endings, farewells, functions, sessions, stepping_up
from kcc.people.endings import CameBy, Ended
from kcc.people.factors import passkeys, queries, removing
from kcc.people.model import CoachAssignment, FunctionEnding, FunctionPeriod, Person, SigninSession
from kcc.people.scim import resources
from kcc.people.scim.model import ScimGroup
from kcc.people.scim.storage import Storage
from kcc.people.sso import accounts
from kcc.scim_settings import Scim
from kcc.scim_settings import ScimGroup as Gives
from kcc.sso_settings import Sso
from tests.access.world import World
from tests.audit.test_acts import Verb
from tests.audit.walking import with_session, written
from tests.people.factors import hands
from tests.people.factors.authenticator import ORIGIN, Authenticator

DAY = timedelta(days=1)
SITE = passkeys.Site("localhost", ORIGIN)
SSO = Sso(issuer="http://localhost:1", client_id="kcc")
SCIM = Scim(enabled=True, groups=(Gives(group="Coaches", function="coach", department="service"),))


def make_ready(session: Session, world: World) -> None:
    """Somebody is signed in whose functions will change, and one who will prove again who they are."""
    world.ids["secret"] = sessions.begin(session, world.centre.council)
    sessions.begin(session, world.centre.lead)
    session.execute(update(SigninSession).values(proved_at=clock.now() - DAY))


def _changed(verb: Callable[..., object], who: str, days: int, **more: object) -> Verb:
    """A verb on somebody's latest function, which takes (session, actor, its id, a day)."""

    def run(world: World, session: Session) -> object:
        day = clock.today() + days * DAY
        return verb(session, _administrator(world), _latest(world, session, who), day, **more)

    return with_session(run)


def _undone(verb: Callable[..., object], who: str) -> Verb:
    """A verb on the end of somebody's function, which takes (session, actor, its id)."""

    def run(world: World, session: Session) -> object:
        return verb(session, _administrator(world), _ending(world, session, who).id)

    return with_session(run)


def _of_assignment(verb: Callable[..., object], coach: str, employee: str, *more: object) -> Verb:
    """A verb on the latest assignment of two, which takes (session, actor, its id, …)."""

    def run(world: World, session: Session) -> object:
        pair = [getattr(world.centre, who) for who in (coach, employee)]
        which = select(CoachAssignment.id).where(
            CoachAssignment.coach_id == pair[0], CoachAssignment.employee_id == pair[1]
        )
        found = session.scalars(which.order_by(CoachAssignment.begins.desc())).first()
        return verb(session, _administrator(world), found, *more)

    return with_session(run)


def _administrator(world: World) -> Actor:
    return world.centre.actor(world.centre.administrator)


def _latest(world: World, session: Session, who: str) -> str:
    held = select(FunctionPeriod.id).where(FunctionPeriod.person_id == getattr(world.centre, who))
    return session.scalars(held.order_by(FunctionPeriod.begins.desc())).first() or "none"


def _ending(world: World, session: Session, who: str) -> FunctionEnding:
    person = getattr(world.centre, who)
    return next(one for one in endings.of_person(session, person) if one.withdrawn_at is None)


def _begin(who: str, days: int) -> Verb:
    def run(world: World, session: Session) -> object:
        person, day = getattr(world.centre, who), clock.today() + days * DAY
        return functions.begin(session, _administrator(world), person, Function.COACH, day)

    return with_session(run)


def _withdraw_begin(world: World, session: Session) -> None:
    functions.withdraw_begin(session, _administrator(world), _latest(world, session, "bob"))


def _assign(world: World, session: Session) -> object:
    centre, tomorrow = world.centre, clock.today() + DAY
    actor = _administrator(world)
    return assignments.assign(session, actor, centre.other_coach, centre.anna, tomorrow)


def _succeed(world: World, session: Session) -> object:
    centre, today = world.centre, clock.today()
    actor = _administrator(world)
    return assignments.name_successor(session, actor, centre.coach, centre.other_coach, today)


def _pass_on(world: World) -> None:
    with world.stores.database.read() as session:
        due = assignments.due_successions(session, clock.today())
    for one in due:
        succession.pass_on(world.stores, one)


def _ended(world: World) -> Ended:
    with world.stores.database.read() as session:
        return endings.seen(session, _ending(world, session, "anna"))


def _close(world: World) -> None:
    ended = _ended(world)
    with world.stores.database.write() as session:
        departures.close(session, ended)


def _announce(world: World, session: Session) -> object:
    """Anna's dates, which lapse when she goes; those that were announced before are closed by now."""
    return planning.propose(session, system("announce"), clock.today() + 60 * DAY, world.stores.settings)


def _note_changed(world: World, session: Session) -> None:
    farewells.note_changed_functions(session, world.ids["secret"], world.stores.settings.signin)


def _add_passkey(world: World) -> None:
    stores, lead = world.stores, world.centre.actor(world.centre.lead)
    device, bound_to = Authenticator(), "a" * 32
    with stores.database.write() as session:
        options = passkeys.creation(session, SITE, lead, bound_to)
    passkeys.add(stores, SITE, lead, device.create(options), "Laptop", bound_to)


def _remove(world: World, session: Session) -> object:
    lead = world.centre.actor(world.centre.lead)
    factor = queries.held(session, lead.person_id)[0]
    return removing.remove(session, world.stores.settings.signin, lead, factor.id)


def _step_up(world: World, session: Session) -> None:
    mine = select(SigninSession.id).where(SigninSession.person_id == world.centre.lead)
    lead = world.centre.actor(world.centre.lead, session.scalars(mine).one())
    stepping_up.renew(session, lead, "totp")


def _bind(world: World, session: Session) -> None:
    accounts.bind(session, system("cli"), world.centre.manager, SSO, "subject-1")


def _choose_letters(world: World, session: Session) -> None:
    letters.choose(session, world.centre.actor(world.centre.lead), How.DIGEST)


def _explain(world: World, session: Session) -> object:
    asked = {"number": "anna", "action": "recording:read", "object": f"recording:{world.ids['call.live']}"}
    return explaining.answer(session, world.centre.actor(world.centre.officer), asked)


def _asks(method: str, path: str, **body: Any) -> Verb:
    """What an identity provider asks, as its door answers it; NINA and COACHES stand for their ids."""

    def run(_: World, session: Session) -> object:
        nina = session.scalar(select(Person.id).where(Person.number == "nina"))
        coaches = session.scalar(select(ScimGroup.id).where(ScimGroup.display_name == "Coaches"))
        url, sent = (
            text.replace("NINA", str(nina)).replace("COACHES", str(coaches))
            for text in (path, json.dumps(body))
        )
        actor = provisioner("0" * 32, "idp")
        storage = Storage(session, actor, SCIM, changing=method != "GET")
        headers = {"Content-Type": "application/scim+json"}
        asked = ScimRequest(method, f"{ORIGIN}/scim/v2", url, {}, headers, sent.encode(), actor)
        return ScimHandler(ScimService(resources.provider()), storage).handle(asked)

    return with_session(run)


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PEOPLE: dict[str, Verb] = {
    "begin a function": _begin("council", 0),
    "note that functions changed": with_session(_note_changed),
    "end a function": _changed(functions.end, "council", 1),
    "let a function go on": _undone(functions.withdraw_end, "council"),
    "begin a function later": _begin("bob", 1),
    "withdraw that it begins": with_session(_withdraw_begin),
    "assign a coach": with_session(_assign),
    "withdraw a coach": _of_assignment(assignments.withdraw, "other_coach", "anna"),
    "end a coach": lambda world: _of_assignment(assignments.end, "other_coach", "carla", clock.today() + DAY)(
        world
    ),
    "let a coach go on": _of_assignment(assignments.withdraw, "other_coach", "carla"),
    "name a successor": with_session(_succeed),
    "pass reports on": _pass_on,
    "announce for the new year": with_session(_announce),
    "end a function by an import": _changed(functions.end, "anna", 0, came_by=CameBy.IMPORT),
    "confirm that it ended": _undone(functions.confirm, "anna"),
    "erase what was about somebody": lambda world: succession.follow(world.stores, _ended(world)),
    "close an end": _close,
    "add an authenticator app": lambda world: hands.add_app(world.stores, world.centre.lead),
    "renew recovery codes": lambda world: hands.recovery_codes(world.stores, world.centre.lead),
    "add a passkey": _add_passkey,
    "prove it again": with_session(_step_up),
    "remove a second factor": with_session(_remove),
    "reset second factors": lambda world: written(
        removing.reset, "administrator", world.centre.lead, "Verloren."
    )(world),
    "bind an account": with_session(_bind),
    "unbind an account": lambda world: written(accounts.unbind, "system", world.centre.manager)(world),
    "provision a user": _asks("POST", "/Users", schemas=[USER], userName="nina", displayName="Nina"),
    "provision a group": _asks(
        "POST", "/Groups", schemas=[GROUP], displayName="Coaches", members=[{"value": "NINA"}]
    ),
    "read a user": _asks("GET", "/Users/NINA"),
    "change a user": _asks("PUT", "/Users/NINA", schemas=[USER], userName="nina", displayName="Nina B."),
    "list groups": _asks("GET", "/Groups"),
    "take a group away": _asks("DELETE", "/Groups/COACHES"),
    "take a user away": _asks("DELETE", "/Users/NINA"),
    "explain a decision": with_session(_explain),
    "choose when to get letters": with_session(_choose_letters),
}
