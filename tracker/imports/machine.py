"""Captures of the Wayback Machine, or of an archive that speaks as it does: a CDX index, and the pages as they were sent.

EDGI's client (https://github.com/edgi-govdata-archiving/wayback) asks, with its limits on requests and its patience after a refusal.
Captures that have the digest of the one before are not fetched: they say until when a page stood there.

Touches the network.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from tracker.archive import Imported, Skipped
from tracker.archive.codings import LARGEST
from tracker.config import WaybackSettings
from tracker.errors import ConfigError, FetchError
from tracker.models import Snapshot

if TYPE_CHECKING:
    from wayback import CdxRecord, WaybackClient

OFFICIAL: Final = "https://web.archive.org"  # what the client asks
SEARCHES_PER_S: Final = 0.4  # the limit of the Wayback Machine's index; that of pages is configured
PAGES: Final = ("text/html", "application/xhtml+xml", "warc/revisit")
MOST_ROWS: Final = 150_000  # of the index for one address: more than one a minute for a hundred days
RETRIES: Final = 3
TIMEOUT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """Captures in a row that have one digest."""

    record: CdxRecord  # the first
    last_seen_at: datetime  # when the last was made


@dataclass(frozen=True, slots=True)
class Listed:
    """What the archive has of an address."""

    captures: tuple[Found, ...]  # to be fetched, in order of time
    rows: int  # in the index
    known: int  # of these captures, kept already and not among them
    left_out: int  # because there are more than are wanted


@contextlib.contextmanager
def open_machine(settings: WaybackSettings, user_agent: str) -> Iterator[WaybackClient]:
    """Prepare to ask.

    Raises:
        ConfigError: The client is not installed.
    """
    try:
        from wayback import WaybackClient, WaybackSession
    except ImportError as error:
        raise ConfigError(
            "captures of the Wayback Machine need the library `wayback`; install it with: pip install 'tracker[wayback]'"
        ) from error
    session = WaybackSession(
        retries=RETRIES,
        timeout=TIMEOUT_S,
        user_agent=user_agent,
        search_calls_per_second=min(SEARCHES_PER_S, settings.requests_per_s),
        memento_calls_per_second=settings.requests_per_s,
    )
    if settings.address.rstrip("/") != OFFICIAL:
        session.mount(OFFICIAL, Elsewhere(settings.address.rstrip("/")))
    with WaybackClient(session) as client:
        yield client


class Elsewhere(HTTPAdapter):
    """Asks another archive in place of the official one, whose addresses the client has built in."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: requests.PreparedRequest, *arguments: Any, **more: Any) -> requests.Response:
        """Send the request there; the response says that it came from the official one."""
        official = request.url or ""
        there = request.copy()
        there.url = self.address + official.removeprefix(OFFICIAL)
        there.headers.pop("Host", None)
        response = super().send(there, *arguments, **more)
        response.url, response.request = official, request
        return response


def list_captures(
    client: WaybackClient, address: str, *, since: datetime | None, known: Collection[datetime], most: int
) -> Listed:
    """Ask what the archive has of an address.

    Args:
        client: Of `open_machine`.
        address: Of the article.
        since: Only captures made then or later.
        known: When the captures were made that are kept already.
        most: Fetch at most so many; of more, some that are spread evenly are taken, the first and the last among them.

    Raises:
        FetchError: It does not answer, or refuses to.
    """
    with _explained(address):
        rows = []
        for record in client.search(address, from_date=since, limit=10_000, skip_malformed_results=False):
            rows.append(record)
            if len(rows) >= MOST_ROWS:
                break
    pages = [one for one in rows if (one.statuscode or 200) == 200 and one.mimetype in PAGES and _is_of(one, address)]
    runs = [list(run) for _, run in groupby(pages, key=lambda one: one.digest)]
    found = [Found(run[0], run[-1].timestamp) for run in runs]
    new = [one for one in found if one.record.timestamp not in known]
    chosen = _spread(new, most)
    return Listed(tuple(chosen), len(rows), len(found) - len(new), len(new) - len(chosen))


def _is_of(record: CdxRecord, address: str) -> bool:
    """Whether a capture is one of the very page: the index finds those of addresses that look alike too."""
    return bool(urlsplit(record.original).query == urlsplit(address).query)


def _spread(found: Sequence[Found], most: int) -> list[Found]:
    """Choose some that are spread evenly."""
    if len(found) <= most:
        return list(found)
    if most == 1:
        return [found[0]]
    return [found[round(number * (len(found) - 1) / (most - 1))] for number in range(most)]


def fetch_captures(
    client: WaybackClient, address: str, captures: Sequence[Found], step: Callable[[], None]
) -> Iterator[Imported | Skipped]:
    """Fetch captures, one after the other.

    Args:
        client: Of `open_machine`.
        address: Of the article.
        captures: Which.
        step: Called for each.

    Raises:
        FetchError: It does not answer any more, or refuses to: what was given until then is good.
    """
    from wayback.exceptions import MementoPlaybackError, NoMementoError

    for one in captures:
        place = f"the capture of {one.record.timestamp:%Y-%m-%d %H:%M:%S}"
        with _explained(address):
            try:
                yield _fetch(client, address, one)
            except (MementoPlaybackError, NoMementoError) as error:
                yield Skipped(place, f"it cannot be shown ({error})")
        step()


def _fetch(client: WaybackClient, address: str, one: Found) -> Imported | Skipped:
    # Of a redirect the target may be a capture of another time; such a capture is none of the page.
    with client.get_memento(one.record, follow_redirects=False) as memento:
        body = memento.content
        if len(body) > LARGEST:
            return Skipped(memento.memento_url, f"it is {len(body)} bytes long, more than {LARGEST}")
        snapshot = Snapshot(
            url=address,
            fetched_at=memento.timestamp.astimezone(UTC),
            status=memento.status_code,
            headers=tuple((str(name), str(value)) for name, value in memento.headers.items()),
            body=body,
            origin=memento.memento_url,
        )
    return Imported(snapshot, last_seen_at=one.last_seen_at if one.last_seen_at > snapshot.fetched_at else None)


@contextlib.contextmanager
def _explained(address: str) -> Iterator[None]:
    from wayback.exceptions import BlockedByRobotsError, BlockedSiteError, RateLimitError, WaybackException

    try:
        yield
    except (BlockedByRobotsError, BlockedSiteError) as error:
        raise FetchError(f"the Wayback Machine does not show captures of {address}", url=address) from error
    except RateLimitError as error:
        wait = f"in {error.retry_after:.0f} s" if error.retry_after else "later"
        raise FetchError(
            f"the Wayback Machine asks to be left alone; run it again {wait}, and it goes on where it stopped",
            url=address,
            transient=True,
        ) from error
    except (WaybackException, requests.RequestException) as error:
        raise FetchError(
            f"the Wayback Machine does not answer about {address} ({error}); run it again later, and it goes on where it stopped",
            url=address,
            transient=True,
        ) from error
