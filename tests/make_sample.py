"""Write the sample story that ships in `snapshots/`: `python tests/make_sample.py`, after a change of the pages or of the archive's form.

The pages are in tests/data/story; the captures are what a check on each of the two days would have kept.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from tracker.archive import Archive
from tracker.capture import judge_capture
from tracker.extract import extract_version
from tracker.models import Snapshot
from tracker.url import article_folder

ROOT = Path(__file__).parents[1]
URL = "https://northdesk.example/2018/04/isis-k-commander-killed-air-strike"
PAGES = {"april-7.html": "2018-04-07T15:12:40+00:00", "april-9.html": "2018-04-09T16:57:05+00:00"}


def captures() -> list[Snapshot]:
    """Make the two captures, oldest first."""
    return [
        Snapshot(
            url=URL,
            fetched_at=datetime.fromisoformat(moment),
            status=200,
            reason="OK",
            headers=(("Content-Type", "text/html; charset=utf-8"), ("Server", "northdesk")),
            body=(ROOT / "tests/data/story" / name).read_bytes(),
            request_headers=(("Host", "northdesk.example"), ("User-Agent", "tracker/0.1")),
            elapsed_s=0.21,
        )
        for name, moment in PAGES.items()
    ]


def main(folder: Path = ROOT / "snapshots") -> None:
    """Write the archive of the sample story anew."""
    place = article_folder(URL)
    shutil.rmtree(folder / place, ignore_errors=True)
    archive = Archive(folder)
    for snapshot in captures():
        version = extract_version(snapshot)
        archive.append(place, snapshot, version, judge_capture(snapshot, version))


if __name__ == "__main__":
    main()
