"""What can be seen in a response without parsing it again.

A good page of 80 kB is judged from its version alone; the bytes are looked at only when the text that was read in them is short.

Computes only.
"""

from __future__ import annotations

import html
import re
from functools import cached_property

from tracker.models import Snapshot, Version

LITTLE = (
    1500  # characters of text: walls with more are unknown, and a third of the articles at hand with less are briefs
)
PROSE = 120  # characters: a paragraph of a report has more than this, a button or a hint fewer
LONGEST_BUTTON = 220  # characters: a paragraph with more that mentions a paywall reports on one
MOST_BYTES = 400_000  # that are looked at
_SHOWS_NOTHING = re.compile(r"<(!--|script\b|style\b|noscript\b|template\b|svg\b|head\b)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<title[^>]*>([^<]{0,500})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。।][\"')\]»”’]*$")
_SPACE = re.compile(r"\s+")


class Look:
    """A response and the version that was read in it, with views that are made on demand."""

    def __init__(self, snapshot: Snapshot, version: Version | None) -> None:
        self.snapshot = snapshot
        self.version = version

    @property
    def is_gone(self) -> bool:
        """Say whether the server itself says that there is nothing at this address (any more)."""
        return self.snapshot.status in (404, 410, 451)

    @cached_property
    def length(self) -> int:
        """Characters of the text that was read."""
        return sum(map(len, self.version.paragraphs)) if self.version else 0

    @property
    def is_little(self) -> bool:
        """Say whether there is so little text that it may be a message and no article."""
        return self.length < LITTLE

    @cached_property
    def source(self) -> str:
        """The page as text; letters beyond ASCII are right where the page is UTF-8."""
        return self.snapshot.body[:MOST_BYTES].decode("utf-8", "replace")

    @cached_property
    def title(self) -> str:
        """The text of `<title>`."""
        match = _TITLE.search(self.source)
        return _clean(html.unescape(match[1])) if match else ""

    @cached_property
    def visible(self) -> str:
        """Roughly what a reader sees: the page without scripts and tags."""
        return _clean(html.unescape(_TAG.sub(" ", _strip_unshown(self.source))))


def _strip_unshown(source: str) -> str:
    """Take out comments, scripts and the like; in time that grows with the page alone, whatever is left open in it."""
    lower = source.lower()
    if len(lower) != len(source):
        source = lower
    parts, position = [], 0
    unclosed = set()
    while match := _SHOWS_NOTHING.search(lower, position):
        name = match[1]
        parts.append(source[position : match.start()])
        end = -1 if name in unclosed else lower.find("-->" if name == "!--" else f"</{name}", match.end())
        if end < 0 and name in ("script", "style"):  # takes the rest of the page with it, as in a browser
            return " ".join(parts)
        if end < 0:
            unclosed.add(name)
        position = match.end() if end < 0 else max(end, lower.find(">", end)) + 1
    return " ".join((*parts, source[position:]))


def is_prose(paragraph: str) -> bool:
    """Say whether a paragraph reads like one of a report."""
    return len(paragraph) >= PROSE and _SENTENCE_END.search(paragraph) is not None


def _clean(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
