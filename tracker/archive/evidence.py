"""Puts captures of one article, and what a stranger needs to check them, into one zip file.

In it: the captures as WARC, each page as a file of its own, the digest of every record that was ever kept of the article (the chain), a script that checks all this with nothing but
Python's standard library, and whatever the caller adds: the comparison, the report, the texts.

Touches the disk.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import BinaryIO, Final

from tracker.archive.export import export_warc, records_of
from tracker.archive.stamps import stamps_of
from tracker.archive.storage import Place, Storage
from tracker.archive.store import Archive
from tracker.archive.tombstones import links_of
from tracker.errors import ArchiveError
from tracker.models import Headers, Snapshot, StoredSnapshot

SCRIPT: Final = "check_evidence.py"
CHAIN_HEADING: Final = "type\tdate\tdigest\tprevious\n"
WRITTEN_AT: Final = (1980, 1, 1, 0, 0, 0)  # the same captures make the same file
README: Final = """\
What this is
============

Captures of one page as a web server sent them, with what is needed to check that nothing was changed since.

  captures.warc.gz    the captures: standard WARC 1.1, for any tool for web archives
  pages/              the body of each capture, for any browser (without its pictures)
  headers/            what was asked, what the server answered besides the page, and through which addresses it led
  chain.tsv           the digest of every record that was kept of this article, each with the digest of the one before
  timestamps/         where there are any: the word of an authority that the chain was there by a moment (RFC 3161)
  SHA256SUMS          the digest of every file here:  sha256sum -c SHA256SUMS
  check_evidence.py   checks all of it; read it first:  python3 check_evidence.py "WORDS TO LOOK FOR"

Beside them, what a program reads in the captures: old.txt and new.txt (the texts), comparison.json and report.html (what is different; it prints on paper or to PDF
as it is), claims.txt (the words that changed), and what-it-shows.txt, which says in plain words what is proven and what is not.

Times are UTC, and bounds: something that is in one capture and not in the next was changed between the two moments.
"""


def write_evidence(
    place: Place, article_folder: str, captures: Sequence[StoredSnapshot], out: BinaryIO, more: Mapping[str, bytes]
) -> None:
    """Write an evidence file.

    Args:
        place: The archive.
        article_folder: Of the article.
        captures: What is to be shown, oldest first.
        out: Where to write.
        more: Further files by their names: "report.html", "comparison.json".

    Raises:
        ArchiveError: A capture or the chain cannot be read: there is nothing to prove with.
    """
    archive = Archive(place)
    storage = archive.storage
    warc = io.BytesIO()
    left_out: list[str] = []
    export_warc(storage, [article_folder], warc, only={stored.id for stored in captures})
    chain = CHAIN_HEADING + "".join(_chain(storage, article_folder, left_out))
    if left_out:
        raise ArchiveError(f"no evidence can be made of {article_folder}: {left_out[0]}")
    pages = {one: archive.read_snapshot(article_folder, one) for one in captures}
    files: dict[str, bytes] = {
        "README.txt": README.encode(),
        SCRIPT: (Path(__file__).parent / SCRIPT).read_bytes(),
        "captures.warc.gz": warc.getvalue(),
        "chain.tsv": chain.encode(),
        **{f"pages/{one.id}.html": snapshot.body for one, snapshot in pages.items()},
        **{
            f"headers/{one.id}.txt": _headers(snapshot).encode("utf-8", "backslashreplace")
            for one, snapshot in pages.items()
        },
        **{
            f"timestamps/{stamp.name}.{ending}": data
            for stamp in stamps_of(storage, article_folder)
            for ending, data in (("heads", stamp.heads), ("tsr", stamp.response))
        },
        **more,
    }
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files.items():
                packed.writestr(zipfile.ZipInfo(name, WRITTEN_AT), data, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise ArchiveError(f"the evidence cannot be written ({error.strerror or error})") from error


def _chain(storage: Storage, article_folder: str, left_out: list[str]) -> Iterator[str]:
    for record, raw in records_of(storage, article_folder, left_out):
        for link in links_of(record, raw):
            yield "\t".join((link.type, link.date, link.digest, link.previous or "-")) + "\n"


def _headers(snapshot: Snapshot) -> str:
    """Write down what was exchanged besides the page."""
    lines = [f"GET {snapshot.url}", *_fields(snapshot.request_headers), ""]
    for hop in snapshot.redirects:
        lines += [f"{hop.url} answered {hop.status}, and led to {hop.location}", *_fields(hop.headers), ""]
    lines += [
        f"{snapshot.address} answered {snapshot.status} {snapshot.reason}".rstrip(),
        *_fields(snapshot.headers),
        "",
    ]
    told = {
        "received (UTC)": snapshot.fetched_at.astimezone(UTC).isoformat(),
        "seconds": snapshot.elapsed_s,
        "server": snapshot.server_address,
        "TLS certificate (SHA-256)": snapshot.certificate_sha256,
        "imported from": snapshot.origin,
    }
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in told.items() if value)]) + "\n"


def _fields(headers: Headers) -> list[str]:
    return [f"  {name}: {value}" for name, value in headers]
