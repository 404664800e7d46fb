"""`run` and `status`: a process that works until it is stopped, and what it is asked."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import rss

from tracker.operations.note import NOTE_FILE, write_note
from tracker.politeness import Slowed

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
QUICK = '[service]\nprocesses = 1\ndispatch_every = "0.1s"\ndeliver_every = "0.1s"\n[schedule]\nshortest = "1s"\nlongest = "1s"\nfeeds = "1s"\njitter = 0.0\n'
LOG = '[channels.log]\nfile = "alerts.jsonl"\n[[alert]]\nname = "all"\nchannels = ["log"]\n'


@pytest.fixture
def quick(desk) -> Desk:
    """A desk whose service looks at everything every second."""
    return replace(desk, config=QUICK + LOG)


@contextmanager
def running(desk: Desk, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = desk.start("run", *options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(met: Callable[[], object], within_s: float = 30, every_s: float = 0.05) -> None:
    end = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(every_s)


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM, within_s: float = 10) -> tuple[str, str]:
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < within_s
    return out, err


# --- run ------------------------------------------------------------------------------------------


def test_the_service_finds_checks_judges_and_tells_until_it_is_stopped(quick, site):
    """The whole life of a service in one test, because each start takes a second."""
    link, watched = site.publishes("/fire", page(*FIRE)), site.publishes("/own", page(*FIRE, headline="Our fire"))
    feed = site.publishes("/feed", rss(link))
    quick = replace(quick, config=f'{quick.config}[[watch]]\naddress = "{feed}"\ntags = ["ports"]\n')
    asked = [request.path for request in site.requests].count

    with running(quick) as process:
        until(lambda: [request.path for request in site.requests].count("/fire") >= 2)
        quick.run("watch", watched)  # beside it, while it runs
        until(lambda: [request.path for request in site.requests].count("/own") >= 3)
        status, second, check = quick.run("status"), quick.run("run"), quick.run("check")
        site.publishes("/fire", page(*MORE_DEAD))
        until(lambda: quick.alerts)
        out, err = stop(process)

    assert asked("/own") == 0
    assert process.returncode == 0
    assert "Traceback" not in err
    assert err.splitlines()[-1].endswith("stopped")
    assert f"{link}: SUBSTANTIVE: 1 number" in err
    assert err.count(": first version kept\n") == 2
    assert (out, "unchanged" in err) == ("", False), "a line only where something is new"
    name = f"tracker run (process {process.pid} on "
    assert name in status.out
    for refused in (second, check):
        assert (refused.code, refused.out) == (3, "")
        assert name in refused.err
        assert refused.err.count("\n") == 1
    assert "not running" in quick.run("status").out
    (alert,) = quick.alerts
    assert alert["article"]["url"] == link
    assert alert["article"]["tags"] == ["ports"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_service_stops_within_its_time_though_a_server_hangs(number, quick, site):
    hanging, hook = site.hangs("/hang"), site.hangs("/hook")
    url = site.publishes("/fire", page(*FIRE))
    channels = "".join(f'[channels.c{n}]\nwebhook = "{hook}?{n}"\n' for n in range(3))
    rule = '[[alert]]\nname = "all"\nchannels = ["c0", "c1", "c2"]\n'
    config = QUICK.replace("[service]\n", '[service]\nstop_within = "1s"\n') + channels + rule
    quick = replace(quick, config=config, timeout_s=30.0)
    quick.run("watch", url, hanging, "--as", "article")
    quick.run("check", url)
    site.publishes("/fire", page(*MORE_DEAD))

    with running(quick) as process:
        until(lambda: {"/hang", "/hook?0", "/hook?1", "/hook?2"} <= {request.path for request in site.requests})
        _, err = stop(process, number, within_s=5)

    assert process.returncode == 0
    assert "Traceback" not in err
    states = [row["state"] for row in quick.run("alerts", "list", "--format", "json").json]
    assert states == ["waiting"] * 3


@pytest.mark.slow
def test_ctrl_c_of_a_terminal_goes_to_all_processes_and_none_of_them_complains(quick, site):
    """While the processes that read pages are being started, which takes a second."""
    urls = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(5)]
    quick.run("watch", *urls, "--as", "article")
    asked = len(site.requests)
    process = quick.start("run", start_new_session=True)
    until(lambda: len(site.requests) > asked)
    time.sleep(0.2)

    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in err.splitlines()), err


def test_a_service_that_was_killed_goes_on_where_it_was(quick, site):
    urls = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(4)]
    hanging = site.hangs("/hang")
    quick.run("watch", *urls, hanging, "--as", "article")
    with running(quick) as process:
        until(lambda: "/hang" in [request.path for request in site.requests])
        until(lambda: quick.run("status", "--format", "json").json["versions"] == 4, every_s=0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    for number in range(4):
        site.publishes(f"/{number}", page(*MORE_DEAD, headline=f"Fire number {number}"))
    site.publishes("/hang", page(*FIRE))
    site.requests.clear()

    with running(quick) as process:
        until(lambda: len(quick.alerts) >= 4)
        until(lambda: any(request.path == "/hang" for request in site.requests))
        time.sleep(0.3)
        stop(process)

    assert process.returncode == 0
    articles = quick.run("list", "--format", "json").json["articles"]
    assert {article["address"]: article["versions"] for article in articles} == {**dict.fromkeys(urls, 2), hanging: 1}
    assert len({alert["key"] for alert in quick.alerts}) == len(quick.alerts) == 4


def test_the_log_of_a_verbose_service_has_a_line_for_every_check_and_names_what_failed_once(quick, site):
    good, bad = site.publishes("/fire", page(*FIRE)), site.removes("/gone")
    feed = site.publishes("/feed", "<html></html>")
    quick.run("watch", good, bad, "--as", "article")
    quick.run("watch", feed, "--as", "feed")

    with running(quick, "--verbose") as process:
        until(lambda: [request.path for request in site.requests].count("/fire") >= 2)
        until(lambda: {"/gone", "/feed"} <= {request.path for request in site.requests})
        time.sleep(0.3)
        out, err = stop(process)

    assert f"{good}: first version kept" in err
    assert f"{good}: unchanged" in err
    assert f"{bad}: FAILED: there is no such page (status 404)" in err
    assert (out, "Traceback" in err) == ("", False)
    for url in (bad, feed):
        lines = [line for line in err.splitlines() if url in line]
        assert lines
        assert all("WARNING" in line and line.count(url) == 1 for line in lines)


# --- status ---------------------------------------------------------------------------------------


def test_status_as_json(desk, site):
    url, bad = site.publishes("/fire", page(*FIRE)), site.removes("/gone")
    feed = site.publishes("/feed", rss())
    desk.run("watch", url, bad, "--as", "article")
    desk.run("watch", feed)
    before = desk.run("status", "--format", "json").json
    desk.run("check")
    site.publishes("/fire", page(*MORE_DEAD))
    desk.run("check", url)

    after = desk.run("status", "--format", "json")

    assert (after.code, after.err) == (0, "")
    assert set(after.json) == set(before) == {
        "running", "holder", "articles", "sources", "due", "versions", "changes", "checked_at", "failing", "failing_count",
        "outbox", "channels", "archive", "slowed", "paused",
    }  # fmt: skip
    assert (before["articles"], before["sources"], before["due"], before["checked_at"]) == (2, 1, 2, None)
    found = after.json
    assert (found["running"], found["holder"]) == (False, None)
    assert (found["due"], found["versions"], found["changes"]) == (0, 2, 1)
    assert found["outbox"] == {"delivered": 1}
    assert found["failing_count"] == 1
    assert [one["address"] for one in found["failing"]] == [bad]
    folder = desk.folder / "snapshots"
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert found["archive"]["folder"] == str(folder)
    assert abs(found["archive"]["bytes"] - size) < 100_000
    assert found["archive"]["free_bytes"] > 0


def test_status_in_words(desk, site):
    desk.run("watch", site.removes("/gone"), "--as", "article")
    desk.run("check")

    ended = desk.run("status")

    assert (ended.code, ended.err) == (0, "")
    for words in ("not running", "1 article", "0 feeds", "none", "failing", "404"):
        assert words in ended.out


def test_status_names_each_channel_that_holds_messages_back_why_and_until_when(desk, site):
    down = site.publishes("/down", "", status=503)
    channels = (
        f'[channels.down]\nwebhook = "{down}"\n[channels.mail]\nfile = "mail.jsonl"\ndeliver = "daily at 08:00"\n'
    )
    desk = replace(desk, config=channels + '[[alert]]\nname = "all"\nchannels = ["down", "mail"]\n')
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    desk.run("check")
    site.publishes("/fire", page(*MORE_DEAD))
    desk.run("check", url)

    text, found = desk.run("status").out, desk.run("status", "--format", "json").json["channels"]

    failing, gathering = found
    assert (failing["name"], failing["waiting"], failing["parked"], failing["failures"]) == ("down", 1, 0, 1)
    assert failing["held_until"] > failing["failing_since"]
    assert "503" in failing["error"]
    assert (gathering["name"], gathering["waiting"], gathering["error"]) == ("mail", 1, None)
    assert "T08:00:00" in gathering["next_at"]
    assert "down has failed 1 time since" in text
    assert "mail 1 message waiting until 08:00 UTC" in " ".join(text.split())


def test_status_before_there_is_an_archive(desk):
    desk = replace(desk, config='[archive]\nfolder = "not/yet"\n[catalog]\ndatabase = "sqlite:///here.sqlite"\n')

    ended = desk.run("status", "--format", "json")

    assert (ended.code, ended.err) == (0, "")
    assert ended.json["archive"]["bytes"] == 0
    assert ended.json["archive"]["free_bytes"] > 0


def test_status_counts_beside_a_file_that_goes_away(desk):
    desk.run("list")
    (desk.folder / "snapshots" / "dangling").symlink_to("nowhere")

    assert desk.run("status").code == 0


def test_status_names_the_hosts_that_are_left_alone(desk):
    until_then = datetime.now(UTC) + timedelta(minutes=30, seconds=30)
    slowed = [
        Slowed("busy.example", until_then, "it answered with status 429"),
        Slowed("past.example", until_then - timedelta(days=1), "it is over"),
    ]
    with desk.opened() as pipeline:
        folder = pipeline.config.archive_folder
    write_note(folder, slowed)

    assert "busy.example is left alone for 30 minutes: it answered with status 429" in desk.run("status").out
    assert [one["host"] for one in desk.run("status", "--format", "json").json["slowed"]] == ["busy.example"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"slowed": [{}]}', '{"slowed": 3}'])
def test_status_lives_without_a_readable_note(text, desk):
    with desk.opened() as pipeline:
        (pipeline.config.archive_folder / NOTE_FILE).write_text(text)

        ended = desk.run("status")

    assert (ended.code, ended.err) == (0, "")


# --- service-unit ---------------------------------------------------------------------------------


def test_unit_for_systemd_names_the_configuration_and_the_folders_that_are_written(desk):
    desk = replace(desk, config=LOG)

    ended = desk.run("service-unit", "--user", "newsdesk")

    assert (ended.code, ended.err) == (0, "")
    assert f"--config {desk.folder / 'config.toml'} run\n" in ended.out
    assert f"ReadWritePaths={desk.folder} {desk.folder / 'snapshots'}\n" in ended.out
    assert "User=newsdesk\n" in ended.out


# --- the log --------------------------------------------------------------------------------------


def test_the_log_for_programs_has_an_object_on_each_line(quick, site):
    url = site.publishes("/fire", page(*FIRE))
    quick = replace(quick, config=f'{quick.config}[log]\nformat = "json"\n')
    quick.run("watch", "--as", "article", url)

    with running(quick) as process:
        until(lambda: [request.path for request in site.requests].count("/fire") >= 2)
        _, err = stop(process)

    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines if line["event"].startswith("check")] == ["check first"]
    assert {line["article"] for line in lines if "article" in line} == {url}
    assert [lines[0]["event"], lines[-1]["event"]] == ["started", "stopped"]


def told_of_channels(desk: Desk) -> list[dict[str, object]]:
    return desk.run("status", "--format", "json").json["channels"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_of_a_service_in_trouble_holds_no_secret_of_any_kind(form, quick, site):
    """Every channel fails, each with its secret in another place; so do the proxy of the environment and an article with a token."""
    channels = f"""
