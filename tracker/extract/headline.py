"""Choose the headline: what the reader sees above the article, where the metadata agrees that it is one.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from tracker.extract.blocks import Element, clean, squash
from tracker.extract.metadata import LONGEST_TITLE, Metadata
from tracker.extract.publishers.headlines import Place

SAME = 65  # of 100, rapidfuzz ratio: a headline and its variant for search engines; two headlines of one site stay below 60
FEWEST_WORDS = 3  # of a headline
_SITE = re.compile(r"\s+(?:[-–—|•·»*:]+|::)\s+")


def choose_headline(tree: Element, declared: Sequence[str], title: str, site: str) -> str | None:
    """Choose among the page's headings and what its metadata declares.

    Args:
        tree: The page.
        declared: Headlines of the metadata, most specific first.
        title: The text of `<title>`.
        site: The outlet's name.
    """
    shown = list(_headings(tree, "h1"))
    others = list(_headings(tree, "h2", "h3"))
    known = [strip_site(text, site, [*shown, *others]) for text in declared]
    heading = _agreeing(shown, known) or _equal(others, known)
    if heading:
        return _without_kicker(heading, known)
    if known:
        return known[0]
    titles = [part for part in _SITE.split(title) if squash(part) != squash(site)]
    for candidates in (shown, others):
        found = _equal(candidates, titles) or _agreeing(candidates, titles)
        if found and (len(shown) != 1 or found != shown[0] or len(titles) == 1 or found == titles[0]):
            return found
    return next(iter([*shown, strip_site(title, site, [])]), None) or None


def headline_at(place: Place | None, tree: Element, metadata: Metadata) -> str | None:
    """Read the headline where its publisher is known to have it; None where nothing is known, or nothing stands there."""
    headings = list(_headings(tree, "h1", "h2", "h3"))
    if place == "h1":
        return next(_headings(tree, "h1"), None)
    text = metadata.headline_at.get(place or "", "")[:LONGEST_TITLE]
    return strip_site(text, metadata.site, headings) or None


def shown_headline(tree: Element, headline: str, chosen: str) -> str | None:
    """Say what stands above the article, where that reads otherwise than its headline.

    Args:
        tree: The page.
        headline: The article's headline.
        chosen: What was chosen among the page's headings and what its metadata declares.

    The only `<h1>` of a page is what a reader sees, be it unlike all that the metadata declares; one of a word or two is a section or the outlet's name.
    """
    headings = list(_headings(tree, "h1"))
    shown = headings[0] if len(headings) == 1 and headings[0].count(" ") >= FEWEST_WORDS - 1 else chosen
    return None if squash(headline) in squash(shown) else shown


def strip_site(text: str, site: str, headings: Sequence[str]) -> str:
    """Take the outlet's name off the end of a title: "Ferry sinks - The Example" → "Ferry sinks"."""
    parts = _SITE.split(text)
    if len(parts) < 2:
        return text
    keys = {squash(heading) for heading in headings}
    for match in reversed(list(_SITE.finditer(text))):
        if squash(text[: match.start()]) in keys:
            return text[: match.start()]
    last = squash(parts[-1]).lower()
    if site and last and (last in squash(site).lower() or squash(site).lower() in last):
        return text[: list(_SITE.finditer(text))[-1].start()]
    return text


def _headings(tree: Element, *tags: str) -> Iterator[str]:
    for element in tree.iter(*tags):
        text = clean(" ".join(part for part in element.itertext()))
        if len(squash(text)) > 1:
            yield re.sub(r"\s+([,.;:!?])", r"\1", text)


def _agreeing(headings: Sequence[str], known: Sequence[str]) -> str | None:
    scored = (
        [
            (max(_likeness(heading, other) for other in known), -position, heading)
            for position, heading in enumerate(headings)
        ]
        if known
        else []
    )
    best = max(scored, default=None)
    return best[2] if best and best[0] >= SAME else None


def _likeness(heading: str, other: str) -> float:
    key, other_key = squash(heading), squash(other)
    if key.endswith(other_key) and len(other_key) * 4 > len(key):
        return 100.0  # with a kicker in front
    return fuzz.ratio(heading, other)


def _equal(headings: Sequence[str], known: Sequence[str]) -> str | None:
    keys = {squash(text) for text in known}
    return next((heading for heading in headings if squash(heading) in keys), None)


def _without_kicker(heading: str, known: Sequence[str]) -> str:
    """Take off the line above the headline when the metadata has the headline without it."""
    key = squash(heading)
    for text in known:
        other = squash(text)
        if other and other != key and key.endswith(other) and len(other) * 3 > len(key):
            return text
    return heading
