"""What is kept: `verify`, `rebuild` and `replay`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.app import app
from tracker.cli.changes import moment_of
from tracker.cli.progress import measured_progress, progress
from tracker.cli.workspace import color, configuration, followed, now, open_catalog, open_pipeline, show, warn, width
from tracker.errors import ArchiveError, ConfigError, InputError

if TYPE_CHECKING:
    from tracker.archive import Finding, Pruning
    from tracker.archive.stamps import Checked
    from tracker.archive.storage import Storage
    from tracker.catalog import Catalog
    from tracker.config import Config
    from tracker.models import Article, StoredSnapshot
    from tracker.pipeline import Pipeline
    from tracker.report.replay import Replayed

DAMAGED = 1  # exit code
Format = Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")]


@app.command(epilog="Example: tracker verify --since 7d")
def verify(
    context: typer.Context,
    article: Annotated[
        list[str] | None, typer.Option(help="Only this article; may be given several times.", show_default="all")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only files written since: 7d, 12h, or 2018-04-09.", show_default="ever")
    ] = None,
    format: Format = "text",
) -> None:
    """Check that the archive's files are as they were written, and that the catalog agrees with them.

    Every digest, every link of the chains, the order of times, the time-stamps.  Changes nothing, and can be used while the service runs.
    Says what was pruned, when and why, and what the time-stamps prove.
    Leaves with 1 when something is wrong: one line for each finding, with file, place and what it means.
    """
    from tracker.archive.storage import open_storage, readable

    config = configuration(context)
    earliest = moment_of(since, now()) if since is not None else None
    storage = open_storage(config.archive)
    with readable(storage, ""):
        there = storage.exists()
    if not there:
        raise ArchiveError(f"there is no archive at {storage}; see [archive] folder in the configuration")
    with contextlib.ExitStack() as stack:
        catalog = None
        if _has_catalog(config):
            catalog = stack.enter_context(open_catalog(config))
        else:
            warn(
                "there is no catalog to compare with, so nobody can tell whether an article's last captures were removed"
            )
        known = {one.folder: one for one in catalog.articles(active=None)} if catalog else {}
        folders = [_folder_of(storage, known, address) for address in article or []]
        found = _Verified(as_json=format == "json")
        found.read(config, storage, catalog, known, folders or None, earliest)
    found.conclude()


def _has_catalog(config: Config) -> bool:
    """Say whether there is a catalog: who looks for damage must not make one."""
    path = config.database.removeprefix("sqlite:///")
    return path == config.database or Path(path).exists()


def _folder_of(storage: Storage, known: Mapping[str, Article], address: str) -> str:
    """Find the folder of an article, which the catalog may have lost."""
    from tracker.archive.storage import readable
    from tracker.url import article_folder, normalize_url

    url = normalize_url(address)
    folder = next((one.folder for one in known.values() if one.url == url), article_folder(url))
    with readable(storage, folder):
        is_known = folder in known or storage.names(folder)
    if not is_known:
        raise ConfigError(f"nothing is kept of {url}; `tracker list` shows what is followed")
    return folder


class _Verified:
    """What a look at the archive brings, finding by finding."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.files = self.articles = 0
        self.findings: list[Finding] = []
        self.pruned: dict[tuple[str, str], int] = {}  # captures by article and reason
        self.stamps: list[Checked] = []

    def read(
        self,
        config: Config,
        storage: Storage,
        catalog: Catalog | None,
        known: Mapping[str, Article],
        folders: Sequence[str] | None,
        since: datetime | None,
    ) -> None:
        from tracker.archive import Archive, verify_archive

        def snapshots(folder: str) -> list[StoredSnapshot]:
            return [one.snapshot for one in catalog.versions(known[folder].id)] if catalog and folder in known else []

        heads = {one.folder: one.archived_until for one in known.values() if one.archived_until}
        heads = {folder: head for folder, head in heads.items() if folders is None or folder in folders}
        self._count(storage, folders if folders is not None else Archive(storage).folders(), since)
        with measured_progress("verifying") as tell:
            stamped = self._check_stamps(config, storage, folders)
            for finding in verify_archive(
                storage,
                folders,
                since=since,
                heads=heads,
                known=snapshots,
                stamped=stamped,
                pruned=self._note_pruned,
                progress=tell,
            ):
                self._report(finding)

    def _report(self, finding: Finding) -> None:
        from tracker.report.words import printable_on_terminal

        self.findings.append(finding)
        if not self.as_json:
            show(printable_on_terminal(f"{_place(finding)}: {finding.meaning}") + "\n")

    def _note_pruned(self, folder: str, _: StoredSnapshot, why: Pruning) -> None:
        self.pruned[folder, str(why)] = self.pruned.get((folder, str(why)), 0) + 1

    def _check_stamps(
        self, config: Config, storage: Storage, folders: Sequence[str] | None
    ) -> dict[str, dict[str, str]]:
        """Check the time-stamps, and say for each article which digests got one, and when."""
        from tracker.archive.stamps import check_stamps, read_stamps
        from tracker.timestamp import read_certificate

        stamps = read_stamps(storage)
        if not stamps:
            return {}
        stamped: dict[str, dict[str, str]] = {}
        try:
            for checked in check_stamps(stamps, read_certificate(config)):
                self.stamps.append(checked)
                if checked.finding:
                    self._report(checked.finding)
                    continue
                for digest, folder in checked.stamp.articles.items():
                    if folders is None or folder in folders:
                        stamped.setdefault(folder, {})[digest] = f"{checked.at:%Y-%m-%d %H:%M} UTC"
        except ConfigError as error:
            warn(f"{len(stamps)} time-stamps were not checked: {error}")
        if config.timestamp_certificate is None:
            warn(
                "whoever signed the time-stamps is not known; name the certificate to trust as [archive] timestamp_certificate"
            )
        return stamped

    def _count(self, storage: Storage, folders: Iterable[str], since: datetime | None) -> None:
        from tracker.archive.storage import FILE, readable

        for folder in folders:
            with readable(storage, folder):
                files = [status for name, status in storage.statuses(folder).items() if FILE.fullmatch(name)]
            count = sum(1 for status in files if since is None or status.written_at >= since)
            self.files += count
            self.articles += count > 0

    def conclude(self) -> None:
        """Say how it is as a whole."""
        if self.as_json:
            findings = [asdict(finding) for finding in self.findings]
            counted = {"files": self.files, "articles": self.articles}
            show(_document({**counted, "findings": findings, "pruned": self._pruned(), "timestamps": self._stamps()}))
        elif self.findings:
            damaged = len({finding.file for finding in self.findings})
            warn(
                f"{_count(len(self.findings), 'finding')} in {_count(damaged, 'file')}; restore from a backup what was lost"
            )
        else:
            are = "is as it was" if self.files == 1 else "are as they were"
            show(f"{_count(self.files, 'file')} of {_count(self.articles, 'article')} {are} written\n")
        if not self.as_json:
            self._tell()
        if self.findings:
            raise typer.Exit(DAMAGED)

    def _tell(self) -> None:
        """Say what is no finding."""
        for (folder, why), number in self.pruned.items():
            show(f"{folder}: {_count(number, 'capture')} {why}\n")
        good = [one for one in self.stamps if one.at]
        if good:
            last = good[-1]
            hold = f"{_count(len(good), 'time-stamp')} by {last.authority}"
            show(f"{hold}: what was kept until the last of them existed by {last.at:%Y-%m-%d %H:%M:%S} UTC\n")

    def _pruned(self) -> list[dict[str, object]]:
        return [{"article": one, "captures": number, "why": why} for (one, why), number in self.pruned.items()]

    def _stamps(self) -> list[dict[str, object]]:
        return [
            {"file": one.stamp.file, "at": one.at.isoformat() if one.at else None, "authority": one.authority}
            for one in self.stamps
        ]


