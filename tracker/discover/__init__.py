"""Addresses of articles, out of what a site lists: feeds, sitemaps, section pages, and the lists that people keep.

`recognize` says which of them a response is; one file for each kind of list reads it.

Computes only.
"""

from tracker.discover.choosing import choose_entries
from tracker.discover.entries import Entry, Listing
from tracker.discover.feed import read_feed
from tracker.discover.lists import read_kept, read_list, read_opml
from tracker.discover.recognize import recognize
from tracker.discover.section import read_section
from tracker.discover.sitemap import read_sitemap

__all__ = [
    "Entry", "Listing", "choose_entries", "read_feed", "read_kept", "read_list", "read_opml", "read_section", "read_sitemap", "recognize",
]  # fmt: skip
