"""Votes of departments on an application: who may vote, and what the votes decide.

The answer that as many departments give as the quorum asks for decides at once. Where the deadline passes without one,
the application is declined if more departments declined than gave any other answer; otherwise, as in a tie or where
nobody voted, it is returned to its applicants, who can answer and apply again. Nobody is approved by silence.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.teams import TeamState


class Answer(StrEnum):
    """What a department can say to an application."""

    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"


BECOMES = {
    Answer.APPROVE: TeamState.APPROVED,
    Answer.RETURN: TeamState.RETURNED,
    Answer.DECLINE: TeamState.DECLINED,
}
NEEDS_REASON = frozenset({Answer.RETURN, Answer.DECLINE})
WITHOUT_QUORUM = "too few departments agreed in time"


@dataclass(frozen=True, slots=True)
class Seat:
    """For which department a reviewer votes; '' stands for all who are in none. A deputy only steps in."""

    department: str
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """What one department says."""

    department: str
    user_id: int
    by: str
    answer: Answer
    reason: str
    as_deputy: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Ballot:
    """How an application is voted on: its quorum, its deadline, from when on deputies vote, and the votes so far.

    `parties` are the organisations behind the team and the entry: whoever belongs to one of them does not vote.
    """

    quorum: int
    parties: frozenset[int]
    decide_by: datetime | None
    deputies_from: datetime | None
    votes: tuple[Vote, ...] = ()

    def tally(self) -> Counter[Answer]:
        """How many departments gave each answer."""
        return Counter(vote.answer for vote in self.votes)

    def decided(self) -> Answer | None:
        """The answer that enough departments gave, if there is one."""
        counted = self.tally()
        return next((answer for answer in Answer if counted[answer] >= self.quorum), None)

    def at_deadline(self) -> Answer:
        """What the deadline decides where no answer reached the quorum."""
        counted = self.tally()
        declined = counted[Answer.DECLINE]
        return Answer.DECLINE if declined > counted.total() - declined else Answer.RETURN

    def must_take(self, seat: Seat, user_id: int, own: Collection[int], now: datetime) -> None:
        """Why this person cannot vote now, if so: Forbidden for who never may, Conflict for what stands in the way."""
        if self.parties & set(own):
            raise Forbidden(
                "You belong to an organisation that this application concerns, so that another reviewer has to vote.",
                "conflict_of_interest",
            )
        if self.decide_by is not None and now >= self.decide_by:
            said = {"deadline": self.decide_by}
            raise Conflict("Voting ended on %(deadline)s; the deadline decides.", said, code="voting_ended")
        cast = next((vote for vote in self.votes if vote.department == seat.department), None)
        if seat.deputy:
            self._must_take_deputy(cast, user_id, now)
        elif cast is not None and cast.user_id != user_id and not cast.as_deputy:
            raise _voted_already(cast)

    def _must_take_deputy(self, cast: Vote | None, user_id: int, now: datetime) -> None:
        if self.deputies_from is None:
            raise Forbidden("Deputies do not vote on this application.", "deputies_later")
        if now < self.deputies_from:
            said = {"since": self.deputies_from}
            raise Conflict("Deputies vote from %(since)s on. Wait for your department.", said, code="deputies_later")
        if cast is not None and cast.user_id != user_id:
            raise _voted_already(cast)

    def with_vote(self, vote: Vote) -> "Ballot":
        """The same after a department said something, whether for the first time or instead of what it said before."""
        others = tuple(one for one in self.votes if one.department != vote.department)
        return Ballot(self.quorum, self.parties, self.decide_by, self.deputies_from, (*others, vote))


def _voted_already(vote: Vote) -> Conflict:
    said = {"name": vote.by}
    return Conflict("%(name)s has voted for your department already.", said, code="department_voted")


def check_reason(answer: Answer, reason: str) -> None:
    """Invalid where an answer needs a reason and has none."""
    if answer in NEEDS_REASON and not reason:
        raise Invalid("reason", "Say why; the team reads it.")


def said_with(answer: Answer, votes: Sequence[Vote]) -> str:
    """What the departments that gave an answer said with it, each after its name."""
    reasons = [(vote.department, vote.reason) for vote in votes if vote.answer is answer and vote.reason]
    return "\n".join(f"{department}: {reason}" if department else reason for department, reason in reasons)
