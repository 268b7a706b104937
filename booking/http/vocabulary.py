"""Vocabulary: words of the domain that stand inside sentences, in the reader's language."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

WORDS = {
    # what is done with a booking
    "accept": _("accept"),
    "approve": _("approve"),
    "cancel": _("cancel"),
    "change": _("change"),
    "check in": _("check in"),
    "complete": _("complete"),
    "decline": _("decline"),
    "expire": _("expire"),
    "finish": _("finish"),
    "release": _("release"),
    "revoke": _("revoke"),
    "start": _("start"),
    # what is done with a resource
    "publish": _("publish"),
    "retire": _("retire"),
    # periods of a cap
    "week": _("week"),
    "month": _("month"),
    # organisations
    "enterprise": _("enterprise"),
    "university": _("university"),
    "institute": _("institute"),
    "government": _("government"),
    "intermediary": _("intermediary"),
}


def word(text: str) -> str:
    """The word in the reader's language; one that is not known here is looked up like a message."""
    return str(WORDS[text]) if text in WORDS else str(gettext(text))
