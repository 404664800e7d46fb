"""Which values of two versions of a sentence state the same, and which take each other's place.

Computes only.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from tracker.facts.languages import Language
from tracker.facts.mentions import Mention
from tracker.facts.reading import Reading
from tracker.facts.words import is_content, stem

_CONTEXT = 4  # words on either side of a value that tell what it is the value of
_SHORT = 4  # letters; a longer word that differs in two or fewer is misspelled
_MISSPELLED = 2


def unmatched(
    mine: list[Mention], theirs: list[Mention], a: Reading, b: Reading
) -> tuple[list[Mention], list[Mention]]:
    """The mentions of either sentence that have no equal in the other."""
    left = list(theirs)
    gone = []
    for mention in mine:
        equal = next((t for t in left if is_same(mention, t, a, b)), None)
        if equal is None:
            gone.append(mention)
        else:
            left.remove(equal)
    mine_keys = {m.key for m in mine}
    gone = [m for m in gone if not (m.kind != "number" and m.key in {t.key for t in theirs})]
    come = [t for t in left if not (t.kind != "number" and t.key in mine_keys)]
    return gone, come


def is_same(one: Mention, other: Mention, a: Reading | None, b: Reading | None) -> bool:
    """Two mentions state the same value."""
    if one.key == other.key:
        return True
    if one.kind == "number":
        return (
            one.value is not None
            and one.value == other.value
            and (one.role == other.role or not one.role or not other.role)
        )
    if one.kind == "time":
        return _same_time(one, other)
    if one.kind == "quote":
        return one.key in other.key or other.key in one.key or _same_words(one.key, other.key)
    if one.kind in ("identity", "location") and a and b:
        return set(one.key.split()) <= set(other.key.split()) or set(other.key.split()) <= set(one.key.split())
    if one.kind == "sourcing":
        x, y = set(one.key.split()), set(other.key.split())
        return (bool(x) and (x <= y or y <= x)) or "pronoun" in one.features or "pronoun" in other.features
    return False


def _same_words(one: str, other: str) -> bool:
    """Two quotations differ in nothing but how words are spelled."""
    a, b = one.split(), other.split()
    return len(a) == len(b) and all(
        x == y or (min(len(x), len(y)) > _SHORT and x[0] == y[0] and x.isalpha() and OSA.distance(x, y) <= _MISSPELLED)
        for x, y in zip(a, b, strict=True)
    )


def _same_time(one: Mention, other: Mention) -> bool:
    """Say whether one time is only more exact than the other, or does not tell: "Thursday" and "today", "April" and "April 5"."""
    x, y = one.key, other.key
    if x.split(" ")[0] == y.split(" ")[0] and (" " not in x or " " not in y):
        return True
    relative = ("today", "yesterday", "tomorrow", "tonight", "last night")
    if (
        one.role == other.role == "day"
        and (x in relative or y in relative)
        and (x.startswith("weekday") or y.startswith("weekday"))
    ):
        return True
    return x.startswith(y) or y.startswith(x)


def pair_up(
    gone: list[Mention], come: list[Mention], a: Reading, b: Reading, language: Language
) -> tuple[list[tuple[Mention, Mention]], list[Mention], list[Mention]]:
    """Pair the values that take each other's place: same role, same neighbours."""
    if not language.code and len(gone) == len(come) == 1 and gone[0].kind == "number":
        return [(gone[0], come[0])], [], []  # nothing else can be told where words are not known
    scored = sorted(
        ((_likeness(m, n, a, b, language), i, j) for i, m in enumerate(gone) for j, n in enumerate(come)),
        key=lambda s: (-s[0], s[1], s[2]),
    )  # fmt: skip
    used_old: set[int] = set()
    used_new: set[int] = set()
    pairs = []
    for score, i, j in scored:
        if score >= 1.0 and i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append((gone[i], come[j]))
    return (
        pairs,
        [m for i, m in enumerate(gone) if i not in used_old],
        [n for j, n in enumerate(come) if j not in used_new],
    )


def _likeness(m: Mention, n: Mention, a: Reading, b: Reading, language: Language) -> float:
    near_old, near_new = _neighbours(m, a, language), _neighbours(n, b, language)
    shared = len(near_old & near_new)
    score = 0.5 * shared
    if m.role and m.role == n.role:
        score += 1.0 if m.kind in ("number", "time", "sourcing", "attribution") else 0.5
    elif m.kind in ("number", "time"):
        score -= 1.0 if m.role and n.role else 0.0
    if m.kind == "quote":
        x, y = set(m.key.split()), set(n.key.split())
        score += 2.0 * len(x & y) / max(1, min(len(x), len(y))) - 1.0
    return score


def _neighbours(mention: Mention, reading: Reading, language: Language) -> frozenset[str]:
    before = [t for t in reading.tokens if t.end <= mention.start and is_content(t, language)][-_CONTEXT:]
    after = [t for t in reading.tokens if t.start >= mention.end and is_content(t, language)][:_CONTEXT]
    return frozenset(stem(t.key, language) for t in (*before, *after))
