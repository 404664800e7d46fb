"""A message waits, is claimed by one, and ends delivered or parked; no channel starves another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_samples import DAY, HOUR, LATER, LEASE, MINUTE, NOW, SECOND, changed, message

from tracker.models import Delivery

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


def test_next_delivery_is_the_first_that_waits(catalog):
    assert catalog.next_delivery_at() is None
    numbers = put(catalog, "desk 1", "log 1")
    catalog.record_attempt(numbers[0], due_at=LATER, error="HTTP 503")

    assert catalog.next_delivery_at() == NOW
    catalog.record_delivered(numbers[1], NOW)
    assert catalog.next_delivery_at() == LATER


def test_message_in_hand_is_not_what_comes_next(catalog):
    put(catalog, "desk 1")
    claim(catalog)

    assert catalog.next_delivery_at() == NOW + LEASE


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
