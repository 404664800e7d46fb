"""Judge status, headers and redirects: what the server did, before the page is looked at.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from tracker.capture.finding import Finding
from tracker.capture.look import Look
from tracker.models import Snapshot

# Headers that are on a response only when the firewall answered in the site's place: name, value, who.
_FIREWALL_HEADERS = (
    ("x-amzn-waf-action", re.compile(r"challenge|captcha", re.IGNORECASE), "AWS WAF"),
    ("cf-mitigated", re.compile(r"challenge", re.IGNORECASE), "Cloudflare"),
    ("rimon", re.compile(r"block", re.IGNORECASE), "Rimon"),
    ("x-datadome-response", re.compile(r"^(?!200)\d"), "DataDome"),
    ("x-sucuri-block", re.compile(r"."), "Sucuri"),
    ("x-vercel-mitigated", re.compile(r"challenge|deny", re.IGNORECASE), "Vercel"),
)
_REFUSALS = {
    401: (0.1, "asks for a login"),
    402: (0.1, "asks for payment"),
    403: (0.1, "refuses access"),
    407: (0.1, "asks for a login at a proxy"),
    429: (0.1, "says that there were too many requests"),
    500: (0.5, "has an error of its own"),
    502: (0.5, "is out of order"),
    503: (0.5, "is out of order"),
    504: (0.5, "is out of order"),
}
_HOME = re.compile(
    r"^/*(?:(?:index|home|default|start|startseite)(?:\.\w{2,5})?|[a-z]{2}(?:[-_][a-z]{2})?|home|news|international|edition)?/*$",
    re.IGNORECASE,
)
_WALL_ADDRESS = re.compile(
    r"(?:^|[./])(?:consent|consents|zustimmung|cookie-?consent|privacy-?gate|myprivacy|cmp|gdpr-?consent|login|log-?in|sign-?in|signup|sso|oauth2?|anmelden|connexion|subscribe|paywall|unblock|captcha|challenge|blocked|access-?denied)(?:$|[./?])",
    re.IGNORECASE,
)
_NOT_FOUND_ADDRESS = re.compile(
    r"/(?:404|error-?404|not-?found|page-?not-?found|nicht-?gefunden|errors?)(?:$|[./?])", re.IGNORECASE
)


def judge_response(look: Look) -> Iterator[Finding]:
    """Yield what speaks against a response before it is read."""
    snapshot = look.snapshot
    firewall = next((who for name, value, who in _FIREWALL_HEADERS if value.search(snapshot.header(name) or "")), None)
    if firewall:
        yield Finding(0.0, f"{firewall} answered in place of the site: it blocks or tests the visitor")
    if look.is_gone:
        return
    if snapshot.status >= 400:
        quality, what = _REFUSALS.get(snapshot.status, (0.25, "refuses the request"))
        yield Finding(quality, f"The server {what} (status {_status(snapshot)})")
    elif snapshot.status >= 300 or (snapshot.status in (202, 204, 205) and look.is_little):
        yield Finding(0.1, f"The server sent no page (status {_status(snapshot)})")
    else:
        yield from _judge_redirect(snapshot)


def _status(snapshot: Snapshot) -> str:
    return f"{snapshot.status} {snapshot.reason}".strip()


def _judge_redirect(snapshot: Snapshot) -> Iterator[Finding]:
    if not snapshot.final_url or snapshot.final_url == snapshot.url:
        return
    asked, got = _split(snapshot.url), _split(snapshot.final_url)
    if asked is None or got is None or (asked.netloc, asked.path) == (got.netloc, got.path):
        return
    here, there = f"{asked.netloc}{asked.path}", f"{got.netloc}{got.path}"
    if _WALL_ADDRESS.search(there) and not _WALL_ADDRESS.search(here):
        yield Finding(0.1, f"The address leads to a login, consent or block page ({snapshot.final_url[:200]})")
    elif _NOT_FOUND_ADDRESS.search(got.path) and not _NOT_FOUND_ADDRESS.search(asked.path):
        reason = f"The address leads to an error page ({snapshot.final_url[:200]})"
        yield Finding(0.1, reason, "the address leads to an error page")
    elif _HOME.match(got.path) and not got.query and not _HOME.match(asked.path):
        reason = f"The address leads to a front page ({snapshot.final_url[:200]}): the article may be gone"
        yield Finding(0.1, reason, "the address leads to a front page")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
