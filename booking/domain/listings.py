"""Listings: pools and datasets as people read them, and what a new or a changed one needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from booking.domain.attestations import clean_days
from booking.domain.errors import IllegalMove, Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.files import check_root_of, clean_folder, clean_root
from booking.domain.lines import clean_line
from booking.domain.permits import Sensitivity
from booking.domain.policies import Policy
from booking.domain.policy_changes import changed_policy
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text

RESOURCE_KINDS = ("pool", "dataset")
GRIDS = range(1, 1441)
MOST_UNITS = 10_000_000
MOST_MEMORY_GIB = 1_000_000
LONGEST_MODEL = 80
LONGEST_URL = 2_000


class ResourceState(StrEnum):
    """Whether a resource is prepared, open to bookings, or out of use."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


VERBS: dict[str, tuple[frozenset[ResourceState], ResourceState]] = {
    "publish": (frozenset({ResourceState.DRAFT}), ResourceState.PUBLISHED),
    "retire": (frozenset({ResourceState.DRAFT, ResourceState.PUBLISHED}), ResourceState.RETIRED),
    "withdraw": (frozenset(ResourceState), ResourceState.RETIRED),
}
"""From which states each verb leads where; what was retired stays so, and its bookings run to their end.

What is withdrawn is retired as well, and nothing of it is handed out any more.
"""


def after_verb(state: ResourceState, verb: str) -> ResourceState:
    """Where a verb leads; IllegalMove, naming the state, where it is not for it."""
    legal, to = VERBS[verb]
    if state not in legal:
        raise IllegalMove(state, verb)
    return to


class Access(StrEnum):
    """How a dataset is reached: free to fetch, through a gateway, or on site only."""

    OPEN = "open"
    GATEWAY = "gateway"
    ONSITE = "onsite"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty text asks for everything.

    `words` are looked for in names and descriptions; `kind` is one of resources (`pool`, `dataset`) or of the
    organisations that own them.
    """

    words: str = ""
    region: str = ""
    gpu_model: str = ""
    kind: str = ""

    @property
    def resource_kind(self) -> str:
        return self.kind if self.kind in RESOURCE_KINDS else ""

    @property
    def owner_kind(self) -> str:
        return "" if self.kind in RESOURCE_KINDS else self.kind


@dataclass(frozen=True, slots=True)
class Listing:
    """A pool or a dataset with its owner, its place and its rules.

    `region` and `timezone` are those of the facility; without one, the owner's region and UTC.
    """

    id: int
    kind: str
    slug: str
    name: str
    state: ResourceState
    organisation_id: int
    organisation: str
    organisation_name: str
    facility_id: int | None
    facility: str | None
    facility_name: str | None
    region: str
    timezone: str
    description: str
    how_to_use: str
    grid_minutes: int
    policy: Policy
    version: int
    created_at: datetime
    gpu_model: str | None = None
    gpu_memory_gib: int | None = None
    seats: int | None = None
    licence: str | None = None
    access: Access | None = None
    url: str | None = None
    source_version: str | None = None
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    files_root: str | None = None
    files_folder: str = ""
    withdrawn_at: datetime | None = None
    deletion_days: int | None = None

    @property
    def min_minutes(self) -> int:
        """The shortest booking, which is one grid step where the policy says nothing."""
        return self.policy.min_minutes if self.policy.min_minutes is not None else self.grid_minutes

    @property
    def needs_booking(self) -> bool:
        """Whether it is used by booking at all: a dataset without a number of seats is not."""
        return self.kind == "pool" or self.seats is not None


@dataclass(frozen=True, slots=True)
class NewPool:
    """What is asked for a new pool of a facility, which is named by its slug."""

    facility: str
    name: str
    slug: str
    gpu_model: str
    gpu_memory_gib: int | None
    grid_minutes: int = 15
    policy: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    how_to_use: str = ""
    state: ResourceState = ResourceState.PUBLISHED


@dataclass(frozen=True, slots=True)
class NewDataset:
    """What is asked for a new dataset; without a facility its owner is said, where the asker has several."""

    name: str
    slug: str
    description: str
    seats: int | None
    licence: str
    access: Access
    facility: str | None = None
    organisation: str | None = None
    url: str | None = None
    grid_minutes: int = 15
    policy: Mapping[str, Any] = field(default_factory=dict)
    how_to_use: str = ""
    state: ResourceState = ResourceState.PUBLISHED
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    files_root: str | None = None
    files_folder: str = ""
    deletion_days: int | None = None


New = TypeVar("New", NewPool, NewDataset)

CHANGEABLE = {
    "pool": frozenset({"name", "description", "how_to_use", "policy", "gpu_memory_gib"}),
    "dataset": frozenset(
        {
            "name",
            "description",
            "how_to_use",
            "policy",
            "seats",
            "licence",
            "url",
            "sensitivity",
            "files_root",
            "files_folder",
            "deletion_days",
        }
    ),
}
"""What of a resource can be changed later; slug, model, grid, access and place are for good."""


def checked_new(new: New) -> New:
    """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
    if new.state is ResourceState.RETIRED:
        raise Invalid("state", "A new resource is a draft or published.")
    if type(new.grid_minutes) is not int or new.grid_minutes not in GRIDS:
        raise Invalid("grid_minutes", "The grid is 1 to %(most)s minutes.", {"most": GRIDS[-1]})
    if isinstance(new, NewDataset) and new.access is Access.ONSITE and not new.facility:
        raise Invalid("facility", "Data that is used on site needs the facility where it is.")
    if isinstance(new, NewDataset):
        check_openness(new.access, new.sensitivity)
    clean_slug(new.slug)
    given = {each.name: getattr(new, each.name) for each in fields(new) if each.name in RULES}
    # A policy stays as it was asked for: whoever stores it merges it with the defaults.
    changed_policy(Policy(), new.policy, new.grid_minutes)
    return replace(new, **checked_fields(given))


