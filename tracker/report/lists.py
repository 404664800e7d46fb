"""Lists for people and programs: what is followed, what waits in the outbox, how the service does.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from tracker.models import Article, ChannelState, Delivery, DeliveryState, Source, Variant
from tracker.report import words
from tracker.report.channels import channel_lines, channels_document
from tracker.report.json import dump, moment
from tracker.report.text import console_for, written
from tracker.report.words import printable_on_terminal as clean

_TABLE_FROM = 84  # columns
_LONGEST_HEADLINE = 60  # characters in a list
STATES: dict[DeliveryState, str] = {"waiting": "yellow", "delivered": "green", "parked": "bold red"}


@dataclass(frozen=True, slots=True)
class Status:
    """How the tracker does at one moment."""

    holder: str | None  # who works on the archive: "tracker run (process 12 on desk, since …)"
    slowed: Sequence[tuple[str, datetime, str]]  # hosts that are left alone: until when, and why
    articles: int
    sources: int
    due: int
    versions: int
    changes: int
    checked_at: datetime | None
    failing: Sequence[tuple[str, str]]  # address, error
    failing_count: int
    outbox: Mapping[str, int]  # by state; none that is 0
    archive: str  # the folder
    archive_bytes: int
    free_bytes: int  # on its disk
    paused: str | None = None  # why nothing is fetched
    channels: Sequence[ChannelState] = ()


# --- what is followed -----------------------------------------------------------------------------


def render_followed(
    sources: Sequence[Source],
    articles: Sequence[Article],
    variants: Mapping[int, Sequence[Variant]],
    *,
    now: datetime,
    color: bool,
    width: int,
) -> str:
    """Write a table of feeds and one of articles; `variants` are the texts that some of these serve in turn, by their number."""
    console = console_for(color, width)
    if not sources and not articles:
        console.print(Text("Nothing is followed yet.  Start with: tracker watch ADDRESS"))
    active, aside = ([one for one in articles if (one.same_as is None) is wanted] for wanted in (True, False))
    for title, rows in (
        ("Feeds", map(_source_row, sources)),
        ("Articles", (_article_row(article, len(variants.get(article.id, ()))) for article in active)),
    ):
        found = list(rows)
        if not found:
            continue
        console.print(Text(f"{title}: {len(found):,}", "bold"))
        console.print(_rows_as_table(found, now) if width >= _TABLE_FROM else _rows_as_lines(found, now))
    if aside:
        console.print(Text(f"Set aside: {len(aside):,}", "bold"))
    for article in aside:
        console.print(Text(clean(f" {article.url} is the same article as {article.same_as}")))
    return written(console)


def _rows_as_table(rows: Sequence[Row], now: datetime) -> Table:
    table = _table("address", "versions", "last check", "next check", "state")
    for address, versions, checked_at, due_at, state in rows:
        table.add_row(
            Text(clean(address), overflow="fold"),
            versions,
            _ago(checked_at, now),
            _until(due_at, now),
            Text(clean(state), overflow="fold"),
        )
    return table


def _rows_as_lines(rows: Sequence[Row], now: datetime) -> Text:
    """Give each thing lines of its own, where a table would have columns of one word."""
    lines = Text(overflow="fold")
    for address, versions, checked_at, due_at, state in rows:
        kept = f"{words.count(int(versions), 'version')} · " if versions.isdecimal() else ""
        lines.append(f" {clean(address)}\n")
        lines.append(f"   {kept}checked {_ago(checked_at, now)} · next {_until(due_at, now)}\n", "dim")
        lines.append(f"   {clean(state)}\n" if state else "")
    return lines


Row = tuple[str, str, datetime | None, datetime | None, str]


def _source_row(source: Source) -> Row:
    return source.url, "", source.checked_at, source.due_at, _state(source.error, source.tags, _choice(source))


def _choice(source: Source) -> str:
    """Say what is followed of a source: "section, links /2018/*, the newest 30"."""
    parts = [
        source.kind,
        f"links {source.links}" if source.links else "",
        f"the newest {source.limit:,}" if source.limit else "",
    ]
    return ", ".join(part for part in parts if part)


def _article_row(article: Article, texts: int) -> Row:
    versions = str(article.version.number) if article.version else "none"
    headline = words.shorten(article.headline or "", _LONGEST_HEADLINE)
    if texts:
        headline = f"{texts} texts in turn: {headline}"
    if article.version and article.version.snapshot.origin:
        headline = f"(imported) {headline}"
    return article.url, versions, article.checked_at, article.due_at, _state(_trouble(article), article.tags, headline)


def _trouble(article: Article) -> str | None:
    if article.removed_at:
        return f"REMOVED: missing since {words.moment(article.gone_since or article.removed_at)} at the latest"
    error = _without(article.url, article.error) if article.error else None
    if article.gone_checks:
        return f"{error} (in {words.count(article.gone_checks, 'check')}; not yet confirmed)"
    return error


def _without(address: str, error: str) -> str:
    """Leave out the address that an error begins with, where it stands beside it."""
    return error.removeprefix(f"{address}: ")


def _state(error: str | None, tags: Sequence[str], about: str) -> str:
    parts = [error or about, " ".join(f"#{tag}" for tag in tags)]
    return "  ".join(part for part in parts if part)


def followed_document(
    sources: Sequence[Source], articles: Sequence[Article], variants: Mapping[int, Sequence[Variant]]
) -> str:
    """Write what is followed as JSON."""
    return dump(
        {
            "sources": [
                {
                    "address": source.url,
                    "kind": source.kind,
                    "tags": list(source.tags),
                    "links": source.links,
                    "limit": source.limit,
                    "checked_at": moment(source.checked_at),
                    "due_at": moment(source.due_at),
                    "error": source.error,
                    "failures": source.failures,
                }
                for source in sources
            ],
            "articles": [
                {**article_document(article), "variants": list(map(_variant, variants.get(article.id, ())))}
                for article in articles
            ],
        }
    )


def _variant(variant: Variant) -> dict[str, object]:
    return {
        "version": variant.version.number,
        "headline": variant.version.headline,
        "looks": variant.looks,
        "in_a_row": variant.in_a_row,
    }


def article_document(article: Article) -> dict[str, object]:
    """Give an article's row for JSON."""
    return {
        "address": article.url,
        "headline": article.headline,
        "folder": article.folder,
        "tags": list(article.tags),
        "followed": article.active,
        "same_as": article.same_as,
        "gone_since": moment(article.gone_since),
        "removed_at": moment(article.removed_at),
        "versions": article.version.number if article.version else 0,
        "imported_from": article.version.snapshot.origin if article.version else None,
        "added_at": moment(article.added_at),
        "checked_at": moment(article.checked_at),
        "changed_at": moment(article.changed_at),
        "due_at": moment(article.due_at),
        "error": article.error,
        "failures": article.failures,
    }


