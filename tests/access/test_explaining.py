"""kcc.access.explaining and its page: the same verdict as the policy's, why, for whom it is, and that nothing
of what is asked about is told.
"""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, get_args

import pytest
from sqlalchemy import select

from kcc import clock, explaining
from kcc.access import facts as kinds
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Function, system
from kcc.access.explaining import LABELS, STATES, Answer, explain, told
from kcc.access.purposes import Purpose
from kcc.clock import Frozen
from kcc.errors import AccessDenied, Invalid
from kcc.people.model import CoachAssignment, FunctionPeriod
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.access.cells import Cell, cells
from tests.access.situations import ME, Situation, somebody
from tests.audit.lines import all_lines, body
from tests.centre import Centre
from tests.conftest import Client

PAGE = "/who-may-what/explain"
UNKNOWN = "0" * 32
CALL = Situation("call", ME, "live", "just before")


# --- the verdict ---


@pytest.mark.rule("ACC-1")
def test_it_says_what_the_policy_says() -> None:
    """In every situation: allowed or not, by the same function and sentence, or under the same rule."""
    asked = list(cells())
    assert [cell for cell in asked if untrue(cell)] == []
    assert len(asked) > 40_000


def untrue(cell: Cell) -> bool:
    """Whether the explanation says otherwise than the policy decides."""
    found = explain(cell.actor, cell.action, cell.facts, cell.purpose)
    by = found.decided_by
    return (found.allowed, by and by.function, by and by.reason, found.rule) != decided(cell)


def decided(cell: Cell) -> tuple[bool, Function | None, str | None, str]:
    """What the policy decides: allowed, as what, why; or under which rule not."""
    subject = policy.Subject("thing", "1")
    try:
        given = policy.permit(cell.actor, cell.action, subject, cell.facts, cell.purpose)
    except AccessDenied as refused:
        return False, None, None, str(refused.rule)
    return True, given.function, given.reason, ""


def test_it_names_every_grant_with_what_holds_and_fails() -> None:
    """Also those of functions that the person does not have: they say what would be needed."""
    coach = somebody(Function.COACH)
    drawn = Situation("drawn call", "somebody-else", "live", "just before", open=True)
    found = explain(coach, Action.SAMPLE_PLAY, drawn.facts(), Purpose.MONITORING)
    (grant,) = found.considered
    assert (grant.function, grant.held, grant.purpose_fits, grant.opens) == (
        Function.COACH,
        True,
        True,
        False,
    )
    assert [(c.rule, c.holds) for c in grant.conditions] == [
        ("ACC-2", False),
        ("SAM-6", True),
        ("RET-7", True),
    ]
    reading = explain(coach, Action.REPORT_READ, kinds.Nothing())
    assert [(g.function, g.held) for g in reading.considered] == [
        (Function.EMPLOYEE, False),
        (Function.COACH, True),
    ]
    playing = explain(somebody(Function.EMPLOYEE), Action.RECORDING_PLAY, CALL.facts())
    assert [(g.purposes, g.purpose_fits) for g in playing.considered] == [((Purpose.INSPECTION,), False)]
    assert playing.rule == "PUR-1"


@dataclasses.dataclass
class Unforeseen:
    """Facts that nobody has thought of yet: words are never shown."""

    said: str
    some_thing: bool


def test_facts_name_nobody() -> None:
    """Of people only whether it is the one asked about; every kind of facts can be told."""
    now = clock.now()
    recording = kinds.RecordingFacts("anna", kinds.RecordingState.LIVE, now, now, threat=True)
    samples = kinds.SampleFacts(recording, open=True, coach_ids=frozenset({"carl"}))
    report = kinds.ReportFacts("anna", None, coach_assigned=False, finished=True)
    assert told(recording, "anna") == [
        ("whose call it is", "this person"),
        ("state", "live"),
        ("kept until", now),
        ("judged at", now),
        ("reported as a threat", True),
    ]
    assert dict(told(samples, "carl"))["whose call it is"] == "somebody else"
    assert dict(told(samples, "carl"))["this person coaches the employee now"] is True
    assert dict(told(samples, "bob"))["this person coaches the employee now"] is False
    assert dict(told(report, "bob")) == {
        "whom it is about": "somebody else",
        "who wrote it": "nobody who is known",
        "its writer coaches the employee now": False,
        "finished": True,
        "reported as a threat": False,
    }
    assert dict(told(samples, "bob"))["its slot in the sample is open"] is True
    assert told(kinds.Nothing(), "bob") == []
    assert told(kinds.PersonFacts("bob"), "bob") == [("whom it is about", "this person")]
    assert told(Unforeseen("Hij schold.", some_thing=True), "bob") == [("some thing", True)]  # type: ignore[arg-type]
    states = [
        state
        for kind in vars(kinds).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
        for state in kind
    ]
    assert STATES.keys() == {state.value for state in states}
    scoring = kinds.OpinionState.SCORING
    second = kinds.OpinionFacts(recording, "anna", "carl", True, "carl", "dora", scoring, frozenset({"eva"}))
    assert dict(told(second, "dora"))["who took the second opinion"] == "this person"
    assert dict(told(second, "eva"))["this person leads the employee's team"] is True
    assert dict(told(second, "bob"))["who wrote the report"] == "somebody else"
    for each in (recording, samples, report, second):
        assert not {"anna", "carl"} & {str(value) for _, value in told(each, "bob")}


