"""Votes of departments on an application."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Conflict, Forbidden
from booking.domain.votes import Answer, Ballot, Seat, Vote, said_with

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OURS, THEIRS = 1, 2


def ballot(quorum: int = 2, *votes: Vote) -> Ballot:
    return Ballot(quorum, frozenset({OURS}), NOW + 30 * DAY, NOW + 20 * DAY, votes)


def vote(department: str, answer: str = "approve", user_id: int = 7, *, as_deputy: bool = False) -> Vote:
    return Vote(department, user_id, "Ana", Answer(answer), "", as_deputy, NOW)


cast = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(Answer)), max_size=12)


@given(cast, st.integers(1, 4))
def test_the_first_answer_that_enough_departments_agree_on_decides(cast: list[tuple[str, Answer]], quorum: int) -> None:
    found, model = ballot(quorum), {}
    for department, answer in cast:
        found = found.with_vote(vote(department, answer))
        model[department] = answer  # a department has one vote, its last
        agree = [one for one in Answer if list(model.values()).count(one) >= quorum]
        assert found.decided() is (answer if agree else None)
        if agree:
            return  # nobody votes on what is decided
    said = list(model.values())
    declines_lead = said.count(Answer.DECLINE) > len(said) / 2
    assert found.at_deadline() is (Answer.DECLINE if declines_lead else Answer.RETURN)


def test_a_tie_and_silence_return_the_application_at_its_deadline() -> None:
    assert ballot().at_deadline() is Answer.RETURN
    assert ballot(3, vote("a"), vote("b", "decline")).at_deadline() is Answer.RETURN
    assert ballot(3, vote("a", "return"), vote("b", "decline")).at_deadline() is Answer.RETURN
    assert ballot(3, vote("b", "decline")).at_deadline() is Answer.DECLINE


REFUSED = [
    ("own organisation", ballot(), Seat("a"), 7, {OURS}, NOW, "conflict_of_interest"),
    ("at the deadline", ballot(), Seat("a"), 7, set(), NOW + 30 * DAY, "voting_ended"),
    ("a colleague has voted", ballot(2, vote("a", user_id=8)), Seat("a"), 7, set(), NOW, "department_voted"),
    (
        "a deputy too early",
        ballot(),
        Seat("a", True),
        7,
        set(),
        NOW + 20 * DAY - timedelta(seconds=1),
        "deputies_later",
    ),
    ("no deputies", Ballot(2, frozenset(), None, None), Seat("a", True), 7, set(), NOW, "deputies_later"),
    ("a deputy, voted", ballot(2, vote("a", user_id=8)), Seat("a", True), 7, set(), NOW + 21 * DAY, "department_voted"),
]


@pytest.mark.parametrize(("sentence", "on", "seat", "user_id", "own", "now", "code"), REFUSED)
def test_who_may_not_vote_hears_why(
    sentence: str, on: Ballot, seat: Seat, user_id: int, own: set[int], now: datetime, code: str
) -> None:
    assert _kept_from_it_by(on, seat, user_id, own, now) == code, sentence


TAKEN = [
    ("another organisation", ballot(), Seat("a"), {THEIRS}, NOW),
    ("changing one's mind", ballot(2, vote("a", user_id=7)), Seat("a"), set(), NOW),
    ("in the deputy's place", ballot(2, vote("a", user_id=8, as_deputy=True)), Seat("a"), set(), NOW),
    ("a deputy once it is time", ballot(), Seat("a", True), set(), NOW + 20 * DAY),
    ("the last second", ballot(), Seat("a"), set(), NOW + 30 * DAY - timedelta(seconds=1)),
    ("no deadline", Ballot(1, frozenset(), None, None), Seat(""), {OURS}, NOW + 900 * DAY),
]


@pytest.mark.parametrize(("sentence", "on", "seat", "own", "now"), TAKEN)
def test_who_may_vote_is_not_kept_from_it(sentence: str, on: Ballot, seat: Seat, own: set[int], now: datetime) -> None:
    assert _kept_from_it_by(on, seat, 7, own, now) == "", sentence


def _kept_from_it_by(on: Ballot, seat: Seat, user_id: int, own: set[int], now: datetime) -> str:
    """The code of what stands in the way of a vote; empty where nothing does."""
    try:
        on.must_take(seat, user_id, own, now)
    except (Conflict, Forbidden) as problem:
        return problem.code
    return ""


def test_what_is_said_names_its_departments() -> None:
    said = [
        Vote("Data", 1, "A", Answer.RETURN, "Which data?", False, NOW),
        Vote("", 2, "B", Answer.RETURN, "Why?", False, NOW),
        Vote("Law", 3, "C", Answer.APPROVE, "Fine", False, NOW),
    ]
    assert said_with(Answer.RETURN, said) == "Data: Which data?\nWhy?"
