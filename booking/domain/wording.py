"""What notices say, by event and by who reads them; the places stand for the words of one notice.

These are English message ids: letters and pages say them in their reader's language.
"""

from typing import NamedTuple

from booking.domain.notices import Audience


def _(message: str) -> str:
    """Marks a message for the catalogues of translations."""
    return message


class Wording(NamedTuple):
    """One kind of letter: its subject, what happened, what the reader can do, and what the link is called."""

    subject: str
    happened: str
    next_step: str
    link: str


_BOOKING = _("Open the booking")
_SERIES = _("Open the series")
_TEAM = _("Open the team")
_ENTRY = _("Open the wait-list entry")
_BOARD = _("Open the docking board")

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
    "team_applied": Wording(
        _("%(team)s has applied"),
        _("%(team)s has asked to be approved for the scenario “%(scenario)s”."),
        _("There is nothing to do now: you will hear of the decision."),
        _TEAM,
    ),
    "team_approved": Wording(
        _("%(team)s is approved"),
        _("%(team)s is approved for the scenario “%(scenario)s” until %(until)s."),
        _("It can book from now on, as far as its grants reach."),
        _TEAM,
    ),
    "team_declined": Wording(
        _("%(team)s was not approved"),
        _("The application of %(team)s for the scenario “%(scenario)s” was declined."),
        _("If you can answer the reason, apply again."),
        _TEAM,
    ),
    "team_suspended": Wording(
        _("%(team)s is suspended"),
        _("%(team)s has lost access at once. Its bookings are revoked unless the suspension is lifted within a day."),
        _("If you think that this is wrong, answer the reason to the reviewers now."),
        _TEAM,
    ),
    "team_ending": Wording(
        _("The approval of %(team)s ends soon"),
        _("%(team)s is approved for the scenario “%(scenario)s” until %(until)s. No booking goes beyond that."),
        _("Ask the reviewers for more time if you need it."),
        _TEAM,
    ),
    "team_expired": Wording(
        _("The approval of %(team)s has ended"),
        _("%(team)s was approved for the scenario “%(scenario)s” until %(until)s. It can book no more."),
        _("Ask the reviewers for more time if you need it."),
        _TEAM,
    ),
    "grant_ending": Wording(
        _("A grant of %(team)s ends soon"),
        _("What is left of this grant of %(team)s can be used until its end, and no longer."),
        _("Book what you need before, or ask who gave it for more time."),
        _TEAM,
    ),
    "grant_expired": Wording(
        _("A grant of %(team)s has ended"),
        _("This grant of %(team)s has ended; what was left of it is gone."),
        _("Ask who gave it for another one if you need it."),
        _TEAM,
    ),
    "waitlist_expired": Wording(
        _("%(team)s waits for entry %(number)s of the wait list no longer"),
        _("Entry %(number)s of the wait list has ended without an offer for %(team)s."),
        _("If you still need it, join again there with another time, fewer units or another pool."),
        _ENTRY,
    ),
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

OWNERS = {
    "series_booked": Wording(
        _("%(team)s asks for your approval: series %(number)s"),
        _("%(team)s has asked for the bookings of series %(number)s, which claim what you look after."),
        _("Approve or decline those that wait for you; without an answer in time they lapse."),
        _SERIES,
    ),
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

REVIEWERS = {
    "team_applied": Wording(
        _("%(team)s asks to be approved"),
        _("%(team)s has asked to be approved for the scenario “%(scenario)s”."),
        _("Approve or decline the application."),
        _TEAM,
    ),
}

ACCOUNTS = {
    "confirm_email": Wording(
        _("Confirm your e-mail address"),
        _("An account was made with this e-mail address."),
        _("Confirm that the address is yours, and you can sign in."),
        _("Confirm the address"),
    ),
    "reset_password": Wording(
        _("Choose a new password"),
        _("Somebody asked for a new password for the account with this e-mail address."),
        _("Choose a new one. Until you do, the old one stays."),
        _("Choose a new password"),
    ),
}

PERSONS = {
    "digest": Wording(
        _("What happened in the last day"),
        _("This is what happened since your last summary."),
        _("Each of them has a page; all of them stand in your notices."),
        _("Open your notices"),
    ),
    "mail_test": Wording(
        _("A test of the mail"),
        _("You asked for this mail to see whether mail arrives. It does."),
        _("There is nothing to do."),
        _("Open your account"),
    ),
}

BY_AUDIENCE = {
    Audience.MEMBER: MEMBERS,
    Audience.OWNER: OWNERS,
    Audience.REVIEWER: REVIEWERS,
    Audience.ACCOUNT: ACCOUNTS,
    Audience.PERSON: PERSONS,
}

TELLS = tuple(dict.fromkeys((*MEMBERS, *OWNERS, *REVIEWERS)))
"""The events of which each person chooses how to hear."""

WHY = {
    Audience.MEMBER: _("You get this mail because you are in the team %(team)s."),
    Audience.OWNER: _("You get this mail because you look after what this booking claims."),
    Audience.REVIEWER: _("You get this mail because you decide on applications."),
    Audience.PERSON: _("You get this mail because you asked for it in your account."),
    Audience.ACCOUNT: _(
        "You get this mail because your address was typed on our site. If it was not by you, do nothing: "
        "without the link nothing happens, and there will be no more mail."
    ),
}

DEADLINES = {"offered": _("Answer by"), "pending": _("Decision by"), "confirmed": _("Check in by")}

SCOPES = {"pool": _("any pool"), "dataset": _("any dataset")}

# What the clock gives as its reasons; they stand here so that the catalogues of translations have them.
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
)

# By event: the page that the link leads to, the place in its address, if any, and what of the notice fills it.
LINKS = (
    dict.fromkeys(MEMBERS, ("bookings.show", "booking_id", "about"))
    | {event: ("teams.show", "team_id", "team_slug") for event in MEMBERS if event.startswith("team_")}
    | {event: ("teams.show", "team_id", "team_slug") for event in MEMBERS if event.startswith("grant_")}
    | {event: ("waitlist.show", "entry_id", "about") for event in MEMBERS if event.startswith("waitlist_")}
    | {event: ("series.show", "series_id", "about") for event in MEMBERS if event.startswith("series_")}
    | {"demand_expired": ("docking.show", "demand_id", "about"), "directed_offer": ("docking.index", "", "")}
    | {"displaced": ("displacements.of_booking", "booking_id", "about")}
    | {"confirm_email": ("users.confirm", "token", "link_token")}
    | {"reset_password": ("users.reset", "token", "link_token")}
    | {"digest": ("notices.index", "", ""), "mail_test": ("users.account", "", "")}
)


def wording(event: str, audience: Audience) -> Wording:
    """The words for one reader of an event; KeyError where nobody has thought of them."""
    return BY_AUDIENCE[audience][event]


def subject_of(event: str) -> str:
    """The subject of an event, for who reads it first."""
    return next(words[event].subject for words in (MEMBERS, OWNERS, REVIEWERS) if event in words)
