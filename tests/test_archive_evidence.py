"""A stranger can check an evidence file with nothing but Python, and a changed one does not pass."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from archive_samples import FOLDER, GOOD, page, snapshot, version

from tracker.archive import Archive, read_warc, write_evidence
from tracker.errors import ArchiveError


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "snapshots")
    for edition in range(4):
        archive.append(FOLDER, snapshot(edition, body=page(edition, paragraphs=90)), version(edition), GOOD)
    return archive


def unpacked(archive: Archive, folder: Path, **more: bytes) -> Path:
    """Make an evidence file of the second and third capture, and unpack it."""
    out = io.BytesIO()
    write_evidence(archive.folder, FOLDER, archive.captures(FOLDER)[1:3], out, more)
    zipfile.ZipFile(out).extractall(folder)
    return folder


def checked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script alone: no package of ours or anybody's can be imported."""
    command = [sys.executable, "-I", "-S", str(folder / "check_evidence.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_evidence_says_what_was_present_and_what_was_absent(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence")

    done = checked(folder, "closed to  traffic for the 1TH time", "for the 2th time")

    assert done.returncode == 0, done.stderr
    assert "every digest is right" in done.stdout
    assert [line.rsplit(": ")[-1] for line in done.stdout.splitlines() if "th time" in line.lower()] == [
        "present",
        "absent",
        "absent",
        "present",
    ]
    assert "2024-03-02T06:31:00.000000Z  https://northdesk.example/bridge" in done.stdout
    assert "does not show: that the clocks were right" in done.stdout


def test_evidence_holds_pages_captures_and_what_was_added(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence", **{"report.html": b"<p>Report</p>"})

    stored = archive.captures(FOLDER)[1:3]
    assert [(folder / "pages" / f"{one.id}.html").read_bytes() for one in stored] == [
        page(edition, paragraphs=90) for edition in (1, 2)
    ]
    assert [one.snapshot for one in read_warc(folder / "captures.warc.gz")] == [
        archive.read_snapshot(FOLDER, one) for one in stored
    ]
    assert (folder / "report.html").read_bytes() == b"<p>Report</p>"


def change_page(folder: Path) -> None:
    path = folder / "captures.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Bridge closed", b"Bridge opened", 1)))


def change_chain(folder: Path) -> None:
    path = folder / "chain.tsv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:5] + lines[6:]))


def forge_chain(folder: Path) -> None:
    """Take a record out of the chain and make the next one follow the one before."""
    path = folder / "chain.tsv"
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    shown = next(at for at, line in enumerate(lines) if "06:31:00" in line[1])
    lines[shown][3] = lines[shown - 2][2]
    path.write_text("".join("\t".join(line) + "\n" for line in lines[: shown - 1] + lines[shown:]))


def change_date(folder: Path) -> None:
    path = folder / "captures.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"T06:31:00", b"T05:31:00")))


@pytest.mark.parametrize("change", [change_page, change_chain, forge_chain, change_date])
def test_changed_evidence_does_not_pass(archive: Archive, tmp_path: Path, change):
    folder = unpacked(archive, tmp_path / "evidence")
    change(folder)

    done = checked(folder)

    assert done.returncode == 1
    assert "WRONG: " in done.stdout
    assert "This evidence proves nothing" in done.stdout


def test_same_captures_make_the_same_file(archive: Archive):
    files = []
    for _ in range(2):
        out = io.BytesIO()
        write_evidence(archive.folder, FOLDER, archive.captures(FOLDER)[:2], out, {})
        files.append(out.getvalue())

    assert files[0] == files[1]


def test_no_evidence_is_made_of_a_damaged_article(archive: Archive):
    stored = archive.captures(FOLDER)
    path = archive.folder / stored[0].file
    data = bytearray(path.read_bytes())
    data[stored[2].offset + 5] ^= 1
    path.write_bytes(data)

    with pytest.raises(ArchiveError, match=r"no evidence can be made of .*; run `tracker verify`"):
        write_evidence(archive.folder, FOLDER, stored[:1], io.BytesIO(), {})


def test_evidence_that_cannot_be_written_is_an_error(archive: Archive):
    with Path("/dev/full").open("wb", buffering=0) as out, pytest.raises(ArchiveError, match="cannot be written"):
        write_evidence(archive.folder, FOLDER, archive.captures(FOLDER)[:1], out, {})
