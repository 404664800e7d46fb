"""The first line of an alert says what changed, and a page's words cannot get out of their place in it."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from alert_samples import DEATHS, LOCATION, NOTICE, URL, change, moment
from hypothesis import given
from hypothesis import strategies as st

from tracker.alert.messages import compose_message, message_key, test_message
from tracker.models import Fact

QUOTE = Fact("quote", "removed", "We did it", None, 3, None, 2)


def first_line(*facts: Fact, **what: Any) -> str:
    return compose_message(change(*facts, **what), "desk").text.split("\n")[0]


# --- the text -------------------------------------------------------------------------------------

FIRST_LINES = {
    "a conflict with its source": (
        LOCATION,
        "Location: Darzab district → Bal Chiragh district, Faryab (conflicts; source: U.S. Forces Afghanistan)",
    ),
    "a replaced number": (DEATHS, "Number: 12 → 22 (killed)"),
    "something added": (NOTICE, "Notice: Update: the place was corrected. (added)"),
    "something removed": (QUOTE, "Quote: We did it (removed)"),
    "no value at all": (
        Fact("headline", "replaced", None, None, None, None, 2, reason="the headline says the opposite"),
        "Headline: the headline says the opposite",
    ),
}


@pytest.mark.parametrize(("fact", "line"), FIRST_LINES.values(), ids=FIRST_LINES.keys())
def test_first_line_says_what_changed(fact: Fact, line: str):
    assert first_line(fact) == line


WITHOUT_FACTS = {
    "minor": (("minor", 1, None), "Minor change: information changed, but nothing that alters what happened"),
    "cosmetic": (("cosmetic", 0, None), "Cosmetic change: wording or form changed, the meaning did not"),
    "different story": (("different_story", 0, None), "Different story: the address now tells of another event"),
    "not compared": ((None, 0, None), "Not compared: the page that was sent is doubtful"),
}


@pytest.mark.parametrize(("judgement", "line"), WITHOUT_FACTS.values(), ids=WITHOUT_FACTS.keys())
def test_first_line_gives_the_verdict_where_there_is_no_fact(judgement: Any, line: str):
    verdict, importance, disclosure = judgement

    assert first_line(verdict=verdict, importance=importance, disclosure=disclosure) == line


def test_text_tells_all_in_the_order_of_importance():
    message = compose_message(change(LOCATION, DEATHS, NOTICE), "desk")

    assert message.text.split("\n") == [
        "Location: Darzab district → Bal Chiragh district, Faryab (conflicts; source: U.S. Forces Afghanistan)",
        "Number: 12 → 22 (killed)",
        "Notice: Update: the place was corrected. (added)",
        "",
        "Substantive change, importance 3 of 3 (it changes a reader's understanding of what happened). "
        "The publisher says so in a notice.",
        "Changed between 10:41 and 10:56 UTC on April 9, 2018.",
        "Air strike kills commander",
        URL,
    ]


def test_facts_beyond_five_are_counted():
    text = compose_message(change(*[DEATHS] * 8), "desk").text

    assert text.count("Number: 12 → 22 (killed)") == 5
    assert text.split("\n")[5] == "and 3 more"


DISCLOSURES = {
    "dated": "The publisher has no notice of it, but moved the time of the update.",
    "undisclosed": "The publisher does not mention it.",
}


@pytest.mark.parametrize(("disclosure", "words"), DISCLOSURES.items(), ids=DISCLOSURES.keys())
def test_disclosure_is_told_in_words(disclosure: str, words: str):
    assert words in compose_message(change(DEATHS, disclosure=disclosure), "desk").text


BOUNDS = {
    "on one day": (moment("10:41"), moment("10:56"), "between 10:41 and 10:56 UTC on April 9, 2018."),
    "over midnight": (
        moment("23:50", 8),
        moment("00:05", 9),
        "between 23:50 UTC on April 8, 2018 and 00:05 UTC on April 9, 2018.",
    ),
    "seconds, rounded outwards": (moment("10:41:59"), moment("10:56:01"), "between 10:41 and 10:57 UTC"),
    "within one minute": (moment("10:41:05"), moment("10:41:35"), "between 10:41 and 10:42 UTC on April 9, 2018."),
    "another time zone": (
        moment("10:41").astimezone(None),
        moment("10:56").astimezone(None),
        "between 10:41 and 10:56 UTC on April 9, 2018.",
    ),
}


@pytest.mark.parametrize(("after", "before", "words"), BOUNDS.values(), ids=BOUNDS.keys())
def test_time_is_told_as_bounds(after, before, words):
    assert f"Changed {words}" in compose_message(change(DEATHS, after=after, before=before), "desk").text


def test_title_names_the_kinds_and_the_headline():
    message = compose_message(change(LOCATION, DEATHS, DEATHS, QUOTE, NOTICE), "desk")

    assert message.title == "Location, number, quote changed: Air strike kills commander"


@pytest.mark.parametrize(("fact", "title"), [(NOTICE, "Notice added"), (QUOTE, "Quote removed")])
def test_title_says_that_all_was_added_or_removed(fact: Fact, title: str):
    message = compose_message(change(fact, headline="Air strike kills commander"), "desk")

    assert message.title == f"{title}: Air strike kills commander"


def test_title_names_the_address_where_there_is_no_headline():
    message = compose_message(change(verdict="minor", headline=None), "desk")

    assert message.title == f"Minor change: {URL}"


# --- hostile pages --------------------------------------------------------------------------------

HOSTILE = {
    "line breaks": ("Strike\r\nBcc: all@example.org\nkills", "Strike Bcc: all@example.org kills"),
    "terminal commands": ("Strike \x1b[2J\x07kills", "Strike [2J kills"),
    "marks that turn the writing round": ("Strike \u202eelgnis\u202c \u2066kills\u2069\ufeff", "Strike elgnis kills"),
    "line separators": ("Strike\u2028kills\u2029twelve", "Strike kills twelve"),
    "a lone surrogate": ("Strike \ud800kills", "Strike kills"),
    "Persian with joiners": ("می\u200cشود", "می\u200cشود"),
}


@pytest.mark.parametrize(("headline", "tamed"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_headline_is_tamed(headline: str, tamed: str):
    message = compose_message(change(DEATHS, headline=headline), "desk")

    assert message.title == f"Number changed: {tamed}"
    assert message.text.split("\n")[-2] == tamed
    assert message.payload["article"] == {"url": URL, "headline": tamed, "tags": ["afghanistan"]}


def test_headline_of_five_million_characters_is_cut():
    endless = "word " * 1_000_000
    message = compose_message(change(replace(DEATHS, new=endless, reason=endless, source=endless)), "desk")

    assert len(compose_message(change(headline=endless), "desk").title) == 120
    assert len(message.text) < 1000
    assert len(json.dumps(message.payload)) < 10_000


def test_payload_keeps_a_hundred_facts_and_says_how_many_were_left_out():
    payload: Any = compose_message(change(*[DEATHS] * 103), "desk").payload

    assert len(payload["change"]["facts"]) == 100
    assert payload["change"]["facts_left_out"] == 3


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Any]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(max_size=40), st.text(max_size=40))
def test_words_of_a_page_never_become_markup_nor_leave_their_line(headline: str, value: str):
    message = compose_message(change(replace(DEATHS, new=value), NOTICE, headline=headline), "desk")
    tags = Tags()
    tags.feed(message.html)

    assert [tag for tag, _ in tags.seen if tag not in ("p", "strong", "ul", "li")] == ["a"]
    assert message.text.count("\n") in (5, 6)  # a headline that is empty when tamed has no line
    assert not [c for c in message.title + message.text if c != "\n" and unicodedata.category(c) in ("Cc", "Zl", "Zp")]
    json.dumps(message.payload).encode("ascii")


def test_html_says_the_same_as_the_text():
    fact = replace(LOCATION, old="<b>here</b>", new='a "place" & more')
    message = compose_message(change(fact, DEATHS, NOTICE), "desk")
    tags = Tags()
    tags.feed(message.html)

    assert "&lt;b&gt;here&lt;/b&gt; → a &#34;place&#34; &amp; more" in message.html
    assert ("a", [("href", URL)]) in tags.seen
    assert [line for line in message.text.split("\n") if line not in tags.text] == []


# --- the JSON -------------------------------------------------------------------------------------


def test_payload_is_schema_1():
    message = compose_message(change(LOCATION), "desk")

    assert message.payload == {
        "schema": 1,
        "key": message.key,
        "article": {"url": URL, "headline": "Air strike kills commander", "tags": ["afghanistan"]},
        "change": {
            "id": 7,
            "verdict": "substantive",
            "importance": 3,
            "disclosure": "disclosed",
            "reversal_of": None,
            "reasons": [],
            "not_before": "2018-04-09T10:41:00+00:00",
            "not_after": "2018-04-09T10:56:00+00:00",
            "facts": [
                {
                    "kind": "location",
                    "status": "conflicts",
                    "old": "Darzab district",
                    "new": "Bal Chiragh district, Faryab",
                    "old_sentence": 4,
                    "new_sentence": 17,
                    "importance": 3,
                    "about": "killing of Qari Hekmat",
                    "counted": None,
                    "source": "U.S. Forces Afghanistan",
                    "confidence": 1.0,
                    "reason": "",
                }
            ],
            "facts_left_out": 0,
        },
    }


# --- the key --------------------------------------------------------------------------------------


def test_key_is_pinned():
    """A key that changes with a release would send everything that waits a second time."""
    assert message_key(change(LOCATION), "desk") == "d87c3966b5a70e5acc524d9a5fb3ec529cf91debd552029103e4ebc962bef4c4"


def test_key_outlives_a_rebuilt_catalog_and_a_better_judge():
    rebuilt = replace(change(DEATHS, tags=(), importance=2, headline="Another reading"), id=9000)

    assert message_key(rebuilt, "desk") == message_key(change(LOCATION), "desk")


OTHER_KEYS = {
    "another channel": (change(), "phone"),
    "another article": (replace(change(), article_url="https://news.example.org/other"), "desk"),
    "another new text": (change(new_text="C"), "desk"),
    "another old text": (change(old_text="C"), "desk"),
    "the same texts again, later": (change(before=moment("15:00")), "desk"),
}


@pytest.mark.parametrize(("other", "channel"), OTHER_KEYS.values(), ids=OTHER_KEYS.keys())
def test_other_alerts_have_other_keys(other, channel):
    assert message_key(other, channel) != message_key(change(), "desk")


def test_test_message_says_what_it_is_and_is_new_each_time():
    one, other = (test_message(change(DEATHS), "<desk>", moment(at)) for at in ("10:00", "10:01"))

    assert one.title == "Test message"
    assert "This is a test of the channel <desk>" in one.text
    assert "&lt;desk&gt;" in one.html
    assert one.payload["test"] is True
    assert one.key != other.key
