"""Atom feeds (RFC 4287): of all changes, of those that a filter lets through, of an article, of a search.

An entry is named by the article and its two captures, and a feed by what it is of, so both keep their names across restarts, moves and rebuilt catalogs.
Whether anything is new is asked of the catalog before a single change is read.

Joins the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from tracker.catalog.listing import ListedChange
from tracker.catalog.search import Found
from tracker.models import Change
from tracker.report import atom, words
from tracker.report.atom import add_element, moment, urn
from tracker.web.etags import unchanged
from tracker.web.filters import describe, read_filter
from tracker.web.pages.search import check_query
from tracker.web.render import headline
from tracker.web.workspace import Workspace, number, workspace_of

router = APIRouter(include_in_schema=False)
ENTRIES: Final = 40
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
TYPE: Final = "application/atom+xml"
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/feeds/changes.atom")
def changes_feed(request: Request) -> Response:
    """The newest changes that a filter lets through."""
    workspace = workspace_of(request)
    asked = read_filter(request.query_params.multi_items(), workspace.now)
    name = ", ".join(describe(pair) for pair in asked.pairs)
    listed = workspace.catalog.list_changes(asked.wanted, limit=ENTRIES)
    title = f"Changes: {name}" if name else "Changes"
    return _changes(
        request, workspace, title, f"/?{asked.query}" if asked.pairs else "/", ("changes", asked.query), listed
    )


@router.get("/feeds/articles/{article_id}.atom")
def article_feed(request: Request, article_id: str) -> Response:
    """The changes of one article."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    wanted = read_filter([("article", str(article.id))], workspace.now).wanted
    listed = workspace.catalog.list_changes(wanted, limit=ENTRIES)
    title = f"Changes of {headline(article.headline, article.url)}"
    return _changes(request, workspace, title, f"/articles/{article.id}", ("article", article.url), listed)


@router.get("/feeds/search.atom")
def search_feed(request: Request, q: str = "") -> Response:
    """The articles that a search finds, each with the version that said it first."""
    workspace = workspace_of(request)
    check_query(q)
    found = workspace.catalog.search(q, limit=ENTRIES).found
    same = unchanged(request, [q, *(f"{one.article.id}.{len(one.versions)}.{one.versions[-1].id}" for one in found)])
    if same.response:
        return same.response
    base = workspace.base(request)
    page = f"{base}/search?{urlencode({'q': q})}"
    updated = max((one.versions[0].snapshot.fetched_at for one in found), default=BEGINNING)
    feed = _feed(request, base, f"Articles that said {q}", page, ("search", q), updated)
    for one in found:
        _add_found(feed, base, one, q)
    return _answer(feed, same.etag)


def _changes(
    request: Request, workspace: Workspace, title: str, page: str, name: Sequence[str], listed: Sequence[ListedChange]
) -> Response:
    same = unchanged(request, [*name, *(f"{one.id}.{one.detected_at.timestamp()}" for one in listed)])
    if same.response:
        return same.response
    base = workspace.base(request)
    changes = workspace.catalog.read_listed(listed)
    updated = max((change.detected_at for change in changes), default=BEGINNING)
    feed = _feed(request, base, title, f"{base}{page}", name, updated)
    for change in changes:
        _add_change(feed, base, change)
    return _answer(feed, same.etag)


# --- the feed -------------------------------------------------------------------------------------


def _feed(request: Request, base: str, title: str, page: str, name: Sequence[str], updated: datetime) -> ET.Element:
    feed = ET.Element("feed", xmlns=NAMESPACE)
    add_element(feed, "id", urn("feed", *name))
    add_element(feed, "title", words.shorten(title, 300))
    add_element(feed, "updated", moment(updated))
    add_element(ET.SubElement(feed, "author"), "name", "tracker")
    query = f"?{request.url.query}" if request.url.query else ""
    ET.SubElement(feed, "link", rel="self", type=TYPE, href=f"{base}{request.url.path}{query}")
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=page)
    return feed


def _add_change(feed: ET.Element, base: str, change: Change) -> None:
    comparison = change.comparison
    entry = _entry(
        feed,
        atom.entry_id(change),
        f"{headline(words.title(comparison), change.article_url)}: {words.first_line(comparison)}",
        change.detected_at,
        f"{base}/changes/{change.id}",
    )
    for term in (comparison.judgement.verdict or "suspect", *change.tags):
        ET.SubElement(entry, "category", term=words.printable(term))
    told = [words.verdict_words(comparison), *words.reasons(comparison), f"Changed {words.bounds(change)}."]
    told += [disclosure] if (disclosure := words.disclosure_words(comparison)) else []
    _content(entry, [words.fact_line(fact) for fact in comparison.facts], told, change.article_url)


def _add_found(feed: ET.Element, base: str, found: Found, q: str) -> None:
    first, last = found.versions[0], found.versions[-1]
    at = first.snapshot.fetched_at
    address = f"{base}/articles/{found.article.id}/versions/{last.number}?{urlencode({'q': q})}"
    title = headline(last.headline, found.article.url)
    entry = _entry(feed, urn("found", q, found.article.url, first.snapshot.id), title, at, address)
    now = "and the latest version still does" if found.still else f"until version {last.number}; the latest does not"
    told = [f"Said since version {first.number}, seen at {words.moment(at)}, {now}."]
    _content(entry, [], told, found.article.url)


def _entry(feed: ET.Element, name: str, title: str, at: datetime, address: str) -> ET.Element:
    entry = ET.SubElement(feed, "entry")
    add_element(entry, "id", name)
    add_element(entry, "title", title)
    add_element(entry, "updated", moment(at))
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=address)
    return entry


def _content(entry: ET.Element, facts: Iterable[str], told: Iterable[str], url: str) -> None:
    items = Markup().join(Markup("<li>{}</li>").format(words.printable(fact)) for fact in facts)
    text = (Markup("<ul>{}</ul>").format(items) if items else Markup()) + Markup().join(
        Markup("<p>{}</p>").format(words.printable(line)) for line in told
    )
    if address := words.web_address(url):
        text += Markup('<p><a href="{}">{}</a></p>').format(address, address)
    add_element(entry, "content", str(text)).set("type", "html")


def _answer(feed: ET.Element, etag: str) -> Response:
    ET.indent(feed, " ")
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"
    return Response(text.encode("utf-8", "replace"), headers={"etag": etag}, media_type=f"{TYPE}; charset=utf-8")
