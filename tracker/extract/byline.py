"""Name the authors: from the metadata, or from the page where the metadata names only the outlet.

Computes only.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from tracker.extract.blocks import Element, clean, squash

MOST_NAMES = 12  # a list of more is the staff, not a byline
LONGEST_NAME = 60  # characters

_LEAD = re.compile(
    r"^\W*(?:(?:written |reported |story |words |text |analysis |posted |article |a report |geschrieben |interview |escrito |écrit |geschreven )?(?:by|von|par|por|door|di|av)\b:?|text:|interview:|autor(?:in|en)?:|authors?:|redaktion:|(?:über|about) )\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:;|\||,|&|•|·|\band\b|\bund\b|\bet\b|\by\b|\ben\b|(?<=\w)/(?=\w))\s*(?!(?:Jr|Sr|II|III|IV|PhD|MD|M\.D|Ph\.D)\b)"
)
_TAIL = re.compile(
    r"\s*(?:[-–—|(,]\s*(?:bbc|cnn|updated|published|editor|correspondent|reporter|staff|redakteur|photo|image|@).*|\b(?:for|in|at|from) (?:the )?[A-Z][\w ]{2,30}$|,? (?:senior |chief |political |staff |world )*(?:reporter|correspondent|editor|writer|redakteur(?:in)?|korrespondent(?:in)?)\b.*)$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|^[a-z0-9]+(?:[-_][a-z0-9]+)+$|\b\d{2,}|\b(?:powered|quelle|image|photo|getty|credit|cookie|newsletter|subscribe|min read|updated|published|uhr|minutes?|ago|follow|share|comments?|all posts|view|posts by|photographs?|illustrations?|fotos?)\b|\.(?:com|de|org|net)$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^(?:[\w-]+ ){0,3}(?:reporter|correspondent|editor|writer|columnist|redakteur(?:in)?|korrespondent(?:in)?)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|^\(image", re.IGNORECASE)
_FULL_NAME = re.compile(r"^(?:[^\W\d_][\w.'’-]*\s+)+[^\W\d_][\w.'’-]+$")
_OUTLET = re.compile(
    r"\b(?:redaktion|editors?|editorial|staff|newsroom|news ?desk|online|agencies|admin|administrator|verlag|gmbh|e\.v\.|inc|ltd|foundation|magazin|magazine|zeitung)\b|\.\w{2,3}\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"\.[a-z]{2,3}$", re.IGNORECASE)
_CLASS = re.compile(
    r"(?:^|[\s_-])(?:byline|by-line|author|authors|autor|autoren|autorenzeile|redakteur|writer|journalist|contributor|screenname)(?:$|[\s_-]|s\b)|author-?name|authorName|Byline|bylineName|[a-z]Author(?:s|List|Name|Names)?(?=$|[\s_-])",
    re.ASCII,
)
_ASIDE = re.compile(
    r"comment|bio\b|related|sidebar|avatar|image|teaser|card-list|recommend|promo|description", re.IGNORECASE
)

_OF_ENTRY = re.compile(r"entry|post|article|meta", re.IGNORECASE)
_LINE_TAGS = frozenset(("p", "span", "div", "address", "em", "li", "small", "h4", "h5", "h6", "strong", "i", "b"))
_LONGEST_LINE = 100  # characters of a line that names the author
_PARAGRAPH = 200  # characters: a `<p>` with fewer may be a dateline or a caption
_BY = re.compile(
    r"^\W*(?:(?:written |posted |geschrieben |text |interview )?(?:by|von|par|por|door|di|av)\b:?|text:|interview:|autor(?:in|en)?:|authors?:) ?(?=[A-ZÀ-ÞŠŽ])(?-i:[A-ZÀ-ÞŠŽ])",
    re.IGNORECASE,
)


def choose_byline(declared: Sequence[str], meta: Iterable[str], site: str, tree: Element) -> tuple[str, ...]:
    """Take the first source that names a person; an outlet only when no source does.

    Args:
        declared: Authors of the schema.org article.
        meta: Authors in meta tags.
        site: The outlet's name.
        tree: The page, for what it shows.
    """
    shown = split_names(_shown(tree))
    sources = [
        split_names(declared) or tuple(declared[:1]),
        split_names(meta),
        tuple(name for name in shown if _FULL_NAME.match(name)),
    ]
    lines = (tuple(filter(_FULL_NAME.match, split_names([line]))) for line in _said(tree))
    said = next(filter(None, lines), ())
    people = [tuple(name for name in names if not _is_outlet(name, site)) for names in (*sources, said)]
    full = [names for names in people if any(" " in name for name in names)]
    single = [names for names in people if len(names) == 1]  # a desk, "dpa", or a nickname; several are places
    return next(filter(None, (*full, *single, *sources, shown)), ())


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Split bylines into names: "By Ann Lee and Bo Diaz" → Ann Lee, Bo Diaz."""
    names: list[str] = []
    for text in texts:
        if _ADDRESS.search(text):
            continue
        for part in _SPLIT.split(_LEAD.sub("", clean(text))):
            name = _without_role(_LEAD.sub("", part)).strip(" .,:;-–—|()[]\"'")
            if 1 < len(name) <= LONGEST_NAME and not _NOT_A_NAME.search(name) and not (names and _ROLE.match(name)):
                names.append(name)
    unique = {squash(name).lower(): name for name in reversed(names)}
    return tuple(reversed(unique.values()))[:MOST_NAMES]


