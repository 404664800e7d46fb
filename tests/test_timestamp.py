"""Time-stamps by a real authority: asked for, kept, checked offline, by us and by openssl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archive_samples import FOLDER, GOOD, snapshot, version
from authority import Authority, openssl, time_stamp_authority
from desk import FIRE, Desk, page

from tracker.archive import Archive, Pruning, verify_archive
from tracker.archive.stamps import check_stamps, read_stamps, stamps_of
from tracker.config import Config
from tracker.errors import ConfigError, FetchError
from tracker.timestamp import timestamp, timestamp_daily

pytest_plugins = ["desk_fixtures"]

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with time_stamp_authority(tmp_path_factory.mktemp("authority")) as one:
        yield one


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "snapshots")
    for name in (FOLDER, "northdesk.example/ferry-1"):
        for edition in range(2):
            archive.append(name, snapshot(edition), version(edition), GOOD)
    return archive


def settings(authority: Authority, archive: Archive) -> Config:
    return Config(
        archive_folder=archive.storage.folder,
        timestamp_authority=authority.address,
        timestamp_certificate=authority.root,
    )


def stamped(archive: Archive) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for stamp in read_stamps(archive.storage.folder):
        for digest, folder in stamp.articles.items():
            found.setdefault(folder, {})[digest] = stamp.name
    return found


def test_stamp_holds_and_says_when_and_by_whom(authority, archive):
    stamp = timestamp(archive, settings(authority, archive), now=NOW)

    (checked,) = check_stamps(read_stamps(archive.storage.folder), authority.root.read_bytes())
    assert checked.stamp == stamp
    assert (checked.problem, checked.authority) == (None, "CN=Clock of a test")
    assert abs(checked.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert set(stamp.articles.values()) == {FOLDER, "northdesk.example/ferry-1"}
    assert list(verify_archive(archive.storage.folder, stamped=stamped(archive))) == []


def test_anyone_can_check_it_with_openssl(authority, archive):
    stamp = timestamp(archive, settings(authority, archive), now=NOW)

    files = ("-data", f"{stamp.name}.heads", "-in", f"{stamp.name}.tsr", "-CAfile", authority.root)
    said = openssl("ts", "-verify", *files, cwd=archive.storage.folder / "timestamps")

    assert "Verification: OK" in said


def test_only_chains_that_have_grown_are_stamped_again(authority, archive):
    config = settings(authority, archive)
    timestamp(archive, config, now=NOW)
    assert timestamp(archive, config, now=NOW + timedelta(seconds=1)) is None
    archive.append(FOLDER, snapshot(3), version(3), GOOD)

    second = timestamp(archive, config, now=NOW + timedelta(seconds=2))

    assert list(second.articles.values()) == [FOLDER]
    assert [one.name for one in stamps_of(archive.storage.folder, FOLDER)] == [
        one.name for one in read_stamps(archive.storage.folder)
    ]
    assert list(verify_archive(archive.storage.folder, stamped=stamped(archive))) == []


def test_it_is_asked_once_a_day_where_an_authority_is_configured(authority, archive):
    config = settings(authority, archive)
    assert timestamp_daily(archive, Config(archive_folder=archive.storage.folder), now=NOW) is None
    assert timestamp_daily(archive, config, now=NOW)
    archive.append(FOLDER, snapshot(3), version(3), GOOD)

    assert timestamp_daily(archive, config, now=NOW) is None
    assert timestamp_daily(archive, config, now=NOW + timedelta(days=1))


def test_what_was_pruned_keeps_its_stamp(authority, archive):
    timestamp(archive, settings(authority, archive), now=NOW)

    archive.prune(FOLDER, {one.id for one in archive.captures(FOLDER)}, Pruning(NOW, "a court said so", takedown=True))

    assert list(verify_archive(archive.storage.folder, stamped=stamped(archive))) == []


def test_chain_that_was_made_anew_is_found_by_its_stamp(authority, archive):
    """With everything in order in itself: other captures, other seals, another index."""
    timestamp(archive, settings(authority, archive), now=NOW)
    other = Archive(archive.storage.folder / "other")
    for edition in (0, 5):
        other.append(FOLDER, snapshot(edition), version(edition), GOOD)
    for path in (other.storage.folder / FOLDER).iterdir():
        (archive.storage.folder / FOLDER / path.name).write_bytes(path.read_bytes())

    assert list(verify_archive(archive.storage.folder, [FOLDER])) == []
    (finding,) = verify_archive(archive.storage.folder, [FOLDER], stamped=stamped(archive))
    assert (finding.file, finding.kind) == (FOLDER, "stamp")
    assert "changed or removed since" in finding.meaning


TAMPERED = {
    "the list": (".heads", lambda data: data[:-2] + b"0\n", "is not of"),
    "which article": (".tsv", lambda data: data.replace(b"sha256:", b"sha256:0", 1), "lists other digests"),
    "the answer": (
        ".tsr",
        lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
        "does not hold|cannot be read",
    ),
}


@pytest.mark.parametrize(("ending", "change", "meaning"), TAMPERED.values(), ids=TAMPERED)
def test_stamp_that_was_changed_is_found(authority, archive, ending, change, meaning):

    stamp = timestamp(archive, settings(authority, archive), now=NOW)
    path = archive.storage.folder / "timestamps" / f"{stamp.name}{ending}"
    path.write_bytes(change(path.read_bytes()))

    (checked,) = check_stamps(read_stamps(archive.storage.folder), authority.root.read_bytes())

    assert checked.at is None
    assert re.search(meaning, checked.problem)
    assert checked.finding.kind == "stamp"


def test_stamp_by_somebody_else_does_not_hold(authority, archive, tmp_path):
    timestamp(archive, settings(authority, archive), now=NOW)
    (tmp_path / "else").mkdir()
    with time_stamp_authority(tmp_path / "else") as somebody:
        (checked,) = check_stamps(read_stamps(archive.storage.folder), somebody.root.read_bytes())

    assert "does not hold" in checked.problem


def test_authority_that_fails_is_named_without_its_secret(authority, archive):
    config = settings(authority, archive)
    earlier = timestamp(archive, config, now=NOW)
    archive.append(FOLDER, snapshot(3), version(3), GOOD)
    for answer, why in ((b"<h1>Welcome</h1>", "no time-stamp"), (earlier.response, "not for what was asked")):
        authority.answer[:] = [answer]
        with pytest.raises(FetchError, match=why) as caught:
            timestamp(archive, config, now=NOW + timedelta(seconds=5))
        assert "secret" not in str(caught.value)
    authority.answer.clear()
    nobody = replace(config, timestamp_authority="http://127.0.0.1:1/secret")
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 gave no time-stamp: ConnectionError"):
        timestamp(archive, nobody, now=NOW)
    with pytest.raises(ConfigError, match="name one as"):
        timestamp(archive, Config(archive_folder=archive.storage.folder), now=NOW)
    assert len(read_stamps(archive.storage.folder)) == 1


def test_commands(authority, desk: Desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    desk.run("check", url)
    archived = f'[archive]\ntimestamp_authority = "${{TSA}}"\ntimestamp_certificate = "{authority.root}"\n'
    desk = replace(desk, config=archived, environ={"TSA": authority.address})

    asked, again, verified = desk.run("timestamp"), desk.run("timestamp"), desk.run("verify")

    assert (asked.code, again.out) == (0, "nothing was added since the last time-stamp\n")
    assert asked.out.startswith("1 article stamped: timestamps/")
    assert verified.code == 0
    assert "1 time-stamp by CN=Clock of a test: what was kept until the last of them existed by " in verified.out
    assert desk.run("verify", "--format", "json").json["timestamps"][0]["authority"] == "CN=Clock of a test"
    (desk.folder / "snapshots" / asked.out.split(": ")[1].strip()).write_bytes(b"x")
    broken = desk.run("verify")
    assert broken.code == 1
    assert "the time-stamp cannot be read" in broken.out
