"""The market of the demo: two pools that cost something, and a voucher for a team that books one of them."""

from contextlib import suppress

from booking.db import db
from booking.domain.errors import Conflict
from booking.domain.grants import NewGrant, Scope
from booking.domain.settlements import Rate
from booking.queries import demo as known
from booking.queries.users import actor_by_email
from booking.services.grants import create_grant
from booking.services.settlements import set_rate

RATES = {"pengcheng-ascend910": 450, "wuhan-ascend910": 380}
"""Cents for a charged hour."""

VOUCHER = ("dialect-care", "wuhan-ascend910", 60_000, 50)
"""Team, pool, hours, and the share in per cent that its funder pays."""


def add_market(funder, valid, *, actor):
    """What is not there yet; a pool that its owner has opened otherwise meanwhile stays as it is."""
    for slug, cents in RATES.items():
        if not known.has_rate(db.session(), known.resource_id(db.session(), slug)):
            with suppress(Conflict):
                set_rate(slug, Rate(valid.start, cents), actor=actor, now=valid.start)
    team, pool, hours, percent = VOUCHER
    team_id, resource_id = known.team_id(db.session(), team), known.resource_id(db.session(), pool)
    if not known.has_voucher(db.session(), team_id):
        scope = Scope(resource_id=resource_id)
        voucher = NewGrant(
            team_id, scope, hours * 3600, valid, reason="算力券 · Compute voucher", subsidy_percent=percent
        )
        create_grant(voucher, actor=actor_by_email(db.session(), funder), now=valid.start)
