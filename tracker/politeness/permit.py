"""One answer to "may this address be fetched now?", of robots rules and budgets together.

Computes only: robots.txt is fetched by the function that the caller hands in.  Any thread may call at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol

from tracker.config import FetchSettings
from tracker.errors import FetchError
from tracker.models import NotModified, Snapshot
from tracker.politeness.budgets import HostBudgets, is_exempt
from tracker.politeness.hosts import Hosts, Slowed
from tracker.politeness.robots import Robots, robots_from_response, robots_url
from tracker.url import host_of

FetchRobots = Callable[[str], Snapshot | NotModified]
"""Fetches a robots.txt, whatever its media type; raises FetchError."""

SITES_KEPT: Final = 4096  # whose rules are kept in memory: some 20 kB each
PATIENCE_S: Final = 5.0  # with another thread that reads the robots.txt that we need
STILL_READING: Final = timedelta(seconds=10)  # to wait when it takes longer


@dataclass(frozen=True, slots=True)
class Permit:
    """May we?  Yes, if neither `refusal` nor `wait_until` is set."""

    refusal: str | None = None  # no, and why
    transient: bool = False  # of a refusal: robots.txt could not be read, which may change soon
    wait_until: datetime | None = None  # not yet
    reason: str | None = None  # for the wait


GRANTED: Final = Permit()


class Sites(Protocol):
    """Where what sites allow is kept beyond this process; such as the catalog."""

    def site_rules(self, url: str) -> tuple[str | None, datetime, datetime] | None:
        """Find the text of a robots.txt, when it was read and until when that holds."""

    def keep_site_rules(self, url: str, text: str | None, read_at: datetime, expires_at: datetime) -> None:
        """Keep it."""


class Politeness:
    """Knows what each site allows and when each host may be asked next.

    Args:
        settings: The `[fetch]` section.
        hosts: Where what is known of the hosts is kept; None for the memory of this process.
        sites: Where what they allow is kept too.
    """

    def __init__(self, settings: FetchSettings, hosts: Hosts | None = None, sites: Sites | None = None) -> None:
        self.budgets = HostBudgets(settings, hosts)
        self._settings = settings
        self._hosts = hosts
        self._kept = sites
        self._sites: dict[str, Robots] = {}  # by the address of their robots.txt
        self._reading: set[str] = set()
        self._read = threading.Condition()  # something has been read

    def ask(self, url: str, now: datetime, random: Random, fetch_robots: FetchRobots) -> Permit:
        """Ask whether an address may be fetched now; with a yes comes the duty to fetch it within `request`.

        Args:
            url: What is to be fetched.
            now: The present.
            random: Where the jitter comes from.
            fetch_robots: Called once a day and site, in this thread.
        """
        closed = self.budgets.closed(url, now)
        if closed is None and self._settings.robots:
            robots = self._robots(url, now, fetch_robots)
            if robots is None:
                return Permit(wait_until=now + STILL_READING, reason=f"{robots_url(url)} is being read")
            if robots.unreachable:
                why = f"{robots.unreachable} (asked for robots.txt, without which nothing is read there)"
                return Permit(f"{url}: {why}", transient=not robots.forbidden)
            if not robots.allows(url):
                return Permit(f"robots.txt of {host_of(url)} does not allow {robots.agent} to read {url}")
            crawl_delay_s = robots.crawl_delay_s
        else:
            crawl_delay_s = 0.0
        wait_until = self.budgets.reserve(url, now, random, crawl_delay_s=crawl_delay_s)
        if wait_until is None:
            return GRANTED
        why = f"is left alone, because {closed.why}" if closed else "is asked for one page after the other"
        return Permit(wait_until=wait_until, reason=f"{host_of(url)} {why}")

    def forgive(self, now: datetime) -> None:
        """Hold against no site that it did not answer: the network was away.  A robots.txt that could not be read is read again."""
        self.budgets.forgive(now)
        with self._read:
            for address in [address for address, known in self._sites.items() if known.unreachable]:
                del self._sites[address]

    def anew(self) -> Politeness:
        """Begin with a clean sheet: the moments that are known were told by a clock that was wrong."""
        return Politeness(self._settings, self._hosts, self._kept)

    @contextmanager
    def request(self, url: str, clock: Callable[[], datetime]) -> Iterator[None]:
        """Be told how a fetch that was granted goes: `with politeness.request(url, clock): fetcher.fetch(url)`."""
        error: FetchError | None = None
        try:
            yield
        except FetchError as caught:
            error = caught
            raise
        finally:
            self.budgets.ended(url, clock(), error)

    def allows(self, url: str) -> bool:
        """Say whether what is known by now speaks against an address: for the targets of redirects, on whose account no robots.txt is fetched."""
        with self._read:
            known = self._sites.get(robots_url(url))
        return not self._settings.robots or known is None or known.allows(url)

    def remember(self, slowed: Iterable[Slowed], now: datetime) -> None:
        """Leave hosts alone for as long as another process has found that they want to be."""
        for one in slowed:
            self.budgets.leave_alone(one, now)

    def slowed(self, now: datetime) -> list[Slowed]:
        """List the hosts that are left alone for the time being, and why."""
        return self.budgets.slowed(now)

    # --- robots -----------------------------------------------------------------------------------

    def _robots(self, url: str, now: datetime, fetch_robots: FetchRobots) -> Robots | None:
        """Give the rules of a site, fetched if need be; None if another thread is at it, and does not come to an end."""
        address = robots_url(url)
        with self._read:
            if not self._read.wait_for(lambda: address not in self._reading, PATIENCE_S):
                return None
            known = self._sites.get(address)
            if known is not None and now < known.expires_at:
                return known
            self._reading.add(address)
        robots: Robots | None = None
        try:
            known = known or self._recall(address)
            if known is not None and now < known.expires_at:
                robots = known
            else:
                robots = self._read_robots(address, now, fetch_robots, known)
                if self._kept and robots.unreachable is None:
                    self._kept.keep_site_rules(address, robots.text, robots.read_at, robots.expires_at)
            return robots
        finally:
            with self._read:
                self._reading.discard(address)
                if robots is not None:
                    self._keep(address, robots)
                self._read.notify_all()

    def _recall(self, address: str) -> Robots | None:
        """Read the rules that another process has left."""
        kept = self._kept.site_rules(address) if self._kept else None
        if kept is None:
            return None
        text, read_at, expires_at = kept
        return replace(Robots.parse(text, self._settings.user_agent, read_at), expires_at=expires_at)

    def _read_robots(self, address: str, now: datetime, fetch_robots: FetchRobots, known: Robots | None) -> Robots:
        agent = self._settings.user_agent
        try:
            response = fetch_robots(address)
        except FetchError as error:
            self.budgets.note(address, now, error)
            robots = robots_from_response(error, agent, now, known)
            # A host that may be asked at any time may also be asked again at once.
            return (
                replace(robots, expires_at=now) if robots.unreachable and is_exempt(address, self._settings) else robots
            )
        assert isinstance(response, Snapshot), "robots.txt was asked for without conditions"
        return robots_from_response(response, agent, now, known)

    def _keep(self, address: str, robots: Robots) -> None:
        self._sites.pop(address, None)
        self._sites[address] = robots
        if len(self._sites) > SITES_KEPT:
            del self._sites[next(iter(self._sites))]  # the one that was read longest ago
