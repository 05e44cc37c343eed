"""Settings of provisioning over SCIM: what groups of the identity provider give; the file is kcc.config's."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kcc.sections import Section


class ScimGroup(Section):
    """What a group of the identity provider gives its members: a function, of a team or department."""

    group: Annotated[str, Field(min_length=1, max_length=200)]
    function: Literal[
        "employee",
        "coach",
        "team_lead",
        "department_manager",
        "data_protection_officer",
        "administrator",
        "works_council",
    ]
    team: Annotated[str, Field(max_length=64)] = ""
    department: Annotated[str, Field(max_length=64)] = ""
    customer_calls: bool = False

    @model_validator(mode="after")
    def _has_its_place(self) -> "ScimGroup":
        if self.function in ("employee", "team_lead") and not self.team:
            raise ValueError(f"{self.function} needs a team")
        if self.function == "department_manager" and not self.department:
            raise ValueError("department_manager needs a department")
        if self.customer_calls and self.function != "employee":
            raise ValueError("customer_calls belongs to the function employee (SAM-8)")
        return self


class Scim(Section):
    """Provisioning: whether identity providers are answered, and what their groups give."""

    enabled: bool = False
    groups: tuple[ScimGroup, ...] = ()
