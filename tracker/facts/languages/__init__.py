"""What the readers need to know of a language, as tables.

English is complete; German, French, Spanish and Dutch have numbers, dates, saying, hedging and function words; of any other language only digits
and quotation marks are read.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.facts.languages import de, en, es, fr, nl
from tracker.facts.languages.tables import Language

__all__ = ["UNKNOWN", "Language", "guess_language", "language_pack"]

UNKNOWN = Language(code="")
_PACKS = {pack.code: pack for pack in (en.PACK, de.PACK, fr.PACK, es.PACK, nl.PACK)}
_TELLING = {
    code: pack.function_words | pack.weekdays.keys() | pack.months.keys() | pack.numbers.keys() | pack.saying
    for code, pack in _PACKS.items()
}  # words that a language is known by


def language_pack(code: str | None) -> Language:
    """The tables of a language, or empty ones."""
    return _PACKS.get((code or "")[:2].lower(), UNKNOWN)


def guess_language(sentences: Iterable[str]) -> Language:
    """Tell the language by its function words, days, months and numbers; the pack with no entries when nothing fits.

    At least one word in eight must be such a word of the language: running English has about one in two, and a list of names none.
    """
    words = [word for sentence in sentences for word in sentence[:400].casefold().split()[:60]][:600]
    best, hits = UNKNOWN, 0
    for pack in _PACKS.values():
        count = sum(word.rstrip(".,") in _TELLING[pack.code] for word in words)
        if count > hits:
            best, hits = pack, count
    return best if hits * 8 >= len(words) and hits else UNKNOWN
