"""What notices of teams and of their grants say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_TEAM = _("Open the team")

MEMBERS = {
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
    "team_returned": Wording(
        _("%(team)s came back with questions"),
        _("The reviewers have questions about the application of %(team)s for the scenario “%(scenario)s”."),
        _("Answer them on the team's page; that is to apply again."),
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
}

REVIEWERS = {
    "team_applied": Wording(
        _("%(team)s asks to be approved"),
        _("%(team)s has asked to be approved for the scenario “%(scenario)s”."),
        _("Approve or decline the application."),
        _TEAM,
    ),
}

LINKS = dict.fromkeys(MEMBERS, ("teams.show", "team_id", "team_slug"))
