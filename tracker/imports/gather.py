"""Captures from files, gathered on the disk by article.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tracker.archive import Archive, Disk, Imported, Skipped
from tracker.errors import AddressError, ArchiveError, InputError
from tracker.imports.forms import Form, open_form
from tracker.models import Capture, StoredSnapshot
from tracker.url import article_folder, normalize_url

PAGES: Final = ("text/html", "application/xhtml+xml")
MOST_PROBLEMS: Final = 20  # that are named of a file; a hostile one has millions


class LooseDisk(Disk):
    """A disk for what may be lost."""

    def fsync(self, descriptor: int) -> None:
        """Do not wait."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A capture that was gathered."""

    stored: StoredSnapshot  # in the spool
    last_seen_at: datetime | None = None  # when the same text was seen once more, where that is told
    is_judged: bool = False  # by the tracker that made it


@dataclass(slots=True)
class Gathered:
    """What files hold, by article."""

    spool: Archive
    now: datetime  # what is dated later is left out: nothing that comes after it could be told from older
    captures: dict[str, list[Waiting]] = field(default_factory=dict)  # by address
    keep_all: bool = False  # also what shows the same text as the captures around it
    passed_over: int = 0  # what is no page of an article that is wanted: pictures, redirects, errors

    @property
    def count(self) -> int:
        """Count the captures."""
        return sum(map(len, self.captures.values()))


def gather(
    gathered: Gathered,
    path: Path,
    *,
    form: Form | None = None,
    only: frozenset[str],
    as_address: str | None,
    step: Callable[[], None],
) -> Iterator[str]:
    """Read a file or a folder.

    Args:
        gathered: Gets what is in it.
        path: What to read.
        form: What it is; None: found out from what is in it.
        only: Normalised addresses that are wanted; all where there are none.
        as_address: The article that all pages in it are captures of.
        step: Called for each capture.

    Yields:
        Sentences: what had to be left out.
    """
    try:
        items = open_form(path, form)
        yield from gather_captures(gathered, items, str(path), only=only, as_address=as_address, step=step)
    except (InputError, ArchiveError) as error:
        yield str(error)


def gather_captures(
    gathered: Gathered,
    items: Iterable[Imported | Skipped],
    name: str,
    *,
    only: frozenset[str],
    as_address: str | None,
    step: Callable[[], None],
) -> Iterator[str]:
    """Take what a reader gives, which is called `name`; the rest is as for `gather`.

    Raises:
        InputError: It cannot be read.
        ArchiveError: There is no room to gather it.
    """
    problems = 0
    for item in items:
        reason = _why_not(item, gathered.now)
        if reason:
            problems += 1
            if problems <= MOST_PROBLEMS:
                yield f"{name}{reason}"
        elif isinstance(item, Imported):
            _keep(gathered, item, Path(name).name, only, as_address)
            step()
    if problems > MOST_PROBLEMS:
        yield f"{name}: {problems - MOST_PROBLEMS:,} more of the kind"


def _why_not(item: Imported | Skipped, now: datetime) -> str | None:
    if isinstance(item, Skipped):
        return f", {item.place}: {item.reason}"
    if item.snapshot.fetched_at > now:
        return f": the capture of {item.snapshot.url[:200]} is dated {item.snapshot.fetched_at:%Y-%m-%d %H:%M}, which is yet to come"
    return None


def _keep(gathered: Gathered, item: Imported, name: str, only: frozenset[str], as_address: str | None) -> None:
    url = _address_of(item, as_address)
    if url is None or (only and url not in only):
        gathered.passed_over += 1
        return
    snapshot = item.snapshot
    origin = name if url == _normal(snapshot.url) else f"{name}, where it is {snapshot.url}"
    snapshot = replace(snapshot, origin=snapshot.origin or origin)
    if as_address:
        snapshot = replace(snapshot, url=url, final_url="", redirects=())
    stored = gathered.spool.append(article_folder(url), snapshot, item.version, item.capture or Capture())
    waiting = Waiting(stored, item.last_seen_at, is_judged=item.capture is not None)
    gathered.captures.setdefault(url, []).append(waiting)


def _address_of(item: Imported, as_address: str | None) -> str | None:
    """Say which article a capture is one of; None where it is no page."""
    snapshot = item.snapshot
    kind = (snapshot.header("Content-Type") or PAGES[0]).partition(";")[0].strip().lower()
    is_page = 200 <= snapshot.status < 300 and kind in PAGES and snapshot.body.strip()
    if not (is_page or item.is_ours or item.version):
        return None
    return as_address or _normal(snapshot.url)


def _normal(address: str) -> str | None:
    try:
        return normalize_url(address) if address.startswith(("http://", "https://")) else None
    except AddressError:
        return None
