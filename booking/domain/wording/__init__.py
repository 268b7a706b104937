"""What notices say, by event and by who reads them; the places stand for the words of one notice.

These are English message ids: letters and pages say them in their reader's language. Each noun has a module of its own.
"""

from booking.domain.notices import Audience
from booking.domain.wording import (
    accounts,
    activities,
    attestations,
    bookings,
    datasets,
    docking,
    outcomes,
    scenarios,
    series,
    settlements,
    teams,
    waitlist,
)
from booking.domain.wording.letters import Wording, _

MEMBERS = (
    bookings.MEMBERS
    | series.MEMBERS
    | teams.MEMBERS
    | waitlist.MEMBERS
    | docking.MEMBERS
    | outcomes.MEMBERS
    | attestations.MEMBERS
    | settlements.MEMBERS
    | datasets.MEMBERS
)
OWNERS = bookings.OWNERS | series.OWNERS | attestations.OWNERS | datasets.OWNERS
REVIEWERS = teams.REVIEWERS | outcomes.REVIEWERS | scenarios.REVIEWERS
SCENARIO_OWNERS = scenarios.SCENARIO_OWNERS
SETTLED = settlements.SETTLED
PERSONS = accounts.PERSONS | activities.PERSONS

BY_AUDIENCE = {
    Audience.MEMBER: MEMBERS,
    Audience.OWNER: OWNERS,
    Audience.REVIEWER: REVIEWERS,
    Audience.SCENARIO_OWNER: SCENARIO_OWNERS,
    Audience.SETTLED: SETTLED,
    Audience.ACCOUNT: accounts.ACCOUNTS,
    Audience.PERSON: PERSONS,
}

TELLS = tuple(dict.fromkeys((*MEMBERS, *OWNERS, *REVIEWERS, *SCENARIO_OWNERS, *SETTLED)))
"""The events of which each person chooses how to hear."""

WHY = {
    Audience.MEMBER: _("You get this mail because you are in the team %(team)s."),
    Audience.OWNER: _("You get this mail because you look after what it is about."),
    Audience.REVIEWER: _("You get this mail because you decide on applications or reports."),
    Audience.SCENARIO_OWNER: _("You get this mail because you look after the scenarios of your organisation."),
    Audience.SETTLED: _("You get this mail because your organisation is paid, or pays, for what teams book."),
    Audience.PERSON: _("You get this mail because it is about what you take part in, or asked for in your account."),
    Audience.ACCOUNT: _(
        "You get this mail because your address was typed on our site. If it was not by you, do nothing: "
        "without the link nothing happens, and there will be no more mail."
    ),
}

DEADLINES = {"offered": _("Answer by"), "pending": _("Decision by"), "confirmed": _("Check in by")}

SCOPES = {"pool": _("any pool"), "dataset": _("any dataset")}

_OF_NOUNS = (
    bookings,
    series,
    teams,
    waitlist,
    docking,
    outcomes,
    attestations,
    datasets,
    scenarios,
    activities,
    settlements,
    accounts,
)
LINKS = {event: link for noun in _OF_NOUNS for event, link in noun.LINKS.items()}
"""By event: the page that the link leads to, the place in its address, if any, and what of the notice fills it."""


def wording(event: str, audience: Audience) -> Wording:
    """The words for one reader of an event; KeyError where nobody has thought of them."""
    return BY_AUDIENCE[audience][event]


def subject_of(event: str) -> str:
    """The subject of an event, for who reads it first."""
    words = (MEMBERS, OWNERS, SCENARIO_OWNERS, REVIEWERS, PERSONS)
    return next(each[event].subject for each in words if event in each)
