"""A message waits, is claimed by one, and ends delivered or parked; no channel starves another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_samples import DAY, HOUR, LATER, LEASE, MINUTE, NOW, SECOND, add, changed, comparison, message, record

from tracker.models import ChannelState, Delivery, Told

pytest_plugins = ["catalog_fixtures"]


def put(catalog, *names: str, now=NOW) -> list[int]:
    """Put messages "CHANNEL NUMBER" into the outbox."""
    return [catalog.add_delivery(name.split()[0], message(name), now) for name in names]


def claim(catalog, now=NOW, limit=10) -> list[str]:
    return [delivery.key for delivery in catalog.claim_deliveries(now, limit, LEASE)]


def test_message_about_nothing_comes_back_as_it_was(catalog):
    sent = message("desk 1", title="Tést \ud800", text="a\0b", payload={"nested": [1, None, {"x": "é"}]})

    number = catalog.add_delivery("desk", sent, NOW)

    expected = Delivery(number, "desk 1", "desk", None, sent, "waiting", created_at=NOW, due_at=NOW)
    assert catalog.deliveries() == [expected]
    assert catalog.claim_deliveries(NOW, 1, LEASE) == [expected]


def test_message_with_the_same_key_is_put_in_once(catalog):
    first, again = put(catalog, "desk 1", "desk 1")

    assert first == again
    assert catalog.count_deliveries() == {"waiting": 1, "delivered": 0, "parked": 0}


def test_what_came_first_is_claimed_first_and_by_one_only(catalog):
    put(catalog, "desk 2", now=NOW)
    put(catalog, "desk 3", now=NOW + SECOND)
    put(catalog, "desk 1", now=NOW - HOUR)

    assert claim(catalog) == ["desk 2", "desk 1"]
    assert claim(catalog) == []
    assert claim(catalog, NOW + SECOND) == ["desk 3"]
    assert claim(catalog, NOW + LEASE) == ["desk 2", "desk 1"]


def test_channel_with_a_long_queue_starves_no_other(catalog):
    put(catalog, *(f"log {number}" for number in range(30)), now=NOW - DAY)
    put(catalog, "desk 1", "desk 2", "mail 1")

    assert claim(catalog, limit=6) == ["desk 1", "log 0", "mail 1", "desk 2", "log 1", "log 2"]
    assert claim(catalog, limit=2) == ["log 3", "log 4"]


def test_delivered_message_is_done(catalog):
    [number] = put(catalog, "desk 1")
    [delivery] = catalog.claim_deliveries(NOW, 1, LEASE)
    catalog.record_attempt(number, due_at=LATER, error="HTTP 503")

    catalog.record_delivered(number, LATER)
    catalog.record_delivered(number, LATER + HOUR)
    catalog.record_attempt(number, due_at=None, error="late")

    assert catalog.deliveries() == [
        replace(delivery, state="delivered", attempts=2, due_at=None, delivered_at=LATER, error=None)
    ]
    assert claim(catalog, NOW + DAY) == []


def test_message_that_was_not_accepted_waits_until_it_is_due(catalog):
    [number] = put(catalog, "desk 1")
    claim(catalog)

    catalog.record_attempt(number, due_at=NOW + MINUTE, error="HTTP 503")

    [delivery] = catalog.deliveries()
    assert (delivery.state, delivery.attempts, delivery.due_at, delivery.error) == (
        "waiting",
        1,
        NOW + MINUTE,
        "HTTP 503",
    )
    assert claim(catalog, NOW + MINUTE - SECOND) == []
    assert claim(catalog, NOW + MINUTE) == ["desk 1"]


def test_parked_message_waits_for_someone_to_say_retry(catalog):
    numbers = put(catalog, "desk 1", "log 1", "log 2", "log 3")
    for number in numbers:
        catalog.record_attempt(number, due_at=None, error="HTTP 410")
    catalog.record_delivered(numbers[3], NOW)

    assert claim(catalog, NOW + DAY) == []
    assert catalog.count_deliveries() == {"waiting": 0, "delivered": 1, "parked": 3}
    assert catalog.retry(channel="log", ids=[numbers[0], numbers[1]], now=LATER) == 1
    assert catalog.retry(channel="log", now=LATER) == 1
    assert catalog.retry(ids=[], now=LATER) == 0
    assert catalog.retry(now=LATER) == 1
    assert catalog.retry(now=LATER) == 0
    assert claim(catalog, LATER) == ["desk 1", "log 1", "log 2"]
    assert catalog.deliveries(channel="desk")[0].attempts == 0


def test_messages_are_listed_newest_first_by_state_and_channel(catalog):
    numbers = put(catalog, "desk 1", "log 1", "desk 2")
    catalog.record_delivered(numbers[0], NOW)
    catalog.record_attempt(numbers[1], due_at=None, error="HTTP 410")

    def keys(**how):
        return [delivery.key for delivery in catalog.deliveries(**how)]

    assert keys() == ["desk 2", "log 1", "desk 1"]
    assert keys(limit=2) == ["desk 2", "log 1"]
    assert keys(states=["delivered", "parked"]) == ["log 1", "desk 1"]
    assert keys(states=["delivered"], channel="log") == []
    assert keys(channel="desk") == ["desk 2", "desk 1"]


def test_deliveries_of_a_change_name_it_and_are_free_after_a_restart(catalog):
    change = changed(catalog, channels=["desk", "log"])
    later = change.detected_at
    claim(catalog, later)

    catalog.release_all()

    found = catalog.claim_deliveries(later, 10, LEASE)
    assert [(one.channel, one.change_id) for one in found] == [("desk", change.id), ("log", change.id)]


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_no_more_is_claimed_than_asked_for(catalog, limit):
    put(catalog, "desk 1", "log 1", "mail 1", "mail 2")

    assert len(claim(catalog, limit=limit)) == limit


def test_channels_with_something_to_deliver_are_named_and_claimed_alone(catalog):
    numbers = put(catalog, "desk 1", "log 1", "log 2", "mail 1", "later 1")
    catalog.record_delivered(numbers[3], NOW)
    catalog.record_attempt(numbers[4], due_at=LATER, error="HTTP 503")

    assert catalog.due_channels(NOW) == ["desk", "log"]
    assert [one.key for one in catalog.claim_deliveries(NOW, 10, LEASE, channel="log")] == ["log 1", "log 2"]
    assert catalog.due_channels(NOW) == ["desk"]
    assert catalog.claim_deliveries(NOW, 10, LEASE, channel="nobody") == []
    assert catalog.due_channels(LATER) == ["desk", "later", "log"]


# --- channels -------------------------------------------------------------------------------------


def test_channel_is_taken_by_one_at_a_time(catalog):
    put(catalog, "desk 1")

    assert catalog.take_channel("desk", NOW, LEASE)
    assert not catalog.take_channel("desk", NOW, LEASE)
    assert catalog.due_channels(NOW) == []
    assert catalog.take_channel("log", NOW, LEASE)
    catalog.release_channel("desk")
    assert catalog.due_channels(NOW) == ["desk"]
    assert catalog.take_channel("desk", NOW, LEASE)
    assert catalog.take_channel("desk", NOW + LEASE, LEASE), "the process that had it has died"


def test_channel_is_kept_for_as_long_as_it_is_renewed(catalog):
    catalog.renew_channel("desk", NOW, LEASE)
    assert catalog.take_channel("desk", NOW, LEASE), "one that nobody has is not taken by that"

    catalog.renew_channel("desk", NOW + LEASE, LEASE)

    assert not catalog.take_channel("desk", NOW + LEASE, LEASE)
    assert catalog.take_channel("desk", NOW + 2 * LEASE, LEASE)


def test_channel_is_free_after_a_restart(catalog):
    catalog.take_channel("desk", NOW, LEASE)

    catalog.release_all()

    assert catalog.take_channel("desk", NOW, LEASE)


def test_channel_that_fails_is_left_alone_until_its_time_or_until_it_is_well(catalog):
    [number] = put(catalog, "desk 1")
    catalog.take_channel("desk", NOW, LEASE)
    catalog.release_channel("desk")

    for minutes in (1, 2):
        catalog.record_failing("desk", at=NOW, resume_at=NOW + minutes * MINUTE, patience=DAY)

    assert catalog.channel_states() == [ChannelState("desk", 2, NOW, NOW + 2 * MINUTE, waiting=1, next_at=NOW)]
    assert catalog.due_channels(NOW + MINUTE) == []
    assert not catalog.take_channel("desk", NOW + MINUTE, LEASE)
    assert catalog.due_channels(NOW + 2 * MINUTE) == ["desk"]
    catalog.record_delivered(number, NOW + MINUTE)
    assert catalog.channel_states() == [ChannelState("desk", 0, None, None)]


def test_what_has_waited_too_long_is_parked_once_its_channel_is_down_for_as_long(catalog):
    put(catalog, "desk 1", "log 1", now=NOW)
    put(catalog, "desk 2", now=NOW + 2 * DAY)
    catalog.take_channel("desk", NOW, LEASE)

    def fail(at) -> int:
        return catalog.record_failing("desk", at=at, resume_at=at + HOUR, patience=DAY)

    assert fail(NOW + HOUR) == 0
    assert fail(NOW + DAY) == 0, "the channel is down for less than a day"
    assert fail(NOW + 2 * DAY) == 1
    assert {one.key: one.state for one in catalog.deliveries()} == {
        "desk 1": "parked", "log 1": "waiting", "desk 2": "waiting",
    }  # fmt: skip
    assert catalog.retry(channel="desk", now=NOW + 2 * DAY) == 1
    assert catalog.due_channels(NOW + 2 * DAY) == ["desk", "log"], "retry does not wait for the channel's time"


def test_what_is_less_important_waits_for_the_end_of_the_quiet(catalog):
    for importance in (1, 2, 3):
        catalog.add_delivery("desk", message(f"desk {importance}", importance=importance), NOW)
    put(catalog, "log 1")

    catalog.postpone("desk", NOW + MINUTE, NOW, below=3)

    assert claim(catalog) == ["desk 3", "log 1"]
    assert claim(catalog, NOW + MINUTE) == ["desk 1", "desk 2"]


def test_claimed_messages_may_be_given_back(catalog):
    put(catalog, "desk 1", "desk 2")
    found = catalog.claim_deliveries(NOW, 10, LEASE)

    catalog.give_back([found[1].id])

    assert claim(catalog) == ["desk 2"]


# --- digests --------------------------------------------------------------------------------------


def gather(catalog, *names: str, timetable: str = "hourly", now=NOW) -> list[int]:
    return [catalog.add_delivery(name.split()[0], message(name, timetable=timetable), now) for name in names]


def claim_digest(catalog, now=LATER, most: int = 10) -> tuple[str, list[str]]:
    key, parts = catalog.claim_digest(now, LEASE, channel="desk", most=most)
    return key, [part.key for part in parts]


def test_messages_are_gathered_until_their_time(catalog):
    gather(catalog, "desk 1", "desk 2", "log 1")
    put(catalog, "desk 3")

    assert catalog.due_channels(NOW) == ["desk"]
    assert claim_digest(catalog, NOW) == ("", [])
    assert claim(catalog, NOW) == ["desk 3"]
    at_nine = NOW.replace(hour=9, minute=0, second=0, microsecond=0)
    key, parts = claim_digest(catalog, at_nine)
    assert parts == ["desk 1", "desk 2"]
    assert len(key) == 64
    assert claim_digest(catalog, at_nine) == ("", []), "they are in hand"


def test_digest_that_is_tried_again_has_the_same_parts_and_key_whatever_came_since(catalog):
    numbers = gather(catalog, "desk 1", "desk 2")
    first = claim_digest(catalog)
    catalog.record_attempt(numbers[0], due_at=LATER + MINUTE, error="HTTP 503", more=numbers[1:])
    gather(catalog, "desk 3", now=NOW)

    again = claim_digest(catalog, LATER + MINUTE)
    rest = claim_digest(catalog, LATER + MINUTE)

    assert again == first
    assert rest[1] == ["desk 3"]
    assert rest[0] != first[0]


def test_digest_after_a_crash_has_the_same_parts_and_key(catalog):
    gather(catalog, "desk 1", "desk 2")
    first = claim_digest(catalog)
    gather(catalog, "desk 3", now=NOW)

    catalog.release_all()

    assert claim_digest(catalog) == first


def test_digest_has_a_length_and_the_rest_follows(catalog):
    gather(catalog, *(f"desk {number}" for number in range(5)))

    assert [claim_digest(catalog, most=2)[1] for _ in range(4)] == [
        ["desk 0", "desk 1"],
        ["desk 2", "desk 3"],
        ["desk 4"],
        [],
    ]


def test_digests_of_different_timetables_are_not_mixed(catalog):
    gather(catalog, "desk 1", timetable="hourly")
    gather(catalog, "desk 2", timetable="daily at 09:00")
    gather(catalog, "desk 3", timetable="hourly")

    assert [claim_digest(catalog)[1] for _ in range(2)] == [["desk 1", "desk 3"], ["desk 2"]]


def test_parts_of_a_digest_are_delivered_together_and_count_as_one(catalog):
    numbers = gather(catalog, "desk 1", "desk 2")
    claim_digest(catalog)

    catalog.record_delivered(numbers[0], LATER, more=numbers[1:])
    [alone] = put(catalog, "desk 3")
    catalog.record_delivered(alone, LATER + MINUTE)

    assert catalog.count_deliveries()["delivered"] == 3
    assert sorted(catalog.sent_since("desk", NOW)) == [LATER, LATER + MINUTE]
    assert catalog.sent_since("desk", LATER) == [LATER + MINUTE]


# --- what was told before -------------------------------------------------------------------------


def test_what_a_channel_was_told_of_an_article_before_is_found(catalog):
    article = add(catalog)
    for number in range(1, 5):
        at = NOW + number * HOUR
        record(catalog, article, f"{number}", at=at, number=number, compared=comparison(), channels=["desk", "log"])
    changed(catalog, "another", channels=["desk"])
    of_desk = [one for one in reversed(catalog.deliveries(channel="desk")) if one.message.key.endswith("desk")]
    first, second, third = of_desk[:3]
    catalog.record_delivered(first.id, LATER)
    catalog.record_attempt(second.id, due_at=None, error="HTTP 410")

    assert [one.key for one in catalog.told_before(third)] == [first.key], "only what the channel has"
    assert catalog.told_before(first) == []
    assert catalog.told_before(third)[0] == Told(first.key, LATER, first.message.text, first.message.payload)


def test_what_a_clock_that_ran_ahead_has_put_off_goes_out_at_its_time_by_the_right_one(catalog):
    put(catalog, "desk 1", now=NOW + DAY)
    catalog.add_delivery("mail", message("mail 1", timetable="hourly"), NOW + DAY)
    catalog.take_channel("desk", NOW + DAY, LEASE)
    catalog.record_failing("desk", at=NOW + DAY, resume_at=NOW + DAY + HOUR, patience=DAY)

    catalog.hurry_deliveries(NOW)

    assert claim(catalog, NOW) == ["desk 1"]
    digests = [catalog.claim_digest(at, LEASE, channel="mail", most=9)[1] for at in (NOW, NOW + HOUR)]
    assert [len(found) for found in digests] == [0, 1]
