"""Look at the head of an XML document without reading the rest.

Documents that declare entities are refused: nobody needs to in a feed, and a few lines of them unfold to gigabytes or name files of this machine.

Computes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from tracker.errors import InputError


@dataclass(frozen=True, slots=True)
class Root:
    """The first element of a document."""

    name: str  # without the prefix, in lower case
    namespace: str = ""


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
