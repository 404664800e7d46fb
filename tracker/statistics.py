"""How do publishers change what they have published? Counted over many changes: kinds, verdicts, silent edits, and how long a note takes.

A silent edit is a substantive change that nothing on the page speaks of.  A note that is added to the same article later closes it; the hours between are counted from the capture that first showed the edit to the one that first showed the note, and so are as exact as the checks were frequent.
Changes between two texts that an address serves in turn are no edits and are left out.

Computes only; the catalog counts the rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Protocol, get_args

from tracker.models import Disclosure, Fact, Kind, Verdict

Moment = tuple[int, datetime]
"""An article, and when something was first seen in it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one day that were judged alike."""

    day: date  # in UTC, when they were detected
    verdict: Verdict | None
    disclosure: Disclosure | None
    changes: int
    reversals: int  # of these


@dataclass(frozen=True, slots=True)
class MostChanged:
    """An article, and how often it changed."""

    url: str
    headline: str | None
    changes: int
    substantive: int  # of these
    silent: int  # of the substantive


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a number of changes amounts to."""

    changes: int
    articles: int  # that changed
    by_verdict: Mapping[Verdict | None, int]  # None: not compared; none that is 0
    by_kind: Mapping[Kind, int]  # changes with a fact of this kind, the most frequent first
    by_disclosure: Mapping[Disclosure, int]  # of the substantive; every one is there
    by_day: tuple[tuple[date, Verdict | None, int], ...]  # oldest first
    reversals: int  # changes back to an earlier text
    corrected: int  # silent edits that a note closed later
    hours_to_note: tuple[float, ...]  # of these, the shortest first
    most_changed: tuple[MostChanged, ...]

    @property
    def silent_share(self) -> float | None:
        """Of the substantive changes, the share that nothing on the page speaks of; None where there are none."""
        total = sum(self.by_disclosure.values())
        return self.by_disclosure["undisclosed"] / total if total else None

    @property
    def median_hours_to_note(self) -> float | None:
        """Half of the notes came within so many hours; None where none came."""
        return median(self.hours_to_note) if self.hours_to_note else None


@dataclass(frozen=True, slots=True)
class NoteLater:
    """The note that owned up to a silent edit."""

    change_id: int  # that brought it
    version: int  # that shows it
    after: timedelta  # since the edit was seen


class Told(Protocol):
    """What has to be known of a change of an article."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def new_number(self) -> int: ...  # noqa: D102
    @property
    def not_after(self) -> datetime: ...  # noqa: D102
    @property
    def disclosure(self) -> Disclosure | None: ...  # noqa: D102
    @property
    def facts(self) -> Sequence[Fact]: ...  # noqa: D102
    @property
    def alternating(self) -> bool: ...  # noqa: D102


def notes_later(changes: Iterable[Told]) -> dict[int, NoteLater]:
    """Find the first note after each silent edit of one article.

    Args:
        changes: All of the article's, in any order.

    Returns:
        By the numbers of the silent edits; those that nothing owned up to are not there.
    """
    found: dict[int, NoteLater] = {}
    waiting: list[Told] = []
    for change in sorted(changes, key=lambda one: (one.not_after, one.new_number)):
        if change.alternating:
            continue
        if any(fact.kind == "notice" and fact.status in ("added", "replaced") for fact in change.facts):
            for silent in waiting:
                found[silent.id] = NoteLater(change.id, change.new_number, change.not_after - silent.not_after)
            waiting.clear()
        if change.disclosure == "undisclosed":
            waiting.append(change)
    return found


def sum_up(
    groups: Iterable[Group],
    *,
    kinds: Mapping[Kind, int],
    articles: int,
    silent: Iterable[Moment],
    notes: Iterable[Moment],
    most_changed: Iterable[MostChanged],
) -> Statistics:
    """Put the catalog's counts together.

    Args:
        groups: Every change is in exactly one.
        kinds: Changes by the kinds of their facts.
        articles: That changed.
        silent: Silent edits.
        notes: Notes that were added.
        most_changed: The articles that changed most, in that order.
    """
    found = list(groups)
    by_verdict: Counter[Verdict | None] = Counter()
    by_day: Counter[tuple[date, Verdict | None]] = Counter()
    disclosures: Counter[Disclosure] = Counter(dict.fromkeys(get_args(Disclosure), 0))
    for group in found:
        by_verdict[group.verdict] += group.changes
        by_day[group.day, group.verdict] += group.changes
        if group.disclosure:
            disclosures[group.disclosure] += group.changes
    hours = hours_to_notes(silent, notes)
    return Statistics(
        changes=by_verdict.total(),
        articles=articles,
        by_verdict=dict(by_verdict.most_common()),
        by_kind=dict(sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0]))),
        by_disclosure=dict(disclosures),
        by_day=tuple((day, verdict, count) for (day, verdict), count in sorted(by_day.items(), key=_by_day)),
        reversals=sum(group.reversals for group in found),
        corrected=len(hours),
        hours_to_note=tuple(hours),
        most_changed=tuple(most_changed),
    )


def _by_day(entry: tuple[tuple[date, Verdict | None], int]) -> tuple[date, str]:
    return entry[0][0], entry[0][1] or ""


def hours_to_notes(silent: Iterable[Moment], notes: Iterable[Moment]) -> list[float]:
    """Measure how long after each silent edit the first note of its article came, for those that one came after; shortest first."""
    noted: defaultdict[int, list[datetime]] = defaultdict(list)
    for article, at in notes:
        noted[article].append(at)
    for moments in noted.values():
        moments.sort()
    spans = []
    for article, at in silent:
        after = noted.get(article, [])
        first = bisect_right(after, at)
        if first < len(after):
            spans.append((after[first] - at) / timedelta(hours=1))
    return sorted(spans)
