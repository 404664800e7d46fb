"""What other programs kept comes in, in each of its forms; what is of no form that is known is one clear sentence."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from desk import FIRE, Desk, edited, page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

pytest_plugins = ["desk_fixtures"]

DATA = Path(__file__).parent / "data" / "imports"
ADDRESS = "https://ostmark.example/2018/fire"
FILE = ADDRESS.partition("://")[2]
FLOOD = "https://ostmark.example/flood"
MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)
TEXTS = [FIRE, MORE_DEAD, MOVED]
HEADLINE = "Fire at a warehouse in the port of Ostmark"


def day(number: int) -> str:
    return f"2018-04-{number:02}T08:15:00Z"


def history(desk: Desk, url: str = ADDRESS) -> dict:
    return desk.run("history", url, "--format", "json").json


def facts(desk: Desk, url: str = ADDRESS) -> list[list[tuple[str, str, str]]]:
    return [
        [(fact["kind"], fact["old"], fact["new"]) for fact in one["comparison"]["facts"]]
        for one in history(desk, url)["changes"]
    ]


def origins(desk: Desk) -> list[str]:
    return [one["snapshot"]["imported_from"] for one in desk.run("export", "--format", "jsonl").lines]


# --- texts ----------------------------------------------------------------------------------------


def as_jsonl(folder: Path) -> Path:
    path = folder / "versions.jsonl"
    rows = [
        {"address": ADDRESS, "time": day(number), "headline": HEADLINE, "text": "\n".join(text)}
        for number, text in enumerate(TEXTS, 1)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def as_csv(folder: Path) -> Path:
    path = folder / "versions.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["URL", "date", "title", "content", "author"])
        for number, text in enumerate(TEXTS, 1):
            writer.writerow([ADDRESS, f"2018-04-{number:02} 08:15:00", HEADLINE, "\n".join(text), "By Ada Brandt"])
    return path


def as_pages(folder: Path) -> Path:
    path = folder / "pages.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["address", "timestamp", "html"])
        for number, text in enumerate(TEXTS, 1):
            writer.writerow([ADDRESS, f"201804{number:02}081500", page(*text)])
    return path


def as_wacz(folder: Path) -> Path:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for number, text in enumerate(TEXTS, 1):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        body = io.BytesIO(page(*text).encode())
        more = {"WARC-Date": day(number)}
        writer.write_record(
            writer.create_warc_record(ADDRESS, "response", payload=body, http_headers=headers, warc_headers_dict=more)
        )
    path = folder / "crawl.wacz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("archive/../../data.warc.gz", out.getvalue())
        packed.writestr("pages/pages.jsonl", "not read")
    return path


def as_newsdiffs(folder: Path) -> Path:
    """Repositories of texts, and the database beside them, as the last version of the program has them."""
    data = folder / "newsdiffs"
    commits = _repository(data / "articles" / "old", f"https:/{FILE}")
    with closing(sqlite3.connect(data / "newsdiffs.db")) as database:
        database.execute(
            'CREATE TABLE "Articles" (id integer PRIMARY KEY, url varchar(255) UNIQUE, initial_date datetime, last_update datetime, last_check datetime, git_dir varchar(255))'
        )
        columns = "id integer PRIMARY KEY, article_id integer, v varchar(255) UNIQUE, title varchar(255), byline varchar(255), date datetime, boring bool, diff_json varchar(255)"
        database.execute(f'CREATE TABLE "version" ({columns})')
        database.execute("INSERT INTO Articles VALUES (1, ?, ?, ?, ?, 'old')", (ADDRESS, day(1), day(3), day(3)))
        for number, commit in enumerate(commits, 1):
            row = (number, 1, commit, HEADLINE, "By Ada Brandt", f"2018-04-{number:02} 08:15:00", number == 2, None)
            database.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        database.commit()
    return data


def as_dump(folder: Path) -> Path:
    """The same as MySQL dumps it, from the days of one repository."""
    data = folder / "dumped"
    commits = _repository(data / "articles", FILE)
    rows = ",".join(
        f"({number},1,'{commit}','Fire at the port\\'s warehouse','','2018-04-{number:02} 08:15:00',0)"
        for number, commit in enumerate(commits, 1)
    )
    (data / "newsdiffs.sql").write_text(
        "-- MySQL dump 10.13\nCREATE TABLE `Articles` (\n  `id` int(11) NOT NULL,\n  `url` varchar(255) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
        f"INSERT INTO `Articles` VALUES (1,'{ADDRESS}'),(2,'https://ostmark.example/none');\n"
        "CREATE TABLE `version` (\n  `id` int(11) NOT NULL,\n  `article_id` int(11),\n  `v` varchar(255),\n  `title` varchar(255),\n  `byline` varchar(255),\n  `date` datetime,\n  `boring` tinyint(1),\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
        f"INSERT INTO `version` VALUES {rows};\n"
    )
    return data / "newsdiffs.sql"


def _repository(folder: Path, name: str) -> list[str]:
    folder.mkdir(parents=True)
    git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=n@ostmark.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    commits = []
    for text in TEXTS:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n\n".join(text))
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "update"], check=True)
        commits.append(
            subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        )
    return commits


@pytest.mark.parametrize(
    "written", [as_jsonl, as_csv, as_pages, as_wacz, as_newsdiffs, as_dump], ids=lambda one: one.__name__
)
def test_versions_come_in_with_their_times_and_are_compared(written, desk, tmp_path):
    path = written(tmp_path)

    ended = desk.run("import", path)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{ADDRESS}: 3 captures, 3 new versions\n")
    found = history(desk)
    assert [one["snapshot"]["fetched_at"] for one in found["versions"]] == [day(1), day(2), day(3)]
    numbers, places = facts(desk)
    assert ("number", "12 people", "14 people") in numbers
    assert [(old, new) for kind, old, new in places if kind == "location"] == [("Ostmark", "Westmark")]
    assert all(path.name.partition(".")[0] in one for one in origins(desk))
    assert desk.run("alerts", "list", "--format", "json").json == []
    assert desk.run("verify").code == 0


def test_a_text_says_until_when_it_was_seen(desk, tmp_path):
    path = tmp_path / "versions.jsonl"
    rows = [
        {"url": ADDRESS, "date": day(1), "text": "\n".join(FIRE), "last_seen_at": day(4)},
        {"url": ADDRESS, "date": day(6), "text": "\n".join(MOVED), "byline": ["Ada Brandt"], "published_at": day(1)},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))

    desk.run("import", path)

    (change,) = history(desk)["changes"]
    assert (change["not_before"], change["not_after"]) == (day(4), day(6))
    assert change["comparison"]["new"]["byline"] == ["Ada Brandt"]


def test_changedetection_io(desk):
    """Made by the real program; the page itself is there for the last two, and all of them have the text."""
    ended = desk.run("import", DATA / "changedetection")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{FLOOD}: 3 captures, 3 new versions\n")
    injured, place = facts(desk, FLOOD)
    assert [one for one in injured if one[0] == "number"] == [("number", "seven people", "nine people")]
    assert place, "the old mill became the new mill"
    assert "changedetection.io" in origins(desk)[0]


def test_changedetection_io_as_older_versions_kept_it(desk, tmp_path):
    folder = shutil.copytree(DATA / "changedetection", tmp_path / "old")
    (watch,) = folder.glob("*/watch.json")
    told = {"watching": {watch.parent.name: json.loads(watch.read_text())}}
    watch.unlink()
    (folder / "url-watches.json").write_text(json.dumps(told))

    ended = desk.run("import", folder)

    assert ended.out.startswith(f"{FLOOD}: 3 captures, 3 new versions\n")


def test_diffengine(desk):
    """Made by the real program."""
    ended = desk.run("import", DATA / "diffengine.db")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{FLOOD}: 3 captures, 3 new versions\n")
    assert ("number", "seven people", "nine people") in facts(desk, FLOOD)[0]
    found = history(desk, FLOOD)
    assert found["versions"][0]["headline"] == "Flood at a mill near Ostmark | The Ostmark Post"
    assert found["versions"][-1]["last_seen_at"] > found["versions"][-1]["snapshot"]["fetched_at"]
    assert "diffengine.db (diffengine), entryversion 1" in origins(desk)


# --- what is wrong --------------------------------------------------------------------------------


def another_program(folder: Path) -> Path:
    path = folder / "other.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bookmarks (url text)")
        database.commit()
    return path


def written(name: str, content: str | bytes):
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def damaged_database(folder: Path) -> Path:
    data = bytearray((DATA / "diffengine.db").read_bytes())
    data[100:4000] = bytes(3900)
    return written("broken.db", bytes(data))(folder)


def plain_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "photos.wacz", "w") as packed:
        packed.writestr("photo.jpg", b"x")
    return folder / "photos.wacz"


def locked_zip(folder: Path) -> Path:
    path = as_wacz(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    return path


WRONG = {
    "no such file": (lambda folder: folder / "none.warc", "cannot be opened (No such file or directory)"),
    "another program's database": (another_program, "is no database of diffengine: it has no table `entryversion`"),
    "a database that is damaged": (damaged_database, "broken.db cannot be read as an SQLite database"),
    "a folder of nothing": (empty_folder, "is a folder, but neither the data folder of changedetection.io"),
    "a table without times": (
        written("a.csv", "url,text\r\nx,y\r\n"),
        "a.csv has no column for the time; it needs an address",
    ),
    "a table without texts": (written("a.csv", "url,date\r\nx,y\r\n"), "a.csv has no column for the text"),
    "an empty table": (written("a.csv", ""), "a.csv has no column for the address"),
    "lines that are no JSON": (written("a.jsonl", "hello\n"), "its first line is no JSON object"),
    "a zip file of photos": (plain_zip, "is a zip file, but no WACZ"),
    "a zip file that is cut short": (written("a.wacz", b"PK\x03\x04 and so on"), "cannot be opened as a WACZ"),
    "a zip file with a password": (locked_zip, "the zip file is damaged here"),
    "a photo": (written("a.jpg", b"\xff\xd8\xff\xe0"), "is no WARC file"),
}


@pytest.mark.parametrize(("made", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_none_is_one_clear_sentence(made, reason, desk, tmp_path):
    ended = desk.run("import", made(tmp_path))

    assert (ended.code, ended.out) == (3, "0 new versions from 0 captures of 0 articles\n")
    assert reason in ended.err
    assert ended.err.count("\n") == 1


def test_a_bad_line_costs_that_line(desk, tmp_path):
    path = as_jsonl(tmp_path)
    bad = [
        {"address": ADDRESS, "time": "yesterday", "text": "x"},
        {"address": "mailto:desk@ostmark.example", "time": day(5), "text": "x"},
        {"address": ADDRESS, "time": day(5)},
        {"address": ADDRESS, "time": day(5), "text": " "},
        {"address": ADDRESS, "time": day(5), "html": " "},
    ]
    with path.open("a") as file:
        file.write("".join(json.dumps(row) + "\n" for row in bad) + "[1]\n")

    ended = desk.run("import", path)

    assert ended.code == 3
    assert f"{path}, line 4: its time is 'yesterday'; write 2018-04-09T08:15:00Z\n" in ended.err
    assert "line 5: its address is 'mailto:desk@ostmark.example', which is none of a page\n" in ended.err
    assert "line 6: the text is missing\n" in ended.err
    assert ended.err.count("\n") == 6
    assert len(history(desk)["versions"]) == 3


def test_a_zip_that_unfolds_without_end_is_left(desk, tmp_path):
    """Ten megabytes of zeros inside a gzip inside a zip: what is not asked for is read over, within a limit."""
    path = tmp_path / "bomb.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/bomb.warc.gz", bytes(10_000_000))
        packed.writestr("archive/long.warc", b"WARC/1.1\r\n" + b"A: b\r\n" * 1_000_000)

    ended = desk.run("import", path)

    assert ended.code == 3
    assert "archive/bomb.warc.gz: archive/bomb.warc.gz is no WARC file" in ended.err
    assert "a record's header has no end" in ended.err


def test_a_link_out_of_the_folder_is_not_followed(desk, tmp_path):
    folder = shutil.copytree(DATA / "changedetection", tmp_path / "data")
    (history_file,) = folder.glob("*/history.txt")
    secret = tmp_path / "secret.txt"
    secret.write_text("The password is nine words long, and it stands in this file for everybody to read.")
    (history_file.parent / "link.txt").symlink_to(secret)
    history_file.write_text("1732503000,link.txt\n1732503100,../../../secret.txt\n")

    ended = desk.run("import", folder)

    assert ended.code == 3
    assert ended.err.count("the file is missing, cannot be read, or is too large") == 2
    assert "password" not in ended.out


def test_a_form_can_be_named(desk, tmp_path):
    path = as_csv(tmp_path).rename(tmp_path / "versions.dat")

    unknown = desk.run("import", path)
    named = desk.run("import", path, "--form", "csv")

    assert "is no WARC file" in unknown.err
    assert named.out.startswith(f"{ADDRESS}: 3 captures, 3 new versions\n")


def test_nothing_to_import_is_a_mistake(desk):
    for arguments, reason in (((), "give files"), (("a.warc", "--since", "7d"), "give --wayback too")):
        ended = desk.run("import", *arguments)

        assert (ended.code, ended.out) == (2, "")
        assert reason in ended.err
