"""Scenarios as the API takes and gives them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Annotated

from pydantic import Field, StringConstraints

from booking.domain.entries import (
    LONGEST_LINK,
    MOST_GPU_HOURS,
    MOST_NAMED,
    Category,
    Content,
    EntryState,
    changed_fields,
)
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.scenarios import NewEntry, Scenario, Version
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.schemas.base import Body, Line, Reference, Shape, Slug, cleaned

Name = Annotated[str, StringConstraints(max_length=LONGEST_LINK)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMED)]
Hours = Annotated[int, Field(ge=0, le=MOST_GPU_HOURS)]
Description = Annotated[str, StringConstraints(max_length=2 * LONGEST_DESCRIPTION)]
Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]


class NewEntryBody(Body):
    """What is asked for a new entry of a scenario list."""

    name: Line
    slug: Slug
    organisation: Reference
    category: Category = Field(strict=False)
    region: Line
    description: Description
    field: Name = ""
    gpu_hours: Hours = 0
    gpu_models: Names = Field(default_factory=list)
    datasets: Names = Field(default_factory=list)
    skills: Names = Field(default_factory=list)
    contact: Name = ""
    links: Names = Field(
        default_factory=list, description="https only; they are shown, and never opened by the server."
    )
    continues: Reference | None = Field(None, description="The slug of the entry of the last list that this goes on.")

    def entry(self) -> NewEntry:
        """The same as the service takes it."""
        content = Content.read(self.model_dump(exclude={"slug", "organisation", "continues"}))
        return NewEntry(self.slug, self.organisation, content, self.continues or "")


class ChangedEntry(Body):
    """What an entry is to say instead; what is absent stays."""

    name: Line | None = None
    category: Category | None = Field(None, strict=False)
    region: Line | None = None
    description: Description | None = None
    field: Name | None = None
    gpu_hours: Hours | None = None
    gpu_models: Names | None = None
    datasets: Names | None = None
    skills: Names | None = None
    contact: Name | None = None
    links: Names | None = None
    reason: Reason = Field("", description="Why it is changed, for who reads the version before.")

    def content(self, before: Content) -> Content:
        """What the entry says then."""
        given = self.model_dump(exclude={"reason"}, exclude_none=True)
        return Content.read(before.as_mapping() | given)


class EntryDecision(Body):
    """Why an entry is returned or declined; nothing needs to be said to accept it."""

    reason: Reason = ""


class NeedsShape(Shape):
    """What a scenario needs."""

    gpu_hours: int
    gpu_models: list[str]
    datasets: list[str]
    skills: list[str]

    @staticmethod
    def of(content: Content) -> "NeedsShape":
        return NeedsShape(
            gpu_hours=content.gpu_hours,
            gpu_models=list(content.gpu_models),
            datasets=list(content.datasets),
            skills=list(content.skills),
        )


class ScenarioShape(Shape):
    """An entry of a published scenario list; `edition` is the number of the list, where it stands in one."""

    id: str
    slug: str
    name: str
    organisation: str
    category: Category
    field: str
    region: str
    description: str
    needs: NeedsShape
    contact: str
    links: list[str]
    edition: str | None
    state: EntryState
    reason: str = Field(description="What the reviewers said last.")
    version: int
    continues: str | None
    published_at: datetime | None
    closes_at: datetime | None

    @staticmethod
    def of(scenario: Scenario) -> "ScenarioShape":
        content = scenario.content
        return ScenarioShape(
            id=scenario.slug,
            slug=scenario.slug,
            name=content.name,
            organisation=scenario.organisation,
            category=content.category,
            field=content.field,
            region=content.region,
            description=content.description,
            needs=NeedsShape.of(content),
            contact=content.contact,
            links=list(content.links),
            edition=str(scenario.edition) if scenario.edition is not None else None,
            state=scenario.state,
            reason=scenario.reason,
            version=scenario.version,
            continues=scenario.continues or None,
            published_at=scenario.published_at,
            closes_at=scenario.closes_at,
        )


class VersionShape(Shape):
    """What a scenario said until it was changed; `changed` are the fields that the next version says otherwise."""

    version: int
    name: str
    category: Category
    field: str
    region: str
    description: str
    needs: NeedsShape
    contact: str
    links: list[str]
    changed: list[str]
    replaced_at: datetime
    reason: str


class VersionsShape(Shape):
    """The versions before the present one, the last first."""

    version: int
    versions: list[VersionShape]

    @staticmethod
    def of(scenario: Scenario, before: Sequence[Version]) -> "VersionsShape":
        after = [scenario.content, *(one.content for one in before)]
        changes = [changed_fields(old, new) for new, old in pairwise(after)]
        return VersionsShape(
            version=scenario.version,
            versions=[
                VersionShape(
                    version=one.number,
                    name=one.content.name,
                    category=one.content.category,
                    field=one.content.field,
                    region=one.content.region,
                    description=one.content.description,
                    needs=NeedsShape.of(one.content),
                    contact=one.content.contact,
                    links=list(one.content.links),
                    changed=list(changed),
                    replaced_at=one.replaced_at,
                    reason=one.reason,
                )
                for one, changed in zip(before, changes, strict=True)
            ],
        )
