"""Hearing a reported call together: sound only while both are there, for nobody else, one session in the
log.
"""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access.actor import Actor, Function
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.errors import AccessDenied, NotFound, Refused
from kcc.notices.model import Notice
from kcc.people import sessions as signed_in
from kcc.people.model import FunctionPeriod, Team
from kcc.recordings import extent, listening
from kcc.recordings.model import PlaybackLease, Recording
from kcc.recordings.playback import LeaseEnded, Player
from kcc.stores import Stores
from kcc.threat import incidents
from kcc.threat import queries as threat
from kcc.threat.joint_listening import ending, presence, queries, sessions, transport
from kcc.threat.joint_listening import listening as together
from kcc.threat.joint_listening.model import JointMark, JointSession, JointTransport
from kcc.threat.joint_listening.rules import Why
from tests.centre import Centre
from tests.threat.joint_listening.conftest import Together

Sit = Callable[[str], Actor]
MINUTE = timedelta(minutes=1)


def opened(both: Together, who: Actor) -> PlaybackLease:
    """Somebody presses Listen."""
    with both.stores.database.write() as session:
        return together.open_together(session, who, both.id, 20)


def steer(both: Together, who: Actor, seen: int, *, playing: bool, at: float) -> transport.Moved:
    """Somebody plays, pauses or moves, for both."""
    with both.stores.database.write() as session:
        return transport.steer(session, who, both.id, seen, playing=playing, place_ms=int(at * 1000))


def ask(player: Player, lease: PlaybackLease) -> bytes:
    """The first bytes of a lease's sound, asking the policy anew."""
    found = player._open.get(lease.id)
    if found is not None:
        found.asked -= 10
    return player.sounding(lease.id, lease.session_id).play(0, 400)


def close_period(stores: Stores, person_id: str, function: Function) -> None:
    """Somebody's function has ended yesterday."""
    with stores.database.write() as session:
        session.execute(
            update(FunctionPeriod)
            .where(FunctionPeriod.person_id == person_id, FunctionPeriod.function == function)
            .values(ends=clock.today())
        )


@pytest.mark.rule("THR-2", "PUR-1")
def test_both_hear_it_and_neither_when_one_is_gone(both: Together, player: Player, now: Frozen) -> None:
    """Each under a lease of their own, for one purpose; a minute without a sign, and it ends for both."""
    leases = [opened(both, who) for who in (both.anna, both.lead)]
    assert {lease.purpose for lease in leases} == {"threat"}
    assert all(len(ask(player, lease)) == 400 for lease in leases)
    now.move(timedelta(seconds=59))
    both.sign(both.anna)
    assert all(ask(player, lease) for lease in leases), "a second before the minute is over"
    now.move(timedelta(seconds=1))
    for lease in leases:
        with pytest.raises(LeaseEnded):
            ask(player, lease)
    assert both.here() == {both.anna.person_id}
    with pytest.raises(Refused, match="once both of you are here"):
        opened(both, both.anna)
    both.sign(both.lead)
    assert ask(player, opened(both, both.anna)), "whoever comes back goes on"


@pytest.mark.rule("THR-2")
def test_whoever_leaves_or_signs_out_takes_the_sound_along(
    both: Together, player: Player, stores: Stores
) -> None:
    """Leaving the page, or signing out anywhere, counts at once."""
    lease = opened(both, both.anna)
    assert ask(player, lease)
    with stores.database.write() as session:
        presence.leave(session, both.lead, both.id)
    with pytest.raises(LeaseEnded):
        ask(player, lease)
    both.sign(both.lead)
    again = opened(both, both.anna)
    assert ask(player, again)
    with stores.database.write() as session:
        signed_in.end_of_person(session, both.lead.person_id)
    with pytest.raises(LeaseEnded):
        ask(player, again)


@pytest.mark.rule("THR-2")
def test_nobody_hears_it_alone(stores: Stores, call: str, sit: Sit) -> None:
    """Neither before anybody joined, nor the team lead before joining."""
    anna, lead = sit("anna"), sit("lead")
    with stores.database.write() as session:
        joint = sessions.open_on(session, anna, call)
        presence.sit_down(session, joint.id, anna.person_id, anna.session_id or "")
    found = Together(stores, joint.id, anna, lead)
    with pytest.raises(Refused):
        opened(found, anna)
    with pytest.raises(AccessDenied):
        opened(found, lead)


