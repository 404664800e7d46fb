"""The fingerprint: what it proves, and that it never hides a change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract_pages import STORIES, in_paragraphs, lay_out, ld, snapshot
from tests.test_extract import FURNITURE
from tracker.extract import extract_version
from tracker.extract.quick import fingerprint
from tracker.models import Snapshot

EN = STORIES["en"]
TEXTS = (*EN.paragraphs, EN.notice)
HEAD = ld(headline=EN.headline, datePublished="2026-03-02T09:30:00Z", dateModified="2026-03-02T09:30:00Z")
PAGE = lay_out(
    in_paragraphs(*TEXTS[:2]) + FURNITURE["a promotion"] + in_paragraphs(*TEXTS[2:]),
    head=HEAD + '<meta name="csrf-token" content="8f31c2">',
    before='<div class="meta">Updated <span>7</span> minutes ago</div>',
    after=FURNITURE["related stories"] + FURNITURE["an advertisement"],
)


def is_proven_same(old: Snapshot, new: Snapshot) -> bool:
    version = extract_version(old)
    before = fingerprint(old, version)
    return before is not None and fingerprint(new, version) == before


SAME = {
    "the same bytes": PAGE,
    "another token": PAGE.replace("8f31c2", "77aa01"),
    "another script": PAGE.replace("</body>", "<script>window.__rid='ab12'</script></body>"),
    "other related stories": PAGE.replace("The town that banned cars", "How to sleep better this winter"),
    "one related story less": PAGE.replace('<li><a href="/b">The town that banned cars</a></li>', ""),
    "another advertisement": PAGE.replace("save 20% today", "save 35% today"),
    "another promotion in the text": PAGE.replace("Shared 4,211 times", "Shared 4,377 times").replace("tram line", "bus line"),
    "no promotion in the text": PAGE.replace(FURNITURE["a promotion"], ""),
    "some minutes later": PAGE.replace("<span>7</span>", "<span>31</span>"),
    "another moment of change": PAGE.replace('"dateModified": "2026-03-02T09:30:00Z"', '"dateModified": "2026-03-02T10:11:12Z"'),
    "another link": PAGE.replace('href="/world"', 'href="/world?r=1"'),
}  # fmt: skip


@pytest.mark.parametrize("page", SAME.values(), ids=SAME)
def test_furniture_that_changed_is_proven_to_be_no_change(page: str) -> None:
    assert is_proven_same(snapshot(PAGE), snapshot(page))


CHANGED = {
    "a figure": PAGE.replace("2,400", "2,600"),
    "a word": PAGE.replace("bakery", "bookshop"),
    "the headline": PAGE.replace("holds as rain", "breaks as rain"),
    "the headline on the page alone": PAGE.replace(f"<h1>{EN.headline}", "<h1>Dam above Tolmin breaks"),
    "a paragraph more": PAGE.replace("</article>", "<p>It broke at noon.</p></article>"),
    "a paragraph less": PAGE.replace(in_paragraphs(TEXTS[3]), ""),
    "a notice in a div": PAGE.replace("</main>", "<div>Update: The dam broke at noon.</div></main>"),
    "two paragraphs in one": PAGE.replace("crest.</p><p>Some", "crest. Some"),
    "a paragraph that is hidden": PAGE.replace("<p>“We were", '<p style="display:none">“We were'),
    "a paragraph that became furniture": PAGE.replace("<p>“We were", '<p class="promo">“We were'),
    "a number that stands alone": PAGE.replace("80 cubic", "<b>80</b> cubic"),
}  # fmt: skip


@pytest.mark.parametrize("page", CHANGED.values(), ids=CHANGED)
def test_changed_text_is_never_taken_for_the_same(page: str) -> None:
    assert not is_proven_same(snapshot(PAGE), snapshot(page))


@pytest.mark.parametrize("figure", ["<b>80</b>", "<span class=n>80</span>", "<a href=x>80</a>"])
def test_figure_in_an_element_of_its_own_is_no_counter(figure: str) -> None:
    old = PAGE.replace("80 cubic", f"{figure} cubic")

    assert not is_proven_same(snapshot(old), snapshot(old.replace(">80<", ">90<")))


@given(st.data())
def test_equal_fingerprints_mean_equal_texts(data: st.DataObject) -> None:
    """Cut any piece out of the page, or write something into it: what is proven the same is read the same."""
    start = data.draw(st.integers(PAGE.index("<body"), len(PAGE)))
    end = data.draw(st.integers(start, min(len(PAGE), start + 30)))
    new = (
        PAGE[:start]
        + data.draw(st.sampled_from(["", "7", "not", "<p>It broke.</p>", "<div class=related>", "</p>"]))
        + PAGE[end:]
    )

    if is_proven_same(snapshot(PAGE), snapshot(new)):
        assert extract_version(snapshot(new)).paragraphs == extract_version(snapshot(PAGE)).paragraphs


def test_script_makes_no_furniture_of_an_article() -> None:
    """The share of the text that furniture may have is measured without scripts."""
    body = f'<div class="social"><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p></div><script>{"x = 1;" * 5000}</script>'
    old = lay_out(body)

    assert not is_proven_same(snapshot(old), snapshot(old.replace("2,400", "2,600")))


UNKNOWN = {
    "an error page": replace(snapshot(PAGE), status=404),
    "a plain text": snapshot("A text.\nA second line of it.", content_type="text/plain"),
    "a page with a publisher's own rule": snapshot(PAGE, url="https://courier.example/a"),
    "nothing": snapshot(""),
    "a comment": snapshot("<!-- -->"),
}


@pytest.mark.parametrize("page", UNKNOWN.values(), ids=UNKNOWN)
def test_page_that_cannot_be_judged_has_no_fingerprint(page: Snapshot) -> None:
    assert fingerprint(page, extract_version(snapshot(PAGE))) is None


def test_space_that_alone_keeps_two_words_apart_is_seen() -> None:
    apart = PAGE.replace("80 cubic", "80<i>&nbsp;</i>cubic")

    assert not is_proven_same(snapshot(apart), snapshot(apart.replace("&nbsp;", "")))
