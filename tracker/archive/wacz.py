"""Gives captures away as WACZ: a web archive in one zip file that browsers open (https://specs.webrecorder.net/wacz/1.1.1/).

In it: the captures as WARC, an index of them by address and time (CDXJ in gzip members of 3,000 lines, with an index of its own, as every tool for WACZ writes it),
a list of pages, and the digests of all of these.
The library `wacz` is not needed to write this, and brings thirty others; the tests let it check what is written here.

Touches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from tracker.archive.capture_records import version_of
from tracker.archive.export import LEVEL, Exported, records_of
from tracker.archive.storage import Place, Storage, open_storage
from tracker.archive.tombstones import is_note
from tracker.archive.warc import DamageError, Record
from tracker.errors import ArchiveError

SPECIFICATION: Final = "1.1.1"
WARC: Final = "data.warc.gz"
INDEX: Final = "index.cdx.gz"
LINES: Final = 3000  # of the index in a gzip member
HEAD: Final = 1 << 16  # bytes of a response in which its header is looked for
STATUS: Final = re.compile(rb"HTTP/\S+ (\d{3})")
CONTENT_TYPE: Final = re.compile(rb"\r\ncontent-type: *([^;\r\n]+)", re.IGNORECASE)
WRITTEN_AT: Final = (1980, 1, 1, 0, 0, 0)  # the same captures make the same file


def export_wacz(
    place: Place, articles: Iterable[str], out: BinaryIO, *, created: datetime, software: str, title: str
) -> Exported:
    """Write captures as one `.wacz`.

    Args:
        place: The archive.
        articles: Folders of the articles.
        out: Where to write.
        created: When.
        software: By what.
        title: Of the whole.

    Raises:
        ArchiveError: A file cannot be read, or the output cannot be written.
    """
    found = _Captures(open_storage(place))
    try:
        with zipfile.ZipFile(out, "w", allowZip64=True) as packed:
            package = _Package(packed)
            package.add(f"archive/{WARC}", found.members(articles))
            members = list(_index(sorted(found.lines)))
            package.add(f"indexes/{INDEX}", (data for _, data in members))
            package.add("indexes/index.idx", _index_of_index(members))
            heading = {"format": "json-pages-1.0", "id": "pages", "title": title}
            package.add("pages/pages.jsonl", map(_line, [heading, *found.pages]))
            package.close(created, software, title)
    except OSError as error:
        raise ArchiveError(f"the export cannot be written ({error.strerror or error})") from error
    return Exported(found.records, found.captures, tuple(found.left_out))


@dataclass(slots=True)
class _Captures:
    """Gives the captures as WARC, piece by piece, and notes what index and list of pages need."""

    storage: Storage
    lines: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    records: int = 0
    captures: int = 0

    def members(self, articles: Iterable[str]) -> Iterator[bytes]:
        offset = 0
        for article in articles:
            for record, raw in records_of(self.storage, article, self.left_out):
                member = gzip.compress(raw, LEVEL, mtime=0)
                if record.type == "response":
                    self.lines.append(_cdxj(record, offset, len(member)))
                elif record.type == "conversion":
                    self._note_page(record)
                self.records += 1
                self.captures += record.type == "metadata" and not is_note(record)
                offset += len(member)
                yield member

    def _note_page(self, conversion: Record) -> None:
        """List a page of an article; what hardly is one is in the index alone."""
        try:
            version, capture = version_of(conversion)
        except DamageError:
            return
        address = conversion.field("WARC-Target-URI") or ""
        if not capture.suspect:
            told = {"id": conversion.id.strip("<>"), "url": address, "ts": conversion.field("WARC-Date")}
            self.pages.append({**told, "title": version.headline or address})


@dataclass(slots=True)
class _Package:
    """A zip file that lists what is in it."""

    packed: zipfile.ZipFile
    resources: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: str, pieces: Iterable[bytes]) -> None:
        """Write a file; what is compressed already is only stored, so that it can be read from the middle."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(path, WRITTEN_AT)
        info.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
        with self.packed.open(info, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        name = path.rpartition("/")[2]
        self.resources.append({"name": name, "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": size})

    def close(self, created: datetime, software: str, title: str) -> None:
        """Write what the package is."""
        package = {
            "profile": "data-package",
            "wacz_version": SPECIFICATION,
            "title": title,
            "created": f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "software": software,
            "resources": self.resources,
        }
        written = json.dumps(package, indent=2).encode()
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(written).hexdigest()}"}
        for name, data in (("datapackage.json", written), ("datapackage-digest.json", json.dumps(digest).encode())):
            self.packed.writestr(zipfile.ZipInfo(name, WRITTEN_AT), data, zipfile.ZIP_DEFLATED)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


# --- index ----------------------------------------------------------------------------------------


def _cdxj(response: Record, offset: int, length: int) -> str:
    """Write a response's line of the index."""
    head = response.block[:HEAD].partition(b"\r\n\r\n")[0]
    status, kind = STATUS.match(head), CONTENT_TYPE.search(head)
    address = response.field("WARC-Target-URI") or ""
    moment = re.sub(r"\D", "", response.field("WARC-Date") or "")[:14]
    told = {
        "url": address,
        "mime": kind[1].decode("latin-1").strip() if kind else "unk",
        "status": status[1].decode() if status else "-",
        "digest": response.field("WARC-Payload-Digest"),
        "length": str(length),
        "offset": str(offset),
        "filename": WARC,
    }
    return f"{search_key(address)} {moment} {json.dumps(told)}\n"


def search_key(address: str) -> str:
    """Write an address as indexes of web archives sort it (SURT): `com,example)/path?query`, without `www.`, in small letters."""
    split = urlsplit(address.lower())
    host = re.sub(r"^www\d*\.", "", split.hostname or "")
    port = f":{split.port}" if split.port and split.port != {"http": 80, "https": 443}.get(split.scheme) else ""
    path = re.sub(r"/+", "/", split.path).rstrip("/") or "/"
    query = "&".join(sorted(split.query.split("&"))) if split.query else ""
    return f"{_reversed(host)}{port}){path}{'?' if query else ''}{query}".replace(" ", "%20")


def _reversed(host: str) -> str:
    return host if ":" in host else ",".join(reversed(host.split(".")))


def _index(lines: list[str]) -> Iterator[tuple[str, bytes]]:
    """Compress the index some lines at a time; gives each piece with the key and time that it begins with."""
    remaining = iter(lines)
    while some := list(islice(remaining, LINES)):
        yield some[0].partition(" {")[0], gzip.compress("".join(some).encode(), LEVEL, mtime=0)


def _index_of_index(members: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    yield f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': INDEX})}\n".encode()
    offset = 0
    for key, data in members:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        told = {"offset": offset, "length": len(data), "digest": digest, "filename": INDEX}
        yield f"{key} {json.dumps(told)}\n".encode()
        offset += len(data)
