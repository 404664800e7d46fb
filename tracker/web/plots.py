"""Numbers as pictures: SVG that is made here, styled by the one style sheet, and described in words for those who do not see it.

Shapes carry no colour of their own and no style: a class says what each is, and every plot stands beside a table of its numbers.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil
from typing import Any, Final

from markupsafe import Markup

from tracker.models import Kind
from tracker.report.words import KIND_NAMES
from tracker.timeline import Line

WIDTH: Final = 720
KINDS_SHOWN: Final = 5  # patterns that can be told apart; the rest is "other"
DAY_H: Final = 24
HOURS_EDGES: Final = (1, 3, 6, 12, 24, 48, 96, 168)


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture, and what it shows as a table."""

    svg: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()  # class and name


def _svg(width: int, height: int, title: str, body: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, title)
    return head + Markup().join(body) + Markup("</svg>")


def _rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, max(width, 0), max(height, 0), name
    )


def _text(x: float, y: float, text: str, name: str = "label") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>').format(x, y, name, text)


def _line(x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="axis"/>').format(x1, y1, x2, y2)


def _scale(most: int) -> int:
    """Round up to a number that people like at the end of an axis."""
    for base in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000):
        for step in (1, 2, 5):
            if most <= step * base:
                return step * base
    return most


def by_hour(counts: Mapping[tuple[int, Kind], int]) -> Plot:
    """Draw changes by hour of the day and kind, one bar an hour."""
    totals: dict[Kind, int] = {}
    for (_, kind), count in counts.items():
        totals[kind] = totals.get(kind, 0) + count
    ranked = sorted(totals, key=lambda kind: -totals[kind])
    shown = ranked[:KINDS_SHOWN]
    names = [KIND_NAMES[kind] for kind in shown] + (["Other"] if len(ranked) > len(shown) else [])
    table = [
        [counts.get((hour, kind), 0) for kind in shown]
        + ([sum(counts.get((hour, kind), 0) for kind in ranked[KINDS_SHOWN:])] if len(ranked) > len(shown) else [])
        for hour in range(24)
    ]
    top = _scale(max((sum(row) for row in table), default=0) or 1)
    left, bottom, height = 44, 190, 170
    step = (WIDTH - left) / 24
    body = [
        _line(left, bottom, WIDTH, bottom),
        _text(left - 8, bottom + 4, "0", "label end"),
        _text(left - 8, bottom - height + 8, f"{top:,}", "label end"),
    ]
    for hour, row in enumerate(table):
        y = float(bottom)
        for n, count in enumerate(row):
            tall = height * count / top
            y -= tall
            if count:
                body.append(_rect(left + hour * step + 2, y, step - 4, tall, f"series s{n}"))
        if hour % 3 == 0:
            body.append(_text(left + (hour + 0.5) * step, bottom + 18, f"{hour:02}", "label middle"))
    rows = tuple((f"{hour:02}:00", *(f"{count:,}" for count in row)) for hour, row in enumerate(table))
    legend = tuple((f"s{n}", name) for n, name in enumerate(names))
    return Plot(
        _svg(WIDTH, 216, "Facts that changed, by hour of the day (UTC) and kind", body),
        ("Hour (UTC)", *names),
        rows,
        legend,
    )


def shares(counts: Mapping[Any, int], names: Mapping[Any, str], title: str) -> Plot:
    """Draw parts of a whole as one bar."""
    total = sum(counts.values())
    body, x, legend, rows = [], 0.0, [], []
    for n, (key, name) in enumerate(names.items()):
        count = counts.get(key, 0)
        wide = WIDTH * count / total if total else 0
        if count:
            body.append(_rect(x, 0, wide, 36, f"series s{n}"))
        x += wide
        share = f"{100 * count / total:.0f} %" if total else "–"
        legend.append((f"s{n}", f"{name}: {share}"))
        rows.append((name, f"{count:,}", share))
    return Plot(
        _svg(WIDTH, 36, title, body or [_rect(0, 0, WIDTH, 36, "empty")]),
        ("", "Changes", "Share"),
        tuple(rows),
        tuple(legend),
    )


