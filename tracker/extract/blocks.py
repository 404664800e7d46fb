"""Cut a page into blocks of text: what a reader sees as one paragraph, heading, list item, caption or table row.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

Element = Any  # an lxml element; lxml ships no types
Kind = Literal["paragraph", "heading", "item", "quote", "caption", "row"]

BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
SKIPPED_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "canvas",
        "map",
        "select",
        "option",
        "button",
        "input",
        "textarea",
        "label",
        "head",
        "meta",
        "link",
        "picture",
        "source",
        "img",
        "track",
        "progress",
        "datalist",
        "output",
        "menu",
        "rp",
        "rt",
    ]
)
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "summary"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "item"),
    "blockquote": "quote",
    "figcaption": "caption",
    "tr": "row",
}
_FLOWING_TAGS = frozenset(
    ["p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "address", "pre"]
)  # a single `<br>` does not end these
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:caption|captiontext|bildunterschrift|image-?caption|photo-?caption)(?:$|[\s_-])", re.IGNORECASE
)
_LONGEST_CELL = 120  # characters: a cell with more is a column of a layout, not of a table
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]+")  # soft hyphen, zero-width space and joiner, byte order mark
_SPACE_BEFORE = re.compile(r" +([,.)\]”’])(?=\s|$)")  # not before ":", ";", "!", "?" and "»", where French has one
_NEW_WINDOW = re.compile(  # what a link says to a screen reader
    r"\s*\((?:this link )?(?:opens?|öffnet|s['’]ouvre|se abre|opent)(?: sich)? (?:in|dans|en)(?: einem| einer| a| an| une?|m)? ?(?:neue[mns]?|new|nouvel(?:le)?|nueva|nieuw) (?:fenster|tab|window|fenêtre|onglet|ventana|pestaña|venster|tabblad)\)"
    r"|\s*\(öffnet im neuen fenster\)",
    re.IGNORECASE,
)
_ANCHORS = frozenset(("", "#", "¶", "§", "🔗", "↑", "^", "⁠"))
_NOT_WORD = re.compile(r"[\W_]+")
EMBEDDED_TAGS = (  # dropped with all that is in them
    "noscript",
    "template",
    "svg",
    "iframe",
    "object",
    "embed",
    "select",
    "canvas",
    "map",
    "video",
    "audio",
)


@dataclass(slots=True)
class Block:
    """A run of text and where it stands."""

    element: Element  # the block element that the run lies in
    kind: Kind
    text: str
    link_length: int = 0  # characters of it inside links
    key: str = ""  # its letters and digits alone: for comparing
    links: tuple[str, ...] = ()  # the `href` of each link in it that has words, as the page has it


def squash(text: str) -> str:
    """Reduce a text to its letters and digits."""
    return _NOT_WORD.sub("", text)


def clean(text: str) -> str:
    """Make white space single and drop invisible characters."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def is_hidden(element: Element) -> bool:
    """Say whether a browser would not show this element, or only as an ornament."""
    if element.get("aria-hidden") == "true" and not squash("".join(element.itertext())):
        return True
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style) and _HIDDEN_STYLE.search(style) is not None


def is_template(script: Element) -> bool:
    """Say whether a script is no program but HTML that a program shows."""
    return "template" in (script.get("type") or "").lower()


def _is_anchor(link: Element) -> bool:
    """Say whether a link is the "#" beside a heading."""
    return (link.get("href") or "").startswith("#") and "".join(link.itertext()).strip() in _ANCHORS


def cut_blocks(root: Element) -> list[Block]:
    """List the blocks under an element in reading order."""
    return list(_Cutter().cut(root))


class _Cutter:
    """Walks the tree once, collecting the text between two block boundaries."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.linked = 0
        self.links: list[str] = []
        self.breaks = 0  # of `<br>` in a row

    def cut(self, element: Element, kind: Kind = "paragraph", link: str | None = None) -> Iterator[Block]:
        """Yield the blocks of a block element; `kind` is that of the nearest ancestor that has one, and `link` that of the link around it."""
        kind = "caption" if _is_caption(element) else _KINDS.get(element.tag, kind)
        if kind == "row" and not _is_table_row(element):
            kind = "paragraph"
        self._add(element.text, link=link)
        yield from self._children(element, element, kind, link=link)
        yield from self._flush(element, kind)

    def _children(self, element: Element, owner: Element, kind: Kind, *, link: str | None) -> Iterator[Block]:
        for child in element:
            tag = child.tag
            if (
                not isinstance(tag, str)
                or tag in SKIPPED_TAGS
                or is_hidden(child)
                or (tag == "a" and _is_anchor(child))
            ):
                self._add(" " if tag in ("img", "button", "iframe") else None)
            elif tag == "br":
                yield from self._line_break(owner, kind)
            elif kind == "row" and tag in ("td", "th"):
                self._cell(child)
            elif tag in BLOCK_TAGS:
                yield from self._flush(owner, kind)
                yield from self.cut(child, kind, link)
            else:
                inside = (child.get("href") or "") if tag == "a" else link
                self._add(child.text, link=inside)
                yield from self._children(child, owner, kind, link=inside)
            self._add(child.tail, link=link)

    def _cell(self, cell: Element) -> None:
        if self.parts:
            self.parts.append(" | ")
        for link in cell.iter("a"):
            self.linked += len("".join(link.itertext()))
            self.links.append(link.get("href") or "")
        self.parts.append(" ".join(cell.itertext()))

    def _line_break(self, owner: Element, kind: Kind) -> Iterator[Block]:
        self.breaks += 1
        if self.breaks > 1 or owner.tag not in _FLOWING_TAGS:
            yield from self._flush(owner, kind)
        else:
            self.parts.append(" ")

    def _add(self, text: str | None, *, link: str | None = None) -> None:
        if text:
            self.parts.append(text)
            if not text.isspace():
                self.breaks = 0
                if link is not None:
                    self.linked += len(text)
                    self.links.append(link)

    def _flush(self, owner: Element, kind: Kind) -> Iterator[Block]:
        text = clean("".join(self.parts))
        if "(" in text:
            text = _NEW_WINDOW.sub("", text)
        linked, links = self.linked, tuple(link for link, _ in groupby(self.links))
        self.parts, self.linked, self.links, self.breaks = [], 0, [], 0
        key = squash(text)
        if key:
            yield Block(owner, kind, _SPACE_BEFORE.sub(r"\1", text) if " " in text else text, linked, key, links)


def _is_caption(element: Element) -> bool:
    """Say whether an element's class calls it a picture's caption."""
    names = element.get("class")
    return bool(names) and element.tag in ("div", "p", "dd") and _CAPTION.search(names) is not None


def _is_table_row(row: Element) -> bool:
    """Say whether a `<tr>` holds data: several cells, all short and without blocks of their own."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2:
        return False
    return all(cell.find(".//table") is None and len("".join(cell.itertext())) <= _LONGEST_CELL for cell in cells)
