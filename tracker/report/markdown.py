"""Reports as Markdown (CommonMark with GitHub's tables), for issues, wikis and chat.

Words that went are in <del>, words that came in <ins>: `~~` and `**` do not hold inside words and before punctuation.  Publishers' text is escaped throughout.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.models import Comparison, Event, Fact
from tracker.report import view, words

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&@]|:(?=//)|(?<=www)\.")  # the last two: a bare address, which GitHub would link
_LIST = re.compile(r"^(\s*\d{0,9})([-+=.)])")  # or a heading, where a line begins
_TAGS = {"delete": "del", "insert": "ins"}


def render(
    items: Sequence[view.Item],
    events: Sequence[Event],
    *,
    now: datetime,
    color: bool,  # noqa: ARG001
    width: int,  # noqa: ARG001
) -> str:
    """Write a report."""
    parts = [part for item in items for part in _item(item)] or ["No changes to report."]
    if events:
        parts += ["## What became of articles", "\n".join(map(_event, events))]
    return "\n\n".join([*parts, f"---\n\nReport made at {words.moment(now)}."]) + "\n"


def escape(text: str) -> str:
    """Write a stranger's text so that Markdown shows it as it is, in one line."""
    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(_escape_character, words.printable(text)))


def _escape_character(match: re.Match[str]) -> str:
    # as entities: GitHub turns a bare @name into a mention, and an address into a link, even after a backslash
    return {"@": "&#64;", ":": "&#58;", ".": "&#46;"}.get(match[0], f"\\{match[0]}")


def _event(event: Event) -> str:
    headline = f"{escape(event.headline)}, " if event.headline else ""
    return f"- **{escape(words.event_line(event))}:** {headline}{_address(event.article_url)}"


def _item(item: view.Item) -> Iterator[str]:
    comparison = item.comparison
    yield f"## {escape(item.title)}"
    if item.address:
        yield _address(item.address)
    yield from (f"**{escape(line)}**" for line in words.gist(comparison))
    if comparison.facts:
        yield "\n".join(
            [
                "| kind | old → new | status | importance | source |",
                "|---|---|---|---|---|",
                *map(_fact, comparison.facts),
            ]
        )
    yield "\n".join(f"- **{label}:** {text}" for label, text in _assessment(item))
    found = [*_changed(comparison), *_standing(comparison)]
    if found:
        yield "### The words that changed"
        yield from found
    yield "### Evidence"
    yield "\n".join(f"- {heading}: {escape(line)}" for heading, lines in item.evidence for line in lines)


def _address(url: str) -> str:
    href = words.web_address(url)
    return f"<{href}>" if href and not re.search(r"[\s<>]", href) else escape(url).lstrip()


def _fact(fact: Fact) -> str:
    counted = f" ({escape(fact.counted)})" if fact.counted else ""
    cells = (
        words.KIND_NAMES[fact.kind],
        f"{escape(words.fact_values(fact))}{counted}",
        fact.status,
        f"{fact.importance} of 3, {words.sureness(fact.confidence)}",
        escape(fact.source or "–"),
    )
    return f"| {' | '.join(cells)} |"


def _assessment(item: view.Item) -> Iterator[tuple[str, str]]:
    comparison = item.comparison
    sure = words.verdict_sureness(comparison)
    verdict = words.verdict_words(comparison).lower()
    if comparison.judgement.verdict and comparison.judgement.importance:
        verdict += f", {words.importance_words(comparison.judgement.importance)}"
    yield "Verdict", verdict + (f"; {sure}" if sure else "")
    yield "Why", " ".join(map(escape, words.reasons(comparison)))
    yield "When", escape(item.when)
    if disclosure := words.disclosure_words(comparison, item.note):
        yield (
            "Disclosure",
            disclosure + "".join(f"; “{escape(words.shorten(n, 300))}”" for n in words.new_notices(comparison)),
        )
    if comparison.warnings:
        yield "Left out", " ".join(map(escape, comparison.warnings))


def _changed(comparison: Comparison) -> Iterator[str]:
    for block in view.changed(comparison):
        note = " (note by the publisher)" if block.notice else ""
        yield f"**{view.where(block, comparison)}**{note}"
        yield _quoted("".join(_piece(*piece) for piece in view.in_context(block, comparison)))


def _standing(comparison: Comparison) -> Iterator[str]:
    for sentence, facts in view.standing(comparison):
        place = words.place(comparison.new, sentence).removeprefix("the ").capitalize()
        yield f"**{place}, still standing:** {escape(words.standing_words(facts))}"
        yield _quoted(escape(comparison.new.sentences[sentence]))


def _quoted(text: str) -> str:
    return f"> {text.lstrip()}"  # four spaces would make it code


def _piece(operation: str, text: str) -> str:
    tag = _TAGS.get(operation)
    return f"<{tag}>{escape(text)}</{tag}>" if tag else escape(text)
