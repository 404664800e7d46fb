"""Notices: which of them are new, and whether they speak of what changed.

`extract` has found them on a page; in a plain text they are recognised here by the same rules.  A notice of the form "Update, April 9: …" also tells news,
so it is read as well.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tracker.extract.notices import is_notice
from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.spelling import is_only_spelling
from tracker.facts.words import content, tokenize
from tracker.models import Fact, SentenceChange, Text, Version

_TELLS_NEWS = re.compile(
    r"^\W*(?:breaking|update|aktualisierung|mise à jour|actualización)\b[^:]{0,40}[:–—-]\s*\S", re.IGNORECASE
)
_STOCK = words(
    """article story post version updated update updates amended amend corrected correct correction corrections clarified clarification editor note
        notes earlier previous originally headline piece report add adding added reflect include including changed change published page incorrectly
        stated wrongly said error regret artikel fassung korrigiert aktualisiert"""
)
_SPEAKS_OF = 2  # words of meaning that a notice must share with what changed
_LONGEST_VALUE = 200  # characters of a notice that are shown as the value


def notice_sentences(text: Text, version: Version, language: Language) -> frozenset[int]:
    """The sentences of a text that belong to a notice."""
    found = set()
    notices = [" ".join(notice.split()) for notice in version.notices]
    for index, sentence in enumerate(text.sentences):
        if text.headline and index == 0:
            continue
        plain = " ".join(sentence.split())
        if plain and (any(plain in notice for notice in notices) or is_notice(sentence, language.code or None)):
            found.add(index)
    return frozenset(found)


def tells_news(text: Text, index: int) -> bool:
    """Say whether a sentence of a notice is itself a piece of news, because its paragraph begins so: "Update, April 9: …"."""
    first = index
    while first > 0 and text.paragraph_of[first - 1] == text.paragraph_of[index]:
        first -= 1
    return bool(_TELLS_NEWS.match(text.sentences[first]))


def notice_facts(
    steps: Sequence[SentenceChange],
    old: Text,
    new: Text,
    in_old: frozenset[int],
    in_new: frozenset[int],
    language: Language,
) -> list[Fact]:
    """The notices that were added, changed in more than their spelling, or removed."""
    facts = []
    told: set[int] = set()  # paragraphs whose notice is a fact already: a notice of three sentences is one notice
    for step in steps:
        if step.operation in ("equal", "move"):
            continue
        before = step.old if step.old in in_old else None
        after = step.new if step.new in in_new else None
        if (before is None and after is None) or is_only_spelling(step, language):
            continue
        if before is None and after is not None:
            if new.paragraph_of[after] in told:
                continue
            told.add(new.paragraph_of[after])
        a = _value(old.sentences[before]) if before is not None else None
        b = _value(new.sentences[after]) if after is not None else None
        if a is not None and b is not None:
            facts.append(
                Fact(
                    "notice",
                    "replaced",
                    a,
                    b,
                    before,
                    after,
                    2,
                    confidence=0.95,
                    reason="A note about the article itself was changed.",
                )
            )
        elif b is not None:
            facts.append(
                Fact(
                    "notice",
                    "added",
                    None,
                    b,
                    None,
                    after,
                    2,
                    confidence=0.95,
                    reason="A note about the article itself was added.",
                )
            )
        else:
            facts.append(
                Fact(
                    "notice",
                    "removed",
                    a,
                    None,
                    before,
                    None,
                    2,
                    confidence=0.95,
                    reason="A note about the article itself was taken away.",
                )
            )
    return facts


def speaks_of(notices: Iterable[str], facts: Iterable[Fact], changed: Iterable[str], language: Language) -> bool:
    """Say whether a notice speaks of what changed: it shares words of meaning with a value that changed, or more of them with a changed sentence."""
    values = [
        content(tokenize(" ".join(filter(None, (f.old, f.new)))), language) - _STOCK
        for f in facts
        if f.kind != "notice" and f.importance > 1
    ]
    sentences = [content(tokenize(sentence), language) - _STOCK for sentence in changed]
    for notice in notices:
        words = content(tokenize(notice), language) - _STOCK
        if any(len(words & value) >= min(_SPEAKS_OF, len(value)) > 0 for value in values):
            return True
        if any(len(words & sentence) >= _SPEAKS_OF + 1 for sentence in sentences):
            return True
    return False


def _value(sentence: str) -> str:
    """As much of a notice as is shown: all of it, or what ends at a word."""
    text = sentence.strip()
    if len(text) <= _LONGEST_VALUE:
        return text
    return text[:_LONGEST_VALUE].rsplit(None, 1)[0] if " " in text[:_LONGEST_VALUE] else text[:_LONGEST_VALUE]