[channels.signed]
webhook = "{site.publishes("/signed", "", status=503)}?key=s3cret-query"
secret = "s3cret-signature"
[channels.user]
webhook = "http://desk:s3cret-password@127.0.0.1:9/hook/s3cret-path"
[channels.far]
webhook = "http://far.example/s3cret-path"
[channels.mail]
smtp = "smtp://desk:s3cret-smtp@127.0.0.1:9"
from = "a@b.example"
to = ["c@d.example"]
[channels.chat]
apprise = "json://desk:s3cret-apprise@127.0.0.1:9/?token=s3cret-token"
[channels.program]
command = ["false", "s3cret-argument"]
[[alert]]
name = "all"
channels = ["signed", "user", "far", "mail", "chat", "program"]
[web]
token = "s3cret-web-token-of-some-length"
[log]
format = "{form}"
"""
    proxy = "http://proxy:s3cret-proxy@127.0.0.1:9"
    quick = replace(quick, config=QUICK + channels, environ={"http_proxy": proxy, "https_proxy": proxy})
    url = site.publishes("/fire?token=s3cret-article", page(*FIRE))
    quick.run("watch", url, site.removes("/gone?sig=s3cret-article"), "--as", "article")

    with running(quick, "--verbose") as process:
        until(lambda: len([one for one in site.requests if one.path.startswith("/fire")]) >= 2)
        site.publishes("/fire?token=s3cret-article", page(*MORE_DEAD))
        until(lambda: sum(bool(one["error"]) for one in told_of_channels(quick)) == 6, every_s=0.5)
        out, err = stop(process)
    told = err + out + quick.run("status").out + quick.run("status", "--format", "json").out

    for name in ("signed", "user", "far", "mail", "chat", "program"):
        assert f'channel "{name}"' in told.replace("\\", "")
    assert re.findall(r".{60}s3cret.{20}", told) == []
