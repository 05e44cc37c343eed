"""Named trainings, who is in them, and until when, as stored; their calls are consents'."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kcc.db import Base, Id, new_id


class Training(Base):
    """A training with a trainer, from `begins` to the end of the day `ends`; closed earlier at `closed_at`.

    `kind` is a kcc.coaching.training.rules.Kind.
    """

    __tablename__ = "training"
    __table_args__ = (
        CheckConstraint("ends >= begins", name="order"),
        Index("ix_training_trainer", "trainer_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    trainer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    begins: Mapped[date]
    ends: Mapped[date]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TrainingParticipant(Base):
    """Somebody in a training."""

    __tablename__ = "training_participant"
    __table_args__ = (Index("ix_training_participant_person", "person_id"),)

    training_id: Mapped[str] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
