"""What the facts amount to: verdict, importance, disclosure and the reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tracker.facts.findings import Findings
from tracker.judge import judge
from tracker.models import Fact, SentenceChange, Version

EDIT = (SentenceChange(0, 0, "replace"),)
SAME = (SentenceChange(0, 0, "equal"),)
EMPTY = Version()
TOLL = Fact("number", "replaced", "12", "22", 0, 0, 3, reason="The toll is another.")
PLACE = Fact("location", "replaced", "Arlo", "Kelm", 0, 0, 2, reason="The place is another.")
MARGINAL = Fact("time", "added", None, "Monday", None, 0, 1, reason="A day was added.")
NOTE = Fact("notice", "added", None, "Correction: …", None, 0, 2, reason="A note was added.")


def found(*facts: Fact, substance: float = 0.9, **more) -> Findings:
    return Findings(facts=facts, labels=("fact",), substance=substance, **more)


VERDICTS = {
    "a fact": (found(PLACE), EDIT, "substantive", 2),
    "the most important fact counts": (found(TOLL, PLACE), EDIT, "substantive", 3),
    "marginal facts alone": (found(MARGINAL), EDIT, "minor", 1),
    "a fact that is not believed": (found(PLACE, substance=0.2), EDIT, "minor", 1),
    "a notice alone": (found(NOTE), EDIT, "minor", 1),
    "a notice that puts a number right": (
        found(replace(NOTE, new="Correction: An earlier version misstated the number of boats inspected.")),
        EDIT,
        "substantive",
        2,
    ),
    "a notice that puts a spelling right": (
        found(replace(NOTE, new="Correction: An earlier version misspelled the name of the harbour.")),
        EDIT,
        "minor",
        1,
    ),
    "context alone": (Findings(labels=("context",)), EDIT, "minor", 1),
    "style alone, and more that was not read": (Findings(labels=("style", None), unread=1), EDIT, "substantive", 2),
    "style alone": (Findings(labels=("style",)), EDIT, "cosmetic", 0),
    "nothing": (Findings(labels=(None,)), SAME, "unchanged", 0),
    "another story": (Findings(labels=("fact",), same_story=False), EDIT, "different_story", 3),
}


@pytest.mark.parametrize(("findings", "steps", "verdict", "importance"), VERDICTS.values(), ids=VERDICTS)
def test_the_facts_decide_the_verdict(findings, steps, verdict, importance):
    judgement = judge(findings, EMPTY, EMPTY, steps)

    assert (judgement.verdict, judgement.importance) == (verdict, importance)
    assert all(reason.endswith(".") for reason in judgement.reasons)


CHANGED_WORD = (SentenceChange(0, 0, "replace", (("equal", "Погибли "), ("delete", "двое"), ("insert", "трое"))),)
CHANGED_SIGN = (SentenceChange(0, 0, "replace", (("equal", "Погибли трое"), ("insert", "!"))),)
CHANGED_TIME = (SentenceChange(0, 0, "replace", (("equal", "В "), ("delete", "15:10"), ("insert", "15:40"))),)
FOREIGN = {
    "other words": (Version(language="ru"), CHANGED_WORD, "style", "minor"),
    "other words in another script": (Version(paragraphs=("Погибли трое.",)), CHANGED_WORD, "style", "minor"),
    "a sentence that came": (Version(language="ar"), (SentenceChange(None, 0, "insert"),), "style", "minor"),
    "another sign": (Version(language="ru"), CHANGED_SIGN, "style", "cosmetic"),
    "another order": (Version(language="ru"), (SentenceChange(0, 1, "move"),), "style", "cosmetic"),
    "another time stamp": (Version(language="ru"), CHANGED_TIME, "noise", "cosmetic"),
    "words that are taken for noise": (Version(language="zh"), CHANGED_WORD, "noise", "minor"),
    "other words in our script": (Version(paragraphs=("Zginęło trzech robotników.",)), CHANGED_WORD, "style", "minor"),
    "a language that is read": (Version(language="de-AT"), CHANGED_WORD, "style", "cosmetic"),
    "no language declared": (Version(paragraphs=("Three died.",)), CHANGED_WORD, "style", "cosmetic"),
}


@pytest.mark.parametrize(("version", "steps", "label", "verdict"), FOREIGN.values(), ids=FOREIGN)
def test_other_words_of_a_language_that_is_not_read_are_more_than_wording(version, steps, label, verdict):
    assert judge(Findings(labels=(label,)), version, version, steps).verdict == verdict


EARLIER = Version(updated_at=datetime(2020, 1, 1, 9, tzinfo=UTC))
LATER = Version(updated_at=datetime(2020, 1, 1, 11, tzinfo=UTC))
DISCLOSURES = {
    "a note speaks of it": (found(TOLL, disclosed=True), EARLIER, LATER, "disclosed"),
    "the time of update moved": (found(TOLL), EARLIER, LATER, "dated"),
    "the time of update stayed": (found(TOLL), EARLIER, EARLIER, "undisclosed"),
    "no time is known": (found(TOLL), EMPTY, LATER, "undisclosed"),
    "only substantive changes are disclosed": (found(MARGINAL, disclosed=True), EARLIER, LATER, None),
}


@pytest.mark.parametrize(("findings", "old", "new", "disclosure"), DISCLOSURES.values(), ids=DISCLOSURES)
def test_a_substantive_change_is_disclosed_dated_or_silent(findings, old, new, disclosure):
    assert judge(findings, old, new, EDIT).disclosure == disclosure


def test_the_first_facts_are_named_and_the_rest_counted():
    facts = [Fact("number", "added", None, str(n), None, 0, 2, reason=f"Number {n}.") for n in range(5)]

    reasons = judge(found(*facts), EMPTY, EMPTY, EDIT).reasons

    assert reasons[:4] == ("Number 0.", "Number 1.", "Number 2.", "And 2 more.")


def test_a_reason_is_given_once():
    assert judge(found(TOLL, TOLL), EMPTY, EMPTY, EDIT).reasons[0] == "The toll is another."
    assert len(judge(found(TOLL, TOLL), EMPTY, EMPTY, EDIT).reasons) == 2
