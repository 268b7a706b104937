"""Clusters: which machines pools stand for, what bookings have of them, and what jobs have used."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Cluster(Base):
    """A cluster that runs what is booked; how it is reached is a setting of the server.

    `silent_since` is when it last stopped answering, `usage_until` the instant up to which its jobs are known.
    """

    __tablename__ = "clusters"

    id: Mapped[Identity]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    account_prefix: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(80), default="")
    seen_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    usage_until: Mapped[datetime | None]


class PoolBinding(Base):
    """A pool's GPUs are those of equal nodes in one partition of a cluster."""

    __tablename__ = "pool_bindings"
    __table_args__ = (CheckConstraint("gpus_per_node BETWEEN 1 AND 64", name="gpus_per_node"),)

    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), index=True)
    partition: Mapped[str] = mapped_column(String(63))
    gpus_per_node: Mapped[int] = mapped_column(Integer)
    bound_at: Mapped[datetime]


class ClusterNode(Base):
    """A node of a bound pool: it belongs to one pool only. `usable` is what its cluster last said of it."""

    __tablename__ = "cluster_nodes"

    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("pool_bindings.resource_id"), index=True)
    usable: Mapped[bool] = mapped_column(default=True)


class ClusterLogin(Base):
    """The account of the machines that a person uses on a cluster."""

    __tablename__ = "cluster_logins"
    __table_args__ = (Index("uq_cluster_logins_login", "cluster_id", "login", unique=True),)

    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    login: Mapped[str] = mapped_column(String(32))


class PinnedNode(Base):
    """A node that a booking is to have for its window, chosen shortly before that begins."""

    __tablename__ = "pinned_nodes"
    __table_args__ = (Index("ix_pinned_nodes_node", "cluster_id", "node"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), index=True)


class UsageRow(Base):
    """What one job, from one start on, has used; told again it counts once.

    A row of no booking's reservation has no claim: it stands for the record.
    """

    __tablename__ = "usage_rows"
    __table_args__ = (
        CheckConstraint("gpus >= 0 AND seconds >= 0", name="not_negative"),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="times"),
        CheckConstraint("(booking_id IS NULL) = (resource_id IS NULL)", name="claim"),
        Index("uq_usage_rows_job", "cluster_id", "job", "started_at", unique=True),
        Index("ix_usage_rows_booking_id_resource_id", "booking_id", "resource_id"),
    )

    id: Mapped[Identity]
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"))
    job: Mapped[str] = mapped_column(String(80))
    account: Mapped[str] = mapped_column(String(120))
    login: Mapped[str] = mapped_column(String(80))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    gpus: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime]
    seconds: Mapped[int]
    ended_at: Mapped[datetime | None]
    imported_at: Mapped[datetime]


class Drift(Base):
    """Something that a cluster has otherwise than it should; `mended_at` is when it was so no more."""

    __tablename__ = "cluster_drifts"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('missing', 'different', 'left_over', 'stranger', 'account', 'node', 'usage')", name="kind"
        ),
        Index(
            "uq_cluster_drifts_open", "cluster_id", "kind", "subject", unique=True,
            postgresql_where=text("mended_at IS NULL"), sqlite_where=text("mended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"))
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    mended_at: Mapped[datetime | None]
