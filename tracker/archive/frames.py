"""Zstandard frames: one for each record, the dictionary at the head of the file, and a seal on each append.

The form is "Zstandard Compression for WARC Files 1.0" (https://iipc.github.io/warc-specifications/specifications/warc-zstd/):
a skippable frame that holds the dictionary, itself compressed; then frames that name the dictionary, their content's size and a checksum.
The convention asks for a dictionary in Zstandard's own format, so the raw content (the first capture) is given the usual tables and identifier, at about 130 bytes.

What was appended at once is closed by a seal: a skippable frame, which every reader passes over, with the SHA-256 of the bytes since the one before.  A write without its seal
was interrupted; and a flipped bit is found even where the decompressor would not mind it (1 in 200 of them, in frames as small as ours: bits that mean nothing, or another copy of the same words).

Computes only.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Iterator
from typing import Final

from tracker.archive.warc import DamageError

if sys.version_info >= (3, 14):
    from compression import zstd  # pragma: no cover
else:
    from backports import zstd

DICTIONARY_MAGIC: Final = 0x184D2A5D  # of the skippable frame, as the convention sets it
MAGIC: Final = b"\x28\xb5\x2f\xfd"  # of a frame (RFC 8878, section 3.1.1)
HEAD: Final = struct.Struct("<II")  # magic number and size of a skippable frame (RFC 8878, section 3.1.2)
SEAL_MAGIC: Final = 0x184D2A5E  # of the skippable frame that holds a seal: one of the sixteen that anybody may use
SEAL_HEAD: Final = HEAD.pack(SEAL_MAGIC, 32)
SEAL_LENGTH: Final = len(SEAL_HEAD) + 32
TABLES: Final = 4096  # bytes; room for the dictionary's tables, which take about 130
LARGEST_DICTIONARY: Final = (
    8 << 20
)  # bytes; more, and a reader may refuse the file (the convention, "Window and dictionary limits")
LARGEST_RECORD: Final = (
    128 << 20
)  # bytes; 12 times the largest page that is fetched by default: beyond is a hostile file
LEVEL: Final = 10  # 940 bytes a version of a 116 kB page in 0.45 ms; level 3: 1108 in 0.14; level 19: 887 in 4.5 (dependencies.md, section 6)
CHECKED: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}

Dictionary = zstd.ZstdDict


def make_dictionary(records: list[bytes]) -> Dictionary:
    """Make the dictionary from the records of a file's first capture, or from as much of them as fits."""
    content = b"".join(records)[: LARGEST_DICTIONARY - TABLES]
    return zstd.finalize_dict(zstd.ZstdDict(content, is_raw=True), records, len(content) + TABLES, LEVEL)


def dictionary_frame(dictionary: Dictionary) -> bytes:
    """Write the head of a file."""
    frame = zstd.compress(dictionary.dict_content, options=CHECKED)
    return HEAD.pack(DICTIONARY_MAGIC, len(frame)) + frame


def head_length(data: bytes) -> int:
    """Say how many bytes the head of a file takes, from its first 8: 0 where there is no dictionary."""
    if len(data) < HEAD.size:
        return 0
    magic, size = HEAD.unpack_from(data)
    return HEAD.size + size if magic == DICTIONARY_MAGIC else 0


def read_dictionary(head: bytes) -> Dictionary | None:
    """Read the head of a file.

    Raises:
        DamageError: It is no dictionary.
    """
    if not head:
        return None
    content = head[HEAD.size :]
    if content.startswith(MAGIC):  # others may leave it uncompressed
        content = decompress(content, None, limit=LARGEST_DICTIONARY)
    try:
        return zstd.ZstdDict(content)
    except ValueError as error:
        raise DamageError("its dictionary cannot be read") from error


def compress(data: bytes, dictionary: Dictionary | None) -> bytes:
    """Compress one record into one frame.

    Raises:
        DamageError: It is larger than what is read back.
    """
    if len(data) > LARGEST_RECORD:
        raise DamageError(f"a record of {len(data)} bytes is larger than the {LARGEST_RECORD} that are read back")
    return zstd.compress(data, options=CHECKED, zstd_dict=dictionary)


def decompress(frame: bytes, dictionary: Dictionary | None, *, limit: int = LARGEST_RECORD) -> bytes:
    """Decompress one frame, which is checked against its checksum, and never into more than `limit` bytes.

    Raises:
        DamageError: It is no whole frame, or a bomb.
    """
    try:
        decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary)
        data: bytes = decompressor.decompress(frame, max_length=limit)
        if not decompressor.eof:
            data += decompressor.decompress(b"", max_length=1)  # a frame that fills the limit exactly
    except (zstd.ZstdError, EOFError) as error:
        raise DamageError("a compressed record cannot be read") from error
    if len(data) > limit:
        raise DamageError(f"a record is larger than {limit} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise DamageError("a compressed record is cut short")
    return data


def seal(data: bytes | memoryview) -> bytes:
    """Close what is appended at once."""
    return SEAL_HEAD + hashlib.sha256(data).digest()


END: Final = seal(b"")
"""The seal of nothing: no more is appended to this file.  Written where the storage refuses what would be written over another's append, before the next file is begun:
else one could begin it while another appends to this one, and the chain would have two ends."""


def is_seal(data: bytes | memoryview) -> bool:
    """Whether data begin with a whole seal."""
    return len(data) >= SEAL_LENGTH and bytes(data[: len(SEAL_HEAD)]) == SEAL_HEAD


def frame_length(data: memoryview) -> int | None:
    """Say how long the frame is that `data` begins with; None where there is no whole frame."""
    if bytes(data[:4]) != MAGIC:
        return None
    try:
        return int(zstd.get_frame_size(data))
    except zstd.ZstdError:
        return None


def split_frames(data: bytes) -> Iterator[bytes]:
    """Cut data that consist of whole frames into these.

    Raises:
        DamageError: They do not.
    """
    view, start = memoryview(data), 0
    while start < len(data):
        length = frame_length(view[start:])
        if length is None:
            raise DamageError("a compressed record is cut short")
        yield data[start : start + length]
        start += length
