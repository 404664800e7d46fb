"""Where the links of a text lead, written so that the same place is always written the same.

A page's links differ at every request in what does not lead anywhere: click identifiers, session and cache-busting parameters, the address of the page itself in front of them.
What is left is compared literally: an address that the page writes otherwise is another link until somebody has followed it.

Computes only.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from tracker.url import drop_tracking

WEB = ("http://", "https://")
_NO_PLACE = ("javascript:", "data:", "blob:", "about:")
_SCRAMBLED = "/cdn-cgi/l/email-protection"  # of Cloudflare: another one at every request
_SESSION = re.compile(r";jsessionid=[^?#]*", re.IGNORECASE)
_SPACE = re.compile(r"[\t\n\r]+")  # browsers drop it (URL Standard, 4.4)
# Values that are made for one request: a moment in seconds or milliseconds since 1970, and a random token.  An identifier of a page is shorter, or a plain number.
_MADE_UP = re.compile(r"1[4-9]\d{8}(?:\d{3})?|(?=[^=]*\d)(?=[^=]*[A-Za-z])[\w.~%+-]{24,}")


def plain_link(href: str) -> str:
    """Take off a link what only identifies the request; empty where it leads nowhere."""
    href = href.strip()
    if "\n" in href or "\t" in href or "\r" in href:
        href = _SPACE.sub("", href)
    if href in ("", "#") or href[:11].lower().startswith(_NO_PLACE) or _SCRAMBLED in href:
        return ""
    if ";" in href:
        href = _SESSION.sub("", href)
    if "?" not in href:
        return href
    start, _, rest = href.partition("?")
    query, hash_, fragment = rest.partition("#")
    items = (item for item in drop_tracking(query).split("&") if not _MADE_UP.fullmatch(item.partition("=")[2]))
    query = "&".join(items)
    return f"{start}{'?' if query else ''}{query}{hash_}{fragment}"


def link_target(href: str, base: str) -> str | None:
    """Say where a link leads.

    Args:
        href: As the page has it.
        base: The page's address; a link is left as it is where that is none of the web.

    Returns:
        A path for a place on the same host, an address for others; None where it leads nowhere.  A bare "#…" stays one.
    """
    link = plain_link(href)
    if not link or link.startswith("#") or not base.startswith(WEB):
        return link or None
    try:
        parts, page = urlsplit(urljoin(base, link)), urlsplit(base)
    except ValueError:
        return link
    if (parts.scheme, parts.netloc.lower()) != (page.scheme, page.netloc.lower()):
        return parts.geturl()
    return parts._replace(scheme="", netloc="").geturl() or "/"
