"""One version of an article: its reader, and an index of its words.

Computes only.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from tracker.facts.languages import Language
from tracker.facts.places import containments
from tracker.facts.reading import LONGEST_SENTENCE, Reader
from tracker.facts.words import content, tokenize

_COMMONEST = 200  # sentences of one stem that are looked at; keeps the cost linear on the longest pages


class Side:
    """One version: its reader, and an index of its words."""

    def __init__(self, reader: Reader, language: Language) -> None:
        self.reader = reader
        self.language = language

    @cached_property
    def stems_of(self) -> list[frozenset[str]]:
        """The meaning words of every sentence."""
        return [content(tokenize(s[:LONGEST_SENTENCE]), self.language) for s in self.reader.sentences]

    @cached_property
    def stems(self) -> frozenset[str]:
        """The meaning words of the whole text."""
        return frozenset().union(*self.stems_of) if self.stems_of else frozenset()

    @cached_property
    def _postings(self) -> dict[str, list[int]]:
        postings: dict[str, list[int]] = {}
        for index, stems in enumerate(self.stems_of):
            for stem_ in stems:
                postings.setdefault(stem_, []).append(index)
        return postings

    def overlaps(self, stems: frozenset[str]) -> Counter[int]:
        """For every sentence, how many of some stems it has; a stem of very many sentences tells nothing and is not counted."""
        return Counter(i for s in stems for i in self._postings.get(s, ())[:_COMMONEST])

    @cached_property
    def folded(self) -> str:
        """The whole text, words only, for finding a quotation again."""
        return " ".join(" ".join(t.key for t in tokenize(s[:LONGEST_SENTENCE])) for s in self.reader.sentences)

    def says_lies_in(self, inner: str, outer: str) -> bool:
        """Say whether the text tells that one place, by key, lies in another; only sentences that name both are read."""
        a, b = set(inner.split()), set(outer.split())
        both = [i for i, stems in enumerate(self.stems_of) if a & stems and b & stems]
        readings = map(self.reader.read, both[:_COMMONEST])
        return any((inner, outer) in containments(r.sentence, r.of("location")) for r in readings)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every word of the whole text, function words included."""
        return frozenset(self.folded.split())
