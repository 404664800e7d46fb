"""A message that comes after another about the same article amends it, and a digest is many in one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alert_samples import DEATHS, LOCATION, NOTICE, change, moment

from tracker.alert.digests import gather
from tracker.alert.followups import amend
from tracker.alert.messages import compose_event, compose_message
from tracker.alert.samples import sample_change
from tracker.models import Event, Message, Told

WEEK = timedelta(days=7)


def message(*facts: Any, at: str = "10:56", day: int = 9, reversal_of: int | None = None, **what: Any) -> Message:
    seen = moment(at, day)
    one = replace(change(*facts, after=seen - timedelta(minutes=15), before=seen, **what), reversal_of=reversal_of)
    return compose_message(one, "desk")


def told(sent: Message) -> Told:
    payload: Any = sent.payload
    return Told(sent.key, datetime.fromisoformat(payload["change"]["not_after"]), sent.text, sent.payload)


def lines(amended: Message) -> list[str]:
    return amended.text.partition("\n\n")[0].split("\n")


SILENT = message(DEATHS, disclosure="undisclosed")


def test_first_message_about_an_article_is_as_it_is():
    assert amend(SILENT, [], WEEK) is SILENT


def test_further_change_refers_to_the_first_message():
    later = message(LOCATION, at="14:00")

    amended = amend(later, [told(SILENT)], WEEK)

    assert lines(amended) == [
        "Update: Location: Darzab district → Bal Chiragh district, Faryab (conflicts; source: U.S. Forces Afghanistan)",
        "Earlier about this article: Number: 12 → 22 (killed)",
    ]
    assert amended.title == "Update: Location changed: Air strike kills commander"
    assert (amended.key, amended.follows, amended.payload["follows"]) == (later.key, SILENT.key, SILENT.key)
    assert amended.payload["follow_up"] == {"kind": "further", "first": "Number: 12 → 22 (killed)"}
    assert amended.payload["change"] == later.payload["change"]
    assert "<strong>Update: Location: " in amended.html


def test_reversal_says_so():
    amended = amend(message(replace(DEATHS, old="22", new="12"), at="14:00", reversal_of=1), [told(SILENT)], WEEK)

    assert lines(amended)[0] == "Update: Reverted to version 1: Number: 22 → 12 (killed)"
    assert amended.payload["follow_up"]["kind"] == "reverted"  # type: ignore[index]


def test_note_that_comes_later_says_how_much_later():
    note = message(NOTICE, at="12:56", day=10, disclosure="disclosed")

    amended = amend(note, [told(SILENT)], WEEK)

    assert lines(amended) == [
        "Now also corrected: Notice: Update: the place was corrected. (added)",
        "The note came 26 hours after the silent edit was seen: Number: 12 → 22 (killed)",
    ]
    follow_up: Any = amended.payload["follow_up"]
    assert (follow_up["kind"], follow_up["hours_after_edit"]) == ("corrected", 26.0)


def test_note_after_an_edit_that_was_disclosed_is_only_an_update():
    disclosed = message(DEATHS, disclosure="disclosed")

    amended = amend(message(NOTICE, at="14:00"), [told(disclosed)], WEEK)

    assert lines(amended)[0].startswith("Update: Notice: ")


def test_note_owns_up_to_the_edits_since_the_note_before():
    first_note = message(NOTICE, at="12:00", disclosure="disclosed")
    second_edit = message(LOCATION, at="13:00", disclosure="undisclosed")
    second_note = message(NOTICE, at="13:30", disclosure="disclosed")

    amended = amend(second_note, [told(SILENT), told(first_note), told(second_edit)], WEEK)

    assert lines(amended)[1].startswith("The note came less than an hour after the silent edit was seen: Location: ")


def test_thread_goes_back_to_the_first_gap_that_is_too_long():
    """The first of them is what is referred to, although it is longer ago than the window itself."""
    old, first, second = (message(DEATHS, day=day, at="10:56", old_text=f"{day}") for day in (1, 9, 15))
    third = message(LOCATION, day=21)

    assert amend(third, [told(old), told(first), told(second)], WEEK).follows == first.key
    assert amend(third, [told(old), told(first)], WEEK) is third


def test_answer_names_what_the_first_message_was_sent_as():
    """In a digest that is the digest."""
    in_digest = replace(told(SILENT), key="d" * 64)

    assert amend(message(LOCATION, at="14:00"), [in_digest], WEEK).follows == "d" * 64


def test_answers_to_answers_do_not_pile_up_prefixes():
    second = amend(message(LOCATION, at="14:00"), [told(SILENT)], WEEK)
    third = amend(message(DEATHS, at="15:00", new_text="C"), [told(SILENT), told(second)], WEEK)

    assert lines(third)[1].startswith("Earlier about this article: Location: ")
    assert third.follows == SILENT.key


# --- digests --------------------------------------------------------------------------------------


def test_digest_says_what_is_in_it_and_has_it_all():
    gone = Event(
        1,
        "https://news.example.org/b",
        "removed",
        "404",
        "Fair opens",
        moment("09:00"),
        moment("10:00"),
        moment("10:00"),
    )
    parts = [SILENT, message(LOCATION, at="14:00"), compose_event(gone, "desk")]

    digest = gather(parts, "k" * 64)

    assert digest.title == "3 alerts about 2 articles"
    assert digest.text.split("\n")[:4] == [
        "3 alerts about 2 articles:",
        "1. Number: 12 → 22 (killed)",
        "2. Location: Darzab district → Bal Chiragh district, Faryab (conflicts; source: U.S. Forces Afghanistan)",
        "3. Removed: 404 (between 09:00 and 10:00 UTC on April 9, 2018)",
    ]
    assert all(part.text in digest.text and part.html in digest.html for part in parts)
    assert digest.payload == {"schema": 1, "key": "k" * 64, "digest": [part.payload for part in parts]}
    assert (digest.key, digest.importance) == ("k" * 64, 3)


def test_digest_escapes_what_it_lists():
    digest = gather([message(replace(DEATHS, new="<script>"))], "k")

    assert digest.title == "1 alert about 1 article"
    assert "<script>" not in digest.html


def test_sample_is_a_change_like_any_other():
    sent = compose_message(sample_change(moment("10:56")), "desk")

    assert sent.text.split("\n")[0] == "Number: 12 → 14 (killed; source: the police)"
