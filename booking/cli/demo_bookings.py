"""The bookings of the demo: four weeks lived through in order by the ordinary services, and what is planned."""

from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from booking.cli import demo_content as content
from booking.db import db
from booking.domain.orders import Claim, Order
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.users import actor_by_email
from booking.services.booking_moves import cancel_booking, check_in, finish_booking
from booking.services.bookings import request_booking
from booking.services.due_bookings import complete_due, release_no_shows, start_due
from booking.services.outbox import address_notices
from booking.services.received import read_notices

HOUR = timedelta(hours=1)
A_WEEK = timedelta(days=7)
SHARES = {4: 50, 3: 75, 2: 100, 1: 100}
"""Of each week so many weeks ago, how much in per cent of a habit was asked for."""


class Habit(NamedTuple):
    """What a team asks for week by week: claims, the days and the hour (of UTC) of the starts, and for how long."""

    team: str
    claims: dict[str, int]
    days: tuple[int, ...]
    hour: int
    hours: int
    purpose: str


class Wish(NamedTuple):
    """A booking to come: claims by slug, from so many days and hours (of UTC) ahead, for so many hours."""

    team: str
    claims: dict[str, int]
    days: int
    hour: int
    hours: int
    purpose: str


class Use(NamedTuple):
    """One wish of one week, and what became of it besides being used up: `missed`, `cancelled` or `finished`."""

    lead: str
    order: Order
    turn: str


HABITS = (
    Habit("harbour-vision", {"lumi-mi250x": 96}, (0, 3), 6, 60, "检测模型训练 · Train the detector"),
    Habit("harbour-vision", {"leonardo-a100": 32}, (5,), 7, 11, "夜间图像评测 · Score pictures of the night"),
    Habit("dialect-care", {"wuhan-ascend910": 192, "aishell-1": 1}, (0,), 1, 72, "方言识别 · Recognise dialects"),
    Habit("dialect-care", {"wuhan-ascend910": 96, "aishell-1": 1}, (3, 4), 1, 12, "语音合成 · Speak in dialect"),
    Habit("crowd-sense", {"pengcheng-ascend910": 256}, (2,), 2, 7, "场馆客流仿真 · Simulate the stadium"),
    Habit("crowd-sense", {"edge-l40s": 16}, (0, 2, 4), 1, 11, "客流推理 · Count the crowds"),
)
TURNS = {(2, 3, 3): "missed", (3, 3, 0): "cancelled", (1, 3, 0): "finished"}
"""What went another way, by week, day and number of the habit."""

WISHES = (
    Wish("harbour-vision", {"lumi-mi250x": 32}, 1, 6, 48, "预训练检测模型 · Pre-train the detector"),
    Wish("harbour-vision", {"lumi-mi250x": 64}, 4, 6, 24, "消融实验 · Ablations"),
    Wish("harbour-vision", {"leonardo-a100": 16}, 2, 8, 10, "微调 · Fine-tuning"),
    Wish("harbour-vision", {"leonardo-a100": 64}, 6, 8, 12, "全量训练 · Full training run"),
    Wish("dialect-care", {"wuhan-ascend910": 64, "aishell-1": 1}, 1, 1, 12, "语音基线 · Speech baseline"),
    Wish("dialect-care", {"wuhan-ascend910": 128, "aishell-1": 1}, 3, 1, 36, "方言自适应 · Dialect adaptation"),
    Wish("dialect-care", {"pengcheng-ascend910": 128}, 5, 1, 24, "大模型对比 · Compare larger models"),
    Wish("crowd-sense", {"edge-l40s": 16}, 1, 1, 9, "彩排日推理 · Count at the rehearsal"),
    Wish("crowd-sense", {"edge-l40s": 32}, 4, 0, 20, "决赛日全场推理 · Every camera on the day of the final"),
)

REFUSED = Habit("harbour-vision", {"leonardo-a100": 192}, (2,), 8, 12, "全量训练 · Full training run")


def add_past(now):
    """Four weeks of those teams, unless one of them has ever booked."""
    if any(known.has_booked(db.session(), known.team_id(db.session(), habit.team)) for habit in HABITS):
        return
    booked = {}
    for at, act, number, use in sorted(_moments(now), key=lambda moment: moment[0]):
        with suppress(Refused):
            act(at, number, use, booked)
    address_notices(now)
    for lead in sorted({_lead_of(habit.team) for habit in HABITS}):
        read_notices(None, actor=_actor(lead), now=now)


def add_plans(now):
    """What these teams have planned, unless they have ever booked for that."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for wish in WISHES:
        start = today + timedelta(days=wish.days, hours=wish.hour)
        order = _order(wish, Window(start, start + wish.hours * HOUR))
        if not known.has_booked(db.session(), order.team_id, wish.purpose):
            request_booking(order, actor=_actor(_lead_of(wish.team)), now=now)


def _moments(now):
    """What happens to each wish, and when."""
    for number, use in enumerate(_uses(now)):
        start, end = use.order.window.start, use.order.window.end
        yield start - 20 * HOUR, _ask, number, use
        if use.turn == "cancelled":
            yield start - 10 * HOUR, _cancel, number, use
            continue
        yield (start + HOUR / 2, _miss, number, use) if use.turn == "missed" else (start, _begin, number, use)
        if use.turn == "finished":
            yield start + (end - start) * 3 / 4, _finish, number, use
        yield end, _end, number, use


def _uses(now):
    """Every wish, week by week."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for week, share in SHARES.items():
        for number, habit in enumerate((*HABITS, REFUSED)):
            for day in habit.days:
                start = today - week * A_WEEK + timedelta(days=day, hours=habit.hour)
                order = _order(habit, Window(start, start + habit.hours * HOUR), share)
                yield Use(_lead_of(habit.team), order, TURNS.get((week, day, number), ""))


def _order(wish, window, share=100):
    """A share in per cent of the units, in which a seat stays whole."""
    session = db.session()
    claims = (
        Claim(known.resource_id(session, slug), max(1, units * share // 100)) for slug, units in wish.claims.items()
    )
    return Order(known.team_id(session, wish.team), window, tuple(claims), wish.purpose)


def _ask(at, number, use, booked):
    booked[number] = request_booking(use.order, actor=_actor(use.lead), now=at)


def _begin(at, number, use, booked):
    if number in booked and booked[number].check_in_until:
        check_in(booked[number].id, actor=_actor(use.lead), now=at)
    start_due(at)


def _miss(at, number, use, booked):
    release_no_shows(at)


def _cancel(at, number, use, booked):
    cancel_booking(booked[number].id, actor=_actor(use.lead), now=at, reason="数据未到 · The data has not come")


def _finish(at, number, use, booked):
    finish_booking(booked[number].id, actor=_actor(use.lead), now=at)


def _end(at, number, use, booked):
    complete_due(at)


def _lead_of(team):
    return next(group.lead for group in content.TEAMS if group.slug == team)


def _actor(email):
    return actor_by_email(db.session(), email)
