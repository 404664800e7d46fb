"""What a site's robots.txt allows us (RFC 9309), read by Protego.

Computes only.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from tracker.errors import BlockedError, FetchError
from tracker.models import Snapshot

MOST_READ: Final = 500 * 1024  # bytes; RFC 9309, section 2.5 asks for at least so many
KEPT: Final = timedelta(days=1)  # RFC 9309, section 2.4
KEPT_UNREACHABLE: Final = timedelta(days=1)  # longer, while no newer ones can be had: the same section allows it
ASKED_AGAIN: Final = timedelta(minutes=5)  # after robots.txt could not be read
LONGEST_DELAY_S: Final = 3600.0  # a greater Crawl-delay is a slip in practice (milliseconds, or a day)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site for us."""

    rules: Protego | None  # None: everything is allowed
    agent: str  # our product token
    read_at: datetime
    expires_at: datetime
    unreachable: str | None = None  # why they could not be read, in which case nothing is allowed
    forbidden: bool = False  # they may not be read, because the host's address is not allowed: nothing to wait for
    sitemaps: tuple[str, ...] = ()
    text: str | None = None  # of the rules

    @classmethod
    def parse(cls, text: str | None, user_agent: str, now: datetime) -> Robots:
        """Read the text of a robots.txt that was fetched just now; None: there is none."""
        if text is None:
            return cls(None, product_token(user_agent), now, now + KEPT)
        rules = Protego.parse(text)
        return cls(rules, product_token(user_agent), now, now + KEPT, sitemaps=tuple(rules.sitemaps), text=text)

    def allows(self, url: str) -> bool:
        """Say whether we may fetch an address of this site."""
        if self.unreachable:
            return False
        return self.rules is None or self.rules.can_fetch(url, self.agent)

    @property
    def crawl_delay_s(self) -> float:
        """The seconds between two requests that the site asks for, by Crawl-delay or Request-rate; 0 if it does not."""
        if self.rules is None:
            return 0.0
        delay = self.rules.crawl_delay(self.agent) or 0.0
        rate = self.rules.request_rate(self.agent)
        if rate is not None and rate.requests > 0:
            delay = max(delay, rate.seconds / rate.requests)
        return min(max(delay, 0.0), LONGEST_DELAY_S)


def robots_url(url: str) -> str:
    """Say where the rules for an address stand: at the root of the same scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def product_token(user_agent: str) -> str:
    """Take from a user agent the name that robots.txt knows us by: `tracker/0.1 (…)` → `tracker`.

    Only this name is compared with the groups of a robots.txt (RFC 9309, section 2.2.1), because the words in the brackets behind it match too much.
    """
    match = re.search(r"compatible;\s*([A-Za-z_-]+)", user_agent) or re.match(r"[A-Za-z_-]+", user_agent)
    return match[match.lastindex or 0] if match else "tracker"


def robots_from_response(
    response: Snapshot | FetchError, user_agent: str, now: datetime, known: Robots | None = None
) -> Robots:
    """Make rules of what the server said when it was asked for robots.txt (RFC 9309, section 2.3.1).

    Args:
        response: The answer, after redirects; or why there is none.
        user_agent: Ours.
        now: When it came.
        known: The rules so far, which go on to hold for another day where the new ones cannot be had.
    """
    if isinstance(response, Snapshot):
        text = response.body.removeprefix(codecs.BOM_UTF8)[:MOST_READ].decode("utf-8", "replace")
        return Robots.parse(text, user_agent, now)
    status = response.status
    # "Too many requests" is a 4xx by number, but does not say that there are no rules.
    if status is not None and 400 <= status < 500 and status != 429:
        return Robots.parse(None, user_agent, now)
    if known is not None and known.unreachable is None and now < known.read_at + KEPT + KEPT_UNREACHABLE:
        return replace(known, expires_at=now + ASKED_AGAIN)
    why = str(response).removeprefix(response.url).lstrip(": ")
    return Robots(
        None, product_token(user_agent), now, now + ASKED_AGAIN, why, forbidden=isinstance(response, BlockedError)
    )
