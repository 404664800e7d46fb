"""Reads the files of an archive for `check`, and says what is wrong with them.

Touches the disk.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tracker.archive.check import CheckedFile, Finding, Link, check_file
from tracker.archive.index import INDEX_FILE
from tracker.archive.storage import FILE, Place, Storage, article_files, open_storage, readable
from tracker.archive.tail import file_path
from tracker.archive.tombstones import Pruning
from tracker.archive.witnesses import check_head, check_index, check_known, check_pruned, check_readings, missing_files
from tracker.errors import ArchiveError
from tracker.models import StoredSnapshot

OF_ARTICLES: Final = re.compile(rf"{FILE.pattern}|{re.escape(INDEX_FILE)}")  # files that only articles have
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
    place: Place,
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
        place: The archive.
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
    heads, stamped, storage = heads or {}, stamped or {}, open_storage(place)
    wanted = sorted({*_article_folders(storage), *heads, *stamped} if articles is None else articles)
    done, total = 0, sum(_bytes_of(storage, article) for article in wanted) if progress else 0

    def tell(read: int) -> None:
        nonlocal done
        done += read
        if progress:
            progress(done, max(done, total))

    for article in wanted:
        remembered = Remembered(heads.get(article), known(article) if known else (), stamped.get(article, {}))
        yield from verify_article(storage, article, since=since, remembered=remembered, pruned=pruned, tell=tell)


def _article_folders(storage: Storage) -> set[str]:
    """List the folders of articles, and those where there was one."""
    with readable(storage, ""):
        return set(storage.folders(OF_ARTICLES))


def _bytes_of(storage: Storage, article_folder: str) -> int:
    with readable(storage, article_folder):
        return sum(status.size for name, status in storage.statuses(article_folder).items() if FILE.fullmatch(name))


def verify_article(
    place: Place,
    article_folder: str,
    *,
    since: datetime | None = None,
    remembered: Remembered = NOTHING_REMEMBERED,
    pruned: Pruned | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Finding]:
    """Find what is wrong with one article's files; `tell` is told the size of each file that was looked at."""
    storage = open_storage(place)
    with readable(storage, article_folder):
        files = article_files(storage, article_folder)
        statuses = storage.statuses(article_folder) if since else {}
    findings: list[Finding] = []
    checked: list[CheckedFile] = []
    stamped = set(remembered.stamped)
    link = Link()
    for number, name in files.items():
        if number > link.number + 1:
            findings.append(missing_files(article_folder, link.number + 1, number))
            link = Link(number - 1, latest=link.latest, known=False, complete=False)
        status = statuses.get(name.rpartition("/")[2])
        if since and status and status.written_at < since:
            link = Link(number, latest=link.latest, known=False, complete=False)
            tell(status.size)
            continue
        file, found = _check(storage, name, article_folder, number, link, remembered.stamped.keys())
        checked.append(file)
        stamped -= found
        link = file.link
        tell(file.size)
    findings += [finding for file in checked for finding in file.findings]
    passed_over = {file_path(article_folder, number) for number in files} - {file.file for file in checked}
    for finding in _witnesses(storage, article_folder, checked, remembered, passed_over):
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
    storage: Storage, article_folder: str, checked: list[CheckedFile], remembered: Remembered, passed_over: set[str]
) -> Iterator[Finding]:
    known = [stored for stored in remembered.known if stored.file not in passed_over]
    if remembered.head and remembered.head[0] not in passed_over:
        yield from check_head(article_folder, checked, remembered.head)
    yield from check_known(article_folder, checked, known)
    if not passed_over:
        yield from check_readings(checked, known)
    yield from check_index(article_folder, checked, _index(storage, article_folder), passed_over)


def _unstamped(article_folder: str, moment: str) -> Finding:
    meaning = f"the record that was the end of the chain, and time-stamped, on {moment} is not in it: it was changed or removed since"
    return Finding(article_folder, None, "stamp", meaning)


def ensure_whole(place: Place, article_folder: str) -> None:
    """See that all captures of an article can be read: a history with a hole would look like one without.

    Raises:
        ArchiveError: Some cannot.
    """
    for finding in verify_article(place, article_folder):
        if finding.kind not in HARMLESS:
            raise ArchiveError(f"{finding.file} is damaged: {finding.meaning}", file=finding.file)


def _check(
    storage: Storage, file: str, article_folder: str, number: int, link: Link, stamped: Collection[str]
) -> tuple[CheckedFile, set[str]]:
    """Check a file; once more where it is not whole, since that is how a file looks that is just being written to."""
    for wait_s in (WRITE_TIME_S, 0.0):
        checked, found = check_file(_read(storage, file), article_folder, number, link, stamped)
        if not any(finding.kind == "torn" for finding in checked.findings):
            break
        time.sleep(wait_s)
    return checked, found


def _read(storage: Storage, file: str) -> bytes:
    with readable(storage, file):
        return storage.read(file)


def _index(storage: Storage, article_folder: str) -> str:
    if not storage.keeps_index:
        return ""
    try:
        return storage.read(f"{article_folder}/{INDEX_FILE}").decode("utf-8", "replace")
    except OSError:
        return ""
