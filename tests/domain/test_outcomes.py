"""What a report may say, and which way it goes."""

import pytest

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.outcomes import VERBS, OutcomeState, Report, after_verb, clean_links, clean_reason


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/", "javascript:alert(1)", "https://", "//example.org", "ftp://example.org", "https:///x",
        "https://user:secret@example.org/", "https://example.org\\@evil.example", "https://exa mple.org", "https://[::1",
        'https://example.org/"onclick="x', "https://example.org/<b>", "https://example.org:99999/", "data:text/html,x",
        "https://example.org/\u202egnp", "https://example.org/" + "x" * 2_000, "HTTPS:example.org",
    ],
)  # fmt: skip
def test_only_plain_https_to_a_named_place_is_a_link(link: str) -> None:
    with pytest.raises(Invalid) as raised:
        clean_links(["https://example.org/", link])
    assert raised.value.field == "links.1"


def test_links_are_kept_once_each_in_their_order_and_ten_at_most() -> None:
    assert clean_links([" https://b.example ", "", "https://a.example/x?y#z", "https://b.example"]) == (
        "https://b.example",
        "https://a.example/x?y#z",
    )
    ten = [f"https://example.org/{number}" for number in range(10)]
    assert len(clean_links(ten)) == 10
    with pytest.raises(Invalid, match="at most 10"):
        clean_links([*ten, "https://example.org/10"])


def test_exactly_what_was_booked_can_have_been_used_and_nothing_more() -> None:
    assert Report("t", "r", 3600).checked(3600).used_unit_seconds == 3600
    for used in (3601, -1):
        with pytest.raises(Invalid, match="had 1 hours") as raised:
            Report("t", "r", used).checked(3600)
        assert raised.value.field == "hours_used"


@pytest.mark.parametrize(
    ("report", "field"),
    [(Report(" ", "r", 0), "title"), (Report("t", "\n", 0), "results"), (Report("t", "r" * 10_001, 0), "results"),
     (Report("t\u202e", "r", 0), "title"), (Report("t", "a\0b", 0), "results")],
)  # fmt: skip
def test_a_report_that_says_nothing_or_too_much_is_refused(report: Report, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        report.checked(0)
    assert raised.value.field == field


def test_a_report_moves_along_the_table_alone() -> None:
    turns = {
        "submit": {"asked", "returned"},
        "publish": {"submitted"},
        "return": {"submitted"},
        "decline": {"submitted", "published"},
    }
    for verb, (_, to) in VERBS.items():
        for state in OutcomeState:
            if state in turns[verb]:
                assert after_verb(state, verb) is to
            else:
                with pytest.raises(IllegalMove, match=state):
                    after_verb(state, verb)


def test_nobody_is_turned_down_without_a_word() -> None:
    assert clean_reason("publish", " ") == ""
    for verb in ("return", "decline"):
        with pytest.raises(Invalid, match="Say why"):
            clean_reason(verb, " \n")
