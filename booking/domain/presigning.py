"""Addresses that an S3-compatible store answers without further proof: Signature Version 4 in the query.

By https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs, and for which region."""

    access_key: str
    secret_key: str
    region: str = "us-east-1"


def signed_query(
    credentials: Credentials,
    method: str,
    host: str,
    path: str,
    asked: Mapping[str, str],
    *,
    now: datetime,
    seconds: int,
) -> str:
    """The query of an address that is good for `seconds`: what is `asked`, and the proof. `path` is not quoted yet."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    said = {
        **asked,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(said.items()))
    request = "\n".join([method, quoted_path(path), query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
    to_sign = "\n".join([ALGORITHM, stamp, scope, sha256(request.encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.new(key, part.encode(), sha256).digest()
    return f"{query}&X-Amz-Signature={key.hex()}"


def quoted_path(path: str) -> str:
    """A path as it stands in the address and in what is signed."""
    return quote(path, safe=f"/{UNRESERVED}")


def _quoted(text: str) -> str:
    return quote(text, safe=UNRESERVED)
