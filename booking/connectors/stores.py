"""Stores: where the files of datasets are, as the gateway asks for them; folders of this machine, and a twin."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from booking.domain.errors import NotFound, Unavailable
from booking.domain.files import StoredFile, clean_path, is_plain

CHUNK_BYTES = 1024 * 1024
DEEPEST = 32


class StoreError(Unavailable):
    """A store cannot be reached, or does not answer as it should; `why` is for the log, not for who asks."""

    def __init__(self, why: str) -> None:
        super().__init__("The store of these files does not answer at the moment. Try again in a few minutes.")
        self.why = why

    def __str__(self) -> str:
        return self.why


class Store(Protocol):
    """Files by their paths from the root; every path is checked before it is used."""

    def find(self, path: str) -> StoredFile:
        """A file; NotFound where there is none, or where the path leads anywhere else. StoreError."""
        ...

    def files(self, folder: str, *, after: str, limit: int) -> list[StoredFile]:
        """Files under a folder, their paths counted from it, in an order of the store's own from behind `after` on."""
        ...

    def read(self, file: StoredFile, start: int, length: int) -> Iterator[bytes]:
        """The bytes of a part in chunks; fewer come where the file has become shorter. StoreError."""
        ...

    def on_disk(self, path: str) -> bool:
        """Whether a server in front can read the file from this machine's disk by itself."""
        ...


@dataclass
class MemoryStore:
    """The complete twin: files as bytes."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    modified_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def find(self, path: str) -> StoredFile:
        content = self.contents.get(clean_path(path))
        if content is None:
            raise NotFound("file")
        etag = f'"{sha256(content).hexdigest()[:16]}"'
        return StoredFile(path, len(content), etag, self.modified_at)

    def files(self, folder: str, *, after: str, limit: int) -> list[StoredFile]:
        prefix = f"{folder}/" if folder else ""
        names = [path.removeprefix(prefix) for path in sorted(self.contents) if path.startswith(prefix)]
        return [_below(self.find(prefix + name), prefix) for name in names if name > after][:limit]

    def read(self, file: StoredFile, start: int, length: int) -> Iterator[bytes]:
        content = self.contents[file.path][start : start + length]
        for at in range(0, len(content), CHUNK_BYTES):
            yield content[at : at + CHUNK_BYTES]

    def on_disk(self, path: str) -> bool:
        return False


@dataclass(frozen=True)
class FolderStore:
    """A folder of this machine. No link is followed, not even one that stays inside, and nothing but files is read.

    Each step of a path is opened by itself below the one before, so that nothing can be put in its place meanwhile.
    """

    root: Path

    def find(self, path: str) -> StoredFile:
        handle = self._open(path)
        try:
            return _described(path, os.fstat(handle))
        finally:
            os.close(handle)

    def files(self, folder: str, *, after: str, limit: int) -> list[StoredFile]:
        found: list[StoredFile] = []
        behind = tuple(after.split("/")) if after else ()
        for file in self._below(self.root / folder if folder else self.root, (), behind):
            found.append(file)
            if len(found) >= limit:
                break
        return found

    def read(self, file: StoredFile, start: int, length: int) -> Iterator[bytes]:
        handle = self._open(file.path)
        try:
            at, end = start, start + length
            while at < end:
                chunk = os.pread(handle, min(CHUNK_BYTES, end - at), at)
                if not chunk:
                    return
                at += len(chunk)
                yield chunk
        finally:
            os.close(handle)

    def on_disk(self, path: str) -> bool:
        return True

    def _open(self, path: str) -> int:
        parts = clean_path(path).split("/")
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=handle)
                os.close(handle)
                handle = below
            # A pipe would wait for somebody to write; this does not.
            file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
        except (OSError, ValueError):
            raise NotFound("file") from None
        finally:
            with suppress(OSError):
                os.close(handle)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise NotFound("file")
        return file

    def _below(self, folder: Path, above: tuple[str, ...], behind: tuple[str, ...]) -> Iterator[StoredFile]:
        """Depth first, by name; what cannot be fetched is not listed."""
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return
        for entry in ordered:
            path = (*above, entry.name)
            if path < behind[: len(path)] or entry.is_symlink() or not is_plain("/".join(path)):
                continue
            if entry.is_dir(follow_symlinks=False):
                if len(path) < DEEPEST:
                    yield from self._below(Path(entry.path), path, behind)
            elif entry.is_file(follow_symlinks=False) and path > behind:
                with suppress(OSError):
                    yield _described("/".join(path), entry.stat(follow_symlinks=False))


def _described(path: str, found: os.stat_result) -> StoredFile:
    """The mark is the one that nginx gives the same file, so that a download can go on whoever answers."""
    modified = int(found.st_mtime)
    etag = f'"{modified:x}-{found.st_size:x}"'
    return StoredFile(path, found.st_size, etag, datetime.fromtimestamp(modified, UTC))


def _below(file: StoredFile, prefix: str) -> StoredFile:
    return StoredFile(file.path.removeprefix(prefix), file.size, file.etag, file.modified_at)
