"""What the facts amount to: verdict, importance and disclosure, with the reasons in plain words.

The meaning of the words is in the README under "What counts as a change".

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from tracker.facts.findings import Findings
from tracker.facts.languages import guess_language, language_pack
from tracker.facts.substance import SUBSTANTIVE
from tracker.models import Disclosure, Fact, Judgement, Label, SentenceChange, Verdict, Version

_REASONS_SHOWN = 3  # facts that are named in the reasons
_UNREAD = "There was no time to read all that changed: {} sentences may say anything, and are for a person to read."
_READ_FOR_SCRIPT = 2_000  # characters
_LAST_LATIN = "\u024f"


def judge(findings: Findings, old: Version, new: Version, steps: Sequence[SentenceChange]) -> Judgement:
    """Say what two versions' differences amount to.

    Args:
        findings: The facts that changed, and how sure the engine is.
        old: The earlier version.
        new: The later version.
        steps: The alignment of their sentences, as the findings were made from.
    """
    if not findings.same_story:
        return Judgement(
            "different_story",
            3,
            None,
            ("The two versions are not about the same event: the address carries another story.",),
        )
    if all(step.operation == "equal" for step in steps):
        return Judgement("unchanged", 0, None, ("Nothing differs but white space and typography.",))
    facts = [fact for fact in findings.facts if fact.importance >= 2 and fact.kind != "notice"]
    if facts and findings.substance >= SUBSTANTIVE:
        importance = max(fact.importance for fact in facts)
        disclosure, how = _disclosure(findings, old, new)
        return Judgement("substantive", importance, disclosure, (*_named(facts), how))
    if any(_corrects(fact) for fact in findings.facts):
        return Judgement(
            "substantive", 2, "disclosed", ("A note in the new version takes back or puts right what was reported.",)
        )
    if findings.unread:
        disclosure, how = _disclosure(findings, old, new)
        return Judgement("substantive", 2, disclosure, (_UNREAD.format(findings.unread), how))
    verdict, why = _small(findings, steps, foreign=_is_foreign(old, new))
    return Judgement(verdict, 0 if verdict == "cosmetic" else 1, None, (why,))


def judge_links(old: Sequence[str], new: Sequence[str]) -> Judgement:
    """Say what a change amounts to that a reader sees only by following a link.

    Args:
        old: Where the links of the earlier version lead, in reading order.
        new: Where those of the later version lead.
    """
    changes = [
        f"{', '.join(old[a1:a2]) or 'nothing'} → {', '.join(new[b1:b2]) or 'nothing'}"
        for operation, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if operation != "equal"
    ]
    more = [f"And {len(changes) - _REASONS_SHOWN} more."] if len(changes) > _REASONS_SHOWN else []
    shown = (f"A link leads elsewhere: {change}" for change in changes[:_REASONS_SHOWN])
    return Judgement("minor", 1, None, ("The text is the same; only links in it changed.", *shown, *more))


_CORRECTION = re.compile(
    r"\b(?:misstat\w*|incorrect\w*|wrong(?:ly)?|mistaken(?:ly)?|erroneous\w*|inaccurate\w*|retract\w*|withdr[ae]w\w*|should not be relied on|"
    r"fälschlich\w*|widerruf\w*|par erreur|erronée?s?|por error|erróne[ao]s?|ten onrechte|onjuist\w*)\b",
    re.IGNORECASE,
)


def _corrects(fact: Fact) -> bool:
    """Say whether a note was added that owns up to a mistake: a statement is withdrawn, also where the text itself was mended before."""
    return fact.kind == "notice" and fact.status == "added" and bool(_CORRECTION.search(fact.new or ""))


def _named(facts: Sequence[Fact]) -> tuple[str, ...]:
    reasons = tuple(dict.fromkeys(fact.reason for fact in facts if fact.reason))
    more = len(reasons) - _REASONS_SHOWN
    return (*reasons[:_REASONS_SHOWN], f"And {more} more.") if more > 0 else reasons


def _small(findings: Findings, steps: Sequence[SentenceChange], *, foreign: bool) -> tuple[Verdict, str]:
    if any(fact.kind == "notice" for fact in findings.facts):
        return "minor", "A note about the article itself changed, and no fact that the article reports."
    if foreign and any(map(_has_other_words, steps, findings.labels)):
        return "minor", "The words changed, in a language that is not read well enough to say what they change."
    if findings.facts or any(label in ("context", "fact") for label in findings.labels):
        return "minor", "Information changed, but nothing that alters what happened."
    return "cosmetic", "Only the wording changed, not what is said."


def _is_foreign(old: Version, new: Version) -> bool:
    """Say whether the article is in a language of which only numbers and quotations are read."""
    declared = new.language or old.language
    if declared:
        return not language_pack(declared).code
    text = " ".join((new.headline or "", *new.paragraphs, *(new.sentences or ())))[:_READ_FOR_SCRIPT]
    letters = [c for c in text if c.isalpha()]
    if all(map(str.isascii, letters)):
        return False
    return sum(c > _LAST_LATIN for c in letters) * 2 > len(letters) or not guess_language([text]).code


def _has_other_words(step: SentenceChange, label: Label | None) -> bool:
    """Say whether other words stand there, rather than other signs, another order or another time stamp."""
    if step.operation in ("equal", "move"):
        return False
    changed = [piece for kind, piece in step.words if kind != "equal"]
    if not changed or any(any(map(str.isalpha, piece)) for piece in changed):
        return True
    return label != "noise" and any(any(map(str.isdigit, piece)) for piece in changed)


def _disclosure(findings: Findings, old: Version, new: Version) -> tuple[Disclosure, str]:
    if findings.disclosed:
        return "disclosed", "A note in the new version speaks of the change."
    if new.updated_at is not None and old.updated_at is not None and new.updated_at > old.updated_at:
        return "dated", "No note speaks of the change, but the page's own time of update moved."
    if set(new.notices) - set(old.notices):
        return "undisclosed", "A note was added, but it does not speak of this change."
    return "undisclosed", "Nothing in the new version tells the reader of the change."
