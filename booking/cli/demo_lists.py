"""The scenario lists of the demo: one that is published and takes teams, and one that takes entries."""

from contextlib import suppress
from datetime import timedelta

from booking.db import db
from booking.domain.editions import NewEdition, Rule, Times
from booking.domain.entries import Content
from booking.domain.errors import Conflict
from booking.domain.scenarios import Category, NewEntry, NewScenario
from booking.queries.editions import last_number
from booking.services.editions import announce_edition, keep_times
from booking.services.scenarios import draft_entry, publish_scenario, review_entry, submit_entry

DAY = timedelta(days=1)
PUBLISHED, OPEN = 1, 2

LISTS = (
    ("第一期场景清单 · First scenario list", (-60, -30, 365), (1, 30, 20)),
    ("第二期场景清单 · Second scenario list", (-1, 60, 425), (2, 30, 20)),
)
"""By title: the days from today on which a list opens, is published and closes, and its rule."""

SCENARIOS = (
    NewScenario(
        "城市路口信号自适应 · Crossings that follow the traffic",
        "demo-traffic",
        "demo-institute",
        Category.SOCIETY,
        "Shanghai",
        "用雷达与视频预测路口车流，实时调整信号相位。Predict the traffic at a crossing and set its signals by it.",
    ),
    NewScenario(
        "港口集装箱查验 · Container inspection in ports",
        "smart-port",
        "demo-institute",
        Category.ECONOMY,
        "Shanghai",
        "识别箱号、箱损与危险品标志，缩短查验时间。Read numbers, damage and danger signs of containers at the quay.",
    ),
    NewScenario(
        "方言问诊助手 · A clinic that understands dialects",
        "dialect-clinic",
        "wuhan-aicc",
        Category.SOCIETY,
        "Hubei",
        "让基层门诊听懂方言，自动整理病历。Understand what patients say in dialect and draft the record.",
    ),
    NewScenario(
        "大型赛事客流 · Crowds at major events",
        "event-crowds",
        "pcl",
        Category.EVENTS,
        "Guangdong",
        "赛事期间的客流预测与疏导。Foresee where crowds gather during events and how to lead them.",
    ),
    NewScenario(
        "蛋白质结构设计 · Protein design",
        "protein-design",
        "pcl",
        Category.RESEARCH,
        "Guangdong",
        "以生成模型设计新的酶。Design new enzymes with generative models.",
    ),
)

NEXT_ENTRY = NewEntry(
    "demo-traffic-2",
    "demo-institute",
    Content(
        "城市路口信号自适应（二期） · Crossings that follow the traffic, part two",
        Category.SOCIETY,
        "Shanghai",
        "推广到一百个路口，并纳入公交优先。A hundred crossings, and buses first.",
        field="交通 Transport",
        gpu_hours=20_000,
        gpu_models=("A100", "H100"),
        datasets=("demo-radar",),
        skills=("强化学习 reinforcement learning",),
        contact="traffic@demo.example",
        links=("https://demo.example/traffic.pdf",),
    ),
    "demo-traffic",
)


def add_lists(actor, now):
    """What is not there yet; every scenario of the demo stands in the first list, and one goes on in the second."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not last_number(db.session()):
        for title, days, rule in LISTS:
            times = Times(*(today + day * DAY for day in days))
            announce_edition(NewEdition(title, times, Rule(*rule)), actor=actor, now=now)
    for scenario in SCENARIOS:
        _hand_in(PUBLISHED, scenario.checked(), actor, now)
        with suppress(Conflict):
            review_entry(scenario.slug, "accept", actor=actor, now=now)
    keep_times(now)
    for scenario in SCENARIOS:  # where the first list is none of ours, or over
        with suppress(Conflict):
            publish_scenario(scenario, actor=actor, now=now)
    _hand_in(OPEN, NEXT_ENTRY, actor, now)


def _hand_in(number: int, entry: NewEntry, actor, now):
    with suppress(Conflict):
        draft_entry(number, entry, actor=actor, now=now)
    with suppress(Conflict):
        submit_entry(entry.slug, actor=actor, now=now)
