"""Lists that people keep: OPML files of feeds, out of a feed reader, and plain lists of addresses.

Computes only.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from lxml import etree

from tracker.discover.entries import Collector, Listing
from tracker.discover.xml import root_of
from tracker.errors import AddressError, InputError
from tracker.url import normalize_url


def read_kept(data: bytes, name: str) -> tuple[Literal["feed"] | None, Listing]:
    """List what a file of addresses names, whichever form it has; the content decides.

    Returns:
        What all of it is, where the form says so, and the addresses.

    Raises:
        InputError: It is neither OPML nor a list of addresses.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "feed", read_opml(data, name)
    try:
        return None, read_list(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is neither OPML nor a text in UTF-8 with an address on each line") from error


def read_opml(data: bytes, name: str) -> Listing:
    """List the feeds of an OPML file (opml.org, version 2.0), those in folders included.

    Args:
        data: The file.
        name: What it is called in messages.

    Raises:
        InputError: It is no OPML.
    """
    try:
        root = root_of(data)
    except InputError as error:
        raise InputError(f"{name} cannot be read as OPML: {error}") from error
    if root != "opml":
        raise InputError(f"{name} is not an OPML file: it does not begin with <opml>")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    tree: Any = etree.fromstring(data.lstrip(), parser)
    found = Collector("")
    for outline in tree.iter("{*}outline"):
        feed = {key.lower(): value for key, value in outline.attrib.items()}
        if "xmlurl" in feed:
            found.add(_feed_address(feed["xmlurl"]), feed.get("title") or feed.get("text"))
    return found.listing()


def _feed_address(text: str) -> str | None:
    """Read an address as feed readers write it: also `feed://example.org/a` and `feed:https://example.org/a`."""
    address = re.sub(r"^feed://", "http://", re.sub(r"^feed:(?=https?:)", "", text.strip()))
    try:
        return normalize_url(address)
    except AddressError:
        return None


def read_list(text: str, name: str) -> Listing:
    """List the addresses of a text, one a line; empty lines and what follows a `#` at a line's beginning or after a space are passed over.

    Raises:
        InputError: A line is no address; names the line.
    """
    found = Collector("")
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        address = re.sub(r"(^|\s)#.*", "", line).strip()
        if address:
            try:
                found.add(normalize_url(address))
            except AddressError as error:
                raise InputError(f"{name}, line {number}: {error}") from error
    return found.listing()
