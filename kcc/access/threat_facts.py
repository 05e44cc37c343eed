"""The facts of a reported threat, apart from those of calls and reports; kcc.access.facts gives them on."""

from dataclasses import dataclass
from enum import StrEnum


class IncidentStage(StrEnum):
    """Where a threat stands: reported, measures agreed, settled, or taken back before anything was."""

    OPEN = "open"
    DECIDED = "decided"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class IncidentState:
    """One reported threat: whose it is, who leads them today (or led last, when they have left), and where it
    stands. `kept`: the term of its calls has not passed (RET-2, RET-3).
    """

    employee_id: str
    lead_ids: frozenset[str]
    state: IncidentStage
    kept: bool = True

    @property
    def about_id(self) -> str | None:
        """Whom the audit line is about."""
        return self.employee_id or None
