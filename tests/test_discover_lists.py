"""Section pages, OPML files and plain lists give addresses like any feed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.discover import Entry, read_list, read_opml, read_section
from tracker.errors import InputError
from tracker.models import Snapshot

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
SECTION = "https://news.example.org/world/"


def page(body: str | bytes, *, url: str = SECTION) -> Snapshot:
    return Snapshot(url, NOW, 200, (("Content-Type", "text/html"),), body if isinstance(body, bytes) else body.encode())


LINKS = """<!doctype html><html><body><nav><a href="/">Home</a> <a href="/world/">World</a> <a href="/about">About us</a></nav>
<a href="/2018/04/harbour-closed?utm_source=front"> Harbour
 closed</a> <a href="/2018/04/harbour-closed">more</a> <a href="../2018/04/ferry-sails#comments"><img alt=""></a>
<a href="//sport.example.org/2018/04/cup-final">Cup final</a> <a href="https://ads.example.com/2018/04/offer">Offer</a>
<a href="mailto:desk@example.org">Write to us</a> <a href="javascript:void(0)">Share</a> <a>Nothing</a> <a href="//[x">Broken</a>
</body></html>"""
PATTERNS = {
    "a path": ("/2018/*", ["https://news.example.org/2018/04/harbour-closed", "https://news.example.org/2018/04/ferry-sails"]),
    "a path with a middle": ("/*/04/h*", ["https://news.example.org/2018/04/harbour-closed"]),
    "a whole address": ("https://sport.example.org/*", ["https://sport.example.org/2018/04/cup-final"]),
    "a host with its siblings": (
        "https://*.example.org/2018/*",
        [
            "https://news.example.org/2018/04/harbour-closed",
            "https://news.example.org/2018/04/ferry-sails",
            "https://sport.example.org/2018/04/cup-final",
        ],
    ),
    "signs that mean something elsewhere": ("/2018/04/(harbour|ferry).*", []),
    "everything but the page itself": ("/world/*", []),
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "found"), PATTERNS.values(), ids=PATTERNS)
def test_links_that_match_are_listed_in_order_and_once(pattern, found):
    assert [entry.url for entry in read_section(page(LINKS), pattern)] == found


def test_links_have_their_text_as_title():
    titles = [entry.title for entry in read_section(page(LINKS), "/2018/*")]

    assert titles == ["Harbour closed", None]


def test_links_follow_the_base_of_the_page():
    body = '<base href="https://archive.example.org/x/"><a href="a">A</a>'

    (entry,) = read_section(page(body), "https://archive.example.org/*")

    assert entry.url == "https://archive.example.org/x/a"


def test_a_page_without_anything_is_named():
    with pytest.raises(InputError, match=SECTION):
        read_section(page(""), "/*")


@given(
    st.text(max_size=200).map(lambda text: f"<a href='{text}'>a</a><{text}".encode("utf-8", "replace")),
    st.text(max_size=10),
)
def test_no_page_or_pattern_is_too_odd(body, pattern):
    assert all(entry.url.startswith("http") for entry in read_section(page(body), pattern))


OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body>
<outline text="News"><outline type="rss" text="All news" xmlUrl="https://news.example.org/feed" htmlUrl="https://news.example.org/"/>
<outline type="rss" text="Again" xmlUrl="https://news.example.org/feed#again"/></outline>
<outline type="rss" title="Sport" text="x" xmlurl="sport.example.org/feed"/><outline text="No feed" htmlUrl="https://example.org/"/>
<outline text="Old" xmlUrl="feed://old.example.org/feed"/><outline text="Odd" xmlUrl="feed:https://odd.example.org/feed"/>
<outline text="Wrong" xmlUrl="feed:nowhere"/></body></opml>"""


def test_opml_gives_feeds_out_of_all_folders():
    listing = read_opml(OPML, "feeds.opml")

    assert list(listing) == [
        Entry("https://news.example.org/feed", "All news"),
        Entry("https://sport.example.org/feed", "Sport"),
        Entry("http://old.example.org/feed", "Old"),
        Entry("https://odd.example.org/feed", "Odd"),
    ]
    assert listing.skipped == 1


NO_OPML = {
    "a feed": (b"<rss/>", "is not an OPML file"),
    "nothing": (b"", "is not an OPML file"),
    "entities": (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "declares entities"),
}


@pytest.mark.parametrize(("data", "why"), NO_OPML.values(), ids=NO_OPML)
def test_what_is_no_opml_is_named(data, why):
    with pytest.raises(InputError, match=why) as caught:
        read_opml(data, "feeds.opml")

    assert "feeds.opml" in str(caught.value)


def test_a_broken_opml_gives_what_can_be_read():
    assert len(read_opml(OPML[: OPML.index(b'<outline type="rss" title')], "feeds.opml")) == 1


def test_a_list_has_one_address_a_line_and_notes():
    text = "\ufeff# what we watch\nhttps://news.example.org/a#part  # the harbour\n\n  example.org/b\nhttps://news.example.org/a\n"

    assert [entry.url for entry in read_list(text, "list.txt")] == [
        "https://news.example.org/a",
        "https://example.org/b",
    ]


def test_a_line_that_is_no_address_is_named_by_its_number():
    with pytest.raises(InputError, match=r"list\.txt, line 3: .*mailto"):
        read_list("https://example.org/a\n\nmailto:desk@example.org\n", "list.txt")
