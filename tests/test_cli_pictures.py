"""`stats` counts what the catalog holds, and `card` draws a change: on the terminal, for other programs, and as pictures."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from catalog_samples import HOUR, NOW, add, comparison, record
from desk import Desk
from PIL import Image

from tracker.errors import ConfigError
from tracker.report.plots import plot
from tracker.report.statistics import render_statistics, statistics_table
from tracker.statistics import Group, MostChanged, Statistics, sum_up

pytest_plugins = ["desk_fixtures"]

URL = "https://example.org/a"


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """An article whose number was corrected in silence, and then by a note; another followed and never changed."""
    with desk.opened() as pipeline:
        catalog = pipeline.catalog
        feed, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
        article, _ = catalog.add_article(URL, "example.org/a", now=NOW, source_id=feed.id)
        record(catalog, article, "one", at=NOW)
        record(catalog, article, "two", at=NOW + HOUR, number=1, compared=comparison())
        note = comparison("22", "24", kinds=("notice", "number"), disclosure="disclosed")
        record(catalog, article, "three", at=NOW + 3 * HOUR, number=2, compared=note)
        record(catalog, add(catalog, "quiet"), "one")
    return desk


# --- stats ----------------------------------------------------------------------------------------


def test_stats_says_what_changed_and_how_soon_a_note_came(filled):
    ended = filled.run("stats")

    assert (ended.code, ended.err) == (0, "")
    lines = [" ".join(line.replace("█", "").split()) for line in ended.out.splitlines()]
    for line in (
        "2 changes in 1 article",
        "Substantive change 2",
        "Number 2",
        "Notice 1",
        "undisclosed: a silent edit, nothing speaks of it 1",
        "Silent edits: 50% of the substantive changes",
        "Owned up to later by a note: 1, within 2.0 hours",
        "Back to an earlier text: 0",
        f"2 2 1 Three {URL}",
    ):
        assert line in lines, line


def test_stats_for_other_programs(filled):
    figures = filled.run("stats", "--format", "json").json
    rows = list(csv.reader(io.StringIO(filled.run("stats", "-f", "csv").out)))

    assert (figures["changes"], figures["silent_share"], figures["hours_to_note"]) == (2, 0.5, [2.0])
    assert figures["by_kind"] == {"number": 2, "notice": 1}
    assert rows[0] == ["measure", "of", "value"]
    for row in (
        ["kind", "number", "2"],
        ["silent share", "", "0.5"],
        ["hours to note", "", "2.0"],
        ["changes of article", URL, "2"],
    ):
        assert row in rows


CHOICES = {
    "a host": (["--source", "example.org"], 2),
    "a host in capitals": (["--source", "Example.ORG"], 2),
    "another host": (["--source", "example.net"], 0),
    "a feed": (["--source", "https://example.org/feed"], 2),
    "a tag": (["--tag", "war"], 0),
    "a span": (["--since", "2026-04-09T10:00"], 1),
}


@pytest.mark.parametrize(("options", "changes"), CHOICES.values(), ids=CHOICES.keys())
def test_stats_of_a_part(filled, options, changes):
    assert filled.run("stats", "--format", "json", *options).json["changes"] == changes


def test_stats_of_nothing(desk):
    assert desk.run("stats").out == "No changes to count.\n"


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_stats_are_drawn(filled, tmp_path, ending):
    file = tmp_path / f"plot.{ending}"

    ended = filled.run("stats", "--plot", file)

    assert ended.code == 0
    if ending == "png":
        assert Image.open(file).size == (1200, 800)
    else:
        assert file.read_text().startswith("<?xml")


WRONG = {
    "a plot of another kind": (["stats", "--plot", "plot.gif"], "ends neither in .png nor in .svg"),
    "a folder that is not there": (["stats", "--plot", "/no/such/plot.png"], "cannot be written"),
    "a feed that is not followed": (
        ["stats", "--source", "https://example.org/other"],
        "is not a feed that is followed",
    ),
    "a span that is none": (["stats", "--since", "yesterday"], "neither a span"),
    "a change that is not there": (["card", "99"], "there is no change 99"),
    "a number beyond all": (["card", "9" * 40], "there is no change"),
    "an article that is not followed": (["card", "https://example.org/none"], "is not followed"),
    "an article that has not changed": (["card", "https://example.org/quiet"], "has not changed since it is followed"),
    "a card in no folder": (["card", URL, "-o", "/no/such/card.png"], "cannot be written"),
}


@pytest.mark.parametrize(("command", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_in_a_sentence(filled, command, said):
    ended = filled.run(*command)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


# --- drawing and writing --------------------------------------------------------------------------


def figures(days: int = 3, **fields) -> Statistics:
    start = date(2026, 1, 1)
    groups = [
        Group(start + timedelta(days=n), verdict, disclosure, 3, 1)
        for n in range(0, days, max(days // 50, 1))
        for verdict, disclosure in (
            ("substantive", "undisclosed"),
            ("minor", None),
            (None, None),
            ("different_story", None),
        )
    ]
    found = sum_up(groups, kinds={"number": 3}, articles=2, silent=[], notes=[], most_changed=[])
    return replace(found, **fields)


def test_plot_is_the_same_each_time():
    assert plot(figures(), "svg") == plot(figures(), "svg")


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 1, 119, 500, 4000])
def test_plot_is_drawn_however_long_the_time(days):
    assert opened_size(plot(figures(days))) == (1200, 800)


def test_plot_without_the_extra_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(ConfigError, match=r"pip install 'tracker\[pictures\]'"):
        plot(figures())


def test_hostile_articles_are_harmless_in_tables():
    one = MostChanged("=cmd|' /C calc'!A0", "\x1b[2J<b>\u202e[bold red]", 3, 2, 1)
    found = figures(most_changed=(one,))

    assert "'=cmd|' /C calc'!A0" in statistics_table(found)
    text = render_statistics(found)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold red]" in text


def opened_size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


# --- card -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["1", URL])
def test_card_is_drawn_and_told_in_words(filled, tmp_path, change):
    file = tmp_path / "card.png"

    ended = filled.run("card", change, "--output", file, "--dark")

    image = Image.open(file)
    assert ended.code == 0
    assert image.size == (1200, 675)
    assert image.getpixel((600, 660)) == (20, 23, 28)
    assert ended.out == f"{image.info['Description']}\n"
    assert ended.out.startswith(f"A change in “{'Two' if change == '1' else 'Three'}” (example.org).")


def test_card_is_named_after_its_change(filled, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    filled.run("card", "2")

    assert (tmp_path / "change-2.png").exists()
