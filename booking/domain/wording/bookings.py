"""What notices of bookings say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_BOOKING = _("Open the booking")

MEMBERS = {
    "offered": Wording(
        _("Booking %(number)s is offered to %(team)s"),
        _("A window is held for %(team)s and waits for your answer."),
        _("Accept it in time; otherwise it lapses and its units go to others."),
        _BOOKING,
    ),
    "offer_lapsed": Wording(
        _("The offer of booking %(number)s has lapsed"),
        _("Nobody of %(team)s answered in time, so booking %(number)s has lapsed and its units go to others."),
        _("It has cost nothing. If you still need it, join the wait list again or ask for another window."),
        _BOOKING,
    ),
    "taken": Wording(
        _("Booking %(number)s was made for you from the wait list"),
        _("It was the turn of %(team)s, and booking %(number)s is confirmed without asking, as you wished."),
        _("Look at it, and tell your team. Cancel it if you need it no longer."),
        _BOOKING,
    ),
    "pending": Wording(
        _("Booking %(number)s waits for approval"),
        _("%(team)s has asked for booking %(number)s. The owner of what it claims has to approve it."),
        _("There is nothing to do now: you will hear of the decision."),
        _BOOKING,
    ),
    "confirmed": Wording(
        _("Booking %(number)s is confirmed"),
        _("Booking %(number)s of %(team)s is confirmed."),
        _("Its page says how to use what you have booked. Check in there if a time for it is given above."),
        _BOOKING,
    ),
    "active": Wording(
        _("Booking %(number)s has begun"),
        _("Booking %(number)s of %(team)s is running."),
        _("Its page says how to use it. Finish it there when you need it no longer, so that others can have the rest."),
        _BOOKING,
    ),
    "completed": Wording(
        _("Booking %(number)s has ended"),
        _("Booking %(number)s of %(team)s is over."),
        _("Its page says what it cost. If you need more, ask for another window."),
        _BOOKING,
    ),
    "cancelled": Wording(
        _("Booking %(number)s was cancelled"),
        _("Booking %(number)s of %(team)s was cancelled; its units are free for others."),
        _("If you still need them, ask for another window."),
        _BOOKING,
    ),
    "declined": Wording(
        _("Booking %(number)s was declined"),
        _("The request of %(team)s for booking %(number)s was declined. It has cost nothing."),
        _("Look for another window, or ask the owner what would be possible."),
        _BOOKING,
    ),
    "expired": Wording(
        _("Booking %(number)s has lapsed"),
        _("Nobody answered in time, so booking %(number)s of %(team)s has lapsed. It has cost nothing."),
        _("If you still need it, ask again."),
        _BOOKING,
    ),
    "no_show": Wording(
        _("Booking %(number)s was released: nobody checked in"),
        _("Nobody of %(team)s checked in to booking %(number)s in time, so its units were given back."),
        _("Its page says what it cost. If you still need the rest, ask for another window."),
        _BOOKING,
    ),
    "revoked": Wording(
        _("Booking %(number)s was revoked"),
        _("Booking %(number)s of %(team)s was taken back. Only what was used of it is charged."),
        _("Look for another window; the owner can tell you more."),
        _BOOKING,
    ),
    "changed": Wording(
        _("Booking %(number)s was changed"),
        _("Booking %(number)s of %(team)s was changed. Below is how it stands now."),
        _("Look at it, and tell your team."),
        _BOOKING,
    ),
    "displaced": Wording(
        _("Booking %(number)s has lost its place"),
        _("What booking %(number)s of %(team)s claims is no longer offered throughout its window."),
        _("Choose what becomes of it, at no price; else its owner does. One that has no room at its start is revoked."),
        _("See what is possible"),
    ),
    "change_requested": Wording(
        _("More is asked for booking %(number)s"),
        _("%(team)s asks for more than booking %(number)s has. The owner has to approve it."),
        _("There is nothing to do now: you will hear of the decision, and the booking stays as it is until then."),
        _BOOKING,
    ),
    "change_declined": Wording(
        _("The change of booking %(number)s was declined"),
        _("What %(team)s asked for besides was declined. Booking %(number)s stays as it was, and it has cost nothing."),
        _("Ask for less, or book the addition apart."),
        _BOOKING,
    ),
    "change_expired": Wording(
        _("The change of booking %(number)s has lapsed"),
        _("Nobody answered in time what %(team)s asked for besides. Booking %(number)s stays as it was."),
        _("If you still need it, ask again."),
        _BOOKING,
    ),
    "change_withdrawn": Wording(
        _("The change of booking %(number)s was withdrawn"),
        _("%(team)s asks for no more than it has: booking %(number)s stays as it was."),
        _("There is nothing to do."),
        _BOOKING,
    ),
    "restored": Wording(
        _("Booking %(number)s has its place again"),
        _("What booking %(number)s of %(team)s claims is offered again throughout its window."),
        _("There is nothing to do."),
        _BOOKING,
    ),
    "checked_in": Wording(
        _("Your team has checked in to booking %(number)s"),
        _("Somebody of %(team)s has checked in to booking %(number)s. It will be running from its start."),
        _("Its page says how to use it."),
        _BOOKING,
    ),
    "refunded": Wording(
        _("A part of booking %(number)s was refunded"),
        _("The owner has given back some of what booking %(number)s of %(team)s cost."),
        _("The balance of your team says how much is left now."),
        _BOOKING,
    ),
    "reminder": Wording(
        _("Booking %(number)s begins soon"),
        _("Booking %(number)s of %(team)s begins soon."),
        _("Cancel it if you need it no longer. Check in on its page if a time for it is given above."),
        _BOOKING,
    ),
    "deadline_moved": Wording(
        _("You have more time for booking %(number)s"),
        _("This site was down when something about booking %(number)s of %(team)s was due. The time was added again."),
        _("Do it before the new time that is given above."),
        _BOOKING,
    ),
}

OWNERS = {
    "change_requested": Wording(
        _("%(team)s asks for more: booking %(number)s"),
        _("%(team)s has booking %(number)s and asks for more of what you look after."),
        _("Approve or decline it; without an answer in time it lapses, and the booking stays as it is."),
        _BOOKING,
    ),
    "pending": Wording(
        _("%(team)s asks for your approval: booking %(number)s"),
        _("%(team)s has asked for booking %(number)s, which claims what you look after."),
        _("Approve or decline it; without an answer in time it lapses."),
        _BOOKING,
    ),
    "displaced": Wording(
        _("Booking %(number)s of %(team)s has lost its place"),
        _("A change of capacity leaves no room for booking %(number)s of %(team)s."),
        _("Move, reduce or revoke it, or make room again; if it still does not fit when it begins, it is revoked."),
        _("See what is possible"),
    ),
}

LINKS = dict.fromkeys(MEMBERS, ("bookings.show", "booking_id", "about")) | {
    "displaced": ("displacements.of_booking", "booking_id", "about")
}
