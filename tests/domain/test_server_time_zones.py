"""Nothing in the rules asks the clock or the zone of the machine: everywhere the answers are the same."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.admission import admit
from booking.domain.ledger import Cap, Line, Per
from booking.domain.windows import Window, ceil_to_grid, floor_to_grid
from tests.domain.examples import ALWAYS, PLENTY, grant, order, pool, situation, spoken
from tests.support.server_zones import ZONES, server_in

# A Sunday of 25 hours in Paris, in the night to which a new week begins there.
SUNDAY = datetime(2026, 10, 25, tzinfo=UTC)
PARIS_MONDAY = SUNDAY + timedelta(hours=23)


@pytest.mark.parametrize("zone", ZONES)
def test_grids_and_periods_are_the_same_in_every_zone_of_the_server(zone):
    with server_in(zone):
        instant = SUNDAY + timedelta(hours=1, minutes=7)
        assert floor_to_grid(instant, 1440) == SUNDAY
        assert ceil_to_grid(instant, 60) == SUNDAY + timedelta(hours=2)
        assert Cap(1, Per.WEEK, "Europe/Paris").period_of(instant).end == PARIS_MONDAY
        assert Cap(1, Per.MONTH, "Asia/Shanghai").period_of(instant).start == datetime(2026, 9, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_decisions_are_the_same_in_every_zone_of_the_server(zone):
    asked = order(1, Window(PARIS_MONDAY - timedelta(hours=2), PARIS_MONDAY + timedelta(hours=3)))
    capped = grant(1, PLENTY, ALWAYS, cap=Cap(4 * 3600, Per.WEEK, "Europe/Paris"))
    with server_in(zone):
        here = situation(pool(check_in_minutes=30, auto_approve_unit_hours=0), now=SUNDAY, grants=[capped])
        decision = admit(asked, here)
        assert decision.lines == {
            1: (Line(1, PARIS_MONDAY - timedelta(days=7, hours=1), 7200), Line(1, PARIS_MONDAY, 10_800))
        }
        assert decision.hold_until == PARIS_MONDAY - timedelta(hours=2)
        assert decision.check_in_until == PARIS_MONDAY - timedelta(hours=1, minutes=30)
        (refusal,) = admit(order(1, Window(SUNDAY, SUNDAY + timedelta(hours=5))), here, approved=True).refusals
        assert spoken(refusal) == (
            "Your grant allows 4 hours a week on pool-1; 0 of this week are used."
            " The next week begins at 2026-10-25 23:00:00+00:00."
        )
