"""What the classifier has to know of the two texts around a changed sentence.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tracker.facts.significance.words import read_words, stems
from tracker.models import SentenceChange, Text


@dataclass(frozen=True, slots=True)
class Contents:
    """The words of one text."""

    text: Text
    stems: tuple[frozenset[str], ...]  # of each sentence
    all_stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]

    @classmethod
    def of(cls, text: Text) -> Contents:
        """Read a text once."""
        read = [_read(sentence) for sentence in text.sentences]
        return cls(
            text,
            tuple(words for words, _, _ in read),
            frozenset().union(*(words for words, _, _ in read)),
            frozenset().union(*(numbers for _, numbers, _ in read)),
            frozenset().union(*(names for _, _, names in read)),
        )


@lru_cache(maxsize=4096)
def _read(sentence: str) -> tuple[frozenset[str], frozenset[float], frozenset[str]]:
    """Give a sentence's stems, numbers and names; most sentences stand in both texts."""
    words = read_words(sentence)
    numbers = frozenset(word.number for word in words if word.number is not None)
    return stems(words), numbers, frozenset(word.key for word in words if word.name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a changed sentence stands."""

    index: int = 0
    total: int = 1  # sentences of its text
    headline: bool = False
    touched: float = 1.0  # share of the steps that change something
    neighbours: int = 0  # steps of the same operation right before and after it
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The two texts, read, and where the changed sentences stand."""

    old: Contents
    new: Contents
    places: dict[tuple[int | None, int | None], Place]  # (old, new) positions of a step
    language: str | None = "en"  # ISO 639-1

    @classmethod
    def of(
        cls, old: Text, new: Text, steps: Sequence[SentenceChange] = (), *, language: str | None = "en"
    ) -> Surroundings:
        """Read both texts; once per comparison."""
        return cls(Contents.of(old), Contents.of(new), _places(old, new, steps), language)


def _places(old: Text, new: Text, steps: Sequence[SentenceChange]) -> dict[tuple[int | None, int | None], Place]:
    changed = [step.operation not in ("equal", "move") for step in steps]
    touched = sum(changed) / max(len(steps), 1)
    run = _runs([step.operation for step in steps])
    places = {}
    for at, step in enumerate(steps):
        if changed[at]:
            deleted = step.new is None
            text = old if deleted else new
            index = (step.old if deleted else step.new) or 0
            places[step.old, step.new] = Place(
                index, len(text.sentences), text.headline and index == 0, touched, run[at] - 1, deleted
            )
    return places


def _runs(operations: Sequence[str]) -> list[int]:
    """For each step, how many steps of its operation stand in a row with it."""
    lengths = [0] * len(operations)
    start = 0
    for at in range(1, len(operations) + 1):
        if at == len(operations) or operations[at] != operations[start]:
            lengths[start:at] = [at - start] * (at - start)
            start = at
    return lengths
