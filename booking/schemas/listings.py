"""What lists of published things are narrowed to, in the API."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from booking.domain.activities import ActivityKind
from booking.domain.listings import RESOURCE_KINDS, Filters
from booking.domain.organisations import OrganisationKind
from booking.domain.scenarios import Category
from booking.schemas.base import Page

Sought = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class ListFilter(Page):
    """Which of what is published is wanted."""

    q: Sought = Field("", description="Words of the name or the description.")
    region: Sought = Field("", description="A region, exactly.")
    gpu_model: Sought = Field("", description="A model of GPU, exactly: what has it, or stands where it is offered.")
    kind: str = ""

    @property
    def filters(self) -> Filters:
        return Filters(words=self.q.strip(), region=self.region, gpu_model=self.gpu_model, kind=self.kind)


def _one_of(*words: str) -> tuple[Any, ...]:
    """What makes a text one of some words, or empty."""

    def validate(word: str) -> str:
        if word and word not in words:
            raise ValueError(f"one of: {', '.join(words)}")
        return word

    return AfterValidator(validate), Field(json_schema_extra={"enum": ["", *words]})


class ResourceFilter(ListFilter):
    """Which facilities or resources are wanted: by what there is to book, or by the kind of the owner."""

    kind: Annotated[str, *_one_of(*RESOURCE_KINDS, *OrganisationKind)] = ""


class ScenarioFilter(ListFilter):
    """Which scenarios are wanted: by their category, or by the kind of the owner."""

    kind: Annotated[str, *_one_of(*Category, *OrganisationKind)] = ""
    edition: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(None, description="The number of a list.")


class ActivityFilter(ListFilter):
    """Which activities are wanted: by what they are, or by the kind of the owner."""

    kind: Annotated[str, *_one_of(*ActivityKind, *OrganisationKind)] = ""
