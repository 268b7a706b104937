"""What notices of outcomes say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_REPORT = _("Open the report")

MEMBERS = {
    "outcome_asked": Wording(
        _("What came of a booking of %(team)s?"),
        _("A booking of %(team)s for the scenario “%(scenario)s” is over."),
        _("Report in a few words what came of it. Once reviewed, your report is published as a case."),
        _("Write the report"),
    ),
    "outcome_returned": Wording(
        _("Report %(number)s of %(team)s has come back"),
        _("Who reviews report %(number)s of %(team)s has a question."),
        _("Answer it in the report, and submit it again."),
        _REPORT,
    ),
    "outcome_published": Wording(
        _("Report %(number)s of %(team)s is published as a case"),
        _("The report of %(team)s now stands on the pages of its scenario and its facilities."),
        _("There is nothing to do."),
        _("Open the case"),
    ),
    "outcome_declined": Wording(
        _("Report %(number)s of %(team)s is not published"),
        _("Who reviews report %(number)s of %(team)s has decided not to publish it."),
        _("Ask the reviewers if the reason leaves a question."),
        _REPORT,
    ),
}

REVIEWERS = {
    "outcome_submitted": Wording(
        _("%(team)s reports what came of its booking"),
        _("%(team)s has submitted report %(number)s for the scenario “%(scenario)s”."),
        _("Publish it, return it with a question, or decline it."),
        _REPORT,
    ),
}

LINKS = dict.fromkeys((*MEMBERS, *REVIEWERS), ("outcomes.show", "outcome_id", "about"))
