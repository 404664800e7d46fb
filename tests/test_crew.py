"""A crew checks everything once, each host in its own time, and ends when it is told to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tracker.crew import Crew
from tracker.errors import ArchiveError, TrackerError
from tracker.models import Article
from tracker.pipeline import Checked

SOON = timedelta(milliseconds=150)


def clock() -> datetime:
    return datetime.now(UTC)


def article(number: int, host: str = "a.example") -> Article:
    return Article(number, f"https://{host}/{number}", f"{host}/{number}", clock())


def checks(one: Article) -> Checked:
    return Checked(one, "unchanged")


def working(crew: Crew) -> int:
    return sum(thread.is_alive() for thread in crew._threads)


class Heard:
    """What a crew reports, in order."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.at_once = 0
        self._inside = threading.Semaphore(1)

    def __call__(self, checked: Checked) -> None:
        if not self._inside.acquire(blocking=False):
            self.at_once += 1
            return
        self.numbers.append(checked.article.id)
        time.sleep(0.001)
        self._inside.release()


def crew(check: Callable[[Article], Checked], heard: Heard, workers: int = 4, **more: object) -> Crew:
    return Crew(check, heard, workers=workers, clock=clock, **more)


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.005)


# --- work -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 8])
def test_everything_is_checked_once_and_told_one_at_a_time(workers):
    heard = Heard()
    team = crew(checks, heard, workers)

    team.add(article(number) for number in range(100))
    team.join()

    assert Counter(heard.numbers) == Counter(range(100))
    assert heard.at_once == 0
    assert team.load == 0
    assert team.stop(1) == []


def test_one_worker_keeps_the_order():
    heard = Heard()
    team = crew(checks, heard, 1)

    team.add(map(article, range(10)))
    team.join()

    assert heard.numbers == list(range(10))
    team.stop(1)


def test_a_crew_without_work_is_done_at_once():
    team = crew(checks, Heard())
    team.join()
    assert team.stop(1) == []


def test_articles_may_be_added_while_others_are_checked():
    heard, team = Heard(), None

    def check(one: Article) -> Checked:
        if one.id == 0:
            team.add([article(1)])
        return checks(one)

    team = crew(check, heard, 1)
    team.add([article(0)])
    team.join()

    assert heard.numbers == [0, 1]
    team.stop(1)


def test_workers_work_at_the_same_time():
    together = threading.Barrier(4, timeout=5)

    def check(one: Article) -> Checked:
        together.wait()
        return checks(one)

    heard = Heard()
    team = crew(check, heard, 4)
    team.add(map(article, range(4)))
    team.join()

    assert len(heard.numbers) == 4
    team.stop(1)


# --- hosts that have to wait ----------------------------------------------------------------------


def test_a_host_that_has_to_be_left_alone_does_not_hold_up_the_others():
    free_at = clock() + SOON

    def check(one: Article) -> Checked:
        if "slow" in one.url and clock() < free_at:
            return Checked(one, "waiting", retry_at=free_at)
        return checks(one)

    heard = Heard()
    team = crew(check, heard, 1)
    team.add([*(article(number, "slow.example") for number in range(3)), *map(article, range(3, 6))])
    team.join()

    assert heard.numbers == [3, 4, 5, 0, 1, 2]
    assert clock() >= free_at
    team.stop(1)


def test_waiting_is_not_told():
    heard, asked = Heard(), []

    def check(one: Article) -> Checked:
        asked.append(one.id)
        return Checked(one, "waiting", retry_at=clock() + SOON / 10) if len(asked) < 5 else checks(one)

    team = crew(check, heard, 2)
    team.add([article(1)])
    team.join()

    assert asked == [1] * 5
    assert heard.numbers == [1]
    team.stop(1)


def test_an_article_that_waits_counts_as_load_and_is_given_back_by_stop():
    asked = threading.Event()

    def check(one: Article) -> Checked:
        asked.set()
        return Checked(one, "waiting", retry_at=clock() + timedelta(hours=1))

    heard = Heard()
    team = crew(check, heard)
    team.add([article(1)])
    assert asked.wait(5)
    until(lambda: team.load == 1)

    assert [left.id for left in team.stop(1)] == [1]
    assert heard.numbers == []
    assert team.load == 0


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ArchiveError("the disk is full"), RuntimeError("a bug")])
def test_an_error_that_is_not_about_one_article_stops_a_check(error):
    heard, asked = Heard(), []

    def check(one: Article) -> Checked:
        asked.append(one.id)
        if one.id == 2:
            raise error
        return checks(one)

    team = crew(check, heard, 1)
    team.add(map(article, range(100)))

    with pytest.raises(type(error)) as raised:
        team.join()
    assert raised.value is error
    assert asked == [0, 1, 2]
    assert team.stop(1) == []


