"""Misprints mended beside a change neither hide its facts nor add any."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tracker.comparison import compare_versions
from tracker.files import read_file
from tracker.models import Comparison, Version

STORY = Path(__file__).parent / "data/story"
OLD, NEW = (read_file(STORY / name)[0] for name in ("april-7.html", "april-9.html"))


def misprint(version: Version, count: int, random: Random) -> Version:
    """Swap two letters inside as many ordinary words."""
    text = list("\n".join(version.paragraphs))
    for match in random.sample(list(re.finditer(r"\b[a-z]{6,}\b", "".join(text))), count):
        at = random.randrange(match.start() + 1, match.end() - 2)
        text[at], text[at + 1] = text[at + 1], text[at]
    return replace(version, paragraphs=tuple("".join(text).split("\n")))


def facts(comparison: Comparison) -> list[tuple[str, str, str | None, int]]:
    return sorted((fact.kind, fact.status, fact.new, fact.importance) for fact in comparison.facts)


@pytest.mark.parametrize("seed", range(8))
def test_thirty_mended_misprints_leave_the_facts_as_they_are(seed):
    comparison = compare_versions(misprint(OLD, 30, Random(seed)), NEW)

    assert facts(comparison) == facts(compare_versions(OLD, NEW))
    assert (comparison.judgement.verdict, comparison.judgement.disclosure) == ("substantive", "disclosed")
    for fact in comparison.facts:
        if fact.old is not None and fact.old_sentence is not None:
            assert fact.old in comparison.old.sentences[fact.old_sentence]


@pytest.mark.parametrize("seed", range(4))
def test_misprints_alone_are_cosmetic(seed):
    comparison = compare_versions(misprint(NEW, 30, Random(seed)), NEW)

    assert (comparison.judgement.verdict, comparison.facts) == ("cosmetic", ())
