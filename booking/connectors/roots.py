"""Roots: the stores that the setting DATASET_ROOTS names."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from booking.connectors.s3 import s3_store
from booking.connectors.stores import FolderStore, Store
from booking.domain.files import clean_root


def stores_of(setting: str, now: Callable[[], datetime]) -> dict[str, Store]:
    """Each root by its name; a part of the setting that cannot be meant is an error that names it."""
    found: dict[str, Store] = {}
    for part in filter(None, (one.strip() for one in setting.split(";"))):
        name, _, place = part.partition("=")
        root = clean_root(name.strip())
        if root is None or not place.strip():
            raise ValueError(f"DATASET_ROOTS has {name!r}: say organisation=/folder, separated by semicolons")
        found[root] = _store(place.strip(), now)
    return found


def _store(place: str, now: Callable[[], datetime]) -> Store:
    if place.startswith(("s3+https://", "s3+http://")):
        return s3_store(place, now)
    return FolderStore(Path(place).resolve())
