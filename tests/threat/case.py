"""One threat of anna's for tests of what follows: reported, decided on, kept and settled by the verbs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from kcc import clock
from kcc.access.actor import Actor, system
from kcc.access.policy import Permit
from kcc.notices.model import Notice
from kcc.recordings import erasure, holds
from kcc.recordings.model import Recording, Tombstone
from kcc.stores import Stores
from kcc.threat import incidents, keeping, measures
from kcc.threat.measures import Plan
from kcc.threat.model import Incident, IncidentMeasure
from tests.centre import Centre
from tests.recordings.test_holds import permitted

ACCOUNT = "Hij zei dat hij weet waar ik woon."


@dataclass
class Case:
    """The centre, and short words for what its people do; names are the centre's."""

    stores: Stores
    centre: Centre
    permits: dict[str, Permit] = field(default_factory=dict)

    def recordings(self, name: str = "anna") -> list[str]:
        """Somebody's recordings, oldest first."""
        who = getattr(self.centre, name)
        query = select(Recording.id).where(Recording.employee_id == who).order_by(Recording.started_at)
        with self.stores.database.read() as session:
            return list(session.scalars(query))

    def report(
        self, recording_id: str, name: str = "anna", told: incidents.Told | None = None, kind: str = "threat"
    ) -> str:
        """Report a call; the incident's id."""
        actor = self.centre.actor(getattr(self.centre, name))
        with self.stores.database.write() as session:
            return incidents.report(self.stores, session, actor, recording_id, kind, ACCOUNT, told).id

    def withdraw(self, incident_id: str, name: str = "anna") -> None:
        """Take it back."""
        with self.stores.database.write() as session:
            incidents.withdraw(self.stores, session, self.actor(name), incident_id)

    def propose(self, incident_id: str, name: str = "anna", kind: str = "talk", **values: object) -> str:
        """Propose a measure; its id."""
        plan: dict[str, Any] = {"owner_id": self.centre.lead, "due": clock.today(), "words": "Bellen."}
        with self.stores.database.write() as session:
            return measures.propose(
                self.stores, session, self.actor(name), incident_id, Plan(kind, **(plan | values))
            ).id

    def confirm(self, measure_id: str, name: str = "lead") -> None:
        """Agree to it."""
        with self.stores.database.write() as session:
            measures.confirm(session, self.actor(name), measure_id)

    def close(self, measure_id: str, name: str = "lead") -> None:
        """Write down what came of it."""
        with self.stores.database.write() as session:
            measures.close(self.stores, session, self.actor(name), measure_id, "Hij bood excuses aan.")

    def extend(self, incident_id: str, name: str = "lead", until: date | None = None, **more: str) -> None:
        """Keep it longer, as long as may be."""
        until = until or keeping.last_day(clock.now())
        with self.stores.database.write() as session:
            actor = self.actor(name)
            keeping.extend(self.stores, session, actor, incident_id, until, "De aangifte loopt.", **more)

    def settle(self, incident_id: str, name: str) -> bool:
        """Say that it is settled."""
        with self.stores.database.write() as session:
            return keeping.settle(self.stores, session, self.actor(name), incident_id)

    def agreed(self, incident_id: str, kind: str = "talk", **values: object) -> str:
        """A measure to which both agree."""
        measure_id = self.propose(incident_id, kind=kind, **values)
        self.confirm(measure_id)
        return measure_id

    def actor(self, name: str) -> Actor:
        """One of the centre's people, with the posts of today."""
        return self.centre.actor(getattr(self.centre, name))

    def incident(self, incident_id: str) -> Incident | None:
        """The row as it is."""
        with self.stores.database.read() as session:
            return session.get(Incident, incident_id)

    def measure(self, measure_id: str) -> IncidentMeasure:
        """The row as it is."""
        with self.stores.database.read() as session:
            return session.get_one(IncidentMeasure, measure_id)

    def recording(self, recording_id: str) -> Recording | None:
        """The row as it is."""
        with self.stores.database.read() as session:
            return session.get(Recording, recording_id)

    def erase(self) -> int:
        """The next run."""
        return erasure.erase_due(self.stores, system("erase")).erased

    def gone(self, recording_id: str) -> bool:
        """Whether only a tombstone is left, and no key."""
        with self.stores.database.read() as session:
            buried = session.get(Tombstone, recording_id) is not None
            kept = session.get(Recording, recording_id) is not None
        return buried and not kept and recording_id not in self.stores.keys.get_many([recording_id])

    def told(self, name: str) -> list[str]:
        """The words that somebody was told, oldest first."""
        query = select(Notice.word).where(Notice.person_id == getattr(self.centre, name))
        with self.stores.database.read() as session:
            return list(session.scalars(query.order_by(Notice.told_at, Notice.id)))

    def case_hold(self, recording_id: str, until: datetime) -> str:
        """A hold of a case, as kcc/investigation places it."""
        allowed = self.permits[recording_id] = permitted(self.centre, recording_id)
        key = self.stores.keys.get(recording_id)
        with self.stores.database.write() as session:
            ground = holds.Ground("case", "RET-5", "Een zaak.", key, until)
            return holds.place(session, allowed, recording_id, ground).id

    def lift(self, recording_id: str, hold_id: str) -> None:
        """What closing a case does to its hold, also when the call has left all lists (RET-7)."""
        allowed = self.permits[recording_id]
        with self.stores.database.write() as session:
            holds.lift(session, allowed, hold_id, self.stores.settings.limits)
