"""A change goes to the channels of every rule whose conditions it meets, to each once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from alert_samples import DEATHS, LOCATION, URL, change, moment

from tracker.alert.rules import matching_event_rules, matching_rules, timetables
from tracker.config import RuleSettings, UnlessSettings
from tracker.models import Change, Event, SentenceChange
from tracker.timetable import IMMEDIATE, read_timetable


def rule(name: str = "a", channels: tuple[str, ...] = ("screen",), **conditions: Any) -> RuleSettings:
    return RuleSettings(name, channels, **conditions)


MEETS = {
    "the defaults": ({}, {}, True),
    "another verdict": ({}, {"verdict": "minor"}, False),
    "one of two verdicts": ({"verdict": ("minor", "substantive")}, {"verdict": "minor"}, True),
    "a page that was not compared": ({}, {"verdict": None, "importance": 0, "disclosure": None}, False),
    "importance reached": ({"importance": 2}, {"importance": 2}, True),
    "importance not reached": ({"importance": 3}, {"importance": 2}, False),
    "a cosmetic change where importance may be 0": (
        {"verdict": ("cosmetic",), "importance": 0},
        {"verdict": "cosmetic", "importance": 0, "disclosure": None},
        True,
    ),
    "one of the kinds": ({"kinds": ("quote", "location")}, {}, True),
    "none of the kinds": ({"kinds": ("quote",)}, {}, False),
    "the disclosure": ({"disclosure": ("undisclosed", "dated")}, {"disclosure": "dated"}, True),
    "another disclosure": ({"disclosure": ("undisclosed",)}, {}, False),
    "no disclosure to speak of": (
        {"verdict": ("minor",), "disclosure": ("undisclosed",)},
        {"verdict": "minor", "disclosure": None},
        False,
    ),
    "one of the tags": ({"tags": ("asia", "war")}, {"tags": ("war", "europe")}, True),
    "none of the tags": ({"tags": ("asia",)}, {"tags": ()}, False),
    "all but one condition": ({"kinds": ("location",), "tags": ("afghanistan",), "importance": 3}, {"tags": ()}, False),
}


@pytest.mark.parametrize(("conditions", "what", "matches"), MEETS.values(), ids=MEETS.keys())
def test_change_meets_a_rule_when_it_meets_all_its_conditions(conditions, what, matches):
    rules = [rule(**conditions)]

    assert matching_rules(change(LOCATION, DEATHS, **what), rules) == (rules if matches else [])


def test_each_channel_is_told_once_in_the_order_of_the_rules():
    rules = [
        rule("a", ("desk", "screen")),
        rule("b", ("archive",), verdict=("minor",)),
        rule("c", ("screen", "phone", "desk")),
    ]

    assert list(timetables(matching_rules(change(LOCATION), rules), {})) == ["desk", "screen", "phone"]


def test_without_rules_nobody_is_told():
    assert timetables(matching_rules(change(LOCATION), []), {}) == {}


# --- sources, names, patterns ---------------------------------------------------------------------

FEED = "https://news.example.org/feed.xml"
SOURCES = {
    "the host": (("news.example.org",), True),
    "the host above": (("example.org",), True),
    "in capitals": (("Example.ORG",), True),
    "a host that only ends alike": (("ample.org",), False),
    "the feed": ((FEED,), True),
    "another feed": (("https://news.example.org/world.xml",), False),
    "one of two": (("bbc.co.uk", "example.org"), True),
}


@pytest.mark.parametrize(("sources", "matches"), SOURCES.values(), ids=SOURCES.keys())
def test_source_is_a_host_or_a_feed(sources, matches):
    assert bool(matching_rules(change(LOCATION), [rule(sources=sources)], FEED)) is matches
    assert bool(matching_event_rules(removal(), [rule(sources=sources)], FEED)) is matches


def removal() -> Event:
    at = moment("10:41")
    return Event(0, URL, "removed", "404", None, at, at, at)


def says(*sentences: str, old: tuple[str, ...] = ()) -> Change:
    """A change in which sentences were added, and older ones stand unchanged before them."""
    one = change(DEATHS)
    kept = tuple(SentenceChange(n, n, "equal") for n in range(len(old)))
    added = tuple(SentenceChange(None, len(old) + n, "insert", (("insert", text),)) for n, text in enumerate(sentences))
    sides = {
        name: replace(one.comparison.old, headline="Strike", sentences=text, paragraph_of=(0,) * len(text))
        for name, text in (("old", old), ("new", old + sentences))
    }
    return replace(one, comparison=replace(one.comparison, sentences=kept + added, **sides))


NAMES = {
    "as it is": ("Qari Hekmat", "Qari Hekmat was killed.", True),
    "in small letters": ("qari hekmat", "QARI HEKMAT was killed.", True),
    "without accents": ("Lodz", "A fire in Łódź, said Müller.", True),
    "accents that are marks": ("Muller", "A fire, said Müller.", True),
    "accents of the rule": ("Müller", "A fire, said Muller.", True),
    "a part of a word": ("Hek", "Hekmat was killed.", False),
    "possessive": ("Hekmat", "Hekmat’s men fled.", True),
    "over a line": ("Qari Hekmat", "Qari\u00a0 Hekmat was killed.", True),
    "Cyrillic": ("москва", "Пожар в городе МОСКВА.", True),
    "Arabic": ("حكمت", "قُتل حكمت أمس", True),
    "signs of a pattern": ("A.B (c)", "The A.B (c) company.", True),
    "nobody": ("Hekmat", "A commander was killed.", False),
}


@pytest.mark.parametrize(("name", "sentence", "matches"), NAMES.values(), ids=NAMES.keys())
def test_name_is_found_as_a_whole_word_anywhere_in_the_article(name, sentence, matches):
    rules = [rule(entities=("Nobody", name))]

    assert bool(matching_rules(says(sentence), rules)) is matches
    assert bool(matching_rules(says("Something else.", old=(sentence,)), rules)) is matches


def test_name_is_found_in_the_facts():
    assert matching_rules(change(LOCATION), [rule(entities=("U.S. Forces Afghanistan",))])


PATTERNS = {
    "found": (r"(?i)\bcivilians?\b", True),
    "not found": (r"\bcivilians?\b", False),
    "in a fact": (r"^22$", False),
    "in a fact, line by line": (r"(?m)^22$", True),
    "in what stands unchanged": (r"weather", False),
}


@pytest.mark.parametrize(("pattern", "matches"), PATTERNS.values(), ids=PATTERNS.keys())
def test_pattern_is_looked_for_in_what_changed(pattern, matches):
    one = says("Three Civilians died.", old=("The weather was fair.",))

    assert bool(matching_rules(one, [rule(patterns=("never", pattern))])) is matches


def test_pattern_that_takes_for_ever_is_stopped_and_an_alert_too_many_is_sent():
    endless = r"(?:a+)+$(?<!a)b"
    one = says("a" * 5_000 + "!")
    started = time.process_time()

    told = matching_rules(one, [rule(patterns=(endless,))])
    left_out = matching_rules(one, [rule(unless=UnlessSettings(patterns=(endless,)))])

    assert (len(told), len(left_out)) == (1, 1)
    assert time.process_time() - started < 2


UNLESS = {
    "one of its kinds": (UnlessSettings(kinds=("number",)), False),
    "none of its kinds": (UnlessSettings(kinds=("quote",)), True),
    "all of two": (UnlessSettings(kinds=("number",), tags=("afghanistan",)), False),
    "one of two": (UnlessSettings(kinds=("number",), tags=("asia",)), True),
    "a verdict": (UnlessSettings(verdict=("substantive",)), False),
    "a disclosure": (UnlessSettings(disclosure=("disclosed",)), False),
    "a source": (UnlessSettings(sources=("example.org",)), False),
    "a name": (UnlessSettings(entities=("Hekmat",)), True),
    "a pattern": (UnlessSettings(patterns=("22",)), False),
}


@pytest.mark.parametrize(("unless", "matches"), UNLESS.values(), ids=UNLESS.keys())
def test_unless_takes_back_what_meets_all_of_it(unless, matches):
    assert bool(matching_rules(change(DEATHS), [rule(unless=unless)])) is matches


def test_of_several_rules_one_is_enough():
    rules = [rule("a", kinds=("quote",)), rule("b", ("phone",), kinds=("number",))]

    assert list(timetables(matching_rules(change(DEATHS), rules), {})) == ["phone"]


# --- when -----------------------------------------------------------------------------------------


def test_the_rule_says_when_and_else_the_channel_and_the_soonest_counts():
    hourly, daily = read_timetable("hourly"), read_timetable("daily at 08:00")
    rules = [rule("a", ("desk", "mail", "log"), deliver=daily), rule("b", ("mail", "screen")), rule("c", ("screen",))]

    assert timetables(rules, {"mail": hourly, "screen": daily}) == {
        "desk": daily, "mail": hourly, "log": daily, "screen": daily,
    }  # fmt: skip
    assert timetables([rule(deliver=hourly), rule()], {}) == {"screen": IMMEDIATE}


# --- events ---------------------------------------------------------------------------------------

EVENTS = {
    "wanted": ({}, True),
    "not wanted": ({"events": ("moved",)}, False),
    "a tag that it lacks": ({"tags": ("asia",)}, False),
    "conditions that only a change can meet": ({"kinds": ("quote",), "patterns": ("x",)}, True),
}


@pytest.mark.parametrize(("conditions", "matches"), EVENTS.values(), ids=EVENTS.keys())
def test_event_goes_to_the_rules_that_ask_for_it(conditions, matches):
    assert bool(matching_event_rules(removal(), [rule(**conditions)])) is matches
