"""Reports as an Atom feed (RFC 4287), an entry a change.

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

from tracker.models import Change
from tracker.report import view, words

_NAMESPACE = "http://www.w3.org/2005/Atom"


def render(items: Sequence[view.Item], *, now: datetime, color: bool, width: int) -> str:  # noqa: ARG001
    """Write the feed; comparisons of files have no entry, for they have no address and no time."""
    changes = [item.change for item in items if item.change]
    feed = ET.Element("feed", xmlns=_NAMESPACE)
    articles = sorted({change.article_url for change in changes})
    _add(feed, "id", _urn("feed", *articles))
    _add(feed, "title", "Article changes")
    _add(feed, "updated", _moment(max((change.detected_at for change in changes), default=now)))
    _add(ET.SubElement(feed, "author"), "name", "tracker")
    for item in items:
        if item.change:
            _add_entry(feed, item, item.change)
    ET.indent(feed, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _add_entry(feed: ET.Element, item: view.Item, change: Change) -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", entry_id(change))
    _add(entry, "title", f"{item.title}: {words.first_line(item.comparison)}")
    _add(entry, "updated", _moment(change.detected_at))
    if href := words.web_address(change.article_url):
        ET.SubElement(entry, "link", rel="alternate", href=href)
    for term in (change.comparison.judgement.verdict or "suspect", *change.tags):
        ET.SubElement(entry, "category", term=words.printable(term))
    _add(entry, "content", _content(item)).set("type", "html")


def entry_id(change: Change) -> str:
    """Name a change for good."""
    return _urn(change.article_url, change.old.snapshot.id, change.new.snapshot.id)


def _content(item: view.Item) -> str:
    comparison = item.comparison
    facts = Markup().join(Markup("<li>{}</li>").format(words.fact_line(fact)) for fact in comparison.facts)
    lines = [words.verdict_words(comparison), *words.reasons(comparison), item.when]
    lines += [disclosure] if (disclosure := words.disclosure_words(comparison)) else []
    told = Markup().join(Markup("<p>{}</p>").format(line) for line in lines)
    return str((Markup("<ul>{}</ul>").format(facts) if facts else Markup()) + told)


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = words.printable(text)
    return element


def _urn(*parts: str) -> str:
    return "urn:sha256:" + sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
