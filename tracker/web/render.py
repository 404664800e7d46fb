"""Pages from templates: everything is escaped, and every text of a stranger's is made printable and cut to what anybody reads.

Computes only (the templates are read from this package).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tracker.catalog.listing import ListedChange
from tracker.models import Change, Verdict
from tracker.report import words
from tracker.web.filters import describe

VERDICTS: Final[Mapping[Verdict | None, str]] = {
    "substantive": "Substantive",
    "minor": "Minor",
    "cosmetic": "Cosmetic",
    "unchanged": "Unchanged",
    "different_story": "Different story",
    None: "Not compared",
}
DISCLOSURES: Final = {"disclosed": "disclosed by a note", "dated": "dated, no note", "undisclosed": "silent"}
OWN_VERDICTS: Final = {
    "agree": "I agree",
    "not_substantive": "Not substantive",
    "other_kind": "Another kind of fact",
}
OWN_SHORT: Final = {
    "agree": "you agree",
    "not_substantive": "you: not substantive",
    "other_kind": "you: another kind of fact",
}
LONGEST_HEADLINE: Final = 240  # characters
LONGEST_PIECE: Final = 6_000  # characters shown of one run of words; a paragraph of a novel has 1,000


def page(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """Write a page."""
    state = request.scope.get("state", {})
    more = {
        "form_token": state.get("form_token", ""),
        "signed_in": state.get("signed_in", False),
        "path": request.url.path,
    }
    return HTMLResponse(_environment().get_template(template).render(**more, **values), status, headers)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tracker.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=clean, cut=cut, title=headline, moment=moment, day=words.date, bounds=bounds, iso=iso, thousands=thousands
    )
    environment.globals.update(
        words=words,
        VERDICTS=VERDICTS,
        DISCLOSURES=DISCLOSURES,
        OWN_VERDICTS=OWN_VERDICTS,
        OWN_SHORT=OWN_SHORT,
        KINDS=words.KIND_NAMES,
        describe=describe,
        static=static,
    )
    return environment


# --- filters of the templates ---------------------------------------------------------------------


def clean(text: object) -> str:
    """Make a stranger's text safe to show in a line."""
    return words.printable(str(text))


def cut(text: object, longest: int = LONGEST_PIECE) -> str:
    """Cut what is longer than anybody reads, and say so."""
    whole = str(text)
    if len(whole) <= longest:
        return clean(whole)
    return f"{clean(whole[:longest])}… [{len(whole) - longest:,} more characters; the raw capture has them]"


def headline(text: str | None, otherwise: str = "(no headline)") -> str:
    """Cut a headline for display."""
    return words.shorten(clean((text or "")[: LONGEST_HEADLINE * 4]), LONGEST_HEADLINE) or clean(otherwise)


def moment(at: datetime | None) -> str:
    """Say when; "never" where there is no moment."""
    return words.moment(at) if at else "never"


def bounds(change: ListedChange) -> str:
    """Say between which moments a change was made."""
    return words.bounds(cast(Change, change))  # it has the two moments that are asked for


def iso(at: datetime) -> str:
    """Write a moment for a `time` element."""
    return at.isoformat(timespec="seconds")


def thousands(number: int) -> str:
    """Write a number."""
    return f"{number:,}"


@cache
def static(name: str) -> str:
    """Name a file of ours so that a new one is fetched when it changed."""
    data = (files("tracker.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={sha256(data).hexdigest()[:10]}"
