"""A call that anna reported, and people who sit at browsers of their own."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from kcc import clock
from kcc.access.actions import Action
from kcc.access.actor import Actor
from kcc.people import sessions as signed_in
from kcc.recordings.model import Recording
from kcc.recordings.playback import Player
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.threat.joint_listening import presence, queries, sessions
from kcc.threat.joint_listening.reading import Seen, look
from tests.centre import Centre

Sit = Callable[[str], Actor]
ACCOUNT = "Hij zei dat hij weet waar ik woon."


@pytest.fixture
def sit(stores: Stores, centre: Centre) -> Sit:
    """Seats somebody at a browser: an actor with a session of their own, as functions are today."""

    def seated(who: str) -> Actor:
        with stores.database.write() as session:
            secret = signed_in.begin(session, getattr(centre, who))
            found = signed_in.look_up(session, secret, stores.settings.signin)
        assert found is not None
        return found.actor

    return seated


@pytest.fixture
def call(stores: Stores, centre: Centre, sit: Sit) -> str:
    """Anna's call of 30 seconds, reported as a threat."""
    centre.call()
    anna = sit("anna")
    with stores.database.write() as session:
        recording_id = session.scalars(select(Recording.id)).one()
        incidents.report(stores, session, anna, recording_id, "threat", ACCOUNT)
    return recording_id


@dataclass
class Together:
    """Anna and her team lead in one joint session, each at a browser."""

    stores: Stores
    id: str
    anna: Actor
    lead: Actor

    def seen(self, who: Actor) -> Seen:
        """How things stand, for one of both."""
        with self.stores.database.read() as session:
            return look(session, self.stores.keys, who, self.id)

    def sign(self, *who: Actor, listening: bool = False) -> None:
        """Their browsers give a sign."""
        with self.stores.database.write() as session:
            for one in who:
                presence.keep(session, one, self.id, listening=listening)

    def here(self) -> frozenset[str]:
        """Who counts as present now."""
        with self.stores.database.read() as session:
            return queries.facts(session, self.id, clock.now()).here_ids


@pytest.fixture
def both(stores: Stores, call: str, sit: Sit) -> Together:
    """Anna has opened a session about the call, and her team lead has joined."""
    anna, lead = sit("anna"), sit("lead")
    with stores.database.write() as session:
        joint = sessions.open_on(session, anna, call)
        presence.sit_down(session, joint.id, anna.person_id, anna.session_id or "")
        sessions.join(session, lead, joint.id, lead.session_id or "")
    return Together(stores, joint.id, anna, lead)


@pytest.fixture
def player(stores: Stores) -> Player:
    """What gives sound for leases, with the facts of joint sessions."""
    return Player(stores, {Action.JOINT_PLAY: queries.facts})
