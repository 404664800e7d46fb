"""Reports as an Atom feed (RFC 4287), an entry a change, then an entry an event.

An entry's id is made of the article and its two snapshots, so it is the same after a restart, a rebuilt catalog and a better extractor;
the digests of the texts would not do, for an article that goes back and forth has the same pair of them twice.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree import ElementTree as ET

from markupsafe import Markup

from tracker.fate import sentence
from tracker.models import Change, Event
from tracker.report import view, words

_NAMESPACE = "http://www.w3.org/2005/Atom"


def render(
    items: Sequence[view.Item],
    events: Sequence[Event],
    *,
    now: datetime,
    color: bool,  # noqa: ARG001
    width: int,  # noqa: ARG001
) -> str:
    """Write the feed; comparisons of files have no entry, for they have no address and no time."""
    changes = [item.change for item in items if item.change]
    feed = ET.Element("feed", xmlns=_NAMESPACE)
    happened: list[Change | Event] = [*changes, *events]
    articles = sorted({one.article_url for one in happened})
    add_element(feed, "id", urn("feed", *articles))
    add_element(feed, "title", "Article changes")
    add_element(feed, "updated", moment(max((one.detected_at for one in happened), default=now)))
    add_element(ET.SubElement(feed, "author"), "name", "tracker")
    feed.extend(_change_entry(item, item.change) for item in items if item.change)
    feed.extend(_event_entry(event) for event in events)
    ET.indent(feed, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _change_entry(item: view.Item, change: Change) -> ET.Element:
    entry = _entry(change, entry_id(change), f"{item.title}: {words.first_line(item.comparison)}")
    for term in (change.comparison.judgement.verdict or "suspect", *change.tags):
        ET.SubElement(entry, "category", term=words.printable(term))
    add_element(entry, "content", _content(item)).set("type", "html")
    return entry


def _event_entry(event: Event) -> ET.Element:
    entry = _entry(event, event_id(event), f"{event.headline or event.article_url}: {sentence(event)}")
    for term in (event.kind, *event.tags):
        ET.SubElement(entry, "category", term=words.printable(term))
    add_element(entry, "content", words.event_line(event)).set("type", "text")
    return entry


def _entry(happened: Change | Event, identifier: str, title: str) -> ET.Element:
    entry = ET.Element("entry")
    add_element(entry, "id", identifier)
    add_element(entry, "title", title)
    add_element(entry, "updated", moment(happened.detected_at))
    if href := words.web_address(happened.article_url):
        ET.SubElement(entry, "link", rel="alternate", href=href)
    return entry


def event_id(event: Event) -> str:
    """Name an event for good."""
    return urn(event.article_url, "event", event.kind, event.detail, moment(event.not_after))


def entry_id(change: Change) -> str:
    """Name a change for good."""
    return urn(change.article_url, change.old.snapshot.id, change.new.snapshot.id)


def _content(item: view.Item) -> str:
    comparison = item.comparison
    facts = Markup().join(Markup("<li>{}</li>").format(words.fact_line(fact)) for fact in comparison.facts)
    lines = [words.verdict_words(comparison), *words.reasons(comparison), item.when]
    lines += [disclosure] if (disclosure := words.disclosure_words(comparison)) else []
    told = Markup().join(Markup("<p>{}</p>").format(line) for line in lines)
    return str((Markup("<ul>{}</ul>").format(facts) if facts else Markup()) + told)


def add_element(parent: ET.Element, name: str, text: str) -> ET.Element:
    """Add an element with a text, of which XML takes all."""
    element = ET.SubElement(parent, name)
    element.text = words.printable(text)
    return element


def urn(*parts: str) -> str:
    """Name a feed or an entry by what makes it the same for ever."""
    return "urn:sha256:" + sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def moment(at: datetime) -> str:
    """Write a moment as Atom wants it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
