"""The API over real HTTP, and feeds in a real feed parser."""

from __future__ import annotations

import feedparser
import pytest
from desk import FIRE, Desk, edited, page
from servers import Site
from web_desk import TOKEN, serving, with_fire

from tracker.config import WebSettings

pytest_plugins = ["desk_fixtures"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def site():
    with Site() as up:
        yield up


@pytest.fixture(scope="module")
def api(folder, site):
    with serving(with_fire(folder, site), WebSettings(token=TOKEN)) as web:
        yield web


def test_changes_are_listed_a_page_at_a_time(api):
    first = api.send("GET", "/changes?limit=1").json()
    second = api.send("GET", f"/changes?limit=1&after={first['next']}").json()

    assert [len(first["changes"]), len(second["changes"])] == [1, 1]
    assert first["changes"][0]["not_after"] >= second["changes"][0]["not_after"]
    assert second["next"] is None
    number = next(one for one in second["changes"][0]["facts"] if one["kind"] == "number")
    assert ("12" in number["old"], "14" in number["new"]) == (True, True)


def test_change_holds_both_texts_as_schema_1(api):
    change = api.send("GET", "/changes/1").json()

    assert change["comparison"]["schema"] == 1
    assert change["comparison"]["verdict"] == "substantive"
    assert (change["old_version"], change["new_version"]) == (1, 2)


READ = {
    "articles": ("/articles", lambda value: value["articles"][0]["versions"] == 3),
    "an article": ("/articles/1", lambda value: value["tags"] == ["ostmark"]),
    "versions": ("/articles/1/versions", lambda value: [one["number"] for one in value["versions"]] == [1, 2, 3]),
    "a text": ("/articles/1/versions/3", lambda value: value["notices"] and len(value["paragraphs"]) == 6),
    "a timeline": ("/articles/1/timeline", lambda value: any(line["kind"] == "number" for line in value["lines"])),
    "a comparison": (
        "/articles/1/compare?old=1&new=3",
        lambda value: value["change"] is None and value["comparison"]["schema"] == 1,
    ),
    "a comparison that is a change": ("/articles/1/compare?old=1&new=2", lambda value: value["change"] == 1),
    "a search": ("/search?q=firefighters", lambda value: value["found"][0]["versions"] == [1, 2, 3]),
    "sources": ("/sources", lambda value: value["hosts"][0]["articles"] == 1),
    "statistics": ("/statistics", lambda value: value["changes"] == 2),
    "status": ("/status", lambda value: value["versions"] == 3),
    "filters": ("/filters", lambda value: value["filters"] == []),
    "opinions": ("/opinions", lambda value: value["opinions"] == []),
    "changes by entity": ("/changes?entity=14", lambda value: len(value["changes"]) >= 1),
}


@pytest.mark.parametrize(("path", "expected"), READ.values(), ids=READ)
def test_api_gives(api, path, expected):
    answer = api.send("GET", path, token=None)

    assert answer.status_code == 200
    assert expected(answer.json()), answer.text


@pytest.mark.parametrize("path", ["/changes", "/changes/1", "/articles/1", "/statistics", "/search?q=fire"])
def test_what_is_as_it_was_is_not_sent_again(api, path):
    etag = api.send("GET", path).headers["etag"]

    again = api.get(f"/api/v1{path}", headers={"If-None-Match": etag})
    other = api.get(f"/api/v1{path}", headers={"If-None-Match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


PROBLEMS = {
    "no such change": ("GET", "/changes/99", None, 404, "no change has the number 99"),
    "no such path": ("GET", "/nothing", None, 404, "none of ours"),
    "not a number": ("GET", "/changes/abc", None, 422, "change"),
    "a kind that is none": ("GET", "/changes?kind=loction", None, 422, "kind"),
    "a time that is none": ("GET", "/changes?since=soon", None, 400, "neither a span"),
    "a place that is none": ("GET", "/changes?after=x", None, 400, "not a place"),
    "a search without a word": ("GET", "/search?q=%3F", None, 400, "no word"),
    "a search that is not there": ("GET", "/search", None, 422, "q"),
    "no opinion yet": ("GET", "/changes/2/opinion", None, 404, "nothing was said"),
    "an opinion of nothing": ("PUT", "/changes/1/opinion", {}, 400, "neither a verdict nor a note"),
    "an opinion that is none": ("PUT", "/changes/1/opinion", {"verdict": "perhaps"}, 422, "verdict"),
    "a key that is none": ("PUT", "/changes/1/opinion", {"verdit": "agree"}, 422, "verdit"),
    "an address that is none": ("POST", "/articles", {"address": "certainly not"}, 400, "certainly not"),
    "no such filter": ("DELETE", "/filters/9", None, 404, "no filter"),
    "a filter of nothing": ("POST", "/filters", {"name": "x", "query": "y=1"}, 400, "no condition"),
    "a method that is not for it": ("DELETE", "/changes", None, 405, "not for this address"),
    "a look at a private address": ("POST", "/preview", {"address": "http://10.1.2.3/"}, 502, "10.1.2.3"),
}


@pytest.mark.parametrize(("method", "path", "body", "status", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_problem_says_what_is_the_matter(api, method, path, body, status, expected):
    answer = api.send(method, path, body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert expected in problem["detail"]


def test_writing_needs_the_token(api):
    for method, path in (
        ("PUT", "/changes/1/opinion"),
        ("DELETE", "/changes/1/opinion"),
        ("POST", "/articles"),
        ("PATCH", "/articles/1"),
        ("POST", "/filters"),
        ("DELETE", "/filters/1"),
        ("POST", "/preview"),
    ):
        assert api.send(method, path, {}, token=None).status_code == 401
        assert api.send(method, path, {}, token="guessed token value").status_code == 401


def test_opinion_is_kept_read_exported_and_taken_back(api):
    put = api.send("PUT", "/changes/1/opinion", {"verdict": "not_substantive", "note": "an estimate"})
    got = api.send("GET", "/changes/1/opinion").json()
    all_said = api.send("GET", "/opinions").json()["opinions"]
    table = api.send("GET", "/opinions.csv")
    deleted = api.send("DELETE", "/changes/1/opinion")

    assert put.json() == got
    assert (got["verdict"], got["note"]) == ("not_substantive", "an estimate")
    assert all_said[0]["old_snapshot"] < all_said[0]["new_snapshot"]
    assert "an estimate" in table.text
    assert deleted.status_code == 204
    assert api.send("GET", "/changes/1/opinion").status_code == 404


def test_article_is_followed_changed_and_looked_at(api, site):
    site.publishes("/other", page(*FIRE, headline="Another fire at the port"))

    looked = api.send("POST", "/preview", {"address": site.url("/other")}).json()
    followed = api.send("POST", "/articles", {"address": site.url("/other"), "tags": ["x"]})
    number = followed.json()["article"]
    changed = api.send("PATCH", f"/articles/{number}", {"followed": False, "tags": ["y", "z"]}).json()
    again = api.send("PATCH", f"/articles/{number}", {"followed": True}).json()
    feed = api.send("POST", "/articles", {"address": site.url("/feed"), "kind": "feed"}).json()

    assert (looked["kind"], looked["text"]["headline"]) == ("article", "Another fire at the port")
    assert followed.status_code == 201
    assert (changed["followed"], changed["tags"]) == (False, ["y", "z"])
    assert (again["followed"], again["tags"]) == (True, ["y", "z"])
    assert feed["source"] == 1


def test_filter_is_kept_and_forgotten(api):
    kept = api.send("POST", "/filters", {"name": "numbers", "query": "kind=number"})

    assert kept.status_code == 201
    assert api.send("GET", "/filters").json()["filters"] == [kept.json()]
    assert api.send("DELETE", f"/filters/{kept.json()['id']}").status_code == 204


def test_evidence_is_a_zip(api):
    answer = api.send("GET", "/changes/1/evidence")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.content[:2] == b"PK"


def test_every_operation_is_described(api):
    document = api.send("GET", "/openapi.json").json()

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert {"400", "401", "422"} <= set(operation["responses"]), path
            assert ("security" in operation) == (method != "get"), path


# --- feeds ----------------------------------------------------------------------------------------

FEEDS = {
    "all changes": ("/feeds/changes.atom", 2, "Changes"),
    "a filter": ("/feeds/changes.atom?kind=notice", 1, "Changes: kind: notice"),
    "a filter without changes": ("/feeds/changes.atom?kind=location", 0, "Changes: kind: location"),
    "an article": ("/feeds/articles/1.atom", 2, "Changes of Fire at a warehouse in the port of Ostmark"),
    "a search": ("/feeds/search.atom?q=%2212+people%22", 1, 'Articles that said "12 people"'),
}


@pytest.mark.parametrize(("path", "entries", "title"), FEEDS.values(), ids=FEEDS)
def test_feed_opens_in_a_feed_parser(api, path, entries, title):
    answer = api.get(path)
    feed = feedparser.parse(answer.content)

    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert not feed.bozo
    assert feed.version == "atom10"
    assert (feed.feed.title, len(feed.entries)) == (title, entries)
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == f"{api.address}{path}"
    assert links["alternate"].startswith(api.address)
    for entry in feed.entries:
        assert entry.id.startswith("urn:sha256:")
        assert entry.updated_parsed
        assert api.get(entry.link.removeprefix(api.address)).status_code == 200


@pytest.mark.parametrize("path", [path for path, _, _ in FEEDS.values()])
def test_feed_that_is_as_it_was_is_not_sent_again(api, path):
    etag = api.get(path).headers["etag"]

    assert api.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_names_in_feeds_outlast_a_restart(folder, site, api):
    def names(web):
        feeds = [feedparser.parse(web.get(path).content) for path, _, _ in FEEDS.values()]
        return [(feed.feed.id, [entry.id for entry in feed.entries]) for feed in feeds]

    before = names(api)
    with serving(Desk(folder), WebSettings()) as web:
        after = names(web)

    assert before == after
    assert len({name for name, _ in before}) == len(before)


def test_feed_changes_its_tag_when_something_changes(folder, site, api):
    before = api.get("/feeds/changes.atom").headers["etag"]
    site.publishes("/fire", page(*edited("killed 12 people", "killed 17 people")))
    desk = Desk(folder)
    assert desk.run("check", site.url("/fire")).code == 0

    answer = api.get("/feeds/changes.atom", headers={"If-None-Match": before})

    assert answer.status_code == 200
    assert len(feedparser.parse(answer.content).entries) == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [("/feeds/articles/99.atom", 404), ("/feeds/search.atom?q=", 400), ("/feeds/changes.atom?kind=x", 400)],
)
def test_feed_of_nothing_is_refused(api, path, status):
    assert api.get(path).status_code == status
