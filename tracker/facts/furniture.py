"""Tell the page's own furniture from the story: time stamps, counters, credits, invitations to share.

A change in one of these is noise, never a fact.  The patterns take whole sentences ("Updated 15:40", "1,204 views"): a time or a number inside a sentence is none of them.

Computes only.
"""

from __future__ import annotations

import re

_TIME_STAMP = re.compile(
    r"^\W*(?:(?:last |first |page |article |story )?(?:updated|published|posted|modified|aktualisiert|veröffentlicht|stand|mis à jour|publié|actualizado|publicado|bijgewerkt|gepubliceerd)\b)?\W*(?:(?:at|on|am|um|le|à|el|op|about|just|vor|hace|il y a)\s+)*"
    r"(?:[\d.,:/–-]++|\b(?:a|an|one|am|pm|a\.m\.|p\.m\.|gmt|utc|bst|cet|e[sd]?t|p[sd]?t|uhr|h|hours?|hrs?|hr|minutes?|mins?|min|seconds?|secs?|days?|weeks?|months?|years?|stunden?|minuten?|tage?n?|heures?|jours?|horas?|días?|uur|dagen|geleden|ago|now|today|yesterday|heute|"
    r"mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|jan\w*|feb\w*|mar|march|apr\w*|may|jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|at|on|of|the|just|st|nd|rd|th)\b|[\s,.|·•()])++$",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"^\W*(?:[\d.,]+\s?[kKmM]?|no|one)\s+(?:\w+\s+)?(?:views?|comments?|shares?|likes?|reads?|reactions?|replies|followers|people (?:are )?(?:reading|watching)(?: this)?(?: now)?|kommentare?|commentaires?|comentarios?|reacties|aufrufe)\b.{0,20}$|^\W*(?:views|comments|shares)\W*[\d.,]+\W*$",
    re.IGNORECASE,
)
_STOCK = re.compile(
    r"^\W*(?:related(?: (?:article|stor|topic|content|link|coverage|video)\w*)?\s*:|related (?:articles|stories|topics|content|links)|read (?:more|also|next)\b|see also|more on this story|most (?:read|popular)|more follows|more (?:details )?(?:soon|to follow)|"
    r"this is a breaking (?:news )?story|breaking news|(?:please )?(?:refresh|check back)|share (?:this|on)|follow (?:us|bbc|@)|sign up|subscribe|click here|advertisement|story continues|continue reading|media playback|"
    r"image (?:copyright|caption|source|credit)|photo(?:graph)?\s*:|\(?(?:additional |with )?(?:reporting|writing|editing) (?:by|from)\b|\(?editing by|-{2,} ?information from|_{2,}|©|copyright|all rights reserved|reuters$|press association$|"
    r"get (?:in touch|the latest)|have your say|are you (?:in|there)|our (?:editors['’]? picks|standards)|watch\s*:|live\s*:?$|mehr zum thema|lesen sie auch|lire aussi|à lire aussi|leer también|lees ook|más información)",
    re.IGNORECASE,
)
_TICKER = re.compile(
    r"^\W*(?:live\W+)?(?:[A-Z][\w&.]*[\s:]+){1,4}(?:\d+\s+)?[€$£]?\d[\d.,]*\s*[(]?[+\-−▲▼]\s?\d[\d.,]*\s?%?", re.UNICODE
)  # FTSE 100 6,120.4 +0.3%
_SHARE_BAR = re.compile(r"share on (?:facebook|twitter)|reuse this content", re.IGNORECASE)
_LONGEST = 160  # characters; longer is text, however it begins


_DATELINE = re.compile(
    r"^\W*[A-Z][A-Z .'-]{2,40}(?:, [A-Z][\w .'-]{1,30})?(?:, (?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}))?(?: ?\([^()]{1,25}\))? ?(?:--|—|–|-) "
)


_LABEL = re.compile(
    r"^\W*(?:update|updated|aktualisierung|mise à jour|actualización|correction|korrektur|corrección|correctie)\b[^:“\"]{0,40}:\s",
    re.IGNORECASE,
)


_CREDIT = re.compile(
    r"\((?:image|photo|picture|photograph|bild|foto|crédit|imagen|beeld)s? ?(?:credits?|by|courtesy of)?\s?:[^()]*\)?\s*$",
    re.IGNORECASE,
)


def start_of_credit(sentence: str) -> int:
    """Where the story ends: before "(Image credit: Ann Lee)"; the length of the sentence without a credit."""
    match = _CREDIT.search(sentence)
    return match.start() if match else len(sentence)


def length_of_dateline(sentence: str) -> int:
    """Where the story begins: after "HOLMBY, March 4 (Wire) - "; 0 without a dateline."""
    match = _DATELINE.match(sentence)
    return match.end() if match else 0


def length_of_label(sentence: str) -> int:
    """Where a note on the article begins to tell: after "Update, April 9: "; 0 without such a label."""
    match = _LABEL.match(sentence)
    return match.end() if match else 0


def is_furniture(sentence: str) -> bool:
    """Say whether a sentence belongs to the page and not to the story."""
    text = sentence.strip()
    if not any(c.isalnum() for c in text):
        return True
    if _SHARE_BAR.search(text):
        return True
    if len(text) > _LONGEST:
        return False
    return bool(_TIME_STAMP.match(text) or _COUNTER.match(text) or _STOCK.match(text) or _TICKER.match(text))
