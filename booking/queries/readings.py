"""Who is to read of an event, and what it says to each of them."""

from collections.abc import Iterable
from dataclasses import replace

from booking.domain.notices import Audience, Notice, Reader, read_choices
from booking.domain.outbox import Item

Reading = tuple[Reader, Notice]
Event = tuple[Item, int]


def each_of(people: Iterable[Reader], notice: Notice, item: Item) -> list[Reading]:
    """The notice of one event for each person once; whoever reads it for two reasons gets the first."""
    told = replace(notice, event=item.event, reason=str(item.payload.get("reason") or ""))
    with_choices = replace(told, choices=read_choices(item.payload.get("choices", ())))
    by_address: dict[str, Reading] = {}
    for reader in people:
        by_address.setdefault(reader.address, (reader, with_choices if reader.audience is Audience.MEMBER else told))
    return list(by_address.values())
