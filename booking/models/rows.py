"""Rows as statements answer them, for the types of those who read them."""

from typing import Any, TypeAlias

from sqlalchemy import Row

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of a Core statement whose columns are read by their names."""
