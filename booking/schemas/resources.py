"""Pools and datasets as the API takes and gives them."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from booking.domain.listings import Access, Listing, ResourceState
from booking.domain.listings import NewDataset as AskedDataset
from booking.domain.listings import NewPool as AskedPool
from booking.domain.permits import Sensitivity
from booking.schemas.base import Body, Line, Reference, Shape, Slug
from booking.schemas.displacements import Said
from booking.schemas.policies import PolicyBody, PolicyShape

State = Annotated[
    Literal["draft", "published"], Field(description="A draft is seen and booked by nobody but its owner.")
]

Root = Annotated[
    str,
    Field(max_length=120, description="The root of its files on the server, named after the owner's organisation."),
]
Folder = Annotated[str, Field(max_length=500, description="The folder in it; empty: all of it.")]


class NewPool(Body):
    """What is asked for a new pool; it offers nothing until capacity is published for it."""

    facility: Reference = Field(description="The slug of the facility where it stands.")
    name: Line
    slug: Slug
    gpu_model: str
    gpu_memory_gib: int
    grid_minutes: int = 15
    policy: PolicyBody = PolicyBody()
    description: str = ""
    how_to_use: str = Field("", description="Shown with a confirmed booking: login, commands, whom to call.")
    state: State = "published"

    def asked(self) -> AskedPool:
        """The same as the service takes it."""
        return AskedPool(
            facility=self.facility,
            name=self.name,
            slug=self.slug,
            gpu_model=self.gpu_model,
            gpu_memory_gib=self.gpu_memory_gib,
            grid_minutes=self.grid_minutes,
            policy=self.policy.given(),
            description=self.description,
            how_to_use=self.how_to_use,
            state=ResourceState(self.state),
        )


DeletionDays = Annotated[
    int | None,
    Field(description="Within so many days after a window its team attests that it has deleted the data. Null: no."),
]


class Described(Body):
    """A dataset as it describes itself: `croissant` is the whole description, of which nothing is fetched."""

    organisation: Reference = Field(description="The slug of its owner.")
    croissant: dict[str, Any]

    def content(self) -> bytes:
        """The description as a file would hold it."""
        return json.dumps(self.croissant).encode()


class NewDataset(Body):
    """What is asked for a new dataset; its seats are offered from the start, and null needs no booking."""

    name: Line
    slug: Slug
    description: str
    seats: int | None
    licence: str
    access: Access
    facility: Reference | None = Field(None, description="The slug of the facility where it is, if it is at one.")
    organisation: Reference | None = Field(
        None, description="The slug of its owner, where there is no facility and the asker has several organisations."
    )
    url: str | None = None
    grid_minutes: int = 15
    policy: PolicyBody = PolicyBody()
    how_to_use: str = Field("", description="Shown with a confirmed booking: address, login, whom to call.")
    state: State = "published"
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    files_root: Root | None = None
    files_folder: Folder = ""
    deletion_days: DeletionDays = None

    def asked(self) -> AskedDataset:
        """The same as the service takes it."""
        return AskedDataset(
            name=self.name,
            slug=self.slug,
            description=self.description,
            seats=self.seats,
            licence=self.licence,
            access=self.access,
            sensitivity=self.sensitivity,
            files_root=self.files_root,
            files_folder=self.files_folder,
            deletion_days=self.deletion_days,
            facility=self.facility,
            organisation=self.organisation,
            url=self.url,
            grid_minutes=self.grid_minutes,
            policy=self.policy.given(),
            how_to_use=self.how_to_use,
            state=ResourceState(self.state),
        )


class PoolChange(Body):
    """What is to be different; what is left out stays as it is, and so do rules of the policy that are not named."""

    name: Line = ""
    description: str = ""
    how_to_use: str = ""
    gpu_memory_gib: int | None = None
    policy: PolicyBody = PolicyBody()

    def given(self) -> dict[str, Any]:
        """What was said, and nothing else."""
        return _given(self)


class DatasetChange(Body):
    """What is to be different; fewer seats can displace bookings, of each of which `resolution` says what becomes."""

    name: Line = ""
    description: str = ""
    how_to_use: str = ""
    licence: str = ""
    url: str | None = None
    seats: int | None = None
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    files_root: Root | None = None
    files_folder: Folder = ""
    deletion_days: DeletionDays = None
    policy: PolicyBody = PolicyBody()
    resolution: Said = None

    def given(self) -> dict[str, Any]:
        """What was said, and nothing else."""
        return _given(self)


def _given(change: PoolChange | DatasetChange) -> dict[str, Any]:
    given = {name: getattr(change, name) for name in change.model_fields_set - {"resolution"}}
    return given | ({"policy": change.policy.given()} if "policy" in given else {})


class CommonShape(Shape):
    """What pools and datasets have in common."""

    id: str
    slug: str
    name: str
    kind: Literal["pool", "dataset"]
    state: ResourceState
    facility: str | None
    organisation: str
    region: str
    timezone: str
    description: str
    grid_minutes: int
    policy: PolicyShape
    version: int
    how_to_use: str | None = Field(None, description="To its owner alone; a team reads it in its booking.")


class PoolShape(CommonShape):
    """Interchangeable GPUs of one model."""

    gpu_model: str
    gpu_memory_gib: int | None

    @staticmethod
    def of(listing: Listing, *, owned: bool = False) -> "PoolShape":
        own: dict[str, Any] = {"gpu_model": listing.gpu_model, "gpu_memory_gib": listing.gpu_memory_gib}
        return PoolShape(**_common(listing, owned), **own)


class DatasetShape(CommonShape):
    """Data that is used a window at a time; `seats` null: without booking."""

    seats: int | None
    licence: str | None
    access: Access
    url: str | None
    data_version: str | None
    sensitivity: Sensitivity
    withdrawn_at: datetime | None
    deletion_days: int | None
    files_root: str | None = Field(None, description="To its owner alone.")
    files_folder: str | None = Field(None, description="To its owner alone.")

    @staticmethod
    def of(listing: Listing, *, owned: bool = False) -> "DatasetShape":
        own: dict[str, Any] = {
            "seats": listing.seats,
            "licence": listing.licence,
            "access": listing.access,
            "url": listing.url,
            "data_version": listing.source_version,
            "sensitivity": listing.sensitivity,
            "withdrawn_at": listing.withdrawn_at,
            "deletion_days": listing.deletion_days,
            "files_root": listing.files_root if owned else None,
            "files_folder": listing.files_folder if owned else None,
        }
        return DatasetShape(**_common(listing, owned), **own)


class ResourceShape(RootModel[PoolShape | DatasetShape]):
    """A pool or a dataset."""

    @staticmethod
    def of(listing: Listing, *, owned: bool = False) -> "ResourceShape":
        shape = PoolShape if listing.kind == "pool" else DatasetShape
        return ResourceShape(shape.of(listing, owned=owned))


def _common(listing: Listing, owned: bool) -> dict[str, Any]:
    return {
        "id": listing.slug,
        "slug": listing.slug,
        "name": listing.name,
        "kind": listing.kind,
        "state": listing.state,
        "facility": listing.facility,
        "organisation": listing.organisation,
        "region": listing.region,
        "timezone": listing.timezone,
        "description": listing.description,
        "grid_minutes": listing.grid_minutes,
        "policy": PolicyShape.of(listing),
        "version": listing.version,
        "how_to_use": listing.how_to_use if owned else None,
    }
