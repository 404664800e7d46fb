"""Work for processes of their own, which import this module and no test."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tracker.errors import FetchError

if TYPE_CHECKING:
    from tracker.models import Comparison, Version


def double(number: int) -> int:
    return 2 * number


def double_slowly_at_first(number: int) -> int:
    time.sleep(0.3 if number == 0 else 0)
    return 2 * number


def where() -> int:
    return os.getpid()


def compare(pair: tuple[Version, Version]) -> Comparison:
    from tracker.comparison import compare_versions

    return compare_versions(*pair)


def refuse(url: str) -> None:
    raise FetchError(f"{url} is not there", url=url, status=404)


def break_down(kind: str) -> None:
    raise ValueError(kind)


def fail_on_3(number: int) -> int:
    if number == 3:
        refuse("https://example.org/3")
    if number == 4:
        break_down("four")
    return number


def die_on_3(number: int) -> int:
    if number == 3:
        os._exit(9)
    time.sleep(0.05)  # so that others are in hand when it dies
    return number


def hang() -> None:
    time.sleep(600)
