"""Words of a sentence as the classifier sees them: what they are, not where they stand.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tracker.facts.significance.thesaurus import lemmas, relation
from tracker.facts.significance.vocabulary import CLASSES, FUNCTION, NUMBERS, PAIRS, SYNONYMS

_TYPOGRAPHY = str.maketrans({
    **dict.fromkeys("‘’‚ʼ`´", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("–—‑−", "-"), "\u00a0": " ", "…": "...",
})  # fmt: skip
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S.
    r"|[$£€]?\d+(?:[.,:]\d+)*(?:st|nd|rd|th|bn|m|k|km|kg|mph|am|pm|%|p)?\b%?"  # $1.5m 10:40 2nd 25%
    r"|[^\W\d_]+(?:'[^\W\d_]+)*"  # don't
    r"|[^\w\s]"
)
_MAGNITUDES = {
    "k": 1e3,
    "m": 1e6,
    "bn": 1e9,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "thousand": 1e3,
    "hundred": 1e2,
}
_CREDIT = re.compile(r"\s*\((?:image|photo|picture) credit:[^)]*\)?", re.IGNORECASE)
_DATELINE = re.compile(
    r"^\s*[A-Z][A-Z.'’-]+(?:[ ,]+[A-Z][\w.'’-]*){0,4}(?:[ ,]+\d{1,2})?(?:[ ,]*\([A-Z][\w /]*\))?\s+(?:--|[-–—])\s+"
)  # LONDON, March 4 (Wire) -
_BYLINE = re.compile(
    r"^\s*(?:By|Von|Par|Por|Door) [A-Z][\w.'’-]+(?:[ ,]+(?:[A-Z][\w.'’-]*|and|und|et|y|en|in|for|agencies|agency|staff|wires|reporters?|correspondents?))*\s*$"
)  # By Ann Lee and agencies
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_SYNONYM_GROUPS: dict[str, frozenset[int]] = {}
for _at, _group in enumerate(SYNONYMS):
    for _word in _group:
        _SYNONYM_GROUPS[_word] = _SYNONYM_GROUPS.get(_word, frozenset()) | {_at}


class Word(NamedTuple):
    """One token."""

    text: str  # typography undone
    key: str  # without case, dots and possessive
    number: float | None  # its value
    name: bool  # a capital, and not only because a sentence begins here
    sign: bool  # neither letter nor digit
    quoted: bool  # between quotation marks


def plain(text: str) -> str:
    """Undo typography; doubled single quotes count as one quotation mark."""
    return text.translate(_TYPOGRAPHY).replace("''", '"').replace("``", '"')


def drop_frame(text: str) -> str:
    """Leave out a byline, a dateline, and who took the picture, as feeds write it after a description."""
    return _BYLINE.sub("", _DATELINE.sub("", _CREDIT.sub("", text)))


def frame_of(text: str) -> list[str]:
    """List what `drop_frame` leaves out."""
    return [*_BYLINE.findall(text), *_DATELINE.findall(text), *_CREDIT.findall(text)]


def amounts(words: Iterable[Word]) -> frozenset[float]:
    """List the numbers with the magnitude that follows them: 46 thousand is 46,000."""
    found: list[float] = []
    for word in words:
        if word.key in _MAGNITUDES and found:
            found[-1] *= _MAGNITUDES[word.key]
        elif word.number is not None:
            found.append(word.number)
    return frozenset(found)


@lru_cache(maxsize=4096)
def read_words(sentence: str) -> tuple[Word, ...]:
    """Split a sentence into words."""
    texts = _TOKEN.findall(plain(sentence))
    words: list[Word] = []
    quoted = False
    begins = True
    for at, text in enumerate(texts):
        key, number, sign, upper = _look_up(text)
        if text == '"':
            quoted = not quoted
        name = upper
        if upper and begins:
            follows = at + 1 < len(texts) and texts[at + 1][:1].isupper()
            name = key not in FUNCTION and (follows or (len(text) > 1 and text.isupper()))
        words.append(Word(text, key, number, name, sign, quoted and not sign))
        if not sign or text in ".!?":
            begins = text in ".!?"
    return tuple(words)


@lru_cache(maxsize=20_000)
def _look_up(text: str) -> tuple[str, float | None, bool, bool]:
    """Give a token's key, its value, whether it is a sign and whether it begins with a capital."""
    key = text.lower()
    if "." in text and text[0].isalpha():
        key = key.replace(".", "")
    key = key.removesuffix("'s")
    return key, _value(key), not any(c.isalnum() for c in text), text[0].isupper()


def _value(key: str) -> float | None:
    if key in NUMBERS:
        return float(NUMBERS[key])
    found = _DIGITS.search(key)
    if not found:
        return None
    digits = found[0]
    digits = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
    try:
        value = float(digits)
    except ValueError:
        value = float(re.sub(r"\D", "", digits) or 0)
    return value * _MAGNITUDES.get(key[found.end() :].strip("%"), 1.0)


@lru_cache(maxsize=20_000)
def classes_of(key: str) -> tuple[str, ...]:
    """List the classes of the vocabulary that a word is in."""
    return tuple(name for name, words in CLASSES.items() if key in words)


def is_content(word: Word) -> bool:
    """Say whether a word carries meaning of its own."""
    return not word.sign and word.key not in FUNCTION


@lru_cache(maxsize=50_000)
def relate(old: str, new: str) -> str:
    """Say how two keys are related: "form", "same", "opposite", "near" or ""."""
    if (old, new) in PAIRS:
        return "opposite"
    if lemmas(old) & lemmas(new):
        return "form"
    if _SYNONYM_GROUPS.get(old, frozenset()) & _SYNONYM_GROUPS.get(new, frozenset()):
        return "same"
    return relation(old, new)


def stems(words: Iterable[Word]) -> frozenset[str]:
    """Reduce content words to one form each, for looking them up in another text."""
    return frozenset(_stem(word.key) for word in words if not word.sign and word.key not in FUNCTION)


@lru_cache(maxsize=20_000)
def _stem(key: str) -> str:
    return min(lemmas(key), key=lambda form: (len(form), form))
