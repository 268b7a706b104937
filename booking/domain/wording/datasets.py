"""What notices of permits for datasets and of their terms say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_PERMITS = _("Open the permits")
_TERMS = _("Open the terms")

MEMBERS = {
    "permit_granted": Wording(
        _("%(team)s may use “%(scenario)s”"),
        _("%(team)s has a permit for “%(scenario)s” until %(until)s."),
        _("Windows of it that end by then can be booked; its terms, where it has any, are to be accepted before."),
        _PERMITS,
    ),
    "permit_declined": Wording(
        _("%(team)s gets no permit for “%(scenario)s”"),
        _("The wish of %(team)s for a permit for “%(scenario)s” was declined."),
        _("If you can answer the reason, ask again."),
        _PERMITS,
    ),
    "permit_withdrawn": Wording(
        _("The permit of %(team)s for “%(scenario)s” was withdrawn"),
        _("%(team)s may use “%(scenario)s” no more: access has ended at once, and bookings that rest on it end too."),
        _("Fetch nothing more of it. If you think that this is wrong, ask its stewards."),
        _PERMITS,
    ),
    "permit_expired": Wording(
        _("The permit of %(team)s for “%(scenario)s” has ended"),
        _("%(team)s was permitted to use “%(scenario)s” until %(until)s, and may do so no more."),
        _("Ask for another permit if you need it."),
        _PERMITS,
    ),
    "terms_published": Wording(
        _("New terms of “%(scenario)s”"),
        _("The new terms of “%(scenario)s” count for windows that begin from %(until)s on."),
        _("Read and accept them by then: who has not can book no such window, and fetch nothing in it."),
        _TERMS,
    ),
    "terms_urgent": Wording(
        _("New terms of “%(scenario)s” that count at once"),
        _("The new terms of “%(scenario)s” count from %(until)s on, in windows that run as well."),
        _("Read and accept them by then: who has not can fetch nothing more, though a window is open."),
        _TERMS,
    ),
}

OWNERS = {
    "permit_asked": Wording(
        _("%(team)s asks for a permit for “%(scenario)s”"),
        _("%(team)s would like to use “%(scenario)s” and says for what."),
        _("Grant or decline it."),
        _PERMITS,
    ),
}

LINKS = dict.fromkeys((*MEMBERS, *OWNERS), ("permits.index", "", "")) | dict.fromkeys(
    ("terms_published", "terms_urgent"), ("terms.show", "slug", "about")
)
