"""What a site lists becomes addresses of articles: each once, in order, and nothing that cannot be followed."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.discover import Entry, read_feed, read_sitemap, recognize
from tracker.errors import InputError
from tracker.models import Snapshot

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
FEED = "https://news.example.org/feeds/all"
HARBOUR, FERRY = "https://news.example.org/harbour", "https://news.example.org/ferry"


def sent(body: str | bytes, content_type: str | None = None, *, url: str = FEED, final_url: str = "") -> Snapshot:
    headers = (("Content-Type", content_type),) if content_type else ()
    return Snapshot(url, NOW, 200, headers, body if isinstance(body, bytes) else body.encode(), final_url=final_url)


def urls(listing) -> list[str]:
    return [entry.url for entry in listing]


RSS = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>All news</title><link>https://news.example.org/</link>
<item><title>Harbour closed &amp;amp; ferry held</title><link>https://news.example.org/harbour?utm_source=rss</link>
  <pubDate>Sat, 07 Apr 2018 10:00:00 +0200</pubDate></item>
<item><title>  Ferry
  sails again </title><link>/ferry#top</link></item>
</channel></rss>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example.org/"><title>All</title></channel>
<item rdf:about="https://news.example.org/harbour"><title>Harbour closed</title><link>https://news.example.org/harbour</link>
<dc:date>2018-04-07T08:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example.org/">
<title>All news</title><entry><title type="html">&lt;b&gt;Harbour&lt;/b&gt; closed</title><link rel="alternate" href="harbour"/>
<link rel="self" href="harbour.xml"/><published>2018-04-07T10:00:00+02:00</published><updated>2018-04-09T06:30:00Z</updated></entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "All news",
        "items": [
            {"id": "1", "url": HARBOUR, "title": "Harbour closed", "date_published": "2018-04-07T10:00:00+02:00"},
            {"id": FERRY, "date_modified": "2018-04-08T00:00:00"},
            {"id": 3},
            "no item",
        ],
    }
)
URLSET = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a machine -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://news.example.org/harbour </loc><lastmod>2018-04-09</lastmod>
  <image:image><image:loc>https://cdn.example.org/harbour.jpg</image:loc><image:title>A picture</image:title></image:image>
  <news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
  <news:publication_date>2018-04-07T10:00:00+02:00</news:publication_date><news:title>Harbour closed</news:title></news:news></url>
<url><loc>https://news.example.org/ferry</loc></url>
<url><loc>mailto:desk@example.org</loc></url>
<url><loc>https://news.example.org/ferry</loc></url>
</urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example.org/2018-04.xml.gz</loc><lastmod>2018-04-09T06:00:00Z</lastmod></sitemap>
<sitemap><loc>/2018-03.xml.gz</loc></sitemap></sitemapindex>"""
LINES = f"\ufeff{HARBOUR}\r\n\r\n{FERRY}\r\n"
PAGE = "<!doctype html><html><head><title>About RSS</title></head><body><p>We explain &lt;rss&gt;.</p></body></html>"
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<rss version="2.0"><channel><item><title>&c;</title><link>https://news.example.org/a</link></item></channel></rss>"""
SPY = """<!DOCTYPE urlset [<!ENTITY spy SYSTEM "file:///etc/hostname">]>
<urlset><url><loc>https://news.example.org/&spy;</loc></url></urlset>"""

# --- recognising ----------------------------------------------------------------------------------