def check_openness(access: Access | None, sensitivity: Sensitivity) -> None:
    """Invalid for data that only some may have, and that anybody may fetch."""
    if access is Access.OPEN and sensitivity is Sensitivity.RESTRICTED:
        raise Invalid("sensitivity", "Restricted data is not open: it goes through the gateway, or stays on site.")


def check_place(organisation: str, given: Mapping[str, Any]) -> None:
    """Invalid where files are looked for under a root that belongs to somebody else."""
    check_root_of(given.get("files_root"), organisation)


def checked_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of a resource, in the form in which it is kept; Invalid names the field that cannot be meant."""
    return {name: RULES[name](value) for name, value in given.items()}


def _number_or_none(name: str, least: int, most: int) -> Any:
    def rule(value: Any) -> int | None:
        if value is None:
            return None
        # A bool is an int to Python, and no number to anybody else.
        if type(value) is not int or not least <= value <= most:
            raise Invalid(name, "This is a whole number from %(least)s to %(most)s.", {"least": least, "most": most})
        return value

    return rule


def _url(value: str | None) -> str | None:
    """An address that browsers follow without running it."""
    if not value:
        return None
    address = clean_line(value, "url", most=LONGEST_URL)
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in address:
        raise Invalid("url", "This is no address such as https://example.org/data.")
    return address


RULES: dict[str, Any] = {
    "name": lambda text: clean_line(text, "name"),
    "description": lambda text: clean_text(text, "description", most=LONGEST_DESCRIPTION),
    "how_to_use": lambda text: clean_text(text, "how_to_use", most=LONGEST_DESCRIPTION),
    "gpu_model": lambda text: clean_line(text, "gpu_model", most=LONGEST_MODEL),
    "gpu_memory_gib": _number_or_none("gpu_memory_gib", 1, MOST_MEMORY_GIB),
    "seats": _number_or_none("seats", 0, MOST_UNITS),
    "licence": lambda text: clean_line(text, "licence"),
    "url": _url,
    "sensitivity": Sensitivity,
    "files_root": clean_root,
    "files_folder": clean_folder,
    "deletion_days": clean_days,
}
"""What each field of a resource must be like."""
