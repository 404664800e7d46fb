"""Reports as one self-contained HTML file: no script, nothing loaded, and a content security policy that says so.

The template decides what an element is; this module decides what is in it.  Every string of a publisher passes jinja2's escaping, and an address becomes a
link only where it is http(s).  The policy names the digest of the one style sheet, so that even markup that slipped through could neither run, load nor restyle.

Computes only (the template and the style sheet are read from this package).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import Literal

from jinja2 import Environment, StrictUndefined, Template

from tracker.models import Comparison, Event, Fact, Side, WordOperation
from tracker.report import view, words

_KEPT_AROUND = 1  # unchanged paragraphs that stay open beside a changed one
_FOLDED_FROM = 2  # a single paragraph costs less room than the line that would fold it
_WEIGHTY = 2  # of 3: a fact-checker would log it
_LIKELY = 0.5
_LONGEST_DISPLAYED = 70  # characters: three lines of a card in display type
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # RFC 5646, section 2.1, as far as news pages use it

_LABELS: Mapping[view.BlockKind, str] = {
    "equal": "",
    "changed": "Reworded",
    "added": "Added",
    "removed": "Removed",
    "moved_here": "Moved here",
    "moved_away": "Moved away",
}
_VALUE_LABELS = {
    "replaced": ("Was", "Now"),
    "conflicts": ("Still says", "Now also says"),
    "superseded": ("Said before", "Now"),  # replaced, though the sentence that carries the old value was left
    "added": ("", "New"),
    "removed": ("Gone", ""),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One side of a fact on its card."""

    label: str  # "Was", "Still says"
    text: str
    fate: Literal["gone", "stands", "new"]
    place: str  # "paragraph 4"
    anchor: str | None  # of the sentence that carries it

    @property
    def long(self) -> bool:
        """Is it too long for display type?"""
        return len(self.text) > _LONGEST_DISPLAYED


@dataclass(frozen=True, slots=True)
class Card:
    """A fact, as shown on top."""

    anchor: str
    number: int
    fact: Fact
    kind: str
    question: str
    sure: str
    values: tuple[Value, ...]

    @property
    def lesser(self) -> bool:
        """Is it marginal, or more likely wrong than right?"""
        return self.fact.importance < _WEIGHTY or self.fact.confidence < _LIKELY


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words of a sentence: all of it, or none, carries the value of a fact."""

    pieces: view.Pieces
    marked: bool
    references: tuple[int, ...]  # facts whose value ends here


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in one of the two columns."""

    anchor: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph beside a paragraph."""

    kind: view.BlockKind
    label: str
    where: str
    old: tuple[Sentence, ...]
    new: tuple[Sentence, ...]
    notice: bool
    stands: tuple[int, ...]  # facts that contradict this paragraph, which was left as it was
    headline: bool

    @property
    def foldable(self) -> bool:
        """Is there nothing in it that a reader must see?"""
        everything = (segment for sentence in self.old + self.new for segment in sentence.segments)
        carries = any(segment.marked or segment.references for segment in everything)
        return self.kind == "equal" and not self.notice and not carries


@dataclass(frozen=True, slots=True)
class Run:
    """Pairs that are shown, or folded away together."""

    pairs: tuple[Pair, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One change, ready for the template."""

    anchor: str
    item: view.Item
    href: str | None
    verdict: str  # class name
    cards: tuple[Card, ...]
    runs: tuple[Run, ...]
    old_language: str
    new_language: str

    @property
    def shown(self) -> tuple[Card, ...]:
        """The cards that are in view: all, where there is nothing but lesser ones."""
        return tuple(card for card in self.cards if not card.lesser) or self.cards

    @property
    def folded(self) -> tuple[Card, ...]:
        """The cards that are folded away."""
        return tuple(card for card in self.cards if card not in self.shown)


def render(
    items: Sequence[view.Item],
    events: Sequence[Event],
    *,
    now: datetime,
    color: bool,  # noqa: ARG001
    width: int,  # noqa: ARG001
) -> str:
    """Write the page."""
    pages = [lay_out(item, f"c{n}") for n, item in enumerate(items, 1)]
    css = _style()
    return _template().render(
        pages=pages,
        events=events,
        title=_report_title(items, events),
        made=words.moment(now),
        css=css,
        css_digest=_digest(css),
        words=words,
    )


