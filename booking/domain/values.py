"""Frozen values: the same one with some fields changed, where that happens too often for `dataclasses.replace`."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")


def altered(value: T, **changes: Any) -> T:
    """What `dataclasses.replace` answers for a value of several fields, which are looked up once for each class."""
    read, places = _fields_of(cast("Any", type(value)))
    given = list(read(value))
    for name, changed in changes.items():
        given[places[name]] = changed
    return type(value)(*given)


@cache
def _fields_of(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int]]:
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: place for place, name in enumerate(names)}
