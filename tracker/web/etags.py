"""Whether what a reader has is still so (RFC 9110, section 13).

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from tracker import __version__


@dataclass(frozen=True, slots=True)
class Same:
    """The name of a state, and the answer to someone who has it already."""

    etag: str
    response: Response | None


def unchanged(request: Request, state: Iterable[str]) -> Same:
    """Name a state, and ask whether the reader has it."""
    digest = sha256("\n".join([__version__, *state]).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    etag = f'W/"{digest}"'
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    same = "*" in known or f'"{digest}"' in known
    return Same(etag, Response(status_code=304, headers={"etag": etag}) if same else None)