# --- the outbox -----------------------------------------------------------------------------------


def render_deliveries(deliveries: Sequence[Delivery], *, now: datetime, color: bool, width: int) -> str:
    """Write a table of alerts."""
    console = console_for(color, width)
    if not deliveries:
        console.print(Text("No alerts."))
        return written(console)
    table = _table("number", "channel", "state", "when", "tries", "alert")
    for delivery in deliveries:
        text = Text(clean(delivery.message.text.partition("\n")[0]))
        if article := _article_of(delivery):
            text.append(f"\n{clean(words.shorten(article['headline'] or article['url'], _LONGEST_HEADLINE))}", "dim")
        if delivery.error:
            text.append(f"\n{clean(delivery.error)}", "red")
        table.add_row(
            str(delivery.id),
            Text(clean(delivery.channel)),
            Text(delivery.state, STATES[delivery.state]),
            _when(delivery, now),
            str(delivery.attempts),
            text,
        )
    console.print(table)
    return written(console)


def _article_of(delivery: Delivery) -> dict[str, str]:
    """Say which article an alert is about; a digest is about several."""
    article = delivery.message.payload.get("article")
    return {key: str(article.get(key) or "") for key in ("url", "headline")} if isinstance(article, dict) else {}


def _when(delivery: Delivery, now: datetime) -> str:
    if delivery.state == "waiting":
        return f"tried {_until(delivery.due_at, now)}"
    return _ago(delivery.delivered_at or delivery.created_at, now)


