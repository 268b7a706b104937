"""What services raise says what happened, with its numbers, and carries what the edges need to answer."""

import pytest

from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Problem, Stale, TooMany

SAID = {
    "not found": (NotFound("booking"), "not_found", "", "There is no such booking here."),
    "forbidden": (Forbidden("Only the lead may.", "not_a_member"), "not_a_member", "", "Only the lead may."),
    "invalid": (
        Invalid("claims.0.units", "At most %(most)s.", {"most": 64}),
        "invalid",
        "claims.0.units",
        "At most 64.",
    ),
    "conflict": (
        Conflict("%(held)s are held.", {"held": 8}, code="grant_in_use", field="amount"),
        "grant_in_use",
        "amount",
        "8 are held.",
    ),
    "illegal move": (
        IllegalMove("cancelled", "approve"),
        "illegal_move",
        "",
        "This is cancelled, so that “approve” is not possible.",
    ),
    "stale": (Stale(7), "stale_version", "", "It was changed meanwhile and is now version 7. Look at it again."),
    "too many": (TooMany("Wait.", retry_after=30), "too_many_requests", "", "Wait."),
}


@pytest.mark.parametrize(("problem", "code", "field", "sentence"), SAID.values(), ids=SAID)
def test_a_problem_carries_its_code_its_field_and_a_sentence_with_its_numbers(problem, code, field, sentence):
    assert isinstance(problem, Problem)
    assert (problem.code, problem.field, str(problem)) == (code, field, sentence)
    assert problem.message % problem.numbers == sentence


def test_a_message_without_numbers_may_have_a_per_cent_sign():
    assert str(Conflict("100 % are taken.")) == "100 % are taken."


def test_an_illegal_move_is_a_conflict_that_names_state_and_verb():
    problem = IllegalMove("active", "approve")
    assert isinstance(problem, Conflict)
    assert (problem.state, problem.verb) == ("active", "approve")


def test_who_asked_too_often_hears_when_to_come_back():
    assert TooMany("Wait.", retry_after=30).retry_after == 30
