"""Read any news page: the general extractor.

Computes only.
"""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from tracker.errors import ExtractError
from tracker.extract.blocks import Element, squash
from tracker.extract.body import Body, Hints, read_body
from tracker.extract.byline import choose_byline
from tracker.extract.headline import choose_headline, headline_at, shown_headline
from tracker.extract.language import guess_language, normalize_language
from tracker.extract.links import WEB, link_target
from tracker.extract.moments import parse_moment
from tracker.extract.page import Page, repair
from tracker.extract.plain import find_notices
from tracker.extract.publishers.headlines import Place, place_of_headline
from tracker.models import Version

EXTRACTOR = f"general/2 trafilatura/{version('trafilatura')} lxml/{version('lxml')}"
SHORTEST_TEXT = 200  # characters; below it the text in the page's metadata is taken when that is longer


def read_page(page: Page) -> Version:
    """Read the article in a parsed page.  The page's tree is used up.

    Raises:
        ExtractError: There is no text in it at all.
    """
    metadata = page.metadata
    chosen = choose_headline(page.tree, metadata.headlines, metadata.title, metadata.site)
    headline = headline_at(_place_of_headline(page), page.tree, metadata) or chosen
    shown = shown_headline(page.tree, headline or "", chosen or "")
    language = normalize_language(metadata.language)
    byline = choose_byline(metadata.authors, metadata.named_authors, metadata.site, page.tree)
    published_at = _moment(metadata.published) or _shown_moment(page.tree)
    body = read_body(
        page.tree, Hints(shown or headline or "", byline, metadata.descriptions, metadata.article_body, language)
    )
    if sum(map(len, body.paragraphs)) < SHORTEST_TEXT and len(metadata.article_body) > SHORTEST_TEXT:
        paragraphs = metadata.article_body.split("\n")
        body = Body(paragraphs, body.captions, list(find_notices(paragraphs, language)), links=None)
    headlines = {squash(text) for text in (headline, chosen, shown) if text}
    paragraphs = [repair(text) for text in body.paragraphs if squash(text) not in headlines]
    if not paragraphs and not headline:
        raise ExtractError(
            f"no text found in {page.address}; the page may be drawn by a script or be in a layout that needs a publisher rule (README, 'How to add a publisher')"
        )
    return Version(
        headline=repair(headline) if headline else None,
        byline=byline,
        published_at=published_at,
        updated_at=_moment(metadata.updated),
        section=metadata.sections[0] if metadata.sections else None,
        language=language or guess_language(" ".join(paragraphs)),
        paragraphs=tuple(paragraphs),
        captions=tuple(repair(text) for text in body.captions),
        notices=tuple(repair(text) for text in body.notices),
        extractor=EXTRACTOR,
        canonical_url=metadata.canonical_url or None,
        links=_targets(body.links, page.base),
        shown_headline=repair(shown) if shown else None,
    )


def _place_of_headline(page: Page) -> Place | None:
    try:
        host = urlsplit(page.address if page.address.startswith(WEB) else page.metadata.canonical_url).hostname
    except ValueError:
        return None
    return place_of_headline(host or "", page.fetched_at)


def _targets(links: list[str] | None, base: str) -> tuple[str, ...] | None:
    return None if links is None else tuple(target for target in (link_target(link, base) for link in links) if target)


def _moment(texts: tuple[str, ...]) -> datetime | None:
    return next((moment for moment in map(parse_moment, texts) if moment), None)


def _shown_moment(tree: Element) -> datetime | None:
    """Read the publication date that the page shows, where its metadata has none."""
    for element in tree.iter("time", "span", "abbr", "div"):
        if element.tag == "time" or element.get("itemprop") == "datePublished":
            moment = parse_moment(element.get("datetime") or element.get("content") or element.get("title") or "")
            if moment:
                return moment
    from htmldate import find_date  # slow to import, as all that it rests on

    day = find_date(tree, original_date=True, extensive_search=False)
    return parse_moment(day) if day else None
