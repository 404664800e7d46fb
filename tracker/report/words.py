"""The plain English that every report, alert and status line shares.

A reader who meets a change as an alert, on the terminal and on paper should meet the same sentences.
Nothing here is escaped for a format: each format does that itself, last.

Computes only.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tracker.fate import sentence
from tracker.models import Change, Comparison, Event, Fact, Kind, Side, StoredSnapshot, StoredVersion, Verdict
from tracker.statistics import NoteLater

KIND_NAMES: Mapping[Kind, str] = {
    "location": "Location",
    "attribution": "Attribution",
    "sourcing": "Sourcing",
    "number": "Number",
    "time": "Time",
    "identity": "Identity",
    "certainty": "Certainty",
    "quote": "Quote",
    "event": "Event",
    "headline": "Headline",
    "notice": "Notice",
}
KIND_QUESTIONS: Mapping[Kind, str] = {
    "location": "where it happened",
    "attribution": "who did it",
    "sourcing": "who says so",
    "number": "how many, how much",
    "time": "when",
    "identity": "who or what exactly",
    "certainty": "how sure",
    "quote": "what was said",
    "event": "what happened",
    "headline": "what the headline says",
    "notice": "the publisher’s own word",
}
_COUNTED: Mapping[Kind, tuple[str, str]] = {
    "location": ("location", "locations"),
    "attribution": ("attribution", "attributions"),
    "sourcing": ("source", "sources"),
    "number": ("number", "numbers"),
    "time": ("time", "times"),
    "identity": ("identity", "identities"),
    "certainty": ("certainty", "certainties"),
    "quote": ("quote", "quotes"),
    "event": ("event", "events"),
    "headline": ("headline", "headlines"),
    "notice": ("notice", "notices"),
}
VERDICT_WORDS: Mapping[Verdict | None, str] = {
    "substantive": "Substantive change",
    "minor": "Minor change",
    "cosmetic": "Cosmetic change",
    "unchanged": "Unchanged",
    "different_story": "Different story",
    None: "Not compared",
}
_VERDICT_MEANINGS: Mapping[Verdict | None, str] = {
    "substantive": "at least one reported fact was changed, withdrawn, contradicted or newly reported",
    "minor": "information changed, but nothing that alters what happened",
    "cosmetic": "other words, the same meaning",
    "unchanged": "nothing differs but white space and typography",
    "different_story": "the two texts are not about the same event",
    None: "the page that was captured does not look like the article",
}
IMPORTANCE_WORDS: Mapping[int, str] = {
    3: "changes the reader’s understanding",
    2: "a fact-checker would log it",
    1: "marginal",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
GIST = 3  # facts that are told before all others
LONGEST_VALUE = 140  # characters of a value in a one-line summary; a tweet of 2006 still reads at a glance


# --- moments --------------------------------------------------------------------------------------


def date(moment: datetime) -> str:
    """Name a day: "April 9, 2018"."""
    at = moment.astimezone(UTC)
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year}"


def moment(at: datetime, *, seconds: bool = False) -> str:
    """Name a moment: "10:41 UTC on April 9, 2018"."""
    clock = at.astimezone(UTC).strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{clock} UTC on {date(at)}"


def bounds(change: Change | Event) -> str:
    """Say when it happened, no more precisely than is known.

    The minutes are rounded outwards, so that the sentence stays true: a capture at 10:56:20 makes it "and 10:57".
    """
    first, last = change.not_before, change.not_after
    if first >= last:  # the two captures are not in order: only the later bound can be trusted
        return f"before {moment(_ceil(last))}"
    first, last = _floor(first), _ceil(last)
    if first.astimezone(UTC).date() == last.astimezone(UTC).date():
        return f"between {first.astimezone(UTC):%H:%M} and {last.astimezone(UTC):%H:%M} UTC on {date(last)}"
    return f"between {moment(first)} and {moment(last)}"


def event_words(event: Event) -> str:
    """Say what became of an article: "Removed: the server answers with status 404, in 3 checks over 26 hours"."""
    return sentence(event)


def event_line(event: Event) -> str:
    """Say what became of an article, and when: "Moved to …, where the old address leads for good, between …"."""
    return f"{sentence(event)} ({bounds(event)})"


def course_words(change: Change) -> str | None:
    """Say what a change is in the course of an article, where it is no step ahead."""
    if change.alternating:
        return f"served in turn with version {change.old.number}"
    return f"back to the text of version {change.reversal_of}" if change.reversal_of else None


def window(change: Change) -> str:
    """Say how long the moment of the change is uncertain: "15 minutes"."""
    return duration(max(_ceil(change.not_after) - _floor(change.not_before), timedelta(0)))


def duration(span: timedelta) -> str:
    """Say a length of time in its two largest units: "2 days 3 hours"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [count(n, unit) for n, unit in ((days, "day"), (hours, "hour"), (minutes, "minute")) if n]
    return " ".join(parts[:2])


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _ceil(at: datetime) -> datetime:
    floor = _floor(at)
    return floor if floor == at else floor + timedelta(minutes=1)


