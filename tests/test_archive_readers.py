"""Programs of others read what we keep and give away: the zstd command, warcio, and pywb, which replays a page."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from archive_samples import ADDRESS, FOLDER, GOOD, page, snapshot, version
from warcio.archiveiterator import ArchiveIterator

from tracker.archive import Archive, export_wacz
from tracker.archive.export import records_of

README_COMMANDS = """
N=$(od -An -tu4 -j4 -N4 {file} | tr -d ' ')
head -c $((8 + N)) {file} | tail -c +9 | zstd -q -d > dictionary
tail -c +$((9 + N)) {file} | zstd -q -d -D dictionary
"""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "snapshots")
    for edition in range(6):
        archive.append(FOLDER, snapshot(edition, body=page(edition, paragraphs=90)), version(edition), GOOD)
    return archive


@pytest.mark.skipif(not shutil.which("zstd"), reason="there is no zstd command")
def test_zstd_command_reads_every_record_of_a_native_file(archive: Archive, tmp_path: Path):
    """As README.txt in the archive says, and warcio understands what comes out."""
    found = []
    for file in sorted((archive.storage.folder / FOLDER).glob("*.warc.zst")):
        done = subprocess.run(
            ["sh", "-e", "-c", README_COMMANDS.format(file=file)], cwd=tmp_path, capture_output=True, check=True
        )
        for record in ArchiveIterator(io.BytesIO(done.stdout), check_digests="raise"):
            record.content_stream().read()
            found.append(record.rec_headers.get_header("WARC-Record-ID"))

    assert found == [record.id for record, _ in records_of(archive.storage.folder, FOLDER, [])]
    readme = " ".join((archive.storage.folder / "README.txt").read_text().split())
    assert "zstd -d -D dictionary" in readme


def pywb_programs(tmp_path: Path) -> Path:
    """Find the folder of pywb's programs: of an environment that is named, or of one that is made for the purpose."""
    if named := os.environ.get("PYWB_BIN"):
        return Path(named)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "pywb"], check=True)
    installed = subprocess.run(
        [tmp_path / "pywb" / "bin" / "pip", "install", "-q", "pywb"], capture_output=True, text=True, check=False
    )
    if installed.returncode:
        pytest.skip(f"pywb cannot be installed: {installed.stderr[-200:]}")
    return tmp_path / "pywb" / "bin"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.slow
def test_pywb_replays_a_page_of_a_wacz(archive: Archive, tmp_path: Path):
    programs = pywb_programs(tmp_path)
    wacz, place, port = tmp_path / "bridge.wacz", tmp_path / "wb", free_port()
    with wacz.open("wb") as out:
        export_wacz(
            archive.storage.folder,
            [FOLDER],
            out,
            created=snapshot().fetched_at,
            software="tracker",
            title="Bridge closed",
        )
    place.mkdir()
    for arguments in (["init", "bridge"], ["add", "--unpack-wacz", "bridge", str(wacz)]):
        done = subprocess.run(
            [programs / "wb-manager", *arguments], cwd=place, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    server = subprocess.Popen(
        [programs / "wayback", "-p", str(port), "-b", "127.0.0.1"], cwd=place, env=environ, stderr=subprocess.DEVNULL
    )
    try:
        body = _replayed(f"http://127.0.0.1:{port}/bridge/20240302063200id_/{ADDRESS}")
        shown = _replayed(f"http://127.0.0.1:{port}/bridge/20240302063200mp_/{ADDRESS}")
    finally:
        server.terminate()
        server.wait(10)

    assert body == page(2, paragraphs=90)
    assert b"The bridge was closed to traffic for the 2th time." in shown


def _replayed(address: str) -> bytes:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
