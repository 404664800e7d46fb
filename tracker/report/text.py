"""Reports for the terminal.

With colour, words that went are struck and red, words that came underlined and green; without, they are [-struck-] and {+added+} as `wdiff` writes them.
No text of a publisher reaches the terminal before its control characters are made harmless.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tracker.models import Article, Change, Comparison, Event, Fact, StoredVersion
from tracker.report import view, words
from tracker.report.words import printable_on_terminal as clean
from tracker.statistics import NoteLater

NARROWEST = 60  # columns; below it the facts table has no room for two words a cell
_WIDEST_ADDRESS = 60  # columns; more would only part the status from the address
_SOURCE_COLUMN_FROM = 84  # columns; on narrower terminals the source stands below the values

_VERDICT_STYLES = {"substantive": "bold red", "minor": "yellow", "different_story": "bold magenta", None: "bold yellow"}
_STATUS_STYLES = {"conflicts": "bold red", "replaced": "bold", "added": "green", "removed": "red"}


def render(items: Sequence[view.Item], events: Sequence[Event], *, now: datetime, color: bool, width: int) -> str:
    """Write a report."""
    console = console_for(color, width)
    if not items:
        console.print(Text("No changes to report."))
    for item in items:
        _print_item(console, item)
    if events:
        _print_events(console, events)
    if items or events:
        parts = [words.count(len(items), "change" if not items or items[0].change else "comparison")]
        parts += [words.count(len(events), "event")] if events else []
        console.print(Text(f"{' · '.join(parts)} · report made at {words.moment(now)}", "dim"))
    return written(console)


def diff(item: view.Item, *, color: bool, width: int) -> str:
    """Write the changed words in context, below a line that says what they are."""
    console = console_for(color, width)
    console.print(Text(clean(item.title), "bold"))
    console.print(Text(item.when, "dim"))
    console.print()
    console.print(_verdict(item.comparison))
    if item.comparison.facts:
        console.print(_facts(item.comparison, console.width))
    _print_texts(console, item.comparison)
    return written(console)


def history(
    article: Article,
    versions: Sequence[StoredVersion],
    changes: Sequence[Change],
    events: Sequence[Event],
    *,
    now: datetime,
    notes: Mapping[int, NoteLater],
    color: bool,
    width: int,
) -> str:
    """Write an article's versions, the changes between them, and what else became of it."""
    console = console_for(color, width)
    for line in dict.fromkeys((article.headline or article.url, article.url)):
        console.print(Text(clean(line), "bold" if line == article.headline else "none"))
    console.print(Text(_following(article, len(versions), now), "dim"))
    leading_to = {change.new.id: change for change in changes}
    waiting = list(events)
    for version in versions:
        while waiting and waiting[0].not_after < version.snapshot.fetched_at:
            _print_event(console, waiting.pop(0))
        console.print()
        if version.id in leading_to:
            change = leading_to[version.id]
            console.print(Padding(_story(change, notes.get(change.id)), (0, 0, 0 if change.comparison.facts else 1, 2)))
            if change.comparison.facts:
                console.print(Padding(_facts(change.comparison, console.width - 2), (1, 0, 1, 2)))
        console.print(_version_line(version))
    for event in waiting:
        _print_event(console, event)
    return written(console)


def check_line(
    address: str,
    outcome: Comparison | str,
    *,
    position: int,
    total: int,
    elapsed_s: float,
    color: bool,
    width: int | None,
) -> str:
    """Write one line: elapsed, position, address, status; without a width whole."""
    counter = f"{elapsed_s:6.1f} s  {position:>{len(str(total))}}/{total}"
    return outcome_line(counter, address, outcome, color=color, width=width)


