"""Files in an S3-compatible store, fetched by addresses that are signed for each request."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

from booking.connectors.stores import CHUNK_BYTES, StoreError
from booking.domain.errors import NotFound
from booking.domain.files import StoredFile, clean_path, is_plain
from booking.domain.presigning import Credentials, quoted_path, signed_query

PATIENCE_SECONDS = 30
SIGNED_FOR_SECONDS = 60
LARGEST_LIST = 10_000_000


@dataclass(frozen=True)
class S3Store:
    """A bucket, or the part of one under a prefix; `now` is the clock that signatures are dated by."""

    host: str
    bucket: str
    prefix: str
    credentials: Credentials
    now: Callable[[], datetime]
    secure: bool = True

    def find(self, path: str) -> StoredFile:
        with self._asked("HEAD", self._key(clean_path(path))) as answer:
            return StoredFile(
                path,
                int(answer.getheader("Content-Length") or 0),
                answer.getheader("ETag") or "",
                _date(answer.getheader("Last-Modified")),
            )

    def files(self, folder: str, *, after: str, limit: int) -> list[StoredFile]:
        base = self._key(f"{folder}/" if folder else "")
        asked = {"list-type": "2", "prefix": base, "max-keys": str(limit)}
        if after:
            asked["start-after"] = base + after
        with self._asked("GET", "", asked) as answer:
            return [file for file in _listed(answer.read(LARGEST_LIST), base) if is_plain(file.path)]

    def read(self, file: StoredFile, start: int, length: int) -> Iterator[bytes]:
        if not length:
            return
        wanted = {"Range": f"bytes={start}-{start + length - 1}", "If-Match": file.etag}
        with self._asked("GET", self._key(file.path), headers=wanted) as answer:
            try:
                while chunk := answer.read(CHUNK_BYTES):
                    yield chunk
            except (OSError, HTTPException) as error:
                raise StoreError(f"{self.host} broke off: {error}") from error

    def on_disk(self, path: str) -> bool:
        return False

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path

    @contextmanager
    def _asked(
        self, method: str, key: str, asked: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[HTTPResponse]:
        """The answer of the store to one signed request; NotFound for what it has not."""
        path = f"/{self.bucket}/{key}" if key else f"/{self.bucket}"
        query = signed_query(
            self.credentials, method, self.host, path, asked or {}, now=self.now(), seconds=SIGNED_FOR_SECONDS
        )
        connection = (HTTPSConnection if self.secure else HTTPConnection)(self.host, timeout=PATIENCE_SECONDS)
        try:
            try:
                connection.request(method, f"{quoted_path(path)}?{query}", headers=dict(headers or {}))
                answer = connection.getresponse()
            except (OSError, HTTPException) as error:
                raise StoreError(f"{self.host} cannot be reached: {error}") from error
            if answer.status in (404, 412):
                raise NotFound("file")
            if answer.status not in (200, 206):
                raise StoreError(f"{self.host} answered {answer.status} {answer.reason}")
            yield answer
        finally:
            connection.close()


def s3_store(address: str, now: Callable[[], datetime]) -> S3Store:
    """The store that `s3+https://KEY:SECRET@host/bucket/prefix?region=…` names; ValueError where it names none."""
    parts = urlsplit(address)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not (parts.username and parts.password and parts.hostname and bucket):
        raise ValueError("say s3+https://KEY:SECRET@host/bucket/prefix?region=…")
    region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
    credentials = Credentials(unquote(parts.username), unquote(parts.password), region)
    host = parts.netloc.rpartition("@")[2]
    return S3Store(host, bucket, prefix, credentials, now, secure=parts.scheme == "s3+https")


def _listed(body: bytes, base: str) -> Iterator[StoredFile]:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise StoreError(f"the list of files cannot be read: {error}") from error
    for entry in root.iter():
        if entry.tag.rpartition("}")[2] == "Contents":
            said = {child.tag.rpartition("}")[2]: child.text or "" for child in entry}
            yield StoredFile(
                said["Key"].removeprefix(base), int(said["Size"]), said["ETag"],
                datetime.fromisoformat(said["LastModified"]).astimezone(UTC),
            )  # fmt: skip


def _date(header: str | None) -> datetime:
    return parsedate_to_datetime(header).astimezone(UTC) if header else datetime.fromtimestamp(0, UTC)
