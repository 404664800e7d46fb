"""Find the article's text in a page: which blocks of it, in which order.

trafilatura says which text is the article's; the blocks are then read from the page itself.  So the wording, the order and the borders of paragraphs are the page's own,
repeated paragraphs stay, and notices in places that trafilatura clears (`<aside>`, `<footer>`, a bare `<div>`) are put back where they stand.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from tracker.extract.blocks import Block, Element, cut_blocks, squash
from tracker.extract.furniture import drop_furniture, is_furniture_text
from tracker.extract.notices import is_label, is_notice

SHORT = 24  # letters: a shorter text can stand anywhere by chance, so it must be a block of trafilatura's too
ENDS = (
    40  # letters compared at either end of a block when its middle differs (an inline element that trafilatura clears)
)
_PIECES = ("p", "head", "quote", "item", "cell", "code")  # of trafilatura's result
_CODE_TAGS = ("script", "style", "link", "meta")
_EMBEDDED_TAGS = ("noscript", "template", "svg", "iframe", "object", "embed", "select", "canvas", "map", "video", "audio")


@dataclass(slots=True)
class Body:
    """What was found."""

    paragraphs: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_body(tree: Element, language: str | None, known_text: str = "") -> Body:
    """Read the article's paragraphs, captions and notices.  The tree is changed.

    Args:
        tree: The parsed page.
        language: ISO 639-1, for the notices.
        known_text: The article's text as the page's own metadata gives it, where it does.
    """
    root = tree.find("body")
    root = tree if root is None else root
    _strip_embedded(root)
    drop_furniture(root, len("".join(root.itertext())))
    found = _Found(tree, squash(known_text))
    blocks = cut_blocks(root)
    kept = [found.holds(block) for block in blocks]
    article = _article_element([block for block, keep in zip(blocks, kept, strict=True) if keep])
    return _assemble(blocks, kept, article, language)


def _strip_embedded(root: Element) -> None:
    """Remove what shows no text; an element that was left open and so holds the whole page is opened up instead."""
    etree.strip_elements(root, *_CODE_TAGS, with_tail=False)
    length = len("".join(root.itertext()))
    for element in list(root.iter(*_EMBEDDED_TAGS)):
        if len("".join(element.itertext())) * 2 > length:
            element.drop_tag()
    etree.strip_elements(root, *_EMBEDDED_TAGS, with_tail=False)


class _Found:
    """The letters of the text that is known to be the article's."""

    def __init__(self, tree: Element, known: str) -> None:
        document = cast("Document | None", bare_extraction(tree, options=Extractor(comments=False, tables=True)))
        body = document.body if document is not None else None
        elements = [] if body is None else list(body.iter(*_PIECES))
        self.pieces = {squash("".join(element.itertext())) for element in elements}
        self.text = ("" if body is None else squash("".join(body.itertext()))) + "\n" + known

    def holds(self, block: Block) -> bool:
        """Say whether a block is of the article."""
        key = block.key
        if key in self.pieces:
            return True
        if len(key) < SHORT:
            return False
        return key in self.text or (len(key) > 2 * ENDS and key[:ENDS] in self.text and key[-ENDS:] in self.text)


def _article_element(blocks: list[Block]) -> Element | None:
    """Find the smallest element that holds nearly all of the text that was kept."""
    total = sum(len(block.key) for block in blocks)
    lengths: dict[Element, int] = {}
    for block in blocks:
        for element in (block.element, *block.element.iterancestors()):
            lengths[element] = lengths.get(element, 0) + len(block.key)
    fitting = [element for element, length in lengths.items() if length >= 0.9 * total]
    return max(fitting, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _assemble(blocks: list[Block], kept: list[bool], article: Element | None, language: str | None) -> Body:
    body = Body()
    inside = set(article.iter()) if article is not None else set()
    inside_keys = {block.key for block, keep in zip(blocks, kept, strict=True) if keep and block.element in inside}
    after_label = False
    for block, keep in zip(blocks, kept, strict=True):
        within = block.element in inside
        if block.kind == "caption":
            if within:
                body.captions.append(block.text)
            continue
        notice = within and (after_label or is_notice(block.text, language))
        if notice:
            body.notices.append(block.text)
        elif not keep or (not within and block.key in inside_keys) or is_furniture_text(block.text, block.link_length):
            continue
        after_label = notice and is_label(block.text)
        body.paragraphs.append(block.text)
    return body
