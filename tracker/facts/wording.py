"""Say in one plain sentence what a fact is: for a reader who has not seen the texts.

Computes only.
"""

from __future__ import annotations

from tracker.models import Kind, Status

_WHAT: dict[Kind, str] = {
    "location": "where it happened", "attribution": "who did it", "sourcing": "who says so", "number": "a number", "time": "when it happened", "identity": "who or what is named",
    "certainty": "how sure it is, or how far it has come", "quote": "the words quoted", "event": "what happened", "headline": "the headline", "notice": "a note about the article itself",
}  # fmt: skip
_LONGEST_VALUE = 90  # characters of a value within a reason


def reason(
    kind: Kind,
    status: Status,
    old: str | None,
    new: str | None,
    *,
    counted: str | None = None,
    source: str | None = None,
    standing: int | None = None,
) -> str:
    """One plain sentence about a change."""
    what = _WHAT[kind]
    if kind == "number" and counted:
        what = f"a number ({counted})"
    if status == "replaced":
        text = f"The new version changes {what}: {_short(new)} instead of {_short(old)}"
    elif status == "conflicts":
        text = f"The new version adds {_short(new)} for {what}, while {_short(old)} still stands"
        text += f" in sentence {standing + 1}" if standing is not None else ""
    elif status == "added":
        text = f"The new version states {what} for the first time: {_short(new)}"
    else:
        text = f"The new version no longer states {what}: {_short(old)}"
    if source:
        text += f" (according to {source})"
    return text + "."


def _short(value: str | None) -> str:
    text = " ".join((value or "").split())
    return f"“{text}”" if len(text) <= _LONGEST_VALUE else f"“{text[:_LONGEST_VALUE].rstrip()}…”"
