"""Cut a sentence into the clauses that each tell one thing.

By punctuation and the words that begin a clause, without a parser: a clause is what an `event` is shown as, so it must read by itself and be short.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.facts.languages import Language
from tracker.facts.languages.en import THEMES
from tracker.facts.languages.tables import words
from tracker.facts.words import Token, is_content, stem

_BREAK = re.compile(r"''|[\"“”„«»;:()]|--|[–—]|(?<=\s)-(?=\s)|,|[.!?](?=\s)")
_STARTS = words(
    """but after before when while because that which who where although though since until if whether including despite following amid dass weil
        nachdem während aber der die que quand après mais alors porque cuando tras pero omdat nadat maar terwijl"""
)
_LONGEST = 14  # words of a clause
_VERBS = {verb: theme for theme, verbs in THEMES.items() for verb in verbs}


@dataclass(frozen=True, slots=True)
class Clause:
    """Some words in a row."""

    start: int
    end: int
    tokens: tuple[Token, ...]
    stems: frozenset[str]  # that carry meaning
    themes: frozenset[str]  # of the news verbs in it


def find_clauses(sentence: str, tokens: Sequence[Token], language: Language) -> list[Clause]:
    """Cut a sentence into clauses, in order; pieces without two words of meaning are joined to none and left out."""
    pieces: list[list[Token]] = [[]]
    for index, token in enumerate(tokens):
        gap = sentence[tokens[index - 1].end : token.start] if index else ""
        if pieces[-1] and (_BREAK.search(gap) or token.key in _STARTS or _is_second_verb(tokens, index, language)):
            pieces.append([])
        pieces[-1].append(token)
    return [clause for piece in pieces if (clause := _clause(piece, language)) is not None]


def _is_second_verb(tokens: Sequence[Token], index: int, language: Language) -> bool:
    """Say whether "and" begins another statement: a news verb is near on either side ("… and ordered", "… and a firefighter died")."""
    if tokens[index].key not in ("and", "or", "und", "et", "y", "en"):
        return False
    return any(stem(t.key, language) in _VERBS for t in tokens[index + 1 : index + 5]) and any(
        stem(t.key, language) in _VERBS for t in tokens[max(0, index - 8) : index]
    )


def _clause(piece: list[Token], language: Language) -> Clause | None:
    while piece and piece[0].key in _STARTS | {"and", "or", "also"}:
        piece = piece[1:]
    piece = piece[:_LONGEST]
    while (
        piece and piece[-1].key in language.function_words and piece[-1].key not in ("not", "out", "up", "down", "off")
    ):
        piece = piece[:-1]
    stems = frozenset(stem(t.key, language) for t in piece if is_content(t, language))
    if len(piece) < 2 or len(stems) < 2:
        return None
    return Clause(
        piece[0].start, piece[-1].end, tuple(piece), stems, frozenset(_VERBS[s] for s in stems if s in _VERBS)
    )
