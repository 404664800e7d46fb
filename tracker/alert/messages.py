"""What is a reader told about a change?

The first line says what changed, because it is what a locked telephone shows.
What a webhook gets is the whole of it; text and HTML are written from that by templates (`templates`), those that ship or a user's own.

Computes only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tracker.alert import words
from tracker.alert.templates import LONGEST_TITLE, render, shipped
from tracker.alert.words import VALUE_LENGTH, tame
from tracker.fate import sentence
from tracker.models import Change, Event, Fact, Judgement, Message

if TYPE_CHECKING:
    from jinja2 import Template

SCHEMA: Final = 1
FACTS_SENT: Final = 100  # in the JSON; a page that has more is hostile or re-used
TITLE_LENGTH: Final = 120  # characters; mail programs and telephones cut sooner still
VALUE_SENT: Final = 2000  # in the JSON, cut without a mark, so that it stays literally in the text


def compose_message(change: Change, channel: str, timetable: str | None = None) -> Message:
    """Write the alert about a change, for one channel.

    Args:
        change: The change.
        channel: The channel's name.
        timetable: Of the digest that it is gathered for.
    """
    key = message_key(change, channel)
    lines = words.fact_lines(change)
    if change.reversal_of:
        lines[0] = f"Reverted to version {change.reversal_of}: {lines[0]}"
    importance = change.comparison.judgement.importance
    return write(_title(change), lines, _payload(change, key), importance=importance, timetable=timetable)


def compose_event(event: Event, channel: str, timetable: str | None = None) -> Message:
    """Write the alert about an event, for one channel; its first line says what happened, and between which moments."""
    at = event.not_after.astimezone(UTC).isoformat()
    key = _digest("event", channel, event.article_url, event.kind, event.detail, at)
    headline = tame(event.headline or "", VALUE_LENGTH)
    first, last = words.bounds(event.not_before, event.not_after)
    line = f"{tame(sentence(event), VALUE_SENT)} (between {first} and {last})"
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
    title = tame(f"{event.kind.capitalize()}: {headline or event.article_url}", TITLE_LENGTH)
    return write(title, [line], payload, importance=2, timetable=timetable)


def test_message(change: Change, channel: str, now: datetime) -> Message:
    """Write a message that only shows that a channel works, and what an alert looks like; `now` tells one test from the next."""
    key = _digest("test", channel, now.astimezone(UTC).isoformat())
    text = f"This is a test of the channel {channel}: alerts of the tracker arrive here, and look like this."
    payload = {**_payload(change, key), "test": True, "text": text}
    return write("Test message", [text, *words.fact_lines(change)], payload, importance=3)


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


# --- writing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forms:
    """The templates of a channel; None: the one that ships."""

    title: Template | None = None
    text: Template | None = None
    html: Template | None = None


SHIPPED: Final = Forms()


def write(title: str, lines: list[str], payload: dict[str, object], forms: Forms = SHIPPED, **more: Any) -> Message:
    """Write text and HTML about what a webhook gets.

    Args:
        title: One line.
        lines: What changed, a line a fact.
        payload: The JSON, with its key.
        forms: The templates.
        more: Further fields of the message.
    """
    context = context_of(title, lines, payload)
    context["text"] = text = render(shipped("text"), context)
    html = render(shipped("html"), context)
    try:
        if forms.text:
            text = render(forms.text, context)
        if forms.html:
            html = render(forms.html, context)
        if forms.title:
            title = tame(render(forms.title, context, LONGEST_TITLE), LONGEST_TITLE) or title
    except Exception as error:  # noqa: BLE001  # a template that its samples did not find out may fail in any way
        text = f"{context['text']}\n\n(The template of this channel could not be filled in: {error})"
        html = render(shipped("html"), context)
    return Message(key=str(payload["key"]), title=title, text=text, html=html, payload=payload, **more)


def rewrite(message: Message, forms: Forms) -> Message:
    """Write a message again, by a channel's own templates."""
    if forms == SHIPPED:
        return message
    more = {name: getattr(message, name) for name in ("importance", "timetable", "follows", "picture")}
    return write(message.title, lines_of(message), message.payload, forms, **more)


def lines_of(message: Message) -> list[str]:
    """Give the lines that say what changed."""
    return message.text.partition("\n\n")[0].split("\n")


def context_of(title: str, lines: list[str], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a template sees."""
    change = payload.get("change")
    article = payload.get("article") or {"url": "", "headline": None, "tags": []}
    return {
        "title": title,
        "lines": lines,
        "article": article,
        "change": change,
        "event": payload.get("event"),
        "follows": payload.get("follows"),
        "follow_up": payload.get("follow_up"),
        "url": article["url"],
        "summary": words.judgement_line(_judgement(change)) if change else "",
        "when": words.when(_moment(change["not_before"]), _moment(change["not_after"])) if change else "",
    }


def _judgement(change: Mapping[str, Any]) -> Judgement:
    return Judgement(change["verdict"], change["importance"], change["disclosure"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _title(change: Change) -> str:
    facts = change.comparison.facts
    kinds = dict.fromkeys(fact.kind for fact in facts)
    statuses = {fact.status for fact in facts}
    became = statuses.pop() if statuses in ({"added"}, {"removed"}) else "changed"
    verdict = words.VERDICTS[words.verdict_of(change)]
    what = f"{', '.join(list(kinds)[:3]).capitalize()} {became}" if kinds else verdict
    return tame(f"{what}: {words.headline_of(change) or change.article_url}", TITLE_LENGTH)


# --- the JSON -------------------------------------------------------------------------------------


def _payload(change: Change, key: str) -> dict[str, object]:
    judgement, facts = change.comparison.judgement, change.comparison.facts
    return {
        "schema": SCHEMA,
        "key": key,
        "article": {
            "url": change.article_url,
            "headline": words.headline_of(change) or None,
            "tags": list(change.tags),
        },
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
