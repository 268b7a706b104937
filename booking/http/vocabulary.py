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
    "make a counter-offer": _("make a counter-offer"),
    "release": _("release"),
    "revoke": _("revoke"),
    "start": _("start"),
    "prioritise": _("prioritise"),
    "propose": _("propose"),
    "withdraw": _("withdraw"),
    # classes on the wait list
    "high": _("high"),
    "normal": _("normal"),
    "low": _("low"),
    # what is done with a resource
    "publish": _("publish"),
    "retire": _("retire"),
    # what is done with a report, with an entry of a scenario list, and with an application
    "submit": _("submit"),
    "return": _("return"),
    "answer": _("answer"),
    "vote": _("vote"),
    "close": _("close"),
    # what is done with a permit
    "grant": _("grant"),
    # periods of a cap
    "week": _("week"),
    "month": _("month"),
    # organisations
    "enterprise": _("enterprise"),
    "university": _("university"),
    "institute": _("institute"),
    "government": _("government"),
    "intermediary": _("intermediary"),
    # how datasets are reached
    "open": _("open access"),
    "gateway": _("gateway"),
    "onsite": _("on site"),
    # how a pool is opened
    "free": _("free of charge"),
    "paid": _("at its rate"),
    "voucher": _("with a voucher"),
    # categories of scenarios
    "economy": _("economy"),
    "society": _("society"),
    "research": _("research"),
    "events": _("major events and projects"),
    # activities
    "contest": _("contest"),
    "roadshow": _("road show"),
    "matchmaking": _("matchmaking day"),
    "demonstration": _("demonstration"),
    "training": _("training"),
}


def word(text: str) -> str:
    """The word in the reader's language; one that is not known here is looked up like a message."""
    return str(WORDS[text]) if text in WORDS else str(gettext(text))
