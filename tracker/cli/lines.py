"""The one aligned line that `check` and `run` print for an article."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tracker.cli.workspace import color, width

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.models import Comparison
    from tracker.pipeline import Checked

NAMES = {
    "first": "first version kept",
    "suspect": "SUSPECT",
    "failed": "FAILED",
    "gone": "GONE",
    "variant": "one of the texts in turn",
}


def line_of(checked: Checked, position: int, total: int, elapsed_s: float) -> str:
    """Write the line."""
    from tracker.report import check_line

    return check_line(
        checked.article.url,
        outcome_of(checked),
        position=position,
        total=total,
        elapsed_s=elapsed_s,
        color=color(),
        width=width() if sys.stdout.isatty() else None,
    )


def timed_line_of(checked: Checked, at: datetime) -> str:
    """Write the line with the time of day, for a service."""
    from tracker.report.text import outcome_line

    clock = f"{at.astimezone():%H:%M:%S}"
    return outcome_line(clock, checked.article.url, outcome_of(checked), color=color(), width=width())


def outcome_of(checked: Checked) -> Comparison | str:
    """Say how a check ended."""
    if checked.change:
        return checked.change.comparison
    if checked.same_as:
        return f"set aside: the same article as {checked.same_as}"
    name = NAMES.get(checked.found, checked.found)
    return f"{name}: {checked.problem.removeprefix(f'{checked.article.url}: ')}" if checked.problem else name


def document_of(checked: Checked) -> dict[str, object]:
    """Say how a check ended, for programs: one JSON object a line."""
    judgement = checked.change.comparison.judgement if checked.change else None
    return {
        "address": checked.article.url,
        "result": checked.found,
        "verdict": judgement and judgement.verdict,
        "importance": judgement and judgement.importance,
        "disclosure": judgement and judgement.disclosure,
        "change": checked.change and checked.change.id,
        "problem": checked.problem,
        "same_as": checked.same_as,
    }
