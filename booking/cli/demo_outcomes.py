"""The case of the demo: a booking that is over, and what its team has reported of it."""

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
MOST_ASKED = 50
REPORT = Report(
    "夜间集装箱号识别 · Container numbers by night",
    "用 48 卡时微调检测模型，夜间箱号识别率由 91% 升至 98%，查验平均缩短四分钟。\n"
    "Fine-tuned a detector in 48 GPU-hours: numbers read by night rose from 91 to 98 per cent, and an inspection takes"
    " four minutes less.",
    UNITS * HOURS * 3600,
    ("https://example.org/harbour-vision/report",),
)


def add_case(now):
    """A booking of yesterday, reported and published, unless the team has ever been asked."""
    team_id, lead = known.team_id(db.session(), TEAM), actor_by_email(db.session(), LEAD)
    if team_id not in lead.teams or known.has_reported(db.session(), team_id):
        return
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
    window = Window(start, start + timedelta(hours=HOURS))
    claims = (Claim(known.resource_id(db.session(), POOL), UNITS),)
    order = Order(team_id, window, claims, "夜间箱号 · Numbers by night")
    booking = request_booking(order, actor=lead, now=start - timedelta(hours=3))
    start_due(window.start)
    complete_due(window.end)
    ask_due(now)

    connection = db.session().connection()
    of_team = outcomes_listed(connection, lead, Wanted(team=TEAM), limit=MOST_ASKED)
    asked = next(outcome for outcome in of_team if outcome.booking_id == booking.id)
    db.session.remove()
    submit_outcome(asked.id, REPORT, actor=lead, now=now)
    review_outcome(asked.id, "publish", actor=actor_by_email(db.session(), REVIEWER), now=now)
