"""Do series and their bookings belong together?"""

from sqlalchemy import exists, func, select

from booking.models.bookings import Booking
from booking.models.series import Series, SeriesClaim
from booking.queries.breaches import Check, ask

OF_ANOTHER_TEAM = (
    select(Booking.id, Booking.series_id)
    .join(Series, Series.id == Booking.series_id)
    .where(Series.team_id != Booking.team_id)
    .order_by(Booking.id)
)
TWICE = (
    select(Booking.series_id, Booking.occurrence)
    .where(Booking.series_id.is_not(None))
    .group_by(Booking.series_id, Booking.occurrence)
    .having(func.count() > 1)
    .order_by(Booking.series_id, Booking.occurrence)
)
WITHOUT_BOOKING = (
    select(Series.id).where(~exists().where(Booking.series_id == Series.id)).order_by(Series.id)
)  # fmt: skip
WITHOUT_CLAIM = (
    select(Series.id).where(~exists().where(SeriesClaim.series_id == Series.id)).order_by(Series.id)
)  # fmt: skip

CHECKS = (
    Check(3, "bookings of another team than their series (booking/series)", ask(OF_ANOTHER_TEAM)),
    Check(3, "dates that a series has twice (series/date)", ask(TWICE)),
    Check(3, "series without a booking", ask(WITHOUT_BOOKING)),
    Check(3, "series without a claim", ask(WITHOUT_CLAIM)),
)
