"""The shared wording: bounds are never too precise, disclosure and values are said plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import april_9, at, cosmetic, flood, long_words

from tracker.models import Fact, Judgement
from tracker.report import words
from tracker.statistics import NoteLater


def seen(first: str, last: str):
    change = april_9()
    old = replace(change.old, last_seen_at=at(first))
    new = replace(change.new, snapshot=replace(change.new.snapshot, fetched_at=at(last)))
    return replace(change, old=old, new=new)


BOUNDS = {
    "one day": ("2018-04-09T10:41:00", "2018-04-09T10:56:00", "between 10:41 and 10:56 UTC on April 9, 2018"),
    "seconds are rounded outwards": ("2018-04-09T10:41:59", "2018-04-09T10:56:01", "between 10:41 and 10:57 UTC on April 9, 2018"),
    "over midnight": ("2018-12-31T23:50:00", "2019-01-01T00:05:00", "between 23:50 UTC on December 31, 2018 and 00:05 UTC on January 1, 2019"),
    "rounded into the next day": ("2018-04-09T23:50:00", "2018-04-09T23:59:30", "between 23:50 UTC on April 9, 2018 and 00:00 UTC on April 10, 2018"),
    "captures out of order": ("2018-04-09T10:56:00", "2018-04-09T10:41:20", "before 10:42 UTC on April 9, 2018"),
}  # fmt: skip


@pytest.mark.parametrize(("first", "last", "said"), BOUNDS.values(), ids=BOUNDS.keys())
def test_bounds_are_said_in_words(first, last, said):
    assert words.bounds(seen(first, last)) == said


DURATIONS = {
    "seconds": (timedelta(seconds=59), "less than a minute"),
    "one minute": (timedelta(minutes=1), "1 minute"),
    "hours and minutes": (timedelta(hours=2, minutes=5), "2 hours 5 minutes"),
    "a day and hours, no minutes": (timedelta(days=1, hours=3, minutes=9), "1 day 3 hours"),
}


@pytest.mark.parametrize(("span", "said"), DURATIONS.values(), ids=DURATIONS.keys())
def test_durations_are_said_in_their_two_largest_units(span, said):
    assert words.duration(span) == said


def disclosed(disclosure, old=None, new=None):
    comparison = flood().comparison
    return replace(
        comparison,
        judgement=Judgement("substantive", 3, disclosure),
        old=replace(comparison.old, updated_at=old),
        new=replace(comparison.new, updated_at=new),
    )


MORNING, NOON = at("2026-03-04T06:10:00"), at("2026-03-04T12:00:00")
DISCLOSURES = {
    "by a note": (disclosed("disclosed"), "disclosed by a note"),
    "by the time only": (disclosed("dated", MORNING, NOON), "dated, not explained: no note, but the page’s own updated time moved to 12:00 UTC on March 4, 2026"),
    "by a time that is not read": (disclosed("dated"), "dated, not explained: no note, but the page’s own updated time moved"),
    "silent": (disclosed("undisclosed", MORNING, MORNING), "silent: no note, updated time unchanged"),
    "silent, no time": (disclosed("undisclosed", MORNING, None), "silent: no note, and the page shows no updated time"),
    "silent, the time went back": (disclosed("undisclosed", NOON, MORNING), "silent: no note"),
    "not asked": (disclosed(None), None),
}  # fmt: skip


@pytest.mark.parametrize(("comparison", "said"), DISCLOSURES.values(), ids=DISCLOSURES.keys())
def test_disclosure_is_said_in_words(comparison, said):
    assert words.disclosure_words(comparison) == said


FACTS = {
    "conflict with source": (
        Fact("location", "conflicts", "Darzab district", "Bal Chiragh district, Faryab", 1, 2, 3, source="U.S. Forces Afghanistan"),
        "Location: Darzab district → Bal Chiragh district, Faryab (conflicts; source: U.S. Forces Afghanistan)",
    ),
    "replaced number": (Fact("number", "replaced", "9", "11", 1, 1, 3, counted="killed"), "Number: 9 → 11 (killed)"),
    "added": (Fact("event", "added", None, "a second breach", None, 1, 2), "Event: a second breach (added)"),
    "removed": (Fact("quote", "removed", "never", None, 1, None, 2), "Quote: never (removed)"),
}  # fmt: skip


@pytest.mark.parametrize(("fact", "said"), FACTS.values(), ids=FACTS.keys())
def test_fact_is_said_in_a_line(fact, said):
    assert words.fact_line(fact) == said


def test_values_written_from_right_to_left_keep_their_order_around_the_arrow():
    assert words.arrow("تسعة", "عشرة") == " \u200e→\u200e "


def test_certainty_is_never_claimed_to_be_complete():
    assert words.sureness(1.0) == "99\u00a0% sure"


def test_verdict_is_as_sure_as_the_surest_of_the_most_important_facts():
    assert words.verdict_sureness(flood().comparison) == "98\u00a0% sure"
    assert words.verdict_sureness(cosmetic().comparison) is None


def test_reasons_fall_back_on_the_meaning_of_the_verdict():
    comparison = replace(cosmetic().comparison, judgement=Judgement("cosmetic", 0, None))

    assert words.reasons(comparison) == ("Other words, the same meaning.",)


def test_paragraphs_are_counted_without_the_headline():
    side = april_9().comparison.new

    assert words.place(side, 0) == "the headline"
    assert words.place(side, 1) == "paragraph 1"
    assert words.place(replace(side, headline=None), 0) == "paragraph 1"


def test_only_notes_of_the_new_version_count_as_new():
    comparison = april_9().comparison

    assert words.new_notices(replace(comparison, old=comparison.new)) == ()
    assert len(words.new_notices(comparison)) == 2


@given(st.text(), st.integers(20, 200))
def test_shortened_text_is_no_longer_than_asked_and_one_line(text, longest):
    short = words.shorten(text, longest)

    assert len(short) <= longest
    assert "\n" not in short


def test_long_values_are_cut_at_a_word_and_marked():
    assert words.shorten("one two three four five six", 20) == "one two three four…"


LINKS = {
    "https": ("https://example.org/a?b=c&d=e", True),
    "upper case": ("HTTP://EXAMPLE.ORG/", True),
    "javascript": ("javascript:alert(1)", False),
    "javascript behind a line break": ("java\nscript:alert(1)", False),
    "control characters inside": ("https://example.org/\x00", False),
    "data": ("data:text/html,<script>", False),
    "relative": ("//example.org/", False),
}


@pytest.mark.parametrize(("url", "linked"), LINKS.values(), ids=LINKS.keys())
def test_only_web_addresses_are_linked(url, linked):
    assert (words.web_address(url) == url) is linked


@given(st.text(alphabet=st.characters(codec=None)))
def test_printable_text_has_no_control_characters_and_can_be_encoded(text):
    clean = words.printable_on_terminal(text)

    clean.encode("utf-8")
    assert all(character == " " or character.isprintable() or ord(character) > 0x9F for character in clean)
    assert len(clean) == len(text)


def test_different_kinds_of_first_line():
    assert words.first_line(cosmetic().comparison) == "Cosmetic change: other words, the same meaning"
    assert words.first_line(long_words().comparison).startswith("Minor change")
    assert words.first_line(flood().comparison) == "Headline: Dam holds → Dam gate failed, and 10 more facts"


def test_gist_is_what_weighs_most_and_where_the_article_contradicts_itself():
    gist = words.gist(april_9().comparison)

    assert gist[0].startswith("Attribution: Afghan aircraft → a U.S. airstrike (conflicts")
    assert gist[1].startswith("Location: ")
    assert gist[-2:] == ("The article contradicts itself: paragraph 2 still says otherwise", "And 3 more facts")


def test_gist_of_a_change_without_facts_is_its_verdict():
    assert words.gist(cosmetic().comparison) == ("Cosmetic change: other words, the same meaning",)


def test_note_that_came_later_is_said_of_a_silent_edit():
    note = NoteLater(change_id=9, version=4, after=timedelta(hours=26))
    silent = replace(april_9().comparison, judgement=replace(april_9().comparison.judgement, disclosure="undisclosed"))

    assert words.disclosure_words(silent, note).endswith("; a note came 1 day 2 hours later, in version 4 (change 9)")
    assert words.disclosure_short(silent, note) == "silent, a note 1 day 2 hours later"
