"""The one shape in which every reader hands over what it found in a sentence.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.models import Kind


@dataclass(frozen=True, slots=True)
class Mention:
    """A value that a sentence states: a number, a day, a name, words in quotation marks, a degree of certainty."""

    kind: Kind  # of the fact that it would be if it changed
    start: int  # characters from the start of the sentence
    end: int
    key: str  # normalised: two mentions of a kind with equal keys state the same
    role: str = ""  # what it is the value of ("killed", "day"): a value can only be replaced by one of the same role
    counted: str | None = None  # of a number: the unit or the thing counted
    speaker: str | None = None  # of a quotation: who says it
    value: float | None = None  # of a number
    bound: str = ""  # of a number: "least", "most", "over", "under", "about" or nothing
    features: frozenset[str] = field(
        default_factory=frozenset
    )  # what else the reader noticed: "vague", "person", "past" …

    def text(self, sentence: str) -> str:
        """The words of the sentence that carry the value."""
        return sentence[self.start : self.end]
