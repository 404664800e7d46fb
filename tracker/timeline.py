"""What an article said of each thing, from when to when: who did it, where, how many.

A value lives from the version that brought it to the version that took it away; of a conflict both values live on.
What stood in the first version and never changed is no fact of any change, and has no line here.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tracker.models import Fact, Kind

ORDER: Final[tuple[Kind, ...]] = (
    "attribution", "location", "number", "time", "identity", "certainty", "sourcing", "event", "quote", "headline", "notice",
)  # fmt: skip
ALONE: Final = ("event", "quote", "notice", "sourcing")  # each value is a thing of its own, not one in place of another


@dataclass(frozen=True, slots=True)
class Step:
    """A change, as far as a timeline needs it."""

    change_id: int
    old_number: int  # version
    new_number: int
    not_before: datetime
    not_after: datetime
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A value, and how long it was said."""

    value: str
    source: str | None
    first_version: int  # the first that we know to say it
    last_version: int | None  # the last that said it; None: it still stands
    since: (
        Step | None
    )  # the change that brought it; None: it was there when the change that took it away was made, and maybe ever
    until: Step | None
    disputed: bool = False  # a different value was added beside it, and this one left standing


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, and all that was said of it, in order of time."""

    kind: Kind
    subject: str | None  # what was counted, or what it is about
    spans: tuple[Span, ...]


def fact_timeline(steps: Sequence[Step]) -> tuple[Line, ...]:
    """Follow the facts of an article through its changes.

    Args:
        steps: The changes, oldest first.

    Returns:
        A line for each thing that was said differently, the most telling kinds first.
    """
    lines: list[_Line] = []
    for step in steps:
        for fact in step.facts:
            _line_for(lines, fact).take(fact, step)
    found = [line.drawn() for line in lines]
    return tuple(sorted((line for line in found if line.spans), key=lambda line: ORDER.index(line.kind)))


class _Line:
    """A line on its way."""

    def __init__(self, fact: Fact) -> None:
        self.kind = fact.kind
        self.counted = fact.counted
        self.subjects = [fact.about] if fact.about else []
        self.spans: list[Span] = []
        self._said: set[str] = set()

    def continues(self, fact: Fact) -> bool:
        """Does a fact speak of the same thing?  It does when it takes up a value that stands, or counts the same."""
        if fact.kind != self.kind or fact.counted != self.counted:
            return False
        if not self._said.isdisjoint(_values(fact)):
            return True
        same_subject = fact.about in self.subjects if fact.about else not self.subjects
        return fact.kind not in ALONE and same_subject

    def take(self, fact: Fact, step: Step) -> None:
        """Add what a fact says."""
        self._said.update(_values(fact))
        if fact.about and fact.about not in self.subjects:
            self.subjects.append(fact.about)
        if fact.old is not None:
            self._old(fact.old, fact, step)
        if fact.new is not None and not self._standing(fact.new):
            self.spans.append(Span(fact.new, fact.source, step.new_number, None, step, None))

    def _old(self, value: str, fact: Fact, step: Step) -> None:
        standing = self._standing(value)
        if not standing or standing.since is step:  # what this very change brought was not there before it
            source = fact.source if fact.status == "removed" else None
            standing = Span(value, source, step.old_number, None, None, None)
            self.spans.append(standing)
        place = self.spans.index(standing)
        if fact.status == "conflicts":
            self.spans[place] = replace(standing, disputed=True)
        else:
            self.spans[place] = replace(standing, last_version=step.old_number, until=step)

    def _standing(self, value: str) -> Span | None:
        return next(
            (span for span in self.spans if span.until is None and span.value.casefold() == value.casefold()), None
        )

    def drawn(self) -> Line:
        subject = self.counted or (self.subjects[0] if self.subjects else None)
        return Line(self.kind, subject, tuple(sorted(self.spans, key=lambda span: span.first_version)))


def _line_for(lines: list[_Line], fact: Fact) -> _Line:
    for line in lines:
        if line.continues(fact):
            return line
    lines.append(_Line(fact))
    return lines[-1]


def _values(fact: Fact) -> list[str]:
    return [value.casefold() for value in (fact.old, fact.new) if value is not None]
