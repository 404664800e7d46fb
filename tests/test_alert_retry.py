"""A message is tried again soon, then ever more rarely, and parked after three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tracker.alert.retry import next_attempt

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)


class NoJitter(Random):
    def random(self) -> float:
        return 0.5


def waits(random: Random) -> list[timedelta]:
    """Fail for ever; list the waits until the message is parked."""
    found: list[timedelta] = []
    while (due := next_attempt(len(found) + 1, NOW, random)) is not None:
        found.append(due - NOW)
    return found


def test_waits_double_from_two_seconds_to_a_quarter_of_an_hour():
    found = [one.total_seconds() for one in waits(NoJitter())]

    assert found[:10] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    assert set(found[10:]) == {900}


def test_message_is_parked_after_three_days():
    assert timedelta(days=3) <= sum(waits(NoJitter()), timedelta()) < timedelta(days=3, minutes=15)


@given(st.integers(1, 10**9), st.integers(0, 2**32))
def test_next_attempt_lies_ahead_and_within_a_quarter_of_an_hour_and_jitter(attempts: int, seed: int):
    due = next_attempt(attempts, NOW, Random(seed))

    assert due is None or NOW < due <= NOW + timedelta(minutes=16.5)


def test_messages_that_failed_together_are_not_tried_together():
    assert len({next_attempt(3, NOW, Random(seed)) for seed in range(50)}) == 50
