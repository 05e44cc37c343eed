"""Users and groups as SCIM shows them, and what this service says it can do; where they are stored is known
elsewhere.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

PAGE = 200
"""The most resources in one answer."""


class Name(ComplexAttribute):
    """The parts of somebody's name; what people are called here is made of them where there is no other."""

    formatted: str | None = None
    given_name: str | None = None
    family_name: str | None = None


class Email(ComplexAttribute):
    """An address at work; kcc keeps one."""

    value: str | None = None
    type: str | None = Field(None, examples=["work"])


class Membership(ComplexAttribute):
    """A group that somebody is in; said by the group alone."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[AnyExtension]):
    """Somebody who works here; `userName` is the organisation's own number of them."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true, CaseExact.true] = None
    name: Name | None = None
    display_name: str | None = None
    emails: list[Email] | None = None
    preferred_language: str | None = Field(None, examples=["nl", "en"])
    active: bool | None = None
    groups: Annotated[list[Membership] | None, Mutability.read_only] = None


class Agent(Extension):
    """The id by which the telephone exchange knows somebody today; of several by an import, the first."""

    __schema__ = URN("urn:kcc:params:scim:schemas:extension:agent:2.0:User")

    agent_id: Annotated[str | None, CaseExact.true] = None


class Member(ComplexAttribute):
    """Somebody in a group; groups in groups are not known here."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group of people; the settings say which function it gives, if any."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server, CaseExact.true] = None
    members: list[Member] | None = None


AgentUser = User[Agent]
USER, GROUP = "User", "Group"


def provider() -> ScimProvider:
    """The whole service, as its discovery endpoints publish it.

    Attributes that kcc does not know are let pass and dropped: a provider sends what it has, and personal
    data that nobody needs here is not kept. The other two tolerances are how Microsoft Entra writes a PATCH.
    """
    no, yes = {"supported": False}, {"supported": True}
    return ScimProvider(
        models=[User, Agent, Group],
        resource_types=[ResourceType.from_resource(AgentUser), ResourceType.from_resource(Group)],
        config=ServiceProviderConfig(
            patch=Patch(**yes),
            bulk=Bulk(**no, max_operations=0, max_payload_size=0),
            filter=Filter(**yes, max_results=PAGE),
            change_password=ChangePassword(**no),
            sort=Sort(**no),
            etag=ETag(**yes),
            authentication_schemes=[
                AuthenticationScheme(
                    type=AuthenticationScheme.Type.oauthbearertoken,
                    name="Bearer token",
                    description="The token that `kcc token create --scim` printed.",
                    primary=True,
                )
            ],
        ),
        policy=ScimPolicy(
            unknown=ScimPolicy.Unknown.ignore,
            remove_value_as_filter=ScimPolicy.RemoveValue.apply,
            unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
        ),
    )
