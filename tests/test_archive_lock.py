"""One tracker at a time writes to an archive, and the next one is told who does."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from tracker.archive import lock_archive
from tracker.archive.lock import lock_holder
from tracker.errors import ArchiveError, BusyError

HOLD = """
import sys, time
from pathlib import Path
from tracker.archive import lock_archive
from tracker.archive.lock import lock_holder
with lock_archive(Path(sys.argv[1]), "tracker run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_second_process_is_told_who_holds_the_archive(tmp_path: Path, holder: subprocess.Popen):
    with (
        pytest.raises(BusyError, match=rf"in use by tracker run \(process {holder.pid} on .*, since 20.* UTC\); wait"),
        lock_archive(tmp_path, "tracker check"),
    ):
        pytest.fail("it was not locked")


def test_holder_is_named_as_long_as_there_is_one(tmp_path: Path, holder: subprocess.Popen):
    assert f"tracker run (process {holder.pid} on " in lock_holder(tmp_path)

    holder.kill()
    holder.wait()

    assert lock_holder(tmp_path) is None
    assert lock_holder(tmp_path / "none") is None


def test_somebody_who_only_looks_is_not_in_the_way(tmp_path: Path):
    (tmp_path / "tracker.lock").write_text("tracker run (process 1, which was killed)")
    with (tmp_path / "tracker.lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        gone = Timer(0.05, fcntl.flock, [looking, fcntl.LOCK_UN])
        gone.start()

        with lock_archive(tmp_path, "tracker run"):
            pass
        gone.join()


def test_lock_dies_with_its_holder(tmp_path: Path, holder: subprocess.Popen):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()

    with lock_archive(tmp_path, "tracker check"):
        assert "tracker check" in (tmp_path / "tracker.lock").read_text()


def test_lock_can_be_taken_again_once_it_was_given_back(tmp_path: Path):
    for _ in range(3):
        with lock_archive(tmp_path / "new" / "snapshots", "tracker check"):
            pass

    assert (tmp_path / "new" / "snapshots" / "tracker.lock").read_text() == ""


def test_lock_is_given_back_after_an_error(tmp_path: Path):
    with pytest.raises(KeyError), lock_archive(tmp_path, "tracker check"):
        raise KeyError

    with lock_archive(tmp_path, "tracker run"):
        pass


def test_lock_holds_within_one_process_too(tmp_path: Path):
    with (
        lock_archive(tmp_path, "tracker run"),
        pytest.raises(BusyError, match=f"process {os.getpid()}"),
        lock_archive(tmp_path, "tracker check"),
    ):
        pytest.fail("it was not locked")


def test_child_does_not_keep_the_lock_of_a_parent_that_gave_it_back(tmp_path: Path):
    """A pool of processes may outlive the one who held the lock."""
    reading, writing = os.pipe()
    with lock_archive(tmp_path, "tracker run"):
        child = os.fork()
        if child == 0:  # pragma: no cover
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
    os.close(reading)

    with lock_archive(tmp_path, "tracker check"):
        pass

    os.close(writing)
    os.waitpid(child, 0)


def test_archive_that_is_a_file_is_named(tmp_path: Path):
    (tmp_path / "snapshots").write_text("")

    with pytest.raises(ArchiveError, match="snapshots is not a folder"), lock_archive(tmp_path / "snapshots", "x"):
        pytest.fail("it was locked")


def test_archive_that_cannot_be_written_is_named():
    """Not even root makes files in /proc."""
    with (
        pytest.raises(ArchiveError, match="the archive /proc/self cannot be written"),
        lock_archive(Path("/proc/self"), "x"),
    ):
        pytest.fail("it was locked")
