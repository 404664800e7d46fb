"""Reads the project's own labelled pairs.

`pairs/*.jsonl`, one pair a line: `old` and `new` are a list of sentences, `{"headline", "sentences"}`, or `{"page": {…}}`, a change to the sample page;
`facts` are `[kind, status, old, new, importance]`.  The labels follow README, "What counts as a change".  The file's name is the pair's group.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from tracker.extract import extract_version, version_from_sentences
from tracker.models import Snapshot, Version

PAIRS = Path(__file__).parent / "pairs"
QUIET = frozenset(("unchanged", "cosmetic"))  # noise may be either
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PARAGRAPHS = (
    "The council of Holmby met on Monday to discuss the new tram line from the station to the hospital.",
    "The line is 12 km long and would cost 300 million euros, the chief engineer told the meeting.",
    "Shopkeepers in the high street fear years of building work and a loss of customers.",
    "A decision is due in May, after residents have been heard in all seven districts.",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions and what a careful editor says of them."""

    row: dict[str, Any]
    old: Version
    new: Version
    old_text: str
    new_text: str


def read_pairs() -> list[Pair]:
    """Read every pair, in order of file and line."""
    pairs = []
    for path in sorted(PAIRS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = {**json.loads(line), "group": path.stem}
            row["facts"] = [
                dict(zip(("kind", "status", "old", "new", "importance"), fact, strict=True)) for fact in row["facts"]
            ]
            pairs.append(
                Pair(
                    row,
                    *(_version(row[side]) for side in ("old", "new")),
                    *(_text(row[side]) for side in ("old", "new")),
                )
            )
    return pairs


def is_right(row: dict[str, Any], verdict: str | None) -> bool:
    """Say whether a verdict is the labelled one."""
    return verdict in QUIET if row["group"] == "noise" else verdict == row["verdict"]


def _version(side: Any) -> Version:
    if isinstance(side, list):
        return version_from_sentences(side)
    if "page" in side:
        body = sample_page(**side["page"]).encode()
        return extract_version(
            Snapshot("https://news.example/tram", NOW, 200, (("Content-Type", "text/html; charset=utf-8"),), body)
        )
    body = version_from_sentences(side["sentences"])
    return replace(body, headline=side["headline"], sentences=None)  # a list of sentences takes no headline


def _text(side: Any) -> str:
    if isinstance(side, list):
        return "\n".join(side)
    return "\n".join((side.get("headline", ""), *side.get("sentences", ())))


def sample_page(
    *,
    image: str = "https://img.example/tram.jpg",
    advertisement: str = "",
    related: tuple[str, ...] = (),
    ticker: tuple[str, ...] = (),
    template: str = "columns",
) -> str:
    """Write the sample article as a page, with what stands around an article."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in _PARAGRAPHS)
    picture = f'<figure><img src="{escape(image)}" alt=""></figure>'
    links = "".join(f'<li><a href="/{at}">{escape(title)}</a></li>' for at, title in enumerate(related))
    news = "".join(f"<p>{escape(line)}</p>" for line in ticker)
    around = f'<aside class="live-ticker">{news}</aside><div class="ad advertisement">{escape(advertisement)}</div>'
    more = f'<nav class="related"><h2>Related</h2><ul>{links}</ul></nav>'
    title = "Council discusses new tram line"
    if template == "columns":
        article = f'<div id="content"><div class="story"><h1>{title}</h1>{picture}<div class="story-body">{text}</div></div></div>'
        body = f"<table><tr><td>{more}</td><td>{article}</td><td>{around}</td></tr></table>"
    else:
        article = f"<main><article><header><h1>{title}</h1></header>{picture}<section>{text}</section></article></main>"
        body = f"<header><a href='/'>The Holmby News</a></header>{article}{around}<footer>{more}</footer>"
    return (
        f"<!doctype html><html lang=en><head><title>{title} | The Holmby News</title></head><body>{body}</body></html>"
    )