def _report_title(items: Sequence[view.Item], events: Sequence[Event]) -> str:
    if not items and not events:
        return "No changes to report"
    if len(items) == 1 and not events:
        return items[0].title
    parts = [words.count(len(items), "change")] if items else []
    parts += [words.count(len(events), "event")] if events else []
    articles = {item.address for item in items} | {event.article_url for event in events}
    return f"{' and '.join(parts)} in {words.count(len(articles), 'article')}"


def lay_out(item: view.Item, anchor: str) -> Page:
    """Prepare a change for a template; `anchor` begins the name of every place in it that can be linked to."""
    comparison = item.comparison
    return Page(
        anchor,
        item,
        words.web_address(item.address) if item.address else None,
        comparison.judgement.verdict or "suspect",
        tuple(_card(fact, n, comparison, anchor) for n, fact in enumerate(comparison.facts, 1)),
        tuple(_runs(_pairs(comparison, anchor))),
        _language(comparison.old),
        _language(comparison.new),
    )


def _language(side: Side) -> str:
    return side.language if side.language and _LANGUAGE.fullmatch(side.language) else ""


# --- the facts ------------------------------------------------------------------------------------


def _card(fact: Fact, number: int, comparison: Comparison, anchor: str) -> Card:
    return Card(
        f"{anchor}-f{number}",
        number,
        fact,
        words.KIND_NAMES[fact.kind],
        words.KIND_QUESTIONS[fact.kind],
        words.sureness(fact.confidence),
        tuple(_values(fact, comparison, anchor)),
    )


def _values(fact: Fact, comparison: Comparison, anchor: str) -> list[Value]:
    left = fact.status == "conflicts" or fact.old_sentence in _untouched(comparison)
    old_label, new_label = _VALUE_LABELS["superseded" if left and fact.status == "replaced" else fact.status]
    found: list[Value] = []
    if fact.old is not None:
        found.append(Value(old_label, fact.old, "stands" if left else "gone", *_old_place(fact, comparison, anchor)))
    if fact.new is not None:
        place, target = "", None
        if fact.new_sentence is not None:
            place, target = words.place(comparison.new, fact.new_sentence), f"{anchor}-n{fact.new_sentence}"
        found.append(Value(new_label, fact.new, "new", place, target))
    return found


def _old_place(fact: Fact, comparison: Comparison, anchor: str) -> tuple[str, str | None]:
    """Point to where the old value still stands; else to the untouched sentence of it, else to the old side."""
    standing = fact.standing_sentence
    if standing is None and fact.old_sentence is not None:
        standing = _untouched(comparison).get(fact.old_sentence)
    if standing is not None:
        return words.place(comparison.new, standing), f"{anchor}-n{standing}"
    if fact.old_sentence is None:
        return "", None
    return f"{words.place(comparison.old, fact.old_sentence)} of the old version", f"{anchor}-o{fact.old_sentence}"


def _untouched(comparison: Comparison) -> dict[int, int]:
    steps = comparison.sentences
    return {s.old: s.new for s in steps if s.operation == "equal" and s.old is not None and s.new is not None}


# --- the texts ------------------------------------------------------------------------------------

_Marks = dict[tuple[str, int], list[tuple[int, str]]]
"""For ("old" or "new", sentence): the facts whose value stands there, by number."""


def _marks(comparison: Comparison) -> _Marks:
    found: _Marks = {}
    untouched = _untouched(comparison)
    for number, fact in enumerate(comparison.facts, 1):
        spots = [("old", fact.old_sentence, fact.old), ("new", fact.new_sentence, fact.new)]
        stays = fact.standing_sentence if fact.old_sentence is None else untouched.get(fact.old_sentence)
        spots += [("new", sentence, fact.old) for sentence in {fact.standing_sentence, stays}]
        for side, sentence, value in spots:
            if sentence is not None and value:
                found.setdefault((side, sentence), []).append((number, value))
    return found


