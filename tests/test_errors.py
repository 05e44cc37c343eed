"""kcc.errors: the kinds of "no", with status, code, rule and a sentence that can be translated."""

import pickle

import pytest

from kcc import errors
from kcc.errors import N_, AccessDenied, Invalid, KccError, NotFound, Refused, Unavailable

KINDS = [
    (KccError("No."), 500, "error"),
    (NotFound(), 404, "not_found"),
    (AccessDenied(object(), "ACC-1"), 404, "not_found"),
    (Refused("No."), 409, "refused"),
    (Invalid("day", "No."), 422, "invalid"),
    (Unavailable("No."), 503, "unavailable"),
]


@pytest.mark.parametrize(("error", "status", "code"), KINDS, ids=lambda value: type(value).__name__)
def test_each_kind_has_its_status_and_code(error: KccError, status: int, code: str) -> None:
    """A program can rely on both; all are caught as one."""
    assert (error.status, error.code) == (status, code)
    assert isinstance(error, KccError)


def test_every_kind_stands_in_this_table() -> None:
    """A new one is thought about here first."""
    kinds = {
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, KccError)
    }
    assert {type(error) for error, _, _ in KINDS} == kinds


def test_a_sentence_keeps_its_places_for_the_translation() -> None:
    """The English one is filled in for logs and the command line."""
    error = Refused("It is too late for %(what)s.", rule="RET-7", code="too_late", what="this")
    assert str(error) == "It is too late for this."
    assert (error.message, dict(error.params)) == ("It is too late for %(what)s.", {"what": "this"})
    assert (error.rule, error.code) == ("RET-7", "too_late")
    assert Refused("x").code == "refused", "a code of one error is not that of the next"


def test_a_sentence_without_places_may_hold_a_percent_sign() -> None:
    assert str(KccError("40 % is not enough")) == "40 % is not enough"


def test_a_refusal_looks_like_something_that_is_not_there() -> None:
    """Same sentence, status and code; the rule and who asked are for the audit alone."""
    denied, missing = AccessDenied("who and what", "ACC-2"), NotFound()
    assert isinstance(denied, NotFound)
    assert (str(denied), denied.status, denied.code, denied.message) == (
        str(missing),
        missing.status,
        missing.code,
        missing.message,
    )
    assert (denied.refusal, denied.rule, missing.rule) == ("who and what", "ACC-2", None)


def test_a_fault_in_the_input_names_its_field() -> None:
    assert Invalid("day", "A day is missing.").field == "day"
    assert Invalid("day", "Not %(day)s.", day="x").params == {"day": "x"}


def test_marking_a_sentence_does_not_change_it() -> None:
    assert N_("Not %(day)s.") == "Not %(day)s."


@pytest.mark.parametrize(
    "fault",
    [
        Invalid("start", "%(day)s is wrong.", day="2026-02-31"),
        Unavailable("The disk is away.", code="disk"),
        Refused("No.", rule="RET-7"),
    ],
)
def test_a_fault_travels_whole_between_processes(fault: KccError) -> None:
    """Sentence, places, code, rule and field arrive; a kind with arguments of its own is not made anew."""
    came = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own
    assert (type(came), str(came), vars(came), came.code) == (
        type(fault),
        str(fault),
        vars(fault),
        fault.code,
    )
