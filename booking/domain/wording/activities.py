"""What notices of activities and courses say, and where they lead."""

from booking.domain.wording.letters import Wording, _

PERSONS = {
    "place_given": Wording(
        _("You have a place: %(scenario)s"),
        _("A place of %(scenario)s has become free, and you were the first who waited for one."),
        _("Come, or leave it in time for who waits after you."),
        _("Open the activity"),
    ),
    "activity_cancelled": Wording(
        _("Cancelled: %(scenario)s"),
        _("%(scenario)s will not take place."),
        _("There is nothing to do."),
        _("Open the activity"),
    ),
    "course_completed": Wording(
        _("You have completed %(scenario)s"),
        _("It is noted that you have completed the course %(scenario)s."),
        _("You can now book what asks for it."),
        _("Open the course"),
    ),
    "completion_revoked": Wording(
        _("Taken back: your completion of %(scenario)s"),
        _("That you have completed the course %(scenario)s was taken back."),
        _("If you think that this is wrong, ask the organiser; or complete it at one of the next sessions."),
        _("Open the course"),
    ),
}

LINKS = {
    "place_given": ("catalogue.activity", "slug", "about"),
    "activity_cancelled": ("catalogue.activity", "slug", "about"),
    "course_completed": ("courses.show", "slug", "about"),
    "completion_revoked": ("courses.show", "slug", "about"),
}
