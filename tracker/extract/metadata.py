"""Read what a page says about itself: JSON-LD, OpenGraph, meta tags.

Each field is taken from the most specific place that has it (schema.org article, then OpenGraph and publishing meta tags, then the rest).
Nothing is decided here about what the reader sees: `general.py` holds it against the page.

Computes only.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

Node = dict[str, Any]

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|SocialMediaPosting)$")
_NOT_THIS_ARTICLE = (
    "itemListElement",
    "mentions",
    "isRelatedTo",
    "relatedLink",
    "hasPart",
    "citation",
    "isBasedOn",
    "comment",
    "review",
)
LONGEST_TITLE = 1000  # characters; the longest of 613 article pages has 212
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")

_PUBLISHED = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date.created", "sailthru.date", "parsely-pub-date",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "article.published", "cxenseparse:recs:publishtime", "og:published_time", "og:article:published_time",
    "article:published", "cxenseparse:publishtime", "citation_publication_date", "originalpublicationdate", "ptime", "date.issued", "displaydate", "dcterms.issued", "last_published",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "datemodified", "og:updated_time", "lastmod", "last-modified", "dcterms.modified", "dc.date.modified", "revision_date", "article.updated", "article:updated_time",
    "date.modified", "utime", "updated_time", "lastmodified",
)  # fmt: skip
AUTHOR_TAGS = (
    "author",
    "article:author_name",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "dcterms.creator",
    "citation_author",
    "cxenseparse:author",
)
CARD_TAGS = (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2"))
_WRITTEN_BY = re.compile(
    r"(?:written by|author|verfasst von|geschrieben von|autor|écrit par|escrito por|geschreven door)$", re.IGNORECASE
)
HEADLINE_TAGS = ("og:title", "twitter:title", "dc.title", "title", "headline")
_SECTION = ("article:section", "parsely-section", "section", "cxenseparse:category")


@dataclass(slots=True)
class Metadata:
    """What the page declares, as strings; empty where it says nothing."""

    types: tuple[str, ...] = ()  # of the schema.org article
    headlines: tuple[str, ...] = ()  # most specific first
    headline_at: Mapping[str, str] = field(default_factory=dict)  # by place: "json-ld", "og:title", "title"
    title: str = ""  # the <title>
    site: str = ""
    authors: tuple[str, ...] = ()  # of the schema.org article
    named_authors: tuple[str, ...] = ()  # of meta tags
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    canonical_url: str = ""
    open_graph_url: str = ""
    open_graph_type: str = ""
    article_body: str = ""
    descriptions: tuple[str, ...] = ()
    free: bool | None = None  # isAccessibleForFree
    article: Node = field(default_factory=dict)


def read_metadata(tree: Any, address: str) -> Metadata:
    """Collect the declarations of a page."""
    nodes = list(_json_ld(tree))
    article = _article_of_page(nodes, address)
    meta = _meta_tags(tree)
    title = _clean(tree.findtext(".//title") or "")[:LONGEST_TITLE]
    return Metadata(
        types=_types(article),
        headlines=_unique(
            [
                _text(article.get("headline")),
                _text(article.get("name")),
                *_all(meta, *HEADLINE_TAGS),
            ],
            longest=LONGEST_TITLE,
        ),
        headline_at={
            "json-ld": _text(article.get("headline")),
            "og:title": _first(meta, "og:title"),
            "title": _first(meta, "title"),
        },
        title=title,
        site=_first(meta, "og:site_name", "application-name") or _name(article.get("publisher")),
        authors=_unique(_names(_resolved(article.get("author") or article.get("creator"), nodes))),
        named_authors=_unique([*_all(meta, *AUTHOR_TAGS), *_labelled(meta, _WRITTEN_BY)]),
        published=_unique(
            [_text(article.get("datePublished")), _text(article.get("dateCreated")), *_all(meta, *_PUBLISHED)]
        ),
        updated=_unique([_text(article.get("dateModified")), *_all(meta, *_UPDATED)]),
        sections=_unique([*_strings(article.get("articleSection")), *_all(meta, *_SECTION)]),
        language=_language(tree, article, meta),
        canonical_url=_canonical(tree, address),
        open_graph_url=_first(meta, "og:url"),
        open_graph_type=_first(meta, "og:type"),
        article_body=_body(article),
        descriptions=_unique(
            [
                _text(article.get("description")),
                _text(article.get("alternativeHeadline")),
                *_all(meta, "og:description", "description", "twitter:description"),
            ]
        ),
        free=_free(article),
        article=article,
    )


# --- JSON-LD --------------------------------------------------------------------------------------


def _json_ld(tree: Any) -> Iterator[Node]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield from _walk(_loads(script.text))


def _loads(text: str) -> Any:
    text = (
        text.strip()
        .removeprefix("<!--")
        .removesuffix("-->")
        .removeprefix("//<![CDATA[")
        .removesuffix("//]]>")
        .strip()
        .rstrip(";")
    )
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any, depth: int = 0) -> Iterator[Node]:
    """Yield the nodes of a document, outer ones first, leaving out what speaks of other articles."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth)
    elif isinstance(value, dict) and depth < 6:
        yield value
        for key, item in value.items():
            if key not in _NOT_THIS_ARTICLE and isinstance(item, dict | list):
                yield from _walk(item, depth + 1)


