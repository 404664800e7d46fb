"""Judge whether a response is the article at all."""

from __future__ import annotations

from tracker.models import Capture, Snapshot, Version


def judge_capture(snapshot: Snapshot, version: Version | None, previous: Version | None = None) -> Capture:
    """Judge a response."""
    return Capture()