def outcome_line(lead: str, address: str, outcome: Comparison | str, *, color: bool, width: int | None) -> str:
    """Write one line: what comes first, such as a time, and then address and status, aligned; without a width whole."""
    status, style = outcome_words(outcome)
    address = clean(address.split("://", 1)[-1])
    if width is None:
        return f"{lead}  {address:<{_WIDEST_ADDRESS}}  {status}"
    for_address = min(max((width - len(lead) - 2) // 2, 20), _WIDEST_ADDRESS)
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{lead}  ", "dim")
    line.append(_fit(address, for_address) + "  ")
    line.append(status, style)
    console = console_for(color, width)
    console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    return written(console).rstrip("\n")


# --- pieces of a report ---------------------------------------------------------------------------


def _print_item(console: Console, item: view.Item) -> None:
    comparison = item.comparison
    console.print(Rule(style="dim", characters="─"))
    console.print(Text(clean(item.title), "bold"))
    if item.address:
        number = f"change {item.change.id}" if item.change and item.change.id else ""
        address = "" if item.address == item.title else clean(item.address)
        console.print(Text(" · ".join(part for part in (address, number) if part), "dim"))
    console.print()
    for line in words.gist(comparison):
        console.print(Text(clean(line), "bold"))
    if comparison.facts:
        console.print()
        console.print(_facts(comparison, console.width))
    console.print()
    console.print(_assessment(item))
    _print_texts(console, comparison)
    _heading(console, "Evidence")
    for heading, lines in item.evidence:
        console.print(Text(heading, "bold"))
        for line in lines:
            console.print(Padding(Text(clean(line), overflow="fold"), (0, 0, 0, 2)))
    console.print()


def _print_events(console: Console, events: Sequence[Event]) -> None:
    _heading(console, "What became of articles")
    for event in events:
        console.print()
        console.print(Text(clean(words.event_line(event)), overflow="fold"))
        console.print(Text(clean(event.headline or event.article_url), "bold", overflow="fold"))
        console.print(Text(clean(event.article_url), "dim", overflow="fold"))
    console.print()


def _heading(console: Console, heading: str) -> None:
    console.print()
    console.print(Text(heading.upper(), "bold dim"))


def _facts(comparison: Comparison, width: int) -> Table:
    wide = width >= _SOURCE_COLUMN_FROM
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("Kind", no_wrap=True)
    table.add_column("Old → new", ratio=3, overflow="fold")
    table.add_column("Status", no_wrap=True)
    table.add_column("Importance", no_wrap=True)
    if wide:
        table.add_column("Source", ratio=1, overflow="fold")
    for fact in comparison.facts:
        values = _values(fact, comparison)
        if fact.source and not wide:
            values.append(f"\nsource: {clean(fact.source)}", "dim")
        cells = [
            Text(words.KIND_NAMES[fact.kind]),
            values,
            Text(fact.status, _STATUS_STYLES[fact.status]),
            Text(f"{fact.importance} of 3"),
        ]
        table.add_row(*cells, *([Text(clean(fact.source or "–"))] if wide else []))
    return table


def _values(fact: Fact, comparison: Comparison) -> Text:
    value = Text()
    if fact.old is not None:
        value.append(words.shorten(clean(fact.old)), "red" if fact.status != "conflicts" else "none")
    if fact.old is not None and fact.new is not None:
        value.append(words.arrow(fact.old, fact.new))
    if fact.new is not None:
        value.append(words.shorten(clean(fact.new)), "green")
    details = [detail for detail in (fact.counted, f"about: {fact.about}" if fact.about else None) if detail]
    if details:
        value.append(f"\n{clean('; '.join(details))}", "dim")
    if fact.status == "conflicts" and fact.standing_sentence is not None:
        value.append(f"\nthe old value still stands in {words.place(comparison.new, fact.standing_sentence)}", "red")
    return value


def _assessment(item: view.Item) -> Table:
    comparison = item.comparison
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(*_label("Verdict"), _verdict(comparison))
    for n, reason in enumerate(words.reasons(comparison)):
        grid.add_row(*_label("Why" if n == 0 else ""), Text(clean(reason)))
    grid.add_row(*_label("When"), Text(clean(item.when)))
    if disclosure := words.disclosure_words(comparison, item.note):
        grid.add_row(*_label("Disclosure"), Text(disclosure))
    for note in words.new_notices(comparison):
        grid.add_row(*_label(""), Text(f"“{words.shorten(clean(note), 300)}”"))
    for warning in comparison.warnings:
        grid.add_row(*_label("Left out"), Text(clean(warning)))
    return grid


def _label(label: str) -> tuple[Text]:
    return (Text(label, "dim"),)


def _verdict(comparison: Comparison) -> Text:
    verdict = comparison.judgement.verdict
    line = Text(words.verdict_words(comparison).upper(), _VERDICT_STYLES.get(verdict, "bold"))
    importance = words.importance_words(comparison.judgement.importance) if verdict else ""
    rest = [part for part in (importance, words.verdict_sureness(comparison)) if part]
    line.append("".join(f"; {part}" for part in rest), "none")
    return line


def _print_texts(console: Console, comparison: Comparison) -> None:
    found = list(view.changed(comparison))
    if not found:
        return
    _heading(console, "The words that changed")
    for block in found:
        console.print()
        heading = Text(view.where(block, comparison), "bold cyan")
        if block.notice:
            heading.append(" · note by the publisher", "yellow")
        console.print(heading)
        console.print(Padding(_marked(view.in_context(block, comparison), console), (0, 0, 0, 2)))
    _print_standing(console, comparison)


def _print_standing(console: Console, comparison: Comparison) -> None:
    for sentence, facts in view.standing(comparison):
        console.print()
        heading = Text(words.place(comparison.new, sentence).removeprefix("the ").capitalize(), "bold cyan")
        heading.append(f", still standing: {words.standing_words(facts)}", "bold red")
        console.print(heading)
        console.print(Padding(Text(clean(comparison.new.sentences[sentence]), overflow="fold"), (0, 0, 0, 2)))


def _marked(pieces: view.Pieces, console: Console) -> Text:
    line = Text(overflow="fold")
    for operation, piece in pieces:
        text = clean(piece)
        if operation == "equal":
            line.append(text)
        elif console.is_terminal:
            line.append(text, "red strike" if operation == "delete" else "green underline")
        else:
            line.append(f"[-{text}-]" if operation == "delete" else f"{{+{text}+}}")
    return line


# --- history and status lines ---------------------------------------------------------------------


def _following(article: Article, versions: int, now: datetime) -> str:
    parts = [f"followed since {words.date(article.added_at)}", words.count(versions, "version")]
    if article.checked_at:
        parts.append(f"checked {words.duration(now - article.checked_at)} ago")
    return " · ".join(parts if article.active else [*parts, "no longer followed"])


def _print_event(console: Console, event: Event) -> None:
    console.print()
    console.print(Text(clean(words.event_line(event)), "bold magenta", overflow="fold"))


def _version_line(version: StoredVersion) -> Text:
    line = Text(f"Version {version.number}", "bold")
    first, last = (words.moment(at) for at in (version.snapshot.fetched_at, version.last_seen_at))
    seen = f"seen at {first}" if first == last else f"seen from {first} until {last}"
    line.append(f"  {seen} · snapshot {version.snapshot.id}", "none")
    line.append(clean(words.origin_words(version.snapshot, before=" · ")), "magenta")
    if version.snapshot.reading:
        line.append(f" · re-extraction of {words.date(version.snapshot.reading.at)}", "magenta")
    return line


def _story(change: Change, note: NoteLater | None) -> Text:
    comparison = change.comparison
    line = _verdict(comparison)
    if disclosure := words.disclosure_short(comparison, note):
        line.append(f"; {disclosure}")
    if course := words.course_words(change):
        line.append(f"; {course}", "bold")
    lines = [] if comparison.facts else [Text(clean(reason)) for reason in words.reasons(comparison)]
    when = "the address serves both texts" if change.alternating else f"changed {words.bounds(change)}"
    return Text("\n").join([line, Text(f"change {change.id} · {when}", "dim"), *lines])


def outcome_words(outcome: Comparison | str) -> tuple[str, str]:
    """Say how a check ended, and in which style."""
    if isinstance(outcome, str):
        return clean(outcome), "none"
    verdict = outcome.judgement.verdict
    style = _VERDICT_STYLES.get(verdict, "none")
    if verdict is None:
        return clean(f"SUSPECT: {'; '.join(outcome.capture.reasons) or 'not compared'}"), style
    if verdict == "substantive":
        return f"SUBSTANTIVE: {words.summary(outcome.facts)}", style
    return words.verdict_words(outcome).lower().removesuffix(" change"), style


def _fit(text: str, length: int) -> str:
    return text.ljust(length) if len(text) <= length else text[: length - 1] + "…"


# --- the console ----------------------------------------------------------------------------------


def console_for(color: bool, width: int) -> Console:
    """Make a console that writes into memory and knows of no terminal but what it is told."""
    return Console(
        file=StringIO(),
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},  # what the terminal is like arrives as arguments only
    )


def written(console: Console) -> str:
    """Take what was written to such a console."""
    assert isinstance(console.file, StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
