"""Read how far a deed has come: "is to visit", "is visiting", "has visited".

By the small words before a verb and its ending, without a parser.  Only the same verb in two versions of a sentence is compared, so a word that is no verb does no harm:
it has no stage, or the same in both.  English only.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.significance.thesaurus import IRREGULAR
from tracker.facts.words import PARTICLES, Token, is_content, stem

_AHEAD = words("will would may might could shall to planned plans due expected set about hopes hoping trying seeking")
_BEING = words("is are was were am be being been")
_HAVING = words("has have had having")
_BETWEEN = words(
    "not also now already reportedly allegedly since just be been being have still never finally"
)  # may stand between
_TOO_COMMON = words("say tell report make take go come get be have do use know think want need see")
_TAIL = 3  # words after the verb that belong to the value


def find_stages(sentence: str, tokens: Sequence[Token], language: Language) -> list[Mention]:
    """Find the verbs of a sentence that have a stage: ahead, going or done; the role is the verb."""
    if language.code != "en":
        return []
    found = []
    for at, token in enumerate(tokens):
        if not is_content(token, language) or not token.text[:1].islower():
            continue
        verb = stem(token.key, language)
        if verb in _TOO_COMMON:
            continue
        stage, first = _stage(tokens, at)
        if stage:
            last = at
            while (
                last + 1 < len(tokens)
                and last - at < _TAIL
                and sentence[tokens[last].end : tokens[last + 1].start] == " "
            ):
                last += 1
            while last > at and tokens[last].key in language.function_words and tokens[last].key not in PARTICLES:
                last -= 1
            found.append(
                Mention(
                    "certainty",
                    tokens[first].start,
                    tokens[last].end,
                    f"stage:{stage}",
                    verb,
                    features=frozenset([f"verb {stage}"]),
                )
            )
    return found


def _stage(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    first = at
    before = []
    while first > 0 and at - first < 4 and tokens[first - 1].key in _AHEAD | _BEING | _HAVING | _BETWEEN:
        first -= 1
        before.append(tokens[first].key)
    key = tokens[at].key
    if any(word in _AHEAD for word in before):
        return "ahead", first
    if key.endswith("ing") and any(word in _BEING for word in before):
        return "going", first
    if _is_past(key):
        return "done", first
    if key.endswith("s") and not key.endswith("ss") and not before:
        return "present", first
    return "", first


def _is_past(key: str) -> bool:
    return (key.endswith("ed") and len(key) > 4) or (key in IRREGULAR and not key.endswith("s"))
