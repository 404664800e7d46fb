"""What was exchanged in place inside a sentence: a few words for a few others, the words around them kept.

Computes only.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel, Levenshtein

from tracker.facts.significance.thesaurus import part_of_speech
from tracker.facts.significance.vocabulary import DAYS_ELSEWHERE
from tracker.facts.significance.words import Word, classes_of, is_content, relate

Block = tuple[int, int, int, int]  # half-open positions a1, a2, b1, b2 of what is not equal
SWAPS = (
    "name",
    "number",
    "day",
    "degree",
    "noun",
    "verb",
    "adjective",
    "added",
    "opposite",
    "same",
    "spelling",
    "unlike",
)
LONGEST = 4  # content words of a side: beyond it a passage was rewritten, not a value exchanged
LONGEST_READ = 400  # words of a sentence whose verbs are compared one by one
LONGEST_APPOSITION = 12  # words, signs included
_PLAN = re.compile(
    r"\b(?:will|would|'ll|shall|(?:set|due|poised|ready|about|going|scheduled|expected|plan\w*|prepar\w+|hop\w+|vow\w*|is|are|was|were|likely|seek\w*|want\w*|ask\w*) (?:\w+ )?(?:to|for))\b"
)


def blocks(a: Sequence[Word], b: Sequence[Word]) -> list[Block]:
    """List what is not equal, neighbouring inserts and deletes as one."""
    found: list[Block] = []
    a_at = b_at = 0
    for op in Indel.opcodes([w.key for w in a], [w.key for w in b]):
        if op.tag == "equal":
            if (a_at, b_at) != (op.src_start, op.dest_start):
                found.append((a_at, op.src_start, b_at, op.dest_start))
            a_at, b_at = op.src_end, op.dest_end
    if (a_at, b_at) != (len(a), len(b)):
        found.append((a_at, len(a), b_at, len(b)))
    return found


def swap_kinds(old: Sequence[Word], new: Sequence[Word]) -> Iterator[str]:
    """Say what one exchange did, given the words of either side; nothing for one that is too long."""
    left, come = [w for w in old if is_content(w)], [w for w in new if is_content(w)]
    if not left or not come or max(len(left), len(come)) > LONGEST:
        return
    if is_respelling(old, new):
        yield "spelling"
        return
    if any(relate(x.key, y.key) == "opposite" for x in left for y in come):
        yield "opposite"
    alone = [x for x in left if not any(is_akin(x, y) for y in come)]
    other = [y for y in come if not any(is_akin(x, y) for x in left)]
    if not alone and not other:
        yield "same"
    elif not alone or not other:
        yield "added"
    else:
        yield "unlike"
        yield from _values(alone, other)


def _values(old: Sequence[Word], new: Sequence[Word]) -> Iterator[str]:
    numbers = {w.number for w in old if w.number is not None}, {w.number for w in new if w.number is not None}
    if all(numbers) and numbers[0] != numbers[1]:
        yield "number"
    if (_any_of(old, "day") and _any_of(new, "day")) or (_names_day(old) and _names_day(new)):
        yield "day"
    elif any(w.name for w in old) and any(w.name for w in new) and not all(numbers):
        yield "name"
    if _any_of(old, "degree") and _any_of(new, "degree"):
        yield "degree"
    parts = {part_of_speech(w.key) for w in old if not w.name} & {part_of_speech(w.key) for w in new if not w.name}
    yield from (name for letter, name in (("n", "noun"), ("v", "verb"), ("a", "adjective")) if letter in parts)


def _names_day(words: Sequence[Word]) -> bool:
    return any(w.key in DAYS_ELSEWHERE for w in words)


def _any_of(words: Sequence[Word], name: str) -> bool:
    return any(name in classes_of(w.key) for w in words)


def is_akin(x: Word, y: Word) -> bool:
    """Say whether one word may stand for the other without another meaning."""
    if x.number is not None or y.number is not None:
        return x.number == y.number
    return relate(x.key, y.key) in ("form", "same", "near") or is_misspelt(x.key, y.key)


def is_respelling(old: Sequence[Word], new: Sequence[Word]) -> bool:
    """Say whether both sides are the same letters, spaces, hyphens and accents aside: mix-up, mixup."""
    return bool(old) and fold("".join(w.key for w in old if not w.sign)) == fold(
        "".join(w.key for w in new if not w.sign)
    )


@lru_cache(maxsize=20_000)
def fold(key: str) -> str:
    """Drop accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))


@lru_cache(maxsize=20_000)
def is_misspelt(a: str, b: str) -> bool:
    """Say whether two words may be spellings of one: long and hardly different.  Iran and Iraq are not."""
    a, b = fold(a), fold(b)
    shortest = min(len(a), len(b))
    if a == b:
        return True
    if shortest < 5 or any(c.isdigit() for c in a + b):
        return False
    return Levenshtein.distance(a, b, score_cutoff=2) <= (1 if shortest < 8 else 2)


def is_apposition(words: Sequence[Word], start: int, end: int) -> bool:
    """Say whether a run describes the name before it, between commas and without a verb: Ann Lee, the head of the board, ..."""
    return (
        0 < start < len(words)
        and words[start].text == ","
        and words[start - 1].name
        and 2 < end - start <= LONGEST_APPOSITION
        and (words[end - 1].text == "," or end >= len(words) or words[end].text in ",.")
        and not any("auxiliary" in classes_of(w.key) or "say" in classes_of(w.key) for w in words[start:end])
    )


def count_plans(sentence: str) -> int:
    """Count words that put something in the future: will, set to, poised to."""
    return len(_PLAN.findall(sentence))


def finished_verbs(a: Sequence[Word], b: Sequence[Word]) -> int:
    """Count verbs that lose "to" or "will" before them: to announce, announced."""
    if max(len(a), len(b)) > LONGEST_READ:
        return 0
    before, after = _awaited(a), _awaited(b)
    kept = {w.key for w in b}
    return sum(
        key not in kept
        and any(
            relate(key, w.key) == "form" for w in b if not w.sign and w.key not in after and not w.key.endswith("ing")
        )
        for key in before
    )


def _awaited(words: Sequence[Word]) -> set[str]:
    """What follows "to" or "will" and may be a verb."""
    return {
        word.key
        for leader, word in itertools.pairwise(words)
        if leader.key in ("to", "will", "would") and is_content(word) and not word.key.endswith("ing")
    }