def test_only_a_bug_is_logged_with_its_traceback(caplog):
    def check(one: Article) -> Checked:
        raise error

    for error, told in ((ArchiveError("full"), 0), (BrokenPipeError(), 0), (KeyError("x"), 1)):
        caplog.clear()
        team = crew(check, Heard(), 1)
        team.add([article(7)])
        with pytest.raises(type(error)):
            team.join()
        assert len(caplog.records) == told
        assert all("https://a.example/7" in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_service_lives_through_every_error():
    heard, broken = Heard(), []

    def check(one: Article) -> Checked:
        if one.id % 2:
            raise TrackerError("no") if one.id % 3 else RuntimeError("a bug")
        return checks(one)

    team = crew(check, heard, 3, broken=lambda one, error: broken.append((one.id, type(error))))
    team.add(map(article, range(10)))
    team.join()

    assert sorted(heard.numbers) == [0, 2, 4, 6, 8]
    assert sorted(broken) == [(n, RuntimeError if n % 3 == 0 else TrackerError) for n in (1, 3, 5, 7, 9)]
    assert team.load == 0
    team.stop(1)


def test_a_report_that_fails_costs_no_worker():
    told = []

    def report(checked: Checked) -> None:
        told.append(checked.article.id)
        raise ValueError("the screen is gone")

    broken: list[int] = []
    team = Crew(checks, report, workers=1, clock=clock, broken=lambda one, _: broken.append(one.id))
    team.add(map(article, range(3)))
    team.join()

    assert told == broken == [0, 1, 2]
    team.stop(1)


# --- the end --------------------------------------------------------------------------------------


def test_stop_waits_for_what_is_in_hand_and_gives_the_rest_back():
    begun = threading.Event()

    def check(one: Article) -> Checked:
        begun.set()
        time.sleep(0.1)
        return checks(one)

    heard = Heard()
    team = crew(check, heard, 1)
    team.add(map(article, range(5)))
    assert begun.wait(5)

    left = team.stop(5)

    assert sorted(one.id for one in left) == [1, 2, 3, 4]
    assert heard.numbers == [0]


def test_stop_takes_no_longer_than_it_was_given_however_many_hang():
    hang, begun = threading.Event(), threading.Semaphore(0)

    def check(one: Article) -> Checked:
        begun.release()
        hang.wait(10)
        return checks(one)

    heard = Heard()
    team = crew(check, heard, 4)
    team.add(map(article, range(6)))
    for _ in range(4):
        assert begun.acquire(timeout=5)

    began = time.monotonic()
    left = team.stop(0.3)

    assert 0.3 <= time.monotonic() - began < 1
    assert sorted(one.id for one in left) == [4, 5]
    hang.set()


def test_what_waits_when_the_crew_is_stopped_does_not_come_back():
    begun, go_on = threading.Event(), threading.Event()

    def check(one: Article) -> Checked:
        begun.set()
        go_on.wait(5)
        return Checked(one, "waiting", retry_at=clock())

    heard = Heard()
    team = crew(check, heard, 1)
    team.add([article(1)])
    assert begun.wait(5)
    threading.Timer(0.05, go_on.set).start()

    team.stop(5)

    assert team.load == 0
    assert heard.numbers == []
    team.join()


def test_a_crew_that_is_made_smaller_finishes_what_is_in_hand_and_one_made_larger_does_more_at_once():
    heard, go = Heard(), threading.Event()

    def waits(one: Article) -> Checked:
        go.wait(10)
        return checks(one)

    team = crew(waits, heard, workers=2)
    team.add(article(number, f"{number}.example") for number in range(6))
    team.resize(4)
    until(lambda: team.in_hand == 4)
    team.resize(1)
    go.set()
    until(lambda: sorted(heard.numbers) == list(range(6)))
    until(lambda: working(team) == 1)

    assert team.stop(5) == []
