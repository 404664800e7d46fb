"""Two texts side by side: which sentence became which, and what changed inside.

Two stages.  First whole sentences are compared (plain typography, diff-match-patch): what is equal stays, what is equal elsewhere has moved.
Then the sentences in between are paired by likeness, in order where possible, and the words of each pair are compared.

Computes only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tracker.diff.alike import IN_ORDER, MOVED, Candidate, Pair, best_anywhere, best_in_order, candidates
from tracker.diff.sequences import equal_runs
from tracker.diff.words import diff_words
from tracker.models import OperationKind, SentenceChange, Text
from tracker.text import normalize

__all__ = ["diff_texts", "diff_words"]


def diff_texts(old: Text, new: Text) -> tuple[SentenceChange, ...]:
    """Align two texts, sentence by sentence.

    Returns:
        Every sentence of either side in exactly one step, in reading order of the new text, with a deleted sentence where it stood.
        `equal` and `move` (equal, but elsewhere) mean equal in plain typography and carry no words: to rebuild a side, take its own sentence.
        `replace` is a sentence that was edited, in its place or elsewhere; its words rebuild both sides exactly.
    """
    keys = [normalize(sentence) for sentence in old.sentences], [normalize(sentence) for sentence in new.sentences]
    spine = _equal_pairs(*keys)
    moved = _moves(*keys, spine)
    edited = _edited_pairs(old, new, spine, moved)
    return tuple(_steps(old, new, spine, moved, edited))


def _equal_pairs(old: list[str], new: list[str]) -> list[Pair]:
    """Match equal sentences in order.  What only one side has cannot match and is left out of the search."""
    common = set(old) & set(new)
    left = [i for i, key in enumerate(old) if key in common]
    right = [j for j, key in enumerate(new) if key in common]
    runs = equal_runs([old[i] for i in left], [new[j] for j in right])
    return [(left[a + k], right[b + k]) for a, b, n in runs for k in range(n)]


def _moves(old: list[str], new: list[str], spine: list[Pair]) -> list[Pair]:
    """Match equal sentences that left their place, the first of several with the first."""
    placed_old, placed_new = {i for i, _ in spine}, {j for _, j in spine}
    waiting: dict[str, list[int]] = defaultdict(list)
    for j in reversed(range(len(new))):
        if j not in placed_new:
            waiting[new[j]].append(j)
    return [(i, waiting[key].pop()) for i, key in enumerate(old) if i not in placed_old and waiting.get(key)]


def _edited_pairs(old: Text, new: Text, spine: list[Pair], moved: list[Pair]) -> list[Pair]:
    matched = [*spine, *moved]
    taken_old, taken_new = {i for i, _ in matched}, {j for _, j in matched}
    left = {i: sentence for i, sentence in enumerate(old.sentences) if i not in taken_old}
    right = {j: sentence for j, sentence in enumerate(new.sentences) if j not in taken_new}
    found: list[Pair] = []
    if old.headline and new.headline and 0 in left and 0 in right:
        found.append((0, 0))
        del left[0], right[0]
    pairs = candidates(left, right)
    spine_old, spine_new = [i for i, _ in spine], [j for _, j in spine]
    found += best_in_order(p for p in pairs if p[2] >= IN_ORDER and not _crosses(p, spine_old, spine_new))
    rest_old, rest_new = left.keys() - {i for i, _ in found}, right.keys() - {j for _, j in found}
    found += best_anywhere([p for p in pairs if p[0] in rest_old and p[1] in rest_new and p[2] >= MOVED])
    return found


def _crosses(pair: Candidate, spine_old: list[int], spine_new: list[int]) -> bool:
    return bisect_left(spine_old, pair[0]) != bisect_left(spine_new, pair[1])


def _steps(old: Text, new: Text, spine: list[Pair], moved: list[Pair], edited: list[Pair]) -> Iterator[SentenceChange]:
    operation: dict[Pair, OperationKind] = {
        **dict.fromkeys(spine, "equal"),
        **dict.fromkeys(moved, "move"),
        **dict.fromkeys(edited, "replace"),
    }
    partner = {j: i for i, j in operation}
    gone = sorted(set(range(len(old.sentences))) - set(partner.values()), reverse=True)
    in_place = [(-1, -1), *best_in_order((i, j, 1.0) for i, j in [*spine, *edited]), (len(old.sentences), -1)]
    next_in_place = {j: i for (_, j), (i, _) in pairwise(in_place)}

    def deletions(before: int) -> Iterator[SentenceChange]:
        while gone and gone[-1] < before:
            yield SentenceChange(gone.pop(), None, "delete")

    yield from deletions(next_in_place[-1])
    for j, sentence in enumerate(new.sentences):
        i = partner.get(j)
        if i is None:
            yield SentenceChange(None, j, "insert")
            continue
        kind = operation[i, j]
        yield SentenceChange(i, j, kind, diff_words(old.sentences[i], sentence) if kind == "replace" else ())
        if j in next_in_place:
            yield from deletions(next_in_place[j])
