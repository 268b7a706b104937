"""What an address says about the list that is asked for, read alike for the page and for its CSV."""

from flask import request

from booking.domain.audit import Wanted
from booking.web.paging import asked_instant

LONGEST_WORDS = 200


def asked_words(name: str = "q") -> str:
    """The words that are looked for."""
    return request.args.get(name, "").strip()[:LONGEST_WORDS]


def asked_log() -> Wanted:
    """Which entries of the audit log."""
    return Wanted(asked_words(), asked_instant("since"), asked_instant("until"))
