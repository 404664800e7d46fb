"""Whatever comes in: one clear sentence, exit code 2 or 3, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from desk import FIRE, Desk, Ended, edited, page
from desk_samples import rss, sitemap
from servers import Site

from tracker.archive import Archive

pytest_plugins = ["desk_fixtures"]

IMPORTS = Path(__file__).parent / "data" / "imports"
MORE_DEAD = edited("killed 12 people", "killed 14 people")


def assert_one_sentence(ended: Ended, *words: str, code: int = 3) -> None:
    assert ended.code == code, ended
    assert ended.err.startswith("tracker: ")
    assert ended.err.count("\n") == 1, ended.err
    for word in words:
        assert word in ended.err


def watched(desk: Desk, site: Site) -> str:
    """Follow an article that has one version."""
    url = site.publishes("/fire", page(*FIRE))
    assert desk.run("watch", url).code == 0
    assert desk.run("check", url).code == 0
    return url


def stories(desk: Desk, url: str, folder: Path | None = None) -> list[tuple[str, ...]]:
    """What the archive holds of an article, version after version."""
    archive = Archive(folder or desk.folder / "snapshots")
    (article,) = archive.folders()
    versions = desk.run("history", url, "--format", "json").json["versions"]
    stored = [one for one in archive.captures(article) if one.id in {version["snapshot"]["id"] for version in versions}]
    return [archive.read_version(article, one)[0].paragraphs for one in stored]


def assert_nothing_was_lost(desk: Desk, site: Site, url: str, folder: Path | None = None) -> None:
    """The earlier version is readable, and the next good check finds the change, once."""
    assert stories(desk, url, folder) == [FIRE]
    site.publishes("/fire", page(*MORE_DEAD))
    ended = desk.run("check", url, "--format", "json")
    assert (ended.code, [line["verdict"] for line in ended.lines]) == (0, ["substantive"]), ended.err
    assert [line["result"] for line in desk.run("check", url, "--format", "json").lines] == ["unchanged"]
    assert stories(desk, url, folder) == [FIRE, MORE_DEAD]
    assert len(desk.alerts) == 1


# --- addresses ------------------------------------------------------------------------------------

ADDRESSES = {
    "": "it is empty",
    "not an address": "white space",
    "http://": "names no host",
    "ftp://example.org/a": "not http or https",
    "javascript:alert(1)": "not http or https",
    "http://example.org:99999999/": "port",
    "http://[::1/": "host",
    "https://user:secret@example.org/": "password",
    "https://example.org/" + "a" * 9000: "longer than",
    "https://exa mple.org/": "white space",
}


@pytest.mark.parametrize(("address", "reason"), ADDRESSES.items(), ids=[text[:30] for text in ADDRESSES])
def test_a_malformed_address_is_named_with_what_is_wrong(address, reason, desk):
    ended = desk.run("watch", address)

    assert_one_sentence(ended, "is not an address that can be followed", reason, code=2)
    assert "secret" not in ended.err
    assert len(ended.err) < 400


@pytest.mark.parametrize("command", ["watch", "unwatch", "check", "history", "diff", "report", "extract"])
def test_every_command_refuses_a_malformed_address(command, desk):
    ended = desk.run(command, "http://[::1/")

    assert_one_sentence(ended, "is not an address that can be followed", code=3 if command == "extract" else 2)


HOSTS = {
    "unknown host": ("http://no-such-host.invalid/fire", "no host named no-such-host.invalid"),
    "refused connection": ("http://127.0.0.1:1/fire", "refuses the connection"),
    "private host that is not allowed": ("http://127.0.0.2:1/fire", "allow_hosts"),
}


@pytest.mark.parametrize(("address", "reason"), HOSTS.values(), ids=HOSTS.keys())
def test_a_host_that_cannot_be_reached_is_named(address, reason, desk):
    assert_one_sentence(desk.run("watch", address), reason, address.split("/")[2].split(":")[0])

    desk.run("watch", address, "--as", "article")
    checked = desk.run("check", address)
    assert_one_sentence(checked, reason)
    assert checked.out.count("FAILED") == 1


# --- what a server sends --------------------------------------------------------------------------

ANSWERS: dict[str, tuple[Callable[[Site], object], str]] = {
    "404": (lambda site: site.removes("/fire"), "404"),
    "410": (lambda site: site.removes("/fire", 410), "410"),
    "500": (lambda site: site.removes("/fire", 500), "500"),
    "a picture": (lambda site: site.publishes("/fire", b"\x89PNG\r\n\x1a\n\0", content_type="image/png"), "image/png"),
    "a picture called a page": (lambda site: site.publishes("/fire", b"\x89PNG\r\n\x1a\n\0\0\1" * 99), "PNG"),
    "no body": (lambda site: site.publishes("/fire", ""), "empty"),
    "bytes that are no text": (lambda site: site.publishes("/fire", bytes(range(256)) * 20), "binary"),
    "gzip that is none": (lambda site: site.publishes("/fire", "no", headers={"Content-Encoding": "gzip"}), "gzip"),
    "no HTTP": (lambda site: site.answers_raw("/fire", [b"hello\r\n\r\n"]), "not HTTP"),
    "a page that breaks off": (
        lambda site: site.answers_raw("/fire", [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<html>"]),
        "breaks off",
    ),
    "no answer at all": (lambda site: site.answers_raw("/fire", []), "without an answer"),
    "a circle": (lambda site: site.redirects("/fire", "/fire"), "circle"),
    "a redirect to a private host": (lambda site: site.redirects("/fire", "http://127.0.0.2:1/"), "127.0.0.2"),
    "an answer without end": (lambda site: site.hangs("/fire"), "timeout_s"),
}


@pytest.mark.parametrize(("breaks", "reason"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_no_page_costs_nothing(breaks, reason, desk, site):
    desk = replace(desk, timeout_s=0.3)
    url = watched(desk, site)
    breaks(site)

    ended = desk.run("check", url)

    assert_one_sentence(ended, reason, url)
    assert ended.out.count("GONE" if reason in ("404", "410") else "FAILED") == 1
    (article,) = desk.run("list", "--format", "json").json["articles"]
    assert article["versions"] == 1
    assert reason in article["error"]
    assert_nothing_was_lost(replace(desk, timeout_s=5.0), site, url)


@pytest.mark.parametrize("body", ["<html></html>", "<p></p>", "{}", "\n\n<!-- -->\n"])
def test_a_page_without_text_is_suspect_and_costs_nothing(body, desk, site):
    url = watched(desk, site)
    site.publishes("/fire", body)

    ended = desk.run("check", url)

    assert ended.code == 0
    assert "SUSPECT" in ended.out
    assert url in ended.err
    assert ended.err.count("\n") == 1
    assert_nothing_was_lost(desk, site, url)


def test_bytes_that_cannot_be_decoded_do_not_stop_an_article(desk, site):
    body = page(*FIRE).encode().replace(b"Ada Brandt", b"Ada Br\xffndt")
    url = site.publishes("/fire", body)
    desk.run("watch", url)

    assert desk.run("check", url).code == 0
    ((*_, last),) = stories(desk, url)
    assert last.startswith("The mayor, Ada Br")


FEEDS = {
    "cut off": "<?xml version='1.0'?><rss><channel><title>The Ostmark",
    "not a feed": "<html><body><p>Our feed has moved.</p></body></html>",
    "entities without end": '<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><title>&a;</title></channel></rss>',
    "JSON that is no feed": '{"version": "https://jsonfeed.org/version/1.1", "items": 3}',
    "bytes": bytes(range(1, 32)) * 50,
    "nothing": "",
}


@pytest.mark.parametrize("body", FEEDS.values(), ids=FEEDS.keys())
@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_a_broken_feed_is_named_and_costs_nothing(kind, body, desk, site):
    link = site.publishes("/fire", page(*FIRE))
    good = rss(link) if kind == "feed" else sitemap(link)
    url = site.publishes("/feed", good)
    desk.run("watch", url, "--as", kind)
    desk.run("check")
    site.publishes("/feed", body)

    ended = desk.run("check", url)

    assert_one_sentence(ended, url)
    assert ended.err.count(url) == 1
    document = desk.run("list", "--format", "json").json
    assert document["sources"][0]["error"]
    assert [article["address"] for article in document["articles"]] == [link]
    site.publishes("/feed", good)
    assert desk.run("check", url).code == 0


# --- the configuration ----------------------------------------------------------------------------

CONFIGS = {
    "unknown section": ("[fetsh]\nrobots = true\n", ["[fetsh]", "did you mean [fetch]"]),
    "mistyped key": ('[schedule]\nshortes = "1h"\n', ["[schedule] shortes", "did you mean shortest"]),
    "wrong type": ('[service]\nworkers = "many"\n', ["[service] workers", "whole number"]),
    "out of range": ("[service]\nworkers = 0\n", ["[service] workers", "at least 1"]),
    "no duration": ('[schedule]\nlongest = "soon"\n', ["[schedule] longest", "duration"]),
    "unknown channel": ('[[alert]]\nname = "a"\nchannels = ["desk"]\n', ["[[alert]] #1", '"desk"']),
    "unknown verdict": (
        '[channels.log]\nfile = "a"\n[[alert]]\nname = "a"\nchannels = ["log"]\nverdict = ["substantiv"]\n',
        ['"substantiv"', "did you mean substantive"],
    ),
    "variable that is not set": ('[channels.x]\nwebhook = "${NO_SUCH_NAME}"\n', ["NO_SUCH_NAME", "not set"]),
    "no TOML": ("this is no TOML\n", ["config.toml", "TOML"]),
}


@pytest.mark.parametrize(("config", "words"), CONFIGS.values(), ids=CONFIGS.keys())
def test_a_wrong_key_is_named_with_what_would_be_right(config, words, desk):
    ended = replace(desk, config=config).run("check")

    assert_one_sentence(ended, "config.toml", *words, code=2)


@pytest.mark.parametrize("command", ["check", "run", "list", "status", "alerts", "report", "history https://e.org/"])
def test_every_command_refuses_a_wrong_configuration(command, desk):
    ended = replace(desk, config="[fetsh]\nrobots = true\n").run(*command.split())

    assert_one_sentence(ended, "[fetsh]", code=2)
    assert not (desk.folder / "snapshots").exists(), "nothing was done"


CHANNELS = {
    "webhook": ('webhook = "my hook"', "[channels.desk] webhook"),
    "webhook of another kind": ('webhook = "ftp://example.org/"', "[channels.desk] webhook"),
    "apprise": ('apprise = "slack//secret-token"', "[channels.desk] apprise"),
    "apprise of no service": ('apprise = "nosuchservice://secret-token"', "[channels.desk] apprise"),
    "two addresses": ('file = "a"\nwebhook = "https://example.org/"', "[channels.desk]"),
    "none": ("timeout_s = 3", "[channels.desk]"),
}


@pytest.mark.parametrize(("keys", "named"), CHANNELS.values(), ids=CHANNELS.keys())
def test_a_channel_that_does_not_parse_is_named_without_its_secrets(keys, named, desk):
    desk = replace(desk, config=f"[channels.desk]\n{keys}\n")

    for command in (["check"], ["run"], ["alerts", "test"]):
        ended = desk.run(*command)
        assert_one_sentence(ended, named, code=2)
        assert "secret-token" not in ended.err


def test_a_configuration_that_is_not_there_is_named(desk):
    ended = desk.run("--config", desk.folder / "other.toml", "list")

    assert_one_sentence(ended, "other.toml", code=2)


def test_a_database_that_we_do_not_know_is_named(desk):
    ended = replace(desk, config='[catalog]\ndatabase = "mysql://me:secret@db/news"\n').run("list")

    assert_one_sentence(ended, "mysql", "sqlite:///")
    assert "secret" not in ended.err


def test_a_file_that_is_no_database_is_named(desk):
    (desk.folder / "snapshots").mkdir()
    (desk.folder / "snapshots" / "catalog.sqlite").write_text("Dear diary, " * 999)

    ended = desk.run("list")

    assert_one_sentence(ended, "catalog.sqlite", "not a database")
    assert (desk.folder / "snapshots" / "catalog.sqlite").read_text().startswith("Dear diary")


# --- two at once ----------------------------------------------------------------------------------


def test_of_two_at_once_the_second_names_the_first(desk, site):
    url, hanging = watched(desk, site), site.hangs("/hang")
    desk.run("watch", hanging, "--as", "article")
    first = desk.start("check", hanging)
    end = time.monotonic() + 20
    while not any(request.path == "/hang" for request in site.requests):
        assert time.monotonic() < end
        time.sleep(0.02)

    try:
        second, service = desk.run("check", url), desk.run("run")
        reading = [desk.run("list"), desk.run("history", url), desk.run("report"), desk.run("status")]
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()

    for ended in (second, service):
        assert_one_sentence(ended, f"tracker check (process {first.pid} on ", "in use")
    assert {ended.code for ended in reading} == {0}, "reading goes on beside it"
    assert f"process {first.pid}" in reading[-1].out
    assert_nothing_was_lost(desk, site, url)


# --- the disk -------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path) -> None:
    with contextlib.suppress(OSError), (place / "ballast").open("wb", buffering=0) as ballast:
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(bytes(size))


FOLDERS = {
    "archive and catalog": '[archive]\nfolder = "disk/snapshots"\n',
    "archive": '[archive]\nfolder = "disk/snapshots"\n[catalog]\ndatabase = "sqlite:///catalog.sqlite"\n',
}
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'


@pytest.mark.parametrize("config", FOLDERS.values(), ids=FOLDERS.keys())
def test_a_full_disk_is_named_and_nothing_is_lost(config, desk, site, disk):
    desk = replace(desk, config=config + LOG)
    url = watched(desk, site)
    # More than what is left in the last block of the file.
    site.publishes("/fire", page(*MORE_DEAD, furniture=Random(1).randbytes(20_000).hex()))
    fill(disk)

    ended = desk.run("check", url)

    assert_one_sentence(ended, str(disk), "disk")
    assert desk.alerts == []
    (disk / "ballast").unlink()
    assert_nothing_was_lost(desk, site, url, disk / "snapshots")


@pytest.mark.parametrize("config", FOLDERS.values(), ids=FOLDERS.keys())
def test_a_disk_that_cannot_be_written_is_named_and_nothing_is_lost(config, desk, site, disk):
    desk = replace(desk, config=config + LOG)
    url = watched(desk, site)
    site.publishes("/fire", page(*MORE_DEAD))
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    checked, service = desk.run("check", url), desk.run("run")

    for ended in (checked, service):
        assert_one_sentence(ended, str(disk), "written")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert_nothing_was_lost(desk, site, url, disk / "snapshots")


def test_an_import_from_a_disk_that_cannot_be_written_takes_all_of_it(desk, disk):
    shutil.copytree(IMPORTS, disk, dirs_exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    ended = desk.run("import", disk / "diffengine.db", disk / "changedetection")

    assert (ended.code, ended.err) == (0, "")
    assert "captures of 1 article" in ended.out


@pytest.mark.parametrize("config", FOLDERS.values(), ids=FOLDERS.keys())
def test_an_import_into_an_archive_that_cannot_be_written_is_named_and_nothing_is_lost(config, desk, site, disk):
    desk = replace(desk, config=config + LOG)
    url = watched(desk, site)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    ended = desk.run("import", IMPORTS / "diffengine.db")

    assert_one_sentence(ended, str(disk), "written")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert_nothing_was_lost(desk, site, url, disk / "snapshots")
    assert "from 3 captures of 1 article" in desk.run("import", IMPORTS / "diffengine.db").out
    assert desk.run("verify").code == 0


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null", "/dev/null/below"])
@pytest.mark.parametrize(
    "command", [["check"], ["run"], ["watch", "https://example.org/a", "--as", "article"], ["list"]]
)
def test_a_folder_that_cannot_be_made_is_named(command, folder, desk):
    ended = replace(desk, config=f'[archive]\nfolder = "{folder}"\n').run(*command)

    assert_one_sentence(ended, folder)


def test_a_file_that_may_not_grow_loses_nothing(desk, site):
    url = watched(desk, site)
    site.publishes("/fire", page(*MORE_DEAD))

    def limit() -> None:
        sys.dont_write_bytecode = True  # it would be cut off as well, for every later start to trip over
        resource.setrlimit(resource.RLIMIT_FSIZE, (2600, 2600))

    limited = desk.start("check", url, prepare=limit)
    out, err = limited.communicate(timeout=60)

    assert_one_sentence(Ended(limited.returncode, out, err), str(desk.folder))
    assert_nothing_was_lost(desk, site, url)


def test_a_damaged_archive_is_named_and_not_made_worse(desk, site):
    url = watched(desk, site)
    (file,) = (desk.folder / "snapshots").rglob("*.zst")
    data = file.read_bytes()
    site.publishes("/fire", page(*MORE_DEAD))
    os.truncate(file, len(data) // 2)

    ended = desk.run("check", url)

    assert_one_sentence(ended, file.name)
    file.write_bytes(data)
    assert_nothing_was_lost(desk, site, url)
