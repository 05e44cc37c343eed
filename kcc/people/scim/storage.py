"""How the SCIM library reads and writes here: each request one transaction, each act a line of the audit."""

from collections.abc import Callable, Mapping
from typing import Any

from scim2_models import (
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage
from sqlalchemy import select
from sqlalchemy.orm import Session

from kcc.access.actor import Actor
from kcc.people.model import Person
from kcc.people.scim import filters, groups, queries, saying, users
from kcc.people.scim.model import ScimGroup
from kcc.people.scim.resources import GROUP, PAGE, USER
from kcc.scim_settings import Scim

FARTHEST = 2**31 - 1
LISTS: Mapping[str, tuple[Callable[[], filters.Attributes], Callable[..., tuple[int, list[Any]]]]] = {
    USER: (queries.user_attributes, queries.users),
    GROUP: (queries.group_attributes, queries.groups),
}
SUBJECTS = {USER: saying.PERSON}
"""What the audit calls a resource; else by its own name."""


class Storage(ScimStorage):
    """The people of one installation, in the transaction of one request by one identity provider.

    A request that changes something (`changing`) locks what it reads: the library works out the new state
    from what it was given, and would undo what somebody else did in between.
    """

    def __init__(self, session: Session, actor: Actor, scim: Scim, *, changing: bool) -> None:
        self.session, self.actor, self.scim, self.changing = session, actor, scim, changing

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - a page is cheap
    ) -> Resource[Any]:
        """One resource; NotFoundException."""
        self._allow(resource_type, resource_id, act="read")
        return self._found(resource_type, resource_id)

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002 - pages go by index
    ) -> SearchPage:
        """A page of what a filter wants; the audit says how many were shown."""
        start = min(search_request.start_index_0 or 0, FARTHEST)
        count = PAGE if search_request.count is None else search_request.count
        total, found = 0, list[Any]()
        for kind in resource_types:
            attributes, read = LISTS[str(kind.name)]
            wanted = filters.condition(search_request.filter, attributes(), lenient=len(resource_types) > 1)
            fitting, page = read(self.session, wanted, max(0, start - total), count - len(found))
            total, found = total + fitting, found + page
            self._allow(kind, "", act="search", found=fitting, shown=len(page))
        return SearchPage(total, found)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Take in a user or group; UniquenessException."""
        verb = users.create if resource_type.name == USER else groups.create
        self._allow(resource_type, "", act="create")
        return self._found(resource_type, verb(self.session, self.actor, self.scim, resource))  # type: ignore[arg-type]

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Make a user or group what is said; PreconditionFailedException when it is another meanwhile."""
        self._expect(resource_type, str(resource.id), expected_version)
        verb = users.update if resource_type.name == USER else groups.update
        verb(self.session, self.actor, self.scim, str(resource.id), resource)  # type: ignore[arg-type]
        return self._found(resource_type, str(resource.id))

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """End what a user holds or a group gives; to the provider it is gone."""
        self._expect(resource_type, resource_id, expected_version)
        if resource_type.name == USER:
            users.remove(self.session, self.actor, resource_id)
        else:
            groups.remove(self.session, self.actor, self.scim, resource_id)

    def _allow(self, resource_type: ResourceType, resource_id: str, **detail: Any) -> None:
        name = str(resource_type.name)
        known = resource_id if queries.ID.fullmatch(resource_id) else ""
        saying.allowed(self.session, self.actor, SUBJECTS.get(name, name.lower()), known, **detail)

    def _found(self, resource_type: ResourceType, resource_id: str) -> Resource[Any]:
        self.session.flush()
        user, found = resource_type.name == USER, None
        if queries.ID.fullmatch(resource_id):
            if self.changing:
                row = Person if user else ScimGroup
                self.session.execute(select(row.id).where(row.id == resource_id).with_for_update())
            found = (queries.user if user else queries.group)(self.session, resource_id)
        if found is None:
            raise NotFoundException(detail=f"There is no such {resource_type.name}")
        return found

    def _expect(self, resource_type: ResourceType, resource_id: str, version: str | None) -> None:
        found = self._found(resource_type, resource_id)
        if version is not None and found.meta is not None and found.meta.version != version:
            raise PreconditionFailedException
