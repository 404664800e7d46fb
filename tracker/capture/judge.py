"""Bring together what speaks against a capture.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracker.capture.finding import Finding
from tracker.capture.look import Look
from tracker.capture.previous import compare_with_previous
from tracker.capture.response import judge_response
from tracker.capture.walls import find_wall
from tracker.models import Capture, Snapshot, Version


def judge_capture(snapshot: Snapshot, version: Version | None, previous: Version | None = None) -> Capture:
    """Judge a response.

    Args:
        snapshot: What the server sent.
        version: What was read in it; None when no text was found (ExtractError).
        previous: The latest good version of the article, where there is one.

    Returns:
        A plain text is judged by status, headers and redirects alone.  A good capture has quality 1 and no reasons.  So has a 404 or 410 that the site itself sent: it is a true answer, there is just no article in it;
        a caller looks at the status before it compares.
    """
    findings = list(_findings(Look(snapshot, version), previous))
    if not findings:
        return Capture()
    return Capture(
        quality=min(finding.quality for finding in findings),
        suspect=True,
        reasons=tuple(dict.fromkeys(finding.reason for finding in findings)),
        gone=next((finding.gone for finding in findings if finding.gone), None),
    )


def _findings(look: Look, previous: Version | None) -> Iterator[Finding]:
    yield from judge_response(look)
    if look.version is not None and look.version.plain_text:
        return
    wall = find_wall(look)
    if wall:
        yield wall
    elif look.is_gone:
        return
    elif look.version is None or not (look.version.paragraphs or look.version.captions):
        yield Finding(
            0.1, "No text was found in the page: it is empty, drawn by a script, or in a layout that is not known"
        )
    elif previous is not None and not previous.plain_text:
        yield from compare_with_previous(look, look.version, previous)
