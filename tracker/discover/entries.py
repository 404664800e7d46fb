"""What every list of articles comes down to.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, overload

from tracker.errors import AddressError
from tracker.url import normalize_link

LONGEST_TITLE: Final = 500  # characters; a title is shown until the article itself has been read


@dataclass(frozen=True, slots=True)
class Entry:
    """One article (or feed, or sitemap) that a list names."""

    url: str  # normalised
    title: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing(Sequence[Entry]):
    """The entries of a list, in its order, each address once."""

    entries: tuple[Entry, ...] = ()
    children: tuple[Entry, ...] = ()  # further sitemaps to read, of a sitemap index
    skipped: int = 0  # entries without an address that can be followed

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        return self.entries[index]


@dataclass(slots=True)
class Collector:
    """Takes entries as they are found, and leaves out doubles and what cannot be followed."""

    base: str  # what relative links are relative to
    skipped: int = 0
    _found: dict[str, Entry] = field(default_factory=dict)

    def add(
        self,
        link: str | None,
        title: str | None = None,
        published_at: datetime | None = None,
        updated_at: datetime | None = None,
    ) -> None:
        """Take one entry; of two with the same address, the first."""
        url = self._resolve((link or "").strip())
        if url is None:
            self.skipped += 1
        elif url not in self._found:
            self._found[url] = Entry(url, _one_line(title), published_at, updated_at)

    def _resolve(self, link: str) -> str | None:
        try:
            return normalize_link(self.base, link) if link else None
        except AddressError:
            return None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._found.values())

    def listing(self) -> Listing:
        """Give what was found."""
        return Listing(tuple(self), skipped=self.skipped)


def _one_line(title: str | None) -> str | None:
    text = re.sub(r"[\x00-\x20\x7f\s\ud800-\udfff]+", " ", title or "").strip()  # JSON can carry half a character
    return text[:LONGEST_TITLE] or None


def moment_of(text: str | None) -> datetime | None:
    """Read a date and time of RFC 3339; UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None
