"""Who may do what."""

from dataclasses import replace

import pytest

from booking.domain import permissions
from booking.domain.permissions import VISITOR, Actor, Role

OURS, THEIRS, TEAM, OTHER_TEAM = 1, 2, 10, 20


def holding(role: Role, organisation_id: int | None = OURS) -> Actor:
    return Actor(5, "a@example.org", "A", roles=frozenset({(role, organisation_id)}))


administrator = holding(Role.ADMINISTRATOR, None)
reviewer = holding(Role.REVIEWER, None)
operator = holding(Role.OPERATOR)
steward = holding(Role.STEWARD)
funder = holding(Role.FUNDER)
scenario_owner = holding(Role.SCENARIO_OWNER)
lead = Actor(6, "l@example.org", "L", teams={TEAM: "lead"})
member = Actor(7, "m@example.org", "M", teams={TEAM: "member"})
nobody = Actor(8, "n@example.org", "N")
EVERYONE = {
    "administrator": administrator,
    "reviewer": reviewer,
    "operator": operator,
    "steward": steward,
    "funder": funder,
    "scenario_owner": scenario_owner,
    "lead": lead,
    "member": member,
    "nobody": nobody,
    "visitor": VISITOR,
}

# What is asked, of whom it is true.
CLAIMS = [
    ("may_answer", (TEAM,), "administrator lead"),
    ("may_answer", (OTHER_TEAM, 7), "administrator member"),
    ("may_edit_lists", (), "administrator"),
    ("may_review_entries", (), "administrator reviewer"),
    ("may_see_scenario", (OURS,), "administrator reviewer scenario_owner"),
    ("may_see_scenario", (THEIRS,), "administrator reviewer"),
    ("may_administer", (), "administrator"),
    ("may_override", (), "administrator"),
    ("may_operate", (OURS,), "administrator operator"),
    ("may_operate", (THEIRS,), "administrator"),
    ("may_steward", (OURS,), "administrator steward"),
    ("may_steward", (THEIRS,), "administrator"),
    ("may_publish_capacity", (OURS, "pool"), "administrator operator"),
    ("may_publish_capacity", (OURS, "dataset"), "administrator steward"),
    ("may_decide", (OURS, "pool"), "administrator operator"),
    ("may_decide", (OURS, "dataset"), "administrator steward"),
    ("may_decide", (THEIRS, "pool"), "administrator"),
    ("may_decide_any", (), "administrator operator steward"),
    ("may_operate_any", (), "administrator operator"),
    ("may_see_jobs", (), "administrator operator steward"),
    ("may_book_for", (TEAM,), "administrator lead member"),
    ("may_book_for", (OTHER_TEAM,), "administrator"),
    ("may_book_on_behalf", ([(OURS, "pool")],), "administrator operator"),
    ("may_book_on_behalf", ([(OURS, "pool"), (OURS, "dataset")],), "administrator"),
    ("may_book_on_behalf", ([],), ""),
    ("may_join_waitlist", (TEAM,), "administrator lead member"),
    ("may_join_waitlist", (OTHER_TEAM,), "administrator"),
    ("may_leave_waitlist", (TEAM,), "administrator lead"),
    ("may_leave_waitlist", (TEAM, member.user_id), "administrator lead member"),
    ("may_prioritise", (OURS, "pool"), "administrator operator"),
    ("may_prioritise", (OURS, "dataset"), "administrator steward"),
    ("may_see_entry", (TEAM, [(OURS, "pool")]), "administrator operator lead member"),
    ("may_see_entry", (OTHER_TEAM, [(OURS, "dataset")]), "administrator steward"),
    ("may_see_entry", (OTHER_TEAM, []), "administrator"),
    ("may_demand", (TEAM,), "administrator lead member"),
    ("may_demand", (OTHER_TEAM,), "administrator"),
    ("may_see_demands", (), "administrator operator steward"),
    ("may_see_demand", (TEAM,), "administrator operator steward lead member"),
    ("may_see_demand", (OTHER_TEAM,), "administrator operator steward"),
    ("may_withdraw_demand", (TEAM,), "administrator lead"),
    ("may_withdraw_demand", (TEAM, member.user_id), "administrator lead member"),
    ("may_offer", (OURS, "pool"), "administrator operator"),
    ("may_offer", (OURS, "dataset"), "administrator steward"),
    ("may_see_shares", (), "administrator operator steward lead member"),
    ("may_see_booking", (TEAM, [OURS]), "administrator operator steward lead member"),
    ("may_see_booking", (OTHER_TEAM, [OURS]), "administrator operator steward"),
    ("may_see_booking", (OTHER_TEAM, [THEIRS]), "administrator"),
    ("may_cancel", (TEAM, lead.user_id), "administrator lead"),
    ("may_cancel", (TEAM, member.user_id), "administrator lead member"),
    ("may_cancel", (OTHER_TEAM, member.user_id), "administrator"),
    ("may_cancel", (TEAM, None), "administrator lead"),
    ("may_finish", (TEAM, member.user_id), "administrator lead member"),
    ("may_edit", (TEAM, member.user_id), "administrator lead member"),
    ("may_check_in", (TEAM,), "administrator lead member"),
    ("may_check_in", (OTHER_TEAM,), "administrator"),
    ("may_accept", (TEAM,), "administrator lead member"),
    ("may_manage_team", (TEAM,), "administrator lead"),
    ("may_manage_team", (OTHER_TEAM,), "administrator"),
    ("may_see_team", (TEAM,), "administrator reviewer funder lead member"),
    ("may_see_team", (OTHER_TEAM,), "administrator reviewer funder"),
    ("may_see_team", (OTHER_TEAM, nobody.user_id), "administrator reviewer funder nobody"),
    ("may_see_any_team", (), "administrator reviewer funder"),
    ("may_see_grant", (TEAM, OURS, "pool"), "administrator funder operator lead member"),
    ("may_see_grant", (TEAM, None, None), "administrator funder lead member"),
    ("may_see_grant", (OTHER_TEAM, THEIRS, "dataset"), "administrator funder"),
    ("may_change_grant", (OURS, OURS, "pool"), "administrator funder operator"),
    ("may_change_grant", (THEIRS, OURS, "pool"), "administrator"),
    ("may_change_grant", (None, OURS, "pool"), "administrator funder"),
    ("may_see_balance", (TEAM,), "administrator funder lead member"),
    ("may_decide_team", (), "administrator reviewer"),
    ("may_grant", (None,), "administrator funder"),
    ("may_grant", (OURS,), "administrator funder operator steward"),
    ("may_grant", (OURS, "pool"), "administrator funder operator"),
    ("may_grant", (OURS, "dataset"), "administrator funder steward"),
    ("may_grant", (THEIRS, "pool"), "administrator funder"),
    ("may_grant_any", (), "administrator funder operator steward"),
    ("may_publish_scenario", (OURS,), "administrator scenario_owner"),
    ("may_organise", (OURS,), "administrator operator scenario_owner"),
    ("may_organise", (THEIRS,), "administrator"),
    ("may_organise_any", (), "administrator operator scenario_owner"),
    ("may_enrol", (), "administrator reviewer operator steward funder scenario_owner lead member nobody"),
    ("may_report", (TEAM,), "administrator lead member"),
    ("may_report", (OTHER_TEAM,), "administrator"),
    ("may_review_any", (), "administrator reviewer scenario_owner"),
    ("may_review", (TEAM, OURS), "administrator reviewer scenario_owner"),
    ("may_review", (TEAM, THEIRS), "administrator reviewer"),
    ("may_attest", (TEAM,), "administrator lead member"),
    ("may_attest", (OTHER_TEAM,), "administrator"),
    ("may_set_rate", (OURS, "pool"), "administrator operator"),
    ("may_see_settlement", (OURS, None, OTHER_TEAM), "administrator operator steward"),
    ("may_see_settlement", (THEIRS, OURS, OTHER_TEAM), "administrator funder"),
    ("may_see_settlement", (THEIRS, None, TEAM), "administrator lead member"),
    ("may_see_settlements", (), "administrator funder operator steward lead member"),
    ("may_close_months", (), "administrator"),
]


