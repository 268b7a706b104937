"""Regions as the API gives them."""

from booking.domain.regions import Region
from booking.schemas.base import Shape
from booking.schemas.outcomes import OutcomeShape
from booking.schemas.utilisation import SumShape, UnmetShape


class RegionShape(Shape):
    """A region, and how much of each there is."""

    id: str
    slug: str
    name: str
    facilities: int
    scenarios: int
    cases: int

    @staticmethod
    def of(region: Region) -> "RegionShape":
        return RegionShape(
            id=region.slug,
            slug=region.slug,
            name=region.name,
            facilities=region.facilities,
            scenarios=region.scenarios,
            cases=region.cases,
        )


class RegionsShape(Shape):
    """All regions by name."""

    items: list[RegionShape]


class FreePoolShape(Shape):
    """A pool with what is offered and free of it now."""

    id: str
    name: str
    facility: str
    gpu_model: str
    offered: int
    free: int


class HighlightsShape(Shape):
    """What a region has to show; scenarios, datasets and facilities by slug, utilisation of the last four weeks."""

    region: RegionShape
    facilities: list[str]
    pools: list[FreePoolShape]
    datasets: list[str]
    scenarios: list[str]
    activities: list[str]
    utilisation: list[SumShape]
    unmet: list[UnmetShape]
    cases: list[OutcomeShape]
