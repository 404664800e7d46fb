"""Hold a capture against the version before it: is the text that is gone really gone?

A publisher may cut, rewrite or replace an article, and that must be reported, not hidden.  So a loss makes a capture suspect only with a second sign
that it is ours or the server's: the lost text still stands in the page, the page breaks off, or the page is another one.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tracker.capture.finding import Finding
from tracker.capture.look import LONGEST_BUTTON, Look
from tracker.capture.phrases import CUT_TEXT
from tracker.models import Version

ENOUGH = 600  # characters: of a shorter text nothing can be said to be most
COLLAPSED = 0.4  # of the earlier length; the largest cut in 161 real edits leaves 0.55
STILL_THERE = 0.5  # of the lost paragraphs that stand in the page all the same
PROBE = 40  # letters: of a paragraph, looked for in the page
APART = 0.02  # of the shorter text's shingles are in the other; of 8,000 pairs of unrelated articles the most is 0.011
_CLOSED = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?…。:;][\"')\]»”’]*$")


def compare_with_previous(look: Look, version: Version, previous: Version) -> Iterator[Finding]:
    """Yield what speaks against a capture once the version before it is known."""
    if version.paragraphs == previous.paragraphs:
        return
    before = sum(map(len, previous.paragraphs))
    finding = _find_other_article(look, version, previous)
    if not finding and before >= ENOUGH and look.length <= COLLAPSED * before:
        finding = _explain_loss(look, version, previous)
    if not finding and before >= ENOUGH and look.length < before:
        finding = _find_end(look, version, previous)
    if finding:
        yield finding


def _explain_loss(look: Look, version: Version, previous: Version) -> Finding | None:
    """Find out why most of a text is gone; None when the publisher took it away."""
    kept = set(version.paragraphs)
    lost = [text for text in previous.paragraphs if text not in kept and len(text) > PROBE]
    page = _NOT_WORD.sub("", f"{look.visible} {look.source}")  # with the scripts, which may have the text for later
    keys = [_NOT_WORD.sub("", text) for text in lost]
    standing = sum(key[:PROBE] in page and key[-PROBE:] in page for key in keys)
    if lost and standing >= STILL_THERE * len(lost):
        return Finding(
            0.3,
            f"{standing} of {len(lost)} missing paragraphs still stand in the page, but were not read: its layout may have changed",
        )
    said = _find_paywall(look, version)
    if said:
        return said
    if not version.notices and _has_lost_its_shape(version, previous):
        return Finding(
            0.3,
            "Most of the text is gone, and with it the headline, or byline and date: this may not be the article's page",
        )
    return None


def _find_paywall(look: Look, version: Version) -> Finding | None:
    for said in CUT_TEXT.finditer(look.visible):
        if not any(said[0] in text for text in version.paragraphs if len(text) > LONGEST_BUTTON):
            return Finding(0.3, f"Text is gone and the page says “{said[0][:80]}”: it is behind a paywall")
    return None


def _has_lost_its_shape(version: Version, previous: Version) -> bool:
    if previous.headline and not version.headline:
        return True
    was_signed = bool(previous.byline) and previous.published_at is not None
    return (
        was_signed and not version.byline and version.published_at is None and not _shares_headline(version, previous)
    )


def _find_end(look: Look, version: Version, previous: Version) -> Finding | None:
    """Find out why only the beginning of the earlier text is there: a paywall, or a page that breaks off and is never closed."""
    read = tuple(text for text in version.paragraphs if len(text) > LONGEST_BUTTON or not CUT_TEXT.search(text))
    if not _is_beginning(read, previous.paragraphs):
        return None
    if not _CLOSED.search(look.source):
        return Finding(0.3, "The page breaks off in the middle: only the beginning of the text has arrived")
    return _find_paywall(look, version)


def _is_beginning(new: tuple[str, ...], old: tuple[str, ...]) -> bool:
    """Say whether a text is another one's first paragraphs, the last of them perhaps cut."""
    *whole, last = new or ("",)
    if not new or tuple(whole) != old[: len(whole)] or len(whole) >= len(old):
        return False
    there = old[len(whole)]
    return last == there or (there.startswith(last[:-1]) and not _SENTENCE_END.search(last))


def _find_other_article(look: Look, version: Version, previous: Version) -> Finding | None:
    """Find another article at the address: nothing of the text is left, and the page itself names another address."""
    if not _names_other_page(look, version, previous) or _shares_headline(version, previous):
        return None
    if _shared(version, previous) > APART:
        return None
    return Finding(
        0.1, "The page is another one: it names another address, and neither headline nor text are those of the article"
    )


def _names_other_page(look: Look, version: Version, previous: Version) -> bool:
    if version.canonical_url and previous.canonical_url:
        return _place(version.canonical_url) != _place(previous.canonical_url)
    return bool(look.snapshot.final_url) and _place(look.snapshot.final_url) != _place(look.snapshot.url)


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}".lower()


def _shares_headline(version: Version, previous: Version) -> bool:
    new, old = (_words(text.headline or "") for text in (version, previous))
    return len(new & old) * 3 > min(len(new), len(old)) > 0


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if len(word) > 3}


def _shared(version: Version, previous: Version) -> float:
    """Measure how much of the shorter text is in the other, in runs of four words."""
    new, old = (_shingles(text.paragraphs) for text in (version, previous))
    return len(new & old) / max(1, min(len(new), len(old)))


def _shingles(paragraphs: tuple[str, ...]) -> set[tuple[str, ...]]:
    words = _WORD.findall(" ".join(paragraphs).lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))
