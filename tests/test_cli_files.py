"""`compare` and `extract`: files in place of followed articles."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest
from desk import FIRE, TRACKER, Desk, edited, page
from desk_samples import CHALLENGE

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
SIDE = {
    "headline",
    "byline",
    "published_at",
    "updated_at",
    "language",
    "sentences",
    "paragraph_of",
    "notices",
}
FACT = {
    "kind",
    "status",
    "old",
    "new",
    "old_sentence",
    "new_sentence",
    "importance",
    "about",
    "counted",
    "source",
    "confidence",
    "reason",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The story in two versions, as texts and as pages."""
    for name, story in {"old": FIRE, "new": MORE_DEAD}.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(("Fire at a warehouse in Ostmark", *story)), encoding="utf-8")
        (tmp_path / f"{name}.html").write_text(page(*story), encoding="utf-8")
    (tmp_path / "wall.html").write_text(CHALLENGE, encoding="utf-8")
    return tmp_path


def compare(desk: Desk, folder: Path, old: str, new: str, *options: str) -> dict:
    ended = desk.run("compare", folder / old, folder / new, "--format", "json", *options)
    assert ended.code == 0, ended.err
    return ended.json


def batch(desk: Desk, pairs: list, *options: str) -> tuple[list[dict], object]:
    """Compare pairs given as values, or as lines of text."""
    file = desk.folder / "pairs.jsonl"
    file.write_text("".join(f"{pair if isinstance(pair, str) else json.dumps(pair)}\n" for pair in pairs))
    ended = desk.run("compare", "--batch", file, "--processes", "1", *options)
    return ended.lines, ended


# --- compare two files ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_comparison_is_schema_1(kind, desk, files):
    found = compare(desk, files, f"old.{kind}", f"new.{kind}")

    assert found["schema"] == 1
    assert (found["verdict"], found["importance"], found["disclosure"]) == ("substantive", 3, "undisclosed")
    assert found["capture"] == {"quality": 1.0, "suspect": False, "reasons": []}
    for side in ("old", "new"):
        assert set(found[side]) == SIDE
        assert len(found[side]["sentences"]) == len(found[side]["paragraph_of"])
    assert found["facts"]
    for fact in found["facts"]:
        assert set(fact) >= FACT
        for side in ("old", "new"):
            if fact[side] is not None:
                assert fact[side] in found[side]["sentences"][fact[f"{side}_sentence"]]
    for step in found["sentences"]:
        assert set(step) == {"old", "new", "operation", "label", "words"}
    covered = [sorted(step[side] for step in found["sentences"] if step[side] is not None) for side in ("old", "new")]
    assert covered == [list(range(len(found[side]["sentences"]))) for side in ("old", "new")]


def test_a_machine_that_is_busy_reads_no_less(desk, files, monkeypatch):
    """The facts of a change were left out, and its verdict was another, where other programs took the processor."""
    expected = compare(desk, files, "old.txt", "new.txt")
    hours = itertools.count(0.0, 3600.0)
    monkeypatch.setattr("time.monotonic", lambda: next(hours))

    assert compare(desk, files, "old.txt", "new.txt") == expected
    assert expected["warnings"] == []


def test_a_text_against_itself_is_unchanged(desk, files):
    found = compare(desk, files, "old.txt", "old.txt", "--exit-code")

    assert (found["verdict"], found["importance"], found["disclosure"]) == ("unchanged", 0, None)
    assert found["facts"] == []


def test_a_page_and_its_text_are_compared(desk, files):
    assert compare(desk, files, "old.html", "new.txt")["verdict"] == "substantive"


def test_changes_only_leaves_equal_sentences_out(desk, files):
    whole = compare(desk, files, "old.txt", "new.txt")

    short = compare(desk, files, "old.txt", "new.txt", "--changes-only")

    assert short["sentences"] == [step for step in whole["sentences"] if step["operation"] != "equal"]
    assert {**short, "sentences": []} == {**whole, "sentences": []}


def test_a_suspect_page_has_no_verdict_unless_forced(desk, files):
    found = compare(desk, files, "old.html", "wall.html")
    forced = compare(desk, files, "old.html", "wall.html", "--force")

    assert (found["verdict"], found["facts"]) == (None, [])
    assert found["capture"]["suspect"]
    assert found["capture"]["reasons"]
    assert forced["verdict"] not in (None, "unchanged")


@pytest.mark.parametrize(("new", "code"), [("new.txt", 1), ("old.txt", 0)])
def test_exit_code_tells_of_a_substantive_change(new, code, desk, files):
    assert desk.run("compare", files / "old.txt", files / new, "--exit-code").code == code
    assert desk.run("compare", files / "old.txt", files / new).code == 0


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_every_format_goes_to_stdout_or_to_a_file(form, desk, files):
    arguments = ("compare", files / "old.txt", files / "new.txt", "-f", form)
    shown = desk.run(*arguments)

    written = desk.run(*arguments, "-o", files / "report")

    assert (shown.code, shown.err, written.code, written.out, written.err) == (0, "", 0, "", "")
    assert "14" in shown.out
    assert _timeless((files / "report").read_text(encoding="utf-8")) == _timeless(shown.out)


