"""A change goes to the channels of every rule whose conditions it meets, to each once."""

from __future__ import annotations

from typing import Any

import pytest
from alert_samples import DEATHS, LOCATION, change

from tracker.alert.rules import channels_for, matching_rules
from tracker.config import RuleSettings


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

    assert channels_for(change(LOCATION), rules) == ["desk", "screen", "phone"]


def test_without_rules_nobody_is_told():
    assert channels_for(change(LOCATION), []) == []
