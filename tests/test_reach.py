"""That nobody answers is held against nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.reach import HOSTS, IN_A_ROW, TRY_EVERY, Reach

NOW = datetime(2026, 4, 9, 8, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def silence(reach: Reach, count: int, hosts: int) -> list[bool]:
    return [reach.learn(f"{n % hosts}.example", NOW + n * SECOND, answered=False) for n in range(count)]


def test_network_is_away_when_many_checks_in_a_row_at_several_hosts_got_no_answer():
    reach = Reach()

    changes = silence(reach, IN_A_ROW + 3, HOSTS)

    assert changes == [False] * (IN_A_ROW - 1) + [True] + [False] * 3
    assert reach.away_since == NOW


@pytest.mark.parametrize(("count", "hosts"), [(IN_A_ROW - 1, HOSTS), (100, HOSTS - 1)], ids=["few checks", "few hosts"])
def test_a_few_hosts_that_do_not_answer_have_trouble_of_their_own(count, hosts):
    reach = Reach()

    assert not any(silence(reach, count, hosts))
    assert all(reach.may_try(NOW) for _ in range(5))


def test_one_answer_in_between_shows_that_it_is_there():
    reach = Reach()

    silence(reach, IN_A_ROW - 1, HOSTS)
    reach.learn("well.example", NOW, answered=True)

    assert not any(silence(reach, IN_A_ROW - 1, HOSTS))


def test_while_it_is_away_one_check_tries_at_a_time_and_the_first_answer_ends_that():
    reach = Reach()
    silence(reach, IN_A_ROW, HOSTS)
    start = NOW + IN_A_ROW * SECOND

    tried = [n for n in range(60) if reach.may_try(start + n * SECOND)]
    assert len(tried) == 60 * SECOND // TRY_EVERY
    assert reach.learn("1.example", start, answered=True)
    assert reach.away_since is None
    assert all(reach.may_try(start) for _ in range(5))


def test_clock_that_is_put_back_does_not_keep_it_from_trying():
    reach = Reach()
    silence(reach, IN_A_ROW, HOSTS)

    assert reach.may_try(NOW - timedelta(days=1))
