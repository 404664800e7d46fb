"""What is given away: `export`."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO, Literal

import typer

from tracker.cli.app import app
from tracker.cli.progress import progress
from tracker.cli.workspace import configuration, followed, now, open_catalog, show, warn, write
from tracker.errors import ArchiveError, ConfigError, TrackerError

if TYPE_CHECKING:
    from tracker.catalog import Catalog
    from tracker.config import Config
    from tracker.exports.tables import Name
    from tracker.exports.writers import Form
    from tracker.models import Article, Change

NOT_DONE = 3  # exit code


# --- export ---------------------------------------------------------------------------------------


@app.command(
    epilog="Examples: tracker export --format wacz -o archive.wacz · tracker export --format csv --table changes -o changes.csv · tracker export https://news.example.org/strike --evidence 2 -o change.zip"
)
def export(
    context: typer.Context,
    addresses: Annotated[list[str] | None, typer.Argument(help="Only these articles.", show_default="all")] = None,
    format: Annotated[
        Literal["warc", "wacz", "jsonl", "csv", "parquet"] | None,
        typer.Option(
            "--format",
            "-f",
            help="warc, wacz: all captures, for any tool for web archives; jsonl: a version a line, with its text and bounds; "
            "csv: a fact a line; parquet: a folder with all tables, for notebooks.",
            show_default="warc",
        ),
    ] = None,
    table: Annotated[
        Literal["articles", "versions", "changes", "facts", "events"] | None,
        typer.Option(help="Of jsonl, csv and parquet: only this table.", show_default="as the format says"),
    ] = None,
    evidence: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="CHANGE",
            help="One change, as a zip that a stranger can check: the number that `history`, alerts and `check --format json` give it, or, with an address, that of the version it led to.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file; all tables as parquet to this folder.",
            show_default="the terminal",
        ),
    ] = None,
) -> None:
    """Give away captures, versions, changes, facts, or the evidence of one change.

    Can be used while the service runs.  A file is there when it is whole.
    A WACZ opens in ReplayWeb.page.  What was imported says from where, in every form.
    The evidence holds both pages as sent, both texts, comparison, report, the chain of digests, and a script that checks them with nothing but Python; what-it-shows.txt says in plain words what is proven, as bounds.
    """
    if evidence is not None and (format or table):
        raise ConfigError("give either --format or --evidence; the evidence of a change is a zip file")
    if table and format not in ("jsonl", "csv", "parquet"):
        raise ConfigError("--table chooses one of the tables of --format jsonl, csv or parquet")
    config = configuration(context)
    with open_catalog(config) as catalog:
        if evidence is not None:
            _export_evidence(config, catalog, addresses or [], evidence, output)
            return
        wanted = [followed(catalog, address) for address in addresses or []] or catalog.articles(active=None)
        articles = list({article.id: article for article in wanted}.values())
        if format == "parquet":
            _export_parquet(config, catalog, articles, table, output)
        elif format in ("csv", "jsonl") and table and (format, table) != ("jsonl", "versions"):
            _export_table(config, catalog, articles, format, table, output)
        elif format == "csv":
            _export_csv(catalog, articles, output)
        elif format == "jsonl":
            _export_jsonl(config, catalog, articles, output)
        elif format == "wacz":
            _export_wacz(config, articles, output)
        else:
            _export_warc(config, articles, output)


def _export_table(
    config: Config, catalog: Catalog, articles: Sequence[Article], form: Form, table: Name, output: Path | None
) -> None:
    with contextlib.ExitStack() as stack:
        out: IO[bytes] = stack.enter_context(_new_file(output)) if output else _Terminal()
        problems = _write_tables(config, catalog, articles, form, {table: out})
    if output:
        show(f"{_count(len(articles), 'article')} in {output}\n")
    if problems:
        raise typer.Exit(NOT_DONE)


def _export_parquet(
    config: Config, catalog: Catalog, articles: Sequence[Article], table: Name | None, output: Path | None
) -> None:
    from tracker.exports import TABLES

    if table:
        _export_table(config, catalog, articles, "parquet", table, _file(output, f"{table}.parquet"))
        return
    folder = _file(output, "tables/")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made a folder: {error.strerror or error}") from error
    with contextlib.ExitStack() as stack:
        outs = {name: stack.enter_context(_new_file(folder / f"{name}.parquet")) for name in TABLES}
        problems = _write_tables(config, catalog, articles, "parquet", outs)
    show(f"{', '.join(TABLES)} of {_count(len(articles), 'article')} in {folder}\n")
    if problems:
        raise typer.Exit(NOT_DONE)


def _write_tables(
    config: Config, catalog: Catalog, articles: Sequence[Article], form: Form, outs: Mapping[Name, IO[bytes]]
) -> int:
    """Write tables article by article; gives how many articles could not be read."""
    from tracker.archive import Archive
    from tracker.exports import TABLES, open_writer, rows_of

    archive, problems = Archive(config.archive), 0
    writers = {name: open_writer(form, TABLES[name], out) for name, out in outs.items()}
    with progress("exporting", len(articles)) as advance:
        for article in articles:
            try:
                for name, writer in writers.items():
                    for row in rows_of(name)(catalog, archive, article):
                        writer.write(row)
            except ArchiveError as error:
                warn(str(error))
                problems += 1
            advance()
    for writer in writers.values():
        writer.close()
    return problems


class _Terminal(io.BytesIO):
    """Writes text to stdout as other results are written."""

    def write(self, data: Any) -> int:
        """Show it."""
        show(bytes(data).decode("utf-8", "replace"))
        return len(data)


def _export_wacz(config: Config, articles: Sequence[Article], output: Path | None) -> None:
    from tracker import __version__
    from tracker.archive import export_wacz

    path = _file(output, "archive.wacz")
    with _new_file(path) as file, progress("exporting", len(articles)) as advance:
        folders = _stepping([article.folder for article in articles], advance)
        title = articles[0].headline or articles[0].url if len(articles) == 1 else "Captures of articles"
        exported = export_wacz(
            config.archive, folders, file, created=now(), software=f"tracker/{__version__}", title=title
        )
        for problem in exported.left_out:
            warn(problem)
    show(f"{_count(exported.captures, 'capture')} of {_count(len(articles), 'article')} in {path}\n")
    if exported.left_out:
        raise typer.Exit(NOT_DONE)


def _stepping(folders: Sequence[str], advance: Callable[[], None]) -> Iterator[str]:
    for folder in folders:
        yield folder
        advance()


def _export_warc(config: Config, articles: Sequence[Article], output: Path | None) -> None:
    from tracker.archive import export_warc

    path = _file(output, "archive.warc.gz")
    captures, problems = 0, 0
    with _new_file(path) as file, progress("exporting", len(articles)) as advance:
        for article in articles:
            exported = export_warc(config.archive, [article.folder], file)
            captures += exported.captures
            problems += len(exported.left_out)
            for problem in exported.left_out:
                warn(problem)
            advance()
    show(f"{_count(captures, 'capture')} of {_count(len(articles), 'article')} in {path}\n")
    if problems:
        raise typer.Exit(NOT_DONE)


def _export_jsonl(config: Config, catalog: Catalog, articles: Sequence[Article], output: Path | None) -> None:
    problems = 0
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(_new_file(output)) if output else None
        advance = stack.enter_context(progress("exporting", len(articles)))
        for article in articles:
            try:
                for line in _lines(config, catalog, article):
                    file.write(line.encode()) if file else show(line)
            except TrackerError as error:
                warn(str(error))
                problems += 1
            advance()
    if problems:
        raise typer.Exit(NOT_DONE)


def _lines(config: Config, catalog: Catalog, article: Article) -> Iterator[str]:
    from tracker.archive import Archive
    from tracker.evidence import read_stored
    from tracker.report.versions import version_line

    archive = Archive(config.archive)
    versions = catalog.versions(article.id)
    for before, stored, after in zip([None, *versions], versions, [*versions[1:], None], strict=False):
        version = read_stored(archive, article, stored)
        snapshot = archive.read_snapshot(article.folder, stored.snapshot)
        yield version_line(article, stored, version, snapshot, before=before, after=after)


def _export_csv(catalog: Catalog, articles: Sequence[Article], output: Path | None) -> None:
    from tracker import report

    found = [change for one in articles for change in catalog.changes(article_id=one.id, newest_first=False)]
    text = report.render(found, "csv", now=now())
    if output is None:
        write(text, None)
    else:
        with _new_file(output) as file:
            file.write(text.encode("utf-8", "replace"))


def _export_evidence(
    config: Config, catalog: Catalog, addresses: Sequence[str], number: int, output: Path | None
) -> None:
    from tracker.archive import Archive
    from tracker.evidence import pack_evidence

    path = _file(output, "change.zip")
    article, change = _change(catalog, addresses, number)
    with _new_file(path) as file:
        pack_evidence(Archive(config.archive), article, change, file, now=now())
    show(f"the evidence of version {change.old.number} → {change.new.number} of {article.url} is in {path}\n")


def _change(catalog: Catalog, addresses: Sequence[str], number: int) -> tuple[Article, Change]:
    """Find the change that is meant: by its number, or by that of the version that it led to."""
    if len(addresses) > 1:
        raise ConfigError("--evidence packs one change; give one address, or none")
    if not addresses:
        change = catalog.change(number)
        article = catalog.article(change.article_url) if change else None
        if change is None or article is None:
            raise ConfigError(f"there is no change {number}; `tracker report` and `tracker history` give the numbers")
        return article, change
    article = followed(catalog, addresses[0])
    found = [one for one in catalog.changes(article_id=article.id) if one.new.number == number]
    if not found:
        raise ConfigError(f"no change led to a version {number} of {article.url}; `tracker history` shows its versions")
    return article, found[0]


def _file(output: Path | None, example: str) -> Path:
    if output is None:
        raise ConfigError(f"name the file to write to: -o {example}")
    return output


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is there when it is whole; what is no plain file, such as a pipe, is written to as it is."""
    is_plain = path.is_file() or not path.exists()
    part = path.with_name(f".{path.name}.part") if is_plain else path
    try:
        with part.open("wb") as file:
            yield file
        if is_plain:
            part.replace(path)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if is_plain:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _count(number: int, noun: str) -> str:
    from tracker.report.words import count

    return count(number, noun)
