"""Measure what an edit did: numbers that the classifier weighs.

Two sets of names, pinned by the weights file: `edit_features` for a sentence that was replaced, `single_features` for one that was inserted or deleted.
All are counts, shares and marks of a kind of word; no word of a text is kept.

Computes only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from tracker.facts.significance.surroundings import Contents, Place
from tracker.facts.significance.swaps import (
    LONGEST,
    SWAPS,
    blocks,
    count_plans,
    finished_verbs,
    is_apposition,
    is_misspelt,
    swap_kinds,
)
from tracker.facts.significance.thesaurus import part_of_speech
from tracker.facts.significance.vocabulary import CLASSES, FUNCTION, REPORTING
from tracker.facts.significance.words import (
    Word,
    amounts,
    classes_of,
    drop_frame,
    frame_of,
    is_content,
    plain,
    read_words,
    relate,
    stems,
)

Features = dict[str, float]
_MOST_SPELT = 60  # words of either side that may be spellings of one another: beyond it an edit is a rewrite
_MOST_COMPARED = 12  # words of either side whose relations are looked up: beyond it an edit is a rewrite anyway


def edit_features(old: str, new: str, surroundings: tuple[Contents, Contents], *, place: Place) -> Features:
    """Describe the replacement of one sentence by another."""
    reframed = frame_of(old) != frame_of(new)
    old, new = drop_frame(old), drop_frame(new)
    a, b = read_words(old), read_words(new)
    f = _whole(old, new, a, b)
    f["reframed"] = float(reframed)
    gone, come = _difference(a, b)
    _runs(f, a, b)
    _swaps(f, a, b)
    _tense(f, old, new, a, b)
    _classes(f, gone, come)
    _numbers(f, a, b, gone, come)
    _names(f, a, b, gone, come)
    _relations(f, gone, come)
    _quotes(f, a, b)
    _novelty(f, gone, come, surroundings)
    f.update(_place(place))
    return f


def _place(place: Place) -> Features:
    return {
        "headline": float(place.headline),
        "lead": float(place.index == 0),
        "depth": place.index / max(place.total - 1, 1),
        "total": math.log1p(place.total),
        "touched": place.touched,
    }


def _whole(old: str, new: str, a: Sequence[Word], b: Sequence[Word]) -> Features:
    old, new = plain(old), plain(new)
    low, lnew = old.lower(), new.lower()
    bare, bare_new = "".join(filter(str.isalnum, low)), "".join(filter(str.isalnum, lnew))
    shorter, longer = sorted((bare, bare_new), key=len)
    return {
        "ratio": fuzz.ratio(low, lnew) / 100,
        "token_sort": fuzz.token_sort_ratio(low, lnew) / 100,
        "token_set": fuzz.token_set_ratio(low, lnew) / 100,
        "same_letters": float(bare == bare_new),
        "same_bag": float(Counter(w.key for w in a if not w.sign) == Counter(w.key for w in b if not w.sign)),
        "cut_short": float(len(shorter) > 10 and longer.startswith(shorter) and bare != bare_new),
        "ellipsis": float(old.rstrip().endswith("...")) + float(new.rstrip().endswith("...")),
        "words_old": math.log1p(len(a)),
        "words_new": math.log1p(len(b)),
        "longer": math.log((len(b) + 1) / (len(a) + 1)),
        "question": float(("?" in new) - ("?" in old)),
        "question_changed": float(("?" in new) != ("?" in old)),
    }


def _difference(a: Sequence[Word], b: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """Words of each side that the other lacks, whatever their order."""
    return _without(a, b), _without(b, a)


def _without(words: Sequence[Word], others: Sequence[Word]) -> list[Word]:
    left = Counter(word.key for word in others)
    rest = []
    for word in words:
        if left[word.key]:
            left[word.key] -= 1
        else:
            rest.append(word)
    return rest


def _runs(f: Features, a: Sequence[Word], b: Sequence[Word]) -> None:
    """Describe the pieces that were inserted, deleted and exchanged, in order."""
    inserted, deleted, exchanged = [], [], []
    changed = blocks(a, b)
    for a1, a2, b1, b2 in changed:
        old_run = [w for w in a[a1:a2] if not w.sign]
        new_run = [w for w in b[b1:b2] if not w.sign]
        if old_run and new_run:
            exchanged.append((old_run, new_run))
        elif old_run:
            deleted.append(old_run)
        elif new_run:
            inserted.append(new_run)
    f["runs"] = math.log1p(len(inserted) + len(deleted) + len(exchanged))
    f["inserted_longest"] = math.log1p(max(map(len, inserted), default=0))
    f["deleted_longest"] = math.log1p(max(map(len, deleted), default=0))
    f["exchanged_longest"] = math.log1p(max((max(len(x), len(y)) for x, y in exchanged), default=0))
    f["exchanged_runs"] = math.log1p(len(exchanged))
    f["inserted_content"] = math.log1p(sum(is_content(w) for run in inserted for w in run))
    f["deleted_content"] = math.log1p(sum(is_content(w) for run in deleted for w in run))
    f["single_swap"] = float(
        len(exchanged) == 1 and not inserted and not deleted and len(exchanged[0][0]) == len(exchanged[0][1]) == 1
    )
    f["apposition_come"] = float(any(is_apposition(b, b1, b2) for _, _, b1, b2 in changed))
    f["apposition_gone"] = float(any(is_apposition(a, a1, a2) for a1, a2, _, _ in changed))
    f["start_changed"] = float(bool(a and b) and a[0].key != b[0].key)


def _swaps(f: Features, a: Sequence[Word], b: Sequence[Word]) -> None:
    counts: Counter[str] = Counter()
    for a1, a2, b1, b2 in blocks(a, b):
        counts.update(swap_kinds(a[a1:a2], b[b1:b2]))
    for name in SWAPS:
        f[f"swap_{name}"] = min(counts[name], 3)
    f["swaps_alone"] = float(_swaps_alone(a, b))


def _swaps_alone(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Say whether words were exchanged and no content came or went by itself."""
    sizes = [(sum(map(is_content, a[a1:a2])), sum(map(is_content, b[b1:b2]))) for a1, a2, b1, b2 in blocks(a, b)]
    return any(x and y for x, y in sizes) and all(bool(x) == bool(y) and max(x, y) <= LONGEST for x, y in sizes)


