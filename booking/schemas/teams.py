"""Teams as the API takes and gives them."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from booking.domain.accounts import LONGEST_EMAIL
from booking.domain.lines import clean_line
from booking.domain.permissions import TeamRole
from booking.domain.teams import Member, Team, TeamState
from booking.domain.texts import LONGEST_TEXT, clean_text
from booking.domain.votes import Answer, Ballot
from booking.schemas.base import Body, Instant, Page, Reference, Shape, Slug, cleaned

LONGEST_SOUGHT = 200

Email = Annotated[str, StringConstraints(max_length=LONGEST_EMAIL), Field(json_schema_extra={"format": "email"})]
Name = Annotated[str, cleaned(partial(clean_line, field="name"))]
Reason = Annotated[str, StringConstraints(max_length=2 * LONGEST_TEXT), cleaned(partial(clean_text, field="reason"))]


class NewTeam(Body):
    """What is asked for a new team."""

    name: Name
    slug: Slug
    scenario: Reference = Field(description="The slug of a published scenario.")
    organisation: Reference = Field(description="The slug of the organisation that the team belongs to.")
    lead: Email = Field(description="The address of an account.")


class Approval(Body):
    """Until when a team is approved, and why."""

    until: Instant | None = Field(None, description="A year hence where it is absent.")
    reason: Reason = ""


class Decision(Body):
    """Why something is decided about a team."""

    reason: Reason = ""


class NewMember(Body):
    """Who is taken into a team."""

    email: Email
    role: TeamRole = "member"


class NewRole(Body):
    """What a member of a team becomes."""

    role: TeamRole


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


class TeamFilter(Page):
    """Which teams are wanted; several states are separated by commas."""

    q: Annotated[str, StringConstraints(max_length=LONGEST_SOUGHT, pattern=r"^[^\x00]*$")] = ""
    state: Annotated[list[TeamState], BeforeValidator(_states), Field(max_length=len(TeamState))] | None = None


class Answers(Body):
    """What applicants answer to the questions of reviewers."""

    answer: Reason


class VoteShape(Shape):
    """What one department says to an application; '' is the department of all reviewers who are in none."""

    department: str
    answer: Answer
    reason: str
    by: str
    as_deputy: bool
    at: datetime


class BallotShape(Shape):
    """How an application is voted on; null times stand for no deadline, and for no deputies."""

    quorum: int
    decide_by: datetime | None
    deputies_from: datetime | None
    applicants_said: str
    votes: list[VoteShape]

    @staticmethod
    def of(ballot: Ballot, applicants_said: str) -> "BallotShape":
        votes = [
            VoteShape(
                department=one.department, answer=one.answer, reason=one.reason, by=one.by, as_deputy=one.as_deputy,
                at=one.at,
            )
            for one in ballot.votes
        ]  # fmt: skip
        return BallotShape(
            quorum=ballot.quorum, decide_by=ballot.decide_by, deputies_from=ballot.deputies_from,
            applicants_said=applicants_said, votes=votes,
        )  # fmt: skip


class MemberShape(Shape):
    """A person in a team."""

    id: str
    email: str
    name: str
    role: TeamRole
    joined_at: datetime

    @staticmethod
    def of(member: Member) -> "MemberShape":
        return MemberShape(
            id=str(member.user_id),
            email=member.email,
            name=member.name,
            role=member.role,
            joined_at=member.joined_at,
        )


class TeamShape(Shape):
    """A team; `reason` is what was said with the last decision."""

    id: str
    slug: str
    name: str
    state: TeamState
    scenario: str
    organisation: str
    approved_until: datetime | None
    suspended_at: datetime | None
    reason: str
    applied_at: datetime
    decided_at: datetime | None
    members: list[MemberShape] = Field(description="Leads first.")

    @staticmethod
    def of(team: Team) -> "TeamShape":
        return TeamShape(
            id=team.slug,
            slug=team.slug,
            name=team.name,
            state=team.state,
            scenario=team.scenario,
            organisation=team.organisation,
            approved_until=team.standing.approved_until,
            suspended_at=team.standing.suspended_at,
            reason=team.reason,
            applied_at=team.applied_at,
            decided_at=team.decided_at,
            members=[MemberShape.of(member) for member in team.members],
        )
