"""Threat incidents as stored: the calls reported together, what was decided, why they are kept longer, and
counts about nobody; every word that a person wrote is sealed under a recording's own key and dies with it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Incident(Base):
    """An employee reports calls of their own, of one caller, as a threat (THR-1).

    `recording_id` is the call that is kept longest: its key seals what was written, and with it the incident
    is gone. `state` is a kcc.access.facts.IncidentStage. `told_id` is the team lead who was told last,
    `left_at` when the employee's function ended. Since `ending_by_employee_at` and `ending_by_lead_at`
    the one and the other says that it is settled. `reminded_of` is the review both were last reminded of.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_employee", "employee_id", "reported_at"),
        Index("ix_incident_recording", "recording_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    employee_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    account: Mapped[bytes] = mapped_column(LargeBinary)
    reported_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="open")
    wishes_contact: Mapped[bool] = mapped_column(default=False)
    told_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None]
    ending_by_employee_at: Mapped[datetime | None]
    ending_by_lead_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reminded_of: Mapped[datetime | None]


class IncidentCall(Base):
    """One call of an incident, and the hold that keeps it 6 months (RET-2).

    `marks`, where somebody set any, says when in the call it happened, sealed under this call's key.
    """

    __tablename__ = "incident_call"
    __table_args__ = (Index("ix_incident_call_recording", "recording_id"),)

    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True
    )
    hold_id: Mapped[str] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"))
    marks: Mapped[bytes | None] = mapped_column(LargeBinary)


class IncidentMeasure(Base):
    """A measure that employee and team lead decide on together (THR-2): agreed once both confirmed it.

    `kind` is one of kcc.threat.rules.Measure; `lead_id` the team lead who confirmed; `ends` the last day of a
    contact that is denied; `plan` and `outcome` are sealed under the incident's key.
    """

    __tablename__ = "incident_measure"
    __table_args__ = (
        CheckConstraint("(lead_id IS NULL) = (lead_at IS NULL)", name="lead"),
        Index("ix_incident_measure_incident", "incident_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    due: Mapped[date]
    ends: Mapped[date | None]
    plan: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_at: Mapped[datetime]
    employee_at: Mapped[datetime | None]
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lead_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    outcome: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None]


class IncidentExtension(Base):
    """Once more kept longer than 6 months (RET-3): why (sealed under the incident's key), on what ground, and
    until when, which is the day of its next review.

    `linked_id` is the newer incident that makes it necessary; without it a running measure does.
    """

    __tablename__ = "incident_extension"
    __table_args__ = (Index("ix_incident_extension_incident", "incident_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    linked_id: Mapped[str | None] = mapped_column(ForeignKey("incident.id", ondelete="SET NULL"))
    ground: Mapped[str] = mapped_column(String(16))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ThreatTally(Base):
    """How many incidents were reported, and measures agreed, in a quarter, by kind; about nobody, and kept
    when they are gone.
    """

    __tablename__ = "threat_tally"

    quarter: Mapped[date] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(24), primary_key=True)
    count: Mapped[int]
