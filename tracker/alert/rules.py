"""Whom does a change, or an event, concern?

All conditions of a rule have to be met; of several rules one is enough; `unless` takes back.
A name counts as a whole word, whatever its accents and case, anywhere in the old text or the new: it says what an article is about.
A pattern is looked for in what changed only, and not for longer than `PATTERN_S`: one that takes longer counts as an alert, because one too many is better than one too few.

Computes only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from tracker.config import RuleSettings, UnlessSettings
from tracker.models import Change, Event
from tracker.timetable import IMMEDIATE, Timetable

PATTERN_S: Final = 0.2  # seconds for one pattern on one change; a plain one takes a thousandth
SEARCHED_AT_MOST: Final = 200_000  # characters: an article of 30,000 words
UNDIVIDED: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)  # letters whose stroke is not an accent to Unicode


class Conditions(Protocol):
    """What a rule and its `unless` have in common."""

    @property
    def verdict(self) -> Collection[str]: ...  # noqa: D102
    @property
    def kinds(self) -> Collection[str]: ...  # noqa: D102
    @property
    def disclosure(self) -> Collection[str]: ...  # noqa: D102
    @property
    def tags(self) -> Collection[str]: ...  # noqa: D102
    @property
    def sources(self) -> Collection[str]: ...  # noqa: D102
    @property
    def entities(self) -> Collection[str]: ...  # noqa: D102
    @property
    def patterns(self) -> Collection[str]: ...  # noqa: D102


def matching_rules(change: Change, rules: Iterable[RuleSettings], source: str | None = None) -> list[RuleSettings]:
    """List the rules whose conditions a change meets, in the order of the configuration.

    Args:
        change: The change.
        rules: All rules.
        source: The address of the feed that the article was found in.
    """
    return [rule for rule in rules if _matches(change, rule, source)]


def matching_event_rules(event: Event, rules: Iterable[RuleSettings], source: str | None = None) -> list[RuleSettings]:
    """List the rules that ask for an event: of the conditions only tags and sources count."""
    return [
        rule
        for rule in rules
        if event.kind in rule.events
        and _meets(rule.tags, set(event.tags))
        and _is_from(event.article_url, source, rule.sources)
    ]


def timetables(rules: Sequence[RuleSettings], channels: Mapping[str, Timetable]) -> dict[str, Timetable]:
    """Say when each channel of the rules that are met is told; where rules differ, the soonest.

    Args:
        rules: Those that are met.
        channels: The channels' own timetables.
    """
    found: dict[str, Timetable] = {}
    for rule in rules:
        for name in rule.channels:
            wanted = rule.deliver or channels.get(name, IMMEDIATE)
            found[name] = min(found.get(name, wanted), wanted, key=_eagerness)
    return found


def _eagerness(timetable: Timetable) -> int:
    return 2 if timetable.at else 1 if timetable.hourly else 0


def _matches(change: Change, rule: RuleSettings, source: str | None) -> bool:
    judgement = change.comparison.judgement
    if judgement.verdict not in rule.verdict or judgement.importance < rule.importance:
        return False
    return _meets_all(change, rule, source, in_doubt=True) and not (
        rule.unless and _is_left_out(change, rule.unless, source)
    )


def _is_left_out(change: Change, unless: UnlessSettings, source: str | None) -> bool:
    return _meets(unless.verdict, {change.comparison.judgement.verdict}) and _meets_all(
        change, unless, source, in_doubt=False
    )


def _meets_all(change: Change, wanted: Conditions, source: str | None, *, in_doubt: bool) -> bool:
    judgement = change.comparison.judgement
    return (
        _meets(wanted.kinds, {fact.kind for fact in change.comparison.facts})
        and _meets(wanted.disclosure, {judgement.disclosure})
        and _meets(wanted.tags, set(change.tags))
        and _is_from(change.article_url, source, wanted.sources)
        and (not wanted.entities or _speaks_of(_whole_text(change), wanted.entities))
        and (not wanted.patterns or _is_found(_changed_text(change), wanted.patterns, in_doubt))
    )


def _meets(wanted: Collection[str], found: Collection[str | None]) -> bool:
    """Say whether one of the wanted is there; whoever wants nothing in particular takes all."""
    return not wanted or any(one in found for one in wanted)


def _is_from(url: str, source: str | None, wanted: Collection[str]) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return not wanted or any(
        one == source if "://" in one else host == one.lower() or host.endswith(f".{one.lower()}") for one in wanted
    )


# --- names and patterns ---------------------------------------------------------------------------


def _speaks_of(text: str, names: Iterable[str]) -> bool:
    folded = _fold(text)
    return any(_name(name).search(folded) for name in names)


@cache
def _name(name: str) -> re.Pattern[str]:
    parts = map(re.escape, _fold(name).split())
    between = r"\W+"
    return re.compile(rf"(?<!\w){between.join(parts)}(?!\w)")


def _fold(text: str) -> str:
    """Write a text without accents and case: "Łódź" as "łodz"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(UNDIVIDED))
    return "".join(character for character in apart if not unicodedata.combining(character))


def _is_found(text: str, patterns: Iterable[str], in_doubt: bool) -> bool:
    return any(_finds(pattern, text, in_doubt) for pattern in patterns)


def _finds(pattern: str, text: str, in_doubt: bool) -> bool:
    try:
        return _compiled(pattern).search(text, timeout=PATTERN_S) is not None
    except TimeoutError:
        return in_doubt


@cache
def _compiled(pattern: str) -> Any:
    import regex  # can be told to stop, which Python's own cannot

    return regex.compile(pattern)


def _whole_text(change: Change) -> str:
    sides = (change.comparison.old, change.comparison.new)
    parts = [*_facts(change), *(part for side in sides for part in (side.headline or "", *side.sentences))]
    return _joined(parts)


def _changed_text(change: Change) -> str:
    """Write down what changed: the facts, the headlines, and the sentences of both sides that are not in both."""
    comparison = change.comparison
    steps = [step for step in comparison.sentences if step.operation in ("replace", "insert", "delete")]
    new = [comparison.new.sentences[step.new] for step in steps if step.new is not None]
    old = [comparison.old.sentences[step.old] for step in steps if step.old is not None]
    return _joined([*_facts(change), *new, *old])


def _facts(change: Change) -> list[str]:
    return [part for fact in change.comparison.facts for part in (fact.old, fact.new, fact.source, fact.about) if part]


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)[:SEARCHED_AT_MOST]
