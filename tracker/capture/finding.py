"""One sign that a response is not the article.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What speaks against a capture."""

    quality: float  # what is left of it: 0 certainly not the article, towards 1 doubtful
    reason: str  # a plain sentence, without the full stop
    gone: str | None = None  # how it shows that there is no such article, "the address leads to a front page"
