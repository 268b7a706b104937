"""What notices of entries of scenario lists say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_SCENARIO = _("Open the entry")

SCENARIO_OWNERS = {
    "entry_submitted": Wording(
        _("“%(scenario)s” was handed in"),
        _("The entry “%(scenario)s” of a scenario list waits for its reviewers."),
        _("There is nothing to do now: you will hear of the decision."),
        _SCENARIO,
    ),
    "entry_returned": Wording(
        _("“%(scenario)s” came back with questions"),
        _("The reviewers have questions about the entry “%(scenario)s” of a scenario list."),
        _("Answer them in the entry, and hand it in again before the list closes."),
        _SCENARIO,
    ),
    "entry_declined": Wording(
        _("“%(scenario)s” was not accepted"),
        _("The entry “%(scenario)s” of a scenario list was declined."),
        _("If you can answer the reason, write an entry of the next list."),
        _SCENARIO,
    ),
    "entry_accepted": Wording(
        _("“%(scenario)s” is accepted"),
        _("The entry “%(scenario)s” is accepted, and published when its list is."),
        _("There is nothing to do: you will hear when it is published."),
        _SCENARIO,
    ),
    "entry_published": Wording(
        _("“%(scenario)s” is published"),
        _("Everybody can read the entry “%(scenario)s” now, and teams can apply for it."),
        _("If it has to say something else, change it; what it said before stays to be read."),
        _SCENARIO,
    ),
    "entry_closed": Wording(
        _("“%(scenario)s” takes no more applications"),
        _("The list of the entry “%(scenario)s” has closed. It can still be read."),
        _("If you look for more teams, go on with it in the next list."),
        _SCENARIO,
    ),
}

REVIEWERS = {
    "entry_submitted": Wording(
        _("“%(scenario)s” waits for reviewers"),
        _("The entry “%(scenario)s” of a scenario list was handed in."),
        _("Accept it, return it with questions, or decline it."),
        _SCENARIO,
    ),
}

LINKS = dict.fromkeys(SCENARIO_OWNERS, ("catalogue.scenario", "slug", "about"))
