"""What the clock gives as its reasons; they stand here so that the catalogues of translations have them."""

from booking.domain.wording.letters import _

REASONS = (
    _("the window began"),
    _("the window ended"),
    _("nobody answered in time"),
    _("nobody checked in"),
    _("a job began"),
    _("checked in"),
    _("displaced"),
    _("displaced, and still without room at its start"),
    _("fewer seats"),
    _("capacity ends early"),
    _("the team's approval ended"),
    _("the permit for the dataset ended"),
    _("the training was taken back"),
    _("the dataset was withdrawn"),
    _("the first download"),
    _("the team has been suspended for a day"),
    _("the grant has ended"),
    _("from the wait list"),
    _("no window was free in time"),
    _("nobody proposed a window in time"),
    _("from the docking board"),
    _("the team has lost its standing"),
    _("the booking ended"),
    _("the booking was changed"),
    _("another change was asked for"),
    _("approved in part"),
    _("too few departments agreed in time"),
)
