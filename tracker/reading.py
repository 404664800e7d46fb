"""Read a page: is its text as it was, and if not, what does it say and what has changed?

Functions of values, so that they can run in a process of its own.
What reads and compares pages is imported when the first page is there: it takes longer to import than a hundred unmodified articles take to check.

Computes only, except that a comparison is given the clock to end in time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from tracker.errors import ExtractError
from tracker.models import Capture, Comparison, Snapshot, Version

GOOD: Final = Capture()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a page."""

    as_before: bool  # the text is the latest one
    version: Version | None = None
    capture: Capture = GOOD
    comparison: Comparison | None = None  # with the latest text; None where there is none, or the capture is suspect
    fingerprint: str | None = None  # of this page, taken with the text that is the latest one now
    digest: str | None = None  # of a text that is new and good


def is_as_before(snapshot: Snapshot, previous: Version, taken: str) -> bool:
    """Take a quick look: does a page prove, without being read, that its text is the latest one?

    Args:
        snapshot: What a server sent.
        previous: The latest text.
        taken: The fingerprint of the page that it was last read in.
    """
    from tracker.extract import fingerprint

    return fingerprint(snapshot, previous) == taken


def read_page(snapshot: Snapshot, previous: Version | None) -> Reading:
    """Read a page in full, and compare what it says with the latest text."""
    from tracker.capture import judge_capture
    from tracker.extract import fingerprint
    from tracker.text import digest_of_text, says_the_same

    version = version_of(snapshot)
    if previous and version and says_the_same(previous, version):
        return Reading(as_before=True, version=version, fingerprint=fingerprint(snapshot, previous))
    capture = judge_capture(snapshot, version, previous)
    if version is None or capture.suspect:
        return Reading(as_before=False, version=version, capture=capture)
    comparison = compare(previous, version, capture) if previous else None
    return Reading(False, version, capture, comparison, fingerprint(snapshot, version), digest_of_text(version))


def version_of(snapshot: Snapshot) -> Version | None:
    """Read what a page says; None where no text can be read in it."""
    from tracker.extract import extract_version

    try:
        return extract_version(snapshot)
    except ExtractError:
        return None


def judge(snapshot: Snapshot, version: Version | None = None, previous: Version | None = None) -> Capture:
    """Judge whether a response is the article."""
    from tracker.capture import judge_capture

    return judge_capture(snapshot, version, previous)


def compare(old: Version, new: Version, capture: Capture) -> Comparison:
    """Compare two texts of an article."""
    from tracker.comparison import compare_versions

    return compare_versions(old, new, new_capture=capture, clock=time.thread_time)
