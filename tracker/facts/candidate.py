"""A change that may be a fact.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.facts.clauses import Clause
from tracker.facts.mentions import Mention
from tracker.facts.reading import Reading
from tracker.models import Kind, Status

Span = tuple[int, int, int]  # sentence, first character, end


@dataclass(frozen=True)
class Candidate:
    """A change that may be a fact."""

    kind: Kind
    status: Status
    old: Span | None
    new: Span | None
    step: int  # the alignment step that it was found in
    old_mention: Mention | None = None
    new_mention: Mention | None = None
    clause: Clause | None = None  # of an event
    swap: bool = False  # found by the words that changed, not by a reader
    rule: tuple[float, float] | None = (
        None  # certain by how it was found: probabilities as `selection.rules` gives them
    )

    @property
    def mention(self) -> Mention | None:
        """What the new version states, or the old one where that is gone."""
        return self.new_mention or self.old_mention


def one_sided(
    kind: Kind, status: Status, step: int, reading: Reading, mention: Mention | None, clause: Clause | None = None
) -> Candidate:
    """What only one version states."""
    part = mention or clause
    assert part is not None
    span = (reading.index, part.start, part.end)
    if status == "added":
        return Candidate(kind, status, None, span, step, None, mention, clause)
    return Candidate(kind, status, span, None, step, mention, None, clause)


def two_sided(
    kind: Kind, status: Status, step: int, a: Reading | None, b: Reading | None, m: Mention | None, n: Mention | None
) -> Candidate:
    """What either version states, or one of them beside the other."""
    old = (a.index, m.start, m.end) if a and m else None
    new = (b.index, n.start, n.end) if b and n else None
    return Candidate(kind, status, old, new, step, m, n)
