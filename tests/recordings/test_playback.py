"""Playing: a permit opens a lease for one thing, and the sound stops when the deadline or a right does."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import system
from kcc.access.facts import RecordingState
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, NotFound, Refused
from kcc.people import sessions
from kcc.people.model import FunctionPeriod, SigninSession
from kcc.recordings import playback, queries
from kcc.recordings.erasure import erase_due
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.playback import LeaseEnded, Player
from kcc.recordings.rendition import HEADER_BYTES
from kcc.stores import Stores
from tests.centre import Centre
from tests.recordings import traces
from tests.sounds import tone, wav

MINUTES = 10
STOPS_WITHIN = 2.0
"""Seconds between the withdrawal of a right and the end of the sound."""


def signed_in(centre: Centre, person_id: str) -> str:
    """A session of a person; gives its id."""
    with centre.stores.database.write() as session:
        secret = sessions.begin(session, person_id)
        query = select(SigninSession.id).where(SigninSession.token_digest == sessions.digest(secret))
        return str(session.scalar(query))


def permitted(centre: Centre, person: str, session_id: str | None, row: Recording) -> Permit:
    actor = centre.actor(person, session_id)
    with centre.stores.database.read() as session:
        facts = queries.facts(session, row.id, clock.now())
    return policy.permit(
        actor, Action.RECORDING_PLAY, Subject("recording", row.id), facts, Purpose.INSPECTION
    )


def opened(centre: Centre) -> PlaybackLease:
    """Anna's lease of the one recording there is."""
    row = traces.recording(centre.stores)
    permit = permitted(centre, centre.anna, signed_in(centre, centre.anna), row)
    with centre.stores.database.write() as session:
        return playback.open_lease(session, permit, permit.subject, row.id, MINUTES)


@pytest.fixture
def player(stores: Stores) -> Player:
    """A process that plays."""
    return Player(stores, {Action.RECORDING_PLAY: queries.facts})


def test_a_lease_gives_the_sound_as_browsers_play_it(centre: Centre, player: Player) -> None:
    centre.call(content=wav(3.0, "pcm16"))
    lease = opened(centre)
    found = player.sounding(lease.id, lease.session_id)
    assert found.rendition.read(HEADER_BYTES, 10**6) == tone(3.0)
    assert player.sounding(lease.id, lease.session_id) is found


@pytest.mark.rule("PUR-1", "ACC-5")
def test_opening_writes_down_who_what_and_why(centre: Centre, stores: Stores) -> None:
    centre.call()
    lease = opened(centre)
    with stores.database.read() as session:
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "recording:play"))
    assert (line.actor_id, line.about_id, line.purpose) == (centre.anna, centre.anna, "inspection")
    assert (line.subject, line.allowed) == (f"recording:{lease.recording_id}", True)


@pytest.mark.rule("PUR-1")
def test_no_permit_but_one_to_play_this_opens_a_lease(centre: Centre, stores: Stores) -> None:
    centre.call(start=clock.now() - timedelta(hours=2))
    centre.call(start=clock.now() - timedelta(hours=1))
    first, second = traces.recordings(stores)
    session_id = signed_in(centre, centre.anna)
    permit = permitted(centre, centre.anna, session_id, first)
    nobody = permitted(centre, centre.anna, None, first)
    with stores.database.read() as session:
        facts = queries.facts(session, first.id, clock.now())
    read = policy.permit(permit.actor, Action.RECORDING_READ, permit.subject, facts)
    other = Subject("recording", second.id)
    wrong = [
        (permit, other, second.id),
        (permit, permit.subject, second.id),
        (permit, Subject("sample", first.id), first.id),
        (read, permit.subject, first.id),
        (nobody, permit.subject, first.id),
    ]
    for key, subject, recording_id in wrong:
        with stores.database.write() as session, pytest.raises(TypeError):
            playback.open_lease(session, key, subject, recording_id, MINUTES)
    with stores.database.read() as session:
        assert session.scalars(select(PlaybackLease)).all() == []


@pytest.mark.rule("PUR-1", "ACC-1", "ACC-3", "ACC-6", "RGT-1")
def test_there_is_a_permit_for_the_owner_with_a_purpose_alone(centre: Centre, stores: Stores) -> None:
    centre.call()
    row = traces.recording(stores)
    for person in (
        centre.bob,
        centre.coach,
        centre.lead,
        centre.manager,
        centre.officer,
        centre.administrator,
    ):
        with pytest.raises(AccessDenied):
            permitted(centre, person, "s", row)
    anna = centre.actor(centre.anna, "s")
    with stores.database.read() as session:
        facts = queries.facts(session, row.id, clock.now())
    for purpose in (None, Purpose.MONITORING, Purpose.THREAT):
        with pytest.raises(AccessDenied):
            policy.permit(anna, Action.RECORDING_PLAY, Subject("recording", row.id), facts, purpose)


@pytest.mark.rule("PUR-3")
@pytest.mark.parametrize("described", [{"scope": "internal"}, {"line": "direct"}, {"agent_id": "nobody"}])
def test_what_is_sealed_or_in_quarantine_is_played_by_nobody(
    centre: Centre, stores: Stores, described: dict[str, str]
) -> None:
    centre.call(**described)
    row = traces.recording(stores)
    assert row.state in (RecordingState.SEALED, RecordingState.QUARANTINED)
    for person in (centre.anna, centre.coach, centre.lead, centre.officer, centre.administrator):
        with pytest.raises(AccessDenied):
            permitted(centre, person, "s", row)


