"""The commands, with the archive in a bucket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desk import FIRE, Desk, edited, page

from tracker.config import load_config

if TYPE_CHECKING:
    from s3_server import S3

pytest_plugins = ["desk_fixtures", "s3_server"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'


@pytest.fixture
def remote(desk: Desk, s3: S3) -> Desk:
    """A desk whose archive is in a bucket."""
    bucket = s3.new_bucket("news/kept")
    config = f'[archive]\nfolder = "{bucket}"\nendpoint = "{s3.endpoint}"\nkey = "tests"\nsecret = "${{SECRET}}"\n'
    return replace(desk, config=config + LOG, environ={"SECRET": "tests"})


@pytest.mark.slow
def test_a_change_is_found_told_verified_exported_and_brought_back(remote, site):
    url = site.publishes("/fire", page(*FIRE))
    assert remote.run("watch", url).code == 0
    assert remote.run("check", "--all").code == 0
    site.publishes("/fire", page(*MORE_DEAD))
    assert remote.run("check", "--all").code == 0

    history = remote.run("history", url, "--format", "json").json
    assert len(remote.alerts) == 1
    assert remote.run("verify").out == "1 file of 1 article is as it was written\n"
    assert "14" in remote.run("diff", url).out
    assert remote.run("export", "--output", remote.folder / "all.warc.gz").code == 0
    assert (remote.folder / "all.warc.gz").stat().st_size > 1000
    assert json.loads(remote.run("status", "--format", "json").out)["archive"]["folder"].endswith("/news/kept")
    assert remote.run("replay").code == 0

    (remote.folder / "local" / "catalog.sqlite").unlink()
    assert remote.run("rebuild").out == "1 article with 2 versions\n"
    assert len(remote.run("history", url, "--format", "json").json["versions"]) == len(history["versions"])
    assert remote.run("verify").code == 0
    assert [path.name for path in remote.folder.rglob("*.zst")] == []


@pytest.mark.slow
def test_what_the_bucket_lost_is_found(remote, site):
    url = site.publishes("/fire", page(*FIRE))
    assert remote.run("watch", url).code == 0
    assert remote.run("check", "--all").code == 0
    from tracker.archive import Archive

    archive = Archive(load_config(remote.write_config(), {"SECRET": "tests"}).archive)
    (folder,) = archive.folders()
    archive.storage.remove(f"{folder}/0001.warc.zst")

    ended = remote.run("verify")

    assert ended.code == 1
    assert "the file is gone" in ended.out


WRONG = {
    "a place without a bucket": ('folder = "s3://"', "expected a path, or a place like"),
    "another kind of place": ('folder = "gs://bucket/kept"', "expected a path, or a place like"),
    "a key without a secret": ('folder = "s3://bucket"\nkey = "a"', "key and secret belong together"),
    "an endpoint that is no address": ('folder = "s3://bucket"\nendpoint = "s3.example.org"', "endpoint is not like"),
    "a key for a folder": ('folder = "kept"\nkey = "a"\nsecret = "b"', "key is for an archive on S3"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_place_that_is_none_is_named(desk, case):
    text, sentence = WRONG[case]

    ended = replace(desk, config=f"[archive]\n{text}\n").run("status")

    assert ended.code == 2
    assert sentence in ended.err