KINDS = {
    "RSS": (RSS, "application/rss+xml", "feed"),
    "RSS sent as a page": (RSS, "text/html", "feed"),
    "RSS after an empty line": ("\n\n" + RSS, "text/xml", "feed"),
    "RSS with a prefix": ('<a:rss xmlns:a="urn:x" version="2.0"/>', None, "feed"),
    "RSS that breaks off": (RSS[:200], "application/rss+xml", "feed"),
    "RSS in UTF-16": (RSS.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"), "text/xml", "feed"),
    "RSS in an encoding that nobody knows": (
        '<?xml version="1.0" encoding="x-desk"?><rss version="2.0"/>',
        None,
        "feed",
    ),
    "RSS behind a broken head": ("<?xml version=1.0?><!-- <urlset> --><rss version='2.0'></rss>", None, "feed"),
    "RDF": (RDF, "application/rdf+xml", "feed"),
    "Atom": (ATOM, "application/atom+xml", "feed"),
    "JSON Feed": (JSON_FEED, "application/feed+json", "feed"),
    "JSON Feed sent as JSON": (JSON_FEED, "application/json", "feed"),
    "JSON of another kind": ('{"version": 2}', "application/json", "article"),
    "JSON that is broken": ('{"version": "https://jsonfeed.org/version/1.1"', "application/json", "article"),
    "JSON without end": ("{" + '"a":[' * 100_000, "application/json", "article"),
    "sitemap": (URLSET, "application/xml", "sitemap"),
    "sitemap, packed": (gzip.compress(URLSET.encode()), "application/gzip", "sitemap"),
    "sitemap index": (INDEX, "text/xml", "sitemap"),
    "list of addresses": (LINES, "text/plain", "sitemap"),
    "page": (PAGE, "text/html", "article"),
    "page that is sent as XML": (PAGE, "application/xml", "article"),
    "page in XHTML": ('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "application/xhtml+xml", "article"),
    "plain text": ("The harbour is closed.\nhttps://news.example.org/a", "text/plain", "article"),
    "nothing": ("", "text/html", "article"),
    "gzip that is none": (b"\x1f\x8b broken", "application/gzip", "article"),
    "a feed that declares entities": (BOMB, "application/rss+xml", "article"),
}


@pytest.mark.parametrize(("body", "content_type", "kind"), KINDS.values(), ids=KINDS)
def test_the_content_says_what_an_address_holds(body, content_type, kind):
    assert recognize(sent(body, content_type)) == kind


@given(st.binary(max_size=400) | st.text(alphabet="<>!?/&;rsfeduirlt -[]\"'=", max_size=60).map(str.encode))
def test_no_body_is_too_odd_to_be_recognised(body):
    assert recognize(sent(body)) in ("feed", "sitemap", "article")


# --- feeds ----------------------------------------------------------------------------------------


def test_rss_gives_titles_addresses_and_times():
    listing = read_feed(sent(RSS, "application/rss+xml"))

    assert list(listing) == [
        Entry(HARBOUR, "Harbour closed & ferry held", datetime(2018, 4, 7, 8, tzinfo=UTC)),
        Entry(FERRY, "Ferry sails again"),
    ]
    assert listing.skipped == 0


def test_atom_gives_the_alternate_link_and_both_times():
    (entry,) = read_feed(sent(ATOM, "application/atom+xml"))

    assert entry == Entry(
        HARBOUR,
        "Harbour closed",
        datetime(2018, 4, 7, 8, tzinfo=UTC),
        datetime(2018, 4, 9, 6, 30, tzinfo=UTC),
    )


def test_rdf_gives_what_it_has():
    (entry,) = read_feed(sent(RDF, "application/rdf+xml"))

    assert (entry.url, entry.title) == (HARBOUR, "Harbour closed")
    assert entry.updated_at == datetime(2018, 4, 7, 8, tzinfo=UTC)


def test_json_feed_takes_an_id_that_is_an_address_and_skips_what_has_none():
    listing = read_feed(sent(JSON_FEED, "application/json"))

    assert list(listing) == [
        Entry(HARBOUR, "Harbour closed", datetime(2018, 4, 7, 8, tzinfo=UTC)),
        Entry(FERRY, None, None, datetime(2018, 4, 8, tzinfo=UTC)),
    ]
    assert listing.skipped == 2


def test_links_are_relative_to_where_the_feed_was_found():
    feed = RSS.replace("https://news.example.org/harbour", "harbour")

    listing = read_feed(sent(feed, final_url="https://moved.example.org/rss/all.xml"))

    assert urls(listing) == ["https://moved.example.org/rss/harbour", "https://moved.example.org/ferry"]


def test_an_article_is_listed_once_where_it_stood_first():
    item = "<item><title>{}</title><link>https://news.example.org/{}</link></item>"
    items = item.format("A", "a?utm_source=x") + item.format("B", "b") + item.format("A again", "a")

    listing = read_feed(sent(f'<rss version="2.0"><channel>{items}</channel></rss>'))

    assert [(entry.title, entry.url) for entry in listing] == [
        ("A", "https://news.example.org/a"),
        ("B", "https://news.example.org/b"),
    ]


def test_entries_without_an_address_are_skipped_and_counted():
    items = "<item><title>No link</title></item><item><link>mailto:desk@example.org</link></item><item><link>/a</link></item>"

    listing = read_feed(sent(f'<rss version="2.0"><channel>{items}</channel></rss>'))

    assert urls(listing) == ["https://news.example.org/a"]
    assert listing.skipped == 2


def test_the_counting_redirect_of_feedburner_is_passed_by():
    item = (
        "<item><link>https://feedproxy.example.com/~r/1</link>"
        '<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">https://news.example.org/harbour</f:origLink></item>'
    )

    listing = read_feed(sent(f'<rss version="2.0"><channel>{item}</channel></rss>'))

    assert urls(listing) == [HARBOUR]


def test_a_permanent_guid_stands_in_for_a_missing_link():
    item = '<item><guid isPermaLink="true">https://news.example.org/harbour</guid></item>'

    assert urls(read_feed(sent(f'<rss version="2.0"><channel>{item}</channel></rss>'))) == [HARBOUR]


@pytest.mark.parametrize("feed", ['<rss version="2.0"><channel/></rss>', ATOM[: ATOM.index("<entry>")] + "</feed>"])
def test_an_empty_feed_is_fine(feed):
    assert list(read_feed(sent(feed))) == []


def test_a_feed_that_breaks_off_gives_the_entries_before():
    broken = RSS[: RSS.index("</link></item>\n</channel>")] + "-sai"

    assert urls(read_feed(sent(broken))) == [HARBOUR]


def test_an_unescaped_ampersand_does_not_cost_an_entry():
    assert len(read_feed(sent(RSS.replace("closed &amp;amp; ferry", "closed & ferry")))) == 2


UNREADABLE = {
    "a page": (PAGE, "is not a feed"),
    "plain text": ("Nothing here.", "feed"),
    "nothing": ("", "feed"),
    "broken before its first entry": ('<rss version="2.0"><channel><title>a</chan', "broken"),
    "JSON Feed without items": ('{"version": "https://jsonfeed.org/version/1", "items": 5}', "no list of items"),
    "entities": (BOMB, "declares entities"),
}


BUSY = {
    "depth": '<rss version="2.0"><channel>' + "<item>" * 50_000,
    "attributes": '<rss version="2.0" ' + " ".join(f'a{number}="1"' for number in range(20_000)) + "><channel/></rss>",
    "rubbish": '<rss version="2.0"><channel>' + "<" * 3_000_000,
}


@pytest.mark.parametrize("body", BUSY.values(), ids=BUSY)
def test_no_feed_keeps_us_busy(body):
    started = time.process_time()

    with pytest.raises(InputError):
        read_feed(sent(body))

    assert time.process_time() - started < 10


@pytest.mark.parametrize(("body", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_feed_is_named_with_the_reason(body, why):
    with pytest.raises(InputError) as caught:
        read_feed(sent(body, "text/html"))

    assert FEED in str(caught.value)
    assert why in str(caught.value)


def test_a_date_from_outside_the_calendar_is_left_out():
    feed = RSS.replace("Sat, 07 Apr 2018 10:00:00 +0200", "Sat, 07 Apr 99999 10:00:00 +0200")

    assert read_feed(sent(feed))[0].published_at is None


def test_half_a_character_in_a_title_is_dropped():
    feed = json.dumps(
        {"version": "https://jsonfeed.org/version/1", "items": [{"url": HARBOUR, "title": "Harbour \ud83d"}]}
    )

    assert read_feed(sent(feed))[0].title == "Harbour"


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: (RSS[:150] + text).encode("utf-8", "replace")))
def test_no_feed_is_too_odd_to_be_read_or_refused(body):
    with contextlib.suppress(InputError):
        assert all(entry.url.startswith("http") for entry in read_feed(sent(body)))


# --- sitemaps -------------------------------------------------------------------------------------

SITEMAPS = {"as it is": URLSET, "packed": gzip.compress(URLSET.encode()), "after an empty line": "\n" + URLSET}


@pytest.mark.parametrize("body", SITEMAPS.values(), ids=SITEMAPS)
def test_a_news_sitemap_gives_addresses_titles_and_times_but_no_pictures(body):
    listing = read_sitemap(sent(body, "application/xml"))

    assert list(listing) == [
        Entry(HARBOUR, "Harbour closed", datetime(2018, 4, 7, 8, tzinfo=UTC), datetime(2018, 4, 9, tzinfo=UTC)),
        Entry(FERRY),
    ]
    assert (listing.skipped, listing.children) == (1, ())


def test_a_sitemap_index_gives_the_sitemaps_in_it():
    listing = read_sitemap(sent(INDEX, url="https://news.example.org/sitemap.xml"))

    assert list(listing) == []
    assert listing.children == (
        Entry("https://news.example.org/2018-04.xml.gz", updated_at=datetime(2018, 4, 9, 6, tzinfo=UTC)),
        Entry("https://news.example.org/2018-03.xml.gz"),
    )


def test_a_sitemap_may_be_a_list_of_addresses():
    assert urls(read_sitemap(sent(LINES, "text/plain"))) == [HARBOUR, FERRY]


def test_a_sitemap_that_breaks_off_gives_the_entries_before():
    assert urls(read_sitemap(sent(URLSET[: URLSET.index("<url><loc>mailto")] + "<url><loc>htt")))[:2] == [
        HARBOUR,
        FERRY,
    ]


def test_a_bare_ampersand_does_not_cost_an_entry():
    body = "<urlset><url><loc>/a?b=1&c=2</loc></url><url><loc><![CDATA[/d?e=1&amp=2]]></loc></url></urlset>"

    assert urls(read_sitemap(sent(body))) == [
        "https://news.example.org/a?b=1&c=2",
        "https://news.example.org/d?e=1&amp=2",
    ]


def test_no_more_entries_are_read_than_a_sitemap_may_have():
    body = "<urlset>" + "<url/>" * 50_010 + "</urlset>"

    assert read_sitemap(sent(body)).skipped == 50_000


def test_an_empty_sitemap_is_fine():
    assert list(read_sitemap(sent("<urlset/>"))) == []


NO_SITEMAPS = {
    "a page": (PAGE, "is not a sitemap"),
    "a feed": (RSS, "is not a sitemap"),
    "nothing": ("", "is not a sitemap"),
    "broken": ("<urlset><url <loc", "broken"),
    "damaged gzip": (b"\x1f\x8b broken", "damaged"),
    "gzip that breaks off": (gzip.compress(URLSET.encode())[:-20], "breaks off"),
    "a gzip bomb": (gzip.compress(b"<urlset>" + b" " * 60_000_000, 1), "unfolds to more than"),
    "entities": (SPY, "declares entities"),
}


@pytest.mark.parametrize(("body", "why"), NO_SITEMAPS.values(), ids=NO_SITEMAPS)
def test_what_is_no_sitemap_is_named_with_the_reason(body, why):
    with pytest.raises(InputError) as caught:
        read_sitemap(sent(body))

    assert FEED in str(caught.value)
    assert why in str(caught.value)


@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: f"<urlset><url><loc>{text}</loc></url>".encode("utf-8", "replace"))
)
def test_no_sitemap_is_too_odd_to_be_read_or_refused(body):
    with contextlib.suppress(InputError):
        assert all(entry.url.startswith("http") for entry in read_sitemap(sent(body)))