def _tense(f: Features, old: str, new: str, a: Sequence[Word], b: Sequence[Word]) -> None:
    """Planned to done, and back."""
    plans = count_plans(plain(old).lower()), count_plans(plain(new).lower())
    f["plans_lost"] = min(max(plans[0] - plans[1], 0), 2)
    f["plans_got"] = min(max(plans[1] - plans[0], 0), 2)
    f["finished"] = min(finished_verbs(a, b), 2)
    f["unfinished"] = min(finished_verbs(b, a), 2)


def _classes(f: Features, gone: Sequence[Word], come: Sequence[Word]) -> None:
    old, new = _count_classes(gone), _count_classes(come)
    for name in CLASSES:
        f[f"gone_{name}"] = min(old[name], 3)
        f[f"come_{name}"] = min(new[name], 3)
    for name, words in (("gone", gone), ("come", come)):
        f[f"{name}_words"] = math.log1p(sum(not w.sign for w in words))
        f[f"{name}_content"] = math.log1p(sum(is_content(w) for w in words))
        f[f"{name}_function"] = math.log1p(sum(not w.sign and w.key in FUNCTION for w in words))
        f[f"{name}_signs"] = min(sum(w.sign for w in words), 4)
        f[f"{name}_names"] = min(sum(w.name for w in words), 5)
    f["only_signs"] = float(all(w.sign for w in gone) and all(w.sign for w in come))
    f["only_function"] = float(not any(is_content(w) for w in gone) and not any(is_content(w) for w in come))


def _count_classes(words: Iterable[Word]) -> Counter[str]:
    return Counter(name for word in words for name in classes_of(word.key))


def _numbers(f: Features, a: Sequence[Word], b: Sequence[Word], gone: Sequence[Word], come: Sequence[Word]) -> None:
    had, has = amounts(a), amounts(b)
    lost, got = had - has, has - had
    digits_lost = {w.key for w in gone if lost and any(c.isdigit() for c in w.key)}
    digits_got = {w.key for w in come if got and any(c.isdigit() for c in w.key)}
    f["numbers_lost"] = min(len(lost), 3)
    f["numbers_got"] = min(len(got), 3)
    f["digits_lost"] = min(len(digits_lost), 3)
    f["digits_got"] = min(len(digits_got), 3)
    f["values"] = float(_same_values(a, b) and bool(gone or come))
    f["number_swapped"] = float(bool(lost) and bool(got))
    f["number_rounded"] = float(any(x and y and abs(x - y) / max(x, y) < 0.06 for x in lost for y in got))
    f["years"] = min(sum(1900 <= n <= 2100 for n in lost ^ got), 2)


