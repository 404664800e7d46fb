"""What a reporter pastes becomes the one address that is followed, or one sentence that says why not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import AddressError
from tracker.url import (
    are_twins,
    article_folder,
    canonical_url,
    check_url,
    host_of,
    is_listed_host,
    join_url,
    normalize_url,
)

NORMALISED = {
    # As it is typed and pasted.
    "Example.ORG": "https://example.org/",
    "example.org/a": "https://example.org/a",
    "//example.org/a": "https://example.org/a",
    "HTTP://EXAMPLE.org/A": "http://example.org/A",
    "  <https://example.org/a> ": "https://example.org/a",
    "“https://example.org/a”": "https://example.org/a",
    "localhost:8000/a": "http://localhost:8000/a",
    "127.0.0.1:8000": "http://127.0.0.1:8000/",
    "[::1]:8000/a": "http://[::1]:8000/a",
    "http://intranet/a": "http://intranet/a",
    # The host.
    "http://example.org:80/a": "http://example.org/a",
    "https://example.org:443/a": "https://example.org/a",
    "https://example.org:8443/a": "https://example.org:8443/a",
    "https://example.org:/a": "https://example.org/a",
    "https://example.org./a": "https://example.org/a",
    "https://münchen.example/a": "https://xn--mnchen-3ya.example/a",
    "https://ex_ample.org/": "https://ex_ample.org/",
    "https://１２７.０.０.１/": "https://127.0.0.1/",
    "https://[2001:DB8::0:1]/": "https://[2001:db8::1]/",
    # The path.
    "https://example.org/a/../b/./c": "https://example.org/b/c",
    "https://example.org/a/%2e%2e/b": "https://example.org/b",
    "https://example.org/../../a": "https://example.org/a",
    "https://example.org/a/..": "https://example.org/",
    "https://example.org/straße": "https://example.org/stra%C3%9Fe",
    "https://example.org/%7euser/%e4": "https://example.org/%7Euser/%E4",
    "https://example.org/a%2fb": "https://example.org/a%2Fb",
    "https://example.org//a//b/": "https://example.org//a//b/",
    # The query.
    "https://example.org/a?": "https://example.org/a",
    "https://example.org/a?c=&b&a=1": "https://example.org/a?c=&b&a=1",
    "https://example.org/a?q=a+b%26c": "https://example.org/a?q=a+b%26c",
    "https://example.org/a?q=ä": "https://example.org/a?q=%C3%A4",
    "https://example.org/a?utm_source=x&id=1&UTM_Medium=y": "https://example.org/a?id=1",
    "https://example.org/a?id=1&amp;utm_medium=y": "https://example.org/a?id=1",
    "https://example.org/a?fbclid=1": "https://example.org/a",
    "https://example.org/a?utm_source": "https://example.org/a",
    "https://example.org/a?page=2&gallery=3&source=feed&session=4": "https://example.org/a?page=2&gallery=3&source=feed&session=4",
    "https://example.org/a?link=http://other.example/?utm_source=x": "https://example.org/a?link=http://other.example/?utm_source=x",
    # The fragment.
    "https://example.org/a#part": "https://example.org/a",
    "https://example.org/#/route": "https://example.org/",
}  # fmt: skip


@pytest.mark.parametrize(("pasted", "followed"), NORMALISED.items())
def test_one_address_is_made_of_all_its_spellings(pasted, followed):
    assert normalize_url(pasted) == followed


REFUSED = {
    "": "is empty",
    "   ": "is empty",
    "climate news": "white space",
    "https://example.org/a b": "white space",
    "https://example.org/a\nb": "white space",
    "https://example.org/\x00": "white space",
    "https://example.org/\ud800": "not valid text",
    "example": "names no host",
    "https:///a": "names no host",
    "http:example.org": "names no host",
    "mailto:desk@example.org": "mailto: is not http or https",
    "javascript:alert(1)": "javascript: is not http or https",
    "ftp://example.org/a": "ftp: is not http or https",
    "file:///etc/passwd": "file: is not http or https",
    "https://desk:secret@example.org/": "user name or password",
    "http://example.org\\@other.example/": "user name or password",
    "https://example.org:0/": "the port",
    "https://example.org:99999/": "the port",
    "https://example.org:http/": "the port",
    "https://[::1": "IPv6",
    "https://[fe80::1%25eth0]/": "IPv6",
    "https://[example.org]/": "IPv6",
    "https://127.1/": "not a valid IP address",
    "https://2130706433/": "not a valid IP address",
    "https://0x7f000001/": "not a valid IP address",
    "https://0\u200b/": "not a valid IP address",
    "https://１２７.1/": "not a valid IP address",
    "https://1.2.3.256/": "not a valid IP address",
    "https://-a.example/": "not a valid name",
    "https://a..example/": "not a valid name",
    "https://☃.example/": "not a valid name",
    f"https://{'a' * 64}.example/": "not a valid name",
    f"https://example.org/{'a' * 8000}": "longer than",
}


@pytest.mark.parametrize(("pasted", "wrong"), REFUSED.items(), ids=[repr(address)[:60] for address in REFUSED])
def test_what_cannot_be_followed_is_refused_in_one_line(pasted, wrong):
    with pytest.raises(AddressError) as caught:
        normalize_url(pasted)

    assert wrong in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    str(caught.value).encode()  # can be printed


def test_no_password_is_repeated():
    with pytest.raises(AddressError) as caught:
        normalize_url("https://desk:secret@example.org/a")

    assert "secret" not in str(caught.value)
    assert "example.org/a" in str(caught.value)


pieces = st.text("aB/.%2eE?&=#:@[]-_~ äß☃\u200b+;0", max_size=30)
addresses = st.builds(
    "{}{}{}".format, st.sampled_from(["", "https://", "http://"]), st.sampled_from(["example.org", "a.b", ""]), pieces
)


@given(addresses | st.text(max_size=60))
def test_normalising_twice_equals_once(pasted):
    try:
        once = normalize_url(pasted)
    except AddressError:
        return

    assert normalize_url(once) == once
    assert once.isascii()
    assert re.match(r"https?://[^/?#@]+/[^#]*$", once)


@given(addresses, pieces)
def test_what_a_link_leads_to_can_be_followed_or_is_refused(base, link):
    try:
        joined = join_url(check_url(base), link)
    except AddressError:
        return

    assert check_url(joined) == joined


JOINED = {
    "a": "https://example.org/news/a",
    "/a": "https://example.org/a",
    "?page=2": "https://example.org/news/?page=2",
    "//other.example/a": "https://other.example/a",
    " /a b\n.html ": "https://example.org/a%20b.html",
    "../../a": "https://example.org/a",
    "#part": "https://example.org/news/#part",
    "a?utm_source=x": "https://example.org/news/a?utm_source=x",
}


@pytest.mark.parametrize(("link", "target"), JOINED.items())
def test_links_are_resolved_as_browsers_do(link, target):
    assert join_url("https://example.org/news/", link) == target


@pytest.mark.parametrize("link", ["mailto:desk@example.org", "javascript:void(0)", "tel:112", "//[broken/", "data:,a"])
def test_links_that_lead_nowhere_are_refused(link):
    with pytest.raises(AddressError):
        join_url("https://example.org/", link)


def test_the_host_is_named_with_a_port_that_is_not_usual():
    assert host_of("https://example.org/a") == "example.org"
    assert host_of("http://localhost:8000/a") == "localhost:8000"


LISTED = {
    "by name": ("intranet.example", 80, ["intranet.example"], True),
    "in another case": ("intranet.example", 80, ["Intranet.Example"], True),
    "by name and port": ("127.0.0.1", 8000, ["127.0.0.1:8000"], True),
    "by another port": ("127.0.0.1", 8001, ["127.0.0.1:8000"], False),
    "IPv6": ("::1", 8000, ["::1"], True),
    "IPv6 in brackets": ("::1", 8000, ["[::1]:8000"], True),
    "a name that ends the same": ("evil-intranet.example", 80, ["intranet.example"], False),
    "a part of it": ("a.intranet.example", 80, ["intranet.example"], False),
    "not at all": ("example.org", 80, [], False),
}


@pytest.mark.parametrize(("host", "port", "listed", "expected"), LISTED.values(), ids=LISTED)
def test_a_host_is_listed_as_a_whole(host, port, listed, expected):
    assert is_listed_host(host, port, listed) is expected


# --- twins ----------------------------------------------------------------------------------------

STORY = "https://www.example.org/world/harbour-closed-after-storm"
TWINS = (
    "https://www.example.org/world/harbour-closed-after-storm/",
    "http://example.org/world/harbour-closed-after-storm",
    "https://m.example.org/world/harbour-closed-after-storm",
    "https://amp.example.org/world/harbour-closed-after-storm",
    "https://www.example.org/amp/world/harbour-closed-after-storm",
    "https://www.example.org/world/harbour-closed-after-storm/amp/",
    "https://www.example.org/world/harbour-closed-after-storm.amp",
    "https://www.example.org/world/harbour-closed-after-storm?amp=1",
    "https://www.example.org/world/harbour-closed-after-storm?outputType=amp",
)
OTHERS = (
    "https://www.example.org/",
    "https://www.example.org/world/",
    "https://www.example.org/world/harbour-open-again-at-last",
    "https://www.example.org/world/harbour-closed-after-storm?page=2",
    "https://www.other.example/world/harbour-closed-after-storm",
    "https://blog.example.org/world/harbour-closed-after-storm",
)


@pytest.mark.parametrize("twin", TWINS)
def test_twins_are_one_page(twin):
    assert are_twins(STORY, twin)
    assert canonical_url(twin, STORY) == STORY


@pytest.mark.parametrize("other", OTHERS)
def test_other_pages_are_not(other):
    assert not are_twins(STORY, other)


DECLARED = {
    "nothing": (None, STORY),
    "itself": (STORY, STORY),
    "relative": ("/world/harbour-closed-after-storm/", f"{STORY}/"),
    "another section": ("https://www.example.org/europe/harbour-closed-after-storm", "https://www.example.org/europe/harbour-closed-after-storm"),
    "without tracking": (f"{STORY}?utm_source=x", STORY),
    "the home page": ("https://www.example.org/", STORY),
    "a section": ("https://www.example.org/world/", STORY),
    "another article": ("https://www.example.org/world/harbour-open-again-at-last", STORY),
    "another site": ("https://agency.example/world/harbour-closed-after-storm", STORY),
    "rubbish": ("javascript:void(0)", STORY),
}  # fmt: skip


@pytest.mark.parametrize(("declared", "followed"), DECLARED.values(), ids=DECLARED)
def test_a_declared_address_is_taken_where_it_agrees(declared, followed):
    assert canonical_url(STORY, declared) == followed


def test_the_top_level_is_never_taken_off_a_host():
    assert not are_twins("https://m.example/a", "https://example/a")


# --- folders --------------------------------------------------------------------------------------

FOLDERS = {
    "https://example.org/2018/04/strike-kills-commander": r"example\.org/strike-kills-commander-[0-9a-f]{8}",
    "https://example.org/2018/04/strike-kills-commander.html": r"example\.org/strike-kills-commander-[0-9a-f]{8}",
    "https://example.org/strike/index.html": r"example\.org/strike-[0-9a-f]{8}",
    "https://example.org/news/12345678": r"example\.org/news-[0-9a-f]{8}",
    "https://example.org/": r"example\.org/page-[0-9a-f]{8}",
    "https://example.org/12": r"example\.org/12-[0-9a-f]{8}",
    "http://localhost:8000/a-page": r"localhost_8000/a-page-[0-9a-f]{8}",
    "https://example.org/%D0%BF%D1%83%D1%82%D1%8C": r"example\.org/page-[0-9a-f]{8}",
    "https://con.example/a": r"con\.example_[0-9a-f]{8}/a-[0-9a-f]{8}",
}


@pytest.mark.parametrize(("url", "pattern"), FOLDERS.items())
def test_a_folder_says_what_it_holds(url, pattern):
    assert re.fullmatch(pattern, article_folder(url))


@given(addresses, addresses)
def test_folders_are_safe_on_every_file_system_and_differ(one, other):
    try:
        urls = {normalize_url(one), normalize_url(other)}
    except AddressError:
        return
    folders = {article_folder(url) for url in urls}

    assert len(folders) == len(urls)
    for folder in folders:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9-]*", folder)
        assert len(folder) <= 120


def test_a_long_address_gets_a_short_folder_of_its_own():
    host = ".".join(["a" * 60] * 3)
    first, second = (article_folder(f"https://{host}.{end}/{'long-' * 100}") for end in ("example", "test"))

    assert first != second
    assert first.split("/")[0] != second.split("/")[0]
    assert max(len(first), len(second)) <= 120


def test_the_name_of_a_folder_never_changes():
    """The archive of yesterday has to be found tomorrow."""
    assert (
        article_folder("https://example.org/2018/strike-kills-commander")
        == "example.org/strike-kills-commander-12c9291d"
    )
