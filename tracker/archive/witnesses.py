"""Compares what an archive's files hold with what others remember of it: the catalog, the index beside the files, the chain's own word on what was pruned.

What stands at the very end of an article's last file can only be vouched for from outside.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracker.archive.check import CheckedFile, Finding
from tracker.archive.index import read_lines
from tracker.archive.tail import file_path
from tracker.models import StoredSnapshot


def missing_files(article_folder: str, first: int, end: int) -> Finding:
    """Say that files are gone which must have been there, since later ones are."""
    more = "" if end == first + 1 else f", and so are those up to {file_path(article_folder, end - 1)}"
    gone = f"the file is gone{more}, with the captures in it: restore it from a backup"
    return Finding(file_path(article_folder, first), None, "missing", gone)


def check_head(article_folder: str, checked: list[CheckedFile], head: tuple[str, int]) -> Iterator[Finding]:
    """Compare an article's files with the end of the last capture that the catalog knows."""
    name, end = head
    file = next((one for one in checked if one.file == name), None)
    if file is None:
        missing = f"the file is gone, and with it captures of {article_folder} that the catalog knows"
        yield Finding(name, None, "missing", f"{missing}: restore it from a backup")
    elif end > file.size:
        short = f"the file is {file.size} bytes long, but the catalog knows captures up to byte {end}"
        yield Finding(name, file.size, "catalog", f"{short}: its end was cut off; restore it from a backup")
    elif not file.findings and end not in {stored.offset + stored.length for stored in file.places.values()}:
        yield Finding(
            name,
            end,
            "catalog",
            f"no capture ends at byte {end}, where the catalog knows the end of one: the file was changed",
        )


def check_known(article_folder: str, checked: list[CheckedFile], known: Iterable[StoredSnapshot]) -> Iterator[Finding]:
    """Compare the captures in the files with those that the catalog knows."""
    found = {place: stored for file in checked for place, stored in file.places.items()}
    explained = {finding.file for file in checked for finding in file.findings}
    for stored in known:
        there = found.get((stored.file, stored.offset))
        if there is not None and there != replace(stored, reading=there.reading):
            other = f"the catalog knows another capture here ({stored.id}, {stored.digest})"
            yield Finding(stored.file, stored.offset, "catalog", f"{other}: the file or the catalog was changed")
        elif there is None and stored.file not in explained:
            gone = f"the capture {stored.id} that the catalog knows is not there"
            yield Finding(stored.file, stored.offset, "catalog", f"{gone}: it was removed from {article_folder}")


def check_pruned(checked: list[CheckedFile]) -> Iterator[Finding]:
    """See that the chain itself speaks of each capture that was pruned."""
    told = {(notice.pruning, *capture) for file in checked for notice in file.notices for capture in notice.captures}
    for file in checked:
        for stored, pruning in file.tombstones:
            if (pruning, stored.id, stored.digest) not in told:
                unsaid = f"the capture {stored.id} was replaced by a tombstone, but the chain does not say that it was {pruning}"
                yield Finding(file.file, stored.offset, "chain", unsaid)


def check_readings(checked: list[CheckedFile], known: Iterable[StoredSnapshot]) -> Iterator[Finding]:
    """Compare the re-extractions in the files with those that the catalog knows."""
    found = {name: reading for file in checked for name, reading in file.readings.items()}
    for stored in known:
        if stored.reading and stored.reading != found.get(stored.id):
            other = f"the catalog knows another re-extraction of the capture {stored.id}, from here"
            yield Finding(stored.reading.file, stored.reading.offset, "catalog", other)


def check_index(
    article_folder: str, checked: list[CheckedFile], index: str, passed_over: Iterable[str] = ()
) -> Iterator[Finding]:
    """Compare the captures in the files with the index beside them, as far as that can be read.

    Args:
        article_folder: Of the article.
        checked: The files that were checked.
        index: The index, empty where there is none.
        passed_over: Files that are there and were not checked.
    """
    found = {place: stored for file in checked for place, stored in file.places.items()}
    silent = {finding.file for file in checked for finding in file.findings} | set(passed_over)
    present = {file.file for file in checked}
    for line in read_lines(index):
        file = f"{article_folder}/{line.file}"
        stored = found.get((file, line.offset))
        if file in silent:
            continue
        if file not in present:
            yield Finding(
                file,
                None,
                "missing",
                "the file is gone although the index lists captures in it: restore it from a backup",
            )
        elif stored is None:
            yield Finding(
                file,
                line.offset,
                "index",
                f"the capture {line.id} that the index lists is not there: it was removed, or the index was edited",
            )
        elif (stored.id, stored.digest) != (line.id, line.digest):
            yield Finding(
                file,
                stored.offset,
                "index",
                f"the capture {line.id} is not the one that the index lists: the file or the index was changed",
            )