def deliveries_document(deliveries: Sequence[Delivery]) -> str:
    """Write the outbox as JSON."""
    return dump(
        [
            {
                "id": delivery.id,
                "key": delivery.key,
                "channel": delivery.channel,
                "change": delivery.change_id,
                "article": _article_of(delivery).get("url"),
                "state": delivery.state,
                "title": delivery.message.title,
                "text": delivery.message.text,
                "created_at": moment(delivery.created_at),
                "due_at": moment(delivery.due_at),
                "delivered_at": moment(delivery.delivered_at),
                "attempts": delivery.attempts,
                "error": delivery.error,
            }
            for delivery in deliveries
        ]
    )


# --- the service ----------------------------------------------------------------------------------


def render_status(status: Status, *, now: datetime, color: bool, width: int) -> str:
    """Write how the tracker does, a line a thing."""
    console = console_for(color, width)
    followed = f"{words.count(status.articles, 'article')}, {words.count(status.sources, 'feed')}"
    lines = {
        "service": Text(status.holder or "not running", "green" if status.holder else "yellow"),
        **({"paused": Text(clean(status.paused), "red")} if status.paused else {}),
        "followed": Text(followed),
        "due now": Text(f"{status.due:,}"),
        "last check": Text(_ago(status.checked_at, now)),
        "kept": Text(f"{words.count(status.versions, 'version')}, {words.count(status.changes, 'change')}"),
        "alerts": Text(", ".join(f"{number:,} {state}" for state, number in status.outbox.items()) or "none"),
        "archive": Text(f"{status.archive} ({_size(status.archive_bytes)}; {_size(status.free_bytes)} free)"),
        "failing": Text(f"{status.failing_count:,}", "red" if status.failing_count else "none"),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, text in lines.items():
        table.add_row(Text(name, "dim"), text)
    for address, error in status.failing:
        table.add_row("", Text(clean(f"{address}: {_without(address, error)}")))
    for host, until, why in status.slowed:
        table.add_row(
            Text("slowed", "yellow"), Text(clean(f"{host} is left alone for {words.duration(until - now)}: {why}"))
        )
    for name, line in channel_lines(status.channels, now):
        table.add_row(Text("channel", "yellow"), Text(f"{name} {line}"))
    console.print(table)
    return written(console)


def status_document(status: Status) -> str:
    """Write how the tracker does as JSON."""
    return dump(
        {
            "running": status.holder is not None,
            "holder": status.holder,
            "paused": status.paused,
            "articles": status.articles,
            "sources": status.sources,
            "due": status.due,
            "versions": status.versions,
            "changes": status.changes,
            "checked_at": moment(status.checked_at),
            "failing": [{"address": address, "error": error} for address, error in status.failing],
            "failing_count": status.failing_count,
            "slowed": [{"host": host, "until": moment(until), "why": why} for host, until, why in status.slowed],
            "outbox": dict(status.outbox),
            "channels": channels_document(status.channels),
            "archive": {"folder": status.archive, "bytes": status.archive_bytes, "free_bytes": status.free_bytes},
        }
    )


def _size(count: int) -> str:
    """Say a number of bytes in the unit that suits it."""
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:,.0f} {units[0]}" if units[0] == "bytes" else f"{size:,.1f} {units[0]}"


# --- moments and tables ---------------------------------------------------------------------------


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading)
    return table


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{words.duration(now - at)} ago" if at else "never"


def _until(at: datetime | None, now: datetime) -> str:
    if at is None or at <= now:
        return "now"
    return f"in {words.duration(at - now)}"
