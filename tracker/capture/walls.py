"""Recognise pages that stand in the article's place, or in front of the rest of it, by what they say.

Five kinds: a challenge or block page, a consent wall, a login wall, a page that says "not found" with status 200, and an article cut by a paywall.
A report may speak of all of these.  So a phrase alone decides nothing: the page must say it in its title, as its headline, or in a short paragraph of its own,
and there must be no report around it.

Computes only.
"""

from __future__ import annotations

import re

from tracker.capture.finding import Finding
from tracker.capture.look import Look, is_prose
from tracker.capture.phrases import (
    BLOCK_MARKS,
    BLOCK_TEXT,
    BLOCK_TITLE,
    CONSENT_TEXT,
    CONSENT_TITLE,
    CONSENT_WORDS,
    CUT_TEXT,
    GONE_TEXT,
    GONE_TITLE,
    LOGIN_TEXT,
    LOGIN_TITLE,
)

FEW = 700  # characters: a page with no more is a message
LONGEST_WALL = 8000  # characters of a consent wall with all its purposes
CONSENT_SHARE = 0.4  # of the text that speaks of consent; the articles at hand that are about it stay below 0.2
REPORT = 3  # paragraphs of prose make a report, whatever the page says besides
LONGEST_BUTTON = 220  # characters: a paragraph with more that mentions a paywall reports on one
_TITLE_PARTS = re.compile(r"\s+[-–—|•·»:]+\s+|\s*\|\s*")
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_WORD_CHARACTER = re.compile(r"\w")


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


def _is_report(look: Look, other: re.Pattern[str]) -> bool:
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
    mark = next((name for name, pattern in BLOCK_MARKS if pattern.search(look.source)), None)
    if mark and look.length < FEW:
        return Finding(0.0, f"{mark} shows a block or test page in place of the article")
    if _matches(BLOCK_TITLE, _headings(look)) and look.length < FEW:
        return Finding(0.0, f"The page is titled “{_shown(look)}”: it blocks or tests the visitor")
    said = BLOCK_TEXT.search(_message(look)) if look.length < FEW else None
    if said:
        return Finding(0.0, f"The page says “{said[0][:80]}”: it blocks or tests the visitor")
    return None


def _find_gone(look: Look) -> Finding | None:
    if _matches(GONE_TITLE, _headings(look)):
        return Finding(
            0.1, f"The page says “{_shown(look)}” with status {look.snapshot.status}: the article is not there"
        )
    said = GONE_TEXT.search(_message(look)) if look.length < FEW else None
    if said:
        return Finding(
            0.1, f"The page says “{said[0][:80]}” with status {look.snapshot.status}: the article is not there"
        )
    return None


def _find_login(look: Look) -> Finding | None:
    if look.length < FEW and (_matches(LOGIN_TITLE, _headings(look)) or LOGIN_TEXT.search(_message(look))):
        return Finding(0.1, "The page asks the reader to log in in place of the article")
    return None


def _find_consent(look: Look) -> Finding | None:
    """Find a consent wall: most of what was read is about cookies, partners and advertising."""
    paragraphs = _paragraphs(look)
    about = sum(len(text) for text in paragraphs if CONSENT_TEXT.search(text) or len(CONSENT_WORDS.findall(text)) > 1)
    titled = look.is_little and _matches(CONSENT_TITLE, _headings(look))
    if (not about or about < CONSENT_SHARE * look.length) and not titled:
        if look.length >= FEW or _is_report(look, CONSENT_TEXT):
            return None
        if not CONSENT_TEXT.search(_message(look)) or len(look.visible) > LONGEST_WALL:
            return None
    if not titled and look.length > 0 and not any(CONSENT_TEXT.search(text) for text in paragraphs):
        return None
    return Finding(0.1, "The page asks for consent to cookies or tracking in place of the article")


def _find_cut(look: Look) -> Finding | None:
    """Find a text that ends at a paywall: little of it, and a box that says how to read the rest."""
    said = next((match for match in CUT_TEXT.finditer(look.visible) if not _is_quoted(match, look)), None)
    if said is None:
        return None
    return Finding(0.3, f"The page says “{said[0][:80]}”: only the beginning of the article is in it")


def _is_quoted(match: re.Match[str], look: Look) -> bool:
    """Say whether the words are a report's own: inside a paragraph of prose."""
    return any(match[0] in text for text in _paragraphs(look) if len(text) > LONGEST_BUTTON or is_prose(text))


def _shown(look: Look) -> str:
    headline = look.version.headline if look.version else None
    return (headline or look.title)[:80]
