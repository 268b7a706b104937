"""What notices of series say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_SERIES = _("Open the series")

MEMBERS = {
    "series_booked": Wording(
        _("Series %(number)s is booked for %(team)s"),
        _("All bookings of series %(number)s of %(team)s have been made together."),
        _("Its page lists them, says which wait for approval, and how to change or cancel some or all."),
        _SERIES,
    ),
    "series_changed": Wording(
        _("Series %(number)s was changed"),
        _("Bookings of series %(number)s of %(team)s were changed together."),
        _("Look at them, and tell your team."),
        _SERIES,
    ),
    "series_cancelled": Wording(
        _("Bookings of series %(number)s were cancelled"),
        _("Bookings of series %(number)s of %(team)s were cancelled together; their units are free for others."),
        _("If you still need them, ask for other windows."),
        _SERIES,
    ),
}

OWNERS = {
    "series_booked": Wording(
        _("%(team)s asks for your approval: series %(number)s"),
        _("%(team)s has asked for the bookings of series %(number)s, which claim what you look after."),
        _("Approve or decline those that wait for you; without an answer in time they lapse."),
        _SERIES,
    ),
}

LINKS = dict.fromkeys(MEMBERS, ("series.show", "series_id", "about"))
