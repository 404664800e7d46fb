"""Reads the files of an archive for `check`, and says what is wrong with them.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tracker.archive.check import CheckedFile, Finding, Link, check_file
from tracker.archive.index import INDEX_FILE
from tracker.archive.reader import ArchiveReader, article_files
from tracker.archive.tail import file_path
from tracker.archive.tombstones import Pruning
from tracker.archive.witnesses import check_head, check_index, check_known, check_pruned, check_readings, missing_files
from tracker.errors import ArchiveError
from tracker.models import StoredSnapshot

WRITE_TIME_S: Final = 0.1  # some thirty times what an append takes

HARMLESS: Final = {"torn", "index"}
"""Kinds of findings that leave every capture readable: a write that was interrupted, the list for people."""

Progress = Callable[[int, int], None]
"""Is told how many bytes were read, of how many."""
Pruned = Callable[[str, StoredSnapshot, Pruning], None]
"""Is told of an article's folder, a capture that is gone from it, and when and why it was pruned."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What others remember of an article, to compare its files with."""

    head: tuple[str, int] | None = (
        None  # the file and the position in it where the last capture ends that the catalog knows
    )
    known: Collection[StoredSnapshot] = ()  # captures that the catalog knows
    stamped: Mapping[str, str] = field(default_factory=dict)  # digests of records that got a time-stamp, and when


NOTHING_REMEMBERED: Final = Remembered()


def verify_archive(
    folder: Path,
    articles: Iterable[str] | None = None,
    *,
    since: datetime | None = None,
    heads: Mapping[str, tuple[str, int]] | None = None,
    known: Callable[[str], Collection[StoredSnapshot]] | None = None,
    stamped: Mapping[str, Mapping[str, str]] | None = None,
    pruned: Pruned | None = None,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Find what is wrong with an archive.

    Args:
        folder: The archive.
        articles: Folders of the articles to look at; all where there are none given.
        since: Only files that were written to since; what an older file holds is then taken on trust.
        heads: For each article that the catalog knows, the file and the position in it where the last capture ends that the catalog knows.
            Without it nobody can tell that an article's last captures, or the whole article, were removed along with their index.
        known: Lists the captures of an article that the catalog knows.
        stamped: For each article, digests of records that got a time-stamp, and when.
        pruned: Told of captures that were pruned, which is no finding.
        progress: Told after each file.

    Yields:
        What is wrong, article by article.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    heads, stamped = heads or {}, stamped or {}
    wanted = sorted({*_article_folders(folder), *heads, *stamped} if articles is None else articles)
    done, total = (
        0,
        sum(_status(path).st_size for article in wanted for path in article_files(folder, article).values()),
    )

    def tell(read: int) -> None:
        nonlocal done
        done += read
        if progress:
            progress(done, max(done, total))

    for article in wanted:
        remembered = Remembered(heads.get(article), known(article) if known else (), stamped.get(article, {}))
        yield from verify_article(folder, article, since=since, remembered=remembered, pruned=pruned, tell=tell)


def _article_folders(folder: Path) -> set[str]:
    """List the folders of articles, and those where there was one."""
    indexed = {path.parent.relative_to(folder).as_posix() for path in folder.rglob(INDEX_FILE)}
    return indexed | set(ArchiveReader(folder).folders())


def verify_article(
    folder: Path,
    article_folder: str,
    *,
    since: datetime | None = None,
    remembered: Remembered = NOTHING_REMEMBERED,
    pruned: Pruned | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Finding]:
    """Find what is wrong with one article's files; `tell` is told the size of each file that was looked at."""
    files = article_files(folder, article_folder)
    findings: list[Finding] = []
    checked: list[CheckedFile] = []
    stamped = set(remembered.stamped)
    link = Link()
    for number, path in files.items():
        if number > link.number + 1:
            findings.append(missing_files(article_folder, link.number + 1, number))
            link = Link(number - 1, latest=link.latest, known=False, complete=False)
        status = _status(path)
        if since and datetime.fromtimestamp(status.st_mtime, UTC) < since:
            link = Link(number, latest=link.latest, known=False, complete=False)
            tell(status.st_size)
            continue
        file, found = _check(path, article_folder, number, link, remembered.stamped.keys())
        checked.append(file)
        stamped -= found
        link = file.link
        tell(file.size)
    findings += [finding for file in checked for finding in file.findings]
    passed_over = {file_path(article_folder, number) for number in files} - {file.file for file in checked}
    for finding in _witnesses(folder, article_folder, checked, remembered, passed_over):
        # The first who names a file is believed.
        if not any(one.file == finding.file for one in findings) or finding.kind == "catalog":
            findings.append(finding)
    if not findings and not passed_over:
        moments = sorted({remembered.stamped[digest] for digest in stamped})
        findings += [*check_pruned(checked), *(_unstamped(article_folder, moment) for moment in moments)]
    if pruned:
        for file in checked:
            for stored, why in file.tombstones:
                pruned(article_folder, stored, why)
    return findings


def _witnesses(
    folder: Path, article_folder: str, checked: list[CheckedFile], remembered: Remembered, passed_over: set[str]
) -> Iterator[Finding]:
    known = [stored for stored in remembered.known if stored.file not in passed_over]
    if remembered.head and remembered.head[0] not in passed_over:
        yield from check_head(article_folder, checked, remembered.head)
    yield from check_known(article_folder, checked, known)
    if not passed_over:
        yield from check_readings(checked, known)
    yield from check_index(article_folder, checked, _index(folder / article_folder), passed_over)


def _unstamped(article_folder: str, moment: str) -> Finding:
    meaning = f"the record that was the end of the chain, and time-stamped, on {moment} is not in it: it was changed or removed since"
    return Finding(article_folder, None, "stamp", meaning)


def ensure_whole(folder: Path, article_folder: str) -> None:
    """See that all captures of an article can be read: a history with a hole would look like one without.

    Raises:
        ArchiveError: Some cannot.
    """
    for finding in verify_article(folder, article_folder):
        if finding.kind not in HARMLESS:
            raise ArchiveError(f"{finding.file} is damaged: {finding.meaning}", file=finding.file)


def _check(
    path: Path, article_folder: str, number: int, link: Link, stamped: Collection[str]
) -> tuple[CheckedFile, set[str]]:
    """Check a file; once more where it is not whole, since that is how a file looks that is just being written to."""
    for wait_s in (WRITE_TIME_S, 0.0):
        checked, found = check_file(_bytes(path), article_folder, number, link, stamped)
        if not any(finding.kind == "torn" for finding in checked.findings):
            break
        time.sleep(wait_s)
    return checked, found


def _bytes(path: Path) -> bytes:
    with _readable(path):
        return path.read_bytes()


def _status(path: Path) -> os.stat_result:
    with _readable(path):
        return path.stat()


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read ({error.strerror or error})", file=str(path)) from error


def _index(place: Path) -> str:
    try:
        return (place / INDEX_FILE).read_text("utf-8", "replace")
    except OSError:
        return ""
