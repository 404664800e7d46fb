"""Recognise pages that stand in the article's place, or in front of the rest of it, by what they say.

Five kinds: a challenge or block page, a consent wall, a login wall, a page that says "not found" with status 200, and an article cut by a paywall.
A report may speak of all of these.  So a phrase alone decides nothing: the page must say it in its title, as its headline, or in a short paragraph of its own,
and there must be no report around it.

Computes only.
"""

from __future__ import annotations

import re

from tracker.capture.finding import Finding
from tracker.capture.look import LONGEST_BUTTON, Look, is_prose
from tracker.capture.phrases import (
    BLOCK_MARKS,
    BLOCK_TEXT,
    BLOCK_TITLE,
    CONSENT_TEXT,
    CONSENT_TITLE,
    CONSENT_WORDS,
    CUT_LABEL,
    CUT_TEXT,
    GONE_TEXT,
    GONE_TITLE,
    LOGIN_TEXT,
    LOGIN_TITLE,
    Sayings,
)

FEW = 700  # characters: a page with no more is a message
LONGEST_WALL = 8000  # characters of a consent wall with all its purposes
CONSENT_SHARE = 0.4  # of the text that speaks of consent; none of 613 article pages has more than 0.25
REPORT = 3  # paragraphs of prose make a report, whatever the page says besides
_TITLE_PARTS = re.compile(r"\s+[-–—|•·»:]+\s+|\s*\|\s*")
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Yy]our?|[Uu]s|[Ww]ir|[Uu]nser\w*|Sie|Ihr\w*|[Dd]u|[Dd]ein\w*|[Nn]ous|[Nn]os|[Vv]o(?:us|tre|s)|[Nn]osotros|[Nn]uestr\w+|[Uu]sted|[Ss]us?|[Tt]us?|[Ww]ij|[Oo]nze|[Uu]w?|[Jj]ij|[Jj]ouw|[Jj]e|[Nn]oi|[Nn]ostri|[Vv]oi|[Tt]uo|[Tt]ua|[Nn]ós|[Nn]ossos|[Ss]eu|[Mm]y|[Nn]asi)\b"
)


def find_wall(look: Look) -> Finding | None:
    """Say what stands in the article's place; None when nothing does."""
    if look.length > LONGEST_WALL:
        return None
    consent = _find_consent(look)
    if consent or not look.is_little:
        return consent
    if not _is_report(look, BLOCK_TEXT):
        found = _find_block(look) or _find_gone(look) or _find_login(look)
        if found:
            return found
    return _find_cut(look)


def _paragraphs(look: Look) -> tuple[str, ...]:
    return look.version.paragraphs if look.version else ()


def _is_report(look: Look, other: Sayings) -> bool:
    """Say whether there is a report in the page: several paragraphs of prose, or one or two under a byline and a date."""
    version = look.version
    if version is None:
        return False
    prose = sum(
        is_prose(text) and not (len(text) < LONGEST_BUTTON and other.search(text)) for text in version.paragraphs
    )
    signed = bool(version.byline) + (version.published_at is not None)
    return prose >= REPORT - signed


def _headings(look: Look) -> list[str]:
    """List the headline and the parts of the title: "Page not found - The Example" is two."""
    headline = look.version.headline if look.version else None
    return [part for text in (headline, look.title) if text for part in (text, *_TITLE_PARTS.split(text))]


def _message(look: Look) -> str:
    """Give the words of a page that is a message: what was read in it, or all of it where nothing was."""
    text = " ".join((*filter(None, [look.version.headline if look.version else None]), *_paragraphs(look)))
    return text if len(text) > 80 else f"{text} {look.visible[:3000]}"


def _matches(pattern: re.Pattern[str], texts: list[str]) -> bool:
    return any(pattern.fullmatch(text.strip(" .!…:–-")) for text in texts)


def _find_block(look: Look) -> Finding | None:
    if look.length >= FEW:
        return None
    mark = next((name for name, marks in BLOCK_MARKS if any(mark in look.source for mark in marks)), None)
    if mark:
        return Finding(0.0, f"{mark} shows a block or test page in place of the article")
    if _matches(BLOCK_TITLE, _headings(look)):
        return Finding(0.0, f"The page is titled “{_shown(look)}”: it blocks or tests the visitor")
    said = BLOCK_TEXT.search(_message(look))
    if said:
        return Finding(0.0, f"The page says “{said[0][:80]}”: it blocks or tests the visitor")
    return None


def _find_gone(look: Look) -> Finding | None:
    if _matches(GONE_TITLE, _headings(look)):
        return _gone(look, _shown(look))
    said = GONE_TEXT.search(_message(look)) if look.length < FEW else None
    return _gone(look, said[0][:80]) if said else None


def _gone(look: Look, said: str) -> Finding:
    how = f"says “{said}” with status {look.snapshot.status}"
    return Finding(0.1, f"The page {how}: the article is not there", f"the page {how}")


def _find_login(look: Look) -> Finding | None:
    if look.length < FEW and (_matches(LOGIN_TITLE, _headings(look)) or LOGIN_TEXT.search(_message(look))):
        return Finding(0.1, "The page asks the reader to log in in place of the article")
    return None


def _find_consent(look: Look) -> Finding | None:
    """Find a consent wall: most of what was read asks the reader about cookies, partners and advertising."""
    asking = [text for text in _paragraphs(look) if _asks_consent(text)]
    asks = sum(map(len, asking)) > CONSENT_SHARE * look.length and any(map(CONSENT_TEXT.search, asking))
    if not asks and look.is_little and not _is_report(look, CONSENT_TEXT):
        titled = _matches(CONSENT_TITLE, _headings(look))
        is_message = (asking or not _paragraphs(look)) and look.length < FEW and len(look.visible) < LONGEST_WALL
        asks = bool(titled or is_message) and CONSENT_TEXT.search(_message(look)) is not None
    if not asks or (look.version and look.version.published_at and look.version.byline):
        return None
    return Finding(0.1, "The page asks for consent to cookies or tracking in place of the article")


def _asks_consent(text: str) -> bool:
    """Say whether a paragraph speaks to the reader about consent; a report about it speaks of "users"."""
    return _ADDRESS.search(text) is not None and (
        len(CONSENT_WORDS.findall(text)) > 1 or CONSENT_TEXT.search(text) is not None
    )


def _find_cut(look: Look) -> Finding | None:
    """Find a text that ends at a paywall: little of it, and a box that says how to read the rest."""
    said = next((match for match in CUT_TEXT.finditer(look.visible) if not _is_quoted(match, look)), None)
    if said is None and _NOT_FREE.search(look.source):
        said = next((match for match in CUT_LABEL.finditer(look.visible) if not _is_quoted(match, look)), None)
        if said is None and look.length < FEW and _is_unfinished(look):
            return Finding(
                0.3,
                "The page is declared as not free and its text stops short: only the beginning of the article is in it",
            )
    if said is None:
        return None
    return Finding(0.3, f"The page says “{said[0][:80]}”: only the beginning of the article is in it")


def _is_unfinished(look: Look) -> bool:
    paragraphs = _paragraphs(look)
    return bool(paragraphs) and paragraphs[-1].rstrip(' "”»“').endswith(("…", "...", "[…]", ",", "[...]"))


def _is_quoted(match: re.Match[str], look: Look) -> bool:
    """Say whether the words are a report's own: inside a paragraph of prose."""
    return any(match[0] in text for text in _paragraphs(look) if len(text) > LONGEST_BUTTON or is_prose(text))


def _shown(look: Look) -> str:
    headline = look.version.headline if look.version else None
    return (headline or look.title)[:80]
