"""Markdown, CSV, Atom and JSON: read back by real readers, nothing of a publisher's text is taken for markup or a formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import feedparser
import pytest
from hypothesis import given
from lxml import etree, html
from markdown_it import MarkdownIt
from report_samples import ATTACKS, EVENTS, EVERY, NOW, STRIKE_URL, STRINGS, april_9, cosmetic, flood, hostile, suspect

from tracker import report
from tracker.models import Event, Fact
from tracker.report import atom, words

# --- Markdown -------------------------------------------------------------------------------------

SHOWN = {
    "div",
    "h2",
    "h3",
    "p",
    "a",
    "strong",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "blockquote",
    "ins",
    "del",
    "hr",
}


def markdown(*changes):
    rendered = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(report.render(changes, "markdown", now=NOW))
    )
    return html.fragment_fromstring(rendered, create_parent="div")


def text(element) -> str:
    return " ".join(element.text_content().split())


def test_markdown_says_things_in_the_agreed_order():
    whole = text(markdown(april_9()))

    order = [
        "Attribution: Afghan aircraft",
        "Verdict:",
        "Why:",
        "When:",
        "Disclosure:",
        "The words that changed",
        "Evidence",
    ]
    assert sorted(order, key=whole.index) == order


def test_markdown_lists_the_facts_in_a_table():
    rows = [[text(cell) for cell in row] for row in markdown(april_9()).iter("tr")]

    assert rows[0] == ["kind", "old → new", "status", "importance", "source"]
    assert rows[2][:3] == ["Location", "Darzab district → Bal Chiragh district, Faryab province", "conflicts"]
    assert len(rows) == 1 + len(april_9().comparison.facts)


def test_markdown_strikes_and_adds_words():
    root = markdown(flood())

    assert "may" in [element.text for element in root.iter("del")]
    assert "will" in [element.text for element in root.iter("ins")]


def test_markdown_shows_what_still_stands():
    assert "Paragraph 2, still standing: “Afghan aircraft”, against “a U.S. airstrike”" in text(markdown(april_9()))


def test_markdown_of_a_suspect_capture_and_of_nothing():
    assert "Verdict: not compared" in text(markdown(suspect()))
    assert "No changes to report." in text(markdown())


@given(STRINGS)
def test_markdown_shows_a_publishers_text_as_it_is(string):
    root = markdown(hostile(string))

    assert {element.tag for element in root.iter()} <= SHOWN
    assert all(href.startswith(("http://", "https://")) for href in root.xpath("//a/@href"))
    assert not root.xpath("//*[@onclick or @onerror or @onload or @style]")
    assert " ".join(words.printable(string).split()) in text(root)


@pytest.mark.parametrize("start", ["- ", "+ ", "1. ", "12) ", "2018. ", "# ", "> ", "    ", "=== ", "~~~", "***"])
def test_markdown_sentence_does_not_begin_a_block(start):
    root = markdown(hostile(f"{start}word"))

    assert {element.tag for element in root.iter()} <= SHOWN
    assert not root.xpath("//blockquote//ul | //blockquote//blockquote | //li//ul | //h2/*")


def test_markdown_mentions_nobody_and_links_no_bare_address():
    made = report.render([hostile("@someone www.evil.example https://evil.example")], "markdown", now=NOW)

    assert "@someone" not in made
    assert "www." not in made
    assert "https://evil" not in made


# --- CSV ------------------------------------------------------------------------------------------


def table(*changes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.render(changes, "csv", now=NOW), newline="")))


def test_csv_has_a_line_a_fact_with_its_change():
    rows = table(april_9())

    assert [row["kind"] for row in rows] == [fact.kind for fact in april_9().comparison.facts]
    assert rows[1]["article"] == STRIKE_URL
    assert (rows[1]["old"], rows[1]["new"]) == ("Darzab district", "Bal Chiragh district, Faryab province")
    assert (rows[1]["verdict"], rows[1]["disclosure"], rows[1]["status"]) == ("substantive", "disclosed", "conflicts")
    assert (rows[1]["not_before"], rows[1]["not_after"]) == ("2018-04-09T10:41:00+00:00", "2018-04-09T10:56:00+00:00")


def test_csv_keeps_a_line_for_a_change_without_facts():
    (row,) = table(cosmetic())

    assert (row["verdict"], row["kind"]) == ("cosmetic", "")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", '=HYPERLINK("http://evil.example")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_cell_is_never_a_formula(formula):
    fact = Fact("quote", "replaced", formula, formula, 0, 0, 2, about=formula, source=formula, reason=formula)
    change = cosmetic()
    comparison = replace(change.comparison, facts=(fact,), new=replace(change.comparison.new, headline=formula))

    (row,) = table(replace(change, comparison=comparison, tags=(formula,), article_url=formula))

    assert all(not cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for cell in row.values())
    assert row["old"] == f"'{words.printable(formula)}"


@given(STRINGS)
def test_csv_is_one_line_a_fact_whatever_the_text(string):
    rows = table(hostile(string))

    assert len(rows) == len(hostile(string).comparison.facts)
    assert {row["kind"] for row in rows} <= set(words.KIND_NAMES)


# --- Atom -----------------------------------------------------------------------------------------


def feed(*changes):
    return feedparser.parse(report.render(changes, "atom", now=NOW))


def test_atom_opens_in_a_feed_reader():
    found = feed(*(sample() for sample in EVERY))

    assert not found.bozo
    assert found.version == "atom10"
    assert [entry.link for entry in found.entries] == [sample().article_url for sample in EVERY]
    assert "Attribution: Afghan aircraft → a U.S. airstrike" in found.entries[0].title
    assert found.entries[0].updated == "2018-04-09T10:56:04Z"
    assert "disclosed by a note" in found.entries[0].content[0].value


def test_atom_has_what_the_standard_asks_for():
    """RFC 4287, sections 4.1.1 and 4.1.2: id, title, updated, author; ids are absolute and distinct."""
    root = etree.fromstring(report.render([april_9(), flood()], "atom", now=NOW).encode())
    space = {"a": "http://www.w3.org/2005/Atom"}

    for element in [root, *root.findall("a:entry", space)]:
        assert [len(element.findall(f"a:{name}", space)) for name in ("id", "title", "updated")] == [1, 1, 1]
    assert root.findtext("a:author/a:name", namespaces=space)
    ids = [element.text for element in root.iter("{http://www.w3.org/2005/Atom}id")]
    assert len(set(ids)) == 3
    assert all(name.startswith("urn:sha256:") for name in ids)


def test_atom_id_survives_a_rebuilt_catalog_and_a_better_extractor():
    change = april_9()
    again = replace(change, id=99, detected_at=NOW, new=replace(change.new, id=7, digest="sha256:other"))

    assert atom.entry_id(again) == atom.entry_id(change)


def test_atom_ids_differ_when_an_article_goes_back_and_forth():
    change = april_9()
    later = replace(change.new, digest=change.old.digest, snapshot=replace(change.new.snapshot, id="20180410000000"))

    assert atom.entry_id(replace(change, new=later)) != atom.entry_id(change)


def test_atom_of_nothing_is_dated_now():
    assert feed().feed.updated == "2018-04-09T11:30:00Z"


@given(STRINGS)
def test_atom_is_well_formed_whatever_the_text(string):
    root = etree.fromstring(report.render([hostile(string)], "atom", now=NOW).encode())

    content = root.find(".//{*}entry/{*}content").text
    assert {element.tag for element in html.fragments_fromstring(content)} <= {"ul", "p"}
    assert all(href.lower().startswith(("http://", "https://")) for href in root.xpath("//@href"))


# --- JSON -----------------------------------------------------------------------------------------


def test_json_has_bounds_versions_and_the_comparison():
    pytest.importorskip("tracker.comparison_json")

    first, *rest = json.loads(report.render([sample() for sample in EVERY], "json", now=NOW))

    assert len(rest) == len(EVERY) - 1
    assert (first["article"], first["tags"]) == (STRIKE_URL, ["afghanistan"])
    assert (first["not_before"], first["not_after"]) == ("2018-04-09T10:41:00Z", "2018-04-09T10:56:00Z")
    assert first["versions"]["new"]["snapshot"]["id"] == "20180409105600"
    assert (first["comparison"]["schema"], first["comparison"]["verdict"]) == (1, "substantive")
    assert first["comparison"]["facts"][1]["new"] == "Bal Chiragh district, Faryab province"


def test_json_of_two_files_is_the_comparison_itself():
    pytest.importorskip("tracker.comparison_json")

    made = json.loads(report.render_comparison(flood().comparison, "json", old_name="a", new_name="b", now=NOW))

    assert (made["schema"], made["disclosure"]) == (1, "undisclosed")


@pytest.mark.parametrize("string", ATTACKS)
def test_json_gives_any_text_back(string):
    pytest.importorskip("tracker.comparison_json")

    made = report.render([hostile(string)], "json", now=NOW)

    made.encode("utf-8")
    assert json.loads(made)[0]["comparison"]["new"]["headline"] == string


# --- events ---------------------------------------------------------------------------------------


def with_events(form: str, *events: Event) -> str:
    return report.render([april_9()], form, events or EVENTS, now=NOW)


def test_json_has_events_after_the_changes():
    change, *events = json.loads(with_events("json"))

    assert all(set(event) == {"event"} for event in events)
    assert [(one["event"]["kind"], one["event"]["article"], one["event"]["tags"]) for one in events] == [
        ("removed", STRIKE_URL, ["asia"]),
        ("variants", "https://news.example.org/fire", []),
    ]
    assert events[0]["event"]["not_after"] == "2018-04-08T09:40:00Z"
    assert change["comparison"]["schema"] == 1


def test_csv_has_a_line_an_event():
    lines = list(csv.DictReader(io.StringIO(with_events("csv"), newline="")))

    removed, variants = lines[-2:]
    assert (removed["event"], removed["article"], removed["kind"], removed["tags"]) == (
        "removed",
        STRIKE_URL,
        "",
        "asia",
    )
    assert variants["detail"].startswith("headline variants: “Fire in the port” 60")
    assert {line["event"] for line in lines[:-2]} == {""}


def test_atom_has_an_entry_an_event_with_an_id_for_good():
    made = feedparser.parse(with_events("atom"))

    assert not made.bozo
    assert (
        made.entries[-2].title
        == "Commander killed: Removed: the server answers with status 404, in 3 checks over 26 hours"
    )
    assert made.entries[-2].tags[0].term == "removed"
    again = feedparser.parse(with_events("atom", *(replace(event, id=77, detected_at=NOW) for event in EVENTS)))
    assert [entry.id for entry in again.entries] == [entry.id for entry in made.entries]


def test_markdown_and_text_say_what_became_of_articles():
    for form in ("markdown", "text"):
        whole = " ".join(with_events(form).split())
        assert whole.upper().index("WHAT BECAME OF ARTICLES") > whole.upper().index("EVIDENCE")
        assert (
            "Removed: the server answers with status 404, in 3 checks over 26 hours (between 08:15 and 09:40" in whole
        )


@pytest.mark.parametrize("string", ATTACKS)
@pytest.mark.parametrize("form", report.FORMATS)
def test_a_hostile_event_stays_an_event(form, string):
    event = replace(EVENTS[0], headline=string, detail=string, tags=(string,))
    evil = replace(event, kind="moved", article_url=f"javascript:{string}")

    made = with_events(form, event, evil)

    made.encode("utf-8")
    if form == "html":
        root = html.document_fromstring(made)
        assert not root.xpath("//script|//img|//svg|//iframe|//@onerror|//@onload|//@style")
        assert all(href.startswith(("#", "http")) for href in root.xpath("//@href"))
    elif form == "atom":
        assert not feedparser.parse(made).bozo
    elif form == "csv":
        (row,) = [row for row in csv.DictReader(io.StringIO(made, newline="")) if row["event"] == "removed"]
        assert not row["headline"].lstrip().startswith(("=", "+", "-", "@"))
    elif form == "markdown":
        rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(made)
        assert {element.tag for element in html.fragment_fromstring(rendered, create_parent="div").iter()} <= SHOWN
