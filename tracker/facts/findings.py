"""What the facts engine hands over.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.models import Fact, Label


@dataclass(frozen=True, slots=True)
class Findings:
    """The facts that changed between two texts, and how sure we are that any did."""

    facts: tuple[Fact, ...] = ()  # most important first
    labels: tuple[Label | None, ...] = ()  # one for each step of the alignment; None for an unchanged sentence
    substance: float = 0.0  # probability that a reported fact changed
    same_story: bool = True  # False: the two texts are not about the same event
    warnings: tuple[str, ...] = ()  # what was left out, and why
    unread: int = 0  # changed sentences that there was no time for
    disclosed: bool = False  # a notice that was added or changed speaks of what changed
