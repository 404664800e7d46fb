"""Read who did it: the doer of an attack, a killing or a strike, however the sentence puts it.

"an Afghan airstrike", "killed by security forces", "rockets fired by Russia", "U.S. forces carried out the airstrike", "claimed by", "blamed on".
English only, by the order of words.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.names import Name, Names
from tracker.facts.words import Token, content, fold

_DEED = r"(?:air ?strikes?|strikes?|attacks?|bombings?|bomb|bombardment|raids?|missiles?|rockets?|drones?|shelling|offensive|operation|assault|ambush|artillery|warplanes?|jets?|fire|gunfire|shooting|massacre)"
_FORCES = r"(?:air force|army|navy|military|security|special|government|coalition|rebel|police|ground|led|backed|coalition-led)"
# who + what: "an Afghan air force airstrike", "U.S. strike", "Saudi-led coalition airstrikes"
_ADJECTIVE = re.compile(
    rf"(?P<who>(?:[A-Z][\w.’'-]*(?:[ -](?:led|backed))?(?: and [A-Z][\w.’'-]*)?|suspected \w+|joint|foreign|rebel|government|coalition)(?: {_FORCES})*)(?: \w+)?[ -](?P<deed>{_DEED})\b(?! (?:at|in|on) the time)"
)
# what + by + who: "killed by security forces", "carried out by a suicide bomber"
_PASSIVE = re.compile(
    r"\b(?:(?P<cue>carried out|conducted|claimed|fired|killed|launched|shot(?: dead)?|attacked|bombed|staged|planted|detonated|perpetrated|committed|hit|struck|targeted|"
    r"abducted|kidnapped|arrested|hacked|poisoned|seized|downed|caused|shelled|organi[sz]ed|masterminded|orchestrated|done)(?: \w+ly)? by (?!the time)|blamed on |attributed to )(?P<who>.+)"
)
# who + did: "U.S. forces carried out the airstrike", "Al Shabaab was behind the attack"
_ACTIVE = re.compile(
    r"(?P<who>[^,;:“”\"()]{2,80}?),? (?:(?:has|have|had|were|was|is|are|also) )?(?P<cue>carried out|carry out|conducted (?=the|a|an)|claimed responsibility|claim responsibility|(?:was|were|is|are) behind|"
    r"(?:was|were|is|are) responsible for|opened fire|fired on|launched (?=the|an?) \w*|staged the|planted|detonated|blew (?:himself|herself|itself) up|shot dead|stabbed|ambushed)\b"
)
_UNDER_BLAME = re.compile(
    r"(?P<who>[A-Z][^,;:“”\"()]{1,50}?) (?:(?:is|are|was|were) )?(?:blamed|suspected|accused) (?:for|over|of|in)\b"
)
_BLAMED = re.compile(
    r"\b(?:blamed|blames|blaming|accused|accuses|suspects?|suspected) (?P<who>(?:the |an? )?[A-Z\w][^,;:“”\"()]{2,60}?)(?: (?:for|of)\b|[,.;]|$)"
)
_STOP = re.compile(
    r"[,;:“”\"()]|''|[.!?](?:\s|$)| (?:in|on|at|after|when|while|during|near|and (?:said|has|had|was)|as|but|which|that|who|because|outside|inside|against|earlier|late|said|told|early)\b"
)


_NO_ACTORS = words("The An A It In That This His Their More Two Three But After")


def find_agents(
    sentence: str, tokens: Sequence[Token], language: Language, names: Names, found: Sequence[Name]
) -> list[Mention]:
    """Find the doers of deeds in a sentence, in order."""
    if language.code != "en":
        return []
    spans: list[tuple[int, int, str]] = []
    spans.extend(
        (m.start("who"), m.end("deed"), "deed")
        for m in _ADJECTIVE.finditer(sentence)
        if m["who"].split()[0] not in _NO_ACTORS
    )
    for match in _PASSIVE.finditer(sentence):
        stop = _STOP.search(match["who"])
        end = match.start("who") + (stop.start() if stop else len(match["who"]))
        spans.append((match.start("who"), min(end, match.start("who") + 90), "by"))
    for match in _ACTIVE.finditer(sentence):
        start = match.start("who") + max(
            (m.end() for m in re.finditer(r"\b(?:that|but|and|when|after|said|says)\s", match["who"])), default=0
        )
        spans.append((start, match.end("who"), "did"))
    for pattern in (_BLAMED, _UNDER_BLAME):
        spans.extend((m.start("who"), m.end("who"), "blamed") for m in pattern.finditer(sentence))
    mentions: list[Mention] = []
    for start, end, cue in sorted(spans):
        phrase = tuple(t for t in tokens if t.start >= start and t.end <= end)
        if not phrase or len(phrase) > 12 or (mentions and start < mentions[-1].end):
            continue
        if phrase[0].key in ("on", "in", "at", "by") or all(t.key in language.weekdays for t in phrase):
            continue
        key = _actor(start, end, phrase, language, names, found)
        if key:
            mentions.append(
                Mention(
                    "attribution", phrase[0].start, phrase[-1].end, key, "agent", speaker=cue, features=frozenset([cue])
                )
            )
    return mentions


def _actor(
    start: int,
    end: int,
    phrase: tuple[Token, ...],
    language: Language,
    names: Names,
    found: Sequence[Name],
) -> str:
    """One key for an actor: the countries and names in the phrase, or else its nouns without the deed."""
    named = sorted({names.key(n.words) for n in found if n.start >= start and n.end <= end})
    if named:
        return " + ".join(named)
    deed = re.compile(rf"^(?:{_DEED})$")
    nouns = content(tuple(t for t in phrase if not deed.match(fold(t.text))), language)
    return " ".join(sorted(nouns)) if nouns and phrase[0].key not in ("he", "she", "they", "it", "who", "which") else ""
