"""Words of meaning that took the place of others in a sentence that otherwise stayed: "tail light" → "brake light", "hospital" → "depot".

For what no reader has a name for: not a number, not a day, not a name.  Whether a swap matters is judged afterwards; synonyms mostly do not.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tracker.facts.languages import Language
from tracker.facts.significance.thesaurus import lemmas, load_thesaurus
from tracker.facts.words import Token, is_content, stem, tokenize
from tracker.models import Kind, SentenceChange

Swap = tuple[Kind, tuple[int, int] | None, tuple[int, int] | None]
_LONGEST = 8  # words of a swap: more is another sentence


def find_swaps(step: SentenceChange, language: Language) -> Iterator[Swap]:
    """List the stretches of words that were exchanged, put in or taken out, with the kind of fact that they may be."""
    at_old = at_new = 0
    for changed, pieces in groupby(step.words, key=lambda piece: piece[0] != "equal"):
        gone = come = ""
        for operation, text in pieces:
            gone += text if operation != "insert" else ""
            come += text if operation != "delete" else ""
        if changed:
            before, after = _words(gone, language), _words(come, language)
            if (before or after) and _stems(before, language) != _stems(after, language):
                yield _kind(before or after), _span(before, at_old), _span(after, at_new)
        at_old += len(gone)
        at_new += len(come)


def find_difference(old: str, new: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Find the stretch of words in which two sentences differ, from the first to the last; None where a side has none."""
    a, b = tokenize(old), tokenize(new)
    shorter = min(len(a), len(b))
    start = next((i for i in range(shorter) if a[i].text != b[i].text), shorter)
    left = shorter - start
    end = next((i for i in range(left) if a[-1 - i].text != b[-1 - i].text), left)
    gone, come = a[start : len(a) - end], b[start : len(b) - end]
    return (_span(gone, 0), _span(come, 0))


def _words(text: str, language: Language) -> list[Token]:
    """The words of a piece, from the first that means something to the last."""
    tokens = list(tokenize(text))
    if not any(is_content(t, language) for t in tokens) or len(tokens) > _LONGEST:
        return []
    while tokens and not is_content(tokens[0], language):
        tokens.pop(0)
    while tokens and not is_content(tokens[-1], language):
        tokens.pop()
    return tokens


def _stems(tokens: Sequence[Token], language: Language) -> list[str]:
    return [stem(t.key, language) for t in tokens]


def _span(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    return (at + tokens[0].start, at + tokens[-1].end) if tokens else None


def _kind(tokens: Sequence[Token]) -> Kind:
    """Who or what, for nouns and what describes them; what happened, for verbs."""
    mostly = load_thesaurus().mostly
    parts = {mostly.get(lemma, "") for lemma in lemmas(tokens[-1].key)}
    return "event" if "v" in parts and "n" not in parts else "identity"
