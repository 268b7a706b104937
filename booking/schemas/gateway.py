"""Files of datasets, and the log of who fetched them, as the API gives them."""

from datetime import datetime

from pydantic import Field

from booking.domain.files import StoredFile
from booking.schemas.base import Page, Reference, Shape


class FileFilter(Page):
    """Which files are wanted."""

    dataset: Reference | None = Field(None, description="Of one of the claimed datasets; all where it is left out.")


class FileShape(Shape):
    """A file that is open now; its address is good until `good_until`, and is looked at anew by each download."""

    dataset: str
    path: str
    size_bytes: int
    entity_tag: str
    modified_at: datetime
    address: str
    good_until: datetime

    @staticmethod
    def of(file: StoredFile, dataset: str, address: str, good_until: datetime) -> "FileShape":
        return FileShape(
            dataset=dataset,
            path=file.path,
            size_bytes=file.size,
            entity_tag=file.etag,
            modified_at=file.modified_at,
            address=address,
            good_until=good_until,
        )


class AccessShape(Shape):
    """One download, or one refused; `sent` are the bytes that really left."""

    id: str
    booking: str | None
    dataset: str
    team: str | None
    by: str | None
    path: str
    status: int
    why: str = Field(description="Why it was refused or cut; in_front: a server in front sent it.")
    first_byte: int
    promised: int
    sent: int
    at: datetime
    ended_at: datetime | None
