"""Permission: who may do what. Pages, calls, commands and templates all ask here, and nowhere else.

An administrator may everything that is not another person's secret. Owners are the operators (of facilities and
pools) and stewards (of datasets) of the organisation a thing belongs to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a person is for an organisation; reviewers and administrators are so for the whole platform."""

    OPERATOR = "operator"
    STEWARD = "steward"
    SCENARIO_OWNER = "scenario_owner"
    FUNDER = "funder"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


TeamRole = Literal["lead", "member"]

# They hold for the whole platform, the others for one organisation.
OF_THE_PLATFORM = frozenset({Role.REVIEWER, Role.ADMINISTRATOR})

OWNER_OF = {"pool": Role.OPERATOR, "dataset": Role.STEWARD}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, with all that permission depends on."""

    user_id: int
    email: str
    name: str
    roles: frozenset[tuple[Role, int | None]] = frozenset()
    teams: Mapping[int, TeamRole] = field(default_factory=dict, hash=False)
    language: str | None = None

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person rather than a visitor."""
        return self.user_id > 0

    def has(self, role: Role, organisation_id: int | None) -> bool:
        """Whether the actor has exactly this role for exactly this organisation."""
        return (role, organisation_id) in self.roles

    def organisations(self, role: Role) -> frozenset[int]:
        """The organisations for which the actor has the role."""
        return frozenset(found for held, found in self.roles if held == role and found is not None)


VISITOR = Actor(user_id=0, email="", name="")


def may_administer(actor: Actor) -> bool:
    """Organisations, users, roles, the audit log."""
    return actor.has(Role.ADMINISTRATOR, None)


def may_override(actor: Actor) -> bool:
    """Set a refusal aside, with a reason; capacity, quota and terms are never set aside."""
    return may_administer(actor)


def may_operate(actor: Actor, organisation_id: int) -> bool:
    """Facilities, pools and their policies."""
    return may_administer(actor) or actor.has(Role.OPERATOR, organisation_id)


def may_steward(actor: Actor, organisation_id: int) -> bool:
    """Datasets, their terms and permits."""
    return may_administer(actor) or actor.has(Role.STEWARD, organisation_id)


