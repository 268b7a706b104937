"""The cases of the demo: bookings that are over, and what their teams have reported of them."""

from dataclasses import replace
from datetime import timedelta

from booking.db import db
from booking.domain.orders import Claim, Order
from booking.domain.outcomes import Report
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.outcomes import Wanted, outcomes_listed
from booking.queries.users import actor_by_email
from booking.services.bookings import request_booking
from booking.services.due_bookings import complete_due, start_due
from booking.services.outcomes import ask_due, review_outcome, submit_outcome

TEAM, LEAD, REVIEWER = "harbour-vision", "harbour@demo.example", "reviewer@demo.example"
POOL, UNITS, HOURS = "lumi-mi250x", 8, 6
REPORTS = (
    (
        TEAM,
        LEAD,
        Report(
            "夜间集装箱号识别 · Container numbers by night",
            "用 48 卡时微调检测模型，夜间箱号识别率由 91% 升至 98%，查验平均缩短四分钟。\n"
            "Fine-tuned a detector in 48 GPU-hours: numbers read by night rose from 91 to 98 per cent, and an"
            " inspection takes four minutes less.",
            0,
            ("https://example.org/harbour-vision/report",),
        ),
        True,
    ),
    (
        "dialect-care",
        "clinic@demo.example",
        Report(
            "听懂江汉方言的门诊 · A clinic that understands Wuhan dialect",
            "方言词错率由 31% 降至 14%，三家社区门诊试用，病历草稿采纳率八成。\n"
            "Word errors in dialect fell from 31 to 14 per cent; three clinics try it, and keep four of five drafts.",
            0,
        ),
        True,
    ),
    (
        "crowd-sense",
        "crowds@demo.example",
        Report(
            "看台人流十分钟预报 · Ten minutes ahead of the crowd",
            "以 11 小时推理覆盖全部看台，拥堵预警提前十分钟。\n"
            "Eleven hours of inference watched every stand, and foresaw jams ten minutes ahead.",
            0,
        ),
        False,
    ),
)
"""Team, lead, what it reports of its last booking, and whether that is published or waits for the reviewers."""


def add_cases(now):
    """A booking of yesterday, and reports, unless the team has ever been asked."""
    team_id, lead = known.team_id(db.session(), TEAM), actor_by_email(db.session(), LEAD)
    if team_id not in lead.teams or known.has_reported(db.session(), team_id):
        return
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
    window = Window(start, start + timedelta(hours=HOURS))
    claims = (Claim(known.resource_id(db.session(), POOL), UNITS),)
    order = Order(team_id, window, claims, "夜间箱号 · Numbers by night")
    request_booking(order, actor=lead, now=start - timedelta(hours=3))
    start_due(window.start)
    complete_due(window.end)
    ask_due(now)
    for report in REPORTS:
        _report(*report, now)


def _report(team, email, report, is_published, now):
    lead = actor_by_email(db.session(), email)
    asked = max(_asked(team, lead), key=lambda outcome: outcome.window.end)
    submit_outcome(asked.id, replace(report, used_unit_seconds=asked.report.used_unit_seconds), actor=lead, now=now)
    if is_published:
        review_outcome(asked.id, "publish", actor=actor_by_email(db.session(), REVIEWER), now=now)


def _asked(team, lead):
    """What a team is asked about its use of pools."""
    found = outcomes_listed(db.session().connection(), lead, Wanted(team=team), limit=100)
    db.session.remove()
    return [outcome for outcome in found if outcome.kind == "pool"]
