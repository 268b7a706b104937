"""A refusal says one reason in a sentence with its numbers; several are said at once."""

import pytest

from booking.domain.refusals import Code, Refusal, Refused

# DESIGN.md, section 4: clients are written against these.
PUBLISHED = """
    capacity_exceeded quota_exceeded period_cap_exceeded concurrency_exceeded too_short too_long too_soon
    beyond_horizon off_grid off_step in_the_past too_many_units resource_closed not_eligible not_usable_here
    team_not_approved team_suspended terms_not_accepted permit_missing training_missing not_a_member grant_expired
    stale_version
"""


def test_the_codes_are_the_published_ones():
    assert {code.value for code in Code} == set(PUBLISHED.split())


def test_amounts_can_be_said_in_hours():
    refusal = Refusal(
        Code.QUOTA_EXCEEDED,
        "%(left_hours)s of %(hours)s hours are left on %(resource)s.",
        "claims.0.units",
        {"resource": "pool", "left_unit_seconds": 5400, "unit_seconds": 7200},
    )
    assert refusal.message % refusal.places() == "1.5 of 2 hours are left on pool."
    assert refusal.places()["left_unit_seconds"] == 5400


def test_all_reasons_are_said_at_once():
    short = Refusal(Code.TOO_SHORT, "At least %(min_minutes)s minutes.", "ends_at", {"min_minutes": 30})
    off = Refusal(Code.OFF_GRID, "Not on the grid.", "starts_at")
    with pytest.raises(Refused, match=r"At least 30 minutes\.; Not on the grid\.") as refused:
        raise Refused([short, off], ["another window"])
    assert refused.value.refusals == (short, off)
    assert refused.value.alternatives == ("another window",)


def test_a_name_with_a_per_cent_sign_is_said_as_it_is():
    refusal = Refusal(Code.TEAM_SUSPENDED, "%(team)s is suspended.", "team", {"team": "100 %(sure)s"})
    assert str(Refused([refusal])) == "100 %(sure)s is suspended."