def hours_to_note(hours: Sequence[float]) -> Plot:
    """Draw how long a note took, in steps that widen."""
    edges = (0, *HOURS_EDGES)
    labels = [
        f"under {HOURS_EDGES[0]} h",
        *(f"{a}–{b} h" if b <= DAY_H else f"{a // DAY_H}–{b // DAY_H} d" for a, b in pairwise(HOURS_EDGES)),
        "over a week",
    ]
    counts = [
        sum(low <= hour < high for hour in hours) for low, high in zip(edges, (*HOURS_EDGES, float("inf")), strict=True)
    ]
    top = _scale(max(counts, default=0) or 1)
    left, bottom, height = 44, 150, 130
    step = (WIDTH - left) / len(counts)
    body = [
        _line(left, bottom, WIDTH, bottom),
        _text(left - 8, bottom + 4, "0", "label end"),
        _text(left - 8, bottom - height + 8, f"{top:,}", "label end"),
    ]
    for n, count in enumerate(counts):
        tall = height * count / top
        if count:
            body.append(_rect(left + n * step + 6, bottom - tall, step - 12, tall, "series s0"))
        body.append(
            _text(left + (n + 0.5) * step, bottom + 18, labels[n], f"label middle{' between' if n % 2 else ''}")
        )
    rows = tuple((label, f"{count:,}") for label, count in zip(labels, counts, strict=True))
    return Plot(
        _svg(WIDTH, 176, "Silent edits by the hours until a note", body), ("Hours until a note", "Silent edits"), rows
    )


def days(counts: Sequence[tuple[str, int]]) -> Plot:
    """Draw changes a day, oldest first; days are joined where there are more than there is room for."""
    joined = ceil(len(counts) / 60) or 1
    groups = [counts[n : n + joined] for n in range(0, len(counts), joined)]
    sums = [
        (group[0][0] if joined == 1 else f"{group[0][0]} – {group[-1][0]}", sum(count for _, count in group))
        for group in groups
    ]
    top = _scale(max((count for _, count in sums), default=0) or 1)
    left, bottom, height = 44, 150, 130
    step = (WIDTH - left) / max(len(sums), 8)
    body = [
        _line(left, bottom, WIDTH, bottom),
        _text(left - 8, bottom + 4, "0", "label end"),
        _text(left - 8, bottom - height + 8, f"{top:,}", "label end"),
    ]
    for n, (_, count) in enumerate(sums):
        tall = height * count / top
        body.append(_rect(left + n * step + 1, bottom - tall, max(step - 2, 1), tall, "series s0"))
    if sums:
        body.append(_text(left, bottom + 18, counts[0][0]))
        if len(sums) > 1:
            body.append(_text(min(left + len(sums) * step, WIDTH), bottom + 18, counts[-1][0], "label end"))
    return Plot(
        _svg(WIDTH, 176, "Changes by day", body), ("Day", "Changes"), tuple((day, f"{count:,}") for day, count in sums)
    )


def lifeline(line: Line, begins_at: datetime, ends_at: datetime, *, most: int) -> Markup:
    """Draw from when to when each value of a thing was said; a value that was always there begins at the edge."""
    whole = max((ends_at - begins_at).total_seconds(), 1.0)

    def at(moment: datetime) -> float:
        return WIDTH * min(max((moment - begins_at).total_seconds() / whole, 0.0), 1.0)

    body = []
    spans = line.spans[-most:]
    for n, span in enumerate(spans):
        start = at(span.since.not_after) if span.since else 0.0
        end = at(span.until.not_after) if span.until else float(WIDTH)
        start = min(start, WIDTH - 6.0)
        kind = "disputed" if span.disputed else "ended" if span.until else "stands"
        body.append(_rect(start, n * 14 + 2, max(end - start, 6), 9, f"span {kind}"))
    height = len(spans) * 14
    # The list beside it says the same in words.
    head = Markup('<svg class="lifeline" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">').format(
        WIDTH, height
    )
    return head + Markup().join(body) + Markup("</svg>")
