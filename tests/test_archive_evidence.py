"""A stranger can check an evidence file with nothing but Python, and a changed one does not pass."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archive_samples import FOLDER, GOOD, page, snapshot, version
from authority import time_stamp_authority

from tracker.archive import Archive, read_warc, write_evidence
from tracker.config import Config
from tracker.errors import ArchiveError
from tracker.timestamp import timestamp


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "snapshots")
    for edition in range(4):
        archive.append(FOLDER, snapshot(edition, body=page(edition, paragraphs=90)), version(edition), GOOD)
    return archive


def unpacked(archive: Archive, folder: Path, **more: bytes) -> Path:
    """Make an evidence file of the second and third capture, and unpack it."""
    out = io.BytesIO()
    write_evidence(archive.storage.folder, FOLDER, archive.captures(FOLDER)[1:3], out, more)
    zipfile.ZipFile(out).extractall(folder)
    return folder


def checked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script alone: no package of ours or anybody's can be imported."""
    command = [sys.executable, "-I", "-S", str(folder / "check_evidence.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def sum_up(folder: Path) -> None:
    """Write the digests anew, as a forger would."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n" for path in files
    )
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_evidence_says_what_was_present_and_what_was_absent(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence")

    done = checked(folder, "closed to  traffic for the 1TH time", "for the 2th time")

    first, second = "2024-03-02T06:31:00.000000Z", "2024-03-02T06:32:00.000000Z"
    assert done.returncode == 0, done.stderr
    assert "every digest is right" in done.stdout
    assert f'"closed to  traffic for the 1TH time": present at {first}, absent at {second}\n' in done.stdout
    assert f'"for the 2th time": absent at {first}, present at {second}\n' in done.stdout
    assert f"{first}  https://northdesk.example/bridge" in done.stdout
    assert "does not show: that the clocks were right" in done.stdout
    assert "a time-stamp, a backup, a message" in done.stdout


def test_words_that_changed_are_looked_for_when_none_are_given(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence", **{"claims.txt": b"for the 1th time\n"})

    done = checked(folder)

    assert '"for the 1th time": present at 2024-03-02T06:31' in done.stdout


def test_pages_are_read_in_their_own_encoding(tmp_path: Path):
    """And whatever the quotation marks."""
    archive = Archive(tmp_path / "snapshots")
    body = "<meta charset=windows-1252><p>Die Brücke ist „nicht“ gesperrt, sagte O’Neill</p>".encode("cp1252")
    one = replace(snapshot(0, body=body), headers=(("Content-Type", "text/html"),))
    stored = archive.append(FOLDER, one, version(0), GOOD)
    out = io.BytesIO()
    write_evidence(archive.storage.folder, FOLDER, [stored], out, {})
    zipfile.ZipFile(out).extractall(tmp_path / "evidence")

    done = checked(tmp_path / "evidence", "die brücke", "O'Neill")

    assert done.stdout.count("present at") == 2


def test_headers_say_what_was_exchanged(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence")

    told = next((folder / "headers").iterdir()).read_text()

    assert "GET https://northdesk.example/b?id=7\n  User-Agent: tracker\n" in told
    assert "https://northdesk.example/b?id=7 answered 301, and led to https://northdesk.example/bridge\n" in told
    assert "https://northdesk.example/bridge answered 200 OK\n" in told
    assert "TLS certificate (SHA-256): abab" in told


def test_sums_are_those_of_the_usual_command(archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence", **{"report.html": b"<p>Report</p>"})

    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "report.html: OK" in done.stdout


TAMPERED = {
    "a report that was changed": (
        lambda folder: (folder / "report.html").write_text("<p>No</p>"),
        "report.html was changed",
    ),
    "a text that was removed": (lambda folder: (folder / "report.html").unlink(), "report.html is missing"),
    "a page that was added": (lambda folder: (folder / "pages" / "x.html").write_text("x"), "pages/x.html was added"),
}


@pytest.mark.parametrize(("tamper", "reason"), TAMPERED.values(), ids=TAMPERED)
def test_every_file_is_vouched_for(tamper, reason, archive: Archive, tmp_path: Path):
    folder = unpacked(archive, tmp_path / "evidence", **{"report.html": b"<p>Report</p>"})
    tamper(folder)

    done = checked(folder)

    assert done.returncode == 1
    assert reason in done.stdout


def test_a_time_stamp_says_since_when_others_know_the_chain(archive: Archive, tmp_path: Path):
    """A real authority's, checked with openssl as the script says; one for another chain does not pass."""
    place = tmp_path / "authority"
    place.mkdir()
    with time_stamp_authority(place) as authority:
        settings = Config(
            archive_folder=archive.storage.folder,
            timestamp_authority=authority.address,
            timestamp_certificate=authority.root,
        )
        stamp = timestamp(archive, settings, now=datetime.now(UTC))
    archive.append(FOLDER, snapshot(9), version(9), GOOD)
    folder = unpacked(archive, tmp_path / "evidence")

    done = checked(folder)
    names = (
        "-data",
        f"timestamps/{stamp.name}.heads",
        "-in",
        f"timestamps/{stamp.name}.tsr",
        "-CAfile",
        authority.root,
    )
    signed = subprocess.run(
        ["openssl", "ts", "-verify", *names], cwd=folder, capture_output=True, text=True, check=False
    )
    (folder / "timestamps" / f"{stamp.name}.heads").write_text("sha256:" + "0" * 64 + "\n")
    sum_up(folder)
    forged = checked(folder)

    links = len((folder / "chain.tsv").read_text().splitlines()) - 1
    assert done.returncode == 0, done.stdout
    assert f"of the {links} records of the chain, the first:\n    {links - 5} by {stamp.name}\n" in done.stdout
    assert "Verification: OK" in signed.stdout + signed.stderr
    assert f"the time-stamp {stamp.name}.tsr is not about this chain" in forged.stdout


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
    sum_up(folder)

    done = checked(folder)

    assert done.returncode == 1
    assert "WRONG: " in done.stdout
    assert "This evidence proves nothing" in done.stdout


def test_same_captures_make_the_same_file(archive: Archive):
    files = []
    for _ in range(2):
        out = io.BytesIO()
        write_evidence(archive.storage.folder, FOLDER, archive.captures(FOLDER)[:2], out, {})
        files.append(out.getvalue())

    assert files[0] == files[1]


def test_no_evidence_is_made_of_a_damaged_article(archive: Archive):
    stored = archive.captures(FOLDER)
    path = archive.storage.folder / stored[0].file
    data = bytearray(path.read_bytes())
    data[stored[2].offset + 5] ^= 1
    path.write_bytes(data)

    with pytest.raises(ArchiveError, match=r"no evidence can be made of .*; run `tracker verify`"):
        write_evidence(archive.storage.folder, FOLDER, stored[:1], io.BytesIO(), {})


def test_evidence_that_cannot_be_written_is_an_error(archive: Archive):
    with Path("/dev/full").open("wb", buffering=0) as out, pytest.raises(ArchiveError, match="cannot be written"):
        write_evidence(archive.storage.folder, FOLDER, archive.captures(FOLDER)[:1], out, {})