@pytest.mark.parametrize(
    ("asked", "allowed"), [(True, "administrator lead member"), (False, "administrator reviewer lead member")]
)
def test_a_report_is_read_by_its_team_and_once_submitted_by_who_decides(asked: bool, allowed: str):
    found = {name for name, actor in EVERYONE.items() if permissions.may_see_outcome(actor, TEAM, THEIRS, asked=asked)}
    assert found == set(allowed.split())


def test_nobody_decides_on_the_report_of_an_own_team():
    assert not permissions.may_review(replace(reviewer, teams={TEAM: "member"}), TEAM, OURS)


@pytest.mark.parametrize(("predicate", "about", "allowed"), CLAIMS)
def test_only_these_may(predicate: str, about: tuple[object, ...], allowed: str):
    may = getattr(permissions, predicate)
    assert {name for name, actor in EVERYONE.items() if may(actor, *about)} == set(allowed.split())


def test_anyone_with_an_account_may_apply_and_no_visitor():
    assert not permissions.may_apply_for_team(VISITOR)
    assert permissions.may_apply_for_team(nobody)


def test_every_predicate_is_claimed_here():
    defined = {name for name in vars(permissions) if name.startswith("may_")}
    asked = {predicate for predicate, _, _ in CLAIMS} | {"may_apply_for_team", "may_own", "may_see_outcome"}
    assert defined == asked


def test_an_actor_can_be_compared_and_kept_in_a_set():
    assert len({lead, Actor(6, "l@example.org", "L", teams={TEAM: "lead"})}) == 1
