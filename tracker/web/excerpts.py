"""The words of a search, found again in a text that is shown.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tracker.catalog.folding import words_of

WORD: Final = re.compile(r"[^\W_]+")
AROUND: Final = 140  # characters kept on each side of the first word found
LONGEST: Final = 20_000  # characters of a paragraph that are looked through; the longest that we have seen has 9,000
Marked = tuple[tuple[bool, str], ...]
"""A text in pieces; True: this one was searched for."""


def marked(text: str, words: Sequence[str]) -> Marked:
    """Mark folded words in a text; a word that ends in `*` marks what begins so."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}… [{len(text) - LONGEST:,} more characters]"
    if not words:
        return ((False, text),) if text else ()
    pieces: list[tuple[bool, str]] = []
    end = 0
    for match in WORD.finditer(text):
        if _is_one_of(match[0], words):
            pieces += [(False, text[end : match.start()]), (True, match[0])]
            end = match.end()
    pieces.append((False, text[end:]))
    return tuple(piece for piece in pieces if piece[1])


def excerpt(paragraphs: Sequence[str], words: Sequence[str]) -> Marked:
    """Choose the paragraph with the most of the words, and cut it around the first of them."""
    best = max(paragraphs, key=lambda one: len({word for word in words if _says(one, word)}), default="")
    pieces = marked(best, words)
    first = next((n for n, piece in enumerate(pieces) if piece[0]), 0)
    before = "".join(text for _, text in pieces[:first])
    after: list[tuple[bool, str]] = []
    room = AROUND * 2
    for hit, text in pieces[first:]:
        after.append((hit, text[:room]))
        room -= len(text)
        if room <= 0:
            after.append((False, "…"))
            break
    lead = before if len(before) <= AROUND else "…" + before[-AROUND:]
    return tuple(piece for piece in ((False, lead), *after) if piece[1])


def _says(text: str, word: str) -> bool:
    return any(_is_one_of(match[0], [word]) for match in WORD.finditer(text[:LONGEST]))


def _is_one_of(shown: str, words: Sequence[str]) -> bool:
    folded = words_of(shown)
    return any(one == word or (word.endswith("*") and one.startswith(word[:-1])) for one in folded for word in words)
