"""Which sentence of one text became which sentence of the other.

Equal means equal in plain typography (`tracker.text.normalize`).  A sentence that is equal, but not where it was, has moved.
What is left on both sides is paired by likeness, wherever it stands: an edited sentence may have moved too.

Computes only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.diff.alike import Likeness, Pair, longest_in_order, most_alike
from tracker.diff.sequences import equal_runs
from tracker.diff.words import diff_words
from tracker.models import SentenceChange, Text
from tracker.text import normalize

# Least likeness of two versions of a sentence.  On 119 labelled pairs of news versions (473 pairs of sentences that can be found):
# 0.20 precision 0.95, recall 0.89; 0.25 0.97, 0.87; 0.30 0.98, 0.84.  Texts of different stories then share 0.3 to 0.8 % of their sentences.
IN_PLACE = 0.25
ELSEWHERE = 0.4  # between other neighbours than before: a long text has many sentences that are a little alike


@dataclass(frozen=True, slots=True)
class _Matches:
    """Pairs of sentences, each sentence in one pair at most."""

    kept: list[Pair]  # equal and in order, and the two headlines whatever they say
    moved: list[Pair]  # equal
    edited: list[Pair]

    def __iter__(self) -> Iterator[Pair]:
        yield from self.kept
        yield from self.moved
        yield from self.edited


def diff_texts(old: Text, new: Text) -> tuple[SentenceChange, ...]:
    """Align two texts, sentence by sentence.

    Returns:
        Every sentence of either side in exactly one step, in reading order of the new text, with a deleted sentence where it stood.
        `equal` and `move` (equal, but elsewhere) mean equal in plain typography and carry no words: to rebuild a side, take its own sentence.
        `replace` is a sentence that was edited, in its place or elsewhere; its words rebuild both sides exactly.
    """
    plain = {sentence: normalize(sentence) for sentence in {*old.sentences, *new.sentences}}
    keys = [plain[sentence] for sentence in old.sentences], [plain[sentence] for sentence in new.sentences]
    return tuple(_steps(old.sentences, new.sentences, keys, _match(keys, headlines=old.headline and new.headline)))


def _match(keys: tuple[list[str], list[str]], *, headlines: bool) -> _Matches:
    left, right = (list(range(int(headlines), len(side))) for side in keys)
    kept = [(0, 0)] * headlines + _equal_pairs(*keys, left, right)
    left, right = _without(kept, left, right)
    moved = _moves(*keys, left, right)
    left, right = _without(moved, left, right)
    edited = _alike_pairs(Likeness(*keys), left, right, kept) if left and right else []
    return _Matches(kept, moved, edited)


def _without(pairs: list[Pair], left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
    olds, news = {i for i, _ in pairs}, {j for _, j in pairs}
    return [i for i in left if i not in olds], [j for j in right if j not in news]


def _equal_pairs(old: list[str], new: list[str], left: list[int], right: list[int]) -> list[Pair]:
    """Match equal sentences in order.  What only one side has cannot match and is left out of the search."""
    common = set(old) & set(new)
    a = [i for i in left if old[i] in common]
    b = [j for j in right if new[j] in common]
    runs = equal_runs([old[i] for i in a], [new[j] for j in b])
    return [(a[i + k], b[j + k]) for i, j, length in runs for k in range(length)]


def _moves(old: list[str], new: list[str], left: list[int], right: list[int]) -> list[Pair]:
    """Match equal sentences that left their place, the first of several with the first."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for j in reversed(right):
        waiting[new[j]].append(j)
    return [(i, waiting[old[i]].pop()) for i in left if waiting.get(old[i])]


def _alike_pairs(likeness: Likeness, left: list[int], right: list[int], kept: list[Pair]) -> list[Pair]:
    """Match edited sentences.  Sentences between the same two kept ones are in the same stretch."""
    kept_old, kept_new = [i for i, _ in kept], [j for _, j in kept]
    old_stretch = {i: bisect_left(kept_old, i) for i in left}
    new_stretch = {j: bisect_left(kept_new, j) for j in right}
    pairs = likeness.candidates(left, right) | _opposite(old_stretch, new_stretch)
    scored = [(i, j, likeness.of(i, j)) for i, j in sorted(pairs)]
    return most_alike(
        (i, j, score)
        for i, j, score in scored
        if score >= (IN_PLACE if old_stretch[i] == new_stretch[j] else ELSEWHERE)
    )


def _opposite(old_stretch: dict[int, int], new_stretch: dict[int, int]) -> set[Pair]:
    """List the pairs that stand about as far from the beginning of the same stretch, or from its end."""
    stretches: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, stretch_of in enumerate((old_stretch, new_stretch)):
        for position, stretch in stretch_of.items():
            stretches[stretch][side].append(position)
    found: set[Pair] = set()
    for a, b in stretches.values():
        for left, right in ((a, b), (a[::-1], b[::-1])):
            found.update((i, j) for n, i in enumerate(left) for j in right[max(0, n - 1) : n + 2])
    return found


def _steps(
    old: Sequence[str], new: Sequence[str], keys: tuple[list[str], list[str]], matches: _Matches
) -> Iterator[SentenceChange]:
    partner = {j: i for i, j in matches}
    moved = {j for _, j in matches.moved}
    gone = sorted(set(range(len(old))) - set(partner.values()), reverse=True)
    in_place = [(-1, -1), *longest_in_order([*matches.kept, *matches.edited]), (len(old), len(new))]
    next_in_place = {j: i for (_, j), (i, _) in pairwise(in_place)}

    def deletions_after(place: int) -> Iterator[SentenceChange]:
        while gone and gone[-1] < next_in_place.get(place, 0):
            yield SentenceChange(gone.pop(), None, "delete")

    yield from deletions_after(-1)
    for j, sentence in enumerate(new):
        i = partner.get(j)
        if i is None:
            yield SentenceChange(None, j, "insert")
        elif keys[0][i] == keys[1][j]:
            yield SentenceChange(i, j, "move" if j in moved else "equal")
        else:
            yield SentenceChange(i, j, "replace", diff_words(old[i], sentence))
        yield from deletions_after(j)
