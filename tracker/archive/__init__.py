"""The archive: what the servers sent, in files that stand on their own.

One folder for each article, `<host>/<article>/`, with append-only files `0001.warc.zst`, `0002.warc.zst` … of WARC 1.1 records (ISO 28500:2017).
Each record is one Zstandard frame, and the first capture of a file is the dictionary for the rest, after "Zstandard Compression for WARC Files 1.0" of the IIPC:
a page that changed by a sentence costs some hundred bytes.

`warc` knows records, `frames` their compression, `capture_records` how a snapshot becomes records and back, `scan` how captures are found in a file,
`tail` where the next one goes, `tombstones` what stands for a capture that was pruned, `prune` how a file is written without it, `index` what a person reads beside them; these compute only.
`check` tells what is wrong with a file, `witnesses` what others remember of it.
`storage` is what the archive does with files, `folder` and `bucket` where these lie; `disk` writes so that a crash leaves all or nothing, `lock` keeps a second tracker out.
`reader` and `store` join them, `verify` reads it all for `check`.
`export` gives captures away as standard WARC, `wacz` as a package that browsers open, `foreign` takes them from any (`unpack` opens it, `codings` undoes what a body was packed in); `evidence` packs some with `check_evidence`, a script for strangers.

What is asked for is imported then: a check needs a third of it.

Touches the disk, or the network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tracker.archive.check import Finding
    from tracker.archive.disk import Disk
    from tracker.archive.evidence import write_evidence
    from tracker.archive.export import Exported, export_warc
    from tracker.archive.foreign import Imported, Skipped, read_warc, read_warc_stream
    from tracker.archive.lock import lock_archive
    from tracker.archive.store import Archive, Tidied
    from tracker.archive.tombstones import Pruning, Tombstone
    from tracker.archive.verify import ensure_whole, verify_archive, verify_article
    from tracker.archive.wacz import export_wacz

__all__ = [
    "Archive",
    "Disk",
    "Exported",
    "Finding",
    "Imported",
    "Pruning",
    "Skipped",
    "Tidied",
    "Tombstone",
    "ensure_whole",
    "export_wacz",
    "export_warc",
    "lock_archive",
    "read_warc",
    "read_warc_stream",
    "verify_archive",
    "verify_article",
    "write_evidence",
]

MODULES: Final = {
    "Archive": "store",
    "Disk": "disk",
    "Exported": "export",
    "Finding": "check",
    "Imported": "foreign",
    "Pruning": "tombstones",
    "Skipped": "foreign",
    "Tidied": "store",
    "Tombstone": "tombstones",
    "ensure_whole": "verify",
    "export_wacz": "wacz",
    "export_warc": "export",
    "lock_archive": "lock",
    "read_warc": "foreign",
    "read_warc_stream": "foreign",
    "verify_archive": "verify",
    "verify_article": "verify",
    "write_evidence": "evidence",
}


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
