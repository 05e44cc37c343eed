"""kcc.audit.record: what a line says, that its commitment stands for it and outlives what it says."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, system
from kcc.access.facts import RecordingFacts, RecordingState
from kcc.access.policy import Permit, Refusal, Subject
from kcc.access.purposes import Purpose
from kcc.audit import queries, record, tree
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.stores import Stores
from tests.audit.lines import all_lines, body

ANNA = Actor(
    "a" * 32, "Anna „Zoë” Jansen ☎", frozenset({Post(Function.EMPLOYEE), Post(Function.COACH)}), "s" * 32
)
CALL = Subject("recording", "c" * 32)


def permit(now: Frozen) -> Permit:
    """Anna may hear her own call."""
    facts = RecordingFacts(ANNA.person_id, RecordingState.LIVE, now.at + timedelta(days=1), now.at)
    return policy.permit(ANNA, Action.RECORDING_PLAY, CALL, facts, Purpose.INSPECTION)


@pytest.mark.rule("ACC-5")
def test_a_line_says_who_did_what_with_which_function_when_and_why(stores: Stores, now: Frozen) -> None:
    """Name, function, date and time, what, purpose, and that it was allowed."""
    with stores.database.write() as session:
        record.act(session, permit(now), lease="l" * 32)
    (line,) = all_lines(stores)
    assert body(line) == {
        "v": 1,
        "at": now.at.isoformat(),
        "actor": ANNA.person_id,
        "name": ANNA.name,
        "function": "employee",
        "action": "recording:play",
        "purpose": "inspection",
        "subject": f"recording:{'c' * 32}",
        "about": ANNA.person_id,
        "allowed": True,
        "rule": None,
        "detail": {"lease": "l" * 32},
    }


@pytest.mark.rule("ACC-5")
def test_a_refusal_says_the_same_and_which_rule_refused(stores: Stores, now: Frozen) -> None:
    """With all functions held, since none of them permitted it."""
    with stores.database.write() as session:
        record.refusal(session, Refusal(ANNA, Action.SAMPLE_PLAY, Purpose.MONITORING, CALL, None), "ACC-2")
    (line,) = all_lines(stores)
    said = body(line)
    assert (said["name"], said["function"], said["at"]) == (ANNA.name, "coach, employee", now.at.isoformat())
    assert (said["action"], said["purpose"], said["subject"]) == ("sample:play", "monitoring", str(CALL))
    assert (said["allowed"], said["rule"], line.allowed) == (False, "ACC-2", False)


def test_an_act_open_to_all_names_the_functions_held(stores: Stores) -> None:
    """Signing in needs no function, the line still tells what somebody was; without any it tells none."""
    stranger = Actor("?", "?")
    with stores.database.write() as session:
        record.act(session, policy.permit(ANNA, Action.SIGN_IN, Subject("signin")))
        record.refusal(session, Refusal(stranger, Action.SIGN_IN, None, Subject("signin"), None), "SEC-1")
    assert [body(line)["function"] for line in all_lines(stores)] == ["coach, employee", None]


@pytest.mark.rule("ACC-5")
def test_a_commitment_can_be_computed_from_salt_and_body(stores: Stores, now: Frozen) -> None:
    """By anybody, with SHA-256 alone; each line has its own salt."""
    with stores.database.write() as session:
        record.acts(session, [(permit(now), {}), (permit(now), {})])
    one, other = all_lines(stores)
    for line in (one, other):
        assert line.salt is not None
        assert line.body is not None
        assert len(line.salt) == 32
        assert line.commitment == hashlib.sha256(line.salt + line.body.encode("utf-8")).digest()
    assert one.body == other.body
    assert one.salt != other.salt
    assert one.commitment != other.commitment, "the same act twice could be recognised"


def test_the_columns_say_what_the_committed_body_says(stores: Stores, now: Frozen) -> None:
    """They are there to search by; a changed column would not go unnoticed."""
    with stores.database.write() as session:
        record.act(session, permit(now))
        record.refusal(session, Refusal(system("draw"), Action.SIGN_IN, None, Subject("x"), None), "ACC-1")
    for line in all_lines(stores):
        said = body(line)
        assert datetime.fromisoformat(said["at"]) == line.at
        assert (said["actor"], said["about"], said["subject"]) == (line.actor_id, line.about_id, line.subject)
        assert (said["action"], said["purpose"], said["allowed"]) == (line.action, line.purpose, line.allowed)


def test_a_body_reads_the_same_everywhere(stores: Stores, now: Frozen) -> None:
    """Sorted, without spaces, in UTF-8: one way to write it, so that a verifier needs no parser's quirks."""
    with stores.database.write() as session:
        record.act(session, permit(now), b=1, a="é")
    (line,) = all_lines(stores)
    canonical = json.dumps(body(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert line.body == canonical
    assert "é" in canonical
    assert datetime.fromisoformat(body(line)["at"]).tzinfo is not None


@pytest.mark.rule("ACC-5")
def test_erasing_what_a_line_says_leaves_its_commitment_and_the_root(stores: Stores, now: Frozen) -> None:
    """A personal payload goes on its own term; proofs over the leaves stay valid."""
    with stores.database.write() as session:
        record.acts(session, [(permit(now), {"n": number}) for number in range(5)])
    before = all_lines(stores)
    with stores.database.write() as session:
        session.execute(
            update(AuditLine)
            .where(AuditLine.id == before[2].id)
            .values(salt=None, body=None, actor_id=None, about_id=None, subject=None)
        )
    after = all_lines(stores)
    assert [line.commitment for line in after] == [line.commitment for line in before]
    assert tree.root(line.commitment for line in after) == tree.root(line.commitment for line in before)
    assert after[2].body is None
    assert ANNA.name not in repr([vars(after[2])[name] for name in ("salt", "body", "actor_id", "subject")])


def test_what_cannot_be_written_down_is_not_done(stores: Stores, now: Frozen) -> None:
    """A detail that is no word or number is a programming error, found before the act."""
    with pytest.raises(TypeError), stores.database.write() as session:
        record.act(session, permit(now), sound=b"...")
    assert all_lines(stores) == []


def test_lines_keep_the_order_in_which_they_were_given(stores: Stores, now: Frozen) -> None:
    """Many at once as well; none at all is nothing."""
    with stores.database.write() as session:
        record.acts(session, [])
        record.acts(session, ((permit(now), {"n": number}) for number in range(300)))
    assert [body(line)["detail"]["n"] for line in all_lines(stores)] == list(range(300))


def test_who_saw_a_thing_is_told_newest_first(stores: Stores, now: Frozen) -> None:
    """Permitted acts only, of the actions asked for, and none whose body has been erased."""
    with stores.database.write() as session:
        record.act(session, permit(now))
    now.move(timedelta(hours=1))
    with stores.database.write() as session:
        record.act(session, permit(now))
        record.refusal(session, Refusal(ANNA, Action.RECORDING_PLAY, None, CALL, None), "PUR-1")
        record.act(session, policy.permit(system("erase"), Action.RECORDING_ERASE, CALL))
        seen = queries.acts_on(session, [str(CALL)], ["recording:play"])
        assert [one.at for one in seen] == [now.at, now.at - timedelta(hours=1)]
        assert (seen[0].name, seen[0].function, seen[0].purpose) == (ANNA.name, "employee", "inspection")
        assert seen[0].at.tzinfo is UTC
        assert len(queries.acts_on(session, [str(CALL)], ["recording:play"], limit=1)) == 1
        assert queries.acts_on(session, ["recording:other"], ["recording:play"]) == []
        session.execute(update(AuditLine).values(salt=None, body=None))
        assert queries.acts_on(session, [str(CALL)], ["recording:play"]) == []
