"""What is a reader told about a change?

The first line says what changed, because it is what a locked telephone shows.
Everything that comes from a page is tamed before it is shown: it stays on its line, within its length, in its direction of writing.

Computes only.
"""

from __future__ import annotations

import hashlib
import html
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from tracker.fate import sentence
from tracker.models import Change, Disclosure, Event, Fact, Judgement, Message, Verdict

SCHEMA: Final = 1
FACTS_SHOWN: Final = 5  # what fits on the screen of a telephone without scrolling
FACTS_SENT: Final = 100  # in the JSON; a page that has more is hostile or re-used
TITLE_LENGTH: Final = 120  # characters; mail programs and telephones cut sooner still
VALUE_LENGTH: Final = 160
VALUE_SENT: Final = 2000  # in the JSON, cut without a mark, so that it stays literally in the text
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


def compose_message(change: Change, channel: str) -> Message:
    """Write the alert about a change, for one channel."""
    key = message_key(change, channel)
    headline = _headline(change)
    lines = _fact_lines(change)
    if change.reversal_of:
        lines[0] = f"Reverted to version {change.reversal_of}: {lines[0]}"
    about = [_judgement_line(change.comparison.judgement), _bounds_line(change), headline, change.article_url]
    about = [line for line in about if line]
    return Message(
        key=key,
        title=_title(change),
        text="\n".join([*lines, "", *about]),
        html=_html(lines, about[:-1], change.article_url),
        payload=_payload(change, key),
    )


def compose_event(event: Event, channel: str) -> Message:
    """Write the alert about an event, for one channel; its first line says what happened, and between which moments."""
    at = event.not_after.astimezone(UTC).isoformat()
    key = _digest("event", channel, event.article_url, event.kind, event.detail, at)
    headline = _tame(event.headline or "", VALUE_LENGTH)
    first, last = _bounds(event)
    line = f"{_tame(sentence(event), VALUE_SENT)} (between {first} and {last})"
    about = [part for part in (headline, event.article_url) if part]
    payload: dict[str, object] = {
        "schema": SCHEMA,
        "key": key,
        "article": {"url": event.article_url, "headline": headline or None, "tags": list(event.tags)},
        "event": {
            "kind": event.kind,
            "detail": event.detail[:VALUE_SENT],
            "not_before": event.not_before.astimezone(UTC).isoformat(),
            "not_after": at,
        },
    }
    return Message(
        key=key,
        title=_tame(f"{event.kind.capitalize()}: {headline or event.article_url}", TITLE_LENGTH),
        text="\n".join([line, "", *about]),
        html=_html([line], about[:-1], event.article_url),
        payload=payload,
    )


def test_message(channel: str, now: datetime) -> Message:
    """Write a message that only shows that a channel works; `now` tells one test from the next."""
    text = f"This is a test of the channel {channel}: alerts of the tracker arrive here."
    key = _digest("test", channel, now.astimezone(UTC).isoformat())
    payload: dict[str, object] = {"schema": SCHEMA, "key": key, "test": True, "text": text}
    return Message(key=key, title="Test message", text=text, html=f"<p>{html.escape(text)}</p>", payload=payload)


test_message.__test__ = False  # type: ignore[attr-defined]  # pytest takes every function of this name for a test


def message_key(change: Change, channel: str) -> str:
    """Name an alert so that a retry, or a catalog that was rebuilt from the archive, names it the same.

    The captures are part of it, because A → B → A → B is three changes, of which the first and the last have the same texts.
    """
    old, new = change.old, change.new
    return _digest("change", channel, change.article_url, old.digest, new.digest, old.snapshot.id, new.snapshot.id)


def _digest(*parts: str) -> str:
    # Length first, so that no two lists of parts run together to the same bytes.
    data = "".join(f"{len(part)}:{part}" for part in ("tracker-alert/1", *parts))
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


# --- the lines ------------------------------------------------------------------------------------


def _title(change: Change) -> str:
    kinds = dict.fromkeys(fact.kind for fact in change.comparison.facts)
    what = f"{', '.join(list(kinds)[:3]).capitalize()} changed" if kinds else VERDICTS[_verdict(change)]
    return _tame(f"{what}: {_headline(change) or change.article_url}", TITLE_LENGTH)


