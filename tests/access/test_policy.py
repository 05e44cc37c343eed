"""kcc.access.policy against what was promised: all functions, actions, purposes and situations; and proof
that this finds every hole.
"""

import ast
import dataclasses
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

import kcc
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, provisioner, recorder, system
from kcc.access.facts import Facts, Nothing, RecordingState
from kcc.access.policy import TABLE, Grant, Refusal, Subject
from kcc.access.purposes import Purpose
from kcc.errors import AccessDenied, NotFound
from tests.access.situations import EVERYBODY, MAY, ME, PURPOSES, Situation, may, situations, somebody

ALL: list[tuple[Situation, Facts]] = [(situation, situation.facts()) for situation in situations()]
SINGLE: tuple[Function | None, ...] = (None, *Function)
THING = Subject("thing", "1")
OWN_CALL = Situation("call", ME, "live", "just before")
FOREIGN_CALL = dataclasses.replace(OWN_CALL, owner="somebody-else")
DRAWN_CALL = Situation(
    "drawn call", "somebody-else", "live", "just before", open=True, coached_by=frozenset({ME})
)


def permitted(actor: Actor, action: Action, facts: Facts, purpose: Purpose | None) -> bool:
    """What the policy says."""
    try:
        policy.permit(actor, action, THING, facts, purpose)
    except AccessDenied:
        return False
    return True


OTHERWISE = Purpose.THREAT
"""What needs no purpose takes none: one is asked, for all."""


def differences(action: Action) -> Iterator[str]:
    """Where policy and promise disagree about an action."""
    for function in SINGLE:
        actor = somebody(*([function] if function else []))
        for purpose in (None, *Purpose) if action in PURPOSES else (None, OTHERWISE):
            for situation, facts in ALL:
                wanted = may(function, action, situation, purpose)
                if permitted(actor, action, facts, purpose) is not wanted:
                    yield f"{function or 'nobody'} {action} for {purpose} should be {wanted}: {situation}"


@pytest.mark.rule("ACC-1", "ACC-2", "ACC-3", "ACC-4", "ACC-6", "REP-4", "REP-9", "RET-7", "SAM-6", "PUR-1")
@pytest.mark.parametrize("action", Action)
def test_the_policy_says_what_the_table_says(action: Action) -> None:
    """Each function alone, in every situation, for every purpose: 0 differences."""
    assert list(differences(action)) == []


def test_the_situations_are_all_there() -> None:
    """A table test over nothing proves nothing: each grant is used in some situation."""
    assert len(ALL) > 700
    for function, actions in MAY.items():
        for action in actions:
            purposes = PURPOSES.get(action, {None})
            assert any(may(function, action, s, p) for s, _ in ALL for p in purposes), (function, action)


def _weakened() -> Iterator[tuple[str, Action, tuple[Grant, ...]]]:
    for place, grant in enumerate(TABLE):

        def without(changed: Grant | None, place: int = place) -> tuple[Grant, ...]:
            return (*TABLE[:place], *([changed] if changed else []), *TABLE[place + 1 :])

        name = f"{grant.function or 'everybody'} {grant.action}"
        yield f"{name}: no grant", grant.action, without(None)
        for demand in grant.demands:
            kept = tuple(other for other in grant.demands if other is not demand)
            yield (
                f"{name}: without {demand.holds.__name__}",
                grant.action,
                without(dataclasses.replace(grant, demands=kept)),
            )
        if grant.purposes:
            yield f"{name}: any purpose", grant.action, without(dataclasses.replace(grant, purposes=()))
        for purpose in grant.purposes:
            kept_purposes = tuple(other for other in grant.purposes if other is not purpose)
            if kept_purposes:
                yield (
                    f"{name}: not {purpose}",
                    grant.action,
                    without(dataclasses.replace(grant, purposes=kept_purposes)),
                )
        if grant.function:
            yield f"{name}: for everybody", grant.action, without(dataclasses.replace(grant, function=None))


WEAKENED = list(_weakened())