@pytest.mark.rule("THR-2", "ACC-3")
@pytest.mark.parametrize(
    "who", ["other_lead", "manager", "coach", "bob", "carla", "administrator", "officer"]
)
def test_nobody_else_joins_sees_or_hears(both: Together, stores: Stores, sit: Sit, who: str) -> None:
    """Another team's lead, a coach, the employee of another team, anybody with the copied link."""
    stranger = sit(who)
    with stores.database.write() as session:
        with pytest.raises(AccessDenied):
            sessions.join(session, stranger, both.id, stranger.session_id or "")
        with pytest.raises(AccessDenied):
            together.open_together(session, stranger, both.id, 20)
        with pytest.raises(AccessDenied):
            sessions.end(session, stranger, both.id)
        with pytest.raises(AccessDenied):
            transport.steer(session, stranger, both.id, 0, playing=True, place_ms=0)
    with pytest.raises(AccessDenied):
        both.seen(stranger)


@pytest.mark.rule("THR-2")
def test_a_deputy_counts_only_with_a_current_function(
    stores: Stores, centre: Centre, call: str, sit: Sit
) -> None:
    """Bob leads the red team until today, or from tomorrow: in neither he joins; from today on he does."""
    anna = sit("anna")
    with stores.database.write() as session:
        joint = sessions.open_on(session, anna, call)
        red = session.scalars(select(Team.id).where(Team.code == "red")).one()
    days = clock.today(), clock.today() + timedelta(days=1)
    for begins, ends in ((days[0] - timedelta(days=30), days[0]), (days[1], None)):
        with stores.database.write() as session:
            session.add(
                FunctionPeriod(
                    person_id=centre.bob, function=Function.TEAM_LEAD, team_id=red, begins=begins, ends=ends
                )
            )
        bob = sit("bob")
        with stores.database.write() as session, pytest.raises(AccessDenied):
            sessions.join(session, bob, joint.id, "seat")
    with stores.database.write() as session:
        session.add(
            FunctionPeriod(person_id=centre.bob, function=Function.TEAM_LEAD, team_id=red, begins=days[0])
        )
    bob, lead = sit("bob"), sit("lead")
    with stores.database.write() as session:
        assert sessions.join(session, bob, joint.id, "seat").lead_id == centre.bob
    with stores.database.write() as session, pytest.raises(AccessDenied):
        sessions.join(session, lead, joint.id, "seat")  # one team lead at a time


@pytest.mark.rule("THR-2")
def test_nobody_is_both(stores: Stores, centre: Centre, call: str, sit: Sit) -> None:
    """Anna leads her own team today, and sits at two browsers: she is one person."""
    with stores.database.write() as session:
        red = session.scalars(select(Team.id).where(Team.code == "red")).one()
        session.add(
            FunctionPeriod(
                person_id=centre.anna, function=Function.TEAM_LEAD, team_id=red, begins=clock.today()
            )
        )
    one, other = sit("anna"), sit("anna")
    with stores.database.write() as session:
        joint = sessions.open_on(session, one, call)
        presence.sit_down(session, joint.id, one.person_id, one.session_id or "")
    with stores.database.write() as session, pytest.raises(AccessDenied):
        sessions.join(session, other, joint.id, other.session_id or "")
    with stores.database.write() as session, pytest.raises(AccessDenied):
        sessions.join(session, other, joint.id, one.session_id or "", beside=True)
    with pytest.raises(Refused):
        opened(Together(stores, joint.id, one, other), other)


@pytest.mark.rule("THR-2")
def test_a_second_browser_of_one_takes_their_place(both: Together, player: Player, sit: Sit) -> None:
    """Of one person one browser sounds: where they sat before falls silent, and opens nothing more."""
    first = opened(both, both.lead)
    assert ask(player, first)
    elsewhere = sit("lead")
    with both.stores.database.write() as session:
        sessions.join(session, elsewhere, both.id, elsewhere.session_id or "")
    with pytest.raises(LeaseEnded):
        ask(player, first)
    assert ask(player, opened(both, elsewhere))
    with pytest.raises(AccessDenied):
        opened(both, both.lead)
    both.sign(both.lead)
    assert both.seen(elsewhere).seated
    assert not both.seen(both.lead).seated


@pytest.mark.rule("THR-2")
def test_a_lease_is_no_link(both: Together, player: Player, sit: Sit) -> None:
    """The address of the sound opens nothing at another browser, not even the same person's."""
    lease = opened(both, both.anna)
    for stranger in (sit("coach"), sit("anna"), both.lead):
        with pytest.raises(NotFound):
            player.sounding(lease.id, stranger.session_id or "")


@pytest.mark.rule("THR-2", "ACC-1")
def test_the_employee_opens_it_and_nobody_else(stores: Stores, call: str, sit: Sit) -> None:
    """Not the team lead, not a coach, not a colleague; and only a call that was reported."""
    for who in map(sit, ("lead", "coach", "bob", "other_lead")):
        with stores.database.write() as session, pytest.raises(AccessDenied):
            sessions.open_on(session, who, call)


