"""Find the article's text in a page: which blocks of it, in which order.

trafilatura says which text is the article's; the blocks are then read from the page itself.  So the wording, the order and the borders of paragraphs are the page's own,
repeated paragraphs stay, and notices in places that trafilatura clears (`<aside>`, `<footer>`, a bare `<div>`) are put back where they stand.

Computes only.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from lxml import etree, html
from rapidfuzz import fuzz

from tracker.extract.blocks import EMBEDDED_TAGS, Block, Element, cut_blocks, is_template, squash
from tracker.extract.furniture import (
    drop_furniture,
    is_credit,
    is_furniture_text,
    is_teaser_list_heading,
    is_time_stamp,
)
from tracker.extract.furniture_names import LARGEST_SHARE
from tracker.extract.notices import is_label, is_notice

if TYPE_CHECKING:
    from trafilatura.settings import Document

logging.getLogger("trafilatura").setLevel(
    logging.CRITICAL
)  # its warnings name no page; what they say is said by our own errors

SHORT = 24  # letters: a shorter text can stand anywhere by chance, so it must be a block of trafilatura's too
ENDS = (
    40  # letters compared at either end of a block when its middle differs (an inline element that trafilatura clears)
)
SENTENCE = 60  # letters: about ten words
LINKED = 0.9  # of a block's characters: it is a link, not a sentence with one
MOST = 0.9  # of the text that was kept
SAME = 90  # of 100: rapidfuzz ratio of a paragraph and the description that repeats it, cut short or not
_BY = re.compile(r"^\W*(?:by|von|par|por|door|text|words|story by|written by|autor|author)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_PLACEHOLDER = re.compile(r"\{\{|<%|\$\{|\{%")  # of a template that waits for data
MOST_ELEMENTS = (
    20_000  # twice the most of 613 article pages; trafilatura takes the square of the time, so of more all text is read
)
TEMPLATE = 500  # characters: the text of a shorter one is no article
_PIECES = ("p", "head", "quote", "item", "row", "cell", "code")  # of trafilatura's result
_BESIDE_TEXT = frozenset(("form", "dialog", "aside", "nav", "footer", "figure"))
_CODE_TAGS = ("script", "style", "link", "meta")


@dataclass(slots=True)
class Body:
    """What was found."""

    paragraphs: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    links: list[str] | None = None  # of the paragraphs, as the page has them; None: not read


@dataclass(slots=True)
class Hints:
    """What the page's metadata says of the text."""

    headline: str = ""
    byline: Sequence[str] = ()
    standfirst: Sequence[str] = ()  # descriptions: a paragraph above the body that says the same is of the article
    article_body: str = ""
    language: str | None = None  # for the notices


def read_body(tree: Element, hints: Hints) -> Body:
    """Read the article's paragraphs, captions and notices.  The tree is changed."""
    root = tree.find("body")
    root = tree if root is None else root
    _open_templates(root)
    _strip_embedded(root)
    drop_furniture(root, len("".join(root.itertext())))
    found = _Found(tree, squash(hints.article_body))
    blocks = cut_blocks(root)
    kept = [found.holds(block) for block in blocks]
    article = _article_element(itertools.compress(blocks, kept))
    inside = set(article.iter()) if article is not None else set()
    kept = _settle(blocks, kept, inside, hints)
    return _collect(blocks, kept, inside, hints.language)


def _open_templates(root: Element) -> None:
    """Put text that the page's own script would show where it stands: Blogger sends a post as `<script type="text/template">`."""
    for script in list(root.iter("script")):
        source = script.text or ""
        if is_template(script) and len(source) > TEMPLATE and not _PLACEHOLDER.search(source):
            script.addnext(html.fragment_fromstring(source, create_parent="div"))


def _strip_embedded(root: Element) -> None:
    """Remove what shows no text; an element that was left open and so holds the whole page is opened up instead."""
    etree.strip_elements(root, *_CODE_TAGS, with_tail=False)
    length = len("".join(root.itertext()))
    for element in list(root.iter(*EMBEDDED_TAGS)):
        if len("".join(element.itertext())) * 2 > length:
            element.drop_tag()
    etree.strip_elements(root, *EMBEDDED_TAGS, with_tail=False)


class _Found:
    """The letters of the text that is known to be the article's."""

    def __init__(self, tree: Element, known: str) -> None:
        self.is_all = next(itertools.islice(tree.iter(), MOST_ELEMENTS, None), None) is not None
        body = None if self.is_all else _main_text(tree)
        elements = [] if body is None else list(body.iter(*_PIECES))
        self.pieces = {squash("".join(element.itertext())) for element in elements}
        self.text = ("" if body is None else squash("".join(body.itertext()))) + "\n" + known

    def holds(self, block: Block) -> bool:
        """Say whether a block is of the article."""
        key = block.key
        if self.is_all:
            return not _is_link(block)
        if key in self.pieces:
            return True
        if len(key) < SHORT or _is_link(block):
            return False
        return key in self.text or (len(key) > 2 * ENDS and key[:ENDS] in self.text and key[-ENDS:] in self.text)


