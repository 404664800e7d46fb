"""Are two texts about the same event at all?

A rolling address carries one story today and another tomorrow: then little is left of the words that the story was told in, and less of those that it opened with,
though a place, a page's furniture and a paragraph of background may stay.

Computes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tracker.facts.side import Side
from tracker.models import SentenceChange

SAME_STORY = (
    0.43  # of `likeness`; on newsedits other stories have 0.26 to 0.42, follow-ups and rewritten reports 0.45 and more
)
_OPENING = 2  # sentences that say what a text is about
_WEIGHT_OF_OPENING = 0.3
_MOST_KEPT = 0.4  # share of sentences; two texts that have so many in common are one story, whatever else is new
_FEWEST_WORDS = 25  # different words of meaning; a shorter text cannot tell


def is_same_story(old: Side, new: Side, steps: Sequence[SentenceChange]) -> bool:
    """Say whether two texts tell of the same event."""
    if min(len(old.stems), len(new.stems)) < _FEWEST_WORDS:
        return True
    kept = sum(s.operation in ("equal", "move") and s.old is not None and len(old.stems_of[s.old]) > 3 for s in steps)
    if kept > _MOST_KEPT * min(len(old.stems_of), len(new.stems_of)):
        return True
    return likeness(old, new) >= SAME_STORY


def likeness(old: Side, new: Side) -> float:
    """The share of the shorter text's words of meaning that the other has too, and of its opening's, weighed."""
    whole = _shared(_counts(old.stems_of), _counts(new.stems_of))
    opening = _shared(_counts(_openings(old)), _counts(_openings(new)))
    return whole + _WEIGHT_OF_OPENING * opening


def _openings(side: Side) -> Sequence[frozenset[str]]:
    return [frozenset().union(*side.stems_of[:_OPENING])]


def _counts(sentences: Sequence[frozenset[str]]) -> Counter[str]:
    return Counter(stem for stems in sentences for stem in stems)


def _shared(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / max(1, min(one.total(), other.total()))
