"""What kind of change each changed sentence carries: fact, context, style, notice or noise.

Computes only.
"""

from __future__ import annotations

from tracker.facts.candidates import Side
from tracker.facts.words import content, tokenize
from tracker.models import Label, SentenceChange

NEW_ENOUGH = 0.34  # of a sentence's meaning words unknown to the other version: more than style


def label_of(step: SentenceChange, fact: float, old: Side, new: Side, *, notice: bool, furniture: bool) -> Label | None:
    """Label one step.

    Args:
        step: One step of the alignment.
        fact: Probability that it carries a reported fact.
        old: The earlier version.
        new: The later version.
        notice: Either sentence belongs to a notice.
        furniture: What there is of it is furniture of the page.
    """
    if step.operation == "equal":
        return None
    if notice:
        return "notice"
    if furniture:
        return "noise"
    if step.operation == "move":
        return "style"
    if fact >= 0.5:
        return "fact"
    return "context" if _unknown(step, old, new) >= NEW_ENOUGH else "style"


def _unknown(step: SentenceChange, old: Side, new: Side) -> float:
    shares = []
    for index, mine, other in ((step.old, old, new), (step.new, new, old)):
        if index is not None:
            stems = content(tokenize(mine.reader.sentences[index][:4000]), mine.language)
            shares.append(len(stems - other.stems) / max(1, len(stems)))
    return max(shares, default=0.0)
