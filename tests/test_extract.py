"""What is read in a page: text, notices, captions, byline, dates, metadata; and what is left out of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract_pages import ADDRESS, STORIES, Story, in_paragraphs, lay_out, ld, snapshot, story_page
from tracker.errors import ExtractError
from tracker.extract import extract_version, fingerprint, is_notice, version_from_sentences, version_from_text
from tracker.extract.blocks import cut_blocks
from tracker.extract.body import Hints
from tracker.extract.byline import split_names
from tracker.extract.headline import strip_site
from tracker.extract.language import guess_language, normalize_language
from tracker.extract.moments import parse_moment
from tracker.extract.page import parse_page
from tracker.models import Version

EN = STORIES["en"]
BODY = in_paragraphs(*EN.paragraphs)


def read(page: str | bytes, **how: str) -> Version:
    return extract_version(snapshot(page, **how))


# --- the text -------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_story_is_read_whole_in_five_languages(story: Story) -> None:
    version = read(story_page(story))

    assert version.headline == story.headline
    assert version.paragraphs == (*story.paragraphs, story.notice)
    assert version.notices == (story.notice,)
    assert version.language == story.language


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_language_is_guessed_where_the_page_declares_none(story: Story) -> None:
    assert read(story_page(story, language="")).language == story.language


SHAPES = {
    "a list": ("<ul><li>Two schools stay closed until Friday.</li><li>The bridge is open to buses only.</li></ul>", ["Two schools stay closed until Friday.", "The bridge is open to buses only."]),
    "a block quote": ("<blockquote><p>The lake has never stood as high as this since the dam was built in 1952.</p></blockquote>", ["The lake has never stood as high as this since the dam was built in 1952."]),
    "a heading": (f"<h2>What comes next</h2><p>{EN.paragraphs[3]} It will go on so until Thursday.</p>", ["What comes next", f"{EN.paragraphs[3]} It will go on so until Thursday."]),
    "lines with breaks": ("<div>The first line of a statement that was read out on the steps.<br><br>The second line of it, which was shorter than the first.</div>", ["The first line of a statement that was read out on the steps.", "The second line of it, which was shorter than the first."]),
    "links inside a sentence": ('<p>The plan is <a href="/plan">set out here</a> and was agreed by <b>both</b> valleys on <i>Sunday</i> night.</p>', ["The plan is set out here and was agreed by both valleys on Sunday night."]),
    "invisible characters": ("<p>The wa\u00adter au\u200btho\u00adri\u00adty has\u00a0asked\n for   help from three neighbouring provinces.</p>", ["The water authority has asked for help from three neighbouring provinces."]),
    "a repeated paragraph": (in_paragraphs("Nobody was hurt in the valley, the mayor said again.") * 2, ["Nobody was hurt in the valley, the mayor said again."] * 2),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "expected"), SHAPES.values(), ids=SHAPES)
def test_shape_of_text_is_kept(markup: str, expected: list[str]) -> None:
    version = read(
        lay_out(
            BODY
            + markup
            + in_paragraphs("The next report is due at six in the evening, the authority said on Tuesday.")
        )
    )

    start = len(EN.paragraphs)
    assert list(version.paragraphs[start : start + len(expected)]) == expected


def test_caption_is_read_apart_from_the_text() -> None:
    figure = (
        '<figure><img src="dam.jpg" alt=""><figcaption>Water runs over the spillway at Tolmin</figcaption></figure>'
    )

    version = read(lay_out(in_paragraphs(*EN.paragraphs[:2]) + figure + in_paragraphs(*EN.paragraphs[2:])))

    assert version.captions == ("Water runs over the spillway at Tolmin",)
    assert version.paragraphs == tuple(EN.paragraphs)


def test_text_in_metadata_alone_is_read() -> None:
    page = lay_out("", head=ld(headline=EN.headline, articleBody="\n".join((*EN.paragraphs, EN.notice))))

    version = read(page)

    assert version.paragraphs == (*EN.paragraphs, EN.notice)
    assert version.notices == (EN.notice,)


# --- furniture ------------------------------------------------------------------------------------

FURNITURE = {
    "nothing": "",
    "a promotion": '<aside class="promo"><p>Read also: Council weighs a new tram line</p><p>Shared 4,211 times</p></aside>',
    "a share bar": '<div class="share-bar"><span>Share</span> <a href="#">Facebook</a> <a href="#">Mail</a> <span>312 shares</span></div>',
    "an advertisement": '<div class="ad" data-slot="7731">Advertisement: Kettle &amp; Co - save 20% today</div>',
    "a newsletter box": '<div class="newsletter-signup"><h3>Morning briefing</h3><p>Sign up for our morning newsletter and never miss a story again.</p></div>',
    "a newsletter line": "<p>Sign up for our morning newsletter, delivered at six.</p>",
    "a read more line": '<p>Read more: <a href="/tram">Council weighs a new tram line</a></p>',
    "related stories": '<section class="related"><h3>Related stories</h3><ul><li><a href="/a">Why bread is getting dearer</a></li><li><a href="/b">The town that banned cars</a></li></ul></section>',
    "a related list without a class": '<div><h3>Related articles</h3><ul><li><a href="/a">Why bread is getting dearer</a></li><li><a href="/b">The town that banned cars</a></li></ul></div>',
    "comments": '<section class="comments"><h3>14 comments</h3><p>I lived below that dam for thirty years and never slept well when it rained.</p></section>',
    "a counter": '<div class="counter">Updated <span>7</span> minutes ago</div>',
    "a script and a style": "<script>window.__rid='8f31';</script><style>.a{color:red}</style>",
    "a hidden element": '<p style="display:none">This text is for machines only and nobody ever sees it.</p>',
    "a cookie banner": '<div class="cookie-banner"><p>We use cookies to improve your experience.</p><button>Accept</button></div>',
    "an author's life": '<div class="author-bio"><p>Mara Lindholm has written about water and weather for the Chronicle since 2009.</p></div>',
    "a link behind a label": '<p>MIRA: <a href="/other">Otra presa cede en el norte y deja dos pueblos sin luz</a></p>',
    "a section that it is filed in": '<p>Kategorien: <a href="/n">Nachrichten</a>, <a href="/w">Wetter</a></p>',
    "an affiliate notice": "<p>Bei den Verlinkungen handelt es sich um Affiliate-Links.</p>",
    "when it was last changed": "<p>Letzte Änderung: 02.03.2026, 18.10 Uhr</p>",
}  # fmt: skip


@pytest.mark.parametrize("furniture", FURNITURE.values(), ids=FURNITURE)
@pytest.mark.parametrize("place", ["in the text", "below the text", "below the article", "above the article"])
def test_furniture_is_not_read(furniture: str, place: str) -> None:
    main, parts = BODY, {}
    if place == "in the text":
        main = in_paragraphs(*EN.paragraphs[:2]) + furniture + in_paragraphs(*EN.paragraphs[2:])
    elif place == "below the text":
        main = BODY + furniture
    else:
        parts = {"after" if place == "below the article" else "before": furniture}

    assert read(lay_out(main, **parts)).paragraphs == tuple(EN.paragraphs)


@given(
    st.lists(st.sampled_from(list(FURNITURE.values())), min_size=5, max_size=5), st.sampled_from(list(STORIES.values()))
)
def test_furniture_of_any_kind_changes_nothing(furniture: list[str], story: Story) -> None:
    one, two, three, before, after = furniture
    main = (
        in_paragraphs(story.paragraphs[0])
        + one
        + in_paragraphs(*story.paragraphs[1:3])
        + two
        + in_paragraphs(story.paragraphs[3], story.notice)
        + three
    )
    furnished = lay_out(main, headline=story.headline, language=story.language, before=before, after=after)

    assert read(furnished) == read(story_page(story))


@given(st.sampled_from(list(STORIES.values())), st.integers(0, 3), st.integers(0, 10**6))
def test_changed_figure_is_always_seen(story: Story, position: int, number: int) -> None:
    """Nothing that is left out may hide an edit."""
    edited = [*story.paragraphs]
    edited[position] += f" {number}."
    page = lay_out(in_paragraphs(*edited, story.notice), headline=story.headline, language=story.language)

    assert read(page).paragraphs[position] == edited[position]


def test_reading_twice_gives_the_same_version() -> None:
    page = snapshot(story_page(EN, before=FURNITURE["comments"], after=FURNITURE["related stories"]))

    assert extract_version(page) == extract_version(page)


# --- notices --------------------------------------------------------------------------------------

NOTICES = {
    "a correction": "Correction: An earlier version of this article misstated the mayor's name.",
    "an update with a date": "Update, April 9, 2018: The ministry has since confirmed the figures.",
    "an update with a time": "UPDATE (10:40 am ET) — The company has responded to a request for comment.",
    "an editor's note": "Editor’s note: This article was published before the verdict.",
    "a clarification": "Clarification: The vote took place in the lower house.",
    "a statement without a label": "This story was updated to add a comment from the ministry.",
    "a headline that was changed": "The headline of this article has been corrected.",
    "an agency's": "This version corrects the spelling of the river in paragraph 3.",
    "a retraction": "Retraction: The Chronicle withdraws this article.",
    "German": "Anmerkung der Redaktion: Dieser Text wurde nachträglich ergänzt.",
    "German, in a sentence": "In einer früheren Version dieses Artikels stand, der Damm sei gebrochen.",
    "French": "Mise à jour : la préfecture a confirmé le bilan.",
    "French, in a sentence": "Cet article a été modifié après publication.",
    "Spanish": "Fe de errores: la presa se construyó en 1952.",
    "Spanish, in a sentence": "Esta noticia ha sido actualizada con la respuesta del ministerio.",
    "Dutch": "Rectificatie: de dam is in 1952 gebouwd.",
    "Dutch, in a sentence": "Dit artikel is bijgewerkt met een reactie van het ministerie.",
}
NO_NOTICES = {
    "an update to a law": "The update to the law was passed on Tuesday.",
    "a market correction": "A correction in the markets wiped out the gains of the spring.",
    "an earlier version of a bill": "An earlier version of the bill would have banned the boats.",
    "only a time": "Updated: 9 April 2018, 10:40 GMT",
    "a relative time": "Updated: 3 hours ago",
    "an editor who notes": "The editor noted that the article had been read a million times.",
    "a software update": "Apple said the update was available to all users on Monday.",
    "nothing": "",
    "a whole article": "Correction: " + "word " * 400,
}


@pytest.mark.parametrize("text", NOTICES.values(), ids=NOTICES)
def test_publisher_speaking_about_the_article_is_a_notice(text: str) -> None:
    assert is_notice(text)


@pytest.mark.parametrize("text", NO_NOTICES.values(), ids=NO_NOTICES)
def test_anything_else_is_no_notice(text: str) -> None:
    assert not is_notice(text)


@pytest.mark.parametrize(
    "text",
    ["Update: " + "jan. " * 200 + "x", "Update: " + "a.m. " * 200 + "x", "Update " + "(a " * 400, "this a. b. " * 100],
)
def test_text_that_is_almost_a_notice_is_judged_at_once(text: str) -> None:
    start = time.process_time()
    is_notice(text)

    assert time.process_time() - start < 0.5


NOTICE = NOTICES["a correction"]
PLACES = {
    "a paragraph at the foot": lay_out(BODY + f"<p><em>{NOTICE}</em></p>"),
    "a bare div at the foot": lay_out(BODY + f"<div>{NOTICE}</div>"),
    "an aside in the text": lay_out(in_paragraphs(*EN.paragraphs[:2]) + f"<aside>{NOTICE}</aside>" + in_paragraphs(*EN.paragraphs[2:])),
    "a footer of the article": lay_out(BODY + f"<footer><p>{NOTICE}</p></footer>"),
    "the top of the text": lay_out(f'<div class="editors-note">{NOTICE}</div>' + BODY),
    "a heading and its paragraph": lay_out(BODY + "<h4>Correction</h4><p>The mayor's name is Henrik Petrov, and not Petrow.</p>"),
}  # fmt: skip


@pytest.mark.parametrize("page", PLACES.values(), ids=PLACES)
def test_notice_is_found_wherever_it_stands_and_is_part_of_the_text(page: str) -> None:
    version = read(page)

    assert version.notices
    assert set(version.notices) <= set(version.paragraphs)
    assert set(EN.paragraphs) <= set(version.paragraphs)


# --- headline -------------------------------------------------------------------------------------

HEADLINES = {
    "the site's name in the title": lay_out(BODY, title=f"{EN.headline} - The Chronicle", head='<meta property="og:site_name" content="The Chronicle">'),
    "a kicker inside the heading": lay_out(BODY, head=ld(headline=EN.headline)).replace("<h1>", "<h1><span>Floods</span> "),
    "a variant for search engines": lay_out(BODY, head='<meta property="og:title" content="Dam above Tolmin holds as rain goes on: live">'),
    "the headline in a second heading": lay_out(BODY, headline="The Chronicle", head=ld(headline=EN.headline), title=EN.headline).replace('<div class="story-body">', f"<h2>{EN.headline}</h2><div>"),
    "no heading at all": f"<html><head><title>{EN.headline} | The Chronicle</title><meta property='og:site_name' content='The Chronicle'></head><body>{BODY}</body></html>",
}  # fmt: skip


@pytest.mark.parametrize("page", HEADLINES.values(), ids=HEADLINES)
def test_headline_is_the_one_above_the_text(page: str) -> None:
    version = read(page)

    assert version.headline == EN.headline
    assert version.headline not in version.paragraphs


def test_title_keeps_a_dash_of_its_own() -> None:
    assert strip_site("Rain - and no end in sight - The Chronicle", "The Chronicle", []) == "Rain - and no end in sight"
    assert strip_site("Rain - and no end in sight", "The Chronicle", []) == "Rain - and no end in sight"


ABOVE = "<p>Two villages were emptied in the night, and the schools of the valley stay shut until Thursday.</p>"
STANDFIRSTS = {
    "a paragraph above the text's own element": f'<div class="intro">{ABOVE}</div><div class="text">{BODY}</div>',
    "one that is called a teaser": f'<div class="teaser">{ABOVE}</div><div class="text">{BODY}</div>',
}


@pytest.mark.parametrize("main", STANDFIRSTS.values(), ids=STANDFIRSTS)
def test_standfirst_is_of_the_text_though_no_description_repeats_it(main: str) -> None:
    assert read(lay_out(main)).paragraphs == (ABOVE[3:-4], *EN.paragraphs)


def test_form_between_headline_and_text_is_left_out() -> None:
    form = f'<form><div class="note">{ABOVE}</div></form>'

    assert read(lay_out(f'{form}<div class="text">{BODY}</div>')).paragraphs == tuple(EN.paragraphs)


def test_text_that_is_called_a_teaser_is_read() -> None:
    menu = "".join(
        f"<li>Some words of menu entry number {n} of this very long list of everything</li>" for n in range(80)
    )

    assert read(lay_out(f'<div class="article__teaser">{BODY}</div>', after=f"<ul>{menu}</ul>")).paragraphs == tuple(
        EN.paragraphs
    )


def test_text_that_a_script_would_show_is_read_and_seen_by_the_quick_look() -> None:
    post = f"<div class='post-body'>{BODY}</div>" + " " * 500
    page = lay_out(f"<div><script type='text/template'>{post}</script></div>")
    edited = page.replace("2,400", "2,700")

    version = read(page)

    assert version.paragraphs == tuple(EN.paragraphs)
    assert fingerprint(snapshot(page), version) != fingerprint(snapshot(edited), version)


def test_template_that_waits_for_data_is_no_text() -> None:
    template = (
        "<script type='text/template'><p>{{ title }} "
        + "is what they wrote about the dam in other years. " * 20
        + "</p></script>"
    )

    assert read(lay_out(BODY + template)).paragraphs == tuple(EN.paragraphs)


@pytest.mark.slow
def test_page_of_more_elements_than_any_article_is_read_in_seconds() -> None:
    start = time.process_time()

    version = read(lay_out(BODY + "<h1>Another headline</h1>" * 60_000))

    assert set(EN.paragraphs) <= set(version.paragraphs)
    assert time.process_time() - start < 30  # 4 s; trafilatura alone takes ten minutes


# --- byline ---------------------------------------------------------------------------------------

BYLINES = {
    "By Mara Lindholm": ("Mara Lindholm",),
    "By Mara Lindholm and Jonas Mbeki": ("Mara Lindholm", "Jonas Mbeki"),
    "Mara Lindholm, Jonas Mbeki & Yuki Tanaka": ("Mara Lindholm", "Jonas Mbeki", "Yuki Tanaka"),
    "Von Mara Lindholm und Jonas Mbeki": ("Mara Lindholm", "Jonas Mbeki"),
    "Par Mara Lindholm et Jonas Mbeki": ("Mara Lindholm", "Jonas Mbeki"),
    "Por Mara Lindholm y Jonas Mbeki": ("Mara Lindholm", "Jonas Mbeki"),
    "Door Mara Lindholm en Jonas Mbeki": ("Mara Lindholm", "Jonas Mbeki"),
    "Mara Lindholm, political editor": ("Mara Lindholm",),
    "Mara Lindholm | Updated 3 March": ("Mara Lindholm",),
    "Interview: Mara Lindholm": ("Mara Lindholm",),
    "MARA LINDHOLM; Mara Lindholm": ("MARA LINDHOLM",),
    "Roving Reporter": ("Roving Reporter",),
    "https://facebook.example/mara": (),
    "": (),
}


@pytest.mark.parametrize(("text", "names"), BYLINES.items(), ids=BYLINES)
def test_byline_is_split_into_names(text: str, names: tuple[str, ...]) -> None:
    assert split_names([text]) == names


SIGNED = {
    "JSON-LD": lay_out(BODY, head=ld(author={"@type": "Person", "name": "Mara Lindholm"})),
    "JSON-LD, a list": lay_out(BODY, head=ld(author=[{"name": "Mara Lindholm"}])),
    "JSON-LD, a string": lay_out(BODY, head=ld(author="Mara Lindholm")),
    "a meta tag": lay_out(BODY, head='<meta name="author" content="Mara Lindholm">'),
    "an outlet in the metadata, the name on the page": lay_out('<p class="byline">By <a>Mara Lindholm</a></p>' + BODY, head=ld(author={"name": "The Chronicle"}, publisher={"name": "The Chronicle"})),
    "a link of the author": lay_out('<p><a rel="author" href="/m">Mara Lindholm</a></p>' + BODY),
    "a line below the headline": lay_out("<p>By Mara Lindholm</p>" + BODY),
    "a name beside a teaser's": lay_out('<span class="author">Mara Lindholm</span>' + BODY, after='<div class="teaser-list"><span class="author">Somebody Else</span></div>'),
    "JSON-LD, a reference": lay_out(BODY, head=ld(author={"@id": "#mara"}) + '<script type="application/ld+json">{"@type": "Person", "@id": "#mara", "name": "Mara Lindholm"}</script>'),
    "the card of a link": lay_out(BODY, head='<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Mara Lindholm"><meta name="twitter:label2" content="Reading time"><meta name="twitter:data2" content="3 minutes">'),
    "a line of another article, far down": lay_out("<p>By Mara Lindholm</p>" + BODY, after="<div><p>By Somebody Else</p></div>"),
    "the site's desk in the metadata": lay_out("<p>By Mara Lindholm</p>" + BODY, head=ld(author={"name": "Tag NEWS"}) + '<meta property="og:site_name" content="tag.de">'),
    "a commenter": lay_out('<span class="author">Mara Lindholm</span>' + BODY, after='<div class="comment"><cite class="author">Somebody Else</cite></div>'),
}  # fmt: skip


@pytest.mark.parametrize("page", SIGNED.values(), ids=SIGNED)
def test_author_is_found(page: str) -> None:
    assert read(page).byline == ("Mara Lindholm",)


OUTLETS = {
    "an address": (ld(author={"name": "tag.de"}), "tag.de"),
    "a desk with a number in its name": (ld(author={"name": "TV24 Redaktion"}), "TV24 Redaktion"),
    "a desk, beside a meta tag with places": (ld(author={"name": "tag.de desk"}) + '<meta name="author" content="tag.de, Frankfurt, Germany">', "tag.de desk"),
}  # fmt: skip


@pytest.mark.parametrize(("head", "outlet"), OUTLETS.values(), ids=OUTLETS)
def test_outlet_is_named_where_nobody_is(head: str, outlet: str) -> None:
    long = "<p>" + " ".join(EN.paragraphs) + "</p>"
    other = '<div class="next"><p>By Somebody Else</p></div>'

    assert read(lay_out(long + BODY + long + other, head=head)).byline == (outlet,)


def test_byline_is_no_paragraph() -> None:
    assert read(SIGNED["a line below the headline"]).paragraphs == tuple(EN.paragraphs)


# --- dates ----------------------------------------------------------------------------------------

MOMENTS = {
    "2026-03-02T09:30:00Z": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "2026-03-02T09:30:00+02:00": datetime(2026, 3, 2, 7, 30, tzinfo=UTC),
    "2026-03-02T09:30:00.123456+0200": datetime(2026, 3, 2, 7, 30, tzinfo=UTC),
    "2026-03-02T09:30-05": datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
    "2026-03-02 09:30:00 UTC": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "2026-03-02": datetime(2026, 3, 2, tzinfo=UTC),
    "Mon, 02 Mar 2026 09:30:00 +0100": datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
    "Mon 02 Mar 2026 09:30:00 GMT": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "02.03.2026 09:30": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "02.03.2026": datetime(2026, 3, 2, tzinfo=UTC),
    "March 2, 2026": datetime(2026, 3, 2, tzinfo=UTC),
    "2 Mar 2026": datetime(2026, 3, 2, tzinfo=UTC),
    "20260302": datetime(2026, 3, 2, tzinfo=UTC),
    "1772443800": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "1772443800000": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "2026-13-40": None,
    "0001-01-01T00:00:00Z": None,
    "9999-12-31T23:59:59-23:00": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize(("text", "moment"), MOMENTS.items(), ids=MOMENTS)
def test_declared_date_is_read_as_utc(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@given(st.text(max_size=40))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    moment = parse_moment(text)

    assert moment is None or moment.tzinfo is UTC


PUBLISHED = {
    "JSON-LD": lay_out(BODY, head=ld(datePublished="2026-03-02T09:30:00Z", dateModified="2026-03-03T08:00:00Z")),
    "meta tags": lay_out(BODY, head='<meta property="article:published_time" content="2026-03-02T09:30:00Z"><meta property="article:modified_time" content="2026-03-03T08:00:00Z">'),
    "JSON-LD before meta tags": lay_out(BODY, head=ld(datePublished="2026-03-02T09:30:00Z", dateModified="2026-03-03T08:00:00Z") + '<meta name="date" content="2026-01-01"><meta name="last-modified" content="2026-01-01">'),
}  # fmt: skip


@pytest.mark.parametrize("page", PUBLISHED.values(), ids=PUBLISHED)
def test_published_and_updated_times_are_read(page: str) -> None:
    version = read(page)

    assert version.published_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert version.updated_at == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_date_shown_on_the_page_is_read_where_none_is_declared() -> None:
    page = lay_out('<time datetime="2026-03-02T09:30:00Z">Monday</time>' + BODY)

    assert read(page).published_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


# --- metadata -------------------------------------------------------------------------------------

NODES = {
    "a graph": '{"@graph":[{"@type":"WebSite","name":"The Chronicle"},{"@type":"NewsArticle","headline":"%s","articleSection":"World","datePublished":"2026-03-02"}]}',
    "a list": '[{"@type":"BreadcrumbList"},{"@type":["Article","NewsArticle"],"headline":"%s","articleSection":["World","Water"],"datePublished":"2026-03-02"}]',
    "a trailing comma": '{"@type":"NewsArticle","headline":"%s","articleSection":"World","datePublished":"2026-03-02",}',
    "a comment around it": '<!-- {"@type":"ReportageNewsArticle","headline":"%s","articleSection":"World","datePublished":"2026-03-02"} -->',
    "entities": '{"@type":"NewsArticle","headline":"%s","articleSection":"Wor&#108;d","datePublished":"2026-03-02"};',
    "a full type": '{"@type":"http://schema.org/NewsArticle","headline":"%s","articleSection":{"@value":"World"},"datePublished":"2026-03-02"}',
    "a line break in a string": '{"@type":"NewsArticle","headline":"%s","description":"a\nb","articleSection":"World","datePublished":"2026-03-02"}',
    "another article beside it": '[{"@type":"NewsArticle","headline":"Another","url":"https://chronicle.example/other","datePublished":"2020-01-01"},{"@type":"NewsArticle","headline":"%s","url":"https://chronicle.example/2026/03/dam/","articleSection":"World","datePublished":"2026-03-02"}]',
}  # fmt: skip


@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_json_ld_is_read_however_it_is_written(node: str) -> None:
    page = lay_out(BODY, head=f'<script type="application/ld+json">{node.replace("%s", EN.headline)}</script>')

    version = read(page)

    assert version.headline == EN.headline
    assert version.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert version.section in ("World", None if "@value" in node else "World")


@pytest.mark.parametrize(
    "script", ["{", "[" * 5000, "null", '"text"', '{"@type": 5}', '{"@type":"NewsArticle","author":{"name":7}}', ""]
)
def test_broken_json_ld_is_no_obstacle(script: str) -> None:
    page = lay_out(BODY, head=f'<script type="application/ld+json">{script}</script>')

    assert read(page).paragraphs == tuple(EN.paragraphs)


def test_canonical_address_is_made_absolute() -> None:
    assert (
        read(lay_out(BODY, head='<link rel="canonical" href="/dam">')).canonical_url == "https://chronicle.example/dam"
    )
    assert read(lay_out(BODY, head='<link rel="canonical" href="http://[">')).canonical_url is None


LANGUAGE_TAGS = {"en-GB": "en", "de_DE": "de", "FR": "fr", "english": None, "": None, None: None}


@pytest.mark.parametrize(("tag", "language"), LANGUAGE_TAGS.items())
def test_language_tag_is_reduced(tag: str | None, language: str | None) -> None:
    assert normalize_language(tag) == language


def test_language_that_is_not_known_is_none() -> None:
    assert guess_language("Zapora nad Tolminem wytrzymała przez całą noc, podały we wtorek władze.") is None
    assert guess_language("") is None


# --- encodings ------------------------------------------------------------------------------------

GERMAN = STORIES["de"]
CHARSETS = {
    "UTF-8, declared nowhere": ("utf-8", "text/html", ""),
    "UTF-8 with a byte order mark": ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
    "UTF-8, declared as Latin-1": ("utf-8", "text/html; charset=iso-8859-1", ""),
    "Windows-1252, in the header": ("cp1252", "text/html; charset=windows-1252", ""),
    "Windows-1252, declared as Latin-1": ("cp1252", "text/html; charset=iso-8859-1", ""),
    "Windows-1252, in a meta tag": ("cp1252", "text/html", '<meta charset="windows-1252">'),
    "Windows-1252, declared nowhere": ("cp1252", "text/html", ""),
    "Windows-1252, declared as UTF-8": ("cp1252", "text/html; charset=utf-8", ""),
    "UTF-16": ("utf-16", "text/html", ""),
}


@pytest.mark.parametrize(("charset", "content_type", "head"), CHARSETS.values(), ids=CHARSETS)
def test_page_is_read_in_its_encoding(charset: str, content_type: str, head: str) -> None:
    page = story_page(GERMAN, head=head).replace('<meta charset="utf-8">', "")

    version = read(page.encode(charset), content_type=content_type)

    assert version.paragraphs == (*GERMAN.paragraphs, GERMAN.notice)


def test_cyrillic_page_is_read_in_its_encoding() -> None:
    text = "Плотина выше Толмина выстояла ночью, сообщило во вторник управление водного хозяйства, хотя озеро стояло у самого гребня."
    page = lay_out(in_paragraphs(text, text + " Ещё раз."), headline="Плотина выстояла", language="ru").replace(
        '<meta charset="utf-8">', ""
    )

    assert text in read(page.encode("cp1251"), content_type="text/html; charset=windows-1251").paragraphs
    assert text in read(page.encode("koi8-r"), content_type="text/html; charset=koi8-r").paragraphs


def test_one_broken_byte_spoils_nothing_else() -> None:
    page = story_page(GERMAN).encode().replace("Häuser".encode(), b"H\xe4user", 1)

    assert read(page).paragraphs[0] == GERMAN.paragraphs[0]


def test_mojibake_that_the_publisher_sent_is_undone() -> None:
    broken = GERMAN.paragraphs[2].encode().decode("cp1252", "replace")
    page = lay_out(
        in_paragraphs(
            *GERMAN.paragraphs[:2],
            "Die BehÃ¶rde lÃ¤sst weiter Wasser ab und prÃ¼ft den Damm jede Stunde.",
            GERMAN.paragraphs[3],
        ),
        language="de",
    )

    assert "\ufffd" in broken or broken != GERMAN.paragraphs[2]
    assert "Die Behörde lässt weiter Wasser ab und prüft den Damm jede Stunde." in read(page).paragraphs


def test_control_characters_are_dropped() -> None:
    page = lay_out(in_paragraphs(*EN.paragraphs)).replace("held through", "held\x00\x0b through")

    assert read(page).paragraphs == tuple(EN.paragraphs)


# --- bad pages ------------------------------------------------------------------------------------

EMPTY = {
    "no bytes": b"",
    "white space": b" \n\t ",
    "only a comment": b"<!-- nothing -->",
    "only scripts": b"<html><head><script>var a = 1;</script></head><body><script>draw()</script><style>p{}</style></body></html>",
    "only a frame": b"<html><frameset><frame src=a.html></frameset></html>",
    "only markup": b"<html><body><div><p></p><br></div></body></html>",
}


@pytest.mark.parametrize("body", EMPTY.values(), ids=EMPTY)
def test_page_without_a_text_is_an_error_that_names_it(body: bytes) -> None:
    with pytest.raises(ExtractError, match=ADDRESS):
        read(body)


HOSTILE = {
    "nested divs": b"<html><body>" + b"<div>" * 20_000 + b"<p>Text at the bottom of it.</p>",
    "nested inline elements": b"<p>" + b"<b>" * 20_000 + b"Text at the bottom of it.",
    "nested tables": b"<table><tr><td>" * 3_000 + b"Text at the bottom of it.",
    "one line of a megabyte": b"<p>" + b"word " * 200_000 + b"</p>",
    "undecodable bytes": bytes(range(256)) * 40,
    "a thousand related lists": b"<section><h2>Related articles</h2><p>Something else</p></section>" * 1_000,
    "ten thousand attributes": b"<p " + b"a=b " * 10_000 + b">A paragraph with too many attributes, and a text.</p>",
    "a title of a megabyte": b"<title>"
    + b"x - " * 250_000
    + b"</title><p>A paragraph below a title that never ends.</p>",
    "no html element": b"A text that stands in no element at all, and is an article all the same.",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_page_is_read_or_refused(body: bytes) -> None:
    try:
        version = read(body)
    except ExtractError:
        return

    assert version.paragraphs


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        version = read(b"<html><body><p>" + body)
    except ExtractError:
        return

    assert version.headline or version.paragraphs


def test_deep_page_keeps_what_stands_above_the_depths() -> None:
    page = lay_out(BODY + "<div>" * 3000 + "deep")

    assert read(page).paragraphs[: len(EN.paragraphs)] == tuple(EN.paragraphs)


# --- texts that are no pages ----------------------------------------------------------------------


def test_plain_text_has_its_first_line_as_headline() -> None:
    version = version_from_text("\ufeff" + EN.headline + "\r\n\r\n" + "\r\n".join((*EN.paragraphs, EN.notice)))

    assert version.plain_text
    assert version.headline == EN.headline
    assert version.paragraphs == (*EN.paragraphs, EN.notice)
    assert version.notices == (EN.notice,)


def test_first_line_that_is_a_sentence_is_no_headline() -> None:
    assert version_from_text("The dam held.\nThe rain went on.").headline is None
    assert version_from_text("One line alone").headline is None


def test_lines_wrapped_by_hand_are_joined() -> None:
    text = "The dam above the town of Tolmin held\nthrough the night, although the lake stood\nhigh.\n\nRain went on falling over the three valleys\nand was forecast for the rest of the week."

    assert version_from_text(text).paragraphs == (
        "The dam above the town of Tolmin held through the night, although the lake stood high.",
        "Rain went on falling over the three valleys and was forecast for the rest of the week.",
    )


def test_empty_text_is_an_error() -> None:
    with pytest.raises(ExtractError, match="empty"):
        version_from_text(" \n ")


def test_response_of_plain_text_is_read_as_one() -> None:
    version = read("\n".join((EN.headline, *EN.paragraphs)), content_type="text/plain; charset=utf-8")

    assert version.plain_text
    assert version.headline == EN.headline


@given(st.lists(st.text(min_size=1, max_size=30), max_size=6))
def test_list_of_sentences_is_taken_as_it_is(sentences: list[str]) -> None:
    version = version_from_sentences(sentences)

    assert version.sentences == tuple(sentences) == version.paragraphs


# --- blocks ---------------------------------------------------------------------------------------


def test_blocks_are_what_a_reader_sees_as_one() -> None:
    tree = parse_page(
        snapshot(
            "<body><h2>Prices</h2><p>One <a href=x>linked</a> line.<br>and more</p><table><tr><td>Bread</td><td>2.10</td></tr></table>"
            "<ul><li>first</li></ul><div>a<br>b</div><p hidden>no</p><button>no</button></body>"
        )
    ).tree

    blocks = [(block.kind, block.text, block.link_length) for block in cut_blocks(tree.find("body"))]

    assert blocks == [
        ("heading", "Prices", 0),
        ("paragraph", "One linked line. and more", 6),
        ("row", "Bread | 2.10", 0),
        ("item", "first", 0),
        ("paragraph", "a", 0),
        ("paragraph", "b", 0),
    ]


def test_hints_are_optional() -> None:
    assert Hints() == Hints("", (), (), "", None)
