"""Address → what the server sent, or NotModified: within limits of time, size and safety.

`fetcher` follows one address through its redirects; `connection` opens the sockets, and only to addresses that `addresses` lets pass;
`content` undoes the content codings while the body comes in; `failures` puts whatever goes wrong into one sentence.

Touches the network.
"""

from tracker.fetch.content import ANYTHING, SITEMAPS, TEXT
from tracker.fetch.fetcher import Fetcher

__all__ = ["ANYTHING", "SITEMAPS", "TEXT", "Fetcher"]
