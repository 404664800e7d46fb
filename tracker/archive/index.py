"""What a person finds beside the archive's files: a README for the whole, and an index for each article.

Both follow from the files and can be deleted without loss; nothing is ever decided by them.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tracker.models import StoredSnapshot

INDEX_FILE: Final = "index.tsv"
README_FILE: Final = "README.txt"
HEADING: Final = "id\tfetched_at\tstatus\tbytes\tdigest\tfile\toffset\tlength\theadline\n"

README: Final = """\
What is in this folder
======================

Each folder HOST/ARTICLE/ holds what a web server sent for one article, capture after capture, and what was read in it.  It was written by `tracker`, but needs no tracker to be read.

  0001.warc.zst    the captures: WARC 1.1 records (ISO 28500:2017), compressed.  Only ever appended to (but for what is pruned); then 0002, 0003 ...
  index.tsv        a list of the captures for people: when, HTTP status, size, digest, where in the file, headline.
                   It follows from the files above and may be deleted.
  article.json     what was noted beside the captures: address, tags, until when each text was still seen, what became of the article.
  0001.12345.torn  the rest of a write that was interrupted at byte 12345 of 0001.warc.zst, kept for the curious.
                   Nobody was told of this capture.  May be deleted.

Records of a capture, in order: `response` (one for each redirect, then the page; the body with its content coding undone), `request`, `metadata` (JSON: times, addresses, TLS certificate,
digest of the body), and mostly `conversion` (JSON: headline, byline, paragraphs ... as read by the program that it names).

A capture that was pruned has left a tombstone, a `metadata` record: when it was fetched, the digests of its page and of its records, when it was removed and why.  The chain goes through it.
What a later version of the program read in an old capture stands further behind, as another `conversion` that names the capture (X-Archive-Reading-Of).

After each capture stands a seal: a skippable frame (bytes 5E 2A 4D 18, then 20 00 00 00) with the SHA-256 of the file's bytes since the seal before it.
In a bucket, the seal of nothing ends a file that another one follows.
Every record names the SHA-256 of its content (WARC-Block-Digest) and of the whole record before it (X-Archive-Previous-Record), across the files of an article.
So no record can be changed, removed, added or moved without breaking this chain, and whoever keeps the digest of the last record can tell whether anything before it was touched.
Files in timestamps/, where there are any: NAME.heads is a list of such digests, NAME.tsr the time-stamp (RFC 3161) that an authority gave for it: these records existed by then.
`tracker verify` checks all of it.  What it cannot prove: that the server's clock or ours was right, and that the server sends everybody the same.

To read a file without tracker
------------------------------

`tracker export` writes standard .warc.gz.  By hand, with the zstd command (https://facebook.github.io/zstd/): the form is "Zstandard Compression for WARC Files 1.0" of the IIPC.
Where a file begins with the bytes 5D 2A 4D 18, the next four are the size N (little-endian) of the dictionary that follows, itself compressed:

  N=$(od -An -tu4 -j4 -N4 0001.warc.zst | tr -d ' ')
  head -c $((8 + N)) 0001.warc.zst | tail -c +9 | zstd -d > dictionary
  tail -c +$((9 + N)) 0001.warc.zst | zstd -d -D dictionary > 0001.warc
"""


def index_line(stored: StoredSnapshot, headline: str | None) -> str:
    """Write the line of one capture."""
    shown = re.sub(r"\s+", " ", headline or "").encode("utf-8", "replace").decode()  # half a surrogate pair is no UTF-8
    at = stored.fetched_at.isoformat()
    file = stored.file.rpartition("/")[2]
    values = (stored.id, at, stored.status, stored.size, stored.digest, file, stored.offset, stored.length, shown)
    return "\t".join(map(str, values)) + "\n"


def tombstone_line(stored: StoredSnapshot, why: str) -> str:
    """Write the line of a capture that was pruned."""
    return index_line(stored, f"({why})")


def last_id(index: str) -> str:
    """Read the identifier of the last capture in an index, empty where there is none or its line is not whole."""
    if not index.endswith("\n"):
        return ""
    return index.rstrip("\n").rpartition("\n")[2].partition("\t")[0]


@dataclass(frozen=True, slots=True)
class Line:
    """What an index says of a capture."""

    id: str
    digest: str
    file: str  # without its folder
    offset: int


def read_lines(index: str) -> Iterator[Line]:
    """Read an index; lines that are not whole are passed over."""
    for line in index.splitlines()[1:]:
        values = line.split("\t")
        if len(values) == HEADING.count("\t") + 1 and values[6].isdecimal():
            yield Line(values[0], values[4], values[5], int(values[6]))
