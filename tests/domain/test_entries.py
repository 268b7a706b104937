"""Entries of scenario lists: what they may say, the states they go through, and what changed between two lists."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from booking.domain.entries import (
    Category,
    Changed,
    Content,
    Differences,
    EntryState,
    Listed,
    after_move,
    changed_fields,
    check_changeable,
    differences,
)
from booking.domain.errors import IllegalMove, Invalid

USUAL = Content("Harbour checks", Category.ECONOMY, "Beijing", "Containers\nwithout queues", gpu_models=("A100",))


def test_each_verb_leads_from_some_states_only() -> None:
    legal = {
        ("draft", "submit"): "submitted",
        ("returned", "submit"): "submitted",
        ("submitted", "return"): "returned",
        ("submitted", "decline"): "declined",
        ("submitted", "accept"): "accepted",
        ("accepted", "publish"): "published",
        ("published", "close"): "closed",
    }
    found = {}
    for state in EntryState:
        for verb in ("submit", "return", "decline", "accept", "publish", "close"):
            with suppress(IllegalMove):
                found[state.value, verb] = after_move(state, verb).value
    assert found == legal


def test_an_entry_is_not_changed_while_reviewers_read_it_or_once_it_is_over() -> None:
    changeable = []
    for state in EntryState:
        with suppress(IllegalMove):
            check_changeable(state)
            changeable.append(state.value)
    assert changeable == ["draft", "returned", "published"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("links", ("http://example.org/plan.pdf",)),
        ("links", ("javascript:alert(1)",)),
        ("links", ("https://",)),
        ("links", ("https://[::1",)),
        ("links", ("https://a.example/b c",)),
        ("links", ("https://a.example/",) * 21),
        ("gpu_hours", -1),
        ("gpu_hours", True),
        ("gpu_hours", 10**10),
        ("skills", ("",)),
        ("datasets", ("a\0b",)),
        ("name", " "),
        ("contact", "x" * 201),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as raised:
        replace(USUAL, **{field: value}).checked()
    assert raised.value.field == field


def test_what_a_version_keeps_reads_back_as_it_was() -> None:
    content = replace(USUAL, links=("https://example.org/plan.pdf",), gpu_hours=10**9).checked()
    assert Content.read(content.as_mapping()) == content


def test_changes_are_named_field_by_field() -> None:
    assert changed_fields(USUAL, USUAL) == ()
    assert changed_fields(USUAL, replace(USUAL, name="x", gpu_hours=5, skills=("vision",))) == (
        "name",
        "gpu_hours",
        "skills",
    )


def test_a_list_says_what_is_new_went_on_changed_or_is_gone_since_the_last() -> None:
    before = [Listed(slug, "", replace(USUAL, name=slug)) for slug in ("stays", "changes", "leaves")]
    after = [
        Listed("stays-2", "stays", replace(USUAL, name="stays")),
        Listed("changes-2", "changes", replace(USUAL, name="changes", gpu_hours=7)),
        Listed("begins", "", USUAL),
        Listed("strays", "of another list", replace(USUAL, name="strays")),
    ]
    assert differences(before, after) == Differences(
        new=(("begins", "Harbour checks"), ("strays", "strays")),
        changed=(Changed("changes-2", "changes", ("gpu_hours",)),),
        gone=(("leaves", "leaves"),),
    )
    assert differences([], []) == Differences()
