"""A reader is told by the own clock, once a day and not at night, on the days that the clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.timetable import TimetableError, read_quiet, read_rate, read_timetable

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
)
CLOCKS = st.times().map(lambda at: f"{at:%H:%M}")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NEXT = {
    "immediate": ("immediate", "2026-01-31T09:45", "2026-01-31T09:45"),
    "hourly": ("hourly", "2026-01-31T09:45", "2026-01-31T10:00"),
    "hourly, on the hour": ("hourly", "2026-01-31T10:00", "2026-01-31T11:00"),
    "later today": ("daily at 08:00 Europe/Berlin", "2026-01-31T06:59", "2026-01-31T07:00"),
    "at the moment itself": ("daily at 08:00 Europe/Berlin", "2026-01-31T07:00", "2026-02-01T07:00"),
    "tomorrow": ("daily at 8:00 Europe/Berlin", "2026-01-31T09:45", "2026-02-01T07:00"),
    "without a zone": ("daily at 08:00", "2026-01-31T09:45", "2026-02-01T08:00"),
    "the day before, elsewhere": ("daily at 23:30 America/New_York", "2026-01-31T04:00", "2026-01-31T04:30"),
    "the day that spring forward": ("daily at 08:00 Europe/Berlin", "2026-03-28T12:00", "2026-03-29T06:00"),
    "the day that falls back": ("daily at 08:00 Europe/Berlin", "2026-10-24T12:00", "2026-10-25T07:00"),
    "a time that the clocks skip": ("daily at 02:30 Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:30"),
    "a time that comes twice": ("daily at 02:30 Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
    "between the two": ("daily at 02:30 Europe/Berlin", "2026-10-25T01:00", "2026-10-26T01:30"),
}


@pytest.mark.parametrize(("text", "now", "then"), NEXT.values(), ids=NEXT.keys())
def test_digest_goes_out_by_the_reader_s_clock(text, now, then):
    assert read_timetable(text).next_after(utc(now)) == utc(then)


@given(CLOCKS, ZONES, MOMENTS)
def test_daily_digest_comes_once_a_day(clock, zone, now):
    timetable = read_timetable(f"daily at {clock} {zone}")
    days = []
    moment = now
    for _ in range(8):
        following = timetable.next_after(moment)
        assert moment < following <= moment + timedelta(hours=49)  # Samoa left out a whole day in 2011
        moment = following
        days.append(moment.astimezone(ZoneInfo(zone)).date())

    assert len(set(days)) == 8


QUIET = {
    "before it begins": ("22:00-07:00 Europe/Berlin", "2026-01-31T20:59", None),
    "as it begins": ("22:00-07:00 Europe/Berlin", "2026-01-31T21:00", "2026-02-01T06:00"),
    "after midnight": ("22:00-07:00 Europe/Berlin", "2026-02-01T03:00", "2026-02-01T06:00"),
    "as it ends": ("22:00-07:00 Europe/Berlin", "2026-02-01T06:00", None),
    "in the middle of a day": ("12:30 – 14:00 Europe/Berlin", "2026-02-01T12:00", "2026-02-01T13:00"),
    "the night that is short": ("22:00-07:00 Europe/Berlin", "2026-03-28T22:00", "2026-03-29T05:00"),
    "the night that is long": ("22:00-07:00 Europe/Berlin", "2026-10-24T21:00", "2026-10-25T06:00"),
    "an end that comes twice, before the first": ("22:00-02:30 Europe/Berlin", "2026-10-25T00:10", "2026-10-25T00:30"),
    "an end that comes twice, before the second": ("22:00-02:30 Europe/Berlin", "2026-10-25T01:10", "2026-10-25T01:30"),
}


@pytest.mark.parametrize(("text", "now", "until"), QUIET.values(), ids=QUIET.keys())
def test_quiet_hours_are_those_of_the_reader_s_clock(text, now, until):
    assert read_quiet(text).until(utc(now)) == (utc(until) if until else None)


@given(CLOCKS, CLOCKS, ZONES, MOMENTS)
def test_quiet_ends_within_a_day_and_is_over_then(start, end, zone, now):
    if start == end:
        return
    quiet = read_quiet(f"{start}-{end} {zone}")
    until = quiet.until(now)

    if until:
        assert now < until <= now + timedelta(hours=26)
        assert (quiet.until(until) or until) <= until + timedelta(hours=1), "an hour may come twice"


@given(st.integers(1, 5), st.lists(st.integers(0, 7200), max_size=30))
def test_rate_is_never_exceeded(most, arrivals):
    """Whatever comes when: in no span of an hour are more sent, and what waits is sent as soon as it may be."""
    rate = read_rate(f"{most} per hour")
    start = utc("2026-01-31T09:00")
    sent: list[datetime] = []
    for arrival in sorted(arrivals):
        now = max([start + timedelta(seconds=arrival), *sent[-1:]])
        sent.append(rate.next_after(sent, now) or now)

    for first, later in zip(sent, sent[most:], strict=False):
        assert later - first >= timedelta(hours=1)


def test_what_a_clock_that_ran_ahead_has_sent_counts_for_no_rate():
    now = utc("2026-04-09T08:15")

    assert read_rate("2 per minute").next_after([now + timedelta(days=1)] * 5, now) is None


WRONG = {
    "weekly": (read_timetable, "weekly", '"immediate", "hourly" or "daily at 08:00 Europe/Berlin"'),
    "no clock": (read_timetable, "daily at 25:00", "daily at 08:00"),
    "no zone": (read_timetable, "daily at 08:00 Berlin", 'there is no "Berlin"'),
    "a path for a zone": (read_timetable, "daily at 08:00 ../etc/passwd", "daily at 08:00"),
    "a folder for a zone": (read_timetable, "daily at 08:00 Europe", "there is no"),
    "half the quiet": (read_quiet, "22:00", "22:00-07:00"),
    "quiet all day": (read_quiet, "07:00-07:00", "end at another time"),
    "quiet nowhere": (read_quiet, "22:00-07:00 Nowhere/City", "there is no"),
    "no rate": (read_rate, "0 per minute", "10 per minute"),
    "a rate a year": (read_rate, "5 per year", "10 per minute"),
}


@pytest.mark.parametrize(("read", "text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_not_written_so_is_refused(read, text, said):
    with pytest.raises(TimetableError) as caught:
        read(text)

    assert said in str(caught.value)


def test_rates_are_read_in_every_way_that_they_are_written():
    for text in ("30 per minute", "30/minute", "30 a minute", "  30   per minute "):
        assert (read_rate(text).most, read_rate(text).span) == (30, timedelta(minutes=1))
