"""What a path says: whether it belongs to the API, which id it names, and whether it leads elsewhere."""

from urllib.parse import urlsplit

from flask import request

from booking.domain.errors import NotFound

API = "/api/"
FILES = "/files/"
LARGEST_ID = 2**63 - 1


def is_api() -> bool:
    """Whether a program asks, who gets problem+json, needs a token, and has no session.

    Files are fetched by programs and browsers alike; what a browser says that it takes tells them apart.
    """
    return request.path.startswith(API) or (request.path.startswith(FILES) and not _is_browser())


def _is_browser() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def parse_id(text: str, what: str) -> int:
    """The number that an id stands for; an id of another shape is an id of nothing."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or not 0 < int(text) <= LARGEST_ID:
        raise NotFound(what)
    return int(text)


def is_local(address: str) -> bool:
    """Whether a return address stays on this site: a plain absolute path, as browsers read it.

    Browsers take a backslash for a slash and drop control characters, so that `/\\\\evil.example` leaves the site.
    """
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    if any(character < " " or character == "\x7f" for character in address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