def _fact_lines(change: Change) -> list[str]:
    facts = change.comparison.facts
    if not facts:
        verdict = _verdict(change)
        return [f"{VERDICTS[verdict]}: {WITHOUT_FACTS[verdict]}"]
    more = len(facts) - FACTS_SHOWN
    return [*map(_fact_line, facts[:FACTS_SHOWN]), *([f"and {more} more"] if more > 0 else [])]


def _fact_line(fact: Fact) -> str:
    values = [_tame(value, VALUE_LENGTH) for value in (fact.old, fact.new) if value]
    notes = [
        _tame(fact.counted or "", VALUE_LENGTH),
        "" if fact.status == "replaced" else fact.status,
        f"source: {_tame(fact.source, VALUE_LENGTH)}" if fact.source else "",
    ]
    remark = "; ".join(note for note in notes if note)
    line = f"{fact.kind.capitalize()}: {' → '.join(values) or _tame(fact.reason, VALUE_LENGTH)}"
    return f"{line} ({remark})" if remark else line


def _judgement_line(judgement: Judgement) -> str:
    importance = IMPORTANCES.get(judgement.importance)
    line = VERDICTS[judgement.verdict]
    if importance:
        line += f", importance {judgement.importance} of 3 ({importance})"
    disclosure = f" {DISCLOSURES[judgement.disclosure]}" if judgement.disclosure else ""
    return f"{line}.{disclosure}"


def _bounds_line(change: Change) -> str:
    """Say what is known of the time of a change: it lies between two captures.

    In whole minutes, the first cut and the second filled up: the change lies between the two, as they are shown.
    """
    first, last = _bounds(change)
    return f"Changed between {first} and {last}."


def _bounds(happened: Change | Event) -> tuple[str, str]:
    after = happened.not_before.astimezone(UTC)
    before = happened.not_after.astimezone(UTC) + timedelta(minutes=1, microseconds=-1)
    first = f"{after:%H:%M}" if after.date() == before.date() else f"{after:%H:%M} UTC on {_day(after)}"
    return first, f"{before:%H:%M} UTC on {_day(before)}"


def _day(moment: datetime) -> str:
    # Not by strftime, whose names of months depend on where the program runs.
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def _verdict(change: Change) -> Verdict | None:
    return change.comparison.judgement.verdict


def _headline(change: Change) -> str:
    return _tame(change.new.headline or change.comparison.new.headline or "", VALUE_LENGTH)


def _tame(text: str, limit: int) -> str:
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


# --- the other forms ------------------------------------------------------------------------------


def _html(lines: list[str], about: list[str], url: str) -> str:
    first, *further = map(html.escape, lines)
    items = "".join(f"<li>{line}</li>" for line in further)
    address = html.escape(url)
    parts = [
        f"<p><strong>{first}</strong></p>",
        f"<ul>{items}</ul>" if items else "",
        *(f"<p>{html.escape(line)}</p>" for line in about),
        f'<p><a href="{address}">{address}</a></p>',
    ]
    return "\n".join(part for part in parts if part)


def _payload(change: Change, key: str) -> dict[str, object]:
    judgement, facts = change.comparison.judgement, change.comparison.facts
    return {
        "schema": SCHEMA,
        "key": key,
        "article": {"url": change.article_url, "headline": _headline(change) or None, "tags": list(change.tags)},
        "change": {
            "id": change.id,
            "verdict": judgement.verdict,
            "importance": judgement.importance,
            "disclosure": judgement.disclosure,
            "reversal_of": change.reversal_of,
            "reasons": list(judgement.reasons),
            "not_before": change.not_before.astimezone(UTC).isoformat(),
            "not_after": change.not_after.astimezone(UTC).isoformat(),
            "facts": [_fact_payload(fact) for fact in facts[:FACTS_SENT]],
            "facts_left_out": max(len(facts) - FACTS_SENT, 0),
        },
    }


def _fact_payload(fact: Fact) -> dict[str, object]:
    return {
        "kind": fact.kind,
        "status": fact.status,
        "old": fact.old and fact.old[:VALUE_SENT],
        "new": fact.new and fact.new[:VALUE_SENT],
        "old_sentence": fact.old_sentence,
        "new_sentence": fact.new_sentence,
        "importance": fact.importance,
        "about": fact.about and fact.about[:VALUE_SENT],
        "counted": fact.counted,
        "source": fact.source and fact.source[:VALUE_SENT],
        "confidence": fact.confidence,
        "reason": fact.reason[:VALUE_SENT],
    }