@pytest.mark.rule("RET-7")
def test_a_permit_from_before_the_deadline_opens_nothing_at_it(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.call()
    row = traces.recording(stores)
    permit = permitted(centre, centre.anna, signed_in(centre, centre.anna), row)
    now.set(row.due_at)
    with stores.database.write() as session, pytest.raises(Refused) as told:
        playback.open_lease(session, permit, permit.subject, row.id, MINUTES)
    assert told.value.rule == "RET-7"


@pytest.mark.rule("RET-7")
def test_the_deadline_stops_an_open_lease_at_the_next_range(
    centre: Centre, stores: Stores, now: Frozen, player: Player
) -> None:
    centre.call()
    row = traces.recording(stores)
    now.set(row.due_at - timedelta(minutes=1))
    lease = opened(centre)
    assert lease.ends_at == row.due_at
    player.sounding(lease.id, lease.session_id)
    now.set(row.due_at)
    for who in (player, Player(stores, {Action.RECORDING_PLAY: queries.facts})):
        with pytest.raises(LeaseEnded):
            who.sounding(lease.id, lease.session_id)
    assert traces.amounts(stores) == (1, 1, 1)


def test_a_lease_ends_of_itself(centre: Centre, now: Frozen, player: Player) -> None:
    centre.call()
    lease = opened(centre)
    now.set(lease.ends_at - timedelta(seconds=1))
    player.sounding(lease.id, lease.session_id)
    now.set(lease.ends_at)
    with pytest.raises(LeaseEnded):
        player.sounding(lease.id, lease.session_id)


def test_a_lease_is_of_one_session(centre: Centre, player: Player) -> None:
    centre.call()
    lease = opened(centre)
    others = (signed_in(centre, centre.anna), signed_in(centre, centre.bob), "")
    for session_id in others:
        with pytest.raises(NotFound):
            player.sounding(lease.id, session_id)
    player.sounding(lease.id, lease.session_id)
    for session_id in others:
        with pytest.raises(NotFound):
            player.sounding(lease.id, session_id)
    with pytest.raises(NotFound):
        player.sounding("0" * 32, lease.session_id)


def _leave_function(stores: Stores, centre: Centre, _: PlaybackLease) -> None:
    with stores.database.write() as session:
        yesterday = clock.today() - timedelta(days=1)
        whose = FunctionPeriod.person_id == centre.anna
        session.execute(update(FunctionPeriod).where(whose).values(ends=yesterday))


def _sign_out(stores: Stores, centre: Centre, lease: PlaybackLease) -> None:
    with stores.database.write() as session:
        sessions.end(session, centre.actor(centre.anna, lease.session_id))


def _close(stores: Stores, _: Centre, lease: PlaybackLease) -> None:
    with stores.database.write() as session:
        playback.close_lease(session, lease.id, lease.session_id)


def _reassign(stores: Stores, centre: Centre, lease: PlaybackLease) -> None:
    with stores.database.write() as session:
        session.get_one(Recording, lease.recording_id).employee_id = centre.bob


@pytest.mark.rule("ACC-1")
@pytest.mark.parametrize("withdraw", [_leave_function, _sign_out, _close, _reassign])
def test_a_withdrawn_right_stops_the_sound_within_two_seconds(
    centre: Centre,
    stores: Stores,
    player: Player,
    withdraw: Callable[[Stores, Centre, PlaybackLease], None],
) -> None:
    centre.call()
    lease = opened(centre)
    player.sounding(lease.id, lease.session_id)
    withdraw(stores, centre, lease)
    assert _stopped_after(player, lease) < STOPS_WITHIN
    with pytest.raises(LeaseEnded):
        player.sounding(lease.id, lease.session_id)


def _stopped_after(player: Player, lease: PlaybackLease) -> float:
    """Seconds for which the sound went on, asked for as a player does."""
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < 2 * STOPS_WITHIN:
            player.sounding(lease.id, lease.session_id)
            time.sleep(0.05)
    except LeaseEnded:
        pass
    return time.monotonic() - begun


def test_a_foreign_session_closes_nothing(centre: Centre, stores: Stores, player: Player) -> None:
    centre.call()
    lease = opened(centre)
    with stores.database.write() as session:
        playback.close_lease(session, lease.id, "foreign")
    time.sleep(playback.ASK_AGAIN_SECONDS)
    player.sounding(lease.id, lease.session_id)


@pytest.mark.rule("RET-8")
def test_erasing_ends_the_lease_with_the_recording(
    centre: Centre, stores: Stores, now: Frozen, player: Player
) -> None:
    centre.call()
    row = traces.recording(stores)
    now.set(row.due_at - timedelta(minutes=1))
    lease = opened(centre)
    player.sounding(lease.id, lease.session_id)
    now.set(row.due_at)
    erase_due(stores, system("erase"))
    with stores.database.read() as session:
        assert session.get(PlaybackLease, lease.id) is None
    with pytest.raises(LeaseEnded):
        player.sounding(lease.id, lease.session_id)
    with pytest.raises(NotFound):
        player.sounding(lease.id, lease.session_id)


def test_many_leases_at_once_keep_few_files_open(
    centre: Centre, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playback, "OPEN_AT_ONCE", 2)
    monkeypatch.setattr(sessions, "AT_MOST", 5)
    centre.call()
    leases = [opened(centre) for _ in range(5)]
    for _ in range(2):
        for lease in leases:
            assert len(player.sounding(lease.id, lease.session_id).rendition.read(0, 4)) == 4
    assert len(player._open) <= 2
