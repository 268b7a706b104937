"""Words: the language of an answer, and the filters through which every instant, amount and reason reads."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from datetime import date as date_of_calendar
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, session
from flask_babel import (
    Babel,
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    gettext,
    ngettext,
)
from markupsafe import Markup

from booking.domain.errors import Problem
from booking.domain.refusals import Refusal
from booking.domain.texts import Sentence
from booking.domain.windows import Window
from booking.http.actor import asking
from booking.http.catalogues import Catalogues
from booking.http.codes import code_name
from booking.http.display import own_zone, scheme
from booking.http.outcomes import outcome
from booking.http.paths import is_api
from booking.http.regions import region_name
from booking.http.roles import role_name
from booking.http.states import state_colour, state_name
from booking.http.tables import labelled
from booking.http.vocabulary import word

LANGUAGES = {"en": "English", "zh": "中文"}
# Numbers of a message with these names are words of ours, so they have a translation too.
WORDS = frozenset({"verb", "what", "kind", "per", "own", "priority"})
LISTS = frozenset({"allowed"})
DAY_AND_TIME = {"en": "d MMM yyyy HH:mm", "zh": "y年M月d日 HH:mm"}
DATE = {"en": "d MMM y", "zh": "y年M月d日"}
MONTH = {"en": "LLLL y", "zh": "y年M月"}
DAY = {"en": "EEE d MMM", "zh": "M月d日 EEE"}
_INSTEAD = re.compile(r"booking (\d+) is offered instead: (.*)", re.DOTALL)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\+00:00)")


def init_app(app: Flask) -> None:
    """Choose the language of each answer, and give templates the filters below."""
    babel = Babel(app, default_locale=app.config["DEFAULT_LANGUAGE"], locale_selector=language)
    babel.domain_instance = Catalogues()
    texts = (say, said, word, state_name, state_colour, role_name, region_name, code_name, outcome)
    for each in (instant, instant_text, span, day, stamp, duration, units, hours, number, money, *texts):
        app.add_template_filter(each)
    app.add_template_filter(shown_zone)
    app.add_template_filter(clock_time)
    app.add_template_filter(date)
    app.add_template_filter(month)
    app.add_template_filter(recorded)
    app.add_template_filter(labelled)
    app.context_processor(_choices)


def language() -> str:
    """The person's language, else the session's, else the one the browser likes best among ours."""
    if not request:
        return str(current_app.config["DEFAULT_LANGUAGE"])
    if "language" not in g:
        g.language = _chosen() or _preferred()
    return str(g.language)


def read_in(zone: str) -> None:
    """Let this page show its instants, those in reasons too, in `zone` where nothing else is said."""
    g.zone = zone


def instant(value: datetime, zone: str = "", named: bool = True) -> Markup:
    """An instant as a person in `zone` reads it, and the offset where a clock shows it twice.

    The zone is the page's where none is given, which is UTC unless the page says `read_in`. It is named, except where
    the heading of a column has named it already.
    """
    return _marked(value, instant_text(value, zone, named))


def instant_text(value: datetime, zone: str = "", named: bool = True) -> str:
    """The same without markup: for options, titles and sentences."""
    zone = shown_zone(zone)
    local = value.astimezone(ZoneInfo(zone))
    said = [zone] * named + [f"{local:UTC%z}"] * _is_ambiguous(local)
    text = str(format_datetime(local, DAY_AND_TIME[get_locale().language], rebase=False))
    return f"{text} ({', '.join(said)})" if said else text


def span(window: Window, zone: str = "", named: bool = True) -> Markup:
    """A window as a person in `zone` reads it: its day once where it ends on the day it begins."""
    zone = shown_zone(zone)
    start, end = (edge.astimezone(ZoneInfo(zone)) for edge in (window.start, window.end))
    if start.date() != end.date() or _is_ambiguous(start) or _is_ambiguous(end):
        return Markup("{} – {}").format(instant(window.start, zone, False), instant(window.end, zone, named))
    until = format_datetime(end, "HH:mm", rebase=False) + (f" ({zone})" if named else "")
    return Markup("{} – {}").format(instant(window.start, zone, False), _marked(window.end, until))


def day(value: datetime, zone: str = "") -> str:
    """The day that a calendar in `zone` shows at an instant, with its weekday."""
    local = value.astimezone(ZoneInfo(shown_zone(zone)))
    return str(format_datetime(local, DAY[get_locale().language], rebase=False))


def date(value: date_of_calendar | str) -> str:
    """A day of a calendar, which no clock has moved; as text it is one such as 2026-03-02."""
    known = date_of_calendar.fromisoformat(value) if isinstance(value, str) else value
    return str(format_date(known, DATE[get_locale().language]))


def month(name: str) -> str:
    """A month by its name such as 2026-03, or by its first day."""
    first = date_of_calendar.fromisoformat(f"{name[:7]}-01")
    return str(format_date(first, MONTH[get_locale().language]))


def recorded(value: Any) -> str:
    """A value of a record as it was kept, its instants as this page shows them."""
    if isinstance(value, list):
        return ", ".join(map(recorded, value))
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return instant_text(datetime.fromisoformat(value))
    if value is None or isinstance(value, bool):
        return {None: "–", True: str(gettext("yes")), False: str(gettext("no"))}[value]
    return str(value)


def clock_time(value: datetime, zone: str = "") -> str:
    """What a clock in `zone` shows at an instant, without the day."""
    return str(format_datetime(value.astimezone(ZoneInfo(shown_zone(zone))), "HH:mm", rebase=False))


def stamp(value: datetime) -> str:
    """An instant as addresses and programs read it: RFC 3339 in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown_zone(zone: str = "") -> str:
    """The zone in which instants are shown: the reader's own where they chose one, else `zone`, else the page's."""
    return own_zone() or zone or str(g.get("zone", "UTC"))


