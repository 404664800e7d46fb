"""Which captures are kept, and which of those that were kept need not be any more.

Computes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from tracker.config import Config, Keep, WatchSettings
from tracker.errors import AddressError
from tracker.models import StoredSnapshot
from tracker.url import normalize_url

WHY: Final = {
    "versions": 'only captures of new texts are kept (keep = "versions")',
    "daily": 'only one capture a day is kept beside those of new texts (keep = "daily")',
}


def keep_of(config: Config, url: str, source: str | None) -> Keep:
    """Say which captures of an article are kept.

    Args:
        config: The settings.
        url: Of the article, normalised.
        source: Address of the feed, sitemap or section that it was found in.
    """
    if not any(one.keep for one in config.watch):
        return config.keep
    rules = _rules(config.watch)
    return rules.get(url) or rules.get(source or "") or config.keep


@lru_cache(maxsize=4)
def _rules(watched: tuple[WatchSettings, ...]) -> dict[str, Keep]:
    return {_normal(one.address): one.keep for one in watched if one.keep}


def _normal(address: str) -> str:
    try:
        return normalize_url(address)
    except AddressError:
        return address


def is_kept(keep: Keep, last_kept_at: datetime | None, at: datetime) -> bool:
    """Whether a capture is kept that shows nothing new.

    Args:
        keep: The rule.
        last_kept_at: When the latest capture was fetched that is kept.
        at: When this one was.
    """
    if keep == "daily":
        return last_kept_at is None or _day(last_kept_at) < _day(at)
    return keep == "everything"


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that is kept, as far as a rule looks at it."""

    stored: StoredSnapshot
    text: str | None  # digest of what was read in it; None where nothing was, or it is hardly the article


def superfluous(keep: Keep, captures: Sequence[Kept], needed: Collection[str]) -> Iterator[StoredSnapshot]:
    """List the captures that need not be kept any more: they show the text of the one before.

    What is hardly the article stays, for it says something as well; so does what was imported, and what the catalog refers to.

    Args:
        keep: The rule.
        captures: Of one article, in any order.
        needed: Identifiers of captures that stay in any case.
    """
    if keep == "everything":
        return
    text: str | None = None
    days: set[date] = set()
    for one in sorted(captures, key=lambda kept: (kept.stored.fetched_at, kept.stored.file, kept.stored.offset)):
        if one.text is None:
            continue
        is_new, text = one.text != text, one.text
        day = _day(one.stored.fetched_at)
        stays = is_new or one.stored.id in needed or one.stored.origin is not None
        if not stays and not (keep == "daily" and day not in days):
            yield one.stored
        days.add(day)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
