"""The chain of the audit log: whatever is done to it afterwards shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.audit import BEGINNING, Entry, Head, chained, verify

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    entries, previous = [], BEGINNING
    for number in range(1, length + 1):
        words = {"at": AT + timedelta(minutes=number), "by": "a@example.org", "act": "pool.change",
                 "subject": f"pool:{number}", "details": {"name": "北", "units": number}}  # fmt: skip
        own = chained(previous, **words)
        entries.append(Entry(number, **words, previous=previous, hash=own))
        previous = own
    return entries


ENTRIES = chain(5)
HEAD = Head(5, ENTRIES[-1].hash)


def test_a_log_that_nobody_touched_is_whole():
    assert verify(ENTRIES, HEAD).is_whole
    assert verify([], Head()).is_whole
    assert verify(ENTRIES, HEAD).head == HEAD


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT}, {"by": "b@example.org"}, {"act": "pool.publish"}, {"subject": "pool:9"}, {"details": {}},
        {"previous": "f" * 64}, {"hash": "f" * 64},
    ],
    ids=str,
)  # fmt: skip
def test_a_changed_word_breaks_the_chain_at_its_entry(change: dict):
    touched = [replace(one, **change) if one.id == 3 else one for one in ENTRIES]

    assert verify(touched, HEAD).broken == 3


def test_an_entry_that_is_taken_out_or_moved_breaks_the_chain():
    assert verify([*ENTRIES[:1], *ENTRIES[2:]], HEAD).broken == 3
    assert verify([ENTRIES[1], ENTRIES[0], *ENTRIES[2:]], HEAD).broken == 2


def test_entries_that_are_missing_at_the_end_are_missed():
    found = verify(ENTRIES[:4], HEAD)
    assert (found.broken, found.cut) == (None, True)


def test_a_log_that_was_made_anew_does_not_hold_the_hash_that_was_noted():
    forged = chain(4)
    forged_head = Head(4, forged[-1].hash)
    assert verify(forged, forged_head).is_whole
    assert not verify(forged, forged_head, kept=HEAD.hash).is_whole
    assert verify(ENTRIES, HEAD, kept=ENTRIES[1].hash).is_whole


def test_who_signs_a_changed_entry_anew_has_to_change_all_that_follow():
    third, fourth = ENTRIES[2], ENTRIES[3]
    own = chained(third.previous, at=third.at, by="b@example.org", act=third.act, subject=third.subject,
                  details=third.details)  # fmt: skip
    touched = [*ENTRIES[:2], replace(third, by="b@example.org", hash=own), replace(fourth, previous=own), ENTRIES[4]]

    assert verify(touched, HEAD).broken == 4
