"""Citations: how those who publish with a dataset name it."""

from collections.abc import Mapping
from typing import Any


def citation(
    described: Mapping[str, Any] | None, *, name: str, owner: str, version: str | None, url: str | None
) -> str:
    """What the dataset's own description (Croissant) asks to be cited as; else its owner, name, version and address."""
    asked = (described or {}).get("citeAs")
    if isinstance(asked, str) and asked.strip():
        return asked.strip()
    titled = f"{name} ({version})" if version else name
    return ". ".join(part for part in (owner, titled, url) if part)