def _main_text(tree: Element) -> Element | None:
    """Ask trafilatura which text is the article's."""
    # Half of the time that it takes to import the extractor, and a quick look needs none of it.
    from trafilatura import bare_extraction
    from trafilatura.settings import Extractor

    document = cast("Document | None", bare_extraction(tree, options=Extractor(comments=False, tables=True)))
    return document.body if document is not None else None


def _article_element(blocks: Iterable[Block]) -> Element | None:
    """Find the smallest element that holds nearly all of the text that was kept."""
    blocks = list(blocks)
    total = sum(len(block.key) for block in blocks)
    lengths: dict[Element, int] = {}
    for block in blocks:
        for element in (block.element, *block.element.iterancestors()):
            lengths[element] = lengths.get(element, 0) + len(block.key)
    fitting = [element for element, length in lengths.items() if length >= MOST * total]
    return max(fitting, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _settle(blocks: list[Block], chosen: list[bool], inside: set[Element], hints: Hints) -> list[bool]:
    """Correct what trafilatura chose, block by block."""
    within = [block.element in inside for block in blocks]
    keys = {block.key for block, keep, near in zip(blocks, chosen, within, strict=True) if keep and near}
    rows = Counter(_row(block) for block in itertools.compress(blocks, chosen) if len(block.key) >= SENTENCE)
    lists = _kept_lists(blocks, chosen)
    skipped = _other_lists(blocks, chosen, inside)
    first = next(
        (position for position, (keep, near) in enumerate(zip(chosen, within, strict=True)) if keep and near), 0
    )
    below = _below_headline(blocks[:first], squash(hints.headline))
    settled = []
    for position, block in enumerate(blocks):
        keep = chosen[position]
        if keep:
            # Outside of the article's element a copy is a teaser or a version for print, and a line that is a link belongs to a menu.
            keep = within[position] or not (block.key in keys or _is_link(block))
        elif block.kind in ("paragraph", "quote", "item"):
            keep = (within[position] and (_is_in_row(block, rows) or block.element.getparent() in lists)) or (
                position < first and (position in below or _is_standfirst(block, hints.standfirst))
            )
        elif block.kind == "heading":
            keep = position < first and _is_standfirst(block, hints.standfirst)
        settled.append(keep and block.element not in skipped and not _is_apart(block, hints))
    return _with_headings(blocks, settled, skipped, hints)


def _is_link(block: Block) -> bool:
    return block.link_length >= LINKED * len(block.text)


def _kept_lists(blocks: list[Block], chosen: list[bool]) -> set[Element]:
    """List the lists of which most items are the article's: the others are too short to be known, and belong to it as well."""
    items = Counter(block.element.getparent() for block in blocks if block.element.tag == "li" and not _is_link(block))
    known = Counter(
        block.element.getparent()
        for block, keep in zip(blocks, chosen, strict=True)
        if keep and block.element.tag == "li"
    )
    return {element for element, count in known.items() if count * 2 >= items[element]}


def _row(block: Block) -> tuple[str | None, ...]:
    """Name what paragraphs of one text have in common: their tag and class, and those of what holds them."""
    parent = block.element.getparent()
    return (
        block.element.tag,
        block.element.get("class"),
        parent.tag if parent is not None else None,
        parent.get("class") if parent is not None else None,
    )


def _is_in_row(block: Block, rows: Counter[tuple[str | None, ...]]) -> bool:
    """Say whether an unlinked paragraph stands in a row with several of the article's."""
    return (
        block.element.tag == "p"
        and len(block.key) >= SENTENCE
        and block.link_length * 4 < len(block.text)
        and rows[_row(block)] >= 3
    )


def _with_headings(blocks: list[Block], kept: list[bool], skipped: set[Element], hints: Hints) -> list[bool]:
    """Keep a crosshead whose paragraph is kept: the two have one parent."""
    pairs = zip(itertools.pairwise(blocks), itertools.pairwise(kept), strict=True)
    found = [
        keep
        or (
            after_keep
            and block.kind == "heading"
            and block.element.tag != "h1"
            and block.element.getparent() is after.element.getparent()
            and block.element not in skipped
            and not _is_apart(block, hints)
        )
        for (block, after), (keep, after_keep) in pairs
    ]
    return [*found, *kept[-1:]]


def _is_standfirst(block: Block, descriptions: Sequence[str]) -> bool:
    return len(block.key) >= SENTENCE and any(
        fuzz.ratio(block.text, description) >= SAME for description in descriptions
    )


def _below_headline(blocks: Sequence[Block], headline: str) -> set[int]:
    """List the positions of whole sentences between the headline and the text: a standfirst that no description repeats, or points."""
    headings = [
        position
        for position, block in enumerate(blocks)
        if block.element.tag == "h1" or (headline and block.kind == "heading" and headline in block.key)
    ]
    return {
        position
        for position, block in enumerate(blocks)
        if headings
        and position > headings[-1]
        and len(block.key) >= SENTENCE
        and block.link_length * 4 < len(block.text)
        and _SENTENCE_END.search(block.text)
        and not any(element.tag in _BESIDE_TEXT for element in itertools.islice(block.element.iterancestors(), 8))
    }


def _is_apart(block: Block, hints: Hints) -> bool:
    """Say whether a block is no part of the text: furniture, headline, byline, date, credit, a link to another article."""
    text = block.text
    if is_furniture_text(text, block.link_length) or is_time_stamp(text) or is_credit(text):
        return True
    if _is_in_headline(block, squash(hints.headline)):
        return True
    if len(text) <= 90 and _BY.match(text) and any(squash(name) in block.key for name in hints.byline):
        return True
    return (
        block.kind != "heading"
        and _is_link(block)
        and len(text) > SHORT
        and not _SENTENCE_END.search(text)
        and not text.startswith(("http://", "https://", "www."))
    )


def _is_in_headline(block: Block, headline: str) -> bool:
    """Say whether a block is the headline or, inside the same heading, the line above or below it."""
    headings = (element for element in (block.element, *block.element.iterancestors()) if element.tag in ("h1", "h2"))
    heading = next(headings, None)
    if heading is None or not headline:
        return False
    return block.key == headline or headline in squash("".join(heading.itertext()))


def _other_lists(blocks: list[Block], kept: list[bool], inside: set[Element]) -> set[Element]:
    """List the elements of sections that open with a heading such as "Related articles".

    The section is the largest element that begins with the heading.  A heading in a row with the article's paragraphs opens none: only the links that follow go with it.
    """
    skipped: set[Element] = set()
    paragraphs = {
        block.element: block for block, keep in zip(blocks, kept, strict=True) if keep and len(block.key) >= SENTENCE
    }
    total = sum(len(block.key) for block in itertools.compress(blocks, kept))
    rows: Counter[tuple[str | None, ...]] = Counter()  # of the paragraphs above
    before = None
    for block in blocks:
        if is_teaser_list_heading(block.text) and block.element not in skipped and block.element in inside:
            members = _section_of(block.element, before, paragraphs, rows)
            if sum(len(paragraphs[member].key) for member in members if member in paragraphs) <= LARGEST_SHARE * total:
                skipped |= members
        if block.element in paragraphs and block.element not in skipped:
            rows[_row(block)] += 1
        before = block.element
    return skipped


def _section_of(
    heading: Element, before: Element | None, paragraphs: dict[Element, Block], rows: Counter[tuple[str | None, ...]]
) -> set[Element]:
    """List the largest element that begins with a heading: it holds nothing of the block before, and no paragraph like several above."""
    occupied = {before, *before.iterancestors()} if before is not None else set()
    section = set(heading.iter())
    for ancestor in itertools.takewhile(lambda element: element not in occupied, heading.iterancestors()):
        members = set(ancestor.iter())
        if any(member in paragraphs and rows[_row(paragraphs[member])] > 1 for member in members):
            break
        section = members
    return section


def _article_around(blocks: list[Block], kept: list[bool]) -> Element | None:
    """Find the <article> that holds the text: its lead picture, whose caption belongs to it, often stands before the text's own element."""
    first = next(itertools.compress(blocks, kept), None)
    return next(first.element.iterancestors("article"), None) if first is not None else None


def _is_own_anchor(block: Block) -> bool:
    """Say whether a heading is a link to itself."""
    return block.kind == "heading" and all(link.startswith("#") for link in block.links)


def _collect(blocks: list[Block], kept: list[bool], inside: set[Element], language: str | None) -> Body:
    body = Body()
    links: list[str] = []
    after_label = False
    whole = _article_around(blocks, kept)
    for block, keep in zip(blocks, kept, strict=True):
        within = block.element in inside
        if block.kind == "caption":
            if within or (whole is not None and whole in block.element.iterancestors()):
                body.captions.append(block.text)
            continue
        notice = within and (after_label or is_notice(block.text, language))
        after_label = notice and is_label(block.text)
        if notice:
            body.notices.append(block.text)
        if notice or keep:
            body.paragraphs.append(block.text)
            links += () if _is_own_anchor(block) else block.links
    return replace(body, links=links)
