"""A change, packed so that a stranger can check it.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

from tracker import report
from tracker.archive import Archive, write_evidence
from tracker.errors import ArchiveError
from tracker.models import Article, Change, Snapshot, StoredVersion, Version

STATEMENT: Final = """\
What these captures show
========================

Address      {address}
Old capture  {old}   version {old_number}, pages/{old_id}.html, old.txt
New capture  {new}   version {new_number}, pages/{new_id}.html, new.txt

The texts in old.txt and new.txt are what was read in the two pages; comparison.json and report.html say what is different between them.

When it was changed
-------------------

{proven}
{noted}
Nobody can say more precisely when it was changed; the bounds are moments at which the page was fetched, by the clock of the machine that fetched it.

Where the captures come from
----------------------------

{origins}

What is and is not proven
-------------------------

captures.warc.gz and chain.tsv can be checked with check_evidence.py: that these pages are what was kept, that nothing was changed since, and in which order they were kept.
Not proven are: that the clock was right, that the server sends everybody the same, and that the whole chain was not made up at once.
Verdict, facts and texts are the reading of a program ({extractor}); the pages themselves are the evidence.
"""


def pack_evidence(archive: Archive, article: Article, change: Change, out: BinaryIO, *, now: datetime) -> None:
    """Write a zip with both captures of a change, texts, comparison, report, chain and a script that checks it.

    Raises:
        ArchiveError: A capture cannot be read, or the output cannot be written.
    """
    stored = (change.old, change.new)
    snapshots = [archive.read_snapshot(article.folder, one.snapshot) for one in stored]
    versions = [read_stored(archive, article, one) for one in stored]
    more = {
        "what-it-shows.txt": _statement(change, snapshots, versions[1]),
        "old.txt": _text(versions[0]),
        "new.txt": _text(versions[1]),
        "comparison.json": report.render([change], "json", now=now),
        "report.html": report.render([change], "html", now=now),
    }
    packed = {name: text.encode("utf-8", "backslashreplace") for name, text in more.items()}
    captures = sorted((one.snapshot for one in stored), key=lambda one: one.fetched_at)
    write_evidence(archive.folder, article.folder, captures, out, packed)


def read_stored(archive: Archive, article: Article, stored: StoredVersion) -> Version:
    """Read the text of a version.

    Raises:
        ArchiveError: It cannot be read.
    """
    read = archive.read_version(article.folder, stored.snapshot)
    if read is None:
        raise ArchiveError(
            f"version {stored.number} of {article.url} is not in the archive; `tracker verify` says more"
        )
    return read[0]


def _statement(change: Change, snapshots: list[Snapshot], version: Version) -> str:
    old, new = (_moment(one.snapshot.fetched_at) for one in (change.old, change.new))
    return STATEMENT.format(
        address=change.article_url,
        old=old,
        new=new,
        old_number=change.old.number,
        new_number=change.new.number,
        old_id=change.old.snapshot.id,
        new_id=change.new.snapshot.id,
        proven=f"By the two captures: after {old}, before {new}.",
        noted=_noted(change),
        origins="\n".join(_origins(snapshots)),
        extractor=version.extractor or "tracker",
    )


def _noted(change: Change) -> str:
    """Say what the catalog adds to the captures: it is our word, and no capture stands for it."""
    if change.old.last_seen_at <= change.old.snapshot.fetched_at:
        return "The tracker has no note of the old text between the two."
    seen = _moment(change.old.last_seen_at)
    return f"The tracker noted, without keeping another capture, that the old text still stood there at {seen}."


def _origins(snapshots: list[Snapshot]) -> Iterator[str]:
    for which, snapshot in zip(("Old", "New"), snapshots, strict=True):
        if snapshot.origin:
            yield f"{which}: not fetched by this tracker but imported, from {snapshot.origin}"
        else:
            yield f"{which}: fetched by this tracker from {snapshot.address} ({snapshot.server_address or 'address of the server not known'})"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def _text(version: Version) -> str:
    return "\n\n".join([version.headline or "(no headline)", *version.paragraphs]) + "\n"
