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

from tracker.diff.alike import Likeness, Pair, longest_in_order, most_alike
from tracker.diff.sequences import equal_runs
from tracker.diff.words import diff_words
from tracker.models import OperationKind, SentenceChange, Text
from tracker.text import normalize

__all__ = ["diff_texts", "diff_words"]


IN_PLACE = 0.25
ELSEWHERE = 0.4


def diff_texts(old: Text, new: Text) -> tuple[SentenceChange, ...]:
    """Align two texts, sentence by sentence.

    Returns:
        Every sentence of either side in exactly one step, in reading order of the new text, with a deleted sentence where it stood.
        `equal` and `move` (equal, but elsewhere) mean equal in plain typography and carry no words: to rebuild a side, take its own sentence.
        `replace` is a sentence that was edited, in its place or elsewhere; its words rebuild both sides exactly.
    """
    old_keys, new_keys = (
        [normalize(sentence) for sentence in old.sentences],
        [normalize(sentence) for sentence in new.sentences],
    )
    spine = _equal_pairs(old_keys, new_keys)
    moved = _moves(old_keys, new_keys, spine)
    edited = _edited_pairs(old, new, (old_keys, new_keys), [*spine, *moved], spine)
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


def _edited_pairs(
    old: Text, new: Text, keys: tuple[list[str], list[str]], matched: list[Pair], spine: list[Pair]
) -> list[Pair]:
    """Pair the sentences that are left by likeness; two headlines are versions of each other whatever they say."""
    left = sorted(set(range(len(old.sentences))) - {i for i, _ in matched})
    right = sorted(set(range(len(new.sentences))) - {j for _, j in matched})
    found: list[Pair] = []
    if old.headline and new.headline and left[:1] == right[:1] == [0]:
        found.append((left.pop(0), right.pop(0)))
    if not left or not right:
        return found
    return found + _alike_pairs(Likeness(*keys), left, right, spine)


def _alike_pairs(likeness: Likeness, left: list[int], right: list[int], spine: list[Pair]) -> list[Pair]:
    # Sentences between the same two equal ones are in the same stretch; so are neighbours in it, whatever words they share.
    old_stretch = {i: bisect_left(spine, (i, -1)) for i in left}
    new_places = [j for _, j in spine]
    new_stretch = {j: bisect_left(new_places, j) for j in right}
    pairs = likeness.candidates(left, right) | _opposite(old_stretch, new_stretch)
    scored = [(i, j, likeness.of(i, j)) for i, j in sorted(pairs)]
    return most_alike(
        (i, j, score)
        for i, j, score in scored
        if score >= (IN_PLACE if old_stretch[i] == new_stretch[j] else ELSEWHERE)
    )


def _opposite(old_stretch: dict[int, int], new_stretch: dict[int, int]) -> set[Pair]:
    """List the pairs that stand about as far from the beginning of the same stretch, or from its end."""
    sides: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, stretches in enumerate((old_stretch, new_stretch)):
        for position, stretch in stretches.items():
            sides[stretch][side].append(position)
    found: set[Pair] = set()
    for a, b in sides.values():
        for way in (1, -1):
            for n in range(len(a)):
                found.update((a[::way][n], j) for j in b[::way][max(0, n - 1) : n + 2])
    return found


def _steps(old: Text, new: Text, spine: list[Pair], moved: list[Pair], edited: list[Pair]) -> Iterator[SentenceChange]:
    operation: dict[Pair, OperationKind] = {
        **dict.fromkeys(spine, "equal"),
        **dict.fromkeys(moved, "move"),
        **dict.fromkeys(edited, "replace"),
    }
    partner = {j: i for i, j in operation}
    gone = sorted(set(range(len(old.sentences))) - set(partner.values()), reverse=True)
    in_place = [(-1, -1), *longest_in_order([*spine, *edited]), (len(old.sentences), -1)]
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