def may_own(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Look after a resource of this kind (`pool` or `dataset`), publish and retire it."""
    return may_administer(actor) or actor.has(OWNER_OF[kind], organisation_id)


def may_publish_capacity(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Supplies, outages and closures of a resource."""
    return may_own(actor, organisation_id, kind)


def may_decide(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Approve, decline or revoke what claims a resource."""
    return may_own(actor, organisation_id, kind)


def may_decide_any(actor: Actor) -> bool:
    """Whether an approval inbox means anything to the actor."""
    return may_administer(actor) or any(role in (Role.OPERATOR, Role.STEWARD) for role, _ in actor.roles)


def may_operate_any(actor: Actor) -> bool:
    """Whether the actor looks after facilities or pools of any organisation."""
    return may_administer(actor) or any(role == Role.OPERATOR for role, _ in actor.roles)


def may_see_jobs(actor: Actor) -> bool:
    """The health of jobs and outbox: whoever looks after anything."""
    return may_decide_any(actor)


def may_see_shares(actor: Actor) -> bool:
    """Utilisation by team at all: members their own, owners those of what they look after."""
    return bool(actor.teams) or may_decide_any(actor)


def may_book_for(actor: Actor, team_id: int) -> bool:
    """Request bookings in a team's name."""
    return may_administer(actor) or team_id in actor.teams


def may_book_on_behalf(actor: Actor, claimed: Collection[tuple[int, str]]) -> bool:
    """Book, with a reason, for a team one is not in: the owner of *every* claimed (organisation, kind)."""
    return bool(claimed) and all(may_own(actor, organisation_id, kind) for organisation_id, kind in claimed)


def may_see_booking(actor: Actor, team_id: int, owner_organisation_ids: Collection[int]) -> bool:
    """Read a booking: its team, and who owns something that it claims. Anyone else hears that there is none."""
    if may_administer(actor) or team_id in actor.teams:
        return True
    return any(
        actor.has(role, organisation_id)
        for organisation_id in owner_organisation_ids
        for role in (Role.OPERATOR, Role.STEWARD)
    )


def may_cancel(actor: Actor, team_id: int, created_by: int | None = None) -> bool:
    """Give a booking up: the lead any of the team's, a member the ones that he requested."""
    if may_manage_team(actor, team_id):
        return True
    return team_id in actor.teams and created_by == actor.user_id


def may_edit(actor: Actor, team_id: int, created_by: int | None = None) -> bool:
    """Move, shrink or extend a booking: who may give it up may also change it."""
    return may_cancel(actor, team_id, created_by)


def may_finish(actor: Actor, team_id: int, created_by: int | None = None) -> bool:
    """End a running booking early: who may give it up."""
    return may_cancel(actor, team_id, created_by)


def may_check_in(actor: Actor, team_id: int) -> bool:
    """Say that the team is there: any member."""
    return may_book_for(actor, team_id)


def may_accept(actor: Actor, team_id: int) -> bool:
    """Take an offer that is held for a team: any member."""
    return may_book_for(actor, team_id)


def may_join_waitlist(actor: Actor, team_id: int) -> bool:
    """Wait in a team's name: any member."""
    return may_book_for(actor, team_id)


def may_leave_waitlist(actor: Actor, team_id: int, created_by: int | None = None) -> bool:
    """Withdraw what a team waits for: the lead anything, a member what he joined for."""
    return may_cancel(actor, team_id, created_by)


def may_prioritise(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Give those who wait for a resource their class."""
    return may_own(actor, organisation_id, kind)


def may_see_entry(actor: Actor, team_id: int, waited_for: Collection[tuple[int, str]]) -> bool:
    """Read a wait-list entry: its team, and who looks after something that it waits for, by (organisation, kind)."""
    if may_administer(actor) or team_id in actor.teams:
        return True
    return any(may_own(actor, organisation_id, kind) for organisation_id, kind in waited_for)


def may_demand(actor: Actor, team_id: int) -> bool:
    """Say on the docking board what a team looks for: any member."""
    return may_book_for(actor, team_id)


def may_see_demands(actor: Actor) -> bool:
    """What every team looks for: who could offer something. Others see sums in which no team is named."""
    return may_decide_any(actor)


def may_see_demand(actor: Actor, team_id: int) -> bool:
    """What one team looks for: its members, and who could offer something. Anyone else hears that there is none."""
    return team_id in actor.teams or may_see_demands(actor)


def may_withdraw_demand(actor: Actor, team_id: int, created_by: int | None = None) -> bool:
    """Look for something no longer: the lead for anything, a member for what he asked for."""
    return may_cancel(actor, team_id, created_by)


def may_offer(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Offer a resource on the docking board, propose it to a demand, and take an offer back."""
    return may_own(actor, organisation_id, kind)


def may_see_any_team(actor: Actor) -> bool:
    """Every team: who decides on teams, and who grants to any."""
    return may_decide_team(actor) or may_grant(actor, None)


def may_see_team(actor: Actor, team_id: int, applied_by: int | None = None) -> bool:
    """One team: its members, who applied for it, and who sees every team."""
    return team_id in actor.teams or (actor.signed_in and applied_by == actor.user_id) or may_see_any_team(actor)


def may_see_balance(actor: Actor, team_id: int) -> bool:
    """All grants and the whole ledger of a team: its members, and funders."""
    return team_id in actor.teams or may_grant(actor, None)


def may_see_grant(actor: Actor, team_id: int, organisation_id: int | None, kind: str | None) -> bool:
    """One grant and its ledger: who sees them all, and who owns what it is for (None: a whole kind)."""
    return may_see_balance(actor, team_id) or may_grant(actor, organisation_id, kind)


def may_manage_team(actor: Actor, team_id: int) -> bool:
    """Members of a team, and any of its bookings."""
    return may_administer(actor) or actor.teams.get(team_id) == "lead"


def may_apply_for_team(actor: Actor) -> bool:
    """Ask that a team be approved for a scenario: anyone with an account."""
    return actor.signed_in


def may_answer(actor: Actor, team_id: int, applied_by: int | None = None) -> bool:
    """Answer what reviewers asked about an application: its lead, and who applied."""
    return may_manage_team(actor, team_id) or (actor.signed_in and applied_by == actor.user_id)


def may_decide_team(actor: Actor) -> bool:
    """Approve, decline or suspend teams."""
    return may_administer(actor) or actor.has(Role.REVIEWER, None)


def may_grant(actor: Actor, organisation_id: int | None, kind: str | None = None) -> bool:
    """Give quota: a funder on anything; owners on what is theirs (`kind` None: a facility, or either kind)."""
    if may_administer(actor) or any(role == Role.FUNDER for role, _ in actor.roles):
        return True
    return _owns(actor, organisation_id, kind)


def may_change_grant(actor: Actor, issuer_id: int | None, organisation_id: int | None, kind: str | None = None) -> bool:
    """Top up or cut a grant: the funders of the organisation that gave it, and its owners of what the grant is for.

    What was given in no organisation's name may be changed by any funder.
    """
    if issuer_id is None:
        return may_grant(actor, None)
    if may_administer(actor) or actor.has(Role.FUNDER, issuer_id):
        return True
    return organisation_id == issuer_id and _owns(actor, organisation_id, kind)


def _owns(actor: Actor, organisation_id: int | None, kind: str | None) -> bool:
    owners = (OWNER_OF[kind],) if kind else tuple(OWNER_OF.values())
    return organisation_id is not None and any(actor.has(role, organisation_id) for role in owners)


def may_grant_any(actor: Actor) -> bool:
    """Whether the actor can give quota on anything at all."""
    return may_grant(actor, None) or may_decide_any(actor)


def may_organise(actor: Actor, organisation_id: int) -> bool:
    """Activities and courses of an organisation, and who takes part: those who own its scenarios or run its centres."""
    return may_publish_scenario(actor, organisation_id) or actor.has(Role.OPERATOR, organisation_id)


def may_organise_any(actor: Actor) -> bool:
    """Whether the actor organises anything at all."""
    organisers = (Role.OPERATOR, Role.SCENARIO_OWNER)
    return may_administer(actor) or any(role in organisers for role, _ in actor.roles)


def may_enrol(actor: Actor) -> bool:
    """Take part in an activity: anyone with an account."""
    return actor.signed_in


def may_publish_scenario(actor: Actor, organisation_id: int) -> bool:
    """Entries of scenario lists."""
    return may_administer(actor) or actor.has(Role.SCENARIO_OWNER, organisation_id)


def may_report(actor: Actor, team_id: int) -> bool:
    """Say what came of a booking: any member of its team."""
    return may_book_for(actor, team_id)


def may_review_any(actor: Actor) -> bool:
    """Whether reports of other teams mean anything to the actor."""
    return may_decide_team(actor) or any(role == Role.SCENARIO_OWNER for role, _ in actor.roles)


def may_review(actor: Actor, team_id: int, organisation_id: int) -> bool:
    """Decide on a report: reviewers, and owners of its scenario; but nobody on that of a team of one's own."""
    if may_administer(actor):
        return True
    return team_id not in actor.teams and (may_decide_team(actor) or may_publish_scenario(actor, organisation_id))


def may_see_outcome(actor: Actor, team_id: int, organisation_id: int, *, asked: bool) -> bool:
    """A report that is not public: its team, and once it was submitted who may decide on it."""
    if team_id in actor.teams or may_administer(actor):
        return True
    return not asked and may_review(actor, team_id, organisation_id)


def may_attest(actor: Actor, team_id: int) -> bool:
    """Say that data is deleted: any member of the team."""
    return may_book_for(actor, team_id)


def may_set_rate(actor: Actor, organisation_id: int, kind: str) -> bool:
    """Say what a resource costs from now on: its owner."""
    return may_own(actor, organisation_id, kind)


def may_see_settlement(actor: Actor, operator_id: int, funder_id: int | None, team_id: int) -> bool:
    """A line of a settlement: who is paid, who pays a share, and the team that pays the rest."""
    if may_administer(actor) or team_id in actor.teams:
        return True
    paid = any(actor.has(role, operator_id) for role in OWNER_OF.values())
    return paid or (funder_id is not None and actor.has(Role.FUNDER, funder_id))


def may_see_settlements(actor: Actor) -> bool:
    """Whether there can be a line that is the actor's to see."""
    return bool(actor.teams) or may_grant_any(actor)


def may_close_months(actor: Actor) -> bool:
    """Close a month by hand, before it is closed by itself."""
    return may_administer(actor)


def may_review_entries(actor: Actor) -> bool:
    """Accept, return or decline what is handed in for a scenario list."""
    return may_decide_team(actor)


def may_see_scenario(actor: Actor, organisation_id: int) -> bool:
    """Read an entry that is not published: its owner, and who reviews entries. Anyone else hears that there is none."""
    return may_publish_scenario(actor, organisation_id) or may_review_entries(actor)


def may_edit_lists(actor: Actor) -> bool:
    """Announce an edition of the scenario lists, and set its times and rule."""
    return may_administer(actor)
