"""What is followed of a site: section pages, files of addresses, patterns and limits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from catalog_samples import NOW, SEEN
from desk import FIRE, Desk, page
from desk_samples import rss, sitemap
from hypothesis import given
from hypothesis import strategies as st

from tracker.catalog import Catalog, migration
from tracker.discover import Entry, Listing, choose_entries

pytest_plugins = ["desk_fixtures", "catalog_fixtures"]

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body><outline text="News">
<outline type="rss" text="World" xmlUrl="{}"/><outline type="rss" text="Sport" xmlUrl="{}"/></outline>
<outline text="Broken" xmlUrl="mailto:nobody"/></body></opml>"""


def front(*links: str) -> str:
    return "<html><body>" + "".join(f'<p><a href="{link}">A story</a></p>' for link in links) + "</body></html>"


def followed(desk: Desk) -> list[str]:
    return [article["address"] for article in desk.run("list", "--format", "json").json["articles"]]


def sources(desk: Desk) -> list[tuple[str, str]]:
    return [(source["kind"], source["address"]) for source in desk.run("list", "--format", "json").json["sources"]]


# --- section pages --------------------------------------------------------------------------------


def test_a_section_page_brings_the_articles_that_its_links_look_like(desk, site):
    one, two = (site.publishes(f"/2018/{name}", page(*FIRE)) for name in ("one", "two"))
    world = site.publishes("/world/", front("/2018/one", "/about", "../2018/two#top", "/2018/one?utm_source=x"))

    watched = desk.run("watch", world, "--as", "section", "--links", "/2018/*", "--tag", "asia")
    checked = desk.run("check")

    assert (watched.code, watched.out) == (0, f"following the section {world}\n")
    assert (checked.code, checked.err) == (0, "")
    assert followed(desk) == [one, two]
    listed = desk.run("list", "--format", "json").json
    assert [article["versions"] for article in listed["articles"]] == [1, 1]
    assert [article["tags"] for article in listed["articles"]] == [["asia"], ["asia"]]
    assert "section, links /2018/*" in " ".join(desk.run("list").out.split())


def test_a_page_with_a_pattern_of_links_is_recognised_as_a_section(desk, site):
    world = site.publishes("/world/", front("/2018/one"))

    assert desk.run("watch", world, "--links", "/2018/*").out == f"following the section {world}\n"


def test_a_section_is_read_again_and_what_left_it_stays_followed(desk, site):
    one, two = (site.publishes(f"/2018/{name}", page(*FIRE)) for name in ("one", "two"))
    world = site.publishes("/world/", front("/2018/one"))
    desk.run("watch", world, "--links", "/2018/*")
    desk.run("check")
    site.publishes("/world/", front("/2018/two"))

    desk.run("check", "--all")

    assert followed(desk) == [one, two]


def test_a_section_of_the_configuration_is_followed(site, tmp_path):
    one = site.publishes("/2018/one", page(*FIRE))
    world = site.publishes("/world/", front("/2018/one", "/2018/two", "/about"))
    desk = Desk(tmp_path, config=f'[[watch]]\naddress = "{world}"\nas = "section"\nlinks = "/2018/*"\nlimit = 1\n')

    desk.run("check")

    assert followed(desk) == [one]


def test_a_pattern_changed_in_the_configuration_is_read_with_at_once(site, tmp_path):
    one, two = (site.publishes(f"/{name}", page(*FIRE)) for name in ("one", "two"))
    feed = site.publishes("/feed", rss(one, two), content_type="application/rss+xml", etag='"1"')
    table = f'[[watch]]\naddress = "{feed}"\nlinks = '
    Desk(tmp_path, config=f'{table}"/o*"\n').run("check")
    desk = Desk(tmp_path, config=f'{table}"/t*"\n')

    desk.run("check")

    assert followed(desk) == [one, two]


def test_a_pinned_interval_and_a_budget_come_from_the_configuration(site, tmp_path):
    one = site.publishes("/one", page(*FIRE))
    feed = site.publishes("/feed", rss(one), content_type="application/rss+xml")
    table = f'[[watch]]\naddress = "{feed}"\n'
    Desk(tmp_path, config=table).run("check")

    Desk(tmp_path, config=f'{table}every = "30m"\nmost_per_hour = 60\n').run("check")

    with Desk(tmp_path).opened() as pipeline:
        assert [article.every for article in pipeline.catalog.articles()] == [timedelta(minutes=30)]
        assert [source.most_per_hour for source in pipeline.catalog.sources()] == [60]