def _timeless(report: str) -> str:
    return re.sub(r"\d\d:\d\d", "", report)


USAGE = {
    "one file": ["compare", "old.txt"],
    "no file": ["compare"],
    "files and a batch": ["compare", "old.txt", "new.txt", "--batch", "pairs.jsonl"],
    "an unknown format": ["compare", "old.txt", "new.txt", "--format", "pdf"],
    "no processes": ["compare", "old.txt", "new.txt", "--processes", "0"],
    "output in a folder that is not there": ["compare", "old.txt", "new.txt", "-o", "nowhere/report"],
    "output to a full disk": ["compare", "old.txt", "new.txt", "-o", "/dev/full"],
    "batch output to a full disk": ["compare", "--batch", "one.jsonl", "-o", "/dev/full", "--processes", "1"],
    "an address for two files": ["extract", "old.txt", "new.txt", "--address", "https://example.org/"],
    "an address that is none": ["extract", "old.html", "--address", "not an address"],
    "extract nothing": ["extract"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_code_2(arguments, desk, files, monkeypatch):
    monkeypatch.chdir(files)
    (files / "one.jsonl").write_text('{"id": 1, "old": "A.", "new": "A."}\n')

    ended = desk.run(*arguments)

    assert ended.code == 2
    assert ended.out == ""
    assert ended.err
    assert "Traceback" not in ended.err


def test_a_page_without_a_text_is_suspect_and_not_compared(desk, files):
    (files / "drawn-by-a-script.html").write_text("<html><body><script>draw()</script></body></html>")

    compared = desk.run("compare", files / "old.html", files / "drawn-by-a-script.html", "--format", "json")
    extracted = desk.run("extract", files / "drawn-by-a-script.html")

    comparison = json.loads(compared.out)
    assert (compared.code, comparison["verdict"], comparison["facts"]) == (0, None, [])
    assert comparison["capture"]["suspect"]
    (read,) = extracted.lines
    assert (extracted.code, read["paragraphs"], read["capture"]["suspect"]) == (0, [], True)


UNREADABLE = {
    "missing": "No such file",
    "empty.txt": "is empty",
    "binary.bin": "neither a page nor a text",
    ".": "is a folder",
}


@pytest.mark.parametrize(("name", "reason"), UNREADABLE.items(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_read_is_named_with_the_reason(name, reason, desk, files):
    (files / "empty.txt").write_text(" \n")
    (files / "binary.bin").write_bytes(b"\x7fELF\0\1\2\3" * 40)

    compared = desk.run("compare", files / "old.txt", files / name)
    extracted = desk.run("extract", files / name, files / "old.txt", "--processes", "1")

    assert (compared.code, compared.out) == (3, "")
    for ended in (compared, extracted):
        assert ended.err.count("\n") == 1
        assert str(files / name) in ended.err
        assert reason in ended.err
    bad, good = extracted.lines
    assert extracted.code == 3
    assert bad == {"file": str(files / name), "error": extracted.err.removeprefix("tracker: ").strip()}
    assert good["paragraphs"], "the others are read all the same"


# --- compare many ---------------------------------------------------------------------------------


def test_a_batch_answers_each_line_in_order_with_its_id(desk, files):
    old, new = "A fire killed 12 people in Ostmark.", "A fire killed 14 people in Ostmark."
    pairs = [
        {"id": "texts", "old": old, "new": new},
        {"id": 2, "old": [old, "It was put out."], "new": [new, "It was put out."]},
        {"id": None, "old": {"file": "old.txt"}, "new": {"file": "new.html"}},
        {"id": ["a", 1], "old": {"file": str(files / "old.html")}, "new": {"file": "old.html"}},
        {"id": "mixed", "old": "", "new": [new]},
    ]

    lines, ended = batch(desk, pairs)

    assert ended.code == 0
    assert ended.err == ""
    assert [line["id"] for line in lines] == [pair["id"] for pair in pairs]
    assert all(line["schema"] == 1 for line in lines)
    assert [line["verdict"] for line in lines][:4] == ["substantive", "substantive", "substantive", "unchanged"]


def test_a_list_is_taken_as_it_is(desk):
    sentences = ["It burned. All night long.", "Nobody was hurt"]

    ((line,), _) = batch(desk, [{"id": 1, "old": sentences, "new": sentences}])

    assert line["old"]["sentences"] == sentences


BAD_LINES = {
    "no JSON": "{this is no JSON",
    "no object": "[1, 2]",
    "one side only": {"id": "x", "old": "A."},
    "a side of another kind": {"id": "x", "old": "A.", "new": 3},
    "a list of other things": {"id": "x", "old": "A.", "new": ["A.", 3]},
    "a file that is not there": {"id": "x", "old": "A.", "new": {"file": "nowhere.txt"}},
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_costs_its_own_result_only(bad, desk, files):
    good = {"id": 1, "old": "A fire.", "new": "A fire."}

    lines, ended = batch(desk, [good, bad, good])

    assert ended.code == 3
    assert [line.get("verdict") for line in lines] == ["unchanged", None, "unchanged"]
    assert lines[1]["id"] == ("x" if isinstance(bad, dict) else None)
    assert lines[1]["error"].startswith("line 2: ")
    assert ended.err.splitlines() == [f"tracker: {lines[1]['error']}", "tracker: 1 pair could not be compared"]


def test_empty_lines_of_a_batch_are_passed_over(desk):
    lines, ended = batch(desk, ["", {"id": 1, "old": "A.", "new": "A."}, "  ", "oops"])

    assert [line["id"] for line in lines] == [1, None]
    assert "line 4" in ended.err, "lines are counted as an editor counts them"


def test_exit_code_of_a_batch(desk):
    change = {"id": 1, "old": "A fire killed 12 people in Ostmark.", "new": "A fire killed 14 people in Ostmark."}
    none = {"id": 2, "old": "A.", "new": "A."}

    assert batch(desk, [none, change, none], "--exit-code")[1].code == 1
    assert batch(desk, [none], "--exit-code")[1].code == 0
    assert batch(desk, [change, "oops"], "--exit-code")[1].code == 3, "a failure is told before a finding"


def test_batch_goes_to_a_file(desk):
    pair = {"id": 1, "old": "A. B.", "new": "A. B."}
    shown, _ = batch(desk, [pair])

    lines, ended = batch(desk, [pair], "-o", str(desk.folder / "out.jsonl"), "--changes-only")

    assert (lines, ended.code) == ([], 0)
    (line,) = [json.loads(line) for line in (desk.folder / "out.jsonl").read_text().splitlines()]
    assert line == {**shown[0], "sentences": []}


def test_batch_from_standard_input_on_all_cores(desk, tmp_path):
    (tmp_path / "old.txt").write_text("A fire.")
    pairs = [json.dumps({"id": number, "old": f"Fire {number}.", "new": f"Fire {number}."}) for number in range(40)]
    pairs[20] = json.dumps({"id": 20, "old": {"file": "old.txt"}, "new": "A fire."})
    data = ("\n".join(pairs) + "\n").encode() + b'{"id": "byte", "old": "caf\xff", "new": "caf\xff"}\n'
    data = b"\xef\xbb\xbf" + data  # as Windows editors begin a file

    ended = subprocess.run(
        [*TRACKER, "compare", "--batch", "-"], input=data, capture_output=True, cwd=tmp_path, timeout=60, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["id"] for line in lines] == [*range(40), "byte"]
    assert {line["verdict"] for line in lines} == {"unchanged"}


# --- extract --------------------------------------------------------------------------------------


def test_extract_gives_a_line_for_each_file_in_order(desk, files):
    names = [str(files / name) for name in ("old.html", "new.txt", "wall.html", "old.html")]

    ended = desk.run("extract", *names, "--processes", "1")

    assert (ended.code, ended.err) == (0, "")
    assert [line["file"] for line in ended.lines] == names
    first, second, wall, again = ended.lines
    assert first == again
    assert set(first) >= {
        "file", "headline", "byline", "published_at", "updated_at", "language", "paragraphs", "captions", "notices", "capture",
    }  # fmt: skip
    assert first["headline"] == "Fire at a warehouse in the port of Ostmark"
    assert first["paragraphs"] == list(FIRE)
    assert first["language"] == "en"
    assert not first["capture"]["suspect"]
    assert second["paragraphs"] == list(MORE_DEAD)
    assert wall["capture"]["suspect"]
    assert wall["capture"]["reasons"]


def test_extract_on_all_cores_says_the_same(desk, files):
    names = [str(files / name) for name in ("old.html", "new.html")]

    assert desk.run("extract", *names).lines == desk.run("extract", *names, "--processes", "1").lines


def test_extract_goes_to_a_file(desk, files):
    ended = desk.run("extract", files / "old.html", "-o", files / "out.jsonl", "--address", "https://example.org/fire")

    assert (ended.code, ended.out) == (0, "")
    assert json.loads((files / "out.jsonl").read_text())["paragraphs"] == list(FIRE)


def test_extract_of_an_address_fetches_it(desk, site, files):
    url = site.publishes("/fire", page(*FIRE))
    gone = site.removes("/gone")

    ended = desk.run("extract", url, files / "new.html", gone)

    assert ended.code == 3
    fetched, read, failed = ended.lines
    assert (fetched["file"], fetched["paragraphs"]) == (url, list(FIRE))
    assert read["paragraphs"] == list(MORE_DEAD)
    assert failed["file"] == gone
    assert "404" in failed["error"]
    assert not (desk.folder / "snapshots").exists()


def test_half_a_character_of_a_page_does_not_stop_the_output(desk, files):
    (files / "odd.html").write_text(page("A fire broke out &#xD83D; on Tuesday in the port of the city.", *FIRE))

    ended = desk.run("extract", files / "odd.html")

    assert ended.code == 0
    assert ended.lines
