"""A feed of the latest alerts in a file (RFC 4287), for any feed reader.

An alert that is delivered again takes the place of itself, because its identifier is made of its key.
The file is written beside itself and then put in its place, so that a reader never sees half of it.

Touches the disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from lxml import etree

from tracker.config import ChannelSettings
from tracker.errors import AlertError
from tracker.models import Message

ATOM: Final = "http://www.w3.org/2005/Atom"
THREADS: Final = "http://purl.org/syndication/thread/1.0"  # RFC 4685
MOST: Final = 200  # entries; a reader that asks once a day misses none of a busy desk
LONGEST: Final = 50_000_000  # bytes of a feed that is read back
SPACE: Final = uuid.UUID("5a0a5f5c-7f0f-4d5b-9d0e-6f0d8d5f0a11")  # names our feeds

ET.register_namespace("", ATOM)
ET.register_namespace("thr", THREADS)


class AtomChannel:
    """One feed."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name = settings.name
        self._file = settings.atom or Path("alerts.xml")

    def send(self, message: Message) -> None:
        """Put an entry at the head of the feed and see it onto the disk."""
        try:
            with _alone(self._file):
                feed = self._read()
                _put(feed, message, datetime.now(UTC))
                _write(self._file, feed)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror or error}") from error

    def _read(self) -> ET.Element:
        """Read the feed as it is, or begin one."""
        if not self._file.exists() or self._file.stat().st_size == 0:
            return _new_feed(self._name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            data = self._file.read_bytes()
            checked = etree.fromstring(data, parser)  # without entities, whoever wrote it
            if (
                len(data) > LONGEST
                or checked.tag != f"{{{ATOM}}}feed"
                or checked.findtext(f"{{{ATOM}}}id") != _feed_id(self._name)
            ):
                raise ValueError
            return ET.fromstring(etree.tostring(checked))  # noqa: S314  # checked just now
        except (etree.XMLSyntaxError, ET.ParseError, ValueError) as error:
            raise self._error(
                "is there, and is not a feed of this channel; name another file, or move it away"
            ) from error

    def _error(self, what: str) -> AlertError:
        return AlertError(f'channel "{self._name}": {self._file} {what}', channel=self._name)


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let one writer at a time have the file."""
    descriptor = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _new_feed(name: str) -> ET.Element:
    feed = ET.Element(f"{{{ATOM}}}feed")
    _text(feed, "id", _feed_id(name))
    _text(feed, "title", f"Alerts of the tracker: {name}")
    _text(feed, "updated", "")
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _text(author, "name", "tracker")
    return feed


def _feed_id(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(SPACE, name)}"


def _put(feed: ET.Element, message: Message, now: datetime) -> None:
    moment = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    updated = feed.find(f"{{{ATOM}}}updated")
    assert updated is not None, "every feed of ours has one"
    updated.text = moment
    entry = _entry(message, moment)
    others = [
        one for one in feed.findall(f"{{{ATOM}}}entry") if one.findtext(f"{{{ATOM}}}id") != _entry_id(message.key)
    ]
    for one in feed.findall(f"{{{ATOM}}}entry"):
        feed.remove(one)
    feed.extend([entry, *others[: MOST - 1]])


def _entry(message: Message, moment: str) -> ET.Element:
    entry = ET.Element(f"{{{ATOM}}}entry")
    _text(entry, "id", _entry_id(message.key))
    _text(entry, "title", message.title)
    _text(entry, "updated", moment)
    article = message.payload.get("article")
    if isinstance(article, dict) and str(article["url"]).startswith(("https://", "http://")):
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=_clean(article["url"]))
    if message.follows:
        ET.SubElement(entry, f"{{{THREADS}}}in-reply-to", ref=_entry_id(message.follows))
    _text(entry, "summary", message.text.partition("\n")[0])
    _text(entry, "content", message.html, type="html")
    return entry


def _entry_id(key: str) -> str:
    return f"urn:tracker:alert:{key}"


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes).text = _clean(text)


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot carry."""
    return "".join(
        one
        for one in text
        if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff"
    )


def _write(file: Path, feed: ET.Element) -> None:
    temporary = file.with_name(f".{file.name}.new")
    with temporary.open("wb") as written:
        written.write(ET.tostring(feed, encoding="utf-8", xml_declaration=True))
        written.flush()
        os.fsync(written.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
