"""Calls on regions."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.http.reading import reading
from booking.queries import regions
from booking.schemas.outcomes import OutcomeShape
from booking.schemas.regions import FreePoolShape, HighlightsShape, RegionShape, RegionsShape
from booking.schemas.utilisation import SumShape, UnmetShape

bp = Blueprint("regions", __name__)


@bp.get("/regions")
@call(gives={200: RegionsShape}, fails=(401,), public=True)
def index() -> Response:
    """Every region that a facility or a published scenario names."""
    found = regions.regions(reading(), clock.now())
    return show(RegionsShape(items=[RegionShape.of(one) for one in found]))


@bp.get("/regions/<region_id>")
@call(gives={200: HighlightsShape}, fails=(401, 404), public=True)
def read(region_id: str) -> Response:
    """What one region has to show: supply and what is free of it, unmet demand, utilisation, lists and cases."""
    found = regions.highlights(reading(), region_id, clock.now())
    pools = [row for row in found.pools if row.id is not None]
    return show(
        HighlightsShape(
            region=RegionShape.of(found.region),
            facilities=list(dict.fromkeys(row.facility for row in found.pools)),
            pools=[_pool(row, found.outlooks[row.id].now) for row in pools],
            datasets=[row.slug for row in found.datasets],
            scenarios=[row.slug for row in found.scenarios],
            activities=[row.slug for row in found.activities],
            utilisation=[SumShape.of(line.key, line.name, line.totals) for line in found.used],
            unmet=[UnmetShape.of(one) for one in found.unmet],
            cases=[OutcomeShape.of(one, inside=False) for one in found.cases],
        )
    )


def _pool(row, level) -> FreePoolShape:
    return FreePoolShape(
        id=row.slug,
        name=row.name,
        facility=row.facility,
        gpu_model=row.gpu_model,
        offered=level.offered,
        free=max(level.free, 0),
    )
