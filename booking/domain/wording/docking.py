"""What notices of the docking board say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_BOARD = _("Open the docking board")

MEMBERS = {
    "demand_expired": Wording(
        _("Demand %(number)s of %(team)s has ended"),
        _("Nobody proposed a window for demand %(number)s of %(team)s in time."),
        _("If you still need it, look for it again there with another time, fewer units or another model."),
        _("Open the demand"),
    ),
    "directed_offer": Wording(
        _("An operator offers capacity to %(team)s"),
        _("There is an offer for %(team)s on the docking board; it holds nothing until you book."),
        _("Book what you need of it while it stands."),
        _BOARD,
    ),
}

LINKS = {
    "demand_expired": ("docking.show", "demand_id", "about"),
    "directed_offer": ("docking.index", "", ""),
}
