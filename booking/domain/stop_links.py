"""Links that stop mail: signed, good for one person and one kind of event, and for as long as the site's secret is."""

import hmac
from hashlib import sha256

from booking.domain.errors import NotFound
from booking.domain.wording import TELLS

DIGEST = "digest"


def is_stoppable(event: str) -> bool:
    """Whether somebody may choose not to get mail of this kind: all but what an account needs."""
    return event == DIGEST or event in TELLS


def stop_token(user_id: int, event: str, secret: str) -> str:
    """The word in the link of a letter to a person about an event."""
    return f"{user_id}.{event}.{_signature(user_id, event, secret)}"


def read_stop_token(token: str, secret: str) -> tuple[int, str]:
    """Whose mail of what is to stop; NotFound where nobody has signed this."""
    user, _, rest = token.partition(".")
    event, _, signature = rest.partition(".")
    if not (user.isascii() and user.isdigit() and len(user) < 19 and is_stoppable(event)):
        raise NotFound("link")
    if not hmac.compare_digest(signature.encode(), _signature(int(user), event, secret).encode()):
        raise NotFound("link")
    return int(user), event


def _signature(user_id: int, event: str, secret: str) -> str:
    said = f"stop mail\n{user_id}\n{event}"
    return hmac.new(secret.encode(), said.encode(), sha256).hexdigest()[:32]
