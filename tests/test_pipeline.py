"""From an address to an alert, over HTTP on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import CHALLENGE, rss, sitemap

from tracker.archive import Archive
from tracker.cli.workspace import now
from tracker.models import Capture, Snapshot, Version
from tracker.postman import Postman

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
ALL = 'verdict = ["substantive", "minor", "cosmetic", "different_story"]\nimportance = 0\n'


def files_of(desk: Desk) -> dict[str, bytes]:
    """What the archive holds."""
    folder = desk.folder / "snapshots"
    return {str(path): path.read_bytes() for path in folder.rglob("*.zst")}


def history(desk: Desk, url: str) -> dict:
    return desk.run("history", url, "--format", "json").json


def check(desk: Desk, *arguments: str) -> list[dict]:
    ended = desk.run("check", *arguments, "--format", "json")
    assert ended.code == 0, ended.err
    return ended.lines


def texts_of(desk: Desk, url: str) -> list[tuple[str, ...]]:
    """The paragraphs of every version, read from the archive."""
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        stored = [version.snapshot for version in pipeline.catalog.versions(article.id)]
        return [pipeline.archive.read_version(article.folder, one)[0].paragraphs for one in stored]


def deliver(desk: Desk, later: timedelta = timedelta()) -> list[str]:
    """Send what is due at a later time; gives the errors."""
    errors: list[str] = []
    with desk.opened(later) as pipeline:
        postman = Postman(pipeline, lambda _, error: errors.append(str(error)) if error else None, pytest.fail)
        postman.deliver_due()
        postman.wait()
    return errors


# --- one article ----------------------------------------------------------------------------------


def test_unchanged_article_costs_a_304_and_writes_nothing(desk, site):
    url = site.publishes("/fire", page(*FIRE), etag='"1"', last_modified="Tue, 10 Apr 2018 08:00:00 GMT")
    desk.run("watch", url)
    check(desk, url)
    kept, before = files_of(desk), history(desk, url)

    again = check(desk, url)

    asked = site.requests[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"1"', "Tue, 10 Apr 2018 08:00:00 GMT")
    assert [one["result"] for one in again] == ["not modified"]
    assert files_of(desk) == kept
    after = history(desk, url)
    assert after["changes"] == []
    assert [version["digest"] for version in after["versions"]] == [version["digest"] for version in before["versions"]]
    assert after["versions"][0]["last_seen_at"] > before["versions"][0]["last_seen_at"]


def test_the_same_bytes_without_validators_write_nothing(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    kept = files_of(desk)

    assert [one["result"] for one in check(desk, url)] == ["unchanged"]
    assert files_of(desk) == kept


def test_changed_page_furniture_is_no_change(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)

    for furniture in ("Ferry on time for once", "Cat found on the lighthouse"):
        site.publishes("/fire", page(*FIRE, furniture=furniture))
        assert [one["result"] for one in check(desk, url)] == ["unchanged"]

    assert len(history(desk, url)["versions"]) == 1
    assert desk.alerts == []


def test_an_edit_is_detected_judged_stored_reported_and_delivered(desk, site):
    hook = site.publishes("/hook", "")
    desk = replace(
        desk,
        config=f'[channels.log]\nfile = "alerts.jsonl"\n[channels.desk]\nwebhook = "{hook}"\nsecret = "tell no one"\n'
        '[[alert]]\nname = "facts"\nchannels = ["log", "desk"]\n',
    )
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--tag", "ports")
    check(desk, url)
    site.publishes("/fire", page(*MORE_DEAD))

    (checked,) = check(desk, url)

    assert (checked["result"], checked["verdict"], checked["problem"]) == ("changed", "substantive", None)
    (change,) = desk.run("report", "--format", "json").json
    assert (change["article"], change["tags"]) == (url, ["ports"])
    assert change["comparison"]["verdict"] == "substantive"
    assert change["comparison"]["disclosure"] == "undisclosed"
    numbers = [fact for fact in change["comparison"]["facts"] if fact["kind"] == "number"]
    assert [("12" in fact["old"], "14" in fact["new"]) for fact in numbers] == [(True, True)]
    assert change["not_before"] < change["not_after"] <= change["detected_at"]
    (alert,) = desk.alerts
    assert alert["article"]["url"] == url
    assert alert["change"]["verdict"] == "substantive"
    (post,) = [request for request in site.requests if request.path == "/hook"]
    signature = hmac.new(b"tell no one", post.body, hashlib.sha256).hexdigest()
    assert post.headers["x-tracker-signature"] == f"sha256={signature}"
    sent = json.loads(post.body)
    assert post.headers["idempotency-key"] == sent["key"] != alert["key"]
    assert sent["change"] == alert["change"]
    states = desk.run("alerts", "list", "--format", "json").json
    assert {(one["channel"], one["state"], one["attempts"]) for one in states} == {
        ("log", "delivered", 1),
        ("desk", "delivered", 1),
    }


def test_every_earlier_version_remains_readable(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    stories = [FIRE]
    check(desk, url)
    for number in (13, 14, 17):
        stories.append(edited("killed 12 people", f"killed {number} people"))
        site.publishes("/fire", page(*stories[-1]))
        check(desk, url)

    assert texts_of(desk, url) == stories
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        captures = pipeline.archive.captures(article.folder)
        bodies = [pipeline.archive.read_snapshot(article.folder, stored).body for stored in captures]
    assert bodies == [page(*story).encode() for story in stories]


def test_there_and_back_again_is_three_versions_and_two_changes(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    for story in (FIRE, MORE_DEAD, FIRE):
        site.publishes("/fire", page(*story))
        check(desk, url)

    found = history(desk, url)

    digests = [version["digest"] for version in found["versions"]]
    assert [version["number"] for version in found["versions"]] == [1, 2, 3]
    assert digests[0] == digests[2] != digests[1]
    assert [change["comparison"]["verdict"] for change in found["changes"]] == ["substantive", "substantive"]
    assert len({alert["key"] for alert in desk.alerts}) == 2
    assert texts_of(desk, url) == [FIRE, MORE_DEAD, FIRE]


def test_a_suspect_capture_is_kept_and_never_compared(desk, site):
    url = site.publishes("/fire", page(*FIRE), etag='"1"')
    desk.run("watch", url)
    check(desk, url)
    site.publishes("/fire", CHALLENGE)

    (first,), (second,) = check(desk, url), check(desk, url)

    assert (first["result"], second["result"]) == ("suspect", "suspect")
    assert first["problem"]
    assert history(desk, url)["changes"] == []
    assert desk.alerts == []
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        captures = pipeline.archive.captures(article.folder)
        assert [pipeline.archive.read_snapshot(article.folder, stored).body for stored in captures] == [
            page(*FIRE).encode(),
            CHALLENGE.encode(),
        ], "the same challenge is kept once"
        assert article.error == first["problem"]
        assert article.version.number == 1


def test_after_a_suspect_capture_the_article_is_compared_with_the_version_before_it(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    site.publishes("/fire", CHALLENGE)
    check(desk, url)
    site.publishes("/fire", page(*MORE_DEAD))

    (checked,) = check(desk, url)

    assert (checked["result"], checked["verdict"]) == ("changed", "substantive")
    (change,) = history(desk, url)["changes"]
    assert [change["versions"][side]["number"] for side in ("old", "new")] == [1, 2]
    assert FIRE[0] in change["comparison"]["old"]["sentences"]


def test_after_a_suspect_capture_the_same_article_is_unchanged(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    site.publishes("/fire", CHALLENGE)
    check(desk, url)
    site.publishes("/fire", page(*FIRE))

    assert [one["result"] for one in check(desk, url)] == ["unchanged"]
    (article,) = desk.run("list", "--format", "json").json["articles"]
    assert article["error"] is None
    assert article["versions"] == 1


def test_an_article_whose_first_capture_is_suspect_begins_with_the_first_good_one(desk, site):
    url = site.publishes("/fire", CHALLENGE)
    desk.run("watch", url)
    assert [one["result"] for one in check(desk, url)] == ["suspect"]
    site.publishes("/fire", page(*FIRE))

    assert [one["result"] for one in check(desk, url)] == ["first"]
    assert texts_of(desk, url) == [FIRE]
    assert desk.alerts == []


@pytest.mark.parametrize("status", [403, 451, 500, 503])
def test_an_error_page_leaves_the_article_as_it_was(status, desk, site):
    url, other = site.publishes("/fire", page(*FIRE)), site.publishes("/other", page(*FIRE, headline="Another fire"))
    desk.run("watch", url, other)
    check(desk)
    kept = files_of(desk)
    site.removes("/fire", status)

    results = {one["address"]: one["result"] for one in check(desk, url, other)}

    assert results == {url: "failed", other: "unchanged"}
    assert files_of(desk) == kept
    assert texts_of(desk, url) == [FIRE]
    site.publishes("/fire", page(*MORE_DEAD))
    assert [one["result"] for one in check(desk, url)] == ["changed"]


def test_one_bad_article_does_not_stop_the_others(desk, site):
    good = [site.publishes(f"/good{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(3)]
    bad = [
        site.removes("/gone"),
        site.publishes("/empty", ""),
        site.publishes("/picture", b"\x89PNG\r\n\x1a\n", content_type="image/png"),
        site.answers_raw("/nonsense", [b"I do not speak HTTP\r\n\r\n"]),
    ]
    desk.run("watch", *bad, *good, "--as", "article")

    results = {one["address"]: one["result"] for one in check(desk, "--all")}

    assert results == {**dict.fromkeys(bad, "failed"), **dict.fromkeys(good, "first")}


@pytest.mark.parametrize("step", ["fetched", "read", "archived", "compared"])
def test_a_bug_costs_one_article_one_check_and_loses_nothing(step, desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    site.publishes("/fire", page(*MORE_DEAD))

    def on_step(name: str) -> None:
        if name == step:
            raise RecursionError("a page without end")

    with desk.opened() as pipeline:
        bad = replace(pipeline, on_step=on_step).check(pipeline.catalog.article(url))
    check(desk, url)

    assert bad.found == "failed"
    assert "RecursionError: a page without end" in bad.problem
    assert url in bad.problem
    assert [change["comparison"]["verdict"] for change in history(desk, url)["changes"]] == ["substantive"]
    assert texts_of(desk, url) == [FIRE, MORE_DEAD]
    assert len(desk.alerts) == 1


def test_what_the_catalog_missed_is_taken_in_from_the_archive_and_told(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        body = page(*MORE_DEAD).encode()
        (stored,) = pipeline.archive.captures(article.folder)
        snapshot = replace(pipeline.archive.read_snapshot(article.folder, stored), body=body, fetched_at=now())
        read = pipeline.archive.read_version(article.folder, stored)
        version = replace(read[0], paragraphs=MORE_DEAD)
        Archive(pipeline.config.archive_folder).append(article.folder, snapshot, version, read[1])
    site.publishes("/fire", body)

    assert [one["result"] for one in check(desk, url)] == ["unchanged"]
    assert [change["comparison"]["verdict"] for change in history(desk, url)["changes"]] == ["substantive"]
    assert len(desk.alerts) == 1


def test_what_an_older_program_read_otherwise_is_no_change(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(url)
        snapshot = Snapshot(url, now(), 200, (("Content-Type", "text/html"),), page(*FIRE).encode())
        read = Version(headline="Fire!", paragraphs=("Menu", *FIRE), extractor="general/0")
        Archive(pipeline.config.archive_folder).append(article.folder, snapshot, read, Capture())

    site.publishes("/fire", page(*FIRE, furniture="7 comments"))
    (found,) = check(desk, url)
    site.publishes("/fire", page(*MORE_DEAD))
    (changed,) = check(desk, url)

    assert (found["result"], changed["result"]) == ("unchanged", "changed")
    (change,) = history(desk, url)["changes"]
    changes = [step for step in change["comparison"]["sentences"] if step["operation"] != "equal"]
    assert [step["operation"] for step in changes] == ["replace"]


def test_furniture_that_is_new_at_every_check_is_never_a_change_and_an_edit_always_is(desk, site):
    """Twelve checks: quick looks, and the full extraction that every tenth is."""
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk)
    results = []
    for number in range(12):
        site.publishes("/fire", page(*FIRE, furniture=f"{number} comments, {number} people are reading"))
        results += [one["result"] for one in check(desk, url)]
    site.publishes("/fire", page(*MORE_DEAD, furniture="12 comments"))

    after = check(desk, url)

    assert results == ["unchanged"] * 12
    assert [one["result"] for one in after] == ["changed"]


def test_an_article_whose_archive_is_damaged_says_so_and_does_not_stop_the_others(desk, site):
    urls = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(3)]
    desk.run("watch", *urls)
    check(desk)
    folder = desk.run("list", "--format", "json").json["articles"][1]["folder"]
    file = desk.folder / "snapshots" / folder / "0001.warc.zst"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    for number in range(3):
        site.publishes(f"/{number}", page(*MORE_DEAD, headline=f"Fire number {number}"))

    ended = desk.run("check", "--all", "--format", "json")

    assert {one["address"]: one["result"] for one in ended.lines} == {
        urls[0]: "changed",
        urls[1]: "failed",
        urls[2]: "changed",
    }
    assert folder in ended.err
    file.write_bytes(data)
    assert [one["result"] for one in check(desk, urls[1])] == ["changed"]


def test_a_damaged_version_is_read_again_from_its_snapshot(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk)
    with desk.opened() as pipeline:
        kept = pipeline.catalog.article(url).version.snapshot
    file = desk.folder / "snapshots" / kept.file
    data = file.read_bytes()
    at = kept.offset + kept.length + 8  # in the record of the version, which follows the capture
    file.write_bytes(data[:at] + bytes(12) + data[at + 12 :])
    site.publishes("/fire", page(*MORE_DEAD))

    results = check(desk, "--all")

    assert [one["result"] for one in results] == ["changed"]
    assert desk.alerts[0]["change"]["facts"][0]["old"].startswith("12")


# --- feeds and sitemaps ---------------------------------------------------------------------------


def atom(link: str, updated: str) -> str:
    entry = f"<entry><title>1</title><id>{link}</id><link href='{link}'/><updated>{updated}</updated></entry>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>t</id><updated>{updated}</updated>{entry}</feed>"


def test_a_feed_is_recognised_and_its_articles_are_followed_with_its_tags(desk, site):
    first = site.publishes("/1", page(*FIRE))
    feed = site.publishes("/feed", rss(first), content_type="text/html")  # servers call feeds all sorts of names
    watched = desk.run("watch", feed, "--tag", "ports")

    results = check(desk)

    assert watched.out == f"following the feed {feed}\n"
    assert [(one["address"], one["result"]) for one in results] == [(first, "first")]
    document = desk.run("list", "--tag", "ports", "--format", "json").json
    assert [one["address"] for one in document["sources"]] == [feed]
    assert [(one["address"], one["tags"]) for one in document["articles"]] == [(first, ["ports"])]


def test_an_article_that_has_left_the_feed_stays_followed(desk, site):
    links = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(4)]
    feed = site.publishes("/feed", rss(*links[:2]))
    desk.run("watch", feed)
    check(desk)
    site.publishes("/feed", rss(*links[2:]))
    check(desk, feed)
    site.publishes("/0", page(*MORE_DEAD, headline="Fire number 0"))

    results = {one["address"]: one["result"] for one in check(desk, "--all")}

    assert results == {links[0]: "changed", **dict.fromkeys(links[1:], "unchanged")}


def test_an_unwatched_article_stays_unwatched_though_its_feed_names_it(desk, site):
    links = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(2)]
    feed = site.publishes("/feed", rss(*links))
    desk.run("watch", feed)
    check(desk)
    desk.run("unwatch", links[0])
    site.publishes("/feed", rss(*links, site.publishes("/2", page(*FIRE))))

    results = {one["address"]: one["result"] for one in check(desk, "--all")}

    assert results == {links[1]: "unchanged", site.url("/2"): "first"}


def test_an_article_that_its_feed_calls_updated_is_checked_before_its_time(desk, site):
    link = site.publishes("/1", page(*FIRE))
    feed = site.publishes("/feed", atom(link, updated="2000-01-01T00:00:00Z"))
    desk.run("watch", feed)
    check(desk)
    site.publishes("/1", page(*MORE_DEAD))
    before = check(desk)
    site.publishes("/feed", atom(link, updated="2999-01-01T00:00:00Z"))
    check(desk, feed)

    after = check(desk)

    assert before == []
    assert [(one["address"], one["result"]) for one in after] == [(link, "changed")]


def test_an_unchanged_feed_costs_a_304(desk, site):
    link = site.publishes("/1", page(*FIRE))
    feed = site.publishes("/feed", rss(link), etag='"f"')
    desk.run("watch", feed)
    check(desk, feed)

    check(desk, feed)

    assert [request.headers.get("if-none-match") for request in site.requests if request.path == "/feed"][-1] == '"f"'
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == [link]


def test_a_sitemap_names_articles(desk, site):
    links = [site.publishes(f"/{number}", page(*FIRE, headline=f"Fire number {number}")) for number in range(2)]
    feed = site.publishes("/map.xml", sitemap(*links), content_type="application/xml")
    watched = desk.run("watch", feed)

    assert watched.out == f"following the sitemap {feed}\n"
    assert {one["address"]: one["result"] for one in check(desk)} == dict.fromkeys(links, "first")


def test_a_sitemap_index_brings_the_articles_of_its_sitemaps(desk, site):
    link = site.publishes("/1", page(*FIRE))
    child = site.publishes("/march.xml", sitemap(link), content_type="application/xml")
    index = site.publishes("/index.xml", sitemap(child, index=True), content_type="application/xml")
    desk.run("watch", index, "--tag", "ports")

    assert [(one["address"], one["result"]) for one in check(desk)] == [(link, "first")]
    (article,) = desk.run("list", "--format", "json").json["articles"]
    assert article["tags"] == ["ports"]


def test_a_broken_feed_loses_nothing_and_is_read_again(desk, site):
    link = site.publishes("/1", page(*FIRE))
    feed = site.publishes("/feed", rss(link))
    desk.run("watch", feed)
    check(desk)
    site.publishes("/feed", "<rss><channel><title>The Ostmark")

    broken = desk.run("check", feed)

    assert broken.code == 3
    assert feed in broken.err
    assert broken.err.count("\n") == 1
    document = desk.run("list", "--format", "json").json
    assert document["sources"][0]["error"]
    assert [one["address"] for one in document["articles"]] == [link]
    site.publishes("/feed", rss(link, site.publishes("/2", page(*MORE_DEAD))))
    assert [one["address"] for one in check(desk, feed)] == [site.url("/2")]


def test_configured_addresses_are_followed(desk, site):
    article, link = site.publishes("/fire", page(*FIRE)), site.publishes("/1", page(*FIRE))
    feed = site.publishes("/feed", rss(link))
    desk = replace(
        desk,
        config=f'[[watch]]\naddress = "{article}"\ntags = ["own"]\n[[watch]]\naddress = "{feed}"\nas = "feed"\n',
    )

    results = {one["address"]: one["result"] for one in check(desk)}

    assert results == {article: "first", link: "first"}
    tags = {one["address"]: one["tags"] for one in desk.run("list", "--format", "json").json["articles"]}
    assert tags == {article: ["own"], link: []}


def test_a_configured_address_that_cannot_be_recognised_is_tried_again(desk, site):
    url = site.removes("/fire")
    desk = replace(desk, config=f'[[watch]]\naddress = "{url}"\n')
    first = desk.run("check")
    site.publishes("/fire", page(*FIRE))

    second = check(desk)

    assert url in first.err
    assert [(one["address"], one["result"]) for one in second] == [(url, "first")]


# --- alerts ---------------------------------------------------------------------------------------


def rules(*conditions: str) -> str:
    """A channel and a rule for each condition; the file channel of each is named by its position."""
    channels = "".join(f'[channels.c{number}]\nfile = "c{number}.jsonl"\n' for number in range(len(conditions)))
    tables = "".join(
        f'[[alert]]\nname = "r{number}"\nchannels = ["c{number}"]\n{condition}\n'
        for number, condition in enumerate(conditions)
    )
    return channels + tables


def told(desk: Desk) -> list[str]:
    return sorted(path.stem for path in desk.folder.glob("c*.jsonl"))


RULES = {
    "a substantive change goes where substantive is wanted": (
        MORE_DEAD,
        {"": True, 'verdict = ["minor"]': False, 'verdict = ["cosmetic"]\nimportance = 0': False},
    ),
    "importance is a least value": (MORE_DEAD, {"importance = 1": True, "importance = 3": True}),
    "one of the kinds is enough": (
        MORE_DEAD,
        {'kinds = ["number"]': True, 'kinds = ["location", "number"]': True, 'kinds = ["location"]': False},
    ),
    "one of the tags is enough": (
        MORE_DEAD,
        {'tags = ["ports"]': True, 'tags = ["sea", "ports"]': True, 'tags = ["sea"]': False},
    ),
    "disclosure counts": (
        MORE_DEAD,
        {'disclosure = ["undisclosed"]': True, 'disclosure = ["disclosed", "dated"]': False},
    ),
    "a cosmetic change goes only where it is wanted": (
        edited("did not answer questions", "did not answer any questions"),
        {"": False, 'verdict = ["substantive"]\nimportance = 0': False, ALL: True},
    ),
}


@pytest.mark.parametrize(("story", "wanted"), RULES.values(), ids=RULES.keys())
def test_rules_choose_the_channels(story, wanted, desk, site):
    desk = replace(desk, config=rules(*wanted))
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--tag", "ports")
    check(desk, url)
    site.publishes("/fire", page(*story))

    check(desk, url)

    assert told(desk) == [f"c{number}" for number, expected in enumerate(wanted.values()) if expected]


def test_a_channel_that_is_down_blocks_no_other_and_gets_the_message_later_once(desk, site):
    hook = site.publishes("/hook", "", status=503)
    desk = replace(
        desk,
        config=f'[channels.down]\nwebhook = "{hook}"\n[channels.log]\nfile = "alerts.jsonl"\n'
        '[[alert]]\nname = "all"\nchannels = ["down", "log"]\n',
    )
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    check(desk, url)
    site.publishes("/fire", page(*MORE_DEAD))

    ended = desk.run("check", url)
    site.publishes("/hook", "")

    assert ended.code == 0
    assert 'channel "down"' in ended.err
    assert "waits in the outbox" in ended.err
    assert len(desk.alerts) == 1, "the other channel has its message"
    waiting = {one["channel"]: one["state"] for one in desk.run("alerts", "list", "--format", "json").json}
    assert waiting == {"down": "waiting", "log": "delivered"}
    assert deliver(desk) == [], "it is not due yet"
    assert deliver(desk, timedelta(hours=1)) == []
    assert deliver(desk, timedelta(days=1)) == []
    posts = [json.loads(request.body)["key"] for request in site.requests if request.path == "/hook"]
    assert len(posts) == 2, "the failed attempt, and the one that was accepted"
    assert len(set(posts)) == 1
    assert len(desk.alerts) == 1


def test_a_message_for_a_channel_that_is_gone_is_parked_and_can_be_retried(desk, site):
    hook = site.publishes("/hook", "", status=503)
    config = f'[channels.down]\nwebhook = "{hook}"\n[[alert]]\nname = "all"\nchannels = ["down"]\n'
    before = replace(desk, config=config)
    url = site.publishes("/fire", page(*FIRE))
    before.run("watch", url)
    check(before, url)
    site.publishes("/fire", page(*MORE_DEAD))
    before.run("check", url)

    errors = deliver(desk, timedelta(hours=1))

    assert len(errors) == 1
    assert '"down"' in errors[0]
    assert [one["state"] for one in desk.run("alerts", "list", "--format", "json").json] == ["parked"]
    site.publishes("/hook", "")
    assert before.run("alerts", "retry").out == "1 alert waits to be sent again\n"
    assert deliver(before, timedelta(hours=1)) == []
    assert [one["state"] for one in before.run("alerts", "list", "--format", "json").json] == ["delivered"]


def test_archive_and_catalog_are_where_the_configuration_says(desk, site):
    desk = replace(desk, config='[archive]\nfolder = "kept/here"\n[catalog]\ndatabase = "sqlite:///elsewhere.sqlite"\n')
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)

    check(desk, url)

    assert list(Path(desk.folder, "kept", "here").rglob("*.zst"))
    assert Path(desk.folder, "elsewhere.sqlite").is_file()
    assert not Path(desk.folder, "snapshots").exists()
