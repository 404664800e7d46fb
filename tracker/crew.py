"""Several threads that check articles, each host in its own time.

An article whose host has to be left alone goes back into the queue with the moment at which the host may be asked again, so that no thread waits for one host while another could be read.

Contains no business logic.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from tracker.errors import TrackerError
from tracker.models import Article
from tracker.pipeline import Checked

log = logging.getLogger(__name__)

Check = Callable[[Article], Checked]
Report = Callable[[Checked], None]


class Crew:
    """A fixed number of threads with one queue.

    Args:
        check: Checks one article.
        report: Is told how each check ended, one at a time; "waiting" is not an end.
        workers: Threads.
        clock: What time it is.
        broken: Is told of an error that is not about one article: the archive or the catalog failed, or there is a bug.
            The default lets `join` raise the first of them and leaves the rest of the queue alone.
    """

    def __init__(
        self,
        check: Check,
        report: Report,
        *,
        workers: int,
        clock: Callable[[], datetime],
        broken: Callable[[Article, Exception], None] | None = None,
    ) -> None:
        self._check = check
        self._report = report
        self._clock = clock
        self._broken = broken
        self._queue: list[tuple[datetime, int, Article]] = []
        self._numbers = itertools.count()
        self._in_hand = 0
        self._stopping = False
        self._error: Exception | None = None
        self._changed = threading.Condition()
        self._reporting = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._wanted = 0
        self.resize(workers)

    def resize(self, workers: int) -> None:
        """Have so many threads from now on; one that is too many ends when its check does."""
        with self._changed:
            self._wanted = workers
            for _ in range(workers - len(self._threads)):
                thread = threading.Thread(target=self._work, name=f"check-{next(self._numbers)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify_all()

    def add(self, articles: Iterable[Article]) -> None:
        """Queue articles, to be checked in this order as far as their hosts allow."""
        now = self._clock()
        with self._changed:
            for article in articles:
                heapq.heappush(self._queue, (now, next(self._numbers), article))
            self._changed.notify_all()

    def hurry(self) -> None:
        """Try again at once whatever waits for its host: the clock was put back, and the moments were told by the old one."""
        now = self._clock()
        with self._changed:
            self._queue = [(min(when, now), number, article) for when, number, article in self._queue]
            heapq.heapify(self._queue)
            self._changed.notify_all()

    @property
    def load(self) -> int:
        """How many articles are queued or in hand."""
        with self._changed:
            return len(self._queue) + self._in_hand

    @property
    def in_hand(self) -> int:
        """How many articles are being checked."""
        with self._changed:
            return self._in_hand

    def join(self) -> None:
        """Wait until everything is checked.

        Raises:
            TrackerError: The archive or the catalog failed; the rest was left alone.
        """
        with self._changed:
            # Woken now and then, so that Ctrl-C is seen.
            while (self._queue or self._in_hand) and not self._stopping:
                self._changed.wait(0.5)
            if self._error:
                raise self._error

    def stop(self, within_s: float) -> list[Article]:
        """Take nothing more from the queue, and wait for the checks in hand, but not for longer than so many seconds.

        Returns:
            The articles that were still queued.
        """
        with self._changed:
            self._stopping = True
            left = [article for _, _, article in self._queue]
            self._queue.clear()
            self._changed.notify_all()
            threads = list(self._threads)
        end = time.monotonic() + within_s
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))
        return left

    def _work(self) -> None:
        while (article := self._next()) is not None:
            try:
                checked = self._check(article)
                again = checked.retry_at if checked.found == "waiting" else None
                if again is None:
                    with self._reporting:
                        self._report(checked)
            except Exception as error:  # noqa: BLE001  # one article must not stop the others; every error is told
                again = None
                self._tell(article, error)
            self._finish(article, again)

    def _next(self) -> Article | None:
        """Wait for an article whose time has come; None when there is nothing left to do for this thread."""
        with self._changed:
            while not self._stopping:
                if len(self._threads) > self._wanted:
                    self._threads.remove(threading.current_thread())
                    return None
                wait = None
                if self._queue:
                    wait = (self._queue[0][0] - self._clock()).total_seconds()
                    if wait <= 0:
                        self._in_hand += 1
                        return heapq.heappop(self._queue)[2]
                self._changed.wait(wait)
            return None

    def _finish(self, article: Article, again: datetime | None) -> None:
        with self._changed:
            self._in_hand -= 1
            if again is not None and not self._stopping:
                heapq.heappush(self._queue, (again, next(self._numbers), article))
            elif self._queue or self._in_hand:
                return  # nobody waits for this
            self._changed.notify_all()

    def _tell(self, article: Article, error: Exception) -> None:
        if self._broken:
            self._broken(article, error)
            return
        if not isinstance(error, TrackerError | BrokenPipeError):  # the latter: nobody reads our lines any more
            log.error("a bug was met while %s was checked", article.url, exc_info=error)
        with self._changed:
            self._error = self._error or error
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
