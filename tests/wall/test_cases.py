"""A case of weighty reasons behind the second wall: what plain SQL gives its listener, its subject and
everybody else, before the subject is told and after.
"""

from datetime import timedelta

import pytest
from flask import Flask

from kcc import clock
from kcc.access.actor import system
from kcc.clock import Frozen
from kcc.investigation import erasure as sweeping
from kcc.recordings import erasure
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client
from tests.investigation import world
from tests.wall import raw

CASE_TABLES = ("weighty_case", "case_decision", "case_signature", "case_call")


@pytest.fixture
def kept(stores: Stores) -> Stores:
    """The jobs' stores where the works council's consent to keeping is entered (RET-5)."""
    return world.consenting(stores)


def given(stores: Stores, person_id: str) -> dict[str, int]:
    """How many rows of each table somebody reaches."""
    tables = (*CASE_TABLES, "recording", "hold", "playback_lease")
    with raw.within(raw.engine_of(stores), raw.token_of(stores, person_id)) as connection:
        found = {table: raw.tried(connection, f"SELECT * FROM {table}") for table in tables}  # noqa: S608 - tables of ours
        told = "SELECT * FROM audit_line WHERE action ^@ 'case:' AND actor_id <> kcc_wall.person()"
        return {
            **{table: int(count) for table, count in found.items()},
            "lines": int(raw.tried(connection, told)),
        }


def nothing(**more: int) -> dict[str, int]:
    """No row of anything but these."""
    return dict.fromkeys((*CASE_TABLES, "recording", "hold", "playback_lease", "lines"), 0) | more


@pytest.mark.rule("WGT-2", "RET-5", "RET-7", "PUR-2", "ACC-3")
def test_a_case_behind_the_wall(app: Flask, kept: Stores, centre: Centre, now: Frozen) -> None:
    """Its listener reaches the named call and no other; its subject meets nothing of it until they are told,
    though it is kept beyond its term; nobody else ever.
    """
    centre.call(call_id="call-1")
    centre.call(call_id="call-2")
    now.move(timedelta(days=20))
    end = clock.today() + timedelta(days=13)
    case_id = world.open_case(kept, centre, last_day=end, **world.later(12))
    call = world.calls(kept, case_id)[0]
    manager = Client(app, kept).sign_in(centre.manager)
    answer = manager.post(f"/case-calls/{call.id}/listen")
    assert answer.status_code == 303
    lease = answer.headers["Location"].rpartition("lease=")[2]
    assert manager.get(f"/listening/{lease}/sound").status_code == 200

    assert given(kept, centre.anna) == nothing(recording=2), "as if nothing were"
    listening = given(kept, centre.manager)
    assert (listening["weighty_case"], listening["case_call"], listening["recording"]) == (1, 1, 1)
    for who in ("bob", "coach", "other_lead", "administrator", "council"):
        assert given(kept, getattr(centre, who)) == nothing(), who

    now.move(timedelta(days=9))
    sweeping.sweep(kept)
    assert erasure.erase_due(kept, system("erase")).erased == 1
    assert given(kept, centre.anna) == nothing(), "it left her list at its ordinary deadline (RET-7)"
    assert given(kept, centre.manager)["recording"] == 1

    now.move(timedelta(days=4))
    sweeping.sweep(kept)
    told = given(kept, centre.anna)
    assert (told["weighty_case"], told["recording"], told["playback_lease"]) == (1, 1, 1)
    assert told["lines"] > 0

    world.end(kept, centre, case_id)
    assert given(kept, centre.manager)["recording"] == 0
    assert erasure.erase_due(kept, system("erase")).erased == 1