def _without_role(name: str) -> str:
    """Take off what a person is or writes for: "Ann Lee, political editor"; a pen name such as "Roving Reporter" stays whole."""
    short = _TAIL.sub("", name)
    return short if " " in short.strip() or "," in name else name


def _is_outlet(name: str, site: str) -> bool:
    key, outlet = squash(name).lower(), squash(_DOMAIN.sub("", site)).lower()
    return bool(_OUTLET.search(name)) or (bool(outlet) and (key in outlet or outlet in key))


def _shown(tree: Element) -> Iterator[str]:
    """Yield what the page marks as its author: the strongest mark that is there, below the headline before above it."""
    for marks in (_marked_author, _named_author):
        found = [(element, clean(" ".join(element.itertext()))) for element in marks(tree)]
        found = [(element, text) for element, text in found if 2 < len(text) <= 2 * LONGEST_NAME]
        if found:
            yield from _neighbours(found, set(_below_headline(tree)))
            return


def _neighbours(found: list[tuple[Element, str]], below: set[Element]) -> Iterator[str]:
    """Yield the first text and those that stand in one place with it; the authors of other articles stand elsewhere."""
    first = next((element for element, _ in found if element in below), found[0][0])
    place = {first, *itertools.islice(first.iterancestors(), 3)}
    for element, text in found:
        if element is first or not place.isdisjoint(itertools.islice(element.iterancestors(), 3)):
            yield text


def _below_headline(tree: Element) -> Iterator[Element]:
    return itertools.dropwhile(lambda element: element.tag != "h1", tree.iter())


def _said(tree: Element) -> Iterator[str]:
    """Yield the short lines between headline and text that begin with "By"; further down they belong to other articles.

    One paragraph may stand in between: the standfirst.
    """
    paragraphs = 0
    for element in _below_headline(tree):
        if element.tag == "p" and len(element.text_content()) >= _PARAGRAPH:
            paragraphs += 1
            if paragraphs > 1:
                return
        if element.tag in _LINE_TAGS and len(element) <= 4:
            text = clean(" ".join(element.itertext()))
            if len(text) <= _LONGEST_LINE and _BY.match(text) and not _stands_aside(element):
                yield text


def _marked_author(tree: Element) -> Iterator[Element]:
    for element in tree.iter("a", "span", "div", "p", "address", "li", "meta"):
        if (element.get("rel") == "author" or element.get("itemprop") in ("author", "creator")) and not _stands_aside(
            element
        ):
            yield next((inner for inner in element.iter() if inner.get("itemprop") == "name"), element)


def _named_author(tree: Element) -> Iterator[Element]:
    for element in tree.iter("a", "span", "div", "p", "address", "strong", "cite", "li"):
        names = element.get("class")
        if names and _CLASS.search(names) and not _ASIDE.search(names) and not _stands_aside(element):
            yield next((inner for inner in element.iter("a") if clean("".join(inner.itertext()))), element)


def _stands_aside(element: Element) -> bool:
    """Say whether an element lies in comments, a sidebar or a list of other articles."""
    for ancestor in _near_ancestors(element):
        names = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        aside = ancestor.tag in ("aside", "nav") or (ancestor.tag == "footer" and not _OF_ENTRY.search(names))
        if (aside or _ASIDE.search(names)) and ancestor.find(".//h1") is None:
            return True
    return False


def _near_ancestors(element: Element) -> Iterator[Element]:
    for depth, ancestor in enumerate(element.iterancestors()):
        if depth == 6 or ancestor.tag in ("body", "main", "article"):
            return
        yield ancestor
