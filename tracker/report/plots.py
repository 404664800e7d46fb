"""Statistics as a picture, by matplotlib: changes a day, kinds of fact, disclosure, and hours until a note.

Computes only; matplotlib reads its fonts.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, Literal, get_args

from tracker.errors import ConfigError
from tracker.models import Verdict
from tracker.report import words
from tracker.report.lettering import NEEDED
from tracker.statistics import Statistics

PlotFormat = Literal["png", "svg"]
FORMATS: Final = get_args(PlotFormat)
COLORS: Final[Mapping[Verdict | None, tuple[str, str]]] = {
    "substantive": ("#b42318", "////"),
    "minor": ("#d98e04", "...."),
    "cosmetic": ("#3b82b0", ""),
    "different_story": ("#7a5af5", "xx"),
    "unchanged": ("#9aa3ad", ""),
    None: ("#c9ced4", "--"),
}
"""A colour (Okabe and Ito's order of lightness: they differ in grey too), and a hatching for those who see none."""
DISCLOSURES: Final = {"disclosed": "#05603a", "dated": "#d98e04", "undisclosed": "#b42318"}
STEPS: Final = (
    (120, 1, "a day"),
    (900, 7, "a week"),
    (10**9, 30, "in 30 days"),
)  # so that no bar is thinner than a line
HOURS: Final = (1, 3, 6, 12, 24, 48, 96, 168, 720)  # edges of the last panel


def plot(found: Statistics, format: PlotFormat = "png") -> bytes:  # noqa: A002
    """Draw statistics.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise ConfigError(NEEDED) from error
    with rc_context({"svg.hashsalt": "tracker", "font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(12, 8), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15))
        FigureCanvasAgg(figure)
        days, kinds, shares, hours = figure.subplots(2, 2).flat
        head = f"{words.count(found.changes, 'change')} in {words.count(found.articles, 'article')}"
        figure.suptitle(head, fontsize=14, fontweight="bold")
        _days(days, found)
        _kinds(kinds, found)
        _shares(shares, found)
        _hours(hours, found)
        for panel in (days, kinds, shares, hours):
            panel.spines[["top", "right"]].set_visible(False)
        file = io.BytesIO()
        figure.savefig(file, format=format, dpi=100, metadata={"Date": None} if format == "svg" else {"Software": None})
    return file.getvalue()


def _days(panel: Any, found: Statistics) -> None:
    days = [day for day, _, _ in found.by_day]
    span = (max(days) - min(days)).days + 1 if days else 1
    step, name = next((step, name) for most, step, name in STEPS if span <= most)
    panel.set_title(f"Changes {name}", loc="left", pad=24)
    first = min(days, default=date.min)
    counts: defaultdict[Verdict | None, Counter[int]] = defaultdict(Counter)
    for day, verdict, count in found.by_day:
        counts[verdict][(day - first).days // step] += count
    places = range(-(-span // step)) if days else range(0)
    starts = [first + timedelta(days=step * place) for place in places]
    below = [0] * len(places)
    for verdict, (color, hatch) in COLORS.items():
        if verdict in counts:
            heights = [counts[verdict][place] for place in places]
            style = {"color": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0, "width": 0.9 * step}
            panel.bar(starts, heights, bottom=below, label=words.VERDICT_WORDS[verdict], align="edge", **style)
            below = [low + height for low, height in zip(below, heights, strict=True)]
    if days:
        panel.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, fontsize=9)
        panel.tick_params(axis="x", rotation=30)


def _kinds(panel: Any, found: Statistics) -> None:
    panel.set_title("Changes with a fact of this kind", loc="left")
    names = [words.KIND_NAMES[kind] for kind in found.by_kind]
    bars = panel.barh(names, list(found.by_kind.values()), color="#1d4ed8")
    panel.bar_label(bars, fmt="{:,.0f}", padding=3)
    panel.invert_yaxis()


def _shares(panel: Any, found: Statistics) -> None:
    panel.set_title("Substantive changes: does the page speak of them?", loc="left")
    counts = found.by_disclosure
    bars = panel.barh(list(counts), list(counts.values()), color=[DISCLOSURES[name] for name in counts])
    total = sum(counts.values()) or 1
    panel.bar_label(bars, labels=[f"{count:,} ({count / total:.0%})" for count in counts.values()], padding=3)
    panel.set_xlim(0, max([*counts.values(), 1]) * 1.2)
    panel.invert_yaxis()


def _hours(panel: Any, found: Statistics) -> None:
    panel.set_title("Silent edits: how soon a note owned up to them", loc="left")
    edges = [0, *HOURS, float("inf")]
    counts = [sum(low < hours <= high for hours in found.hours_to_note) for low, high in pairwise(edges)]
    names = [*(f"≤ {_span(edge)}" for edge in HOURS), "later"]
    bars = panel.bar(names, counts, color="#7a5af5")
    panel.bar_label(bars, labels=[f"{count:,}" if count else "" for count in counts], padding=2)
    panel.tick_params(axis="x", rotation=30)


def _span(hours: int) -> str:
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"
