"""Processes that compute for threads: results, errors, deaths, and their end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from process_work import break_down, die_on_3, double, hang, refuse, where

from tracker.errors import InputError
from tracker.processes import Processes, here


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Two, shared by the tests: each takes some tenths of a second to start."""
    pool = Processes(2)
    yield pool
    pool.close()


def test_work_is_done_in_another_process_and_its_result_comes_back(processes):
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda n: processes(double, n), range(20))) == list(range(0, 40, 2))
    assert processes(where) != os.getpid()
    assert here(where) == os.getpid()


def test_an_error_of_ours_comes_back_as_its_sentence_although_it_cannot_be_sent(processes):
    with pytest.raises(InputError, match="http://h/ is not there"):
        processes(refuse, "http://h/")


def test_a_bug_comes_back_as_it_is(processes):
    with pytest.raises(ValueError, match="odd"):
        processes(break_down, "odd")


def test_work_that_takes_its_process_down_costs_no_other(processes):
    def attempt(number: int) -> int | str:
        try:
            return processes(die_on_3, number)
        except InputError as error:
            return str(error)

    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(attempt, range(6)))

    assert [one for one in results if isinstance(one, int)] == [0, 1, 2, 4, 5]
    assert "died" in str(results[3])
    assert processes(double, 4) == 8


def test_work_without_end_is_given_up():
    pool = Processes(1, longest_s=1.0)
    began = time.monotonic()
    try:
        with pytest.raises(InputError, match="given up after 1 s"):
            pool(hang)
        assert time.monotonic() - began < 10
    finally:
        pool.close()


def test_processes_that_nobody_needs_end_and_come_back():
    pool = Processes(1, idle_s=0.0)
    first = pool(where)
    pool.rest()

    assert not _lives(first)
    assert pool(where) != first
    pool.close()


def test_processes_in_use_stay(processes):
    process = processes(where)
    processes.rest()

    assert _lives(process)


def test_they_end_with_their_parent_even_when_it_is_killed():
    script = (
        "import os, signal\nfrom tracker.processes import Processes\n"
        "if __name__ == '__main__':\n    print(Processes(1)(os.getpid), flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    child, end = int(ended.stdout), time.monotonic() + 10

    while _lives(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
