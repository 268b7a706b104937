"""The restricted dataset of the demo: terms in two versions, permits, and windows after which its data is deleted."""

from contextlib import suppress
from datetime import timedelta

from booking.db import db
from booking.domain.errors import Conflict
from booking.domain.listings import Access, NewDataset
from booking.domain.orders import Claim, Order
from booking.domain.permits import Sensitivity
from booking.domain.terms import NewTerms
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.attestations import Wanted, attestations_listed
from booking.queries.users import actor_by_email
from booking.services import attestations
from booking.services.bookings import request_booking
from booking.services.datasets import create_dataset
from booking.services.due_bookings import complete_due, start_due
from booking.services.permits import ask_for_permit, give_permit
from booking.services.terms import accept_terms, publish_terms

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SPEECH = NewDataset(
    "方言门诊语音 · Speech from dialect clinics",
    "dialect-clinic-speech",
    "基层门诊的方言问诊录音，已脱敏，须经许可使用，用后删除。\n"
    "Talks of doctors and patients in dialect, without names; for teams with a permit, who delete it afterwards.",
    2,
    "按许可协议 · by permit",
    Access.GATEWAY,
    facility="wuhan-aicc",
    sensitivity=Sensitivity.RESTRICTED,
    deletion_days=14,
)
TERMS = (
    "仅用于许可所述目的。\nFor the purpose of the permit alone.",
    "仅用于许可所述目的。\nFor the purpose of the permit alone.\n"
    "不得尝试识别个人。\nNobody tries to find out who speaks.",
)
TEAM, LEAD, PURPOSE = "dialect-care", "clinic@demo.example", "方言识别模型评测 · Score how dialects are recognised"
ASKING = ("harbour-vision", "harbour@demo.example", "对讲语音降噪 · Clean the speech of quay radios")
WINDOWS = (12, 2)
"""So many days ago the team had the data for four hours; it has attested the first."""
STATEMENT = "两台节点上的副本已删除并核对。The copies on both nodes are deleted, which two of us have checked."


def add_speech(since, now, *, actor):
    """What is not there yet; once the team has had the data, everything goes on without the demo."""
    with suppress(Conflict):
        create_dataset(SPEECH, actor=actor, now=now)
    resource_id, team_id = (
        known.resource_id(db.session(), SPEECH.slug),
        known.team_id(db.session(), TEAM),
    )
    lead = actor_by_email(db.session(), LEAD)
    if team_id not in lead.teams or known.has_booked(db.session(), team_id, PURPOSE):
        return
    publish_terms(SPEECH.slug, NewTerms(TERMS[0]), actor=actor, now=since)
    accept_terms(SPEECH.slug, 1, actor=lead, now=since)
    give_permit(SPEECH.slug, team_id, PURPOSE, now + 300 * DAY, actor=actor, now=since)
    for days in WINDOWS:
        _have(days, resource_id, team_id, lead, now)
    publish_terms(SPEECH.slug, NewTerms(TERMS[1], now + 30 * DAY), actor=actor, now=now)
    other, email, purpose = ASKING
    asking = actor_by_email(db.session(), email)
    ask_for_permit(SPEECH.slug, known.team_id(db.session(), other), purpose, actor=asking, now=now)


def _have(days, resource_id, team_id, lead, now):
    """One window that is over, and what its team said of it by now."""
    start = now.replace(hour=2, minute=0, second=0, microsecond=0) - days * DAY
    window = Window(start, start + 4 * HOUR)
    order = Order(team_id, window, (Claim(resource_id, 1),), PURPOSE)
    request_booking(order, actor=lead, now=start - 20 * HOUR)
    start_due(window.start)
    complete_due(window.end)
    attestations.ask_due(window.end)
    connection = db.session().connection()
    owed = attestations_listed(connection, lead, Wanted(team=TEAM, given=False), limit=1)
    db.session.remove()
    if days == WINDOWS[0]:
        attestations.attest(owed[0].id, STATEMENT, actor=lead, now=window.end + 3 * DAY)
