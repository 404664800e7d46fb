"""What a language pack consists of.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as running text."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language's tables; every word in lower case."""

    code: str  # ISO 639-1; "" for a language without a pack
    function_words: frozenset[str] = frozenset()
    canonical: Mapping[str, str] = field(
        default_factory=dict
    )  # inflected or synonymous word -> the word that stands for it
    numbers: Mapping[str, float] = field(default_factory=dict)  # "eleven": 11
    scales: Mapping[str, float] = field(default_factory=dict)  # "million": 1e6
    vague_numbers: frozenset[str] = frozenset()  # "several", "dozens"
    number_joints: frozenset[str] = frozenset()  # "and" in "a hundred and two"
    decimal_comma: bool = False  # 1.000,5 rather than 1,000.5
    bounds: Mapping[str, str] = field(default_factory=dict)  # "at least": "least", "about": "about", "up to": "most"
    units: Mapping[str, str] = field(default_factory=dict)  # "kilometres": "km"
    months: Mapping[str, int] = field(default_factory=dict)
    weekdays: Mapping[str, int] = field(default_factory=dict)  # Monday is 0
    relative_days: Mapping[str, int] = field(default_factory=dict)  # "yesterday": -1
    day_parts: frozenset[str] = frozenset()  # "morning"
    durations: frozenset[str] = frozenset()  # "hours"
    saying: frozenset[str] = frozenset()  # verb forms that introduce what somebody says
    according: tuple[str, ...] = ()  # "according to"
    markers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # phrase -> (class, level), see certainty.py
    titles: frozenset[str] = frozenset()  # "Mr", "President": before a name, not part of it
    places: frozenset[str] = frozenset()  # "district", "village": what makes a name a place
    place_prepositions: frozenset[str] = frozenset()  # "in", "near"
    name_joints: frozenset[str] = frozenset()  # small words within a name: "of", "al", "van"
