"""What kind of change each changed sentence carries: fact, context, style, notice or noise.

Computes only.
"""

from __future__ import annotations

from tracker.facts.significance import Significance
from tracker.models import Label, SentenceChange


def label_of(
    step: SentenceChange, surely: float, significance: Significance | None, *, notice: bool, furniture: bool
) -> Label | None:
    """Label one step.

    Args:
        step: One step of the alignment.
        surely: How surely it carries a reported fact, by the values found in it: one half where facts are reported.
        significance: What the sentence as a whole was weighed to be; None where it was not weighed.
        notice: Either sentence belongs to a notice.
        furniture: What there is of it is furniture of the page.
    """
    if step.operation == "equal":
        return None
    if notice:
        return "notice"
    if furniture:
        return "noise"
    if step.operation == "move" or significance is None:
        return "style"
    labels: dict[Label, float] = {
        "fact": (significance.substantive + surely) / 2,
        "context": significance.minor,
        "style": significance.cosmetic - significance.noise,
        "noise": significance.noise,
    }
    return max(labels, key=labels.__getitem__)
