"""A feed of alerts is valid, keeps its identifiers, and stays whole and short whatever happens."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from alert_samples import DEATHS, LOCATION, URL, change
from lxml import etree
from report_samples import ATTACKS

from tracker.alert.channels import Channel, atom, build_channel
from tracker.alert.messages import compose_message
from tracker.config import ChannelSettings
from tracker.errors import AlertError
from tracker.models import Message

MESSAGE = compose_message(change(LOCATION, DEATHS), "desk")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alerts.xml"


def channel(file: Path, name: str = "desk") -> Channel:
    return build_channel(ChannelSettings(name, atom=file))


def numbered(number: int, **fields: Any) -> Message:
    return replace(MESSAGE, key=f"{number:064}", **fields)


def read(file: Path) -> Any:
    feed = feedparser.parse(file.read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_entry_says_what_changed_and_leads_to_the_article(file: Path):
    channel(file).send(MESSAGE)

    feed = read(file)
    (entry,) = feed.entries
    assert entry.title == MESSAGE.title
    assert entry.summary.startswith("Location: Darzab district → Bal Chiragh district, Faryab (conflicts;")
    assert entry.link == URL
    assert "<li>Number: 12 → 22 (killed)</li>" in entry.content[0].value
    assert (feed.feed.author, feed.feed.id, feed.feed.updated) == ("tracker", feed.feed.id, entry.updated)
    assert entry.updated.endswith("Z")


def test_feed_has_what_the_standard_asks_for(file: Path):
    """RFC 4287, 4.1.1 and 4.1.2: of a feed and of each entry exactly one of these; an author for all."""
    channel(file).send(MESSAGE)
    channel(file).send(numbered(1, follows=MESSAGE.key))

    feed = etree.fromstring(file.read_bytes())
    for element in [feed, *feed.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "tracker"
    (reply,) = feed.iter("{http://purl.org/syndication/thread/1.0}in-reply-to")
    assert reply.get("ref") == f"urn:tracker:alert:{MESSAGE.key}"


def test_newest_stands_first_and_an_alert_sent_again_takes_its_own_place(file: Path):
    for number in (1, 2, 1):
        channel(file).send(numbered(number))

    assert [entry.id[-1] for entry in read(file).entries] == ["1", "2"]
    assert read(file).feed.id == read(file).feed.id


def test_feed_has_a_length(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(atom, "MOST", 5)
    for number in range(8):
        channel(file).send(numbered(number))

    assert [entry.id[-1] for entry in read(file).entries] == ["7", "6", "5", "4", "3"]


@pytest.mark.parametrize("text", [*ATTACKS, "\x00\x08\ufffe\ud800"])
def test_hostile_words_do_not_break_the_feed(file: Path, text: str):
    hostile = compose_message(replace(change(replace(DEATHS, new=text), headline=text), article_url=text), "desk")

    channel(file).send(hostile)

    (entry,) = read(file).entries
    assert "javascript:" not in entry.get("link", "")


def test_writers_at_the_same_time_lose_nothing(file: Path):
    threads = [
        threading.Thread(target=lambda first=first: [channel(file).send(numbered(n)) for n in range(first, first + 5)])
        for first in range(0, 20, 5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {int(entry.id[-64:]) for entry in read(file).entries} == set(range(20))


NOT_OURS = {
    "another file": b"precious notes",
    "another feed": b'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id></feed>',
    "another document": b"<html/>",
    "a bomb": b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom"><id>&b;</id></feed>',
}


@pytest.mark.parametrize("content", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_file_that_is_not_ours_is_left_alone(file: Path, content: bytes):
    file.write_bytes(content)

    with pytest.raises(AlertError, match="is not a feed of this channel") as caught:
        channel(file).send(MESSAGE)

    assert caught.value.permanent is False
    assert file.read_bytes() == content


def test_empty_file_and_a_torn_write_are_begun_anew(file: Path):
    file.write_bytes(b"")
    file.with_name(".alerts.xml.new").write_bytes(b"<feed")

    channel(file).send(MESSAGE)

    assert len(read(file).entries) == 1


def test_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(AlertError, match="cannot be written: No such file or directory"):
        channel(tmp_path / "none" / "alerts.xml").send(MESSAGE)
