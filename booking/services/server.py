"""Who acts where a command on the server does."""

import secrets
from datetime import datetime

from booking.db import transaction
from booking.domain.permissions import Actor, Role
from booking.models.users import User
from booking.queries.users import user_by_email

EMAIL = "commands@localhost"
"""No address that anybody could register or mail could reach."""


def server_actor(*, now: datetime) -> Actor:
    """An administrator for the length of a command: whoever runs one on the server may do everything.

    The account behind it exists so that what was made can name its maker; nobody can open it, and it has no roles.
    """
    with transaction() as session:
        user = user_by_email(session, EMAIL)
        if user is None:
            user = User(
                email=EMAIL, name="Command line", password_hash="", session_key=secrets.token_hex(16), active=False,
                created_at=now,
            )  # fmt: skip
            session.add(user)
            session.flush()
        return Actor(user.id, user.email, user.name, frozenset({(Role.ADMINISTRATOR, None)}))
