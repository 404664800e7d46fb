"""`history`, `diff` and `report`: what changed, in words and for programs."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import os
import pty
import re
import shutil
import struct
import termios
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import rss
from servers import Site

from tracker.cli import main
from tracker.cli.workspace import show

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)
OTHER_WORDS = edited("did not answer questions", "did not answer any questions")
NOTED = (*MORE_DEAD, "Correction: An earlier version of this article said that 12 people were killed; it is 14.")
COMPARISON = {
    "schema", "verdict", "importance", "disclosure", "reasons", "capture", "old", "new", "facts", "sentences", "warnings",
}  # fmt: skip


def publish(desk: Desk, site: Site, path: str, *versions: tuple[str, ...], tag: str = "ports") -> str:
    """Follow an article through versions."""
    url = site.url(path)
    for number, story in enumerate(versions):
        site.publishes(path, page(*story))
        if number == 0:
            desk.run("watch", url, "--as", "article", "--tag", tag)
        assert desk.run("check", url).code == 0
    return url


def reported(desk: Desk, *options: str) -> list[tuple[str, str]]:
    """Path and verdict of every change in a report."""
    ended = desk.run("report", *options, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    return [("/" + change["article"].split("/", 3)[3], change["comparison"]["verdict"]) for change in ended.json]


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address of the article in it."""
    desk = Desk(tmp_path_factory.mktemp("kept"))
    with Site() as site:
        yield desk.folder, publish(desk, site, "/fire", FIRE, MORE_DEAD, MOVED)


@pytest.fixture
def three(desk, kept) -> str:
    """An article of three versions."""
    folder, url = kept
    shutil.copytree(folder, desk.folder, dirs_exist_ok=True)
    return url


# --- history --------------------------------------------------------------------------------------


def test_history_as_json(desk, three):
    found = desk.run("history", three, "--format", "json").json

    assert set(found) == {"address", "headline", "versions", "changes", "events"}
    assert (found["address"], found["headline"]) == (three, "Fire at a warehouse in the port of Ostmark")
    assert [version["number"] for version in found["versions"]] == [1, 2, 3]
    for version in found["versions"]:
        assert set(version) == {"number", "headline", "digest", "last_seen_at", "snapshot"}
        assert re.fullmatch(r"\d{14}(-[\d.]+)?", version["snapshot"]["id"])
        assert (desk.folder / "snapshots" / version["snapshot"]["file"]).is_file()
        assert _moment(version["snapshot"]["fetched_at"]) <= _moment(version["last_seen_at"])
    for number, change in enumerate(found["changes"], 1):
        assert [change["versions"][side]["number"] for side in ("old", "new")] == [number, number + 1]
        assert set(change["comparison"]) == COMPARISON
        assert change["comparison"]["schema"] == 1
        assert change["not_before"] == found["versions"][number - 1]["last_seen_at"]
        assert change["not_after"] == found["versions"][number]["snapshot"]["fetched_at"]
    assert len(found["changes"]) == 2


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_history_in_words(desk, three):
    ended = desk.run("history", three)

    assert (ended.code, ended.err) == (0, "")
    for number in (1, 2, 3):
        assert f"Version {number}" in ended.out
    assert ended.out.index("Version 1") < ended.out.index("12 people → 14 people") < ended.out.index("Version 2")
    assert "SUBSTANTIVE" in ended.out


def test_history_of_an_article_that_was_not_read_yet(desk, site):
    desk.run("watch", site.url("/a"), "--as", "article")

    ended = desk.run("history", site.url("/a"), "--format", "json")

    assert (ended.json["versions"], ended.json["changes"]) == ([], [])
    assert "0 versions" in desk.run("history", site.url("/a")).out


