"""Words of a sentence: where they stand, and what they count as when two sentences are compared.

A token's key is its spelling without case and typography; its stem is also without inflection, and synonyms that news copy swaps freely
("jailed", "imprisoned") share one.  Function words carry no content.  Everything later compares keys and stems, and points back to characters.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tracker.facts.languages import Language, language_pack

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S.
    r"|\d+(?:[.,:]\d+)*(?:[^\W\d_]+)?"  # 1,500  10:40  15ft
    r"|[^\W\d_]+(?:[’'ʼ\-–][^\W_]+)*"  # don't  six-month  Covid-19
    r"|[$€£¥%?!]"
)
_TYPOGRAPHY = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "\u00a0": " "})
_SUFFIXES = (
    ("iest", "y"), ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ing", ""), ("edly", ""),
    ("ed", ""), ("ly", ""), ("s", ""), ("e", ""),
)  # fmt: skip
_SHORTEST_STEM = 3  # letters
PARTICLES = frozenset(
    ("not", "out", "up", "down", "off", "over")
)  # function words that may end what is shown as a value


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign."""

    text: str
    start: int  # characters from the start of the sentence
    end: int
    key: str


def fold(text: str) -> str:
    """Undo typography and case: what is left is what is said."""
    return text.translate(_TYPOGRAPHY).casefold()


@lru_cache(maxsize=8192)
def tokenize(sentence: str) -> tuple[Token, ...]:
    """Find the words, numbers and signs ($ % ? !) of a sentence, in order."""
    return tuple(Token(m[0], m.start(), m.end(), _key(m[0])) for m in _TOKEN.finditer(sentence))


def stem(key: str, language: Language) -> str:
    """Reduce a key to what it shares with its inflections and its everyday synonyms."""
    return _stem(key, language.code)


def content(tokens: tuple[Token, ...], language: Language) -> frozenset[str]:
    """The stems that carry meaning."""
    return frozenset(_stem(t.key, language.code) for t in tokens if is_content(t, language))


def is_content(token: Token, language: Language) -> bool:
    """Say whether a word carries meaning of its own."""
    return token.key not in language.function_words and (len(token.key) > 1 or token.key.isdigit())


@lru_cache(maxsize=65536)
def _key(text: str) -> str:
    if text == "US" or (len(text) > 2 and text.isupper() and "." in text and len(text) <= 8):
        return text.replace(".", "").lower() + "."  # the country, not the pronoun
    folded = fold(text)
    return folded[:-2] if folded.endswith("'s") and len(folded) > 3 else folded.rstrip("'")


@lru_cache(maxsize=65536)
def _stem(key: str, code: str) -> str:
    language = language_pack(code)
    if key in language.canonical:
        return language.canonical[key]
    root = _cut(key) if language.code == "en" else key
    return language.canonical.get(root, root)


def _cut(key: str) -> str:
    if not key.isalpha() or len(key) <= _SHORTEST_STEM:
        return key
    for suffix, ending in _SUFFIXES:
        if key.endswith(suffix) and len(key) - len(suffix) >= _SHORTEST_STEM:
            if suffix == "s" and key.endswith(("ss", "us", "is")):
                return key
            root = key[: len(key) - len(suffix)] + ending
            if (
                suffix in ("ing", "ed")
                and len(root) > _SHORTEST_STEM
                and root[-1] == root[-2]
                and root[-1] not in "lsz"
            ):
                root = root[:-1]
            if ending or suffix == "e":
                return root
            return root[:-1] if root.endswith("e") and len(root) > _SHORTEST_STEM else root
    return key