def test_an_explanation_cannot_be_changed() -> None:
    """It carries no more than it says."""
    found = explain(somebody(Function.EMPLOYEE), Action.RECORDING_READ, CALL.facts())
    (grant,) = found.considered
    answer = Answer("anna", None, None, clock.now(), found)
    for frozen in (found, grant, grant.conditions[0], answer):
        assert not hasattr(frozen, "__dict__")
        for field in dataclasses.fields(frozen):  # type: ignore[arg-type]
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(frozen, field.name, None)
    assert (found.actor, found.action, found.purpose) == (
        somebody(Function.EMPLOYEE),
        Action.RECORDING_READ,
        None,
    )
    assert answer.may
    assert answer.facts == told(CALL.facts(), ME)
    assert not Answer("anna", None, False, clock.now(), found).may
    refused = explain(somebody(), Action.RECORDING_READ)
    assert (refused.rule, refused.facts) == ("ACC-1", kinds.Nothing())
    assert not Answer("anna", None, None, clock.now(), refused).may
    assert Answer("anna", None, True, clock.now(), found).may


# --- the verb ---


@pytest.fixture
def call_id(centre: Centre) -> str:
    """A call of anna's."""
    centre.call()
    with centre.stores.database.read() as session:
        return session.scalars(select(Recording.id)).one()


def lines(stores: Stores) -> list[dict[str, Any]]:
    """What the log says of answers given."""
    return [body(line) for line in all_lines(stores) if line.action == Action.ACCESS_EXPLAIN]


def ask(stores: Stores, who: object = None, **asked: str) -> Answer:
    """The host's answer."""
    with stores.database.write() as session:
        return explaining.answer(session, who or system("cli"), asked)  # type: ignore[arg-type]


@pytest.mark.rule("ACC-1", "RET-7")
def test_an_answer_uses_the_facts_of_the_door(stores: Stores, call_id: str, now: Frozen) -> None:
    """Yes for its owner, no for somebody else, and no at the deadline; also asked beforehand."""
    about = {"action": "recording:play", "object": f"recording:{call_id}", "purpose": "inspection"}
    assert ask(stores, number="anna", **about).may
    other = ask(stores, number="bob", **about)
    assert (other.may, other.exists, other.explanation.rule) == (False, True, "RGT-1")
    late = now() + timedelta(days=28)
    beforehand = ask(stores, number="anna", at=late.isoformat(), **about)
    assert (beforehand.may, beforehand.explanation.rule, beforehand.at) == (False, "RET-7", late)
    now.set(late)
    assert not ask(stores, number="anna", **about).may
    assert ask(stores, number="anna", action="recording:list").exists is None


@pytest.mark.rule("ACC-1", "ACC-2")
def test_an_answer_is_about_the_functions_of_that_day(stores: Stores, centre: Centre) -> None:
    """Tomorrow the coach is none any more."""
    tomorrow = clock.today() + timedelta(days=1)
    with stores.database.write() as session:
        for model, column in (
            (FunctionPeriod, FunctionPeriod.person_id),
            (CoachAssignment, CoachAssignment.coach_id),
        ):
            for row in session.scalars(select(model).where(column == centre.coach)):  # type: ignore[call-overload]
                row.ends = tomorrow
    assert ask(stores, number="coach", action="sample:list").may
    later = ask(stores, number="coach", action="sample:list", at=f"{tomorrow} 00:00")
    assert (later.may, later.explanation.actor.functions) == (False, frozenset())


