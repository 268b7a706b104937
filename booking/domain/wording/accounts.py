"""What is written to accounts and to single persons, and where it leads."""

from booking.domain.wording.letters import Wording, _

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

LINKS = {
    "confirm_email": ("users.confirm", "token", "link_token"),
    "reset_password": ("users.reset", "token", "link_token"),
    "digest": ("notices.index", "", ""),
    "mail_test": ("users.account", "", ""),
}
