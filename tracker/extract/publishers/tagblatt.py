"""Tagblatt (tagblatt.example): a layout of tables until 2012, marked by comments only; then one with classes of its own.

Computes only.
"""

from __future__ import annotations

from datetime import date

from tracker.extract.byline import split_names
from tracker.extract.moments import parse_moment
from tracker.extract.page import Page
from tracker.extract.plain import find_notices
from tracker.extract.publishers.interface import Layout, LayoutError, soup_of, texts_of
from tracker.models import Version


def read_table(page: Page) -> Version:
    """Read the layout of 2004: headline in bold, date and name in one line, paragraphs as lines of a cell."""
    soup = soup_of(page)
    cell = soup.select_one("td.text")
    headline = texts_of(soup, "td.text > b")
    if cell is None or not headline:
        raise LayoutError(
            f"{page.address} is not in the layout of tagblatt.example before 2012: it has no cell of text"
        )
    lines = [line for line in cell.get_text("\n").split("\n") if line.strip()][len(headline) :]
    dateline, *paragraphs = (" ".join(line.split()) for line in lines)
    day, _, author = dateline.partition(" - ")
    return Version(
        headline=headline[0],
        byline=split_names([author]),
        published_at=parse_moment(day),
        language="de",
        paragraphs=tuple(paragraphs),
        notices=find_notices(paragraphs, "de"),
    )


def read_classes(page: Page) -> Version:
    """Read the layout since 2012."""
    soup = soup_of(page)
    headline, paragraphs = texts_of(soup, "h1.tb-titel"), texts_of(soup, "div.tb-text > p, div.tb-korrektur")
    if not headline or not paragraphs:
        raise LayoutError(
            f"{page.address} is not in the layout of tagblatt.example since 2012: it has no text of class tb-text"
        )
    moments = [parse_moment(str(element.get("datetime", ""))) for element in soup.select("time.tb-zeit")]
    return Version(
        headline=headline[0],
        byline=split_names(texts_of(soup, "span.tb-autor")),
        published_at=next(iter(moments), None),
        updated_at=next(iter(moments[1:]), None),
        section=next(iter(texts_of(soup, "a.tb-ressort")), None),
        language="de",
        paragraphs=paragraphs,
        captions=texts_of(soup, "figcaption.tb-bild"),
        notices=find_notices(paragraphs, "de"),
        canonical_url=page.metadata.canonical_url or None,
    )


LAYOUTS = (
    Layout("tagblatt/1", read_table, valid_until=date(2012, 5, 31)),
    Layout("tagblatt/2", read_classes),
)
