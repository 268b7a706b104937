"""Clusters as the API takes and gives them: what is bound to them, who is who there, drift, and measured use."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from booking.domain.clusters import MOST_GPUS_A_NODE, MOST_NODES, Binding, KnownCluster
from booking.domain.drift import Kind
from booking.schemas.base import Body, Reference, Shape, Slug

Name = Annotated[str, StringConstraints(max_length=200)]


class NewCluster(Body):
    """What is asked for a new cluster; the server's settings say how it is reached."""

    name: Slug
    organisation: Reference = Field(description="The slug of the organisation that operates it.")
    account_prefix: Name = Field(description="What the names of our accounts begin with there, such as bk_.")


class NewBinding(Body):
    """The machines that a pool is to stand for: equal nodes of one partition."""

    cluster: Reference
    partition: Name
    gpus_per_node: Annotated[int, Field(ge=1, le=MOST_GPUS_A_NODE)]
    nodes: Annotated[list[Name], Field(min_length=1, max_length=MOST_NODES)]

    def asked(self) -> Binding:
        """The same as the service takes it."""
        return Binding(self.cluster, self.partition, self.gpus_per_node, tuple(self.nodes))


class NewLogin(Body):
    """Which account of the machines a person uses; without `login`, none any more."""

    email: Name
    login: Name | None = Field(None, description="Left out: none any more.")


class BindingShape(Shape):
    """The machines that a pool stands for."""

    pool: str
    cluster: str
    partition: str
    gpus_per_node: int
    nodes: list[str]
    units: int

    @staticmethod
    def of(binding: Binding, pool: str) -> "BindingShape":
        return BindingShape(
            pool=pool,
            cluster=binding.cluster,
            partition=binding.partition,
            gpus_per_node=binding.gpus_per_node,
            nodes=list(binding.nodes),
            units=binding.units,
        )


class ClusterShape(Shape):
    """A cluster: whether it answers, and how much it is still to be told."""

    id: str
    name: str
    organisation: str
    account_prefix: str
    version: str
    seen_at: datetime | None
    silent_since: datetime | None
    last_error: str
    usage_until: datetime | None
    waiting: int
    waiting_since: datetime | None
    pools: list[BindingShape]

    @staticmethod
    def of(
        cluster: KnownCluster, pools: list[BindingShape], waiting: int, waiting_since: datetime | None
    ) -> "ClusterShape":
        return ClusterShape(
            id=cluster.name,
            name=cluster.name,
            organisation=cluster.organisation,
            account_prefix=cluster.account_prefix,
            version=cluster.version,
            seen_at=cluster.seen_at,
            silent_since=cluster.silent_since,
            last_error=cluster.last_error,
            usage_until=cluster.usage_until,
            waiting=waiting,
            waiting_since=waiting_since,
            pools=pools,
        )


class LoginShape(Shape):
    """A person's account on the machines."""

    email: str
    name: str
    login: str


class DriftShape(Shape):
    """Something that a cluster has otherwise than it should; `mended_at` is null while it stands."""

    kind: Kind
    subject: str
    detail: str
    found_at: datetime
    mended_at: datetime | None


class UseShape(Shape):
    """What a claim was booked for, and what jobs have used of it, in GPU-seconds."""

    resource: str
    cluster: str
    account: str
    nodes: list[str] = Field(description="Chosen an hour before the start; empty until then.")
    booked_unit_seconds: int
    used_unit_seconds: int
    jobs: int
    running: int
    known_until: datetime | None
    settle_by: datetime | None


class UsageShape(Shape):
    """Booked against used, by claim on a pool that a cluster measures."""

    booking: str
    claims: list[UseShape]


class ClustersShape(Shape):
    """The clusters of one's organisations, by name."""

    items: list[ClusterShape]


class LoginsShape(Shape):
    """Who has an account on the machines, by address."""

    items: list[LoginShape]


class DriftsShape(Shape):
    """What is astray, the latest first, and then what was mended lately."""

    items: list[DriftShape]
