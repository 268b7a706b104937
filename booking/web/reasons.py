"""Reasons for people: resources by the names that a page shows, where the domain says slugs."""

from collections.abc import Mapping
from dataclasses import replace

from flask import url_for
from flask_babel import gettext as _

from booking.domain.errors import Problem
from booking.domain.refusals import Code, Refusal, Refused

SLUGS = ("resource", "pool")


def in_names(why: Refused | Problem, names: Mapping[str, str]) -> Refused | Problem:
    """The same refusals with names (by slug) in their sentences; another problem as it is."""
    if not isinstance(why, Refused):
        return why
    return Refused([refusal_in_names(refusal, names) for refusal in why.refusals], why.alternatives)


def refusal_in_names(refusal: Refusal, names: Mapping[str, str]) -> Refusal:
    """One refusal with names in its sentence."""
    numbers = {key: names.get(value, value) if key in SLUGS else value for key, value in refusal.numbers.items()}
    return replace(refusal, numbers=numbers)


def remedies_of(why: Refused | Problem) -> list[tuple[str, str]]:
    """What who was refused can put right at once: words, and the address of the page for it."""
    refusals = why.refusals if isinstance(why, Refused) else ()
    found = []
    for refusal in refusals:
        if refusal.code is Code.TERMS_NOT_ACCEPTED:
            found.append((_("Read the terms"), url_for("terms.show", slug=refusal.numbers["resource"])))
        elif refusal.code is Code.PERMIT_MISSING:
            found.append((_("Ask for a permit"), url_for("permits.new", slug=refusal.numbers["resource"])))
        elif refusal.code is Code.TRAINING_MISSING:
            found.append(
                (_("See the next sessions of the course"), url_for("courses.show", slug=refusal.numbers["course"]))
            )
    return found
