"""How often each host may be asked: one at a time in a queue, a pause between two, and patience with a host in trouble.

What is known of the hosts is in memory by default: after a restart every one begins with a clean sheet, and says again if it is asked too often.
Several processes that share the work share the hosts too (`tracker.politeness.hosts`).

Computes only; any thread may call at any time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final
from urllib.parse import urlsplit

from tracker.config import FetchSettings
from tracker.errors import FetchError, RateLimitedError
from tracker.politeness.hosts import Host, Hosts, HostsInMemory, Slowed
from tracker.url import DEFAULT_PORTS, host_of, is_listed_host

JITTER: Final = 0.25  # of the pause, only ever longer: requests at equal distances are easy to tell from a reader's
GRACE: Final = timedelta(
    seconds=15
)  # that a place in the queue is kept free after its time: three rounds of the dispatcher
LOST: Final = timedelta(minutes=5)  # beyond the deadline; a request that did not say when it ended is forgotten then
FULL_WAIT: Final = timedelta(seconds=1)  # when all connections are in use: nobody knows when one ends
PATIENCE: Final = 3  # failures in a row until the host is taken to be in trouble, and not the page
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)  # that we choose ourselves
LONGEST_ASKED: Final = timedelta(days=1)  # that a host gets by Retry-After


class HostBudgets:
    """Counts requests by host, and says when the next one may begin."""

    def __init__(self, settings: FetchSettings, hosts: Hosts | None = None) -> None:
        self._settings = settings
        self._hosts = hosts or HostsInMemory()

    def reserve(self, url: str, now: datetime, random: Random, *, crawl_delay_s: float = 0.0) -> datetime | None:
        """Ask for the next request to a host.

        Args:
            url: What is to be fetched.
            now: The present.
            random: Where the jitter comes from.
            crawl_delay_s: The pause that the host asks for.

        Returns:
            None: go ahead, the place is yours until `ended` is called.  Otherwise when to ask again; moments are handed out in turn, so
            that a hundred articles of one host come back one by one.
        """
        with self._hosts.hold(host_of(url), now) as host:
            self._forget(host, now)
            pause = timedelta(seconds=max(self._settings.delay_s, crawl_delay_s))
            if is_exempt(url, self._settings):
                pause, turn = timedelta(), host.closed_until
            else:
                turn = self._turn(host, url, now, pause)
            place = host.queue.pop(url, None)
            if turn > now:
                host.queue[url] = turn
                host.last_turn = host.last_turn if place else turn
                return turn
            host.began.append(now)
            host.free_at = now + pause * (1 + JITTER * random.random())
            return None

    def ended(self, url: str, now: datetime, error: FetchError | None = None) -> None:
        """Give a place back, and say how the request went: a host that fails again and again is left alone for a while."""
        with self._hosts.hold(host_of(url), now) as host:
            if host.began:
                host.began.pop(0)
            self._learn(host, url, now, error)

    def note(self, url: str, now: datetime, error: FetchError | None) -> None:
        """Learn from how a request went that needed no place of its own, such as the one for robots.txt."""
        with self._hosts.hold(host_of(url), now) as host:
            self._learn(host, url, now, error)

    def leave_alone(self, slowed: Slowed, now: datetime) -> None:
        """Leave a host alone until then."""
        with self._hosts.hold(slowed.host, now) as host:
            if slowed.until > max(now, host.closed_until):
                self._close(host, slowed.until, slowed.why)

    def forgive(self, now: datetime) -> None:
        """Hold against no host of this process that it did not answer: nobody did."""
        if isinstance(self._hosts, HostsInMemory):
            self._hosts.forgive(now)

    def slowed(self, now: datetime) -> list[Slowed]:
        """List the hosts that are left alone for the time being."""
        return self._hosts.slowed(now)

    def closed(self, url: str, now: datetime) -> Slowed | None:
        """Say whether the host of an address is left alone, and why."""
        return self._hosts.closed(host_of(url), now)

    # --- of a host that is held -------------------------------------------------------------------

    def _turn(self, host: Host, url: str, now: datetime, pause: timedelta) -> datetime:
        """Say when it is an address's turn: behind those that came before it, and not before it was told to come back."""
        turn = max(host.free_at, host.closed_until)
        if url in host.queue:
            turn = max(turn, host.queue[url])
        elif host.queue:
            turn = max(turn, host.last_turn + pause * (1 + JITTER))
        full = len(host.began) >= self._settings.connections_per_host
        return max(turn, now + FULL_WAIT) if full else turn

    def _forget(self, host: Host, now: datetime) -> None:
        """Drop requests that never ended, and places in the queue whose owners did not come."""
        longest = timedelta(seconds=self._settings.deadline_s) + LOST
        host.began = [began for began in host.began if began + longest > now]
        while host.queue and (first := next(iter(host.queue))) and host.queue[first] + GRACE <= now:
            del host.queue[first]

    def _learn(self, host: Host, url: str, now: datetime, error: FetchError | None) -> None:
        if isinstance(error, RateLimitedError):
            self._rate_limited(host, url, now, error)
        elif error is not None and error.transient and (error.status is None or error.status >= 500):
            self._failed(host, url, now, error)
        else:
            host.failures = 0

    def _rate_limited(self, host: Host, url: str, now: datetime, error: RateLimitedError) -> None:
        if now >= host.closed_until:  # of several requests under way, only the first says something new
            host.failures += 1
        if error.retry_after_s:  # "at once" is no answer of somebody who is overrun
            until = now + min(timedelta(seconds=error.retry_after_s), LONGEST_ASKED)
        elif is_exempt(url, self._settings):
            return
        else:
            until = now + _double(FIRST_PAUSE, host.failures - 1)
        if until > host.closed_until:
            self._close(host, until, f"it answered with status {error.status}")

    def _failed(self, host: Host, url: str, now: datetime, error: FetchError) -> None:
        host.failures += 1
        if host.failures >= PATIENCE and now >= host.closed_until and not is_exempt(url, self._settings):
            pause = _double(FIRST_PAUSE, host.failures - PATIENCE)
            self._close(host, now + pause, f"{host.failures} requests in a row failed ({error})")
            host.silent = error.status is None

    def _close(self, host: Host, until: datetime, why: str) -> None:
        host.closed_until, host.why, host.silent = until, why, False
        host.free_at = max(host.free_at, until)
        host.queue.clear()  # everybody lines up anew, behind the pause


def is_exempt(url: str, settings: FetchSettings) -> bool:
    """Say whether a host need not be spared, because it is in `allow_hosts` and so our own."""
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    return is_listed_host(parts.hostname or "", port, settings.allow_hosts)


def _double(first: timedelta, times: int) -> timedelta:
    return min(first * 2.0 ** min(max(times, 0), 10), LONGEST_PAUSE)
