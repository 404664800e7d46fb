"""How the channels do that alerts go to.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.models import ChannelState
from tracker.report import words
from tracker.report.words import printable_on_terminal


def render_channels(states: Sequence[ChannelState], *, now: datetime) -> str:
    """Write a line for each channel that is not well, or that is left alone for a while; nothing where all are well."""
    lines = [line for state in states if (line := _line(state, now))]
    return "".join(f"{printable_on_terminal(line)}\n" for line in lines)


def _line(state: ChannelState, now: datetime) -> str:
    waits = state.resume_at is not None and state.resume_at > now
    again = f"in {words.duration(state.resume_at - now)}" if waits and state.resume_at else "now"
    if state.failures and state.failing_since:
        failed = words.count(state.failures, "time")
        return f"{state.name} has failed {failed} since {words.moment(state.failing_since)}; it is tried again {again}"
    return f"{state.name} has had its share for now; it goes on {again}" if waits else ""