def _place(finding: Finding) -> str:
    return finding.file if finding.offset is None else f"{finding.file}, byte {finding.offset}"


# --- rebuild --------------------------------------------------------------------------------------


@app.command(epilog="Example: tracker rebuild")
def rebuild(
    context: typer.Context,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Into a catalog that knows articles already: adds what it lacks, and changes nothing."
        ),
    ] = False,
    format: Format = "text",
) -> None:
    """Make the catalog again from the archive's files alone, should it be lost.

    It gives the same versions, changes (under their numbers) and verdicts, and what was noted beside the captures: tags, feeds, events, opinions, until when each text was still seen.  Nobody is alerted.
    Lost with the old catalog is the past of the outbox; what the service had not noted yet when it was killed is at most an hour of checks that found nothing new.
    An article without a note is followed again, unless all of its captures were imported; `tracker unwatch` stops it.
    A damaged article is named and left out, and then it leaves with 1.  Stop the service first.
    """
    from tracker.archive import Archive
    from tracker.notes import restore_following
    from tracker.rebuild import number_changes, rebuild_article

    config = configuration(context)
    folders = list(Archive(config.archive).folders())
    if not folders:
        raise ArchiveError(f"there is nothing to make a catalog from in {config.archive}")
    with open_pipeline(config, "tracker rebuild") as pipeline:
        if (known := len(pipeline.catalog.articles(active=None))) and not force:
            raise ConfigError(
                f"the catalog knows {_count(known, 'article')} already; --force adds what it lacks, or move it away to make a new one"
            )
        restore_following(pipeline.archive, pipeline.catalog)
        problems: list[str] = []
        versions = 0
        with progress("rebuilding", len(folders)) as advance:
            for folder in folders:
                rebuilt = rebuild_article(pipeline, folder)
                if rebuilt.problem:
                    warn(rebuilt.problem)
                    problems.append(rebuilt.problem)
                versions += rebuilt.versions
                advance()
        if not known:
            number_changes(pipeline, folders)
    made = len(folders) - len(problems)
    if format == "json":
        show(_document({"articles": made, "versions": versions, "left_out": problems}))
    else:
        show(f"{_count(made, 'article')} with {_count(versions, 'version')}\n")
    if problems:
        warn(f"{_count(len(problems), 'article')} left out; `tracker verify` says more")
        raise typer.Exit(DAMAGED)


