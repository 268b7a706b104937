"""Names of files: the paths that people may ask for, and the roots and folders that stewards may name."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from booking.domain.errors import Invalid, NotFound
from booking.domain.slugs import clean_slug

LONGEST_PATH = 1_000
LONGEST_FOLDER = 500
LONGEST_ROOT = 120

# Control characters, half characters, what turns or hides its neighbours, private and unassigned ones.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a dataset; `etag` is another as soon as its content may be another."""

    path: str
    size: int
    etag: str
    modified_at: datetime


def is_plain(path: str) -> bool:
    """Whether a path leads from a folder down to a file and nowhere else, in whatever way it is read.

    Names that only look like a way up (a full-width dot or slash) are none: what normalises to one is read as one.
    """
    if not 0 < len(path) <= LONGEST_PATH or "\\" in path:
        return False
    if any(unicodedata.category(character) in _UNSEEN for character in path):
        return False
    parts = path.split("/")
    looks_like = unicodedata.normalize("NFKC", path).split("/")
    if len(parts) != len(looks_like):
        return False
    return not any(part.strip(" ") in ("", ".", "..") for part in (*parts, *looks_like))


def clean_path(path: str) -> str:
    """A path as stores take it; NotFound for one that no file of ours can have."""
    if not is_plain(path):
        raise NotFound("file")
    return path


def clean_folder(folder: str) -> str:
    """The folder inside a root, without slashes around it; empty is the root itself."""
    plain = folder.strip().strip("/")
    if plain and (not is_plain(plain) or len(plain) > LONGEST_FOLDER):
        raise Invalid("files_folder", "This is no folder such as radar/2026; it leads nowhere else.")
    return plain


def clean_root(root: str | None) -> str | None:
    """The name of a root: the short name of the organisation that may use it, and perhaps a dot and a word."""
    if not root:
        return None
    try:
        for part in root.split(".", 1):
            clean_slug(part)
    except Invalid:
        raise Invalid("files_root", "This is no name of a root such as centre or centre.archive.") from None
    if len(root) > LONGEST_ROOT:
        raise Invalid("files_root", "This is longer than %(most)s characters.", {"most": LONGEST_ROOT})
    return root


def check_root_of(root: str | None, organisation: str) -> None:
    """Invalid where a root is not the organisation's own: nobody publishes what is another's."""
    if root and root.split(".", 1)[0] != organisation:
        raise Invalid("files_root", "The root %(root)s is not for data of %(organisation)s.",
                      {"root": root, "organisation": organisation})  # fmt: skip
