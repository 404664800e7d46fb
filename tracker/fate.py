"""What becomes of an article as a whole: it is removed, restored, moved to another address; its address is re-used, or serves several texts in turn.

A page that is missing once proves little: servers fail, and editors unpublish for minutes.
So missing is counted over time, and only what was confirmed is said; a check that fails for another reason counts neither way.
When it happened is known as two bounds and never as a moment.

Computes only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tracker.config import ScheduleSettings
from tracker.errors import AddressError
from tracker.models import Article, Capture, Event, EventKind, Snapshot, Verdict
from tracker.url import are_twins, host_of, normalize_url

GONE: Final = frozenset({404, 410})  # RFC 9110, sections 15.5.5 and 15.5.11
PERMANENT: Final = frozenset({301, 308})  # RFC 9110, sections 15.4.2 and 15.4.9


def why_gone(snapshot: Snapshot, capture: Capture) -> str | None:
    """Say why a response shows that the article is missing; None where it does not."""
    if snapshot.status in GONE:
        status = f"{snapshot.status} {snapshot.reason}".strip()
        return None if capture.suspect else f"the server answers with status {status}"
    return capture.gone


def removed(article: Article, at: datetime, why: str, settings: ScheduleSettings) -> Event | None:
    """Say that an article is removed, once that is confirmed.

    Args:
        article: As it is after the check: `gone_since` and `gone_checks` count the check in.
        at: When the check ended.
        why: What speaks for it.
        settings: How many checks over how long confirm it.
    """
    if article.removed_at or article.version is None or article.gone_since is None:
        return None
    span = at - article.gone_since
    if article.gone_checks < settings.gone_checks or span < settings.gone_after:
        return None
    seen = f"{why}, in {article.gone_checks} checks over {_hours(span)}"
    return _event(article, "removed", seen, article.version.last_seen_at, article.gone_since, at)


def restored(article: Article, at: datetime, verdict: Verdict | None) -> Event | None:
    """Say that an article that was removed is there again.

    Args:
        article: As it was before the check.
        at: When it was seen.
        verdict: How its text compares with that before; None where it is the same.
    """
    if article.removed_at is None:
        return None
    text = {None: "identical", "different_story": "another story"}.get(verdict, "different")
    return _event(article, "restored", text, article.gone_until or article.removed_at, at, at)


def moved(article: Article, address: str, at: datetime) -> Event | None:
    """Say that an article has moved to another address."""
    if article.version is None:
        return None
    return _event(article, "moved", address, article.version.last_seen_at, at, at)


def reused(article: Article, at: datetime, verdict: Verdict | None, headline: str | None) -> Event | None:
    """Say that the address of an article now tells another story.

    Args:
        article: As it was before the check.
        at: When it was seen.
        verdict: How the text compares with that before.
        headline: Of the other story.
    """
    if article.version is None or verdict != "different_story":
        return None
    return _event(article, "reused", headline or "", article.version.last_seen_at, at, at)


def alternating(article: Article, texts: str, first_at: datetime, at: datetime) -> Event:
    """Say that an address serves several texts in turn.

    Args:
        article: As it was before the check.
        texts: Which, and how often each was seen.
        first_at: When one was seen that was not there before.
        at: When it was clear that they alternate.
    """
    last_alone = article.version.last_seen_at if article.version else article.added_at
    return _event(article, "variants", texts, last_alone, first_at, at)


def settled_on(article: Article, text: str, others_at: datetime, at: datetime) -> Event:
    """Say that only one of several texts is left.

    Args:
        article: As it was before the check.
        text: Which.
        others_at: When another one was last seen.
        at: When that was clear.
    """
    return _event(article, "settled", text, others_at, at, at)


def leads_to(snapshot: Snapshot) -> str | None:
    """Give the other address, on the same host, that a page has for good; None where there is none."""
    if not snapshot.redirects or any(hop.status not in PERMANENT for hop in snapshot.redirects):
        return None
    try:
        address = normalize_url(snapshot.address)
    except AddressError:
        return None
    other = host_of(address) == host_of(snapshot.url) and not are_twins(address, snapshot.url)
    return address if other else None


def sentence(event: Event) -> str:
    """Say what happened, without when."""
    if event.kind == "reused":
        return f"Re-used: the address now tells another story{f', “{event.detail}”' if event.detail else ''}"
    if event.kind == "variants":
        return f"{event.detail[0].upper()}{event.detail[1:]}"
    if event.kind == "settled":
        return f"No longer in turn: only {event.detail}"
    if event.kind == "removed":
        return f"Removed: {event.detail}"
    if event.kind == "moved":
        return f"Moved to {event.detail}, where the old address leads for good"
    texts = {"identical": "with the same text as before", "different": "with a different text"}
    return f"Restored, {texts.get(event.detail, 'but the address now tells another story')}"


def _event(
    article: Article, kind: EventKind, detail: str, not_before: datetime, not_after: datetime, at: datetime
) -> Event:
    return Event(
        id=0,  # until the catalog gives it one
        article_url=article.url,
        kind=kind,
        detail=detail,
        headline=article.headline,
        not_before=min(not_before, not_after),
        not_after=not_after,
        detected_at=at,
        tags=article.tags,
    )


def _hours(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return "one hour" if hours == 1 else f"{hours} hours" if hours else f"{int(span / timedelta(minutes=1))} minutes"
