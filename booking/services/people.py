"""What verbs share that name a person by e-mail address."""

from sqlalchemy.orm import Session

from booking.domain.accounts import clean_email
from booking.domain.errors import Invalid
from booking.models.users import User
from booking.queries.users import user_by_email


def person_named(session: Session, email: str, field: str) -> User:
    """The account of an address, if it can be used; Invalid for `field` where there is none.

    An address that nobody has confirmed may be a stranger's, and counts as none.
    """
    try:
        user = user_by_email(session, clean_email(email))
    except Invalid as invalid:
        raise Invalid(field, invalid.message, invalid.numbers) from None
    if user is None or not user.active or user.confirmed_at is None:
        raise Invalid(field, "Nobody has an account with this address. Ask the person to register first.")
    return user
