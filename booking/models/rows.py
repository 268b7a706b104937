"""Rows as statements answer them, for the types of those who read them, and what the hot path is told of writes."""

from typing import Any, TypeAlias

from sqlalchemy import Row

from booking.db.together import APART as APART  # noqa: PLC0414 (handed on to those who write)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of a Core statement whose columns are read by their names."""
