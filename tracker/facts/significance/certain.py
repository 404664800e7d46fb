"""Where the classifier has no say: one value exchanged for another inside a sentence that otherwise stayed.

Edits like these are rare in the data that the classifier learned from, and a digit, a "not" or a country's name weighs little beside sixty words that are the same.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from tracker.facts.significance.swaps import Block, blocks, finished_verbs, is_apposition, swap_kinds
from tracker.facts.significance.thesaurus import part_of_speech
from tracker.facts.significance.vocabulary import APPROXIMATE, COUNTRIES, DOUBTS, NEGATORS, QUANTITIES, REPORTING
from tracker.facts.significance.words import Word, amounts, classes_of, drop_frame, is_content, read_words

LARGEST_SHARE = 0.34  # of the longer sentence's words that an edit may touch; a rewrite is for the classifier
LONG = 3.1  # logarithm of 22 words, signs included
FEW = 2  # pieces of a sentence that an exchanged adjective may be one of: among more it is part of a rewording
LONGEST_NAME = 3  # words
LONGEST_ABBREVIATION = 4  # letters
ROUNDED = 0.1  # of the larger number
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGER = 3.3  # of 27
ALIKE = 0.8  # share of characters that are the same
_RELATIVE = frozenset(("today", "tonight", "yesterday", "tomorrow", "morning", "afternoon", "evening", "night"))


def exchanged_values(old: str, new: str, *, language: str | None = "en") -> frozenset[str]:
    """Name the kinds of value that were exchanged, added to or taken from what stayed; none for a rewrite.

    "number", "day", "name", "opposite", "adjective", "quantity" (all, some), "negation", "doubt" (allegedly), "bound" (at least), "done" (to announce,
    announced) and "roles" (who did it to whom).
    """
    a, b = read_words(drop_frame(old)), read_words(drop_frame(new))
    changed = blocks(a, b)
    touched = sum(max(a2 - a1, b2 - b1) for a1, a2, b1, b2 in changed)
    if touched > LARGEST_SHARE * max(len(a), len(b)) + 1:
        return frozenset()
    found = {kind for a1, a2, b1, b2 in changed for kind in _kinds(a[a1:a2], b[b1:b2], first=a1 == 0)}
    if amounts(a) == amounts(b):
        found.discard("number")
    if len(changed) > FEW:
        found.discard("adjective")
    if language == "de":
        found.discard("name")  # every noun has a capital there
    if finished_verbs(a, b):
        found.add("done")
    if _roles_swapped(a, b, changed):
        found.add("roles")
    return frozenset(found)


def _roles_swapped(a: Sequence[Word], b: Sequence[Word], changed: Sequence[Block]) -> bool:
    """Say whether two pieces took each other's place: the mayor sued the paper, the paper sued the mayor."""
    pieces = [
        ([w.key for w in a[a1:a2] if is_content(w)], [w.key for w in b[b1:b2] if is_content(w)], a2)
        for a1, a2, b1, b2 in changed
    ]
    return any(
        old and new and (old, new) == (other_new, other_old) and any(map(is_content, a[end : end + 2]))
        for at, (old, new, end) in enumerate(pieces)
        for other_old, other_new, _ in pieces[at + 1 :]
    )


def is_rewording(features: Mapping[str, float]) -> bool:
    """Say whether a long sentence got other words in place of some, and nothing was planned, finished or begun by them."""
    moved = features["finished"] or features["unfinished"] or features["plans_lost"] or features["plans_got"]
    return bool(features["swaps_alone"] and features["words_old"] > LONG and not features["swap_noun"] and not moved)


def is_description(old: str, new: str) -> bool:
    """Say whether all that came or went is a description of a name: a job title, what a place is the capital of."""
    a, b = read_words(drop_frame(old)), read_words(drop_frame(new))
    changed = blocks(a, b)
    if len(changed) != 1:
        return False
    a1, a2, b1, b2 = changed[0]
    words, start, end = (b, b1, b2) if a1 == a2 else (a, a1, a2)
    described = (a1 == a2 or b1 == b2) and is_apposition(words, start, end)
    return described and not any(w.number is not None or _may_be_verb(w) for w in words[start:end])


def _may_be_verb(word: Word) -> bool:
    return part_of_speech(word.key) == "v" or word.key.endswith(("ing", "ed"))


def is_small_edit(features: Mapping[str, float]) -> bool:
    """Say whether a long sentence hardly changed."""
    return features["words_old"] > LONGER and features["ratio"] > ALIKE


def _kinds(old: Sequence[Word], new: Sequence[Word], *, first: bool) -> Iterator[str]:
    kinds = set(swap_kinds(old, new))
    words = [w for w in (*old, *new) if is_content(w)]
    if "number" in kinds and _are_years(old) == _are_years(new) and not _is_rounding(old, new):
        yield "number"
    if "opposite" in kinds and not any(w.key in REPORTING for w in words):
        yield "opposite"
    if "day" in kinds and not any(w.key in _RELATIVE for w in words):
        yield "day"
    if "name" in kinds and not first and len(words) <= 2 * LONGEST_NAME and _are_other_names(words, old, new):
        yield "name"
    elif _are_countries(old) and _are_countries(new) and "unlike" in kinds:
        yield "name"  # a capital at the beginning of a sentence says nothing, these do
    keys = {w.key for w in old}, {w.key for w in new}
    if all(side & QUANTITIES for side in keys) and not keys[0] & keys[1] & QUANTITIES:
        yield "quantity"
    if "adjective" in kinds:
        yield "adjective"
    if bool(keys[0] & DOUBTS) != bool(keys[1] & DOUBTS):
        yield "doubt"
    if ("least" in keys[0]) != ("least" in keys[1]):
        yield "bound"
    if _negates(old) != _negates(new):
        yield "negation"


def _are_countries(words: Sequence[Word]) -> bool:
    return all(w.key in COUNTRIES for w in words if is_content(w))


def _are_years(words: Sequence[Word]) -> bool:
    return any(w.number is not None and FIRST_YEAR <= w.number <= LAST_YEAR for w in words)


def _is_rounding(old: Sequence[Word], new: Sequence[Word]) -> bool:
    """Say whether one side only rounds the other: 295, nearly 300."""
    rounded = any(w.key in APPROXIMATE for w in (*old, *new))
    pairs = [(x.number, y.number) for x in old for y in new if x.number and y.number]
    return rounded and any(abs(x - y) <= ROUNDED * max(x, y) for x, y in pairs)


def _are_other_names(words: Sequence[Word], old: Sequence[Word], new: Sequence[Word]) -> bool:
    """Plain names all, neither abbreviations, titles nor spellings: the same may be called by these."""
    plain = all(w.name and not w.text.isupper() and "role" not in classes_of(w.key) for w in words)
    return plain and not any(_may_be_one(x.key, y.key) for x in old for y in new)


def _may_be_one(a: str, b: str) -> bool:
    """Say whether two names may be spellings or forms of one: Aug and August, Billy and Billie, but not Iran and Iraq."""
    shorter, longer = sorted((a, b), key=len)
    if a in COUNTRIES and b in COUNTRIES:
        return False
    if longer.startswith(shorter):
        return len(shorter) <= LONGEST_ABBREVIATION
    return len(shorter) > LONGEST_ABBREVIATION and longer.startswith(shorter[:3]) and Levenshtein.distance(a, b) <= 3


def _negates(words: Sequence[Word]) -> bool:
    return any(w.key in NEGATORS or w.key.endswith("n't") for w in words)