# --- replay ---------------------------------------------------------------------------------------


@app.command(epilog="Example: tracker replay --format json > would-change.json")
def replay(
    context: typer.Context,
    addresses: Annotated[list[str] | None, typer.Argument(help="Only these articles.", show_default="all")] = None,
    format: Format = "text",
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes to use.", show_default="one for each core")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Record it; without, it is only shown.")] = False,
) -> None:
    """Read and judge everything that is kept again, as today's program does, and show what would be different.

    Versions whose text is another, verdicts before and after, facts gained and lost, by article and in sum.
    With --apply, what is read now is kept behind the captures as re-extraction, and the history is told anew from it; what was read first stays in the archive.  Stop the service first.
    Nobody is alerted.  When it is stopped, the same command goes on where it was.
    A damaged article is named and left out, and then it leaves with 1.
    """
    from tracker.report.replay import render_replay, replay_document

    config = configuration(context)
    found: list[Replayed] = []
    with contextlib.ExitStack() as stack:
        pipeline = stack.enter_context(open_pipeline(config, "tracker replay --apply")) if apply else None
        catalog = pipeline.catalog if pipeline else stack.enter_context(open_catalog(config))
        articles = [followed(catalog, address) for address in addresses or []] or catalog.articles(active=None)
        articles = [one for one in articles if one.archived_until]
        count = min(processes or os.cpu_count() or 1, len(articles))
        with progress("replaying", len(articles)) as advance:
            for one in _replayed(config, catalog, pipeline, articles, count):
                if one.problem:
                    warn(one.problem)
                found.append(one)
                advance()
    if format == "json":
        show(replay_document(found, applied=apply))
    else:
        show(render_replay(found, color=color(), width=width(), applied=apply))
    if any(one.problem for one in found):
        raise typer.Exit(DAMAGED)


def _replayed(
    config: Config, catalog: Catalog, pipeline: Pipeline | None, articles: Sequence[Article], processes: int
) -> Iterator[Replayed]:
    """Replay articles, and record what comes out where there is a pipeline; those that were are not replayed again."""
    from tracker.batch import in_order
    from tracker.replay import Progress, ToReplay, apply_replay, replay_article
    from tracker.report.replay import Replayed

    if pipeline:
        articles = [pipeline.catch_up(one) for one in articles]
    done = Progress(config.archive_folder, apply=pipeline is not None)
    known = {one.id: done.find(one, catalog.count_changes) for one in articles}
    left = [one for one in articles if known[one.id] is None]
    tasks = (
        ToReplay(
            config.archive,
            one,
            tuple(catalog.changes(article_id=one.id, newest_first=False)),
            pipeline is not None,
        )
        for one in left
    )
    results = in_order(replay_article, tasks, min(processes, len(left)))
    for article in articles:
        if (before := known[article.id]) is not None:
            yield before
            continue
        result = next(results)
        if isinstance(result, InputError):
            yield Replayed(article.url, problem=f"{article.url} was left out: {result}")
            continue
        if pipeline:
            apply_replay(pipeline, article, result, at=now())
        done.note(article, catalog.count_changes(article.id), result.replayed)
        yield result.replayed
    done.end()


def _document(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _count(number: int, noun: str) -> str:
    from tracker.report.words import count

    return count(number, noun)
