"""The pages over real HTTP: what each shows, what it does, and what it says when it cannot."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import CHALLENGE, rss
from servers import Site
from web_desk import serving, with_fire

from tracker.models import Capture, Event, Snapshot, Version

pytest_plugins = ["desk_fixtures", "postgres"]
AT = datetime(2026, 4, 7, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def fire(tmp_path_factory):
    """The story of a fire, changed twice: change 1 is a silent edit of a number, change 2 the correction note."""
    with Site() as site, serving(with_fire(tmp_path_factory.mktemp("desk"), site)) as web:
        yield web


# --- what the pages show --------------------------------------------------------------------------

SHOWN = {
    "changes, newest first": ("/", ["What changed", "Substantive", "12 people", "14 people", "#filter"[1:]]),
    "filtered by kind": ("/?kind=number", ["14 people", "kind: number", "1 condition"]),
    "filtered by entity": ("/?entity=14", ["Number", "about: 14"]),
    "no change matches": ("/?kind=location", ["No change matches"]),
    "a change": ("/changes/1", ["What changed", "How sure", "When", "between", "silent", "a note came", "in version 3 (change 2)", "Both texts", "Evidence", "<del>", "<ins>"]),
    "in one text": ("/changes/1?view=inline", ["In one text", "<del>12", "<ins>14"]),
    "disclosed": ("/changes/2", ["Was it disclosed?", "lower number of deaths"]),
    "two versions that do not follow": ("/articles/1/compare?old=1&new=3", ["do not follow each other", "14"]),
    "articles": ("/articles", ["Followed", "3 versions", "ostmark"]),
    "articles with a tag": ("/articles?tag=nowhere", ["No article here"]),
    "an article": ("/articles/1", ["What it said, and from when to when", "History", "Version 3", "The first text that was kept", "later, in version 3", "Compare version"]),
    "a version": ("/articles/1/versions/1?q=firefighters", ["Version 1", "<mark>firefighters</mark>"]),
    "search, said no longer": ("/search?q=%2212+people%22", ["Says it no longer", "<mark>12</mark>", "version 1"]),
    "search, said now": ("/search?q=firefighters", ["Says it now", "versions 1 to 3"]),
    "search for nothing": ("/search?q=volcano", ["No version of any article said that"]),
    "search, before it is typed": ("/search", ["Search the text of every version"]),
    "sources": ("/sources", ["Outlets", "127.0.0.1"]),
    "statistics": ("/statistics", ["How published articles change", "By day", "Most changed"]),
    "statistics of no time": ("/statistics?since=2030-01-01", ["Nothing to count"]),
    "follow": ("/follow", ["See first what would be read there"]),
    "verdicts": ("/opinions", ["You have said nothing yet"]),
    "help": ("/help", ["Keyboard", "What the verdicts mean"]),
    "api": ("/api", ["GET /api/v1/changes", "To let them write"]),
    "feeds": ("/feeds", ["All changes"]),
    "login without a token": ("/login", ["No token is configured"]),
}  # fmt: skip


@pytest.mark.parametrize(("path", "expected"), SHOWN.values(), ids=SHOWN)
def test_page_shows(fire, path, expected):
    answer = fire.get(path)

    assert answer.status_code == 200
    assert [words for words in expected if words not in answer.text] == []


def test_source_shows_plots_made_here(fire):
    host = fire.workspace.catalog.hosts()[0].name

    answer = fire.get(f"/sources/hosts/{host}")

    assert answer.status_code == 200
    assert answer.text.count('<svg class="plot"') == 4
    assert "Hours until a note" in answer.text


def test_neighbours_compared_lead_to_their_change(fire):
    answer = fire.get("/articles/1/compare?old=2&new=1", allow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/changes/1")


def test_fact_links_to_its_sentence_and_back(fire):
    text = fire.get("/changes/1").text

    targets = re.findall(r'class="place" href="#([\w-]+)"', text)
    assert targets
    assert all(f'id="{target}"' in text for target in targets)
    assert 'href="#c1-f1"' in text
    assert 'id="c1-f1"' in text


# --- what cannot be shown -------------------------------------------------------------------------

REFUSED = {
    "no such page": ("/nothing", 404, "none of ours"),
    "no such change": ("/changes/99", 404, "no change has the number 99"),
    "not a number": ("/changes/abc", 404, "not the number of a change"),
    "a number beyond counting": ("/changes/" + "9" * 18, 404, "no change"),
    "no such article": ("/articles/99", 404, "no article has the number 99"),
    "no such version": ("/articles/1/versions/9", 404, "it has 1 to 3"),
    "no such capture": ("/articles/1/captures/20180101000000", 404, "no capture 20180101000000"),
    "not a capture": ("/articles/1/captures/..x", 400, "not the number of a capture"),
    "one version twice": ("/articles/1/compare?old=1&new=1", 400, "compared with itself"),
    "a version to compare that is none": ("/articles/1/compare?old=1", 404, "not the number of a version"),
    "a kind that is none": ("/?kind=loction", 400, "did you mean location?"),
    "a verdict that is none": ("/?verdict=big", 400, "is none of substantive"),
    "a time that is none": ("/?since=yesterday-ish", 400, "neither a span"),
    "an importance that is none": ("/?importance=9", 400, "from 0 to 3"),
    "an endless value": ("/?entity=" + "x" * 400, 400, "longer than 300 characters"),
    "an entity without a word": ("/?entity=!!", 400, "no word in it"),
    "a place that is none": ("/?after=yesterday", 400, "not a place in the list"),
    "a search without a word": ("/search?q=%3F", 400, "no word in it"),
    "an endless search": ("/search?q=" + "x" * 400, 400, "longer than 300"),
    "no such outlet": ("/sources/hosts/nowhere.example", 404, "no article of"),
    "no such feed": ("/sources/feeds/9", 404, "no feed has the number 9"),
    "a form that is read": ("/follow/preview", 405, "not for this address"),
}


@pytest.mark.parametrize(("path", "status", "expected"), REFUSED.values(), ids=REFUSED)
def test_refusal_says_what_is_the_matter(fire, path, status, expected):
    answer = fire.get(path)

    assert answer.status_code == status
    assert expected.lower() in answer.text.lower()
    assert 'href="/"' in answer.text


def test_empty_archive_says_what_to_do(desk):
    with serving(desk) as web:
        texts = {path: web.get(path).text for path in ("/", "/articles", "/sources", "/statistics", "/opinions")}

    assert [
        path
        for path, text in texts.items()
        if "Follow something" not in text and "Nothing has changed" not in text and "said nothing yet" not in text
    ] == []
    assert "Nothing is followed yet" in texts["/"]


def test_followed_but_unchanged_says_so(desk, site):
    site.publishes("/fire", page(*FIRE))
    desk.run("watch", site.url("/fire"), "--as", "article")

    with serving(desk) as web:
        assert "1 article is followed" in web.get("/").text
        assert "It was not read yet" in web.get("/articles/1").text


def test_damaged_captures_are_named_and_nothing_else_is_lost(fire, tmp_path):
    shutil.copytree(fire.workspace.pipeline.archive.storage.folder, tmp_path / "snapshots")
    desk = Desk(tmp_path)
    for path in (tmp_path / "snapshots").rglob("*.warc.zst"):
        path.write_bytes(path.read_bytes()[:40] + b"damage" * 30)

    with serving(desk) as web:
        article, change, version = web.get("/articles/1"), web.get("/changes/1"), web.get("/articles/1/versions/1")
        evidence = web.get("/changes/1/evidence.zip")

    assert article.status_code == change.status_code == 200
    assert "The archive could not be read in full" in article.text
    assert version.status_code == evidence.status_code == 500
    assert "tracker verify" in version.text


def test_damaged_comparison_is_named(web):
    with web.workspace.catalog._database.write() as connection:
        connection.exec_driver_sql("UPDATE changes SET comparison = X'00' WHERE id = 1")

    answer, others, feed = web.get("/changes/1"), web.get("/"), web.get("/feeds/changes.atom")

    assert answer.status_code == 500
    assert "cannot be read" in answer.text
    assert others.status_code == 200
    assert feed.text.count("<entry>") == 1


# --- suspect captures, gaps, events ---------------------------------------------------------------


def test_suspect_capture_is_shown_as_such_and_kept(desk, site):
    site.publishes("/fire", page(*FIRE))
    desk.run("watch", site.url("/fire"), "--as", "article")
    desk.run("check", "--all")
    site.publishes("/fire", CHALLENGE)
    desk.run("check", site.url("/fire"))

    with serving(desk) as web:
        text = web.get("/articles/1").text
        capture = re.search(r"/articles/1/captures/([\w.-]+)\" data-open", text)
        assert capture
        shown = web.get(f"/articles/1/captures/{capture[1]}").text

    assert "Suspect capture" in text
    assert "It was kept, and not compared" in text
    assert "Suspect capture" in shown


def test_gap_event_move_and_import_are_told(desk):
    """An archive copy, two days in which nobody looked, a paragraph that moved, and what became of the address."""
    first, *rest = FIRE
    texts = [FIRE, (*rest, first)]
    with desk.opened() as pipeline:
        url = "https://post.example/fire"
        article, _ = pipeline.catalog.add_article(url, "post.example/fire", now=AT)
        for number, text in enumerate(texts):
            at = AT + timedelta(days=2 * number)
            origin = None if number else "https://web.archive.org/"
            snapshot = Snapshot(url, at, 200, (("Content-Type", "text/html"),), page(*text).encode(), origin=origin)
            version = Version("Fire at a warehouse", paragraphs=text, language="en")
            pipeline.archive.append(article.folder, snapshot, version, Capture())
        pipeline.catch_up(article, tell=False)
        event = Event(
            0, url, "removed", "the server says that it is gone (410)", "Fire", AT, AT + timedelta(days=3), AT
        )
        current = pipeline.catalog.article_by_id(article.id)
        pipeline.catalog.record_gone(
            current.id, at=AT + timedelta(days=3), due_at=AT, error="Gone.", stored=None, happened=[(event, [])]
        )

    with serving(desk) as web:
        text, change = web.get("/articles/1").text, web.get("/changes/1").text

    assert "Nobody looked for 2 days" in text
    assert "imported from" in text
    assert "Removed" in text
    assert "the server says that it is gone" in text
    assert "moved" in change
    assert 'class="pair moved_here' in change


def test_gap_stands_between_the_looks_around_it():
    from catalog_samples import stored as capture

    from tracker.models import StoredVersion
    from tracker.web.biography import _gaps

    def version(number, days, last_days):
        at = AT + timedelta(days=days)
        return StoredVersion(number, number, capture(number, at), "x", None, AT + timedelta(days=last_days))

    versions = [version(1, 0, 1), version(2, 6, 6)]

    assert [(one.at, one.until) for one in _gaps(versions, [])] == [(AT + timedelta(days=1), AT + timedelta(days=6))]
    halved = _gaps(versions, [AT + timedelta(days=4), AT + timedelta(days=9)])
    assert [(one.until - one.at).days for one in halved] == [3, 2]
    assert _gaps(versions, [AT + timedelta(days=day) for day in (2, 3, 4, 5)]) == []


def test_long_history_is_shown_a_page_at_a_time(tmp_path, site, monkeypatch):
    monkeypatch.setattr("tracker.web.biography.SHOWN", 2)
    with serving(with_fire(tmp_path, site)) as web:
        latest = web.get("/articles/1").text
        older = web.get("/articles/1?before=2").text

    assert "Version 3" in latest
    assert "Version 1<" not in latest
    assert 'href="/articles/1?before=2#history"' in latest
    assert "Version 1<" in older
    assert "Latest versions" in older


def test_picture_of_a_change(fire):
    answer = fire.get("/changes/1/card.png")

    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


# --- the captured page ----------------------------------------------------------------------------


def test_captured_page_is_sent_as_it_was_without_any_power(fire):
    stored = fire.workspace.catalog.versions(1)[0].snapshot

    frame = fire.get(f"/articles/1/captures/{stored.id}")
    answer = fire.get(f"/articles/1/captures/{stored.id}/page")

    assert 'sandbox src="' in frame.text
    assert answer.content == page(*FIRE).encode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


# --- what the pages do ----------------------------------------------------------------------------


@pytest.fixture
def web(fire, tmp_path):
    """The same, to write on."""
    shutil.copytree(fire.workspace.pipeline.archive.storage.folder, tmp_path / "snapshots")
    with serving(Desk(tmp_path)) as served:
        yield served


def test_opinion_is_kept_shown_and_exported(web):
    answer = web.post(
        "/changes/1/opinion", {"verdict": "other_kind", "kind": "certainty", "note": '=Not so sure,\r\n"really"'}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/changes/1#opinion")
    assert "Another kind of fact" in web.get("/changes/1").text
    assert "you: another kind of fact" in web.get("/").text
    assert "No change matches" in web.get("/?reviewed=agree").text
    assert "Certainty" in web.get("/opinions").text
    table = web.get("/opinions.csv").text
    assert "other_kind,certainty" in table
    assert "'=Not so sure" in table

    web.post("/changes/1/opinion", {"verdict": "", "note": " "})

    assert "said nothing yet" in web.get("/opinions").text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"verdict": "perhaps"}, "is none of agree"),
        ({"verdict": "other_kind", "kind": "colour"}, "is none of location"),
        ({"note": "x" * 10_001}, "longer than 10,000"),
    ],
)
def test_opinion_that_is_none_is_refused(fire, fields, expected):
    answer = fire.post("/changes/1/opinion", fields)

    assert answer.status_code == 400
    assert expected in answer.text


def test_filter_is_kept_used_and_forgotten(web):
    kept = web.post("/filters", {"name": " Silent  numbers ", "query": "kind=number&disclosure=undisclosed&nonsense=1"})

    assert kept.headers["location"] == "/?kind=number&disclosure=undisclosed"
    assert "Silent numbers" in web.get("/").text
    assert "Silent numbers" in web.get("/feeds").text

    web.post("/filters/1/delete", {})

    assert "Silent numbers" not in web.get("/").text
    assert web.post("/filters", {"name": "", "query": "kind=number"}).status_code == 400
    assert web.post("/filters", {"name": "all", "query": ""}).status_code == 400


def test_article_is_tagged_unwatched_and_watched_again(web):
    web.post("/articles/1/tags", {"tags": " port, fire ,fire,"})
    web.post("/articles/1/followed", {"followed": "no"})

    text = web.get("/articles").text
    assert "Not followed" in text
    assert "port" in text
    assert "ostmark" not in text

    web.post("/articles/1/followed", {"followed": "yes"})

    assert "Stop following" in web.get("/articles/1").text
    assert web.post("/articles/1/tags", {"tags": "x" * 200}).status_code == 400


def test_evidence_can_be_checked_by_the_script_in_it(web, tmp_path):
    answer = web.get("/changes/1/evidence.zip")

    assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(tmp_path / "evidence")
    script = next((tmp_path / "evidence").rglob("check_evidence.py"))
    ended = subprocess.run(
        [sys.executable, script.name], cwd=script.parent, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


# --- following ------------------------------------------------------------------------------------


def test_preview_shows_what_would_be_read_and_keeps_nothing(desk, site):
    site.publishes("/fire", page(*FIRE, headline="A fire <b>tonight</b>"))

    with serving(desk) as web:
        answer = web.post("/follow/preview", {"address": site.url("/fire")})
        kept = web.workspace.catalog.articles(active=None)
        followed = web.post("/follow", {"address": site.url("/fire"), "kind": "article", "tags": "fire, port"})
        article = web.workspace.catalog.articles()[0]

    assert answer.status_code == 200
    assert "killed 12 people" in answer.text
    assert "5 paragraphs" in answer.text
    assert kept == []
    assert followed.headers["location"] == "/articles/1"
    assert article.tags == ("fire", "port")


def test_preview_of_a_feed_lists_its_articles(desk, site):
    site.publishes("/feed", rss(site.url("/a"), site.url("/b")), content_type="application/rss+xml")

    with serving(desk) as web:
        answer = web.post("/follow/preview", {"address": site.url("/feed")})
        followed = web.post("/follow", {"address": site.url("/feed"), "kind": "feed"})
        shown = web.get("/sources/feeds/1")
        web.post("/sources/feeds/1/followed", {"followed": "no"})
        stopped = web.get("/sources").text
        web.post("/sources/feeds/1/followed", {"followed": "yes"})

    assert "2 articles would be followed" in answer.text
    assert followed.headers["location"] == "/sources/feeds/1"
    assert "Stop reading it" in shown.text
    assert "not followed" in stopped


PREVIEWS = {
    "not an address": ("certainly not", "follow"),
    "another scheme": ("file:///etc/passwd", "http"),
    "a private address": ("http://10.0.0.1/", "10.0.0.1"),
    "a page that robots may not fetch": ("SITE/secret/a", "robots"),
    "a page that is not there": ("SITE/none", "404"),
}


@pytest.mark.parametrize(("address", "expected"), PREVIEWS.values(), ids=PREVIEWS)
def test_preview_of_what_may_not_or_cannot_be_fetched_says_why(desk, site, address, expected):
    site.publishes("/robots.txt", "User-agent: *\nDisallow: /secret/", content_type="text/plain")
    site.publishes("/secret/a", page(*FIRE))

    with serving(desk) as web:
        answer = web.post("/follow/preview", {"address": address.replace("SITE", site.url("").rstrip("/"))})

    assert answer.status_code == 400
    assert expected in answer.text
    assert 'role="alert"' in answer.text
    assert not [request for request in site.requests if request.path == "/secret/a"]


# --- beside the service ---------------------------------------------------------------------------


def test_pages_show_what_another_process_writes(desk, site):
    with serving(with_fire(desk.folder, site)) as web:
        before = web.get("/").text.count("data-item")
        site.publishes("/fire", page(*edited("killed 12 people", "killed 19 people")))
        checked = desk.run("check", site.url("/fire"))
        after = web.get("/").text

    assert checked.code == 0
    assert after.count("data-item") == before + 1
    assert "19 people" in after


def test_pages_are_the_same_over_postgresql(tmp_path, site, postgres):
    desk = Desk(tmp_path, config=f'[catalog]\ndatabase = "{postgres.new_catalog()}"\n')
    desk = with_fire(tmp_path, site, desk=desk)

    with serving(desk) as web:
        host = web.workspace.catalog.hosts()[0].name
        web.post("/changes/1/opinion", {"verdict": "agree"})
        texts = {
            path: web.get(path)
            for path in (
                "/",
                "/?kind=number&entity=14&tag=ostmark",
                "/changes/1",
                "/articles/1",
                "/search?q=%2212+people%22",
                "/statistics",
                f"/sources/hosts/{host}",
                "/opinions",
                "/feeds/changes.atom",
                "/api/v1/changes",
            )
        }

    assert {path: answer.status_code for path, answer in texts.items()} == dict.fromkeys(texts, 200)
    assert "Says it no longer" in texts["/search?q=%2212+people%22"].text
    assert "14 people" in texts["/?kind=number&entity=14&tag=ostmark"].text


def test_serve_says_where_it_is_and_stops_cleanly(desk):
    import signal

    import requests

    running = desk.start("serve", "--port", "0")
    assert running.stdout
    line = running.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found, line + (running.stderr.read() if running.poll() is not None and running.stderr else "")
    assert requests.get(found[0], timeout=10).status_code == 200

    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)

    assert (running.returncode, out, err) == (0, "tracker: stopped\n", "")


def test_port_that_is_taken_is_named(desk, site):
    ended = desk.run("serve", "--port", str(site.port))

    assert ended.code == 2
    assert f"cannot listen on 127.0.0.1 port {site.port}" in ended.err


def test_beyond_this_machine_a_token_is_needed():
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        ended = Desk(Path(folder)).run("serve", "--host", "0.0.0.0", "--port", "0")

    assert ended.code == 2
    assert "needs a token" in ended.err
