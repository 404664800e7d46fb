"""Are two texts about the same event at all?

A rolling address carries one story today and another tomorrow: then nothing is left, neither sentences nor the names and words that the story was about.

Computes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tracker.facts.candidates import Side
from tracker.models import SentenceChange

SAME_STORY = 0.16  # of the shorter text's meaning words; measured on newsedits: other events share 0.07 to 0.15 of them, follow-ups 0.2 and more


def shared_words(old: Side, new: Side) -> float:
    """The share of the meaning words of either text that the other has too, the smaller of both; long texts share more by chance."""
    a, b = _counts(old), _counts(new)
    if not a or not b:
        return 1.0
    common = sum((a & b).values())
    return common / min(sum(a.values()), sum(b.values()))


def is_same_story(old: Side, new: Side, steps: Sequence[SentenceChange]) -> bool:
    """Say whether two texts tell of the same event."""
    kept = sum(
        step.operation in ("equal", "move") and len(old.stems_of[step.old or 0]) > 3
        for step in steps
        if step.old is not None
    )
    if kept or len(old.stems) < 12 or len(new.stems) < 12:
        return True
    return shared_words(old, new) >= SAME_STORY


def _counts(side: Side) -> Counter[str]:
    return Counter(stem for stems in side.stems_of for stem in stems)
