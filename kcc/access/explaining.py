"""Explaining a decision: which grants speak of an act, and what holds and what fails of each; the table
decides, as it does for `policy.permit`.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum

from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function
from kcc.access.facts import Facts, Nothing
from kcc.access.purposes import Purpose
from kcc.errors import N_


@dataclass(frozen=True, slots=True)
class Condition:
    """A demand of a grant, and whether it holds for this person and these facts."""

    rule: str
    sentence: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """A grant that speaks of the action; `held` says whether the person has its function."""

    function: Function | None
    reason: str
    held: bool
    purposes: tuple[Purpose, ...]
    purpose_fits: bool
    conditions: tuple[Condition, ...]

    @property
    def opens(self) -> bool:
        """Whether this grant gives the permit."""
        return self.held and not self.rule

    @property
    def rule(self) -> str:
        """The first rule that fails of it for whoever has the function; empty when none does."""
        if not self.purpose_fits:
            return "PUR-1"
        return next((condition.rule for condition in self.conditions if not condition.holds), "")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the policy says to one question, and why."""

    actor: Actor
    action: Action
    purpose: Purpose | None
    facts: Facts
    considered: tuple[Considered, ...]

    @property
    def decided_by(self) -> Considered | None:
        """The grant that gives the permit: the first that opens."""
        return next((grant for grant in self.considered if grant.opens), None)

    @property
    def allowed(self) -> bool:
        """Whether `policy.permit` gives the permit."""
        return self.decided_by is not None

    @property
    def rule(self) -> str:
        """The rule under which it is refused, as the audit would have it; empty when it is allowed."""
        if self.allowed:
            return ""
        return next((grant.rule for grant in reversed(self.considered) if grant.held), "ACC-1")


def explain(
    actor: Actor, action: Action, facts: Facts | None = None, purpose: Purpose | None = None
) -> Explanation:
    """Say what `policy.permit` would decide, and by which conditions; it is refused nothing itself."""
    known = Nothing() if facts is None else facts
    grants = [grant for grant in policy.TABLE if grant.action is action]
    considered = tuple(_considered(grant, actor, known, purpose) for grant in grants)
    return Explanation(actor, action, purpose, known, considered)


def _considered(grant: policy.Grant, actor: Actor, facts: Facts, purpose: Purpose | None) -> Considered:
    return Considered(
        grant.function,
        grant.reason,
        grant.function is None or grant.function in actor.functions,
        grant.purposes,
        purpose in grant.purposes if grant.purposes else purpose is None,
        tuple(Condition(d.rule, d.sentence, d.holds(actor, facts)) for d in grant.demands),
    )


# --- the facts, without what they are about ---

LABELS = {
    "owner_id": N_("whose call it is"),
    "employee_id": N_("whom it is about"),
    "person_id": N_("whom it is about"),
    "coach_id": N_("who wrote it"),
    "author_id": N_("who wrote the report"),
    "second_id": N_("who took the second opinion"),
    "lead_ids": N_("this person leads the employee's team"),
    "readable": N_("the second coach may still look back"),
    "coach_ids": N_("this person coaches the employee now"),
    "coach_assigned": N_("its writer coaches the employee now"),
    "state": N_("state"),
    "due_at": N_("kept until"),
    "now": N_("judged at"),
    "threat": N_("reported as a threat"),
    "consent": N_("the employee's word on this use"),
    "facilitator_id": N_("who leads the session"),
    "scorer_ids": N_("this person scores in the session"),
    "finished_ids": N_("this person has finished"),
    "going_on": N_("the session is going on"),
    "compared": N_("the forms are compared"),
    "trainer_id": N_("who is the trainer"),
    "participant_ids": N_("this person is in the training"),
    "coaches_only": N_("for coaches only"),
    "lasts": N_("not over"),
    "begun": N_("has begun"),
    "incident_open": N_("the report of a threat stands"),
    "lead_id": N_("which team lead joined"),
    "in_its_hour": N_("the hour of the joint session is not over"),
    "here_ids": N_("this person is present"),
    "seats": N_("present in this very browser"),
    "running": N_("a request is registered, and its time has not passed"),
    "decided": N_("a report to the police was decided on together"),
    "waiting": N_("a copy waits to be taken out"),
    "open": N_("its slot in the sample is open"),
    "finished": N_("finished"),
    "given": N_("given to the employee"),
    "passed": N_("passed on to the team lead"),
    "proposer_id": N_("who put it forward"),
    "told": N_("the employee may know of it"),
    "kept": N_("the term of its calls has not passed"),
    "manager_ids": N_("this person manages the employee's department"),
    "signer_ids": N_("this person signed the case"),
    "listener_id": N_("who listens for the case"),
}
"""How a fact's field reads; one that is not here is called by its own name."""
STATES = {
    "live": N_("there, with its sound"),
    "sealed": N_("registered without sound"),
    "quarantined": N_("in quarantine"),
    "erasing": N_("being erased"),
    "waiting": N_("waits for a coach"),
    "scoring": N_("being scored"),
    "scored": N_("scored by both"),
    "concluded": N_("concluded"),
    "ended": N_("ended"),
    "none": N_("not asked"),
    "asked": N_("asked"),
    "given": N_("given"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
    "decided": N_("measures are agreed"),
    "settled": N_("settled"),
    "proposed": N_("waits for the second signature"),
    "open": N_("open"),
    "suspended": N_("suspended"),
}
"""How the state of what a decision is about reads; another word stands as it is."""
SELF, OTHER, NOBODY = N_("this person"), N_("somebody else"), N_("nobody who is known")

Told = str | bool | datetime


def told(facts: Facts, person_id: str) -> list[tuple[str, Told]]:
    """The facts of a decision as (label, value); of people only whether it is the person asked about."""
    found: list[tuple[str, Told]] = []
    for field in fields(facts):
        value = getattr(facts, field.name)
        if is_dataclass(value):
            found += told(value, person_id)  # type: ignore[arg-type] # the facts of what it is part of
        elif (said := _said(field.name, value, person_id)) is not None:
            found.append((LABELS.get(field.name, field.name.replace("_", " ")), said))
    return found


def _said(name: str, value: object, person_id: str) -> Told | None:
    if name.endswith("_id"):
        return NOBODY if value is None else SELF if value == person_id else OTHER
    if isinstance(value, frozenset):
        return person_id in value
    return value if isinstance(value, bool | datetime | StrEnum) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """An explanation with what was asked: the person's number, and the thing, if there is such a thing.

    `exists` is None when nothing in particular was asked about.
    """

    number: str
    thing: policy.Subject | None
    exists: bool | None
    at: datetime
    explanation: Explanation

    @property
    def may(self) -> bool:
        """What the person would meet: a thing that does not exist opens for nobody."""
        return self.exists is not False and self.explanation.allowed

    @property
    def facts(self) -> list[tuple[str, Told]]:
        """The facts that the policy was given."""
        return told(self.explanation.facts, self.explanation.actor.person_id)
