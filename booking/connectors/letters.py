"""Letters: a notice in the words of its reader's language, as a message with a plain and a styled part."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime as format_date_header
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency
from flask import current_app
from flask_babel import force_locale, get_locale, gettext, ngettext
from werkzeug.routing import BuildError

from booking.domain.amounts import hours_text
from booking.domain.notices import Letter, Line, Notice, Part
from booking.domain.outbox import Permanent
from booking.domain.stop_links import is_stoppable, stop_token
from booking.domain.windows import Window
from booking.domain.wording import DEADLINES, LINKS, SCOPES, WHY, wording

LANGUAGES = ("en", "zh")
DAY_AND_TIME = "EEE yyyy-MM-dd HH:mm"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all letters share: who sends them, the site that they link to, the language of unknown readers."""

    sender: str
    site: str
    language: str
    # Signs the links by which mail is stopped; where there is none, letters have no such link.
    secret: str = ""

    @property
    def address(self) -> str:
        """The sender without a name."""
        return parseaddr(self.sender)[1]

    @property
    def host(self) -> str:
        """The name under which the site is known."""
        return urlsplit(self.site).hostname or "localhost"


def write(letter: Letter, head: Letterhead) -> EmailMessage:
    """The message of a letter, the same one at every attempt; Permanent where its address cannot be one."""
    with force_locale(_language(letter, head)):
        parts = _parts(letter, head)
        message = EmailMessage(policy=policy.SMTP)
        _address(message, letter, head)
        message["Subject"] = parts["subject"]
        if parts["stop"]:
            message["List-Unsubscribe"] = f"<{parts['stop']}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        message.set_content(_fill("mail/letter.txt", parts))
        message.add_alternative(_fill("mail/letter.html", parts), subtype="html")
        message["Content-Language"] = parts["language"]
    return message


def _language(letter: Letter, head: Letterhead) -> str:
    return letter.reader.language if letter.reader.language in LANGUAGES else head.language


def _address(message: EmailMessage, letter: Letter, head: Letterhead) -> None:
    """Envelope and identity; all letters of one subject belong to one thread."""
    domain = head.address.rpartition("@")[2] or "localhost"
    message["From"] = head.sender
    message["To"] = _checked(letter.reader.address)
    message["Date"] = format_date_header(letter.written_at)
    message["Message-ID"] = f"<{letter.stable_id}@{domain}>"
    message["References"] = f"<{letter.thread.replace(':', '.')}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"


def _checked(address: str) -> str:
    """The address, where it is one and no more than one: a header would take anything."""
    try:
        header: Any = HeaderRegistry()("To", address)
        found = [one.addr_spec for one in header.addresses if one.domain]
    except ValueError:
        found = []
    if found != [address]:
        raise Permanent(f"{address!r} is no address")
    return address


def _parts(letter: Letter, head: Letterhead) -> dict[str, Any]:
    """Everything the templates fill in, in words."""
    notice, audience = letter.notice, letter.reader.audience
    said = wording(notice.event, audience)
    words = _words(notice)
    return {
        "language": str(get_locale()),
        "subject": _said(said.subject, words),
        "reader": _one_line(letter.reader.name),
        "happened": _said(said.happened, words),
        "facts": list(_facts(notice)),
        "items": [_item(part, head) for part in letter.parts],
        "more": letter.more,
        "next_step": _said(said.next_step, words),
        "choices": list(_choices(notice, head)),
        "link_text": _said(said.link, words),
        "link": _link(notice, head),
        "why": _said(WHY[audience], words),
        "stop": _stop_link(letter, head),
        "choose": _address_of(head, "notices.preferences", {}),
        "site": head.site,
    }


def _said(message: str, words: dict[str, str]) -> str:
    return str(gettext(message)) % words


def _item(part: Part, head: Letterhead) -> dict[str, Any]:
    """One notice of a summary: what happened, to what, and where more of it stands."""
    said, words = wording(part.notice.event, part.audience), _words(part.notice)
    return {
        "subject": _said(said.subject, words),
        "happened": _said(said.happened, words),
        "facts": list(_facts(part.notice)),
        "link": _link(part.notice, head),
    }


def _stop_link(letter: Letter, head: Letterhead) -> str:
    """Where one press stops mail of this kind; empty for mail that somebody has just asked for."""
    reader, event = letter.reader, letter.notice.event
    if not (head.secret and reader.user_id and is_stoppable(event)):
        return ""
    return _address_of(head, "notices.stop", {"token": stop_token(reader.user_id, event, head.secret)})


