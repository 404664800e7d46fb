"""The page is one safe file: nothing runs, nothing is loaded, nothing breaks out, every link leads somewhere, and it can be read."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from report_samples import (
    ATTACKS,
    EVERY,
    NOW,
    STRINGS,
    april_9,
    cosmetic,
    flood,
    hostile,
    long_words,
    right_to_left,
    suspect,
)

from tracker import report
from tracker.models import Fact
from tracker.report import html as page
from tracker.report.words import printable

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "article", "details", "summary",
    "h1", "h2", "h3", "p", "a", "b", "ol", "ul", "li", "dl", "dt", "dd", "div", "span", "bdi", "ins", "del", "mark", "sup",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "rel", "dir", "title",
    "aria-label", "aria-labelledby",
}  # fmt: skip


def written(*changes) -> str:
    return report.render(changes, "html", now=NOW)


def tree(*changes):
    return html.document_fromstring(written(*changes))


def text(element) -> str:
    return " ".join(element.text_content().split())


# --- what it says ---------------------------------------------------------------------------------


def test_page_says_things_in_the_agreed_order():
    whole = text(tree(april_9()).body)

    order = ["Attribution", "Verdict", "Why", "When", "Disclosure", "Both texts, side by side", "Evidence"]
    assert sorted(order, key=whole.index) == order
    assert "between 10:41 and 10:56 UTC on April 9, 2018" in whole


def test_conflict_links_to_the_standing_paragraph_and_to_the_inserted_one():
    root = tree(april_9())

    card = root.get_element_by_id("c1-f2")
    standing, inserted = (root.get_element_by_id(a.get("href")[1:]) for a in card.iter("a"))

    assert "Darzab district" in text(standing)
    assert "stands" in standing.xpath("ancestor::div[contains(@class, 'pair')]/@class")[0].split()
    assert "Bal Chiragh district, Faryab province" in text(inserted)
    assert "added" in inserted.xpath("ancestor::div[contains(@class, 'pair')]/@class")[0].split()


def test_standing_paragraph_names_the_facts_that_contradict_it():
    label = tree(april_9()).xpath("//span[contains(@class, 'conflict')]")[0]

    assert text(label) == "Left standing, contradicted by facts 1, 2, 4"
    assert [a.get("href") for a in label.iter("a")] == ["#c1-f1", "#c1-f2", "#c1-f4"]


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.__name__)
def test_every_inner_link_has_its_target_and_every_id_is_there_once(sample):
    root = tree(sample(), april_9())
    ids = root.xpath("//@id")

    assert len(ids) == len(set(ids))
    assert {href[1:] for href in root.xpath("//a/@href") if href.startswith("#")} <= set(ids)


def test_linked_sentences_are_never_folded_away():
    """A card may be: browsers open what is folded when a link leads into it."""
    root = tree(april_9(), flood())

    for href in root.xpath("//a[starts-with(@href, '#') and @class='place']/@href"):
        assert not root.xpath(f"//*[@id='{href[1:]}']/ancestor::details")


def test_lesser_facts_stand_below_the_others():
    change = april_9()
    facts = [*change.comparison.facts]
    unsure = [replace(facts[0], confidence=0.4), *facts[1:]]

    root = tree(replace(change, comparison=replace(change.comparison, facts=tuple(unsure))))

    folded = root.xpath("//details[@class='lesser']//li/@id")
    expected = [n for n, fact in enumerate(unsure, 1) if fact.importance < 2 or fact.confidence < 0.5]
    assert folded == [f"c1-f{n}" for n in expected]
    assert f"{len(expected)} more facts, marginal or less than half sure" in text(root.body)


def test_superseded_value_is_not_called_gone_while_its_sentence_stands():
    card = tree(april_9()).get_element_by_id("c1-f3")

    assert "Said before could not confirm paragraph 7" in text(card)
    assert not card.xpath(".//del")


def test_long_unchanged_runs_are_folded_and_counted():
    root = tree(april_9())

    summaries = [text(summary) for summary in root.xpath("//div[@class='texts']//summary")]

    assert summaries == ["2 unchanged paragraphs", "3 unchanged paragraphs"]
    assert len(root.xpath("//details//div[contains(@class, 'pair')]")) == 5


def test_both_texts_are_whole():
    comparison = flood().comparison
    root = tree(flood())

    for name, shown in (("o", comparison.old), ("n", comparison.new)):
        for n, sentence in enumerate(shown.sentences):
            element = root.get_element_by_id(f"c1-{name}{n}")
            for sup in element.xpath(".//sup"):
                sup.drop_tree()
            assert element.text_content() == sentence


def test_words_are_struck_and_underlined_not_only_colored():
    new = tree(flood()).xpath("//div[contains(@class, 'changed')]")

    assert any("may" in element.text_content() for element in new[3].iter("del"))
    assert any("will" in element.text_content() for element in new[3].iter("ins"))


def test_value_of_a_fact_is_boxed_whole_and_numbered():
    marks = [text(mark) for mark in tree(flood()).xpath("//div[contains(@class, 'texts')]//mark")]

    assert "Wednesday morning" in marks
    assert "New Arlen" in marks


def test_moved_paragraph_is_shown_as_moved_on_both_sides():
    whole = text(tree(flood()))

    assert "Paragraph 2 of the old version, moved to paragraph 7" in whole
    assert "Paragraph 7, moved from paragraph 2" in whole


def test_several_changes_have_an_index_on_top():
    root = tree(*(sample() for sample in EVERY))

    entries = root.xpath("//nav//a/@href")

    assert text(root.xpath("//h1")[0]) == "6 changes in 6 articles"
    assert entries == [f"#c{n}" for n in range(1, 7)]
    assert "Cosmetic change other words, the same meaning" in text(root.xpath("//nav//li")[2])


def test_single_change_has_no_index_and_its_headline_on_top():
    root = tree(april_9())

    assert not root.xpath("//nav")
    assert text(root.xpath("//h1")[0]) == april_9().comparison.new.headline


def test_suspect_capture_says_why_it_was_not_compared():
    whole = text(tree(suspect()))

    assert "The page asks the visitor to prove being human." in whole
    assert "The two texts were not set beside each other." in whole


def test_empty_report_says_so():
    assert "Nothing that was asked for has changed." in text(tree())


def test_page_reads_from_right_to_left_where_the_text_does():
    root = tree(right_to_left())

    columns = root.xpath("//div[@class='old' or @class='new']/p")

    assert columns
    assert {p.get("dir") for p in columns} == {"auto"}
    assert {p.get("lang") for p in columns} == {"ar"}


def test_files_are_named_above_their_columns():
    made = report.render_comparison(april_9().comparison, "html", old_name="<a>.html", new_name="b.html", now=NOW)

    assert "Old: <a>.html" in text(html.document_fromstring(made))


# --- that it is safe ------------------------------------------------------------------------------


def test_policy_permits_one_style_sheet_by_its_digest_and_nothing_else():
    root = tree(flood())
    css = root.xpath("//style/text()")[0]
    digest = b64encode(sha256(css.encode()).digest()).decode()

    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]

    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_style_sheet_loads_nothing():
    assert not re.search(r"url\(|@import|</", page._style())


@given(STRINGS)
def test_no_string_of_a_publisher_becomes_markup(string):
    made = written(hostile(string), april_9())
    made.encode("utf-8")
    root = html.document_fromstring(made)

    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    assert {element.tag for element in elements} <= ELEMENTS
    assert len(elements) == len(list(root.iter()))  # no comment, no processing instruction
    assert {name for element in elements for name in element.attrib} <= ATTRIBUTES
    assert all(re.match(r"#c\d+(-[fno]?[a-z]*\d*)?$|https?://", href) for href in root.xpath("//a/@href"))
    assert len(root.xpath("//style")) == 1


@pytest.mark.parametrize("string", ATTACKS)
def test_attack_is_shown_as_the_text_that_it_is(string):
    shown = html.document_fromstring(written(hostile(string))).xpath("//li[@id='c1-f1']//bdi")[0].text_content()

    assert shown == printable(string)


def test_unsafe_address_is_shown_but_not_linked():
    root = tree(replace(cosmetic(), article_url="javascript:alert(1)"))

    assert "javascript:alert(1)" in text(root)
    assert not root.xpath("//a[contains(@href, 'javascript')]")


def test_long_words_may_break_anywhere():
    assert "overflow-wrap: anywhere" in page._style()
    assert long_words().comparison.new.headline in text(tree(long_words()))


# --- that it can be read --------------------------------------------------------------------------


def luminance(color: str) -> float:
    digits = color if len(color) == 7 else "#" + "".join(c * 2 for c in color[1:])
    channels = [int(digits[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PALETTES = dict(
    zip(("light", "dark"), (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", page._style(), re.DOTALL)[:2]), strict=True)
)  # fmt: skip
ON = ["paper", "panel", "gone-wash", "new-wash", "conflict-wash", "moved-wash", "note-wash"]
TEXT = {"ink": ON, "quiet": ON, "link": ON, "gone": [*ON[:3], "note-wash"], "new": ["paper", "panel", "new-wash", "note-wash"],
        "conflict": ["paper", "panel", "conflict-wash"], "moved": ["paper", "moved-wash"], "note": ["paper", "note-wash"]}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_on_every_ground(scheme):
    """WCAG 2.2, criterion 1.4.3, level AA: 4.5 to 1."""
    palette = PALETTES[scheme]

    poor = {
        (ink, ground): round(contrast(palette[ink], palette[ground]), 2)
        for ink, grounds in TEXT.items()
        for ground in grounds
        if contrast(palette[ink], palette[ground]) < 4.5
    }
    assert poor == {}


# --- cutting sentences ----------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from(["equal", "insert"]), st.text("abc ", min_size=1, max_size=4)), min_size=1),
    st.lists(st.text("abc ", min_size=1, max_size=3), max_size=4),
)
def test_segments_are_the_sentence_and_the_marked_ones_hold_the_values(pieces, values):
    sentence = "".join(piece for _, piece in pieces)

    found = page.segments(tuple(pieces), list(enumerate(values)))

    assert "".join(piece for segment in found for _, piece in segment.pieces) == sentence
    assert {n for segment in found for n in segment.references} == {
        n for n, value in enumerate(values) if value in sentence
    }
    marked = sum(len(piece) for segment in found if segment.marked for _, piece in segment.pieces)
    parts = [value for value in values if value != sentence]  # a box around all of it would mark nothing
    covered = {n for value in parts if (at := sentence.find(value)) >= 0 for n in range(at, at + len(value))}
    assert marked == len(covered)


def test_value_without_a_sentence_is_shown_without_a_link():
    change = cosmetic()
    lost = Fact("number", "replaced", "9", "11", None, None, 2)

    card = tree(replace(change, comparison=replace(change.comparison, facts=(lost,)))).get_element_by_id("c1-f1")

    assert "Was 9 Now 11" in text(card)
    assert not list(card.iter("a"))
