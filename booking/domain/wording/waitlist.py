"""What notices of the wait list say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_ENTRY = _("Open the wait-list entry")

MEMBERS = {
    "waitlist_expired": Wording(
        _("%(team)s waits for entry %(number)s of the wait list no longer"),
        _("Entry %(number)s of the wait list has ended without an offer for %(team)s."),
        _("If you still need it, join again there with another time, fewer units or another pool."),
        _ENTRY,
    ),
}

LINKS = dict.fromkeys(MEMBERS, ("waitlist.show", "entry_id", "about"))