@pytest.mark.rule("ACC-1")
@pytest.mark.usefixtures("centre")
def test_what_does_not_exist_is_told_to_the_officer_alone(stores: Stores) -> None:
    """No, as for everything that is not theirs; and nothing that was typed goes into the log."""
    for thing in explaining.FACTS:
        for id_ in (UNKNOWN, "x", "1" * 4000, "\0", "' or 1=1", "ABC", UNKNOWN + "0", f"{UNKNOWN}\n"):
            found = ask(stores, number="anna", action="recording:list", object=f"{thing}:{id_}")
            assert (found.may, found.exists) == (False, False), (thing, id_)
            said = lines(stores)[-1]["detail"]
            assert said == {"action": "recording:list", "object": thing, "may": False}


WRONG = [
    ("number", {"number": ""}),
    ("number", {"number": "nobody"}),
    ("number", {"number": "an\0na"}),
    ("action", {"action": ""}),
    ("action", {"action": "recording:fly"}),
    ("purpose", {"purpose": "curiosity"}),
    ("object", {"object": "recording"}),
    ("object", {"object": "recording:"}),
    ("object", {"object": "line:1"}),
    ("at", {"at": "yesterday"}),
    ("at", {"at": "0001-01-01 00:00"}),
    ("at", {"at": "9999-12-31T23:59-12:00"}),
]


@pytest.mark.usefixtures("centre")
def test_a_question_that_cannot_be_is_told_with_its_field(stores: Stores) -> None:
    """And leaves no line: nothing was answered."""
    for field, asked in WRONG:
        with pytest.raises(Invalid) as wrong:
            ask(stores, **{"number": "anna", "action": "recording:list", **asked})
        assert wrong.value.field == field, asked
    assert lines(stores) == []


@pytest.mark.rule("ACC-5")
def test_the_log_keeps_who_asked_what_about_whom(stores: Stores, centre: Centre, call_id: str) -> None:
    """With the verdict; the person it is about is named, so that they see it."""
    officer = centre.actor(centre.officer)
    ask(stores, officer, number="anna", action="recording:read", object=f"recording:{call_id}")
    (line,) = lines(stores)
    assert (line["action"], line["actor"], line["about"]) == (
        "access:explain",
        centre.officer,
        centre.anna,
    )
    assert line["detail"] == {"action": "recording:read", "object": f"recording:{call_id}", "may": True}


@pytest.mark.rule("ACC-1", "ACC-3", "ACC-6")
def test_nobody_else_may_ask(stores: Stores, centre: Centre) -> None:
    """Not even about themselves: what exists is not theirs to find out."""
    for who in ("anna", "coach", "lead", "manager", "administrator", "council"):
        with pytest.raises(AccessDenied):
            ask(stores, centre.actor(getattr(centre, who)), number=who, action="recording:list")


# --- the page ---


def test_the_page_answers_the_officer_in_plain_words(
    centre: Centre, browser_as: Callable[[str], Client], call_id: str
) -> None:
    """What was typed stays, also where it was wrong; in both languages."""
    officer = browser_as(centre.officer)
    asked = {"number": "bob", "action": "recording:read", "object": f"recording:{call_id}"}
    page = officer.post(PAGE, asked).text
    assert "Bob Jansen mag één gesprek zien" in page
    assert "Het mag niet volgens regel RGT-1." in page
    assert "klopt niet" in page
    assert "iemand anders" in page
    assert "Anna" not in page
    assert f'value="recording:{call_id}"' in page
    officer.flask.set_cookie("language", "en")
    page = officer.post(PAGE, asked | {"number": "anna"}).text
    assert "Anna Jansen may see one call: when it was, who heard it, when it is erased: yes" in page
    assert "You see this because it is your own call." in page
    assert "There is no such object." in officer.post(PAGE, asked | {"object": f"report:{UNKNOWN}"}).text
    wrong = officer.post(PAGE, {"number": '<b>"', "action": "recording:list", "object": "x"})
    assert wrong.status_code == 422
    assert 'value="&lt;b&gt;&#34;"' in wrong.text
    assert 'id="object-error"' in wrong.text
    filled = officer.get(f"{PAGE}?number=anna&action=report:read").text
    assert 'value="anna"' in filled
    assert '<option value="report:read" selected>' in filled


def test_the_table_leads_to_it_for_whoever_may_ask(
    centre: Centre, browser_as: Callable[[str], Client]
) -> None:
    """And for nobody else."""
    assert f'href="{PAGE}"' in browser_as(centre.officer).get("/who-may-what").text
    assert f'href="{PAGE}"' not in browser_as(centre.anna).get("/who-may-what").text


def test_every_kind_of_facts_has_labels() -> None:
    """A new fact would be shown by its field's name, in English."""
    names = {field.name for kind in get_args(kinds.Facts) for field in dataclasses.fields(kind)}
    assert names - LABELS.keys() == {"recording", "training"}
    assert LABELS.keys() <= names
