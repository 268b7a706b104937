"""What notices of rates and settlements say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_SETTLEMENTS = _("Open the settlements")

MEMBERS = {
    "rate_set": Wording(
        _("%(scenario)s costs %(amount)s an hour from %(until)s on"),
        _("From %(until)s on, a charged hour of %(scenario)s costs %(amount)s."),
        _("What is booked before then stays at the rate that stood when it was booked."),
        _SETTLEMENTS,
    ),
    "month_closed": Wording(
        _("%(number)s is settled"),
        _("The month %(number)s is closed: what your team was charged, what funders pay of it and what is left to it."),
        _("Look at your lines. They do not change any more: what comes late is in the month that is open now."),
        _SETTLEMENTS,
    ),
}

SETTLED = {
    "rate_set": Wording(
        _("%(scenario)s costs %(amount)s an hour from %(until)s on"),
        _("From %(until)s on, a charged hour of %(scenario)s costs %(amount)s. Your vouchers pay for it."),
        _("What is booked before then stays at the rate that stood when it was booked."),
        _SETTLEMENTS,
    ),
    "month_closed": Wording(
        _("%(number)s is settled"),
        _("The month %(number)s is closed: what teams were charged, and what your organisation is paid or pays of it."),
        _("Look at your lines. They do not change any more: what comes late is in the month that is open now."),
        _SETTLEMENTS,
    ),
}

LINKS = {
    "rate_set": ("settlements.index", "", ""),
    "month_closed": ("settlements.index", "month", "about"),
}
