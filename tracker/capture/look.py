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
_NO_TEXT = re.compile(
    r"<!--.*?-->|<(script|style|noscript|template|svg|head)\b.*?</\1\s*>|<(?:script|style)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
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
        return _clean(html.unescape(_TAG.sub(" ", _NO_TEXT.sub(" ", self.source))))


def is_prose(paragraph: str) -> bool:
    """Say whether a paragraph reads like one of a report."""
    return len(paragraph) >= PROSE and _SENTENCE_END.search(paragraph) is not None


def _clean(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
