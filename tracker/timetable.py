"""When may a reader be told: at once, once an hour or once a day, not at night, and not too often.

    "immediate" · "hourly" · "daily at 08:00 Europe/Berlin"      when a digest goes out
    "22:00-07:00 Europe/Berlin"                                  quiet hours
    "10 per minute", "200 per hour", "1000 per day"              a rate

Clock times are those of the reader's wall clock: on the day that the clocks change, 08:00 is still 08:00, and comes once.
A time that the clocks skip is taken as the moment that would have been it (02:30 becomes 03:30); of one that comes twice the first counts.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
SPANS: Final = {"minute": timedelta(minutes=1), "hour": HOUR, "day": DAY}
CLOCK: Final = r"([01]?\d|2[0-3]):([0-5]\d)"
ZONE: Final = r"(?:\s+([A-Za-z0-9_+/-]+))?"
DAILY: Final = re.compile(rf"daily\s+at\s+{CLOCK}{ZONE}")
QUIET: Final = re.compile(rf"{CLOCK}\s*[-–]\s*{CLOCK}{ZONE}")
RATE: Final = re.compile(r"([1-9]\d{0,5})\s*(?:per|/|a|an)\s*(minute|hour|day)")

TIMETABLES: Final = '"immediate", "hourly" or "daily at 08:00 Europe/Berlin"'
QUIETS: Final = 'quiet hours such as "22:00-07:00 Europe/Berlin"'
RATES: Final = 'a rate such as "10 per minute" or "200 per hour"'


class TimetableError(ValueError):
    """What was written is none of the forms above; says what was expected."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When messages go out that are gathered until then; neither hourly nor daily: each at once."""

    text: str = "immediate"  # as it was written
    hourly: bool = False
    at: time | None = None  # of the wall clock, once a day
    zone: str = "UTC"

    @property
    def gathers(self) -> bool:
        """Are messages kept until a moment, or sent at once?"""
        return self.hourly or self.at is not None

    def next_after(self, now: datetime) -> datetime:
        """Say when what is told now goes out."""
        if self.hourly:
            return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
        return next_clock(self.at, ZoneInfo(self.zone), now) if self.at else now


IMMEDIATE: Final = Timetable()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A part of each day in which nobody wants to be woken."""

    start: time  # of the wall clock
    end: time  # earlier than the start: on the next day
    zone: str = "UTC"

    def until(self, now: datetime) -> datetime | None:
        """Say when the quiet that reigns now ends; None when it is not quiet."""
        zone = ZoneInfo(self.zone)
        clock = now.astimezone(zone).time()
        over_midnight = self.start > self.end
        quiet = (clock >= self.start or clock < self.end) if over_midnight else self.start <= clock < self.end
        # In the hour that comes twice the first end may be past already, while it is quiet again.
        return min(next_clock(self.end.replace(fold=fold), zone, now) for fold in (0, 1)) if quiet else None


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many in any span of this length."""

    most: int
    span: timedelta

    def next_after(self, sent: Sequence[datetime], now: datetime) -> datetime | None:
        """Say when the next may be sent; None: now.

        Args:
            sent: When the latest ones were sent, in any order; those that are longer ago than the span do not matter, nor those of a clock that ran ahead.
            now: The present.
        """
        recent = sorted(at for at in sent if now - self.span < at <= now)
        return recent[-self.most] + self.span if len(recent) >= self.most else None


def next_clock(clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Find the next moment after now at which a wall clock shows a time."""
    today = now.astimezone(zone).date()
    for days in range(-1, 3):
        moment = datetime.combine(today + days * DAY, clock, zone).astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError("of three days in a row one has the time yet to come")


# --- reading --------------------------------------------------------------------------------------


def read_timetable(text: str) -> Timetable:
    """Read when a digest goes out.

    Raises:
        TimetableError: It is none of the three forms.
    """
    plain = " ".join(text.split())
    if plain == "immediate":
        return IMMEDIATE
    if plain == "hourly":
        return Timetable(plain, hourly=True)
    match = DAILY.fullmatch(plain)
    if not match:
        raise TimetableError(TIMETABLES)
    return Timetable(plain, at=time(int(match[1]), int(match[2])), zone=_zone(match[3]))


def read_quiet(text: str) -> QuietHours:
    """Read quiet hours.

    Raises:
        TimetableError: They are not written so, or begin when they end.
    """
    match = QUIET.fullmatch(" ".join(text.split()))
    if not match:
        raise TimetableError(QUIETS)
    start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if start == end:
        raise TimetableError(f"{QUIETS}, which end at another time than they begin")
    return QuietHours(start, end, _zone(match[5]))


def read_rate(text: str) -> Rate:
    """Read a rate.

    Raises:
        TimetableError: It is not written so.
    """
    match = RATE.fullmatch(" ".join(text.split()))
    if not match:
        raise TimetableError(RATES)
    return Rate(int(match[1]), SPANS[match[2]])


def _zone(name: str | None) -> str:
    try:
        return ZoneInfo(name or "UTC").key
    except (
        KeyError,
        ValueError,
        OSError,
    ) as error:  # a name that is not there, climbs out of the folder, or is a folder
        raise TimetableError(
            f'a time zone such as "Europe/Berlin" or "America/New_York"; there is no "{name}"'
        ) from error
