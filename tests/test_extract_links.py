"""Where the links of a text lead: what is read of them, what makes no difference, and what a change of one amounts to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.extract_pages import ADDRESS, STORIES, in_paragraphs, lay_out, snapshot
from tracker.comparison import compare_versions
from tracker.extract import extract_version, fingerprint
from tracker.extract.links import link_target
from tracker.models import Version
from tracker.text import digest_of_text, says_the_same

EN = STORIES["en"]
LINKED = "The rules are <a href='{}'>set out by the water authority</a> and have been in force since Sunday night."


def page(href: str, **parts: str) -> str:
    return lay_out(in_paragraphs(*EN.paragraphs) + f"<p>{LINKED.format(href)}</p>", **parts)


def read(text: str) -> Version:
    return extract_version(snapshot(text))


def test_links_of_the_text_are_read_in_order() -> None:
    text = "<p>One <a href='/a'>first <b>place</b></a> and <a href='https://example.net/b'>another</a> are open.</p>"
    version = read(lay_out(in_paragraphs(*EN.paragraphs) + text, after="<nav><a href='/menu'>Menu</a></nav>"))

    assert version.links == ("/a", "https://example.net/b")


def test_links_of_a_table_and_of_a_list_are_read() -> None:
    text = "<table><tr><th>Place</th><th>Closed roads</th></tr><tr><td><a href='/t'>Tolmin</a></td><td>12 roads</td></tr><tr><td>Kobarid</td><td>7 roads</td></tr></table><ul><li>The <a href='/l'>lower valley</a> stays closed until Friday.</li></ul>"

    assert read(lay_out(in_paragraphs(*EN.paragraphs) + text)).links == ("/t", "/l")


def test_heading_that_is_a_link_to_itself_has_none() -> None:
    text = f"<h2 id='next'><a href='#next'>What comes next</a></h2><p>{EN.paragraphs[3]} It will go on so.</p>"

    assert read(lay_out(in_paragraphs(*EN.paragraphs) + text)).links == ()


BASE = "https://www.example.org/2026/dam?page=2"
TARGETS = {
    "another site": ("https://example.net/a", "https://example.net/a"),
    "the same site in full": ("https://www.example.org/a?id=7", "/a?id=7"),
    "the same site's front page": ("https://www.example.org", "/"),
    "relative": ("../b", "/b"),
    "relative to the scheme": ("//example.net/a", "https://example.net/a"),
    "on the page": ("#figures", "#figures"),
    "a place on a page": ("/a#figures", "/a#figures"),
    "mail": ("mailto:desk@example.org", "mailto:desk@example.org"),
    "without tracking": ("/a?utm_source=x&id=7&fbclid=9", "/a?id=7"),
    "only tracking": ("/a?utm_source=x#b", "/a#b"),
    "without a session": ("/a;jsessionid=8F3C?x=1", "/a?x=1"),
    "without the moment of the request": ("/a?t=1767225600&n=1767225600123&id=1767", "/a?id=1767"),
    "without a random token": ("/a?k=9f8e7d6c5b4a39281706f5e4d3c2b1a0&v=dQw4w9WgXcQ", "/a?v=dQw4w9WgXcQ"),
    "broken by lines": ("/a\n  b".replace("  ", ""), "/ab"),
    "nowhere": ("#", None),
    "empty": ("", None),
    "a script": ("JavaScript:void(0)", None),
    "scrambled mail": ("/cdn-cgi/l/email-protection#3b5d", None),
    "no address at all": ("http://[broken", "http://[broken"),
}  # fmt: skip


@pytest.mark.parametrize(("href", "target"), TARGETS.values(), ids=TARGETS)
def test_the_same_place_is_always_written_the_same(href: str, target: str | None) -> None:
    assert link_target(href, BASE) == target


@pytest.mark.parametrize(("href", "target"), TARGETS.values(), ids=TARGETS)
def test_a_target_leads_to_itself(href: str, target: str | None) -> None:
    assert target is None or link_target(target, BASE) == target


def test_links_of_a_saved_page_are_relative_to_the_address_that_it_declares() -> None:
    head = "<link rel='canonical' href='https://www.example.org/2026/dam'>"
    pages = [page(href, head=head) for href in ("/rules", "https://www.example.org/rules")]

    assert {extract_version(snapshot(text, url="file:///tmp/saved.html")).links for text in pages} == {("/rules",)}


def test_base_element_is_what_links_are_relative_to() -> None:
    assert read(page("rules", head="<base href='/law/'>")).links == ("/law/rules",)


# --- what a change of one amounts to --------------------------------------------------------------


def test_another_target_alone_is_a_minor_change_that_names_it() -> None:
    judgement = compare_versions(read(page("/rules/2025")), read(page("/rules/2026"))).judgement

    assert (judgement.verdict, judgement.importance) == ("minor", 1)
    assert judgement.reasons == (
        "The text is the same; only links in it changed.",
        "A link leads elsewhere: /rules/2025 → /rules/2026",
    )


def test_many_other_targets_are_counted() -> None:
    old = Version(paragraphs=("Here it is.",), links=tuple(f"/{n}" for n in range(9)))
    new = replace(old, links=tuple(link if n % 2 else f"{link}-new" for n, link in enumerate(old.links or ())))

    assert compare_versions(old, new).judgement.reasons[-1] == "And 2 more."


SAME = {
    "tracking": ("/rules?utm_source=a", "/rules?utm_source=b"),
    "a moment": ("/rules?ts=1767225600", "/rules?ts=1767225999"),
    "the own host in front": ("/rules", f"{'/'.join(ADDRESS.split('/')[:3])}/rules"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_what_leads_to_the_same_place_is_unchanged(old: str, new: str) -> None:
    before, after = read(page(old)), read(page(new))

    assert says_the_same(before, after)
    assert compare_versions(before, after).judgement.verdict == "unchanged"


def test_a_version_whose_links_were_not_read_is_compared_by_its_text() -> None:
    """Those of archives of before, and plain texts."""
    new = read(page("/rules"))
    old = replace(new, links=None)

    assert says_the_same(old, new)
    assert compare_versions(old, new).judgement.verdict == "unchanged"
    assert not says_the_same(replace(old, headline="Another"), new)


def test_links_are_part_of_the_digest_only_where_there_are_any() -> None:
    version = Version(headline="Dam holds", paragraphs=("It holds.",))

    assert digest_of_text(replace(version, links=())) == digest_of_text(version)
    assert digest_of_text(replace(version, links=("/a",))) != digest_of_text(version)


@pytest.mark.parametrize(("href", "same"), [("/rules/2026", False), ("/rules/2025?utm_medium=mail", True)])
def test_quick_look_sees_where_links_lead(href: str, same: bool) -> None:
    old, new = snapshot(page("/rules/2025")), snapshot(page(href))
    version = extract_version(old)

    assert (fingerprint(old, version) == fingerprint(new, version)) is same
