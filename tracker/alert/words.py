"""The lines of an alert, in plain English.

Everything that comes from a page is tamed before it is shown: it stays on its line, within its length, in its direction of writing.

Computes only.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from tracker.models import Change, Disclosure, Fact, Judgement, Verdict

FACTS_SHOWN: Final = 5  # what fits on the screen of a telephone without scrolling
VALUE_LENGTH: Final = 160
READ_AT_MOST: Final = 10_000  # characters of a page's text that are looked at for a line

VERDICTS: Final[dict[Verdict | None, str]] = {
    "substantive": "Substantive change",
    "minor": "Minor change",
    "cosmetic": "Cosmetic change",
    "unchanged": "No change",
    "different_story": "Different story",
    None: "Not compared",
}
WITHOUT_FACTS: Final[dict[Verdict | None, str]] = {
    "substantive": "the meaning of the article changed",
    "minor": "information changed, but nothing that alters what happened",
    "cosmetic": "wording or form changed, the meaning did not",
    "unchanged": "nothing but white space and typography differs",
    "different_story": "the address now tells of another event",
    None: "the page that was sent is doubtful",
}
IMPORTANCES: Final = {
    1: "marginal",
    2: "a fact-checker would log it",
    3: "it changes a reader's understanding of what happened",
}
DISCLOSURES: Final[dict[Disclosure, str]] = {
    "disclosed": "The publisher says so in a notice.",
    "dated": "The publisher has no notice of it, but moved the time of the update.",
    "undisclosed": "The publisher does not mention it.",
}
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def fact_lines(change: Change) -> list[str]:
    """Say what changed, a line a fact; without facts, what is to be thought of it."""
    facts = change.comparison.facts
    if not facts:
        verdict = verdict_of(change)
        return [f"{VERDICTS[verdict]}: {WITHOUT_FACTS[verdict]}"]
    more = len(facts) - FACTS_SHOWN
    return [*map(_fact_line, facts[:FACTS_SHOWN]), *([f"and {more} more"] if more > 0 else [])]


def _fact_line(fact: Fact) -> str:
    values = [tame(value, VALUE_LENGTH) for value in (fact.old, fact.new) if value]
    notes = [
        tame(fact.counted or "", VALUE_LENGTH),
        "" if fact.status == "replaced" else fact.status,
        f"source: {tame(fact.source, VALUE_LENGTH)}" if fact.source else "",
    ]
    remark = "; ".join(note for note in notes if note)
    line = f"{fact.kind.capitalize()}: {' → '.join(values) or tame(fact.reason, VALUE_LENGTH)}"
    return f"{line} ({remark})" if remark else line


def judgement_line(judgement: Judgement) -> str:
    """Say the verdict, the importance and the disclosure."""
    importance = IMPORTANCES.get(judgement.importance)
    line = VERDICTS[judgement.verdict]
    if importance:
        line += f", importance {judgement.importance} of 3 ({importance})"
    disclosure = f" {DISCLOSURES[judgement.disclosure]}" if judgement.disclosure else ""
    return f"{line}.{disclosure}"


def when(not_before: datetime, not_after: datetime) -> str:
    """Say what is known of the time of a change: it lies between two captures.

    In whole minutes, the first cut and the second filled up: the change lies between the two, as they are shown.
    """
    first, last = bounds(not_before, not_after)
    return f"Changed between {first} and {last}."


def bounds(not_before: datetime, not_after: datetime) -> tuple[str, str]:
    """Write two moments so that the day is said once where it is one."""
    after = not_before.astimezone(UTC)
    before = not_after.astimezone(UTC) + timedelta(minutes=1, microseconds=-1)
    first = f"{after:%H:%M}" if after.date() == before.date() else f"{after:%H:%M} UTC on {day(after)}"
    return first, f"{before:%H:%M} UTC on {day(before)}"


def day(moment: datetime) -> str:
    """Name a day: "April 9, 2018"."""
    # Not by strftime, whose names of months depend on where the program runs.
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def verdict_of(change: Change) -> Verdict | None:
    """Give the verdict."""
    return change.comparison.judgement.verdict


def headline_of(change: Change) -> str:
    """Give the headline, fit for a line; empty where there is none."""
    return tame(change.new.headline or change.comparison.new.headline or "", VALUE_LENGTH)


def tame(text: str, limit: int) -> str:
    """Make a page's words fit to stand in a line of ours.

    Control characters and line separators become spaces; marks that turn the direction of writing, and lone surrogates, go.
    The joiners U+200C and U+200D stay: Persian and emoji are written with them.
    """
    kept = "".join(_tame_character(character) for character in text[:READ_AT_MOST])
    line = " ".join(kept.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _tame_character(character: str) -> str:
    if character in "\u200c\u200d":
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs", "Co", "Cn") else character
