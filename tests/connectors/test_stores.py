"""One contract for every store of files: a folder, an S3-compatible store, and the twin in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking.connectors.roots import stores_of
from booking.connectors.s3 import s3_store
from booking.connectors.stores import CHUNK_BYTES, FolderStore, MemoryStore, Store, StoreError
from booking.domain.errors import Invalid, NotFound
from tests.support.s3 import running_s3

FILES = {
    "radar/2026/a.bin": b"a" * (2 * CHUNK_BYTES + 1),
    "radar/2026/雷达 +1.bin": bytes(range(256)),
    "radar/empty": b"",
    "other": b"other",
}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.fixture(params=["folder", "s3", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore(FILES)
    elif request.param == "folder":
        for path, content in FILES.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        yield FolderStore(tmp_path)
    else:
        with running_s3({f"base/{path}": content for path, content in FILES.items()}) as host:
            yield s3_store(f"s3+http://key:se%2Fcr%2Bet@{host}/bucket/base?region=cn-north-1", now)


def test_a_file_is_found_with_its_size(store: Store) -> None:
    for path, content in FILES.items():
        found = store.find(path)
        assert (found.path, found.size) == (path, len(content))
        assert found.etag.startswith('"')
        assert found.modified_at.tzinfo is UTC


@pytest.mark.parametrize("path", ["nothing", "radar", "radar/2026/", "../other", "/other", "radar/../other", "a\0b"])
def test_nothing_else_is_found(store: Store, path: str) -> None:
    with pytest.raises(NotFound):
        store.find(path)


def test_any_part_is_read(store: Store) -> None:
    for path, content in FILES.items():
        found = store.find(path)
        assert b"".join(store.read(found, 0, len(content))) == content
        if content:
            assert b"".join(store.read(found, 1, 4)) == content[1:5]


def test_a_large_file_is_read_in_chunks(store: Store) -> None:
    found = store.find("radar/2026/a.bin")
    assert max(len(chunk) for chunk in store.read(found, 0, found.size)) <= CHUNK_BYTES


def test_files_are_listed_below_a_folder_and_go_on_behind_the_last(store: Store) -> None:
    first = store.files("radar", after="", limit=2)
    assert [one.path for one in first] == ["2026/a.bin", "2026/雷达 +1.bin"]
    assert [one.path for one in store.files("radar", after=first[-1].path, limit=2)] == ["empty"]
    assert store.files("radar", after="empty", limit=2) == []
    assert store.files("nothing", after="", limit=2) == []
    assert sorted(one.path for one in store.files("", after="", limit=9)) == sorted(FILES)


def test_what_became_shorter_ends_and_nothing_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a" * 100)
    store = FolderStore(tmp_path)
    found = replace(store.find("a"), size=500)
    assert b"".join(store.read(found, 50, 450)) == b"a" * 50


def test_a_store_that_does_not_believe_the_signature_is_named() -> None:
    with running_s3({"a": b"a"}) as host:
        store = s3_store(f"s3+http://key:wrong@{host}/bucket?region=cn-north-1", now)
        with pytest.raises(StoreError, match="answered 403"):
            store.find("a")


def test_a_store_that_cannot_be_reached_is_named() -> None:
    store = s3_store("s3+http://key:secret@127.0.0.1:1/bucket", now)
    with pytest.raises(StoreError, match="cannot be reached"):
        store.find("a")


def test_the_setting_names_roots_by_their_organisation(tmp_path: Path) -> None:
    found = stores_of(f"north={tmp_path}; north.cloud=s3+https://k:s@s3.example/b/p?region=r;", now)
    assert found["north"] == FolderStore(tmp_path.resolve())
    assert (found["north.cloud"].host, found["north.cloud"].prefix) == ("s3.example", "p")
    for wrong in ("north", "North=/x", "north=", "a=s3+https://host/b"):
        with pytest.raises((ValueError, Invalid)):
            stores_of(wrong, now)
