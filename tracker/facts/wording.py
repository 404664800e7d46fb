"""Say in one plain sentence what a fact is: for a reader who has not seen the texts.

Computes only.
"""

from __future__ import annotations

from tracker.models import Kind, Status, Text

_NOUN: dict[Kind, tuple[str, str]] = {
    "location": ("a", "place"),
    "attribution": ("an", "account of who did it"),
    "sourcing": ("a", "source"),
    "number": ("a", "number"),
    "time": ("a", "time"),
    "identity": ("a", "name or description"),
    "certainty": ("a", "degree of certainty"),
    "quote": ("a", "quotation"),
    "event": ("an", "event"),
    "headline": ("a", "headline"),
    "notice": ("a", "note about the article itself"),
}
_LONGEST_VALUE = 90  # characters of a value within a reason


def reason(
    kind: Kind,
    status: Status,
    old: str | None,
    new: str | None,
    *,
    counted: str | None = None,
    source: str | None = None,
    standing: str | None = None,
) -> str:
    """One plain sentence about a change; `standing` is the `place` where the old value was left."""
    article, noun = _NOUN[kind]
    if kind == "number" and counted:
        noun = f"{noun} ({counted})"
    according = f", according to {_within(source)}" if source else ""
    if status == "replaced":
        return f"The {noun} changed from {_short(old)} to {_short(new)}{according}."
    if status == "conflicts":
        where = f" in {standing}" if standing else ""
        return (
            f"The new version adds {article} {noun}, {_short(new)}{according}, but {_short(old)} still stands{where}."
        )
    if status == "added":
        return f"The new version adds {article} {noun}: {_short(new)}{according}."
    return f"The new version drops {article} {noun}: {_short(old)}."


def place(text: Text, sentence: int) -> str:
    """Say where a sentence stands, as a reader counts: "the headline", "paragraph 4"."""
    paragraph = text.paragraph_of[sentence]
    if not text.headline:
        return f"paragraph {paragraph + 1}"
    return f"paragraph {paragraph}" if paragraph else "the headline"


def _within(source: str) -> str:
    """A name as it stands within a sentence: "A court" → "a court"."""
    first, _, rest = source.partition(" ")
    return f"{first.lower()} {rest}" if first in ("A", "An", "The") and rest else source


def _short(value: str | None) -> str:
    text = " ".join((value or "").split())
    return f"“{text}”" if len(text) <= _LONGEST_VALUE else f"“{text[:_LONGEST_VALUE].rstrip()}…”"
