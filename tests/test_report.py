"""The reports of the terminal: what is said, in which order, and that it fits and does no harm."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import (
    EVENTS,
    EVERY,
    NOW,
    STRIKE_NOTE,
    april_9,
    article,
    at,
    cosmetic,
    flood,
    right_to_left,
    suspect,
)
from rich.cells import cell_len

from tracker import report
from tracker.models import Capture, Comparison, Judgement
from tracker.report.lists import render_followed

ESCAPE = "\x1b"


def plain(written: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", written)


def one_line(written: str) -> str:
    return " ".join(plain(written).split())


def with_headline(change, headline: str):
    comparison = change.comparison
    return replace(change, comparison=replace(comparison, new=replace(comparison.new, headline=headline)))


# --- the report -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.__name__)
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])
def test_report_fits_the_terminal(sample, width, color):
    written = report.render([sample()], "text", now=NOW, width=width, color=color)

    assert max(cell_len(plain(line)) for line in written.splitlines()) <= width


def test_report_says_things_in_the_agreed_order():
    written = report.render([april_9()], "text", now=NOW)

    order = [
        "Attribution: Afghan aircraft → a U.S. airstrike",
        "SUBSTANTIVE",
        "Two facts now contradict",
        "between 10:41 and 10:56 UTC on April 9, 2018",
        "disclosed by a note",
        "Paragraph 8, added",
        "20180409105600",
    ]
    assert sorted(order, key=written.index) == order


def test_report_has_no_escape_codes_without_color():
    assert ESCAPE not in report.render([sample() for sample in EVERY], "text", now=NOW)


def test_words_struck_and_added_are_told_apart_without_color():
    written = one_line(report.render([flood()], "text", now=NOW))

    assert "may" in written
    assert "The road to Brenn [-may-]{+will+} reopen on Thursday." in written


def test_words_struck_and_added_are_colored_and_decorated_with_color():
    written = report.render([flood()], "text", now=NOW, color=True)

    assert f"{ESCAPE}[9;31mmay" in written  # struck, red
    assert f"{ESCAPE}[4;32mwill" in written  # underlined, green
    assert "[-" not in plain(written)


def test_conflict_shows_the_paragraph_that_still_stands():
    written = one_line(report.render([april_9()], "text", now=NOW))

    assert "Paragraph 2, still standing: “Afghan aircraft”, against “a U.S. airstrike”" in written
    assert "Qari Hekmat died on Friday when Afghan aircraft hit Darzab district" in written.split("still standing")[1]


def test_moved_paragraph_is_shown_once_as_moved():
    written = one_line(report.render([flood()], "text", now=NOW))

    assert "Paragraph 7, moved from paragraph 2 The valley was last flooded in 1997." in written
    assert written.count("The valley was last flooded in 1997.") == 1


def test_source_stands_below_the_values_on_a_narrow_terminal():
    narrow = report.render([april_9()], "text", now=NOW, width=70)
    wide = report.render([april_9()], "text", now=NOW, width=110)

    assert "source: U.S. Forces Afghanistan" in narrow.split("Verdict")[0].split("Kind")[1]
    assert re.search(r"Kind +Old → new +Status +Importance +Source", wide)


def test_suspect_capture_is_not_judged_and_says_why():
    written = one_line(report.render([suspect()], "text", now=NOW))

    assert "NOT COMPARED" in written
    assert "The page asks the visitor to prove being human." in written
    assert "importance" not in written


def test_warnings_of_what_was_left_out_are_shown():
    assert "One sentence was too long" in report.render([flood()], "text", now=NOW)


def test_headline_of_five_megabytes_is_cut_above_the_report():
    written = report.render([with_headline(cosmetic(), "huge " * 1_000_000)], "text", now=NOW)

    assert len(written) < 5_000


def test_empty_report_says_so():
    assert "No changes to report." in report.render([], "text", now=NOW)


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_no_text_of_a_publisher_can_steer_the_terminal(headline):
    written = report.render(
        [with_headline(cosmetic(), f"{headline}\x1b]0;owned\x07\x9b31m\u202egnp.exe")], "text", now=NOW
    )

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", written)


# --- diff -----------------------------------------------------------------------------------------


def test_diff_shows_changed_sentences_in_context_and_nothing_else():
    written = one_line(report.render_diff(flood()))

    assert (
        "“The dam held[- and it will hold tomorrow-],” said Mira Toll, the mayor. She thanked the volunteers."
        in written
    )
    assert "Shelters were opened" not in written
    assert "Evidence".upper() not in written


def test_diff_of_a_spelling_change_shows_the_word():
    assert "Council votes on new [-libary-]{+library+}" in one_line(report.render_diff(cosmetic(), width=80))


# --- history --------------------------------------------------------------------------------------


def test_history_shows_versions_and_between_them_bounds_verdict_and_the_facts():
    change = april_9()

    written = report.render_history(article(), [change.old, change.new], [change], now=NOW, width=200)

    lines = [line.strip() for line in written.splitlines() if line.strip()]
    assert lines[2] == "followed since April 7, 2018 · 2 versions · checked 3 minutes ago"
    assert lines[3].startswith("Version 1  seen from 09:15 UTC on April 7, 2018 until 10:41 UTC on April 9, 2018")
    assert "SUBSTANTIVE" in lines[4]
    assert "disclosed by a note" in lines[4]
    assert lines[5] == "change 1 · changed between 10:41 and 10:56 UTC on April 9, 2018"
    assert lines[6].split() == ["Kind", "Old", "→", "new", "Status", "Importance", "Source"]
    assert " ".join(lines[8].split()) == (
        "Attribution Afghan aircraft → a U.S. airstrike conflicts 3 of 3 U.S. Forces Afghanistan"
    )
    assert lines[-1].startswith("Version 2  seen from 10:56")


def test_history_of_a_change_without_facts_gives_the_reason():
    change = cosmetic()

    written = report.render_history(article(), [change.old, change.new], [change], now=NOW)

    assert "Only spelling changed." in written


def test_history_of_an_article_no_longer_followed_says_so():
    stopped = replace(article(), active=False, checked_at=None, headline=None)

    written = report.render_history(stopped, [april_9().old], [], now=NOW)

    assert "1 version · no longer followed" in written
    assert written.startswith(stopped.url)


@pytest.mark.parametrize("width", [60, 61, 79, 83, 84, 100, 133, 200])
@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.__name__)
def test_nothing_is_wider_than_the_terminal(sample, width):
    change = sample()
    history = report.render_history(article(), [change.old, change.new], [change], EVENTS, now=NOW, width=width)
    written = [
        report.render([change], "text", EVENTS, now=NOW, width=width),
        report.render_diff(change, width=width),
        history,
    ]

    assert max(cell_len(line) for text in written for line in text.splitlines()) <= width


def test_words_are_told_apart_without_colour_and_with_it():
    plain = report.render_diff(cosmetic())
    coloured = report.render_diff(cosmetic(), color=True)

    assert "[-" in plain
    assert "{+" in plain
    assert "[-" not in coloured
    assert "\x1b[9;31m" in coloured  # struck, in red
    assert "\x1b[4;32m" in coloured  # underlined, in green


# --- one line a check -----------------------------------------------------------------------------

LINES = {
    "not modified": ("not modified", "not modified"),
    "an error": ("failed: no such host", "failed: no such host"),
    "conflicts first": (april_9().comparison, "SUBSTANTIVE: attribution, location, time conflicts; 1 certainty, 1 source, 1 notice"),
    "spelling": (cosmetic().comparison, "cosmetic"),
    "a block page": (suspect().comparison, "SUSPECT: The page asks the visitor to prove being human."),
    "counts": (right_to_left().comparison, "SUBSTANTIVE: 1 number"),
}  # fmt: skip


@pytest.mark.parametrize(("outcome", "status"), LINES.values(), ids=LINES.keys())
def test_check_line_ends_with_the_status(outcome, status):
    line = report.check_line("https://example.org/story", outcome, position=7, total=200, elapsed_s=3.21, width=180)

    assert line.startswith("   3.2 s    7/200  example.org/story")
    assert line.endswith(f"  {status}")


def test_check_lines_of_a_pass_are_aligned():
    addresses = ["https://example.org/a", "https://example.org/" + "long/" * 40, "https://b.example/"]

    lines = [
        report.check_line(address, "unchanged" + "!" * 9 * n, position=n + 98, total=100, elapsed_s=n * 99.5, width=90)
        for n, address in enumerate(addresses)
    ]

    assert len({line.index("unchanged") for line in lines}) == 1
    assert all(len(line) <= 90 for line in lines)
    assert "…" in lines[1]


def test_check_line_for_a_file_is_not_cut():
    address, problem = f"https://example.org/{'long-' * 30}", f"FAILED: {'because ' * 30}of that"

    line = report.check_line(address, problem, position=1, total=1, elapsed_s=0, width=None)

    assert line == f"   0.0 s  1/1  {address.removeprefix('https://')}  {problem}"


def test_check_line_is_one_line_however_long_the_status():
    line = report.check_line(
        "https://example.org/", "failed: " + "word\n" * 90, position=1, total=1, elapsed_s=0, width=80
    )

    assert "\n" not in line
    assert len(line) <= 80


def test_substantive_stands_out_in_color():
    line = report.check_line("https://example.org/", flood().comparison, position=1, total=1, elapsed_s=0, color=True)

    assert f"{ESCAPE}[1;31mSUBSTANTIVE" in line


# --- two files ------------------------------------------------------------------------------------


def test_comparison_of_files_names_the_files_and_claims_no_moment():
    comparison = april_9().comparison

    written = one_line(report.render_comparison(comparison, "text", old_name="sat.html", new_name="mon.html", now=NOW))

    assert "not known: two files were compared" in written
    assert "the new page gives 10:48 UTC on April 9, 2018 as its updated time" in written
    assert "file sat.html" in written
    assert "file mon.html" in written
    assert STRIKE_NOTE in written


def test_comparison_of_files_without_a_headline_is_titled_by_the_file():
    comparison = replace(suspect().comparison, old=replace(suspect().comparison.old, headline=None))

    written = report.render_comparison(comparison, "text", old_name="a", new_name="b.txt", now=NOW)

    assert written.splitlines()[1] == "b.txt"


def test_unchanged_files_are_said_to_be_unchanged():
    side = april_9().comparison.old
    same = Comparison(Judgement("unchanged", 0, None), Capture(), side, side)

    written = report.render_comparison(same, "markdown", old_name="a", new_name="b", now=at("2020-01-01T00:00:00"))

    assert "Unchanged: nothing differs but white space and typography" in written


def test_list_gives_each_article_lines_of_its_own_where_a_table_has_no_room():
    followed = replace(article(), error=f"{article().url}: the server does not answer", tags=("north",))

    narrow, wide = (
        render_followed([], [followed], {}, now=NOW, color=False, width=width).splitlines() for width in (60, 120)
    )

    assert narrow[1:4] == [
        f" {followed.url}",
        "   checked 3 minutes ago · next now",
        "   the server does not answer  #north",
    ]
    assert any(line.split()[0] == "address" for line in wide if line.strip())
