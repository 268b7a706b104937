"""A booking of a dataset rests on accepted terms, and on a permit where the data is restricted."""

from booking.domain.admission import admit
from booking.domain.bases import Basis
from booking.domain.orders import Order
from booking.domain.refusals import Code
from tests.domain.examples import at, codes, dataset, hours, order, pool, situation, spoken, together

ORDER = order(1, of=2)


def refused(basis: Basis, wanted: Order = ORDER, standing: Order | None = None) -> list[Code]:
    """The codes that the evaluator answers with."""
    asked = situation(pool(), dataset(), bases={2: basis})
    return codes(admit(wanted, asked, standing=standing).refusals)


def test_data_that_asks_for_nothing_is_booked_as_ever() -> None:
    assert refused(Basis()) == []


def test_the_version_in_force_must_be_accepted() -> None:
    assert refused(Basis(terms=2, accepted=1)) == [Code.TERMS_NOT_ACCEPTED]
    assert refused(Basis(terms=2, accepted=2)) == []
    assert refused(Basis(terms=2, accepted=3)) == []


def test_restricted_data_needs_a_permit_that_lasts_to_the_end_of_the_booking() -> None:
    assert refused(Basis(needs_permit=True)) == [Code.PERMIT_MISSING]
    assert refused(Basis(needs_permit=True, permitted_until=at(12))) == []
    assert refused(Basis(needs_permit=True, permitted_until=at(11, 59, 59))) == [Code.PERMIT_MISSING]


def test_who_is_late_with_a_deletion_books_the_data_no_more() -> None:
    assert refused(Basis(late_since=at(8))) == [Code.NOT_ELIGIBLE]


def test_every_reason_is_told_at_once_with_its_claim_and_its_numbers() -> None:
    both = together(hours(10, 12), (1, 8), (2, 1))
    found = admit(both, situation(pool(), dataset(), bases={2: Basis(3, 1, True)})).refusals
    assert [(one.code, one.field) for one in found] == [
        (Code.TERMS_NOT_ACCEPTED, "claims.1.resource"),
        (Code.PERMIT_MISSING, "claims.1.resource"),
    ]
    assert spoken(found[0]) == "Accept version 3 of the terms of dataset-2 first; you find them on its page."


def test_a_shrink_is_always_allowed_and_a_growth_is_not() -> None:
    lost = Basis(terms=1, needs_permit=True)
    shorter, longer = order(1, hours(10, 11), of=2), order(1, hours(10, 13), of=2)
    assert refused(lost, shorter, standing=ORDER) == []
    assert refused(lost, longer, standing=ORDER) == [Code.TERMS_NOT_ACCEPTED, Code.PERMIT_MISSING]