def test_an_article_is_pinned_from_the_command_line(desk, site):
    url = site.publishes("/one", page(*FIRE))

    assert desk.run("watch", url, "--every", "5m").code == 0

    with desk.opened() as pipeline:
        assert [article.every for article in pipeline.catalog.articles()] == [timedelta(minutes=5)]


REFUSED = {
    "a section without a pattern": (["--as", "section"], "--as section needs --links"),
    "an empty pattern": (["--links", ""], "--links is empty"),
    "links of an article": (["--as", "article", "--links", "/*"], "--links chooses among the articles of a feed"),
    "a limit of an article": (["--as", "article", "--limit", "3"], "--limit chooses among the articles of a feed"),
    "a budget of an article": (["--as", "article", "--most-per-hour", "3"], "--most-per-hour chooses among"),
    "an interval that is none": (["--every", "soon"], '--every is "soon"; expected a duration such as "90s"'),
    "a limit of nothing": (["--limit", "0"], "--limit"),
    "what turns out to be an article": (["--limit", "3"], "is an article, of which there is no list to limit"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED)
def test_a_choice_that_makes_no_sense_is_refused(options, said, desk, site):
    url = site.publishes("/one", page(*FIRE))

    ended = desk.run("watch", url, *options)

    assert ended.code != 0
    assert said in " ".join(ended.err.split())
    assert followed(desk) == []


# --- files ----------------------------------------------------------------------------------------


def test_an_opml_file_brings_its_feeds_and_asks_nobody(desk, site, tmp_path):
    file = tmp_path / "feeds.opml"
    file.write_text(OPML.format(site.url("/world.xml"), site.url("/sport.xml")))

    watched = desk.run("watch", "--from", file, "--tag", "press")

    assert watched.code == 0
    assert watched.err == f"tracker: {file}: entries without an address that can be followed: 1\n"
    assert sources(desk) == [("feed", site.url("/world.xml")), ("feed", site.url("/sport.xml"))]
    assert site.requests == []


def test_a_plain_list_brings_what_each_address_is(desk, site, tmp_path):
    article = site.publishes("/one", page(*FIRE))
    index = site.publishes("/map", sitemap(article), content_type="text/xml")
    file = tmp_path / "addresses.txt"
    file.write_bytes(f"\ufeff# ours\r\n{article}\r\n\r\n{index}  # of all\r\n".encode())

    watched = desk.run("watch", "--from", file)

    assert watched.out == f"following the article {article}\nfollowing the sitemap {index}\n"


def test_addresses_and_a_file_are_followed_together(desk, site, tmp_path):
    file = tmp_path / "addresses.txt"
    file.write_text(site.url("/two"))

    desk.run("watch", site.url("/one"), "--from", file, "--as", "article")

    assert followed(desk) == [site.url("/one"), site.url("/two")]


def test_a_file_that_cannot_be_used_is_named(desk, tmp_path):
    bad, empty = tmp_path / "bad.txt", tmp_path / "empty.txt"
    bad.write_text("https://example.org/a\nno address at all\n")
    empty.write_text("# nothing yet\n")

    assert f"{bad}, line 2: " in desk.run("watch", "--from", bad).err
    assert f"{empty} names no address" in desk.run("watch", "--from", empty).err
    assert "missing.txt cannot be read: No such file" in desk.run("watch", "--from", tmp_path / "missing.txt").err
    assert "nothing to watch: give addresses, or --from FILE" in desk.run("watch").err
    assert followed(desk) == []


@pytest.mark.parametrize("data", [b"<html><body>Hello</body></html>", b"\xff\xfe\x00h", b"<opml><outline>&"])
def test_a_file_that_is_neither_opml_nor_a_list_is_named(data, desk, tmp_path):
    file = tmp_path / "kept"
    file.write_bytes(data)

    ended = desk.run("watch", "--from", file)

    assert (ended.code != 0, ended.out) == (True, "")
    assert str(file) in ended.err


# --- patterns and limits --------------------------------------------------------------------------


def entry(name: str, *, published: int | None = None, updated: int | None = None) -> Entry:
    days = [None if day is None else datetime(2018, 4, day, tzinfo=UTC) for day in (published, updated)]
    return Entry(f"https://news.example.org/{name}", None, *days)


def test_a_limit_takes_the_newest_by_their_times():
    listing = Listing((entry("old", published=1), entry("new", published=9), entry("middle", updated=5), entry("none")))

    assert [one.url[-3:] for one in choose_entries(listing, limit=2)] == ["new", "dle"]


def test_a_limit_takes_the_first_where_no_times_are_told():
    listing = Listing((entry("a"), entry("b"), entry("c")))

    assert choose_entries(listing, limit=2).entries == listing.entries[:2]


def test_the_pattern_comes_before_the_limit():
    listing = Listing((entry("sport/a"), entry("world/b"), entry("world/c")))

    assert choose_entries(listing, links="/world/*", limit=1).entries == (listing.entries[1],)


PATTERNS = {
    "a path on any host": ("/2018/*", "https://other.example.org/2018/a", True),
    "a path is meant whole": ("/2018", "https://news.example.org/2018/a", False),
    "a query belongs to it": ("/story?id=*", "https://news.example.org/story?id=7", True),
    "a whole address": ("https://*.example.org/2018/*", "https://news.example.org/2018/a", True),
    "another host": ("https://*.example.org/2018/*", "https://news.example.com/2018/a", False),
}


@pytest.mark.parametrize(("links", "url", "wanted"), PATTERNS.values(), ids=PATTERNS)
def test_patterns_of_a_feed(links, url, wanted):
    assert (len(choose_entries(Listing((Entry(url),)), links=links)) == 1) is wanted


@given(
    st.lists(st.tuples(st.integers(0, 99), st.none() | st.integers(1, 28)), unique_by=lambda one: one[0]),
    st.integers(1, 9),
)
def test_a_limit_leaves_so_many_in_their_order(entries, limit):
    listing = Listing(tuple(entry(str(name), published=day) for name, day in entries))

    left = choose_entries(listing, limit=limit).entries

    assert len(left) == min(limit, len(listing))
    assert left == tuple(one for one in listing.entries if one in left)


def test_a_feed_and_the_sitemaps_of_an_index_follow_only_what_is_wanted(desk, site):
    pages = [site.publishes(f"/{name}", page(*FIRE)) for name in ("world/1", "world/2", "sport/1")]
    child = site.publishes("/child", sitemap(*pages), content_type="text/xml")
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{child}</loc></sitemap></sitemapindex>'
    whole = site.publishes("/index", index, content_type="text/xml")

    desk.run("watch", whole, "--links", "/world/*", "--limit", "1")
    desk.run("check")

    assert followed(desk) == pages[:1]
    assert [source["limit"] for source in desk.run("list", "--format", "json").json["sources"]] == [1, 1]


def test_a_source_that_is_watched_anew_forgets_its_pattern(database):
    with Catalog.open(database) as catalog:
        catalog.add_source("https://example.org/feed", "feed", now=NOW, links="/a/*", limit=3)
        again, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW, limit=5)
        catalog.deactivate("https://example.org/feed")
        anew, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)

    assert (again.links, again.limit) == ("/a/*", 5)
    assert (anew.links, anew.limit) == (None, None)


