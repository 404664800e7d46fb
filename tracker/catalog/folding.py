"""Words as they are indexed and asked for: without case, accents and punctuation, the same in every database.

Databases part texts into words each in their own way; given words that are parted already, they all find the same.
Where a script writes no spaces (Chinese, Japanese, Thai …) each character is a word, and what was asked for is found as a phrase.

Computes only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from tracker.errors import InputError

MOST_CHARACTERS: Final = 1_000_000  # of one text; the longest article that we have seen has 90,000
LONGEST_WORD: Final = 60  # characters; PostgreSQL takes 2,046 bytes
MOST_WORDS: Final = 20  # of a query

UNSPACED: Final = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
WORD: Final = re.compile(rf"{UNSPACED}|[^\W_]+")
SPACELESS: Final = re.compile(UNSPACED)
PART: Final = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that have to stand one after the other; `prefix`: the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False


def fold(text: str) -> str:
    """Write a text as plain words with a space between."""
    return " ".join(words_of(text[:MOST_CHARACTERS]))


def words_of(text: str) -> list[str]:
    """List the words of a text, folded."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    if SPACELESS.search(plain):
        plain = SPACELESS.sub(r" \g<0> ", plain)
    return [word[:LONGEST_WORD] for word in WORD.findall(plain)]


def read_query(text: str) -> tuple[Phrase, ...]:
    """Read what a person typed: all words have to be there; words in quotation marks one after the other; `kill*` is a beginning.

    Raises:
        InputError: There is no word in it, or there are too many.
    """
    found = []
    for match in PART.finditer(text):
        part = match[1] if match[1] is not None else match[2]
        words = tuple(words_of(part))
        if words:
            found.append(Phrase(words, prefix=match[2] is not None and part.endswith("*")))
    if not found:
        raise InputError("the search has no word in it; type a word, or several words in quotation marks for a phrase")
    if sum(len(phrase.words) for phrase in found) > MOST_WORDS:
        raise InputError(f"the search has more than {MOST_WORDS} words; leave out some")
    return tuple(found)
