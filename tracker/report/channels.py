"""How the channels do that alerts go to.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.models import ChannelState
from tracker.report import words
from tracker.report.json import moment
from tracker.report.words import printable_on_terminal


def render_channels(states: Sequence[ChannelState], *, now: datetime) -> str:
    """Write a line for each channel that is not well, that is left alone for a while, or that something waits for."""
    return "".join(f"{name} {line}\n" for name, line in channel_lines(states, now))


def channel_lines(states: Sequence[ChannelState], now: datetime) -> list[tuple[str, str]]:
    """Say of each channel that there is something to say of: its name, and what is held back, why, and until when."""
    return [(printable_on_terminal(state.name), line) for state in states if (line := _line(state, now))]


def channels_document(states: Sequence[ChannelState]) -> list[dict[str, object]]:
    """Give the channels for JSON."""
    return [
        {
            "name": state.name,
            "waiting": state.waiting,
            "parked": state.parked,
            "next_at": moment(state.next_at),
            "failures": state.failures,
            "failing_since": moment(state.failing_since),
            "held_until": moment(state.resume_at),
            "error": state.error,
        }
        for state in states
    ]


def _line(state: ChannelState, now: datetime) -> str:
    parts = [_held(state, now), _kept(state, now)]
    said = "; ".join(part for part in parts if part)
    return printable_on_terminal(f"{said}: {state.error}" if said and state.error else said)


def _held(state: ChannelState, now: datetime) -> str:
    waits = state.resume_at is not None and state.resume_at > now
    again = f"in {words.duration(state.resume_at - now)}" if waits and state.resume_at else "now"
    if state.failures and state.failing_since:
        failed = words.count(state.failures, "time")
        return f"has failed {failed} since {words.moment(state.failing_since)}; it is tried again {again}"
    return f"has had its share for now; it goes on {again}" if waits else ""


def _kept(state: ChannelState, now: datetime) -> str:
    """Say what waits: a digest until its time, or what quiet hours hold back."""
    put_off = state.next_at is not None and state.next_at > now and not state.failures
    later = f" until {words.moment(state.next_at)} or later" if put_off and state.next_at else ""
    waiting = f"{words.count(state.waiting, 'message')} waiting{later}" if state.waiting else ""
    parked = f"{words.count(state.parked, 'message')} parked (`tracker alerts retry`)" if state.parked else ""
    return ", ".join(part for part in (waiting, parked) if part)