# --- facts ----------------------------------------------------------------------------------------


def fact_line(fact: Fact) -> str:
    """Say one fact in a line: "Location: Darzab → Bal Chiragh (conflicts; source: U.S. Forces Afghanistan)"."""
    notes = [
        fact.counted,
        None if fact.status == "replaced" else fact.status,
        f"source: {fact.source}" if fact.source else None,
    ]
    remark = "; ".join(note for note in notes if note)
    line = f"{KIND_NAMES[fact.kind]}: {fact_values(fact)}"
    return f"{line} ({remark})" if remark else line


def fact_values(fact: Fact) -> str:
    """Say old → new, or the only value that there is."""
    values = [shorten(value) for value in (fact.old, fact.new) if value is not None]
    return arrow(*values).join(values)


def arrow(*values: str) -> str:
    """Give the arrow from old to new.

    Between values that are written from right to left it needs marks of direction, or they would be shown in the wrong order (Unicode Annex 9).
    """
    leftwards = any(unicodedata.bidirectional(character) in ("R", "AL") for value in values for character in value)
    return " \N{LEFT-TO-RIGHT MARK}→\N{LEFT-TO-RIGHT MARK} " if leftwards else " → "


def sureness(confidence: float) -> str:
    """Say a confidence: "93 % sure"; never 100, a program is not certain of what a text means."""
    return f"{min(99, max(0, round(confidence * 100)))}\N{NO-BREAK SPACE}% sure"


def summary(facts: Sequence[Fact]) -> str:
    """Count the facts in a few words: "location, attribution conflicts; 1 number"."""
    conflicting = list(dict.fromkeys(fact.kind for fact in facts if fact.status == "conflicts"))
    others = Counter(fact.kind for fact in facts if fact.status != "conflicts")
    parts = [", ".join(conflicting) + " conflicts"] if conflicting else []
    if others:
        parts.append(", ".join(f"{n} {_COUNTED[kind][n > 1]}" for kind, n in others.items()))
    return "; ".join(parts)


# --- the whole comparison -------------------------------------------------------------------------


def first_line(comparison: Comparison) -> str:
    """Say what changed in one line, the most important fact first."""
    if not comparison.facts:
        return f"{verdict_words(comparison)}: {verdict_meaning(comparison)}"
    more = len(comparison.facts) - 1
    return fact_line(comparison.facts[0]) + (f", and {count(more, 'more fact')}" if more else "")


def gist(comparison: Comparison) -> tuple[str, ...]:
    """Say what changed in a few lines: the facts that weigh most, where the article contradicts itself, and how many more there are."""
    top = [fact for fact in comparison.facts if fact.importance == comparison.judgement.importance][:GIST]
    if not top:
        return (first_line(comparison),)
    more = len(comparison.facts) - len(top)
    lines = [*map(fact_line, top), contradiction(comparison), f"And {count(more, 'more fact')}" if more else ""]
    return tuple(line for line in lines if line)


def contradiction(comparison: Comparison) -> str:
    """Say where an article still says what another part of it contradicts; nothing where it does not."""
    conflicts = (fact.standing_sentence for fact in comparison.facts if fact.status == "conflicts")
    standing = sorted(sentence for sentence in conflicts if sentence is not None)
    if not standing:
        return ""
    places = list(dict.fromkeys(place(comparison.new, sentence) for sentence in standing))
    return f"The article contradicts itself: {listed(places)} still {'says' if len(places) == 1 else 'say'} otherwise"


def verdict_words(comparison: Comparison) -> str:
    """Name the verdict."""
    return VERDICT_WORDS[comparison.judgement.verdict]


def verdict_meaning(comparison: Comparison) -> str:
    """Say what the verdict means."""
    return _VERDICT_MEANINGS[comparison.judgement.verdict]


def verdict_sureness(comparison: Comparison) -> str | None:
    """Say how sure the verdict is: as sure as the surest of the most important facts; None where no fact was found."""
    top = [fact.confidence for fact in comparison.facts if fact.importance == comparison.judgement.importance]
    return sureness(max(top)) if top else None


def importance_words(importance: int) -> str:
    """Say an importance: "importance 3 of 3, changes the reader’s understanding"; nothing where no fact has any."""
    return f"importance {importance} of 3, {IMPORTANCE_WORDS[importance]}" if importance else ""