@pytest.mark.parametrize(("name", "action", "table"), WEAKENED, ids=[name for name, _, _ in WEAKENED])
def test_every_hole_in_the_policy_is_found(
    name: str, action: Action, table: tuple[Grant, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take one demand, purpose, function or grant away, and the table test fails: none is decoration."""
    monkeypatch.setitem(policy._OF, action, tuple(grant for grant in table if grant.action is action))
    assert next(differences(action), None) is not None, name


def test_whoever_holds_two_functions_may_what_either_may() -> None:
    """And nothing more: functions add up, they do not multiply."""
    for place, (one, other) in enumerate(combinations(Function, 2)):
        both = somebody(one, other)
        for action in set(MAY[one]) | set(MAY[other]):
            for purpose in PURPOSES.get(action, {None}):
                for situation, facts in ALL[place % 4 :: 4]:
                    wanted = any(may(function, action, situation, purpose) for function in (one, other))
                    assert permitted(both, action, facts, purpose) is wanted, (one, other, action, situation)


@pytest.mark.rule("ACC-1")
def test_whoever_holds_no_function_reaches_nothing_of_others() -> None:
    """A colleague without a function: their own page at most."""
    nobody = somebody()
    reached = {action for action in Action if permitted(nobody, action, Nothing(), None)}
    assert reached == {
        Action.PUBLIC_VISIT,
        Action.SIGN_IN,
        Action.HOME_VISIT,
        Action.ACCOUNT_MANAGE,
        Action.POLICY_READ,
        Action.MY_DATA_READ,
        Action.NOTICE_READ,
        Action.SOUND_FETCH,
    }


@pytest.mark.rule("SAM-7", "ACC-2")
def test_no_function_hears_calls_in_general() -> None:
    """Nobody but its own employee hears a call that is not drawn, whatever functions they add up."""
    hearing = {Action.RECORDING_PLAY, Action.SAMPLE_PLAY}
    everything_at_once = somebody(*Function)
    for situation, facts in ALL:
        if situation.thing != "drawn call" and not situation.mine:
            for action in hearing:
                assert not any(permitted(everything_at_once, action, facts, p) for p in Purpose), situation


@pytest.mark.rule("PUR-1")
@pytest.mark.parametrize(
    ("action", "function", "situation"),
    [
        (Action.RECORDING_PLAY, Function.EMPLOYEE, OWN_CALL),
        (Action.SAMPLE_PLAY, Function.COACH, DRAWN_CALL),
    ],
)
def test_a_sound_is_not_given_without_its_purpose(
    action: Action, function: Function, situation: Situation
) -> None:
    """Refused under PUR-1 without a purpose or with another one; what was given carries it."""
    actor, facts = somebody(function), situation.facts()
    for purpose in (None, *Purpose):
        if purpose in PURPOSES[action]:
            assert policy.permit(actor, action, THING, facts, purpose).purpose is purpose
            continue
        with pytest.raises(AccessDenied) as refused:
            policy.permit(actor, action, THING, facts, purpose)
        assert refused.value.rule == "PUR-1"


@pytest.mark.rule("PUR-2")
def test_an_act_that_uses_no_sound_takes_no_purpose() -> None:
    """A purpose is never carried along on an act it was not checked for."""
    with pytest.raises(AccessDenied) as refused:
        policy.permit(
            somebody(Function.EMPLOYEE), Action.RECORDING_READ, THING, OWN_CALL.facts(), Purpose.THREAT
        )
    assert refused.value.rule == "PUR-1"


@pytest.mark.parametrize(
    ("function", "action", "purpose", "situation", "rule"),
    [
        (Function.TEAM_LEAD, Action.RECORDING_PLAY, Purpose.INSPECTION, OWN_CALL, "ACC-1"),
        (Function.EMPLOYEE, Action.RECORDING_PLAY, Purpose.INSPECTION, FOREIGN_CALL, "RGT-1"),
        (
            Function.EMPLOYEE,
            Action.RECORDING_PLAY,
            Purpose.INSPECTION,
            dataclasses.replace(OWN_CALL, moment="at"),
            "RET-7",
        ),
        (
            Function.COACH,
            Action.SAMPLE_PLAY,
            Purpose.MONITORING,
            dataclasses.replace(DRAWN_CALL, coached_by=frozenset()),
            "ACC-2",
        ),
        (
            Function.COACH,
            Action.SAMPLE_PLAY,
            Purpose.MONITORING,
            dataclasses.replace(DRAWN_CALL, threat=True),
            "SAM-6",
        ),
        (Function.EMPLOYEE, Action.REPORT_READ, None, Situation("report", ME, finished=False), "REP-4"),
        (
            Function.COACH,
            Action.REPORT_SCORE,
            None,
            Situation("report", "somebody-else", writer=ME, writer_assigned=True, finished=True),
            "REP-2",
        ),
    ],
)
def test_a_refusal_says_who_asked_for_what_and_which_rule_failed(
    function: Function, action: Action, purpose: Purpose | None, situation: Situation, rule: str
) -> None:
    """For the audit; to the person it looks like something that does not exist."""
    actor, facts = somebody(function), situation.facts()
    with pytest.raises(AccessDenied) as refused:
        policy.permit(actor, action, THING, facts, purpose)
    assert refused.value.rule == rule
    assert refused.value.refusal == Refusal(actor, action, purpose, THING, situation.owner)
    assert isinstance(refused.value, NotFound)
    assert (refused.value.message, refused.value.status, refused.value.code) == (
        NotFound().message,
        404,
        "not_found",
    )


def test_a_permit_says_who_may_what_and_why() -> None:
    """Actor, function, action, purpose, subject, whom it is about, and the sentence for the page."""
    actor = somebody(Function.EMPLOYEE, Function.COACH)
    given = policy.permit(actor, Action.SAMPLE_PLAY, THING, DRAWN_CALL.facts(), Purpose.COACHING)
    assert (given.actor, given.function, given.action) == (actor, Function.COACH, Action.SAMPLE_PLAY)
    assert (given.purpose, given.subject, given.about_id) == (Purpose.COACHING, THING, "somebody-else")
    assert given.reason == "it was drawn for an employee you coach"


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.RECORDING_READ])
def test_a_permit_does_not_open_another_action(action: Action) -> None:
    """Forgetting to ask is a TypeError, not a leak."""
    given = policy.permit(somebody(Function.EMPLOYEE), Action.RECORDING_READ, THING, OWN_CALL.facts())
    given.require(Action.RECORDING_READ, THING)
    with pytest.raises(TypeError, match="does not open"):
        given.require(action, THING)


@pytest.mark.parametrize(
    "subject", [Subject("thing", "2"), Subject("thing"), Subject("other", "1"), Subject("thing:1")]
)
def test_a_permit_does_not_open_another_thing(subject: Subject) -> None:
    """Also not one that merely reads the same."""
    given = policy.permit(somebody(Function.EMPLOYEE), Action.RECORDING_READ, THING, OWN_CALL.facts())
    with pytest.raises(TypeError):
        given.require(Action.RECORDING_READ, subject)


def test_only_the_policy_makes_permits() -> None:
    """No other module of kcc calls the class."""
    for path in Path(kcc.__file__).parent.rglob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {f.id if isinstance(f, ast.Name) else getattr(f, "attr", "") for f in calls}
        assert "Permit" not in names or path.parts[-2:] == ("access", "policy.py"), path


@pytest.mark.parametrize(
    "frozen",
    [
        somebody(Function.COACH),
        Post(Function.COACH),
        THING,
        *(facts for _, facts in ALL[:3]),
        ALL[-1][1],
        TABLE[0],
        policy.OWN_CALL,
        policy.permit(somebody(), Action.HOME_VISIT, THING),
        Refusal(somebody(), Action.HOME_VISIT, None, THING, None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_decides_cannot_be_changed_afterwards(frozen: object) -> None:
    """Not a field, and not a new one."""
    for name in [field.name for field in dataclasses.fields(frozen)] + ["new"]:  # type: ignore[arg-type]
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError, AttributeError)):
            setattr(frozen, name, "changed")


def test_the_table_speaks_of_what_exists() -> None:
    """Known functions, actions and purposes, no grant twice, and every action stands in it."""
    pairs = [(grant.function, grant.action) for grant in TABLE]
    assert len(pairs) == len(set(pairs))
    assert {grant.action for grant in TABLE} == set(Action)
    assert all(grant.function is None or grant.function in Function for grant in TABLE)
    assert {purpose for grant in TABLE for purpose in grant.purposes} <= set(Purpose)
    assert frozenset(PURPOSES) == policy.PURPOSE_NEEDED


def test_what_a_menu_shows_is_what_the_policy_gives() -> None:
    """`may_visit` is true where some situation and purpose are permitted, and nowhere else."""
    for function in SINGLE:
        actor = somebody(*([function] if function else []))
        for action in Action:
            reached = any(may(function, action, s, p) for s, _ in ALL for p in PURPOSES.get(action, {None}))
            assert policy.may_visit(actor, action) is reached, (function, action)


def test_a_menu_shows_every_grant() -> None:
    """Whoever holds the function of a row, and nobody else who holds only one."""
    for action in Action:
        for function in SINGLE:
            actor = somebody(*([function] if function else []))
            shown = policy.may_visit(actor, action)
            assert shown is (action in EVERYBODY or action in MAY.get(function, {})), (function, action)  # type: ignore[call-overload]


def test_what_decides_is_small_and_fixed() -> None:
    """What is made at each request holds its fields and no dictionary, and reads as the log has it."""
    thing = policy.Subject("thing", "1")
    given = policy.permit(somebody(), Action.HOME_VISIT, policy.Subject("home"))
    for one in (
        thing,
        given,
        policy.Demand("X", "x", lambda *_: True),
        policy.Grant(None, Action.HOME_VISIT, "x"),
        policy.Refusal(somebody(), Action.HOME_VISIT, None, thing, None),
    ):
        assert not hasattr(one, "__dict__")
        for field in dataclasses.fields(one):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(one, field.name, None)
    assert (given.about_id, str(given.subject), str(thing)) == (None, "home", "thing:1")
    assert Grant(None, Action.HOME_VISIT, "x") == Grant(None, Action.HOME_VISIT, "x", (), ())


def test_every_demand_can_be_asked_about_anything() -> None:
    """It says no to a thing that it does not speak of; no order of demands keeps it from being asked."""
    demands = {demand for grant in TABLE for demand in grant.demands}
    assert len(demands) >= 9
    for demand in demands:
        answers = {demand.holds(somebody(), facts) for _, facts in ALL}
        assert answers == {True, False}, demand.sentence
        assert demand.holds(somebody(), Nothing()) is False


def test_machines_are_no_people() -> None:
    """A recorder only delivers, a provider only says who works here; the system does what is due."""
    for machine, function in (
        (recorder("t", "exchange"), Function.RECORDER),
        (provisioner("t", "idp"), Function.PROVISIONER),
        (system("draw"), Function.SYSTEM),
    ):
        assert machine.functions == {function}
        assert machine.session_id is None
    assert permitted(recorder("t", "exchange"), Action.RECORDING_INTAKE, Nothing(), None)
    assert not any(
        permitted(recorder("t", "exchange"), action, facts, None)
        for action in (Action.RECORDING_READ, Action.RECORDING_LIST, Action.SAMPLE_READ, Action.REPORT_READ)
        for _, facts in ALL
    )


def test_states_of_a_recording_are_those_of_the_table() -> None:
    """A new state must be thought about here first."""
    assert {state.value for state in RecordingState} == {"live", "sealed", "quarantined", "erasing"}


def test_teams_led_are_those_of_the_lead_alone() -> None:
    """A team in which somebody works is not one they lead."""
    posts = frozenset({Post(Function.EMPLOYEE, "red"), Post(Function.TEAM_LEAD, "blue")})
    assert Actor("me", "Me", posts).teams_led == {"blue"}
