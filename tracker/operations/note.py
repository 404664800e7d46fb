"""A note that the service leaves in the archive's folder: what it knows and no catalog keeps, for `tracker status`.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tracker.politeness import Slowed

NOTE_FILE: Final = "service.json"


@dataclass(frozen=True, slots=True)
class Note:
    """What the service knows."""

    slowed: tuple[Slowed, ...] = ()  # hosts that are left alone
    paused: str | None = None  # why nothing is fetched


def write_note(folder: Path, slowed: Sequence[Slowed], paused: str | None = None) -> None:
    """Leave word; best effort, for the service does not depend on it."""
    hosts = [{"host": one.host, "until": one.until.isoformat(), "why": one.why} for one in slowed]
    temporary = folder / f".{NOTE_FILE}.new"
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps({"slowed": hosts, "paused": paused}), encoding="utf-8")
        temporary.replace(folder / NOTE_FILE)


def read_note(folder: Path) -> Note:
    """Read what a service has left word of; nothing where there is no such note."""
    try:
        note = json.loads((folder / NOTE_FILE).read_text(encoding="utf-8"))
        hosts = (Slowed(one["host"], datetime.fromisoformat(one["until"]), one["why"]) for one in note["slowed"])
        return Note(tuple(hosts), note.get("paused"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Note()