@pytest.mark.parametrize("command", ["history", "diff", "report"])
def test_an_address_that_is_not_followed_is_code_2(command, desk, site):
    feed = site.publishes("/feed", rss())
    desk.run("watch", feed)

    unknown, source = desk.run(command, site.url("/a")), desk.run(command, feed)

    assert (unknown.code, unknown.out, source.code, source.out) == (2, "", 2, "")
    assert unknown.err == (
        f"tracker: {site.url('/a')} is not followed; `tracker list` shows what is, `tracker watch` adds it\n"
    )
    assert "is a feed" in source.err


# --- diff -----------------------------------------------------------------------------------------


def test_diff_shows_the_words_of_the_last_change(desk, three):
    ended = desk.run("diff", three)

    assert (ended.code, ended.err) == (0, "")
    assert "[-Ostmark-]{+Westmark+}" in ended.out
    assert "[-12-]" not in ended.out


def test_diff_of_two_versions(desk, three):
    assert "[-12-]{+14+}" in desk.run("diff", three, "1", "2").out
    both = desk.run("diff", three, "1", "3").out
    assert "[-12-]{+14+}" in both
    assert "[-Ostmark-]{+Westmark+}" in both
    assert desk.run("diff", three, "1").out == both, "the second is the last one"


def test_diff_of_an_article_that_never_changed(desk, site):
    url = publish(desk, site, "/fire", FIRE)

    assert desk.run("diff", url).out == f"{url} has not changed since its first version was kept.\n"


WRONG = {
    ("4",): "no version 4; it has versions 1 to 3",
    ("0", "1"): "no version 0",
    ("1", "4"): "no version 4",
    ("2", "2"): "not older",
    ("3", "1"): "name the older one first",
    ("3",): "not older",
    ("one",): "integer",
}


@pytest.mark.parametrize(("versions", "reason"), WRONG.items(), ids=" ".join)
def test_diff_of_versions_that_are_not_there_is_code_2(versions, reason, desk, three):
    ended = desk.run("diff", three, *versions)

    assert (ended.code, ended.out) == (2, "")
    assert reason in " ".join(ended.err.split())


def test_diff_of_an_article_that_was_not_read_yet_says_what_to_do(desk, site):
    url = site.url("/a")
    desk.run("watch", url, "--as", "article")

    ended = desk.run("diff", url)

    assert ended.code == 2
    assert f"tracker check {url}" in ended.err


# --- report ---------------------------------------------------------------------------------------


@pytest.fixture
def four(desk, site) -> tuple[str, str]:
    """Two articles and four changes of three kinds."""
    return (
        publish(desk, site, "/fire", FIRE, MORE_DEAD, MOVED),
        publish(desk, site, "/other", FIRE, OTHER_WORDS, edited("12 people", "14 people", OTHER_WORDS), tag="inland"),
    )


def test_report_chooses(desk, four):
    """One test for all options: what is reported on takes long to make."""
    fire, other = four
    everything = [("/other", "substantive"), ("/other", "cosmetic"), ("/fire", "substantive"), ("/fire", "substantive")]
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC) + timedelta(days=1)

    assert reported(desk) == everything, "newest first"
    assert reported(desk, fire) == everything[2:]
    assert reported(desk, other, fire) == everything
    assert reported(desk, fire, fire) == everything[2:], "named twice, reported once"
    assert reported(desk, "--verdict", "cosmetic") == [everything[1]]
    assert reported(desk, "--verdict", "cosmetic", "--verdict", "substantive") == everything
    assert reported(desk, "--kind", "number") == [everything[0], everything[3]]
    assert reported(desk, "--kind", "notice") == []
    assert reported(desk, "--disclosure", "undisclosed") == [everything[0], *everything[2:]]
    assert reported(desk, "--disclosure", "disclosed", "--disclosure", "dated") == []
    assert reported(desk, "--tag", "inland") == everything[:2]
    assert reported(desk, "--limit", "1") == everything[:1]
    assert reported(desk, other, fire, "--limit", "3") == everything[:3]
    for since in ("7d", "90m", "12h", "2w", "1 D", str(today), f"{today}T00:00:00+00:00"):
        assert reported(desk, "--since", since) == everything, since
    for since in ("0m", tomorrow.isoformat(), str(tomorrow.date())):
        assert reported(desk, "--since", since) == [], since


