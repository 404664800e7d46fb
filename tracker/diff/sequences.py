"""What two sequences have in common, in order: sentences of two texts, words of two sentences.

diff-match-patch compares strings of characters, so every different thing is written as a character of its own first.
Its time grows with the square of the differences; sequences that differ in more than `LIMIT` places are left to rapidfuzz, whose Indel alignment is as short but written in C++.

Computes only.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import Indel

LIMIT = 400  # things on both sides that diff-match-patch compares: 20 ms at worst, 90 ms with twice as many; sentences of 100 words
LARGE_LIMIT = (
    20_000  # things on one side that rapidfuzz compares: its table takes 50 MB then; beyond, nothing is matched
)
_FIRST_SURROGATE, _SURROGATES = 0xD800, 0x800

Run = tuple[int, int, int]
"""Position in the old sequence, position in the new one, length of what is equal."""


def equal_runs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """Find a longest common subsequence.

    Returns:
        The equal runs in order.  Sequences too large to compare have only their common head and tail.
    """
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    runs = [(0, 0, head), *((head + i, head + j, n) for i, j, n in _middle_runs(a, b))]
    return [run for run in (*runs, (len(old) - tail, len(new) - tail, tail)) if run[2]]


def _middle_runs(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Run]:
    if not a or not b or max(len(a), len(b)) > LARGE_LIMIT:
        return []
    points: dict[Hashable, str] = {}
    old, new = _encode(a, points), _encode(b, points)
    return _runs(old, new) if len(a) + len(b) <= LIMIT else _runs_of_many(old, new)


def _encode(things: Sequence[Hashable], points: dict[Hashable, str]) -> str:
    """Write each different thing as a character, never as a surrogate."""
    for thing in things:
        if thing not in points:
            number = len(points)
            points[thing] = chr(number if number < _FIRST_SURROGATE else number + _SURROGATES)
    return "".join([points[thing] for thing in things])


def _runs(old: str, new: str) -> list[Run]:
    differ = diff_match_patch()
    differ.Diff_Timeout = 0  # a time limit would make the result depend on the machine
    runs, i, j = [], 0, 0
    for operation, piece in differ.diff_main(old, new, checklines=False):
        if operation == differ.DIFF_EQUAL:
            runs.append((i, j, len(piece)))
        i += len(piece) * (operation != differ.DIFF_INSERT)
        j += len(piece) * (operation != differ.DIFF_DELETE)
    return runs


def _runs_of_many(old: str, new: str) -> list[Run]:
    return [
        (step.src_start, step.dest_start, step.src_end - step.src_start)
        for step in Indel.opcodes(old, new)
        if step.tag == "equal"
    ]
