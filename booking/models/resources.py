"""Resources: everything bookable, pools of GPUs and datasets with seats alike."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Resource(Base):
    """A pool or a dataset.

    `version` rises with every change of what is offered or held, and guards copies of it kept in memory;
    `offer_version` rises when only the offer changes: capacity, seats, state, policy. It owes the wait list a look
    when units were freed, or are offered anew, while somebody waits for them.
    """

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("kind IN ('pool', 'dataset')", name="kind"),
        CheckConstraint("state IN ('draft', 'published', 'retired')", name="state"),
        CheckConstraint("grid_minutes BETWEEN 1 AND 1440", name="grid"),
        CheckConstraint("kind <> 'pool' OR (facility_id IS NOT NULL AND gpu_model IS NOT NULL)", name="pool"),
        CheckConstraint("kind <> 'pool' OR seats IS NULL", name="pool_seats"),
        CheckConstraint("seats >= 0", name="seats"),
        CheckConstraint("kind <> 'dataset' OR access IN ('open', 'gateway', 'onsite')", name="dataset_access"),
        CheckConstraint("access <> 'onsite' OR facility_id IS NOT NULL", name="onsite"),
        CheckConstraint("sensitivity IN ('public', 'internal', 'restricted')", name="sensitivity"),
        CheckConstraint("deletion_days BETWEEN 1 AND 365", name="deletion_days"),
        CheckConstraint("withdrawn_at IS NULL OR state = 'retired'", name="withdrawn"),
        Index("ix_resources_kind_state", "kind", "state"),
        # The catalogue asks for the published pools of each facility.
        Index("ix_resources_facility_kind_state", "facility_id", "kind", "state"),
        Index(
            "ix_resources_owes_look", "id",
            postgresql_where=text("owes_look"), sqlite_where=text("owes_look = 1"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"))
    state: Mapped[str] = mapped_column(String(10))
    description: Mapped[str] = mapped_column(Text, default="")
    how_to_use: Mapped[str] = mapped_column(Text, default="")
    grid_minutes: Mapped[int] = mapped_column(Integer, default=15)
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    offer_version: Mapped[int] = mapped_column(default=1)
    owes_look: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]

    gpu_model: Mapped[str | None] = mapped_column(String(80), index=True)
    gpu_memory_gib: Mapped[int | None] = mapped_column(Integer)

    seats: Mapped[int | None] = mapped_column(Integer)
    licence: Mapped[str | None] = mapped_column(String(200))
    access: Mapped[str | None] = mapped_column(String(8))
    sensitivity: Mapped[str | None] = mapped_column(String(10))
    # Within how many days after a window its deletion is to be attested; null: nobody is asked.
    deletion_days: Mapped[int | None] = mapped_column(Integer)
    # Where its files are: a root that the server knows by name, and a folder in it.
    files_root: Mapped[str | None] = mapped_column(String(120))
    files_folder: Mapped[str | None] = mapped_column(String(500))
    # From then on nothing is handed out, whatever is booked.
    withdrawn_at: Mapped[datetime | None]
    source_url: Mapped[str | None] = mapped_column(Text, index=True)
    source_version: Mapped[str | None] = mapped_column(String(80))
    # The imported description as it came, so that nothing of it is lost on the way out.
    croissant: Mapped[dict[str, Any] | None] = mapped_column(JSON)
