"""What several lists ask of owners: whether they offer a model of GPU."""

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute

from booking.domain.listings import ResourceState
from booking.models.resources import Resource


def offers_model(organisation_id: InstrumentedAttribute[int], gpu_model: str) -> ColumnElement[bool]:
    """Whether an organisation has a published pool of the model."""
    return exists().where(
        Resource.organisation_id == organisation_id,
        Resource.gpu_model == gpu_model,
        Resource.state == ResourceState.PUBLISHED,
    )
