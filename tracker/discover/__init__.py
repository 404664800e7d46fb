"""Addresses of articles, out of what a site lists: feeds, sitemaps, section pages, and the lists that people keep.

`recognize` says which of them a response is; one file for each kind of list reads it.

Computes only.
"""

from tracker.discover.entries import Entry, Listing
from tracker.discover.feed import read_feed
from tracker.discover.lists import read_list, read_opml
from tracker.discover.recognize import recognize
from tracker.discover.section import read_section
from tracker.discover.sitemap import read_sitemap

__all__ = ["Entry", "Listing", "read_feed", "read_list", "read_opml", "read_section", "read_sitemap", "recognize"]