def disclosure_words(comparison: Comparison, note: NoteLater | None = None) -> str | None:
    """Say whether the publisher told readers of the change, then or by a note that came later; None where that is not asked."""
    told = _disclosure(comparison)
    if told is None or note is None:
        return told
    return f"{told}; a note came {duration(note.after)} later, in version {note.version} (change {note.change_id})"


def _disclosure(comparison: Comparison) -> str | None:
    old, new = comparison.old.updated_at, comparison.new.updated_at
    match comparison.judgement.disclosure:
        case "disclosed":
            return "disclosed by a note"
        case "dated" if new:
            return f"dated, not explained: no note, but the page’s own updated time moved to {moment(new)}"
        case "dated":
            return "dated, not explained: no note, but the page’s own updated time moved"
        case "undisclosed" if new is None:
            return "silent: no note, and the page shows no updated time"
        case "undisclosed" if old == new:
            return "silent: no note, updated time unchanged"
        case "undisclosed":
            return "silent: no note"
    return None


def disclosure_short(comparison: Comparison, note: NoteLater | None = None) -> str | None:
    """Say the same in a few words, for lists."""
    words = {"disclosed": "disclosed by a note", "dated": "dated, no note", "undisclosed": "silent"}
    told = words[comparison.judgement.disclosure] if comparison.judgement.disclosure else None
    return f"{told}, a note {duration(note.after)} later" if told and note else told


def reasons(comparison: Comparison) -> tuple[str, ...]:
    """List why the verdict is what it is, in plain sentences."""
    given = (*comparison.capture.reasons, *comparison.judgement.reasons)
    return tuple(dict.fromkeys(given)) or (f"{verdict_meaning(comparison)}.".capitalize(),)


def standing_words(facts: Sequence[Fact]) -> str:
    """Say what a sentence that was left standing still says: "“Darzab district”, against “Bal Chiragh district”"."""
    return "; ".join(f"“{shorten(fact.old or '')}”, against “{shorten(fact.new or '')}”" for fact in facts)


def new_notices(comparison: Comparison) -> tuple[str, ...]:
    """List the publisher's notes that only the new version has."""
    return tuple(note for note in comparison.new.notices if note not in comparison.old.notices)


def title(comparison: Comparison) -> str | None:
    """Choose the headline to show above a comparison: the new one."""
    return comparison.new.headline or comparison.old.headline


def place(side: Side, sentence: int) -> str:
    """Say where a sentence stands: "the headline", "paragraph 4"."""
    paragraph = side.paragraph_of[sentence]
    if not has_headline(side):
        return f"paragraph {paragraph + 1}"
    return f"paragraph {paragraph}" if paragraph else "the headline"


def has_headline(side: Side) -> bool:
    """Is sentence 0 the headline?"""
    return side.headline is not None and side.sentences[:1] == (side.headline,)


def version_words(version: StoredVersion) -> str:
    """Say which capture shows a version."""
    snapshot = version.snapshot
    taken = "captured" if snapshot.origin else "fetched"
    return (
        f"version {version.number}: snapshot {snapshot.id}, {taken} at {moment(snapshot.fetched_at, seconds=True)}, "
        f"HTTP status {snapshot.status}, {count(snapshot.size, 'byte')}{origin_words(snapshot, before=', ')}"
    )


def origin_words(snapshot: StoredSnapshot, *, before: str = "") -> str:
    """Say where a capture comes from that was imported; nothing for our own."""
    return f"{before}imported from {snapshot.origin}" if snapshot.origin else ""


# --- strings --------------------------------------------------------------------------------------


def count(number: int, noun: str) -> str:
    """Count things: "1 fact", "1,204 facts"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(things: Sequence[str]) -> str:
    """List things as a sentence does: "the headline, paragraph 3 and paragraph 14"."""
    return " and ".join(part for part in (", ".join(things[:-1]), things[-1]) if part)


def shorten(text: str, longest: int = LONGEST_VALUE) -> str:
    """Cut a long value at a word, marked with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:") + "…"


_INVISIBLE = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\N{REPLACEMENT CHARACTER}"
)
_INVISIBLE |= dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x85\u2028\u2029"), " ")
_REORDERING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}")


def printable(text: str) -> str:
    """Make a stranger's text safe to print in one line, in any format.

    Control characters (with which a headline could steer a terminal, and which XML forbids) become �, line breaks and tabs a space.
    """
    return text.translate(_INVISIBLE)


def printable_on_terminal(text: str) -> str:
    """Make it safe on a terminal too, where overrides of the writing direction reach beyond the text that holds them."""
    return printable(text).translate(_REORDERING)


def web_address(url: str) -> str | None:
    """Give back an address that may be linked to; None for `javascript:` and the like."""
    clean = printable(url)
    return clean if clean == url and url.lower().startswith(("https://", "http://")) else None