@pytest.mark.rule("THR-2", "PUR-2")
def test_without_a_standing_report_there_is_no_session(
    both: Together, stores: Stores, centre: Centre, player: Player
) -> None:
    """A call that nobody reported; and one whose report is withdrawn while both listen."""
    centre.call("anna")
    with stores.database.write() as session:
        known = session.scalars(select(JointSession.recording_id)).one()
        other = session.scalars(select(Recording.id).where(Recording.id != known)).one()
        with pytest.raises(AccessDenied):
            sessions.open_on(session, both.anna, other)
    lease = opened(both, both.lead)
    assert ask(player, lease)
    with stores.database.write() as session:
        incident = threat.open_incident_for(session, known)
        assert incident is not None
        incidents.withdraw(stores, session, both.anna, incident.id)
    with pytest.raises(LeaseEnded):
        ask(player, lease)
    assert both.seen(both.anna).over is Why.INCIDENT
    assert ending.close_if_over(stores, both.id) is Why.INCIDENT
    with stores.database.write() as session, pytest.raises(AccessDenied):
        sessions.open_on(session, both.anna, known)


@pytest.mark.rule("THR-2")
def test_another_team_lead_in_the_middle_ends_it(
    both: Together, stores: Stores, centre: Centre, player: Player
) -> None:
    """The team lead who joined leads the team no longer: silence at once, and the session is over."""
    lease = opened(both, both.anna)
    assert ask(player, lease)
    close_period(stores, centre.lead, Function.TEAM_LEAD)
    with pytest.raises(LeaseEnded):
        ask(player, lease)
    assert both.seen(both.anna).over is Why.LEAD
    assert ending.close_if_over(stores, both.id) is Why.LEAD
    with stores.database.read() as session:
        assert session.get_one(JointSession, both.id).ended_why == "lead"


@pytest.mark.rule("THR-2")
def test_an_hour_at_most(both: Together, player: Player, stores: Stores, now: Frozen, call: str) -> None:
    """Its hour is counted from the opening, and leaving and coming back adds nothing to it."""
    for _ in range(61):
        now.move(MINUTE - timedelta(seconds=1))
        both.sign(both.anna, both.lead)
        with stores.database.write() as session:
            for one in (both.anna, both.lead):
                signed_in.touch(session, one.session_id or "")
    lease = opened(both, both.anna)
    assert ask(player, lease)
    now.move(timedelta(seconds=1))
    both.sign(both.anna, both.lead)
    with pytest.raises(LeaseEnded):
        ask(player, lease)
    assert both.seen(both.anna).over is Why.TIME
    with pytest.raises(AccessDenied):
        both.seen(both.lead)
    with stores.database.write() as session:
        following = sessions.open_on(session, both.anna, call)
        assert following.id != both.id
        assert session.get_one(JointSession, both.id).ended_why == "time"


@pytest.mark.rule("THR-2")
def test_opening_twice_is_one_session_and_one_word_to_the_team_lead(
    stores: Stores, centre: Centre, call: str, sit: Sit
) -> None:
    """The team lead is told that somebody asks, and of no call."""
    one, other = sit("anna"), sit("anna")
    with stores.database.write() as session:
        first = sessions.open_on(session, one, call).id
    with stores.database.write() as session:
        assert sessions.open_on(session, other, call).id == first
        (told,) = session.scalars(select(Notice).where(Notice.word == "threat.together"))
    assert told.person_id == centre.lead
    assert call not in told.params


@pytest.mark.rule("THR-2")
def test_either_ends_it_for_both(both: Together, player: Player) -> None:
    """And ending twice, or after the other did, changes nothing."""
    lease = opened(both, both.lead)
    with both.stores.database.write() as session:
        sessions.end(session, both.anna, both.id)
    with pytest.raises(LeaseEnded):
        ask(player, lease)
    with both.stores.database.write() as session:
        sessions.end(session, both.lead, both.id)
    assert both.seen(both.lead).over is Why.BY_HAND


# --- one transport for two screens ---


def test_who_moves_last_is_right_and_the_other_is_told(both: Together, now: Frozen) -> None:
    """Both press at once: the second stands, and says that it overtook the first."""
    for who in (both.anna, both.lead):
        opened(both, who)
    assert not steer(both, both.anna, 0, playing=True, at=10).overtook
    now.move(timedelta(seconds=2))
    assert both.seen(both.lead).place_ms == both.seen(both.anna).place_ms == 12_000
    assert steer(both, both.lead, 0, playing=False, at=5).overtook
    seen = both.seen(both.anna)
    assert (seen.moment.revision, seen.playing, seen.place_ms) == (2, False, 5000)
    assert seen.moment.moved_by_id == both.lead.person_id
    now.move(timedelta(seconds=30))
    assert both.seen(both.anna).place_ms == 5000