@pytest.mark.parametrize(
    "since", ["yesterday", "", "7", "7 years", "-3d", "999999d", "99999999999999999999h", "2018-13-01"]
)
def test_a_moment_that_cannot_be_read_is_code_2(since, desk):
    ended = desk.run("report", "--since", since)

    assert (ended.code, ended.out) == (2, "")
    assert f'"{since}"' in ended.err
    assert ended.err.count("\n") == 1


WORDS = {
    ("--verdict", "substantiv"): "did you mean substantive",
    ("--kind", "numbers"): "did you mean number",
    ("--disclosure", "hidden"): "is none of disclosed, dated, undisclosed",
    ("--format", "pdf"): "markdown",
    ("--limit", "0"): "greater than or equal to 1",
}


@pytest.mark.parametrize(("option", "words"), WORDS.items(), ids=" ".join)
def test_a_word_that_is_none_of_the_choices_is_code_2(option, words, desk):
    ended = desk.run("report", *option)

    assert (ended.code, ended.out) == (2, "")
    assert words in " ".join(ended.err.replace("│", " ").split())


def test_every_format_of_a_report(desk, three):
    """One test for all formats: what is reported on takes long to make."""
    text, markdown, html, csv_, atom = (
        desk.run("report", "--format", form).out for form in ("text", "markdown", "html", "csv", "atom")
    )

    assert text.index("Westmark") < text.index("Verdict") < text.index("EVIDENCE")
    assert markdown.startswith("#")
    assert html.startswith("<!DOCTYPE html>")
    assert "Content-Security-Policy" in html
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//(?!127\.0\.0\.1)""", html), "it loads nothing"
    rows = list(csv.DictReader(io.StringIO(csv_)))
    assert {row["verdict"] for row in rows} == {"substantive"}
    feed = ElementTree.fromstring(atom)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2
    for shown in (text, markdown, html, csv_, atom):
        assert "14 people" in shown
        assert three in shown


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "csv", "atom"])
def test_a_report_without_changes_is_whole_in_every_format(form, desk):
    ended = desk.run("report", "--format", form)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.strip()


def test_report_goes_to_a_file(desk, three):
    file = desk.folder / "week.html"

    ended = desk.run("report", "--format", "html", "-o", file)

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("place", ["nowhere/report.html", "."])
def test_a_report_that_cannot_be_written_is_code_2(place, desk):
    ended = desk.run("report", "-o", desk.folder / place)

    assert (ended.code, ended.out) == (2, "")
    assert "cannot be written" in ended.err


def test_a_correction_discloses_the_change(desk, site):
    url = publish(desk, site, "/fire", FIRE, NOTED)

    (change,) = desk.run("report", url, "--format", "json").json

    assert change["comparison"]["disclosure"] == "disclosed"
    assert "notice" in {fact["kind"] for fact in change["comparison"]["facts"]}
    assert desk.run("report", "--disclosure", "disclosed", "--kind", "notice", "--format", "json").json == [change]


def test_a_note_that_comes_later_closes_a_silent_edit(desk, site):
    url = publish(desk, site, "/fire", FIRE, MORE_DEAD, NOTED)

    note, silent = desk.run("report", url, "--format", "json").json

    assert (silent["comparison"]["disclosure"], note["note_later"]) == ("undisclosed", None)
    assert (silent["note_later"]["change"], silent["note_later"]["version"]) == (note["id"], 3)
    assert silent["note_later"]["hours"] < 1
    assert desk.run("diff", url, "1", "2", "--format", "json").json == silent
    assert "silent, a note less than a minute later" in " ".join(desk.run("history", url).out.split())


