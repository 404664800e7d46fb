"""Score verdicts, facts and sentence labels against a person's.

Used by `facts.py` on real pairs and by `tests/evaluation` on the project's own.  Facts on both sides are mappings with `kind`, `old`, `new` and `importance`.

The matching rule: kinds equal (unless `any_kind`), and values share a content word on every side where the label has a value; for `replaced` and `conflicts` one side is enough.
Each fact counts once.  A label of importance 1 counts neither way: a found fact that fits no other label but such a one is left out, and a found fact of importance 1 is not counted.

Computes only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Labelled = dict[str, Any]
FLAGGED = frozenset(("substantive", "different_story"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"\w+(?:[.,:'’]\w+)*")
_FUNCTION_WORDS = _words(
    "a an the and or but of to in on at by for from with as that this these those it its he his him she her they their them we our us i my you your "
    "is are was were be been being has have had do does did will would not no who which what when where than then there so if into about after before "
    "said says say s t mr mrs ms"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Right, wrongly claimed and missed."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return _ratio(self.hits, self.hits + self.false)

    @property
    def recall(self) -> float:
        return _ratio(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.hits, 2 * self.hits + self.false + self.missed)


def tally(pairs: Iterable[tuple[bool, bool]]) -> Tally:
    """Count (labelled, found) pairs."""
    counts = Counter(pairs)
    return Tally(counts[True, True], counts[False, True], counts[True, False])


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """Cohen's kappa: agreement beyond chance; 0 when one side always says the same."""
    total = len(pairs)
    agreed = _ratio(sum(a == b for a, b in pairs), total)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(_ratio(left[name], total) * _ratio(right[name], total) for name in left)
    return _ratio(agreed - chance, 1 - chance)


def balanced_accuracy(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Mean of the share found among the positive and the share left alone among the negative."""
    positive = [found for labelled, found in pairs if labelled]
    negative = [not found for labelled, found in pairs if not labelled]
    return (_ratio(sum(positive), len(positive)) + _ratio(sum(negative), len(negative))) / 2


def macro_f1(pairs: Sequence[tuple[str, str | None]]) -> tuple[float, dict[str, Tally]]:
    """Mean F1 over the classes that a person used, and each class's tally."""
    classes = {
        name: tally((labelled == name, found == name) for labelled, found in pairs)
        for name in sorted({labelled for labelled, _ in pairs})
    }
    return _ratio(sum(each.f1 for each in classes.values()), len(classes)), classes


def content_words(value: str | None) -> frozenset[str]:
    """Words of a value that carry meaning: everything but function words; all words where there are no others."""
    words = frozenset(_WORD.findall((value or "").lower()))
    return words - _FUNCTION_WORDS or words


def fits(label: Labelled, found: Labelled, *, any_kind: bool = False) -> bool:
    """Say whether a found fact is the labelled one."""
    if label["kind"] != found["kind"] and not any_kind:
        return False
    sides = [side for side in ("old", "new") if label.get(side)]
    shared = [bool(content_words(label[side]) & content_words(found.get(side))) for side in sides]
    return any(shared) if label.get("status") in ("replaced", "conflicts") else all(shared)


@dataclass(frozen=True, slots=True)
class Matched:
    """Which labels were found, and which finds are false; positions in the lists that were given."""

    tally: Tally
    label_of: dict[int, int]  # found → label
    missed: list[int]
    false: list[int]


def match_facts(labels: Sequence[Labelled], found: Sequence[Labelled], *, any_kind: bool = False) -> Matched:
    """Match found facts to labels one to one, as many as possible."""
    claimed = [at for at, fact in enumerate(found) if fact["importance"] >= 2]
    wanted = [at for at, label in enumerate(labels) if label["importance"] >= 2]
    pairs = _match(claimed, wanted, lambda f, w: fits(labels[w], found[f], any_kind=any_kind))
    rest = [at for at in claimed if at not in pairs]
    marginal = [at for at, label in enumerate(labels) if label["importance"] < 2]
    excused = _match(rest, marginal, lambda f, w: fits(labels[w], found[f], any_kind=any_kind))
    false = [at for at in rest if at not in excused]
    missed = sorted(set(wanted) - set(pairs.values()))
    return Matched(Tally(len(pairs), len(false), len(missed)), pairs, missed, false)


def _match(left: Sequence[int], right: Sequence[int], fit: Callable[[int, int], bool]) -> dict[int, int]:
    """Find a largest matching by augmenting paths."""
    edges = {a: [b for b in right if fit(a, b)] for a in left}
    owner: dict[int, int] = {}

    def augment(a: int, seen: set[int]) -> bool:
        for b in edges[a]:
            if b not in seen:
                seen.add(b)
                if b not in owner or augment(owner[b], seen):
                    owner[b] = a
                    return True
        return False

    for a in left:
        augment(a, set())
    return {a: b for b, a in owner.items()}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
