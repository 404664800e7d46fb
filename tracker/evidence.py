"""A change, packed so that a stranger can check it.

Joins the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final

from tracker import report
from tracker.archive import Archive, write_evidence
from tracker.errors import ArchiveError
from tracker.models import Article, Change, Snapshot, StoredSnapshot, StoredVersion, Version
from tracker.text import says_the_same

STATEMENT: Final = """\
What these captures show
========================

Address      {address}
Old capture  {old}   version {old_number}, pages/{old_id}.html, old.txt
{between}New capture  {new}   version {new_number}, pages/{new_id}.html, new.txt

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

captures.warc.gz, chain.tsv and the time-stamps can be checked with check_evidence.py, and every file with `sha256sum -c SHA256SUMS`: that these pages are what was kept, that nothing was changed since, and in which order they were kept.
Not proven are: that the clock was right, that the server sends everybody the same, and that the whole chain was not made up at once.
Verdict, facts and texts are the reading of a program ({extractor}); the pages themselves are the evidence.
"""


def pack_evidence(archive: Archive, article: Article, change: Change, out: BinaryIO, *, now: datetime) -> None:
    """Write a zip with both captures of a change, texts, comparison, report, chain and a script that checks it.

    Raises:
        ArchiveError: A capture cannot be read, or the output cannot be written.
    """
    versions = [read_stored(archive, article, one) for one in (change.old, change.new)]
    captures = [change.old.snapshot, *_last_with(archive, article, change, versions[0]), change.new.snapshot]
    snapshots = [archive.read_snapshot(article.folder, one) for one in captures]
    more = {
        "what-it-shows.txt": _statement(change, captures, snapshots, versions[1]),
        "claims.txt": "".join(f"{words}\n" for words in _claims(change)),
        "old.txt": _text(versions[0]),
        "new.txt": _text(versions[1]),
        "comparison.json": report.render([change], "json", now=now),
        "report.html": report.render([change], "html", now=now),
    }
    packed = {name: text.encode("utf-8", "backslashreplace") for name, text in more.items()}
    write_evidence(archive.storage, article.folder, captures, out, packed)


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


def _last_with(archive: Archive, article: Article, change: Change, old: Version) -> list[StoredSnapshot]:
    """Find the last capture of the old text that is kept, where there is another than the first: it narrows what is proven."""
    first, end = change.old.snapshot, change.not_after
    for stored in sorted(archive.captures(article.folder), key=lambda one: one.fetched_at, reverse=True):
        if first.fetched_at < stored.fetched_at < end:
            read = archive.read_version(article.folder, stored)
            if read and not read[1].suspect and says_the_same(read[0], old):
                return [stored]
    return []


def _claims(change: Change) -> list[str]:
    """List the words that changed."""
    words = (value for fact in change.comparison.facts for value in (fact.old, fact.new) if value)
    return list(dict.fromkeys(re.sub(r"\s+", " ", value) for value in words))


def _statement(
    change: Change, captures: Sequence[StoredSnapshot], snapshots: Sequence[Snapshot], version: Version
) -> str:
    old, new = (_moment(one.snapshot.fetched_at) for one in (change.old, change.new))
    last = captures[-2]
    between = f"Last with it {_moment(last.fetched_at)}   the old text once more, pages/{last.id}.html\n"
    return STATEMENT.format(
        address=change.article_url,
        old=old,
        new=new,
        between=between if len(captures) > 2 else "",
        old_number=change.old.number,
        new_number=change.new.number,
        old_id=change.old.snapshot.id,
        new_id=change.new.snapshot.id,
        proven=f"By the captures: after {_moment(last.fetched_at)}, before {new}.",
        noted=_noted(change, last),
        origins="\n".join(_origins(captures, snapshots)),
        extractor=version.extractor or "tracker",
    )


def _noted(change: Change, last: StoredSnapshot) -> str:
    """Say what the catalog adds to the captures: it is our word, and no capture stands for it."""
    if change.old.last_seen_at <= last.fetched_at:
        return "The tracker has no note of the old text between the two."
    seen = _moment(change.old.last_seen_at)
    return f"The tracker noted, without keeping another capture, that the old text still stood there at {seen}."


def _origins(captures: Sequence[StoredSnapshot], snapshots: Sequence[Snapshot]) -> Iterator[str]:
    names = ["Old", *["Last with it"] * (len(captures) - 2), "New"]
    for which, snapshot in zip(names, snapshots, strict=True):
        if snapshot.origin:
            yield f"{which}: not fetched by this tracker but imported, from {snapshot.origin}; its time is what that says"
        else:
            yield f"{which}: fetched by this tracker from {snapshot.address} ({snapshot.server_address or 'address of the server not known'})"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def _text(version: Version) -> str:
    return "\n\n".join([version.headline or "(no headline)", *version.paragraphs]) + "\n"
