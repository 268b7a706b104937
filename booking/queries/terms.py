"""Questions about the terms of datasets: their versions with their texts, and who has accepted which."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from booking.domain.errors import NotFound
from booking.domain.terms import Acceptance, TermsVersion
from booking.models.terms import TermsAcceptance
from booking.models.terms import TermsVersion as Row
from booking.models.users import User

WHOLE = select(
    Row.id, Row.number, Row.effective_at, Row.urgent, Row.text, Row.published_at, Row.published_by
)  # fmt: skip


def terms_of(connection: Connection, dataset_id: int) -> list[TermsVersion]:
    """Every version of a dataset's terms with its text, in their order."""
    rows = connection.execute(WHOLE.where(Row.resource_id == dataset_id).order_by(Row.number))
    return [
        TermsVersion(row.number, row.effective_at, row.urgent, row.text, row.published_at, row.published_by)
        for row in rows
    ]


def version_id(connection: Connection, dataset_id: int, number: int) -> int:
    """The key of one version; NotFound where there is none of this number."""
    found = connection.scalar(select(Row.id).where(Row.resource_id == dataset_id, Row.number == number))
    if found is None:
        raise NotFound("version of the terms")
    return found


def has_accepted(connection: Connection, user_id: int, terms_version_id: int) -> bool:
    """Whether a person has accepted a version."""
    said = select(TermsAcceptance.at).where(
        TermsAcceptance.user_id == user_id, TermsAcceptance.terms_version_id == terms_version_id
    )
    return connection.scalar(said) is not None


def acceptances(
    connection: Connection, dataset_id: int, *, after: tuple[int, int] = (0, 0), limit: int
) -> Sequence[Acceptance]:
    """Who has accepted which version of a dataset's terms, by version and person, from behind `after` on."""
    number, user_id = after
    chosen = (
        select(Row.number, TermsAcceptance.user_id, User.email, TermsAcceptance.at)
        .join(Row, Row.id == TermsAcceptance.terms_version_id)
        .join(User, User.id == TermsAcceptance.user_id)
        .where(Row.resource_id == dataset_id)
        .where((Row.number > number) | ((Row.number == number) & (TermsAcceptance.user_id > user_id)))
        .order_by(Row.number, TermsAcceptance.user_id)
        .limit(limit)
    )
    return [Acceptance(row.number, row.user_id, row.email, row.at) for row in connection.execute(chosen)]
