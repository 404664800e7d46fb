"""Which words mean much the same, and which the opposite.

Read from `thesaurus.txt.gz`, made of WordNet 3.0 by `benchmarks/build_thesaurus.py`; its licence is in `thesaurus.LICENSE`.  English alone.

Computes only: the file is part of the program.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

_NONE: frozenset[str] = frozenset()
_DOUBLED = 2  # letters: "stopp" of "stopped"
_SUFFIXES = (
    ("ies", ("y",)), ("ied", ("y",)), ("ves", ("f", "fe")), ("ses", ("s", "se")), ("xes", ("x",)), ("ches", ("ch", "che")),
    ("shes", ("sh",)), ("s", ("",)), ("ing", ("", "e")), ("ed", ("", "e")), ("er", ("", "e")), ("est", ("", "e")), ("ly", ("",)),
)  # fmt: skip


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


IRREGULAR = _pairs(
    ": said:say told:tell died:die dead:die death:die deaths:die killed:kill found:find held:hold shot:shoot hit:hit fell:fall fallen:fall rose:rise "
    "risen:rise  won:win lost:lose left:leave took:take taken:take made:make gave:give given:give got:get went:go gone:go came:come saw:see seen:see "
    "knew:know known:know  thought:think brought:bring bought:buy sold:sell sent:send spent:spend built:build broke:break broken:break began:begin "
    "begun:begin became:become  sought:seek met:meet led:lead ran:run struck:strike stricken:strike swept:sweep caught:catch drew:draw drawn:draw "
    "drove:drive driven:drive flew:fly  forgot:forget fought:fight grew:grow grown:grow heard:hear kept:keep laid:lay lay:lie lain:lie lied:lie paid:pay "
    "sank:sink sunk:sink spoke:speak  spoken:speak stole:steal stolen:steal stood:stand swore:swear threw:throw thrown:throw understood:understand "
    "woke:wake wore:wear worn:wear wrote:write  written:write men:man women:woman children:child people:person better:good best:good worse:bad worst:bad "
    "were:be was:be is:be are:be been:be being:be  has:have had:have did:do done:do does:do shown:show showed:show chose:choose chosen:choose dealt:deal "
    "dug:dig fled:flee froze:freeze frozen:freeze  hid:hide hidden:hide rode:ride shook:shake shaken:shake slept:sleep slid:slide split:split taught:teach "
    "tore:tear torn:tear withdrew:withdraw  withdrawn:withdraw lit:light bore:bear borne:bear beat:beat beaten:beat bit:bite bitten:bite blew:blow "
    "blown:blow lives:life wives:wife"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Words and what they are related to."""

    same: dict[str, frozenset[str]]
    wider: dict[str, frozenset[str]]
    derived: dict[str, frozenset[str]]
    opposite: dict[str, frozenset[str]]
    mostly: dict[str, str]  # word → "n", "v", "a" or "r"

    def __contains__(self, word: str) -> bool:
        return word in self.mostly or word in self.same or word in self.wider


@cache
def load_thesaurus() -> Thesaurus:
    """Read the file; about 0.1 s, once."""
    text = gzip.decompress(resources.files(__package__).joinpath("thesaurus.txt.gz").read_bytes()).decode("utf-8")
    groups: dict[str, dict[str, set[str]]] = {sign: {} for sign in "=>~!"}
    mostly: dict[str, str] = {}
    for line in text.splitlines():
        sign, word, *others = line.split()
        if sign in "nvar":
            mostly[word] = sign
        elif sign == "=":
            for each in (word, *others):
                groups[sign].setdefault(each, set()).update((word, *others))
        else:
            groups[sign].setdefault(word, set()).update(others)
    frozen = {sign: {word: frozenset(others) for word, others in group.items()} for sign, group in groups.items()}
    return Thesaurus(frozen["="], frozen[">"], frozen["~"], frozen["!"], mostly)


@lru_cache(maxsize=20_000)
def lemmas(word: str) -> frozenset[str]:
    """List what a lower-case word may be a form of, itself included."""
    found = {word}
    if word in IRREGULAR:
        found.add(IRREGULAR[word])
    for suffix, endings in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _DOUBLED:
            base = word[: -len(suffix)]
            found.update(base + ending for ending in endings)
            if len(base) > _DOUBLED and base[-1] == base[-2]:
                found.add(base[:-1])
    known = frozenset(filter(load_thesaurus().__contains__, found))
    return known or frozenset((word,))


@lru_cache(maxsize=20_000)
def part_of_speech(word: str) -> str:
    """Say what a lower-case word mostly is: "n", "v", "a", "r", or "" when it is not known."""
    mostly = load_thesaurus().mostly
    return mostly.get(word) or next((mostly[form] for form in sorted(lemmas(word)) if form in mostly), "")


@lru_cache(maxsize=50_000)
def relation(old: str, new: str) -> str:
    """Say how two lower-case words are related: "form", "same", "near", "opposite" or "" for not at all."""
    a, b = lemmas(old), lemmas(new)
    if a & b:
        return "form"
    thesaurus = load_thesaurus()
    if _meet(thesaurus.opposite, a, b):
        return "opposite"
    wide_a, wide_b = _family(a), _family(b)
    if _meet(thesaurus.same, wide_a, wide_b):
        return "same"
    if _meet(thesaurus.opposite, _alike(a), b) or _meet(thesaurus.opposite, a, _alike(b)):
        return "opposite"
    if wide_a & wide_b or _meet(thesaurus.wider, wide_a, wide_b):
        return "near"
    return ""


@lru_cache(maxsize=20_000)
def _family(words: frozenset[str]) -> frozenset[str]:
    """Add the words built from these: killing, killer."""
    derived = load_thesaurus().derived
    return words.union(*(derived.get(word, _NONE) for word in words))


@lru_cache(maxsize=20_000)
def _alike(words: frozenset[str]) -> frozenset[str]:
    """Add words of the same meaning."""
    same = load_thesaurus().same
    return words.union(*(same.get(word, _NONE) for word in words))


def _meet(group: dict[str, frozenset[str]], a: frozenset[str], b: frozenset[str]) -> bool:
    return any(group.get(word, _NONE) & b for word in a) or any(group.get(word, _NONE) & a for word in b)
