"""Byte ranges: which part of a file is asked for, by the rules of RFC 9110."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` up to, not including, `end` of a file of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end == self.size

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class Unsatisfiable(Exception):
    """The range lies outside the file, whose size the answer says."""

    def __init__(self, size: int) -> None:
        super().__init__(f"no such range in {size} bytes")
        self.size = size


def asked_part(header: str | None, size: int, *, condition_holds: bool = True) -> Part | None:
    """The part that a Range header asks for; None where the whole is to be sent.

    Other units, several ranges and what cannot be read are answered with the whole, and so is a range whose If-Range
    does not hold. Raises Unsatisfiable for one that begins behind the end.
    """
    found = _SINGLE.fullmatch(header) if header and condition_holds else None
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        if int(suffix) == 0 or size == 0:
            raise Unsatisfiable(size)
        return Part(max(0, size - int(suffix)), size, size)
    start, end = int(first), size if not last else min(int(last) + 1, size)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable(size)
    return Part(start, end, size)
