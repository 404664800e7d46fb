"""Captures to keep, and disks that fail, for the tests of the archive."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tracker.archive import Disk
from tracker.models import Capture, Redirect, Snapshot, StoredSnapshot, Version

FOLDER = "northdesk.example/bridge-1a2b3c4d"
ADDRESS = "https://northdesk.example/bridge"
START = datetime(2024, 3, 2, 6, 30, tzinfo=UTC)
GOOD = Capture()


def page(edition: int, *, paragraphs: int = 40, layout: str = "a") -> bytes:
    """Write a page of about 10 kB in which one paragraph is different in each edition."""
    random = Random(layout)
    words = ["".join(random.choices("abcdefghiklmnoprstuvw", k=random.randint(2, 9))) for _ in range(900)]
    texts = [" ".join(random.choices(words, k=40)) for _ in range(paragraphs)]
    texts[edition % paragraphs] = f"The bridge was closed to traffic for the {edition}th time."
    body = "".join(f'<p class="{layout}">{text}.</p>\n' for text in texts)
    return f"<!doctype html><title>Bridge closed</title>\n<article>\n{body}</article>\n".encode()


def snapshot(edition: int = 0, *, body: bytes | None = None, at: datetime | None = None, status: int = 200) -> Snapshot:
    """Take a capture of an edition, a minute after the one before."""
    at = at or START + timedelta(minutes=edition)
    return Snapshot(
        url="https://northdesk.example/b?id=7",
        fetched_at=at,
        status=status,
        headers=(
            ("Date", f"{at:%a, %d %b %Y %H:%M:%S GMT}"),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("ETag", f'"{edition}"'),
        ),
        body=page(edition) if body is None else body,
        reason="OK",
        final_url=ADDRESS,
        request_headers=(("User-Agent", "tracker"), ("Accept-Encoding", "gzip")),
        redirects=(Redirect("https://northdesk.example/b?id=7", 301, ADDRESS, (("Location", "/bridge"),)),),
        elapsed_s=0.25,
        server_address="192.0.2.7",
        certificate_sha256="ab" * 32,
    )


def number_of(stored: StoredSnapshot) -> int:
    """Say which edition a capture is of."""
    return int((stored.fetched_at - START) / timedelta(minutes=1))


def version(edition: int = 0) -> Version:
    """Read an edition."""
    return Version(
        headline="Bridge closed",
        byline=("A. Writer",),
        published_at=START,
        language="en",
        paragraphs=(f"The bridge was closed to traffic for the {edition}th time.", "Ferries run — “for now”."),
        extractor="general/1",
    )


class Killed(BaseException):
    """The process dies here: nothing that comes after happens."""


class FaultyDisk(Disk):
    """A disk whose n-th primitive is the last thing that happens, or fails.

    Args:
        n: Which primitive, from 1; the disk works until then.
        fault: What happens in its stead: gets the primitive's name and a function that does it, and raises.
        for_ever: Everything after it fails in the same way.
    """

    def __init__(self, n: int, fault: Callable[[str, Callable[[], object]], None], *, for_ever: bool = False) -> None:
        self.count = 0
        self.n = n
        self.fault = fault
        self.for_ever = for_ever

    @property
    def struck(self) -> bool:
        return self.count >= self.n

    def _step(self, name: str, do: Callable[[], object]) -> None:
        self.count += 1
        if self.count == self.n or (self.for_ever and self.struck):
            self.fault(name, do)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        self._step("write", lambda: os.write(descriptor, data[: len(data) // 2]))
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self._step("fsync", lambda: os.fsync(descriptor))
        super().fsync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        self._step("truncate", lambda: os.ftruncate(descriptor, length))
        super().truncate(descriptor, length)

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename", lambda: old.rename(new))
        super().rename(old, new)


def dies_before(name: str, do: Callable[[], object]) -> None:
    """Kill the process before the primitive."""
    raise Killed


def dies_after(name: str, do: Callable[[], object]) -> None:
    """Kill the process after the primitive; of a write, half was done."""
    do()
    raise Killed


def fails_with(number: int) -> Callable[[str, Callable[[], object]], None]:
    """Let the primitive fail; of a write, half was done."""

    def fail(name: str, do: Callable[[], object]) -> None:
        if name == "write":
            do()
        raise OSError(number, os.strerror(number))

    return fail


def files_of(folder: Path) -> dict[str, bytes]:
    """Read every file of an archive that is not there for people only."""
    told = ("index.tsv", "README.txt")
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in told)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