def _same_values(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Say whether both sides give the same amounts: 46 thousand dollars, $46,000."""
    return amounts(a) == amounts(b) and bool(amounts(a))


def _names(f: Features, a: Sequence[Word], b: Sequence[Word], gone: Sequence[Word], come: Sequence[Word]) -> None:
    old_names, new_names = {w.key for w in a if w.name}, {w.key for w in b if w.name}
    lost = [w for w in gone if w.name and w.number is None]
    got = [w for w in come if w.name and w.number is None]
    f["names_lost"] = min(len(lost), 4)
    f["names_got"] = min(len(got), 4)
    f["names_swapped"] = float(bool(lost) and bool(got))
    f["names_kept"] = min(len(old_names & new_names), 4)
    f["acronym"] = float(_abbreviates(lost, b) or _abbreviates(got, a))
    f["name_for_pronoun"] = float(bool(got) and any("pronoun" in classes_of(w.key) for w in gone))
    f["pronoun_for_name"] = float(bool(lost) and any("pronoun" in classes_of(w.key) for w in come))
    f["spelling"] = float(
        any(
            is_misspelt(x.key, y.key)
            for x in gone[:_MOST_SPELT]
            for y in come[:_MOST_SPELT]
            if not x.sign and not y.sign
        )
    )


def _abbreviates(names: Sequence[Word], others: Sequence[Word]) -> bool:
    """Say whether one of the names is made of the first letters of names in a row on the other side."""
    initials = "".join(w.text[0].lower() if w.name else " " for w in others if w.key not in ("of", "the", "and", "for"))
    return any(2 <= len(w.key) <= 6 and w.text.isupper() and w.key in initials for w in names)


def _relations(f: Features, gone: Sequence[Word], come: Sequence[Word]) -> None:
    """Match content words that came with ones that went: forms, synonyms, opposites, and what stays alone."""
    old = [w for w in gone if is_content(w) and w.number is None][:_MOST_COMPARED]
    new = [w for w in come if is_content(w) and w.number is None][:_MOST_COMPARED]
    kinds: Counter[str] = Counter()
    free = list(old)
    alone_new = []
    for wanted in ("form", "same", "near", "opposite"):
        rest = []
        for word in new:
            match = next((w for w in free if relate(w.key, word.key) == wanted), None)
            if match is None and wanted == "form":
                match = next((w for w in free if is_misspelt(w.key, word.key)), None)
            if match is None:
                rest.append(word)
            else:
                free.remove(match)
                kinds[wanted] += 1
        new = rest
    alone_new = new
    reporting = sum(w.key in REPORTING for w in free), sum(w.key in REPORTING for w in alone_new)
    for name in ("form", "same", "near", "opposite"):
        f[f"related_{name}"] = min(kinds[name], 4)
    f["opposites"] = min(sum(relate(x.key, y.key) == "opposite" for x in old for y in come if is_content(y)), 3)
    f["alone_old"] = math.log1p(len(free))
    f["alone_new"] = math.log1p(len(alone_new))
    for letter, name in (("n", "nouns"), ("v", "verbs"), ("a", "adjectives")):
        f[f"alone_old_{name}"] = min(sum(not w.name and part_of_speech(w.key) == letter for w in free), 4)
        f[f"alone_new_{name}"] = min(sum(not w.name and part_of_speech(w.key) == letter for w in alone_new), 4)
    f["alone_both"] = float(bool(free) and bool(alone_new))
    f["alone_most"] = math.log1p(max(len(free), len(alone_new)))
    f["alone_names_old"] = min(sum(w.name for w in free), 3)
    f["alone_names_new"] = min(sum(w.name for w in alone_new), 3)
    f["alone_plain_old"] = math.log1p(sum(not w.name and w.key not in REPORTING for w in free))
    f["alone_plain_new"] = math.log1p(sum(not w.name and w.key not in REPORTING for w in alone_new))
    f["reporting_swapped"] = float(reporting[0] > 0 and reporting[1] > 0)
    for name in ("harm", "law", "act", "person", "role", "place", "day", "say"):
        f[f"alone_old_{name}"] = min(sum(name in classes_of(w.key) for w in free), 3)
        f[f"alone_new_{name}"] = min(sum(name in classes_of(w.key) for w in alone_new), 3)


def _quotes(f: Features, a: Sequence[Word], b: Sequence[Word]) -> None:
    old, new = [w for w in a if w.quoted], [w for w in b if w.quoted]
    marks = sum(w.text == '"' for w in a), sum(w.text == '"' for w in b)
    f["quote_marks"] = min(abs(marks[0] - marks[1]), 4)
    f["quoted_gone"] = math.log1p(len(_without(old, b)))
    f["quoted_come"] = math.log1p(len(_without(new, a)))
    f["scare_quotes"] = float(marks[0] != marks[1] and not _without(new, a) and not _without(old, b))
    apostrophes = sum(w.text == "'" for w in a), sum(w.text == "'" for w in b)
    f["single_quotes"] = min(abs(apostrophes[0] - apostrophes[1]), 4)


def _novelty(f: Features, gone: Sequence[Word], come: Sequence[Word], surroundings: tuple[Contents, Contents]) -> None:
    """How much of what went still stands elsewhere, and how much of what came stood elsewhere before."""
    for name, words, side in (("gone", gone, 1), ("come", come, 0)):
        content = [w for w in words if is_content(w)]
        known = sum(_is_known(w, surroundings[side]) for w in content)
        f[f"{name}_new"] = math.log1p(len(content) - known)
        f[f"{name}_known"] = known / len(content) if content else 0.0


def _is_known(word: Word, other: Contents) -> bool:
    return (
        word.key in other.names
        or (word.number is not None and word.number in other.numbers)
        or bool(stems((word,)) & other.all_stems)
    )


def single_features(sentence: str, other: Contents, *, place: Place) -> Features:
    """Describe a sentence that stands in one version alone; `other` is the version that lacks it."""
    words = read_words(sentence)
    content = [w for w in words if is_content(w)]
    text = [w for w in words if not w.sign]
    total = max(len(text), 1)
    counts = _count_classes(text)
    f: Features = {f"has_{name}": min(counts[name], 4) for name in CLASSES}
    numbers = {w.number for w in words if w.number is not None}
    names = {w.key for w in words if w.name}
    unknown = [w for w in content if not _is_known(w, other)]
    unknown_counts = _count_classes(unknown)
    f.update(
        {
            f"new_{name}": min(unknown_counts[name], 3)
            for name in ("harm", "law", "act", "person", "role", "place", "day", "say", "hedge")
        }
    )
    own_stems = stems(words)
    best = max((len(own_stems & each) / max(len(own_stems), 1) for each in other.stems), default=0.0)
    f["words"] = math.log1p(total)
    f["short"] = float(total <= 4)
    f["numbers"] = min(len(numbers), 4)
    f["numbers_new"] = min(len(numbers - other.numbers), 4)
    f["years"] = min(sum(1900 <= n <= 2100 for n in numbers), 2)
    f["names"] = min(len(names), 5)
    f["names_new"] = min(len(names - other.names), 5)
    f["names_share"] = len(names) / total
    f["content_new"] = math.log1p(len(unknown))
    f["content_known"] = 1 - len(unknown) / len(content) if content else 0.0
    f["overlap_best"] = best
    f["overlap_all"] = len(own_stems & other.all_stems) / max(len(own_stems), 1)
    f["quoted"] = sum(w.quoted for w in words) / total
    f["has_quote"] = float('"' in plain(sentence))
    f["all_quoted"] = float(sum(w.quoted for w in words) > 0.9 * total)
    f["no_end"] = float(not sentence.rstrip().endswith((".", "!", "?", '"', "'", "”")))
    f["starts_small"] = float(sentence.lstrip()[:1].islower())
    f["question"] = float("?" in sentence)
    f["upper"] = sum(c.isupper() for c in sentence) / max(len(sentence), 1)
    f["address"] = float("@" in sentence or "www." in sentence or "http" in sentence)
    f["past_perfect"] = float(any(x.key == "had" for x in text))
    f["present"] = float(any(x.key in ("is", "are", "has", "have") for x in text))
    f["was"] = float(any(x.key in ("was", "were") for x in text))
    f["will"] = float(any(x.key in ("will", "would") for x in text))
    f["begins_pronoun"] = float(bool(text) and "pronoun" in classes_of(text[0].key))
    f["begins_but"] = float(bool(text) and text[0].key in ("but", "however", "meanwhile", "also"))
    f["deleted"] = float(place.deleted)
    f["neighbours"] = min(place.neighbours, 4)
    f["last"] = float(place.index == place.total - 1)
    f.update(_place(place))
    return f