def _types(node: Node) -> tuple[str, ...]:
    return tuple(str(kind).rsplit("/", 1)[-1] for kind in _listed(node.get("@type")))


def _article_of_page(nodes: list[Node], address: str) -> Node:
    """Choose the article that the page is about: the one that names this address, else the first with a headline."""
    articles = [
        node
        for node in nodes
        if any(_ARTICLE_TYPE.search(kind) for kind in _types(node)) and not _types(node)[0].startswith("Advertis")
    ]
    named = [node for node in articles if _same_page(_url_of(node), address)]
    with_headline = [node for node in named or articles if node.get("headline") or node.get("articleBody")]
    pages = [node for node in nodes if "WebPage" in _types(node)]
    return (with_headline or named or articles or pages or [{}])[0]


def _url_of(node: Node) -> str:
    main = node.get("mainEntityOfPage") or node.get("url") or node.get("@id")
    return str(main.get("@id") or main.get("url") or "") if isinstance(main, dict) else _text(main)


def _same_page(one: str, other: str) -> bool:
    def strip(url: str) -> str:
        return re.sub(r"^https?://(?:www\.)?|[?#].*$|/$", "", url)

    return bool(one) and strip(one) == strip(other)


def _body(article: Node) -> str:
    parts = [_text(article.get("articleBody"))]
    for update in _listed(article.get("liveBlogUpdate")):
        if isinstance(update, dict):
            parts += [_text(update.get("headline")), _text(update.get("articleBody"))]
    return "\n".join(part for part in parts if part)


def _free(article: Node) -> bool | None:
    value = str(article.get("isAccessibleForFree", "")).lower()
    return {"true": True, "false": False}.get(value)


def _names(value: Any) -> list[str]:
    names = []
    for item in _listed(value):
        names += _names(item.get("name")) if isinstance(item, dict) else [_text(item)]
    return names


def _resolved(value: Any, nodes: list[Node]) -> list[Any]:
    """Put a node in the place of each reference to it: `{"@id": "#ann"}`."""
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and node.get("name")}
    ids = [(item.get("@id") if isinstance(item, dict) else item, item) for item in _listed(value)]
    return [known.get(id_, item) if isinstance(id_, str) else item for id_, item in ids]


def _name(value: Any) -> str:
    return next(iter(_names(value)), "")


def _strings(value: Any) -> list[str]:
    return [_text(item) for item in _listed(value) if isinstance(item, str)]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """Read a JSON value as text: entities undone, tags off, lines kept."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), "")
    if isinstance(value, dict):
        value = value.get("@value") or ""
    if not isinstance(value, str):
        return ""
    text = html.unescape(value)
    if "<" in text:
        text = re.sub(r"<[^<>]{1,400}>", " ", re.sub(r"(?i)</p>|<br\s*/?>|</h\d>|</li>", "\n", text))
    return "\n".join(line for line in (_clean(line) for line in text.split("\n")) if line)


# --- meta tags ------------------------------------------------------------------------------------


def _meta_tags(tree: Any) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = _clean(html.unescape(element.get("content") or ""))
        if name and content:
            tags.setdefault(name.strip().lower(), []).append(content)
    return tags


def _first(meta: dict[str, list[str]], *names: str) -> str:
    return next((meta[name][0] for name in names if name in meta), "")


def _all(meta: dict[str, list[str]], *names: str) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _labelled(meta: dict[str, list[str]], label: re.Pattern[str]) -> list[str]:
    """List what the preview card of a link says beside a label: `twitter:label1` "Written by", `twitter:data1` "Ann Lee"."""
    pairs = [(_first(meta, name), _first(meta, data)) for name, data in CARD_TAGS]
    return [value for name, value in pairs if value and label.match(name)]


def _canonical(tree: Any, address: str) -> str:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            try:
                return str(urljoin(address, link.get("href").strip()))
            except ValueError:
                return ""
    return ""


def _language(tree: Any, article: Node, meta: dict[str, list[str]]) -> str:
    root = tree.getroottree().getroot()
    declared = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    return (
        declared
        or _text(article.get("inLanguage"))
        or _first(meta, "og:locale", "content-language", "language", "dc.language")
    )


def _unique(values: list[str], *, longest: int | None = None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:longest] for value in values if value))


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
