"""Prove cheaply that an article's text is as it was, although the bytes of its page are not.

Most pages differ at every request: tokens, advertisements, related stories, "7 minutes ago".  The fingerprint of a page leaves out what the extractor leaves out as well: scripts, the
attributes that it does not read, and the elements that it drops for their class.  What it keeps, elements, classes and every text, is all that the extractor sees; so equal fingerprints
mean equal texts, and different ones mean nothing but that the page has to be read in full.

Digits are left out only in short texts of which the last version knows nothing: a counter.  So is where a link leads.  That is why a fingerprint is taken with a version, and is compared only with one that was
taken with the same version.

Computes only.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from tracker.extract.blocks import EMBEDDED_TAGS, Element, is_template, squash
from tracker.extract.furniture_names import FURNITURE_TAGS, LARGEST_SHARE, names_furniture_of
from tracker.extract.links import plain_link
from tracker.extract.metadata import AUTHOR_TAGS, CARD_TAGS, HEADLINE_TAGS
from tracker.extract.page import decode
from tracker.extract.publishers import find_layout
from tracker.models import Snapshot, Version

VERSION = "quick/6"
LONGEST_COUNTER = 80  # characters
LINK_START = 12  # letters of a link that are looked for: what it says to a screen reader follows, and is not read
SURELY = (
    LARGEST_SHARE / 2
)  # of the page's text: furniture with more is kept, since the extractor may keep it when the page shrinks
_META = frozenset(
    (
        *HEADLINE_TAGS,
        *AUTHOR_TAGS,
        *itertools.chain(*CARD_TAGS),
        "og:site_name",
        "application-name",
        "og:description",
        "description",
        "twitter:description",
        "og:locale",
        "og:type",
    )
)
_ATTRIBUTES = frozenset(
    ("class", "id", "role", "itemprop", "rel", "style", "hidden", "aria-hidden")
)  # that decide what is read
_EMBEDDED = frozenset(EMBEDDED_TAGS)
_EMPTY = frozenset(("img", "source", "input", "link", "meta"))
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_DIGIT = re.compile(r"\d")


def fingerprint(snapshot: Snapshot, version: Version) -> str | None:
    """Take a page's fingerprint.

    Args:
        snapshot: What the server sent.
        version: What was last read in full; its words are never taken for a counter.

    Returns:
        A string to compare with that of another capture, taken with the same version; None when only a full extraction can tell.
    """
    is_text = (snapshot.header("Content-Type") or "").lower().startswith("text/plain")
    if snapshot.status != 200 or is_text or find_layout(snapshot.address, snapshot.fetched_at):
        return None
    source = decode(snapshot).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = etree.fromstring(source, parser)
    except etree.LxmlError:
        return None
    body = tree.find("body") if tree is not None else None
    if body is None:
        return None
    known = squash("".join((version.headline or "", *version.paragraphs, *version.captions)))
    digest = hashlib.blake2b(VERSION.encode(), digest_size=20)
    digest.update("\x1e".join(itertools.chain(_declarations(tree), _walk(body, known))).encode("utf-8", "replace"))
    return digest.hexdigest()


def _declarations(tree: Element) -> Iterator[str]:
    """Yield what the page says about itself, without dates."""
    yield tree.get("lang") or ""
    yield tree.findtext(".//title") or ""
    yield from (element.get("href") or "" for element in tree.iter("base"))
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        if name in _META:
            yield f"{name}={element.get('content')}"
    for element in tree.iter("script"):
        if "ld+json" in (element.get("type") or ""):
            yield _MOMENT.sub("", element.text or "")
        elif is_template(element):
            yield element.text or ""


def _walk(body: Element, known: str) -> Iterator[str]:
    """Yield the elements that the extractor may read, in order, their attributes, where each ends, and all texts.

    What is no text begins with a control character, with which no text of a page begins.
    """
    etree.strip_elements(body, "script", "style", with_tail=False)
    most = SURELY * _length(body)
    steps = etree.iterwalk(body, events=("start", "end"))
    dropped = None
    for event, element in steps:
        if event == "end":
            if element is dropped:
                dropped = None
            else:
                yield "\x1f/"
            tail = element.tail
            if tail and element is not body:
                yield _mask(tail, known)
            continue
        tag, attributes = element.tag, element.items()
        if _is_dropped(element, tag, attributes, most):
            dropped = element
            steps.skip_subtree()
            continue
        yield f"\x1f{tag}"
        for name, value in attributes:
            if name in _ATTRIBUTES:
                yield f"\x1f{name}={value}"
        if tag == "a" and (link := _link(element, known)):
            yield f"\x1fhref={link}"
        text = element.text
        if text:
            yield _mask(text, known)


def _is_dropped(element: Element, tag: str, attributes: list[tuple[str, str]], most: float) -> bool:
    """Say whether the extractor is certain not to read an element, whatever is in it."""
    if tag in _EMPTY:
        return True
    if tag in _EMBEDDED:
        return bool(_length(element) <= most)
    return (
        bool(attributes)
        and tag in FURNITURE_TAGS
        and _named(element.get("class") or "", element.get("id") or "", element.get("role") or "")
        and element.find(".//h1") is None
        and _length(element) <= most
    )


_length = etree.XPath("string-length()")  # of all text in an element
_named = lru_cache(maxsize=20_000)(names_furniture_of)


def _link(element: Element, known: str) -> str:
    """Say where a link leads, unless the last version knows nothing of its words: then it is a menu's or another story's."""
    words = squash("".join(element.itertext()) if len(element) else element.text or "")[:LINK_START]
    return plain_link(element.get("href") or "") if words and (words in known or not words.isascii()) else ""


def _mask(text: str, known: str) -> str:
    """Leave the digits out of a counter."""
    if text.isspace():
        return " "  # without it two words may be one
    if len(text) <= LONGEST_COUNTER and _DIGIT.search(text) and squash(text) not in known:
        return _DIGITS.sub("#", text)
    return text