def test_the_reader_of_a_long_report_may_go(desk, site):
    long = FIRE + tuple(f"Neighbour number {number} said that the smoke smelt of paint." for number in range(150))
    publish(desk, site, "/fire", *[edited("12 people", f"{number} people", long) for number in (12, 13, 14)])
    whole = desk.run("report", "--format", "json").out
    assert len(whole) > 70_000, "more than a pipe holds"

    process = desk.start("report", "--format", "json")
    assert process.stdout.readline() == "[\n"
    process.stdout.close()

    assert (process.stderr.read(), process.wait(30)) == ("", 0)


def test_a_closed_pipe_is_met_at_the_last_moment(desk):
    process = desk.start("status")
    process.stdout.close()

    assert (process.stderr.read(), process.wait(30)) == ("", 0)


# --- programs and terminals -----------------------------------------------------------------------


def test_diff_as_json_is_the_change(desk, site):
    url = publish(desk, site, "/fire", FIRE, MORE_DEAD)

    change = desk.run("diff", url, "--format", "json").json

    assert change["article"] == url
    assert change["comparison"]["facts"][0]["new"].startswith("14")
    assert desk.run("report", url, "--format", "json").json == [change]


def test_diff_as_json_of_an_article_that_has_not_changed_is_null(desk, site):
    url = publish(desk, site, "/fire", FIRE)

    assert desk.run("diff", url, "--format", "json").json is None


def on_a_terminal(desk: Desk, rows: int, *arguments: str, **environ: str) -> str:
    """What a command writes to a terminal of so many rows."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 90, 0, 0))
    process = desk.start(*arguments, stdout=child, stderr=child, environ={**os.environ, **environ})
    os.close(child)
    written = b""
    with contextlib.suppress(OSError):  # what Linux says when the other side is gone
        while piece := os.read(parent, 65536):
            written += piece
    os.close(parent)
    assert process.wait(30) == 0
    return written.decode()


PAGED = {
    "a terminal that is too short": (10, [], True),
    "a terminal that is long enough": (200, [], False),
    "not wanted": (10, ["--no-pager"], False),
    "wanted": (200, ["--pager"], True),
}


@pytest.mark.parametrize(("rows", "options", "paged"), PAGED.values(), ids=PAGED)
def test_a_long_text_is_paged_on_a_terminal(rows, options, paged, desk, site):
    url = publish(desk, site, "/fire", FIRE, MORE_DEAD)

    shown = on_a_terminal(desk, rows, "report", url, *options, PAGER="sed s/^/PAGED/")

    assert ("PAGED" in shown) is paged
    assert "\x1b[" in shown


def test_no_color_is_honoured_on_a_terminal(desk, site):
    url = publish(desk, site, "/fire", FIRE, MORE_DEAD)

    assert "\x1b[" not in on_a_terminal(desk, 200, "diff", url, NO_COLOR="1")


@contextlib.contextmanager
def ascii_only() -> Iterator[bytearray]:
    """A stdout as it is where LANG=C, and what was written to it."""
    written = bytearray()
    with io.TextIOWrapper(io.BytesIO(), encoding="ascii") as stdout:
        with contextlib.redirect_stdout(stdout):
            yield written
        stdout.flush()
        written.extend(stdout.buffer.getvalue())


def test_programs_get_utf8_whatever_the_locale(desk, three, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tracker", "--config", str(desk.write_config()), "report", three, "-f", "json"])

    with ascii_only() as stdout, pytest.raises(SystemExit):
        main()

    written = stdout.decode("utf-8")
    assert "“12 people”" in written
    assert "?" not in written


def test_a_terminal_that_has_no_arrows_gets_them_in_ascii():
    with ascii_only() as stdout:
        show("“3.5” → “35” · Łódź\n")

    assert stdout == b'"3.5" -> "35" * ??d?\n'


def test_a_pager_that_is_not_there_is_said_only_when_asked_for(desk, site):
    url = publish(desk, site, "/fire", FIRE)

    assert "there is no pager nonesuch" in on_a_terminal(desk, 5, "history", url, "--pager", PAGER="nonesuch")
    assert "there is no pager" not in on_a_terminal(desk, 5, "history", url, PAGER="nonesuch")
