"""How a vote on an application is counted, whichever verb it comes by."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.changes.teams import decide_team, note_team, write_vote
from booking.domain.errors import Forbidden, IllegalMove
from booking.domain.permissions import Actor
from booking.domain.teams import TeamState
from booking.domain.votes import BECOMES, Answer, Vote, check_reason, said_with
from booking.models.teams import Team as TeamRow
from booking.queries.votes import ballots_of, own_organisations, seat_of


def cast_vote(
    session: Session, row: TeamRow, answer: Answer, *, actor: Actor, now: datetime, reason: str, until: datetime | None
) -> None:
    """Count what a reviewer says of a locked application, and decide once enough departments say the same.

    `until` is the end of the approval that this vote would complete.
    """
    if row.state != TeamState.APPLIED:
        raise IllegalMove(row.state, "vote")
    seat = seat_of(session, actor.user_id)
    if seat is None:
        raise Forbidden("Only reviewers vote on teams.")
    ballot = ballots_of(session, [row.id])[row.id]
    ballot.must_take(seat, actor.user_id, own_organisations(session, actor.user_id), now)
    check_reason(answer, reason)

    vote = Vote(seat.department, actor.user_id, actor.name, answer, reason, seat.deputy, now)
    write_vote(session, row.id, vote)
    said = {"answer": answer.value, "department": seat.department, "reason": reason, "deputy": seat.deputy}
    note_team(session, row, "vote", actor.email, now, said)
    counted = ballot.with_vote(vote)
    if counted.decided() is answer:
        words = said_with(answer, counted.votes) if ballot.quorum > 1 else reason
        decide_team(session, row, BECOMES[answer], answer.value, by=actor.email, now=now, reason=words, until=until)
