"""Scenarios as the API gives them."""

from datetime import datetime

from booking.domain.scenarios import Category, Scenario
from booking.schemas.base import Shape


class ScenarioShape(Shape):
    """An entry of a published scenario list."""

    id: str
    slug: str
    name: str
    organisation: str
    category: Category
    region: str
    description: str
    published_at: datetime | None

    @staticmethod
    def of(scenario: Scenario) -> "ScenarioShape":
        return ScenarioShape(
            id=scenario.slug,
            slug=scenario.slug,
            name=scenario.name,
            organisation=scenario.organisation,
            category=Category(scenario.category),
            region=scenario.region,
            description=scenario.description,
            published_at=scenario.published_at,
        )
