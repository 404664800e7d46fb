"""Which changed sentences are versions of each other.

Sentences are compared by their words (the rarer a word, the more it says) and by rapidfuzz.  Only sentences that share a telling word are compared, so that two unrelated texts cost little.

Computes only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz

from tracker.diff.tokens import split_tokens
from tracker.text import normalize

IN_ORDER = 0.5
MOVED = 0.75
_MOST_POSTINGS = 40
_MOST_CANDIDATES = 12

Pair = tuple[int, int]
Candidate = tuple[int, int, float]


def likeness(old: str, new: str) -> float:
    """Say how much two sentences are the same, from 0 to 1."""
    a, b = (normalize(text).lower() for text in (old, new))
    return (fuzz.ratio(a, b) + fuzz.token_set_ratio(a, b)) / 200


def candidates(old: Mapping[int, str], new: Mapping[int, str]) -> list[Candidate]:
    """List the pairs that may be versions of each other, by position."""
    postings: dict[str, list[int]] = defaultdict(list)
    for j, sentence in new.items():
        for word in _words(sentence):
            postings[word].append(j)
    found = []
    for i, sentence in old.items():
        shared: dict[int, float] = defaultdict(float)
        for word in _words(sentence):
            places = postings.get(word, ())
            if len(places) <= _MOST_POSTINGS:
                for j in places:
                    shared[j] += 1 / len(places)
        likely = sorted(shared, key=lambda j: (-shared[j], j))[:_MOST_CANDIDATES]
        found += [(i, j, likeness(sentence, new[j])) for j in likely]
    return found


def _words(sentence: str) -> set[str]:
    return {token.lower() for token in split_tokens(normalize(sentence)) if token[0].isalnum()}


def best_in_order(pairs: Iterable[Candidate]) -> list[Pair]:
    """Choose the pairs that are most alike in sum, each position once, none crossing another."""
    chain: list[tuple[float, Pair, int]] = []  # sum so far, pair, index of the one before
    ends: list[int] = []  # new positions, with `tops` the best chain that ends there or before: both increase
    tops: list[int] = []
    for i, j, score in sorted(pairs, key=lambda pair: (pair[0], -pair[1])):
        at = bisect_left(ends, j)
        before = tops[at - 1] if at else -1
        total = score + (chain[before][0] if at else 0.0)
        if at < len(ends) and ends[at] == j and chain[tops[at]][0] >= total:
            continue
        chain.append((total, (i, j), before))
        stop = at
        while stop < len(ends) and chain[tops[stop]][0] <= total:
            stop += 1
        ends[at:stop], tops[at:stop] = [j], [len(chain) - 1]
    found = []
    at = tops[-1] if tops else -1
    while at >= 0:
        _, pair, at = chain[at]
        found.append(pair)
    return found[::-1]


def best_anywhere(pairs: Sequence[Candidate]) -> list[Pair]:
    """Choose pairs wherever they stand, the most alike first, each position once."""
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    found = []
    for i, j, _ in sorted(pairs, key=lambda pair: (-pair[2], abs(pair[0] - pair[1]), pair)):
        if i not in taken_old and j not in taken_new:
            found.append((i, j))
            taken_old.add(i)
            taken_new.add(j)
    return found
