"""The last word: a fact is only reported with values that are literally in the sentences that it points to.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.models import Fact, Text


def with_evidence(facts: Iterable[Fact], old: Text, new: Text) -> tuple[Fact, ...]:
    """Keep the facts whose values are literally there, each once, the most important first.

    Among equals the surer comes first, then the one that stands earlier in the new version.
    """
    kept = {(f.kind, f.old, f.new, f.old_sentence, f.new_sentence): f for f in facts if is_literal(f, old, new)}
    return tuple(sorted(kept.values(), key=_order))


def is_literal(fact: Fact, old: Text, new: Text) -> bool:
    """Say whether every value of a fact is in the sentence that it is claimed for, and the statement whole."""
    if fact.old is None and fact.new is None:
        return False
    if fact.standing_sentence is not None and not 0 <= fact.standing_sentence < len(new.sentences):
        return False
    return _stands(fact.old, fact.old_sentence, old) and _stands(fact.new, fact.new_sentence, new)


def _stands(value: str | None, sentence: int | None, text: Text) -> bool:
    if value is None:
        return sentence is None
    return (
        bool(value.strip())
        and sentence is not None
        and 0 <= sentence < len(text.sentences)
        and value in text.sentences[sentence]
    )


def _order(fact: Fact) -> tuple[int, float, int, int]:
    return (
        -fact.importance,
        -round(fact.confidence, 2),
        fact.new_sentence if fact.new_sentence is not None else 10**6,
        fact.old_sentence or 0,
    )
