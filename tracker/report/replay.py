"""What would be different if everything that is kept were read and judged again, as a table or as JSON.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

from tracker.models import Fact, Verdict
from tracker.report import words
from tracker.report.json import dump
from tracker.report.text import console_for, written
from tracker.report.words import printable_on_terminal as clean

Reading = Literal["same", "another text", "suspect now", "good now"]


@dataclass(frozen=True, slots=True)
class ReplayedCapture:
    """A capture of which something would be said that is different."""

    snapshot: str  # its identifier
    reading: Reading  # what was read in it, beside what is read today
    before: Verdict | None  # None: there was no change, or none that was judged
    after: Verdict | None
    gained: tuple[Fact, ...] = ()
    lost: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """An article, read again."""

    address: str
    captures: int = 0
    different: tuple[ReplayedCapture, ...] = ()  # in order
    problem: str | None = None  # why it could not be, in a sentence


def render_replay(replayed: Sequence[Replayed], *, color: bool, width: int, applied: bool = False) -> str:
    """Write a table of what would be different, or is now, and the sum."""
    console = console_for(color, width)
    for article in replayed:
        if not article.different:
            continue
        console.print(Text(clean(article.address), "bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
        for heading in ("snapshot", "text", "verdict"):
            table.add_column(heading, no_wrap=True)
        table.add_column("facts")
        for one in article.different:
            table.add_row(Text(one.snapshot), Text(one.reading), _verdicts(one), _facts(one))
        console.print(table)
    for line in _sum_lines(replayed, applied=applied):
        console.print(Text(line))
    return written(console)


def _verdicts(one: ReplayedCapture) -> Text:
    before, after = one.before or "none", one.after or "none"
    return Text(before) if before == after else Text(f"{before} → {after}", "bold")


def _facts(one: ReplayedCapture) -> Text:
    lines = [Text(clean(f"+ {words.fact_line(fact)}"), "green") for fact in one.gained]
    return Text("\n").join([*lines, *(Text(clean(f"- {words.fact_line(fact)}"), "red") for fact in one.lost)])


def _sum_lines(replayed: Sequence[Replayed], *, applied: bool) -> list[str]:
    total = _sum(replayed)
    now = "is different now" if total["different"] == 1 else "are different now"
    verb = now if applied else "would be different"
    lines = [
        f"{words.count(total['captures'], 'capture')} of {words.count(total['articles'], 'article')} read again; "
        f"{total['different']:,} {verb} in {words.count(total['articles_different'], 'article')}",
    ]
    if total["different"]:
        lines.append(
            f"texts {total['texts']:,} · verdicts {total['verdicts']:,} · facts gained {total['gained']:,} · lost {total['lost']:,}"
        )
    return lines


def _sum(replayed: Sequence[Replayed]) -> dict[str, int]:
    different = [one for article in replayed for one in article.different]
    return {
        "articles": len(replayed),
        "articles_different": sum(1 for article in replayed if article.different),
        "captures": sum(article.captures for article in replayed),
        "different": len(different),
        "texts": sum(1 for one in different if one.reading != "same"),
        "verdicts": sum(1 for one in different if one.before != one.after),
        "gained": sum(len(one.gained) for one in different),
        "lost": sum(len(one.lost) for one in different),
    }


def replay_document(replayed: Sequence[Replayed], *, applied: bool = False) -> str:
    """Write the same as JSON."""
    return dump(
        {
            "articles": [
                {
                    "address": article.address,
                    "captures": article.captures,
                    "different": [_capture(one) for one in article.different],
                    "problem": article.problem,
                }
                for article in replayed
            ],
            "sum": _sum(replayed),
            "applied": applied,
        }
    )


def _capture(one: ReplayedCapture) -> dict[str, object]:
    return {
        "snapshot": one.snapshot,
        "reading": one.reading,
        "before": one.before,
        "after": one.after,
        "gained": [_fact(fact) for fact in one.gained],
        "lost": [_fact(fact) for fact in one.lost],
    }


def _fact(fact: Fact) -> dict[str, object]:
    return {"kind": fact.kind, "status": fact.status, "old": fact.old, "new": fact.new, "importance": fact.importance}
