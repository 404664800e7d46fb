"""The same work on many things, on all cores, in order.

Results come out in the order of the things, whichever is ready first; only a few are in memory at any moment, so a batch may be endless.
One thing that fails, or that takes its process down with it (out of memory, a crash in a C library), costs its own result only.

Computes only, in processes of its own.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from tracker.errors import InputError, TrackerError

IN_HAND = 4  # things per process that are read ahead: enough that none waits, few enough for large pages

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], things: Iterable[T], processes: int) -> Iterator[R | InputError]:
    """Do the same work on many things.

    Args:
        work: A function of a module (it is sent to the processes by name).
        things: What to work on; read as the work goes on.
        processes: How many to use; with 1 the work is done in this process.

    Yields:
        For each thing in order, the result, or the error that says why there is none.
    """
    if processes <= 1:
        yield from (_attempt(work, thing) for thing in things)
        return
    source = iter(things)
    pool = _pool(processes)
    running: deque[tuple[T, Future[R | InputError]]] = deque()
    try:
        while True:
            for thing in islice(source, IN_HAND * processes - len(running)):
                running.append((thing, _submit(pool, work, thing)))
            if not running:
                return
            thing, future = running.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                yield from _one_by_one(work, [(thing, future), *running])
                running.clear()
                pool = _pool(processes)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _one_by_one(work: Callable[[T], R], left: list[tuple[T, Future[R | InputError]]]) -> Iterator[R | InputError]:
    """Finish what was in hand when a process died: whatever brings down a process that it has to itself is to blame."""
    pool = _pool(1)
    try:
        for thing, future in left:
            again = _submit(pool, work, thing) if future.exception() else future
            try:
                yield again.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                pool = _pool(1)
                yield InputError(
                    "the process that worked on it died, perhaps for want of memory; try it alone, or leave it out"
                )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(processes: int) -> ProcessPoolExecutor:
    # A forked child of a process with threads can deadlock; a spawned one cannot.
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _submit(pool: ProcessPoolExecutor, work: Callable[[T], R], thing: T) -> Future[R | InputError]:
    try:
        return pool.submit(_attempt, work, thing)
    except BrokenProcessPool as error:  # found out here rather than by a result
        broken: Future[R | InputError] = Future()
        broken.set_exception(error)
        return broken


def _attempt(work: Callable[[T], R], thing: T) -> R | InputError:
    """Do the work; an error becomes a value that can be sent between processes, which not every error can."""
    try:
        return work(thing)
    except TrackerError as error:
        return InputError(str(error))
    except Exception as error:  # noqa: BLE001 - one bad pair never stops the others; the report says what went wrong
        return InputError(f"it could not be worked on: {type(error).__name__}: {error}")
