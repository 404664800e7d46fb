"""Rules for publishers that the general extractor does not read well, with the dates of their layouts.

How to add a publisher:

1. Look first at what the general extractor makes of a page: `tracker extract page.html`.  A rule is worth its keep only where that loses or adds text.
   Where only the headline is taken from the wrong place, name the host in `headlines.py` and be done.
2. Write `publishers/<name>.py` after `courier.py`: one function a layout, which takes a page and returns a version.  Begin with `read_page(page)` and replace the
   fields that it gets wrong, or read everything from `soup_of(page)` as `tagblatt.py` does.  A layout that is not recognised raises `LayoutError`; the general extractor then reads the page.
3. End the file with `LAYOUTS`, oldest first: each with the last day on which the site served it, the newest with None.  Snapshots of before a redesign stay readable so.
4. Name the host below, and add one page a layout, written by hand or with its licence, to `tests/data/pages/<name>/` with what is to be read in it beside it.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from urllib.parse import urlsplit

from tracker.extract.publishers.interface import Layout, LayoutError

__all__ = ["PUBLISHERS", "Layout", "LayoutError", "find_layout", "layouts_of"]

PUBLISHERS: Mapping[str, str] = {"courier.example": "courier", "tagblatt.example": "tagblatt"}
"""Host → the module here with its rules, which is imported when one of its pages is there."""


def find_layout(address: str, fetched_at: datetime) -> Layout | None:
    """Find the layout that a host, or the host that it is a part of, had on a day; None for a host without rules."""
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    while host:
        if host in PUBLISHERS:
            return next((layout for layout in layouts_of(host) if layout.covers(fetched_at.date())), None)
        host = host.partition(".")[2]
    return None


@cache
def layouts_of(host: str) -> Sequence[Layout]:
    """Give the layouts of a host that has rules."""
    layouts: Sequence[Layout] = import_module(f"{__name__}.{PUBLISHERS[host]}").LAYOUTS
    return layouts
