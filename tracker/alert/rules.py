"""Whom does a change, or an event, concern?

Computes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tracker.config import RuleSettings
from tracker.models import Change, Event


def matching_rules(change: Change, rules: Iterable[RuleSettings]) -> list[RuleSettings]:
    """List the rules whose conditions a change meets, in the order of the configuration."""
    return [rule for rule in rules if _matches(change, rule)]


def channels_for(change: Change, rules: Iterable[RuleSettings]) -> list[str]:
    """List the channels that a change goes to, each once, in the order of the configuration."""
    return list(dict.fromkeys(channel for rule in matching_rules(change, rules) for channel in rule.channels))


def channels_for_event(event: Event, rules: Iterable[RuleSettings]) -> list[str]:
    """List the channels that an event goes to, each once, in the order of the configuration."""
    wanted = [rule for rule in rules if event.kind in rule.events and _meets(rule.tags, set(event.tags))]
    return list(dict.fromkeys(channel for rule in wanted for channel in rule.channels))


def _matches(change: Change, rule: RuleSettings) -> bool:
    judgement = change.comparison.judgement
    return (
        judgement.verdict in rule.verdict
        and judgement.importance >= rule.importance
        and _meets(rule.kinds, {fact.kind for fact in change.comparison.facts})
        and _meets(rule.disclosure, {judgement.disclosure})
        and _meets(rule.tags, set(change.tags))
    )


def _meets(wanted: Collection[str], found: Collection[str | None]) -> bool:
    """Say whether one of the wanted is there; whoever wants nothing in particular takes all."""
    return not wanted or any(one in found for one in wanted)