def _pairs(comparison: Comparison, anchor: str) -> list[Pair]:
    marks = _marks(comparison)
    standing = dict(view.standing(comparison))
    numbers = {fact: number for number, fact in enumerate(comparison.facts, 1)}
    found = []
    for block in view.blocks(comparison):
        facts = [fact for row in block.rows if row.new is not None for fact in standing.get(row.new, ())]
        first = block.rows[0]
        found.append(
            Pair(
                block.kind,
                _LABELS[block.kind],
                view.where(block, comparison),
                tuple(_sentence(row, "old", comparison, marks, anchor) for row in block.rows if row.old is not None),
                tuple(_sentence(row, "new", comparison, marks, anchor) for row in block.rows if row.new is not None),
                block.notice,
                tuple(numbers[fact] for fact in facts),
                0 in (first.old, first.new)
                and words.has_headline(comparison.new if first.new == 0 else comparison.old),
            )
        )
    return found


def _sentence(
    row: view.Row, side: Literal["old", "new"], comparison: Comparison, marks: _Marks, anchor: str
) -> Sentence:
    index = row.old if side == "old" else row.new
    assert index is not None
    shown = view.side_of(view.pieces(row, comparison), side)
    if row.kind == "equal":
        shown = (("equal", (comparison.old if side == "old" else comparison.new).sentences[index]),)
    return Sentence(f"{anchor}-{side[0]}{index}", segments(shown, marks.get((side, index), [])))


def segments(pieces: view.Pieces, values: Sequence[tuple[int, str]]) -> tuple[Segment, ...]:
    """Cut a sentence where a fact's value begins or ends.

    Args:
        pieces: The sentence, as words kept, struck or added.
        values: Numbers of facts, and the value of each in this sentence; one that is not in it is left out.
    """
    sentence = "".join(text for _, text in pieces)
    spans = [(start, start + len(value), n) for n, value in values if (start := sentence.find(value)) >= 0]
    ends = {stop for _, stop, _ in spans}
    boxed = [
        (start, stop, n) for start, stop, n in spans if stop - start < len(sentence)
    ]  # a box around all marks nothing
    edges = sorted({0, len(sentence)} | ends | {start for start, _, _ in boxed if not _covered(start, boxed)})
    return tuple(
        Segment(_between(pieces, a, b), _covered(b, boxed, at_end=True), tuple(n for _, stop, n in spans if stop == b))
        for a, b in pairwise(edges)
    )


def _covered(position: int, spans: Sequence[tuple[int, int, int]], *, at_end: bool = False) -> bool:
    """Does a value go on across this position (or end at it)?"""
    return any(start < position < stop or (at_end and position == stop) for start, stop, _ in spans)


def _between(pieces: view.Pieces, start: int, stop: int) -> view.Pieces:
    found: list[tuple[WordOperation, str]] = []
    position = 0
    for operation, text in pieces:
        inside = text[max(0, start - position) : max(0, stop - position)]
        if inside:
            found.append((operation, words.printable(inside)))
        position += len(text)
    return tuple(found)


def _runs(pairs: Sequence[Pair]) -> list[Run]:
    """Fold away what is unchanged and far from a change."""
    shown = [not pair.foldable for pair in pairs]
    near = [any(shown[max(0, n - _KEPT_AROUND) : n + _KEPT_AROUND + 1]) for n in range(len(pairs))]
    groups: list[tuple[bool, list[Pair]]] = []
    for pair, keep in zip(pairs, near, strict=True):
        if not groups or groups[-1][0] == keep:
            groups.append((not keep, []))
        groups[-1][1].append(pair)
    return [Run(tuple(group), folded and len(group) >= _FOLDED_FROM) for folded, group in groups]


# --- template and style ---------------------------------------------------------------------------


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["clean"] = words.printable
    return environment.from_string((files(__package__) / "page.html.jinja").read_text("utf-8"))


@cache
def _style() -> str:
    return (files(__package__) / "page.css").read_text("utf-8")


def _digest(css: str) -> str:
    """Give the hash by which a policy permits exactly this style sheet (CSP level 3, section 6.7.3.3)."""
    return "sha256-" + b64encode(sha256(css.encode("utf-8")).digest()).decode("ascii")