def test_it_plays_only_once_both_listen_and_stops_at_the_end(both: Together, now: Frozen) -> None:
    """One of both has not pressed Listen yet: playing waits for them; a place beyond the end is the end."""
    opened(both, both.anna)
    with pytest.raises(Refused, match="both of you"):
        steer(both, both.anna, 0, playing=True, at=0)
    assert steer(both, both.anna, 0, playing=False, at=99).moment.place_ms == 30_000
    opened(both, both.lead)
    steer(both, both.lead, 1, playing=True, at=29)
    now.move(timedelta(seconds=5))
    seen = both.seen(both.anna)
    assert (seen.place_ms, seen.playing) == (30_000, False)


def test_it_stands_still_where_somebody_went(both: Together, now: Frozen) -> None:
    """Whoever comes back finds it where it stood, and presses play again."""
    for who in (both.anna, both.lead):
        opened(both, who)
    steer(both, both.anna, 0, playing=True, at=3)
    now.move(timedelta(seconds=4))
    with both.stores.database.write() as session:
        presence.leave(session, both.lead, both.id)
        transport.hold_still(session, queries.by_id(session, both.id))
    now.move(timedelta(seconds=20))
    both.sign(both.lead)
    seen = both.seen(both.lead)
    assert (seen.place_ms, seen.playing, seen.moment.moved_by_id) == (7000, False, None)
    with both.stores.database.read() as session:
        assert session.get_one(JointTransport, both.id).revision == 2


@pytest.mark.rule("RET-8")
def test_marks_are_both_s_and_sealed(both: Together) -> None:
    """Either sees them, in the order of the call; the database holds no moment of it."""
    for who, ms in ((both.lead, 21_000), (both.anna, 4000), (both.anna, 99_000)):
        with both.stores.database.write() as session:
            transport.mark(session, both.stores.keys, who, both.id, ms)
    for who in (both.anna, both.lead):
        assert [(one.ms, one.by_id) for one in both.seen(who).marks] == [
            (4000, both.anna.person_id),
            (21_000, both.lead.person_id),
            (30_000, both.anna.person_id),
        ]
    with both.stores.database.read() as session:
        assert all(b"21000" not in row.place for row in session.scalars(select(JointMark)))


# --- what the log says ---


@pytest.mark.rule("ACC-5", "THR-2")
def test_it_is_one_session_with_both_names_and_what_was_played(
    both: Together, player: Player, stores: Stores, now: Frozen
) -> None:
    """Both heard the first half: under "who listened" that is one session, and half of the call."""
    for who in (both.anna, both.lead):
        lease = opened(both, who)
        found = player.sounding(lease.id, lease.session_id)
        found.play(0, found.rendition.size // 2)
        player.settle()
        player.close(lease.id, lease.session_id)
    with stores.database.read() as session:
        (heard,) = listening.listeners(session, both.seen(both.anna).joint.recording_id)
    names = {one.name for one in (heard.seen, *heard.others)}
    assert names == {"Anna Jansen", "Lead Jansen"}
    assert heard.played is not None
    assert 49 <= heard.played.percent <= 51
    with stores.database.write() as session:
        sessions.end(session, both.anna, both.id)
    assert ending.sweep(stores) == 0, "until every process has kept what it noted"
    now.move(timedelta(minutes=3))
    assert ending.sweep(stores) == 1
    assert ending.sweep(stores) == 0
    with stores.database.write() as session:
        extent.sum_up(session)
        (line,) = session.scalars(select(AuditLine).where(AuditLine.action == "joint:end"))
    assert line.about_id == both.anna.person_id
    told = json.loads(line.body or "")["detail"]
    assert (told["employee"], told["lead"], told["why"]) == ("Anna Jansen", "Lead Jansen", "by_hand")
    assert 14_700 <= told["heard_ms"] <= 15_300


def test_what_nobody_closed_is_closed_by_the_job(both: Together, stores: Stores, now: Frozen) -> None:
    """Both browsers were shut down: after its hour the session is closed, at the hour's end."""
    now.move(timedelta(hours=2))
    ending.sweep(stores)
    with stores.database.read() as session:
        joint = session.get_one(JointSession, both.id)
    assert (joint.ended_why, joint.closed_at) == ("time", joint.ends_at)
    assert joint.summed_at is not None
