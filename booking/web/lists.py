"""What an address says about the list that is asked for, read alike for the page and for its CSV."""

from datetime import date, datetime, timedelta

from flask import request

from booking.domain.audit import Wanted
from booking.domain.errors import Invalid
from booking.domain.listings import RESOURCE_KINDS
from booking.domain.localtime import to_local
from booking.domain.utilisation import checked_span
from booking.http.reading import reading
from booking.queries import utilisation
from booking.queries.facilities import timezones
from booking.web.paging import asked_instant

LONGEST_WORDS = 200
USUAL_DAYS = timedelta(days=29)


def asked_words(name: str = "q") -> str:
    """The words that are looked for."""
    return request.args.get(name, "").strip()[:LONGEST_WORDS]


def asked_log() -> Wanted:
    """Which entries of the audit log."""
    return Wanted(asked_words(), asked_instant("since"), asked_instant("until"))


def asked_utilisation(now: datetime) -> utilisation.Wanted:
    """Which days of which resources; the last thirty of all pools where nothing is said. Invalid where it makes no
    sense."""
    today = to_local(now, timezones(reading())[0]).date()
    through = _asked_day("to", today)
    since, until = checked_span(_asked_day("from", through - USUAL_DAYS), through)
    kind = asked_words("kind")
    return utilisation.Wanted(
        since,
        until,
        kind=kind if kind in RESOURCE_KINDS else "pool",
        facility=asked_words("facility"),
        resource=asked_words("resource"),
        region=asked_words("region"),
        gpu_model=asked_words("gpu_model"),
    )


def asked_by() -> utilisation.By:
    """What sums are made for; facilities where nothing is said that is known."""
    said = asked_words("by")
    return utilisation.By(said) if said in set(utilisation.By) else utilisation.By.FACILITY


def _asked_day(name: str, usual: date) -> date:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        raise Invalid(name, "This is no day such as 2026-03-02.") from None
