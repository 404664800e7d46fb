"""`watch`, `unwatch`, `list` and `check`, and what holds for every command."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import typer.main
from desk import FIRE, TRACKER, Ended, edited, page
from desk_samples import CHALLENGE, rss, sitemap
from servers import Site
from typer.core import TyperGroup

from tracker import __version__
from tracker.cli.app import app
from tracker.operations.note import NOTE_FILE

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
OTHER_WORDS = edited("did not answer questions", "did not answer any questions")


def _names(group: TyperGroup) -> Iterator[str]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield name
        if isinstance(command, TyperGroup):
            yield from (f"{name} {below}" for below in _names(command))


COMMANDS = sorted(_names(typer.main.get_command(app)))


def stories(site: Site, count: int) -> list[str]:
    return [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(count)]


def wait_for_request(site: Site, path: str, times: int = 1) -> None:
    end = time.monotonic() + 20
    while sum(request.path == path for request in site.requests) < times:
        assert time.monotonic() < end, f"{path} was not asked for"
        time.sleep(0.02)


# --- every command --------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_an_example_that_is_right(command, desk):
    helped = desk.run(*command.split(), "--help")
    found = re.search(r"Examples?: (.*)", " ".join(helped.out.split()))

    assert (helped.code, helped.err) == (0, "")
    assert found
    for example in re.split(r" · |; ", found[1]):
        words = shlex.split(re.split(r" [>|] ", example.partition("tracker ")[2])[0])
        assert desk.run(*words, "--help").code == 0, example
    assert re.search(rf"\btracker {command.split()[0]}\b", found[1])


@pytest.mark.parametrize("arguments", [["list", "--config"], ["list", "-c"]])
def test_the_configuration_may_be_named_after_the_command(arguments, desk):
    other = desk.folder / "other.toml"
    other.write_text('[archive]\nfolder = "elsewhere"\n', encoding="utf-8")

    assert desk.run(*arguments, other).code == 0

    assert (desk.folder / "elsewhere").is_dir()


@pytest.mark.parametrize(("command", "named"), [("serve", "[web]"), ("prune", "[archive]"), ("watch", "'/2018/*'")])
def test_help_shows_what_stands_in_brackets_or_between_asterisks(command, named, desk):
    assert named in desk.run(command, "--help").out


def test_help_lists_every_command(desk):
    listed = desk.run("--help").out

    for command in COMMANDS:
        assert re.search(rf"\b{command.split()[0]}\b", listed), command


@pytest.mark.parametrize("short", [["-h"], ["watch", "-h"]])
def test_help_has_a_short_name(short, desk):
    assert desk.run(*short).code == 0


def test_version(desk):
    assert desk.run("--version").out == f"tracker {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["wotch"], ["watch"], ["list", "--no-such-option"], ["history"]])
def test_what_is_no_command_is_code_2(arguments, desk):
    ended = desk.run(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "--format", "markdwn"], "'atom'; did you mean markdown?"),
        (["report", "--format", "pdf"], "--format' / '-f': 'pdf' is not one of 'text',"),
        (["report", "--limit", "0"], "'--limit': it should be greater than or equal to 1"),
    ],
    ids=["a slip", "nothing like it", "a number"],
)
def test_a_value_that_cannot_be_is_said_plainly(arguments, said, desk):
    ended = desk.run(*arguments)

    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())


def test_ctrl_c_while_the_arguments_are_read_is_code_130(desk, monkeypatch):
    def stop(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tracker.cli.app", stop)

    assert desk.run("list") == Ended(130, "", "")


def test_a_mistyped_command_gets_the_nearest(desk):
    assert "watch" in desk.run("wotch").err


def test_the_configuration_may_be_named_in_the_environment(desk, site):
    (url,) = stories(site, 1)
    desk.run("watch", url)

    listed = subprocess.run(
        [*TRACKER, "list"],
        env={"TRACKER_CONFIG": str(desk.write_config()), "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (listed.returncode, listed.stderr) == (0, "")
    assert url in listed.stdout


def test_a_command_starts_without_a_configuration(tmp_path):
    started = subprocess.run([*TRACKER, "list"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert (started.returncode, started.stderr) == (0, "")
    assert "tracker watch ADDRESS" in started.stdout


# --- watch, unwatch, list -------------------------------------------------------------------------


def test_watch_recognises_what_an_address_is(desk, site):
    (article,) = stories(site, 1)
    feed = site.publishes("/feed", rss(article), content_type="application/rss+xml")
    index = site.publishes("/map", sitemap(article), content_type="text/xml")

    watched = desk.run("watch", article, feed, index)

    assert (watched.code, watched.err) == (0, "")
    assert watched.out.splitlines() == [
        f"following the article {article}",
        f"following the feed {feed}",
        f"following the sitemap {index}",
    ]


def test_watch_tells_programs_an_object_a_line(desk, site):
    (article,) = stories(site, 1)

    watched = desk.run("watch", article, "--tag", "ports", "--format", "json")

    assert watched.lines == [{"address": article, "kind": "article", "tags": ["ports"]}]


@pytest.mark.parametrize("kind", ["article", "feed", "sitemap"])
def test_watch_as_asks_nobody(kind, desk, site):
    watched = desk.run("watch", site.url("/a"), "--as", kind)

    assert watched.out == f"following the {kind} {site.url('/a')}\n"
    assert site.requests == []


def test_watch_as_something_else_is_code_2(desk, site):
    ended = desk.run("watch", site.url("/a"), "--as", "newspaper")

    assert ended.code == 2
    assert "sitemap" in ended.err


def test_watch_follows_the_good_ones_among_bad_ones(desk, site):
    (good,) = stories(site, 1)

    watched = desk.run("watch", site.removes("/gone"), "not an address", good)

    assert watched.code == 3, "the worst of the codes"
    assert watched.out == f"following the article {good}\n"
    assert len(watched.err.splitlines()) == 2


def test_watch_again_adds_tags(desk, site):
    (url,) = stories(site, 1)
    desk.run("watch", url, "--tag", "ports")
    desk.run("watch", f"{url}#comments", "--tag", "fires", "--tag", "ports", "--as", "article")

    (article,) = desk.run("list", "--format", "json").json["articles"]
    assert (article["address"], article["tags"]) == (url, ["fires", "ports"])


def test_robots_rules_are_honoured(desk, site):
    (url,) = stories(site, 1)
    site.publishes("/robots.txt", "User-agent: *\nDisallow: /0\n", content_type="text/plain")

    watched = desk.run("watch", url)

    assert (watched.code, watched.out) == (3, "")
    assert "robots.txt" in watched.err
    assert [request.path for request in site.requests] == ["/robots.txt"]


def test_list_says_what_is_followed_and_how_it_is(desk, site):
    first, second = stories(site, 2)
    feed = site.publishes("/feed", rss(second))
    desk.run("watch", first, "--tag", "ports")
    desk.run("watch", feed)
    desk.run("check")

    document, text = desk.run("list", "--format", "json").json, desk.run("list")

    (source,) = document["sources"]
    assert set(source) == {"address", "kind", "tags", "links", "limit", "checked_at", "due_at", "error", "failures"}
    assert (source["address"], source["kind"], source["error"]) == (feed, "feed", None)
    articles = {article["address"]: article for article in document["articles"]}
    assert set(articles) == {first, second}
    assert (articles[first]["versions"], articles[first]["headline"]) == (1, "Fire number 0")
    assert articles[first]["due_at"] > articles[first]["checked_at"]
    assert (text.code, text.err) == (0, "")
    assert "Feeds: 1" in text.out
    assert "Articles: 2" in text.out
    assert "#ports" in text.out


def test_list_by_tag(desk, site):
    first, second = stories(site, 2)
    feed = site.publishes("/feed", rss())
    desk.run("watch", first, feed, "--tag", "ports")
    desk.run("watch", second)

    document = desk.run("list", "--tag", "ports", "--format", "json").json

    assert [article["address"] for article in document["articles"]] == [first]
    assert [source["address"] for source in document["sources"]] == [feed]
    assert desk.run("list", "--tag", "none", "--format", "json").json == {"sources": [], "articles": []}


def test_unwatch_stops_following_and_keeps_what_there_is(desk, site):
    first, second = stories(site, 2)
    desk.run("watch", first, second)
    desk.run("check")

    stopped = desk.run("unwatch", first)

    assert (stopped.code, stopped.out) == (0, f"no longer followed: {first}\n")
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == [second]
    assert len(desk.run("history", first, "--format", "json").json["versions"]) == 1
    desk.run("watch", first)
    assert len(desk.run("list", "--format", "json").json["articles"]) == 2


def test_articles_of_an_unwatched_feed_stay_followed(desk, site):
    (url,) = stories(site, 1)
    feed = site.publishes("/feed", rss(url))
    desk.run("watch", feed)
    desk.run("check")

    desk.run("unwatch", feed)

    document = desk.run("list", "--format", "json").json
    assert document["sources"] == []
    assert [one["address"] for one in document["articles"]] == [url]


def test_unwatch_names_what_was_not_followed(desk, site):
    (url,) = stories(site, 1)
    desk.run("watch", url)

    ended = desk.run("unwatch", site.url("/other"), url)

    assert (ended.code, ended.out) == (2, f"no longer followed: {url}\n")
    assert site.url("/other") in ended.err
    assert url not in ended.err.replace(site.url("/other"), "")


def test_unwatch_does_nothing_when_an_address_is_malformed(desk, site):
    (url,) = stories(site, 1)
    desk.run("watch", url)

    assert desk.run("unwatch", url, "not an address").code == 2
    assert len(desk.run("list", "--format", "json").json["articles"]) == 1


# --- check ----------------------------------------------------------------------------------------


def test_check_writes_an_aligned_line_for_each_article(desk, site):
    urls = stories(site, 3)
    site.publishes("/wall", page(*FIRE))
    desk.run("watch", *urls, site.url("/wall"), site.url("/gone"), "--as", "article")
    desk.run("check")
    site.publishes("/0", page(*MORE_DEAD, headline="Fire number 0"))
    site.publishes("/1", page(*OTHER_WORDS, headline="Fire number 1"))
    site.publishes("/wall", CHALLENGE)

    ended = desk.run("check", "--all")

    assert ended.code == 0
    lines = ended.out.splitlines()
    assert len(lines) == 5
    assert all(re.match(r" *\d+\.\d s  [1-5]/5  127\.0\.0\.1:\d+/", line) for line in lines)
    words = ("SUBSTANTIVE", "cosmetic", "unchanged", "SUSPECT", "FAILED")
    places = [next((line.index(word) for word in words if word in line), None) for line in lines]
    assert len(set(places)) == 1, "the outcomes stand below one another"
    assert re.search(r"/0 +SUBSTANTIVE: 1 number", ended.out)
    assert re.search(r"/1 +cosmetic", ended.out)
    assert re.search(r"/2 +unchanged", ended.out)
    warnings = sorted(ended.err.splitlines())
    assert len(warnings) == 2, "the whole reason is on stderr"
    assert all(line.startswith("tracker: ") for line in warnings)
    assert site.url("/gone") in warnings[0]
    assert warnings[0].count("http://") == 1
    assert site.url("/wall") in warnings[1]


def test_check_as_json(desk, site):
    urls = [*stories(site, 1), site.url("/gone")]
    desk.run("watch", *urls, "--as", "article")
    first = desk.run("check", "--format", "json")
    site.publishes("/0", page(*MORE_DEAD, headline="Fire number 0"))

    second = desk.run("check", "--all", "--format", "json")

    keys = {"address", "result", "verdict", "importance", "disclosure", "change", "problem", "same_as"}
    assert all(set(line) == keys for line in (*first.lines, *second.lines))
    by_address = {line["address"]: line for line in second.lines}
    assert by_address[urls[0]]["result"] == "changed"
    assert by_address[urls[0]]["verdict"] == "substantive"
    assert by_address[urls[0]]["importance"] == 3
    assert by_address[urls[0]]["disclosure"] == "undisclosed"
    assert by_address[urls[0]]["change"] == 1
    failed = by_address[urls[1]]
    assert (failed["result"], failed["verdict"], failed["change"]) == ("failed", None, None)
    assert "404" in failed["problem"]


EXIT_CODES = {
    "a substantive change": (MORE_DEAD, ["--exit-code"], 1),
    "without --exit-code": (MORE_DEAD, [], 0),
    "a cosmetic change": (OTHER_WORDS, ["--exit-code"], 0),
    "no change": (FIRE, ["--exit-code"], 0),
}


@pytest.mark.parametrize(("story", "options", "code"), EXIT_CODES.values(), ids=EXIT_CODES.keys())
def test_exit_code_tells_of_a_substantive_change(story, options, code, desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("check")
    site.publishes("/fire", page(*story))

    assert desk.run("check", url, *options).code == code


def test_check_takes_what_is_due_and_no_more(desk, site):
    urls = stories(site, 2)
    desk.run("watch", *urls)

    first, second = desk.run("check", "--format", "json"), desk.run("check", "--due", "--format", "json")
    named = desk.run("check", urls[1], "--format", "json")
    everything = desk.run("check", "--all", "--format", "json")

    assert {line["address"] for line in first.lines} == set(urls)
    assert (second.code, second.lines) == (0, []), "nothing is due any more"
    assert [line["address"] for line in named.lines] == [urls[1]]
    assert {line["address"] for line in everything.lines} == set(urls)


@pytest.mark.parametrize(
    "arguments", [["--all", "--due"], ["https://example.org/", "--all"], ["https://e.org/", "--due"]]
)
def test_check_wants_one_choice(arguments, desk):
    ended = desk.run("check", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert "only one" in ended.err


def test_check_of_what_is_not_followed_is_code_2(desk, site):
    (url,) = stories(site, 1)

    before = desk.run("check", url)
    desk.run("watch", url)
    desk.run("unwatch", url)
    after = desk.run("check", url)

    assert (before.code, after.code) == (2, 2)
    assert f"{url} is not followed" in before.err
    assert f"{url} is no longer followed" in after.err


def test_check_of_an_unwatched_feed_is_code_2(desk, site):
    feed = site.publishes("/feed", rss())
    desk.run("watch", feed)
    desk.run("unwatch", feed)

    ended = desk.run("check", feed)

    assert ended.code == 2
    assert f"{feed} is no longer followed" in ended.err


def test_a_check_of_which_nothing_could_be_done_is_code_3(desk, site):
    good, bad, feed = *stories(site, 1), site.url("/gone"), site.url("/feed")
    desk.run("watch", good, bad, "--as", "article")
    desk.run("watch", feed, "--as", "feed")

    assert desk.run("check", bad).code == 3
    assert desk.run("check", feed).code == 3
    assert desk.run("check", bad, feed).code == 3
    assert desk.run("check", bad, feed, good).code == 0


def test_a_host_that_wants_to_be_left_alone_for_long_does_not_hold_up_the_check(desk, site):
    first, second = stories(site, 2)
    feed = site.publishes("/feed", rss())
    desk.run("watch", first, second, feed)
    site.publishes("/0", "", status=429, headers={"Retry-After": "3600"})
    config = replace(desk, config="[service]\nworkers = 1\n")

    began = time.monotonic()
    ended = config.run("check", first, second, "--format", "json")

    assert time.monotonic() - began < 10
    assert ended.code == 3
    assert [(line["address"], line["result"]) for line in ended.lines] == [(first, "failed"), (second, "waiting")]
    assert "left alone" in ended.err
    site.publishes("/0", page(*FIRE))
    (desk.folder / "snapshots" / NOTE_FILE).unlink()  # the hour is over
    assert desk.run("check", "--all").code == 0, "nothing stays claimed"
    assert {article["versions"] for article in desk.run("list", "--format", "json").json["articles"]} == {1}


def test_the_reader_of_a_pipe_may_go(desk, site):
    desk.run("watch", *stories(site, 12))

    process = desk.start("check")
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()

    assert (process.wait(30), err) == (0, "")
    assert desk.run("check").code == 0, "what was not checked is for the next time"
    assert {article["versions"] for article in desk.run("list", "--format", "json").json["articles"]} == {1}


def test_ctrl_c_leaves_nothing_broken_and_says_so(desk, site):
    desk = replace(desk, config='[service]\nstop_within = "3s"\nworkers = 2\n')
    urls, hanging = stories(site, 3), site.hangs("/hang")
    desk.run("watch", *urls, hanging, "--as", "article")

    process = desk.start("check", hanging, urls[0])
    wait_for_request(site, "/hang")
    wait_for_request(site, "/0")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert time.monotonic() - began < 5
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "tracker: stopped; what was done so far is kept"
    assert "/0" in out
    site.publishes("/hang", page(*FIRE))
    again = desk.run("check", "--all", "--format", "json")
    assert again.code == 0
    results = {line["address"]: line["result"] for line in again.lines}
    assert results == {urls[0]: "unchanged", urls[1]: "first", urls[2]: "first", hanging: "first"}


def test_ctrl_c_twice_stops_at_once(desk, site):
    hanging = site.hangs("/hang")
    desk.run("watch", hanging, "--as", "article")

    process = desk.start("check")
    wait_for_request(site, "/hang")
    process.send_signal(signal.SIGINT)
    assert "Ctrl-C once more" in process.stderr.readline()
    time.sleep(0.5)  # a person is not faster
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert time.monotonic() - began < 3
    assert err == "tracker: stopped; what was done so far is kept\n"


def test_no_escape_codes_go_into_a_pipe(desk, site):
    desk.run("watch", *stories(site, 1))

    assert "\x1b" not in desk.run("check").out + desk.run("list").out + desk.run("status").out


@pytest.mark.parametrize(
    ("environ", "colored"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_a_terminal_that_wants_it(environ, colored, desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("check")
    site.publishes("/fire", page(*MORE_DEAD))
    desk.run("check", url)
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}

    process = desk.start("history", url, stdout=theirs, environ={**clean, **environ})
    _, err = process.communicate(timeout=60)
    shown = _read(ours, theirs)

    assert (process.returncode, err) == (0, "")
    assert b"SUBSTANTIVE" in shown
    assert (b"\x1b[" in shown) == colored


def _read(ours: int, theirs: int) -> bytes:
    os.close(theirs)
    data = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while piece := os.read(ours, 65536):
            data += piece
    os.close(ours)
    return data


# --- what one check leaves for the next -----------------------------------------------------------


def test_robots_are_read_once_a_day_by_however_many_checks(desk, site):
    site.publishes("/robots.txt", "User-agent: *\nDisallow: /secret\n", content_type="text/plain")
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    desk.run("watch", site.publishes("/secret", page(*FIRE)), "--as", "article")

    for _ in range(3):
        desk.run("check", "--all")

    paths = [request.path for request in site.requests]
    assert (paths.count("/robots.txt"), paths.count("/fire"), paths.count("/secret")) == (1, 3, 0)
    assert f"does not allow tracker to read {site.url('/secret')}" in desk.run("list", "--format", "json").out
    assert "does not allow tracker to read" in " ".join(desk.run("list").out.split())


def test_a_host_that_asked_for_patience_is_left_alone_by_the_next_check_too(desk, site):
    url = site.publishes("/fire", "busy", status=429, headers={"Retry-After": "1800"})
    desk.run("watch", url, "--as", "article")
    desk.run("check")
    asked = len(site.requests)

    ended = desk.run("check", "--all")

    assert len(site.requests) == asked
    assert "is left alone, because it answered with status 429" in ended.err
    assert " is left alone for 29 minutes: it answered with status 429" in desk.run("status").out


def test_nothing_due_is_said(desk, site):
    desk.run("watch", site.publishes("/fire", page(*FIRE)), "--as", "article")
    desk.run("check")

    ended = desk.run("check")

    assert (ended.code, ended.out) == (0, "")
    assert "nothing is due; the next check is due in " in ended.err


def test_a_check_of_nothing_says_how_to_begin(desk):
    for arguments in (["check"], ["check", "--all"]):
        assert "nothing is followed yet; start with `tracker watch ADDRESS`" in desk.run(*arguments).err


# --- what does not mix, and what is not fetched ---------------------------------------------------


def test_a_channel_to_the_screen_does_not_stand_among_the_json(desk, site):
    screen = replace(desk, config='[channels.screen]\nfile = "-"\n[[alert]]\nname = "all"\nchannels = ["screen"]\n')
    url = site.publishes("/fire", page(*FIRE))
    screen.run("watch", url)
    screen.run("check")
    site.publishes("/fire", page(*edited("killed 12 people", "killed 14 people")))

    ended = screen.run("check", url, "--format", "json")

    assert [line["verdict"] for line in ended.lines] == ["substantive"]
    assert "Number: 12 people → 14 people" in ended.err


def test_an_address_of_the_configuration_that_is_none_is_named_at_once(desk):
    wrong = replace(desk, config='[[watch]]\naddress = "https://news.example.org:port/a"\n')

    ended = wrong.run("check")

    assert ended.code == 2
    assert "[[watch]] #1 address: " in ended.err
    assert "news.example.org:port" in ended.err


def test_extract_does_not_fetch_what_robots_disallow(desk, site):
    site.publishes("/robots.txt", "User-agent: *\nDisallow: /secret\n", content_type="text/plain")
    url = site.publishes("/secret", page(*FIRE))

    ended = desk.run("extract", url)

    assert ended.code == 3
    assert f"does not allow tracker to read {url}" in ended.err
    assert [request.path for request in site.requests] == ["/robots.txt"]