def _words(notice: Notice) -> dict[str, str]:
    """What the places of a sentence are filled with."""
    return {
        "number": notice.about,
        "team": _one_line(notice.team),
        "scenario": _one_line(notice.scenario),
        "until": _instant_text(notice.deadline, notice.timezone) if notice.deadline else "",
        "amount": _money(notice.cents) if notice.cents is not None else "",
    }


def _facts(notice: Notice) -> Iterator[tuple[str, str]]:
    if notice.lines:
        yield str(gettext("Claims")), "; ".join(_claim_text(line) for line in notice.lines)
    if notice.scope:
        yield str(gettext("Grant for")), _scope_text(notice.scope)
    if notice.left_unit_seconds is not None:
        yield str(gettext("Left unused")), str(gettext("%(hours)s h", hours=hours_text(notice.left_unit_seconds)))
    if notice.bookings:
        yield str(gettext("Bookings")), str(notice.bookings)
    if notice.window:
        yield (
            str(gettext("From the first to the last") if notice.bookings else gettext("Window")),
            _window_text(notice.window, notice.timezone),
        )
    if notice.deadline and notice.state in DEADLINES:
        yield str(gettext(DEADLINES[notice.state])), _instant_text(notice.deadline, notice.timezone)
    if reason := _one_line(notice.reason):
        yield str(gettext("Reason")), str(gettext(reason))  # reasons of our own have a translation


def _scope_text(scope: str) -> str:
    return str(gettext(SCOPES[scope])) if scope in SCOPES else _one_line(scope)


def _choices(notice: Notice, head: Letterhead) -> Iterator[tuple[str, str]]:
    """What the reader can do with one click, each with the address of the page that does it."""
    link = _link(notice, head)
    for choice in notice.choices:
        if choice.window is not None:
            text = gettext("Move it to %(window)s", window=_window_text(choice.window, notice.timezone))
            yield str(text), f"{link}?move={choice.window.start:%Y-%m-%dT%H:%M:%SZ}"
        elif choice.units is not None:
            yield str(gettext("Reduce it to %(units)s", units=choice.units)), f"{link}?reduce={choice.units}"
        else:
            yield str(gettext("Cancel it, at no price")), f"{link}?cancel=1"


def _claim_text(line: Line) -> str:
    if line.kind == "dataset":
        units = ngettext("%(num)d seat", "%(num)d seats", line.units)
    else:
        units = ngettext("%(num)d GPU", "%(num)d GPUs", line.units)
    return str(gettext("%(units)s of %(resource)s", units=units, resource=_one_line(line.resource)))


def _window_text(window: Window, zone: str) -> str:
    """Both ends in one zone that is named, with the distance to UTC: twice where a change of clocks lies between."""
    start, end = window.start.astimezone(ZoneInfo(zone)), window.end.astimezone(ZoneInfo(zone))
    end_form = "HH:mm" if start.date() == end.date() else DAY_AND_TIME
    if start.utcoffset() == end.utcoffset():
        return f"{_local(start, DAY_AND_TIME)} – {_local(end, end_form)} ({zone}, {_offset(start)})"
    first, last = _local(start, DAY_AND_TIME), _local(end, end_form)
    return f"{first} ({_offset(start)}) – {last} ({_offset(end)}), {zone}"


def _instant_text(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_local(local, DAY_AND_TIME)} ({zone}, {_offset(local)})"


def _money(cents: int) -> str:
    return str(format_currency(Decimal(cents) / 100, current_app.config["CURRENCY"], locale=get_locale()))


def _local(local: datetime, form: str) -> str:
    return format_datetime(local, form, tzinfo=local.tzinfo, locale=get_locale())


def _offset(local: datetime) -> str:
    return _local(local, "'UTC'xxx")


def _link(notice: Notice, head: Letterhead) -> str:
    """The address of the page where the reader sees or does something about it."""
    endpoint, place, attribute = LINKS[notice.event]
    return _address_of(head, endpoint, {place: getattr(notice, attribute)} if place else {})


def _address_of(head: Letterhead, endpoint: str, values: dict[str, Any]) -> str:
    site = urlsplit(head.site)
    routes = current_app.url_map.bind(site.netloc, script_name=site.path or "/", url_scheme=site.scheme)
    try:
        return routes.build(endpoint, values, force_external=True)
    except BuildError:
        return head.site  # no such page is served here; the letter says enough to find the way from the first one


def _fill(template: str, parts: dict[str, Any]) -> str:
    """The filled template, without what pages know about who asks: nobody does."""
    return current_app.jinja_env.get_template(template).render(parts)


def _one_line(text: str) -> str:
    """Names and reasons are what people typed; in headers and sentences they are one line."""
    return " ".join(text.split())
