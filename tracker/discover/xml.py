"""Look at an XML document before a lenient parser gets it.

Documents that declare entities are refused: nobody needs to in a feed, and a few lines of them unfold to gigabytes or name files of this machine.
So are those whose shape has no purpose but to keep a parser busy: feedparser took four minutes for one megabyte of attributes.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from tracker.errors import InputError


@dataclass(frozen=True, slots=True)
class Root:
    """The first element of a document."""

    name: str  # without the prefix, in lower case
    namespace: str = ""


DEEPEST: Final = 100  # elements inside one another; XHTML in a feed has some twenty
MOST_ATTRIBUTES: Final = 1000  # of one element
SALVAGED: Final = 500_000  # bytes of a broken document that are tried; feedparser needs up to 5 s for them


class _Found(Exception):  # noqa: N818  # no error: it stops the parser
    def __init__(self, root: Root) -> None:
        self.root = root


def root_of(data: bytes) -> Root | None:
    """Name the first element; None where there is none.

    Raises:
        InputError: The document declares entities.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _stop
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data.lstrip(), True)
    except _Found as found:
        return found.root
    except (expat.ExpatError, ValueError, LookupError):  # also an encoding that Python does not know
        return _guess(data)
    return None


def check_shape(data: bytes) -> bytes:
    """Give as much of a document as may be handed to a lenient parser: all of it, or the beginning of one that is broken.

    Raises:
        InputError: The document declares entities, or its shape would keep a parser busy for hours.
    """
    depth = 0

    def enter(_name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST or len(attributes) > 2 * MOST_ATTRIBUTES:
            raise InputError("it is built to keep a reader busy: too deep, or too many attributes")

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data.lstrip(), True)
    except (expat.ExpatError, ValueError, LookupError):
        return _cut(data[:SALVAGED])
    return data


def _cut(data: bytes) -> bytes:
    """Cut a broken feed behind its last whole entry, because half a link is a wrong one."""
    ends = [data.rfind(tag) + len(tag) for tag in (b"</item>", b"</entry>") if tag in data]
    return data[: max(ends)] if ends else data


def _stop(name: str, _attributes: dict[str, str]) -> None:
    namespace, _, local = name.rpartition(" ")
    raise _Found(Root(local.lower(), namespace))


def _refuse(*_declaration: object) -> None:
    raise InputError("it declares entities of its own, which is refused because they can unfold without end")


def _guess(data: bytes) -> Root | None:
    """Name the first element of a document that is broken before or at it."""
    head = data[:65536].replace(b"\0", b"")  # whatever the encoding: element names are ASCII
    if b"<!ENTITY" in head:
        _refuse()
    match = re.search(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)", re.sub(rb"<[!?][^>]*>", b"", head))
    return Root(match[1].decode("ascii", "replace").lower()) if match else None
