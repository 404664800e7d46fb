"""Turn the bytes of a response into text and a tree, once; everything else reads from here.

The charset is the declared one (header, byte order mark, `<meta>`), unless the bytes are well-formed UTF-8: text in another encoding is never that by accident,
and pages that were converted without changing their declaration are common.  Guessing comes last.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import charset_normalizer
from lxml import html
from w3lib.encoding import (
    html_body_declared_encoding,
    html_to_unicode,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)

from tracker.errors import ExtractError
from tracker.extract.links import WEB
from tracker.extract.metadata import Metadata, read_metadata
from tracker.models import Snapshot

Element = Any  # an lxml element; lxml ships no types

_SINGLE_BYTE = re.compile(r"^(?:cp125\d|iso8859[-_]\d+|latin[-_]?1|ascii|utf-8)$")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")  # not allowed in an XML tree
_MOJIBAKE = re.compile("[ÃÂâäåæÐÑ][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")  # UTF-8 read as Windows-1252 has such pairs
_WEB_ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "koi8_r",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]
_DEEPEST = html.etree.XPath("/*" * 150)  # the deepest of 613 article pages has 42 levels
_GUESS_FROM = 20_000  # bytes: the guess is made on the part that has the text, and takes 10 ms for these


@dataclass(slots=True)
class Page:
    """A parsed page: one tree that body, metadata and publisher rules share."""

    address: str
    fetched_at: datetime
    text: str
    tree: Element
    metadata: Metadata = field(default_factory=Metadata)
    base: str = ""  # what its links are relative to


def parse_page(snapshot: Snapshot) -> Page:
    """Decode and parse the page, and read the metadata that it carries.

    Raises:
        ExtractError: There is nothing to parse.
    """
    text = _CONTROL.sub("", decode(snapshot))
    if not text.strip():
        raise ExtractError(f"{snapshot.address} sent an empty body: there is no text to extract")
    parser = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = html.document_fromstring(_XML_DECLARATION.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (html.etree.ParserError, html.etree.XMLSyntaxError) as error:
        raise ExtractError(f"{snapshot.address} is not a page that can be parsed: there is no element in it") from error
    _flatten(tree)
    metadata = read_metadata(tree, snapshot.address)
    base = _base(tree, snapshot.address, metadata.canonical_url)
    return Page(snapshot.address, snapshot.fetched_at, text, tree, metadata, base)


def _base(tree: Element, address: str, canonical_url: str) -> str:
    """Say what links are relative to: of a saved page whose address nobody gave, the address that it declares."""
    element = tree.find(".//base[@href]")
    address = address if address.startswith(WEB) else canonical_url
    try:
        return address if element is None else urljoin(address, element.get("href").strip())
    except ValueError:
        return address


def _flatten(tree: Element) -> None:
    """Make plain text of what is nested deeper than any page that people read: nesting without end stops everything that recurses."""
    for element in _DEEPEST(tree):
        text = " ".join(element.itertext())
        del element[:]
        element.text = text


def decode(snapshot: Snapshot) -> str:
    """Decode the body: UTF-8 where it is well-formed, else as declared, else as guessed."""
    body, content_type = snapshot.body, snapshot.header("Content-Type") or ""
    declared = read_bom(body)[0] or http_content_type_encoding(content_type) or html_body_declared_encoding(body[:8192])
    if declared is None or _SINGLE_BYTE.match(declared):
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if declared == "utf-8" and _is_slip(body, error):
                return body.decode("utf-8-sig", "replace")
    if declared == "utf-8":
        return _decode_guessed(body)
    return html_to_unicode(content_type, body, auto_detect_fun=_guess_encoding, default_encoding="cp1252")[1]


def repair(text: str) -> str:
    """Undo mojibake; a text that shows no sign of it is returned as it is."""
    if not _MOJIBAKE.search(text):
        return text
    import ftfy  # rarely needed, and slow to import

    return ftfy.fix_encoding(text)


def _is_slip(body: bytes, error: UnicodeDecodeError) -> bool:
    """Say whether only a few bytes are broken (a page cut inside a character, one pasted byte)."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    return error.start > 0 and broken * 20 <= sum(byte >= 0x80 for byte in body)


def _decode_guessed(body: bytes) -> str:
    return body.decode(_guess_encoding(body) or "cp1252", "replace")


def _guess_encoding(body: bytes) -> str | None:
    first = next((i for i, byte in enumerate(body) if byte >= 0x80), 0)
    best = charset_normalizer.from_bytes(
        body[max(0, first - 200) : first + _GUESS_FROM], cp_isolation=_WEB_ENCODINGS
    ).best()
    return resolve_encoding(best.encoding) if best else None
