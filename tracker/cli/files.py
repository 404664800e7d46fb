"""Files in place of followed articles: `compare` and `extract`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from tracker.cli.app import app
from tracker.cli.progress import progress
from tracker.cli.workspace import color, configuration, now, warn, width, write
from tracker.errors import BlockedError, ConfigError, InputError, TrackerError

if TYPE_CHECKING:
    from tracker.config import FetchSettings

TO_ACT_ON, NOT_DONE = 1, 3  # exit codes
STDIN = Path("-")
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.", show_default="the terminal")]
Processes = Annotated[int | None, typer.Option(min=1, help="Processes to use.", show_default="one for each core")]


@app.command(
    epilog="Examples: tracker compare monday.html tuesday.html --format json · tracker compare --batch pairs.jsonl > results.jsonl"
)
def compare(
    old: Annotated[Path | None, typer.Argument(help="The older text or saved page.", show_default=False)] = None,
    new: Annotated[Path | None, typer.Argument(help="The newer text or saved page.", show_default=False)] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            help='A file of lines {"id", "old", "new"}; a side is a text, a list of sentences, or {"file": path}.  "-" is standard input.',
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        Literal["text", "markdown", "html", "json"], typer.Option("--format", "-f", help="How to write it.")
    ] = "text",
    output: Output = None,
    force: Annotated[bool, typer.Option("--force", help="Compare even where a page is hardly the article.")] = False,
    changes_only: Annotated[
        bool, typer.Option("--changes-only", help="Leave unchanged sentences out of the JSON.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Leave with 1 when a change is substantive.")] = False,
    processes: Processes = None,
) -> None:
    """Compare two files, HTML or plain text: the facts that changed, the verdict, the words.

    A page is read as one from the web is; a plain text has one paragraph a line, the headline first.
    With --batch, one JSON object a line comes out for each line that goes in, in order; relative paths are relative to the batch file.
    """
    if batch is not None:
        if old or new:
            raise ConfigError("give either two files or --batch, not both")
        substantive = _compare_batch(batch, output, processes, force=force, changes_only=changes_only)
    elif old is None or new is None:
        raise ConfigError("two files are needed: tracker compare OLD NEW, or --batch PAIRS.jsonl")
    else:
        substantive = _compare_files(old, new, format, output, force=force, changes_only=changes_only)
    if exit_code and substantive:
        raise typer.Exit(TO_ACT_ON)


def _compare_files(
    old: Path,
    new: Path,
    format: Literal["text", "markdown", "html", "json"],
    output: Path | None,
    *,
    force: bool,
    changes_only: bool,
) -> bool:
    from tracker import report
    from tracker.files import compare_files
    from tracker.report.json import comparison_document

    comparison = compare_files(old, new, force=force)
    for warning in comparison.warnings:
        warn(warning)
    if format == "json":
        text = comparison_document(comparison, changes_only=changes_only)
    else:
        names = {"old_name": str(old), "new_name": str(new)}
        text = report.render_comparison(
            comparison, format, **names, now=now(), color=color() and output is None, width=width()
        )
    write(text, output)
    return comparison.judgement.verdict == "substantive"


def _compare_batch(batch: Path, output: Path | None, processes: int | None, *, force: bool, changes_only: bool) -> bool:
    from tracker.batch import in_order
    from tracker.files import Line, compare_line, not_compared

    folder = Path() if batch == STDIN else batch.parent
    substantive, failed = False, 0
    in_hand: deque[Line] = deque()

    def lines(source: TextIO) -> Iterator[Line]:
        for number, text in enumerate(source, 1):
            if text.strip():
                in_hand.append(Line(number, text, folder, force, changes_only))
                yield in_hand[-1]

    with _opened(batch) as source, _target(output) as target, progress("comparing", None) as advance:
        for result in in_order(compare_line, lines(source), processes or os.cpu_count() or 1):
            line = in_hand.popleft()
            compared = not_compared(line, result) if isinstance(result, InputError) else result
            if compared.problem:
                warn(compared.problem)
                failed += 1
            substantive |= compared.verdict == "substantive"
            target.write(f"{compared.text}\n")
            target.flush()
            advance()
    if failed:
        warn(f"{failed} {'pair' if failed == 1 else 'pairs'} could not be compared")
        raise typer.Exit(NOT_DONE)
    return substantive


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path == STDIN:
        with io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape") as file:
            yield file
        return
    try:
        file = path.open(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        yield file


@contextlib.contextmanager
def _target(path: Path | None) -> Iterator[TextIO]:
    try:
        with contextlib.nullcontext(sys.stdout) if path is None else path.open("w", encoding="utf-8") as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigError(f"{path or 'the output'} cannot be written: {error.strerror or error}") from error


@app.command(epilog="Example: tracker extract saved/*.html > articles.jsonl")
def extract(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(help="Saved pages or texts; an address is fetched.", show_default=False)
    ],
    address: Annotated[
        str | None,
        typer.Option(
            help="Where the page came from: gives its links and publisher rules their base.", show_default="unknown"
        ),
    ] = None,
    output: Output = None,
    processes: Processes = None,
) -> None:
    """Show what the extractor reads in saved pages: one JSON object a line, in order."""
    from tracker.batch import in_order
    from tracker.files import ToExtract, extract_file
    from tracker.url import check_url

    if address and len(files) > 1:
        raise ConfigError("--address names where one page came from; give one file")
    address = check_url(address) if address else None
    fetched = {file: _fetch(configuration(context).fetch, file) for file in files if "://" in file}
    tasks = [ToExtract(Path(file), address) for file in files if file not in fetched]
    results = in_order(extract_file, tasks, min(processes or os.cpu_count() or 1, len(tasks)))
    failed = 0
    with _target(output) as target, progress("reading", len(files)) as advance:
        for file in files:
            result = fetched[file] if file in fetched else next(results)
            if isinstance(result, TrackerError):
                warn(str(result))
                failed += 1
                result = {"file": file, "error": str(result)}
            target.write(json.dumps(result, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n")
            advance()
    if failed:
        raise typer.Exit(NOT_DONE)


def _fetch(settings: FetchSettings, address: str) -> dict[str, object] | TrackerError:
    from tracker.capture import judge_capture
    from tracker.extract import extract_version
    from tracker.fetch import ANYTHING, Fetcher
    from tracker.files import version_to_json
    from tracker.models import NotModified
    from tracker.politeness import Politeness
    from tracker.url import normalize_url

    try:
        url = normalize_url(address)
        with contextlib.closing(Fetcher(settings)) as fetcher:
            politeness = Politeness(settings)
            chance = Random()  # noqa: S311  # of a pause that nobody waits for
            permit = politeness.ask(url, now(), chance, lambda robots: fetcher.fetch(robots, accept=ANYTHING))
            if permit.refusal:
                raise BlockedError(permit.refusal, url=url, transient=permit.transient)
            snapshot = fetcher.fetch(url, may_follow=politeness.allows)
        assert not isinstance(snapshot, NotModified)  # nothing was asked conditionally
        version = extract_version(snapshot)
    except TrackerError as error:
        return error
    return {"file": address, **version_to_json(version, judge_capture(snapshot, version))}