def test_a_source_with_another_limit_is_read_in_full_at_once(database):
    with Catalog.open(database) as catalog:
        source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
        catalog.record_source_read(source.id, at=NOW, due_at=NOW + timedelta(days=1), validators=SEEN)

        source, added = catalog.add_source("https://example.org/feed", "feed", now=NOW, limit=5)

    assert (added, source.due_at, source.validators.etag) == (False, NOW, None)


# --- a catalog of before --------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of a database that no other test uses."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    return request.getfixturevalue("postgres").new_database()


def test_sources_of_an_older_catalog_follow_everything_as_before(database, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(migration, "HEAD", "0001")
        with Catalog.open(database) as catalog, catalog._database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO sources (url, host, kind, active, failures) "
                "VALUES ('https://example.org/feed', 'example.org', 'feed', TRUE, 0)"
            )

    with Catalog.open(database) as catalog:
        (source,) = catalog.sources()

    assert (source.url, source.links, source.limit) == ("https://example.org/feed", None, None)


def test_an_older_sqlite_catalog_is_copied_first(tmp_path, monkeypatch):
    file = tmp_path / "catalog.sqlite"
    with monkeypatch.context() as older:
        older.setattr(migration, "HEAD", "0001")
        Catalog.open(f"sqlite:///{file}").close()

    Catalog.open(f"sqlite:///{file}").close()

    with closing(sqlite3.connect(Path(f"{file}.backup-0001"))) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