def duration(minutes: int) -> str:
    """A length of time in the largest unit that leaves no fraction: 2 days, 36 hours, 90 minutes."""
    if minutes and minutes % 1440 == 0:
        return _counted("%(amount)s day", "%(amount)s days", minutes // 1440)
    if minutes and minutes % 60 == 0:
        return _counted("%(amount)s hour", "%(amount)s hours", minutes // 60)
    return _counted("%(amount)s minute", "%(amount)s minutes", minutes)


def units(count: int, kind: str = "pool") -> str:
    """Units of a resource: GPUs of a pool, seats of a dataset."""
    if kind == "dataset":
        return _counted("%(amount)s seat", "%(amount)s seats", count)
    return _counted("%(amount)s GPU", "%(amount)s GPUs", count)


def number(count: int) -> str:
    """A number as people read it."""
    return str(format_decimal(count))


def money(cents: int) -> str:
    """An amount of whole cents in the currency of this installation."""
    return str(format_currency(Decimal(cents) / 100, current_app.config["CURRENCY"]))


def hours(unit_seconds: int, kind: str = "pool") -> str:
    """Unit-seconds as GPU-hours (of a pool) or access-hours (of a dataset), exactly: 1.5, or 1 h 20 min."""
    amount = _hours(unit_seconds)
    if kind == "dataset":
        return str(gettext("%(amount)s access-hours", amount=amount))
    return str(gettext("%(amount)s GPU-hours", amount=amount))


def say(reason: Refusal | Problem | Sentence | str, zone: str = "") -> str:
    """The sentence of a refusal or problem in the reader's language, its numbers and instants filled in."""
    if isinstance(reason, (Refusal, Problem, Sentence)):
        return say_message(reason.message, reason.numbers, zone)
    return str(reason)


def said(text: str) -> str:
    """What is kept in English where the product says it, such as why a booking moved, in the reader's language.

    What people wrote stays as it is. Templates must not ask `_` for it, which takes every text for safe markup.
    """
    if instead := _INSTEAD.fullmatch(text):
        return str(gettext("booking %(number)s is offered instead: %(reason)s", number=instead[1], reason=instead[2]))
    return str(gettext(text)) if text else ""


def say_message(message: str, numbers: Mapping[str, Any], zone: str = "") -> str:
    """An English message id in the reader's language, with its places filled.

    A number `left_unit_seconds` fills the place `left_hours`.
    """
    sentence = str(gettext(message))
    if not numbers:
        return sentence
    amounts = {
        name.removesuffix("unit_seconds") + "hours": _hours(value)
        for name, value in numbers.items()
        if name.endswith("unit_seconds")
    }
    return sentence % {**{name: _say_number(name, value, zone) for name, value in numbers.items()}, **amounts}


def _say_number(name: str, value: Any, zone: str) -> str:
    if isinstance(value, int):
        return str(format_decimal(value))
    if isinstance(value, datetime):
        return instant_text(value, zone)
    text = str(value)
    if name == "state":
        return state_name(text)
    if name in WORDS:
        return word(text)
    if name in LISTS:
        return ", ".join(word(each) for each in text.split(", "))
    if INSTANT.fullmatch(text):
        return instant_text(datetime.fromisoformat(text), zone)
    return text


def _hours(unit_seconds: int) -> str:
    """Decimals end where the amount is a multiple of nine seconds; other amounts have minutes and seconds."""
    sign = "-" if unit_seconds < 0 else ""
    whole, rest = divmod(abs(unit_seconds), 3600)
    if rest % 9 == 0:
        text = f"{rest * 10_000 // 3600:04d}".rstrip("0")
        return sign + str(format_decimal(whole)) + (_decimal_point() + text if text else "")
    minutes, seconds = divmod(rest, 60)
    parts = [f"{format_decimal(whole)} h"] * bool(whole) + [f"{minutes} min"] * bool(minutes)
    return sign + " ".join(parts + [f"{seconds} s"] * bool(seconds))


def _decimal_point() -> str:
    return str(get_locale().number_symbols["latn"]["decimal"])


def _counted(one: str, many: str, count: int) -> str:
    return str(ngettext(one, many, count, amount=format_decimal(count)))


def _marked(value: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(stamp(value), text)


def _is_ambiguous(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _chosen() -> str | None:
    if is_api():
        return None  # a program says what it wants in its headers
    chosen = asking().language or session.get("language")
    return chosen if chosen in LANGUAGES else None


def _choices() -> dict[str, Any]:
    return {"language": language(), "languages": LANGUAGES, "scheme": scheme(), "own_zone": own_zone()}


def _preferred() -> str:
    return request.accept_languages.best_match(LANGUAGES, default=current_app.config["DEFAULT_LANGUAGE"])
