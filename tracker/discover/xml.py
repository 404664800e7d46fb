"""Walk through XML that strangers wrote.

Documents that declare entities are refused: nobody needs to in a feed, and a few lines of them unfold to gigabytes or name files of this machine.
So are those whose shape has no purpose but to keep a parser busy: feedparser took four minutes for one megabyte of attributes.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from tracker.errors import InputError

DEEPEST: Final = 100  # elements inside one another; XHTML in a feed has some twenty
MOST_ATTRIBUTES: Final = 1000  # of one element
LONGEST_TAG: Final = 100_000  # bytes; expat makes all its attributes before it lets anybody see them
SALVAGED: Final = 500_000  # bytes of a broken document that are tried; feedparser needs up to 5 s for them


class Stop(Exception):  # noqa: N818  # no error: it ends a walk
    """Raised by a handler that has seen enough."""


def _ignore(_text: str) -> None:
    """Take no notice."""


def walk(
    data: bytes,
    on_start: Callable[[str], None] = _ignore,
    on_end: Callable[[str], None] = _ignore,
    on_text: Callable[[str], None] | None = None,
) -> bool:
    """Tell of the elements of a document, by names without prefix, and of the text in them.

    Returns:
        Whether the document is well-formed as far as somebody wanted to see; what came before a fault was told.

    Raises:
        InputError: It declares entities, or its shape would keep a parser busy for hours.
    """
    depth = 0

    def enter(name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST or len(attributes) > 2 * MOST_ATTRIBUTES:
            _refuse_shape()
        on_start(name.rpartition(":")[2])

    def leave(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name.rpartition(":")[2])

    if re.search(rb"<[^<>]{%d}" % LONGEST_TAG, data):
        _refuse_shape()
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.CharacterDataHandler = on_text
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(data.lstrip(), True)
    except Stop:
        return True
    except (expat.ExpatError, ValueError, LookupError):  # also an encoding that Python does not know
        return False
    return True


def _refuse_shape() -> None:
    raise InputError("it is built to keep a reader busy: too deep, or too many attributes")


def _refuse_entities(*_declaration: object) -> None:
    raise InputError("it declares entities of its own, which is refused because they can unfold without end")


def root_of(data: bytes) -> str | None:
    """Name the first element, without prefix and in lower case; None where there is none.

    Raises:
        InputError: As `walk`.
    """
    names: list[str] = []

    def take(name: str) -> None:
        names.append(name.lower())
        raise Stop

    if walk(data, take) or names:
        return names[0] if names else None
    return _guess(data)


def _guess(data: bytes) -> str | None:
    """Name the first element of a document that is broken before or at it."""
    head = data[:65536].replace(b"\0", b"")  # whatever the encoding: element names are ASCII
    if b"<!ENTITY" in head:
        _refuse_entities()
    match = re.search(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)", re.sub(rb"<[!?][^>]*>", b"", head))
    return match[1].decode("ascii", "replace").lower() if match else None


def check_shape(data: bytes) -> bytes:
    """Give as much of a feed as may be handed to a lenient parser: all of it, or the beginning of one that is broken.

    Raises:
        InputError: As `walk`.
    """
    if walk(data):
        return data
    data = data[:SALVAGED]
    # Up to the last whole entry, because half a link is a wrong one.
    ends = [data.rfind(tag) + len(tag) for tag in (b"</item>", b"</entry>") if tag in data]
    return data[: max(ends)] if ends else data
