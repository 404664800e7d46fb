"""What a publisher's rule is.

Computes only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tracker.errors import ExtractError
from tracker.extract.blocks import clean
from tracker.extract.page import Page

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
from tracker.models import Version


class LayoutError(ExtractError):
    """The page is not in this layout: the general extractor reads it instead."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of a publisher."""

    name: str  # "courier/2": kept with every version that it reads
    extract: Callable[[Page], Version]
    valid_until: date | None = None  # the last day on which the site served it; None while it does

    def covers(self, day: date) -> bool:
        """Say whether the site had this layout on a day, or a later one: layouts are asked oldest first."""
        return self.valid_until is None or day <= self.valid_until


def soup_of(page: Page) -> BeautifulSoup:
    """Parse the page anew, for rules that select by class."""
    from bs4 import BeautifulSoup  # for the few publishers that are read so

    return BeautifulSoup(page.text, "lxml")


def texts_of(soup: Tag, selector: str) -> tuple[str, ...]:
    """List the texts of the elements that a CSS selector finds, without the empty ones."""
    return tuple(text for text in (clean(element.get_text()) for element in soup.select(selector)) if text)
