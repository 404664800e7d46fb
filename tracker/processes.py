"""Processes that compute for the threads of this one, which one interpreter would let run one at a time.

They are started with the first piece of work, as many as are needed at once, and ended when none has come for a while, so that a service at rest is small.
A process that dies (out of memory, a crash in a C library) costs nobody but the piece of work that brings down a process that it has to itself.
They end when this process does, however it ends.

Touches processes.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.util
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Final, NoReturn, ParamSpec, Protocol, TypeVar

from tracker.__main__ import WORKING, spare_collector
from tracker.errors import InputError, TrackerError

P = ParamSpec("P")
R = TypeVar("R")

IDLE_S: Final = 60.0
LONGEST_S: Final = 120.0  # for one piece of work: reading and comparing the largest pages takes some seconds


class Compute(Protocol):
    """Does a piece of work, somewhere: a function of a module, and arguments that can be sent there."""

    def __call__(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Give the result, or raise what the work raised."""


def here(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Do it in this thread."""
    return work(*arguments, **named)


class Processes:
    """A pool that comes and goes; any number of threads may use it.

    Args:
        count: Processes at most.
        idle_s: They are ended by `rest` when nothing was asked of them for so long.
        longest_s: A piece of work that takes longer is given up.
    """

    def __init__(self, count: int, *, idle_s: float = IDLE_S, longest_s: float = LONGEST_S) -> None:
        self._count = count
        self._idle_s = idle_s
        self._longest_s = longest_s
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._alone = threading.Lock()
        self._in_hand = 0
        self._used_at = time.monotonic()

    def __call__(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Do it in one of the processes.

        Raises:
            InputError: It took down its process, or took too long; or whatever error of ours the work raised.
        """
        with self._lock:
            self._in_hand += 1
            pool = self._pool = self._pool or _pool(self._count)
        try:
            return self._do(pool, work, *arguments, **named)
        except BrokenProcessPool:  # by this piece of work, or by another that was in hand
            self._forget(pool)
            return self._do_alone(work, *arguments, **named)
        finally:
            with self._lock:
                self._in_hand -= 1
                self._used_at = time.monotonic()

    def rest(self) -> None:
        """End the processes if there has been nothing to do for a while."""
        with self._lock:
            idle = self._in_hand == 0 and time.monotonic() - self._used_at >= self._idle_s
            pool, self._pool = (self._pool, None) if idle else (None, self._pool)
        if pool:
            pool.shutdown()

    def close(self) -> None:
        """End the processes; what is in hand is given up."""
        with self._lock:
            pool, self._pool = self._pool, None
            if pool and self._in_hand:
                _kill(pool)
        if pool:
            pool.shutdown(cancel_futures=True)
            del pool
            gc.collect()  # its semaphores are let go of with it, and not only at the end of this process

    def _do(self, pool: ProcessPoolExecutor, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        # The first piece of work starts the processes.  Until they can say that Ctrl-C is not for them, it is kept from them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            future = pool.submit(_attempt, work, arguments, named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            return future.result(self._longest_s)
        except TimeoutError:
            if future.done():
                raise  # the work itself raised it
            _kill(pool)
            raise InputError(f"reading was given up after {self._longest_s:g} s") from None

    def _do_alone(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        with self._alone, _pool(1) as pool:
            try:
                return self._do(pool, work, *arguments, **named)
            except BrokenProcessPool as error:
                raise InputError("the process that read it died, perhaps for want of memory") from error

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False)


def end_at_once() -> NoReturn:
    """End this process without waiting for its threads; what it has of the system's semaphores is let go of."""
    with contextlib.suppress(Exception):
        multiprocessing.util._run_finalizers(0)  # type: ignore[attr-defined]  # there is no public way
    os._exit(0)


def _pool(count: int) -> ProcessPoolExecutor:
    # A forked child of a process with threads can deadlock; a spawned one cannot.
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Prepare a process: it is our parent who decides when it ends, not Ctrl-C or a service manager; and it does not outlive him."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    spare_collector(WORKING)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list(pool._processes.values()):  # there is no public way before Python 3.14
        process.kill()


def _attempt(work: Callable[..., R], arguments: tuple[object, ...], named: dict[str, object]) -> R:
    """Do the work; not every error of ours can be sent between processes, but its sentence can."""
    try:
        return work(*arguments, **named)
    except TrackerError as error:
        raise InputError(str(error)) from None
