"""Shelves: the files of a dataset as a page shows them, each with its address."""

from booking import clock
from booking.domain.gateway import Pass
from booking.http.files import address_of, stores
from booking.services.gateway import look_at_files


def shelf_of(given: Pass, most: int):
    """What is open of a dataset to who asks, or why it is closed, and at most so many files with their addresses."""
    shelf = look_at_files(given, stores(), now=clock.now(), limit=most)
    return shelf, [(file, address_of(shelf.given, file.path)) for file in shelf.files]
