"""Choose who reads a snapshot: a publisher's own rule, the general extractor, or nobody but the decoder for a plain text.

Computes only.
"""

from __future__ import annotations

from dataclasses import replace

from tracker.extract.general import read_page
from tracker.extract.page import decode, parse_page
from tracker.extract.plain import version_from_text
from tracker.extract.publishers import LayoutError, find_layout
from tracker.models import Snapshot, Version


def extract_version(snapshot: Snapshot) -> Version:
    """Read the article in a snapshot.

    Raises:
        ExtractError: There is no text in it at all.
    """
    if (snapshot.header("Content-Type") or "").lower().startswith("text/plain"):
        return version_from_text(decode(snapshot))
    page = parse_page(snapshot)
    layout = find_layout(page.address, snapshot.fetched_at)
    if layout is None:
        return read_page(page)
    try:
        return replace(layout.extract(page), extractor=layout.name)
    except LayoutError:
        return read_page(page)
