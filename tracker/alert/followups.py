"""What does a message say that comes after another about the same article?

It amends instead of repeating: "Update" where something else changed, "Update: reverted" where it was taken back, "Now also corrected" where a note owns up to a silent edit, with the hours between.
A mail becomes an answer to the first message, and JSON says which one it `follows`.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from tracker.alert.messages import TITLE_LENGTH, lines_of, write
from tracker.alert.words import tame
from tracker.models import Message, Told

HOUR: Final = timedelta(hours=1)


def amend(message: Message, earlier: Sequence[Told], within: timedelta) -> Message:
    """Let a message about a change refer to the first one about its article.

    Args:
        message: About a change.
        earlier: What the channel accepted about the article before, oldest first.
        within: A message that is longer ago than this, counted from the next one, is another matter.
    """
    change: Any = message.payload.get("change")
    if not change or not earlier:
        return message
    thread = _thread(earlier, datetime.fromisoformat(change["not_after"]), within)
    if not thread:
        return message
    silent = _silent_edits(thread) if _adds_note(change) else []
    kind = "corrected" if silent else "reverted" if change["reversal_of"] else "further"
    first, *lines = lines_of(message)
    follow_up: dict[str, object] = {"kind": kind, "first": lines_first(thread[0].text)}
    if silent:
        hours = (_seen_at(change) - _seen_at(silent[0].payload["change"])) / HOUR
        follow_up["hours_after_edit"] = round(hours, 2)
        first = f"Now also corrected: {first}"
        lines.append(f"The note came {_hours(hours)} after the silent edit was seen: {lines_first(silent[0].text)}")
    else:
        first = f"Update: {first}"
        lines.append(f"Earlier about this article: {lines_first(thread[-1].text)}")
    payload = {**message.payload, "follows": thread[0].key, "follow_up": follow_up}
    title = tame(f"Update: {message.title}", TITLE_LENGTH)
    written = write(title, [first, *lines], payload, importance=message.importance, timetable=message.timetable)
    return replace(written, follows=thread[0].key)


def _thread(earlier: Sequence[Told], at: datetime, within: timedelta) -> list[Told]:
    """Take the messages that belong together, back to the first gap that is too long."""
    found: list[Told] = []
    for told in reversed(earlier):
        if at - told.at > within:
            break
        found.insert(0, told)
        at = min(at, told.at)
    return found


def _adds_note(change: Mapping[str, Any]) -> bool:
    return any(fact["kind"] == "notice" and fact["status"] in ("added", "replaced") for fact in change["facts"])


def _silent_edits(thread: Sequence[Told]) -> list[Told]:
    """Find the silent edits that nothing has owned up to so far."""
    open_edits: list[Told] = []
    for told in thread:
        change: Any = told.payload.get("change") or {}
        if change and _adds_note(change):
            open_edits.clear()
        if change.get("disclosure") == "undisclosed":
            open_edits.append(told)
    return open_edits


def _seen_at(change: Any) -> datetime:
    return datetime.fromisoformat(change["not_after"])


def lines_first(text: str) -> str:
    """Give the first line of an earlier message, without what it says of those before it."""
    line = text.partition("\n")[0]
    return line.removeprefix("Update: ").removeprefix("Now also corrected: ")


def _hours(hours: float) -> str:
    if hours < 1:
        return "less than an hour"
    count = round(hours)
    return "an hour" if count == 1 else f"{count} hours" if count < 72 else f"{round(hours / 24)} days"
