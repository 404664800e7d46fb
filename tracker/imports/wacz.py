"""WACZ: web archives in a zip file, as browsers and ArchiveWeb.page write them (https://specs.webrecorder.net/wacz/1.1.1/).

The captures are WARC files within it; indexes and the list of pages follow from these and are not needed.
Names in the zip file are never used as paths, and nothing is unpacked further than it is read.

Touches the disk.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tracker.archive import Imported, Skipped, read_warc_stream
from tracker.errors import InputError

CAPTURES: Final = (".warc", ".warc.gz")
MOST_FILES: Final = 100_000  # in one zip file; its list is held in memory
BROKEN: Final = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error, ValueError)
"""What reading a broken or hostile zip file can raise: a password is a RuntimeError, an unknown method NotImplementedError."""


def read(path: Path) -> Iterator[Imported | Skipped]:
    """Read the captures in a WACZ file.

    Raises:
        InputError: It cannot be opened, or is none.
    """
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise InputError(f"{path} cannot be opened as a WACZ, which is a zip file ({error})") from error
    with archive:
        files = archive.infolist()
        if len(files) > MOST_FILES:
            raise InputError(f"{path} says that it holds {len(files):,} files, more than the {MOST_FILES:,} of a WACZ")
        found = [one for one in files if one.filename.startswith("archive/") and one.filename.endswith(CAPTURES)]
        if not found:
            raise InputError(f"{path} is a zip file, but no WACZ: there is no archive/*.warc.gz in it")
        for one in found:
            yield from _read(archive, one)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Imported | Skipped]:
    name = info.filename[:200]
    try:
        with archive.open(info) as file:
            for item in read_warc_stream(file, name):
                yield Skipped(f"{name}, {item.place}", item.reason) if isinstance(item, Skipped) else item
    except InputError as error:
        yield Skipped(name, str(error))
    except BROKEN as error:
        yield Skipped(name, f"the zip file is damaged here, so the rest of it is left out ({error})")
