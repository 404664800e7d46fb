"""Opens WARC files of any crawler: plain, gzip, or Zstandard with a dictionary at its head; nothing is unpacked further than it is read.

Touches the disk.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from tracker.archive.frames import (
    DICTIONARY_MAGIC,
    HEAD,
    LARGEST_DICTIONARY,
    MAGIC,
    Dictionary,
    head_length,
    read_dictionary,
)
from tracker.archive.warc import DamageError
from tracker.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd  # pragma: no cover
else:
    from backports import zstd

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = (MAGIC, HEAD.pack(DICTIONARY_MAGIC, 0)[:4])
BROKEN: Final = (OSError, EOFError, zlib.error, zstd.ZstdError)
"""What reading a broken file can raise."""


def open_warc(path: Path) -> BinaryIO:
    """Open a WARC file for reading what it holds.

    Raises:
        InputError: It cannot be opened, or is no WARC file.
    """
    try:
        with path.open("rb") as file:
            start = file.read(HEAD.size)
            if start.startswith(ZSTD):
                dictionary = _dictionary(path, file, start)
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror or error})") from error
    if start.startswith(ZSTD):
        return cast(BinaryIO, io.BufferedReader(zstd.ZstdFile(path, zstd_dict=dictionary)))
    if start.startswith(GZIP):
        return cast(BinaryIO, io.BufferedReader(gzip.open(path)))
    if start.startswith(b"WARC/"):
        return path.open("rb")
    raise InputError(f"{path} is no WARC file; .warc, .warc.gz and .warc.zst can be read")


def open_warc_stream(file: IO[bytes], name: str) -> BinaryIO:
    """Open a WARC file that stands within another file, plain or gzip.

    Raises:
        InputError: It is no WARC file.
    """
    reader = io.BufferedReader(cast(io.RawIOBase, file))
    start = reader.peek(HEAD.size)
    if start.startswith(GZIP):
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=reader)))
    if start.startswith(b"WARC/"):
        return cast(BinaryIO, reader)
    raise InputError(f"{name} is no WARC file")


def _dictionary(path: Path, file: BinaryIO, start: bytes) -> Dictionary | None:
    """Read the dictionary at the head of a file, after its first bytes."""
    length = head_length(start)
    if length > LARGEST_DICTIONARY:
        raise InputError(f"{path} says that it has a dictionary of {length} bytes, more than {LARGEST_DICTIONARY}")
    try:
        return read_dictionary(start + file.read(length - len(start)) if length else b"")
    except DamageError as error:
        raise InputError(f"{path}: the dictionary at its head cannot be read") from error
