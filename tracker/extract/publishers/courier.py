"""The Example Courier: read by the general extractor, but for its fact boxes.

Since March 2024 a box "In brief" stands inside the text and repeats it in points; the points are edited on their own, so every edit would be seen twice.

Computes only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tracker.extract.general import read_page
from tracker.extract.page import Page
from tracker.extract.publishers.interface import Layout, soup_of, texts_of
from tracker.models import Version


def read_with_box(page: Page) -> Version:
    """Read the article and leave the points of the box out."""
    points = set(texts_of(soup_of(page), "div.in-brief li, div.in-brief h3"))
    version = read_page(page)
    return replace(version, paragraphs=tuple(text for text in version.paragraphs if text not in points))


LAYOUTS = (
    Layout("courier/1", read_page, valid_until=date(2024, 3, 10)),
    Layout("courier/2", read_with_box),
)
