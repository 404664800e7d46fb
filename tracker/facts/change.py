"""Two aligned versions, made ready for reading: what is a notice, what is furniture, what is read at all.

The engine and the training of its weights begin here alike, so that a model sees in use what it saw when it was made.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.facts.dates import base_date
from tracker.facts.furniture import is_furniture
from tracker.facts.language_model import ask_about_names
from tracker.facts.languages import Language, guess_language, language_pack
from tracker.facts.names import gather_names
from tracker.facts.notices import notice_sentences, tells_news
from tracker.facts.quotes import find_quotes
from tracker.facts.reading import LONGEST_SENTENCE, Reader
from tracker.facts.side import Side
from tracker.facts.significance import Surroundings
from tracker.facts.spelling import is_only_spelling
from tracker.models import SentenceChange, Text, Version

CHANGED = ("replace", "insert", "delete")


@dataclass(frozen=True)
class Change:
    """Two versions of an article, ready for reading."""

    old: Text
    new: Text
    steps: Sequence[SentenceChange]  # the alignment
    plain: Sequence[SentenceChange]  # the same, where a mended misprint is no change
    before: Side  # the old text with the misprints mended that the new one mends
    after: Side
    language: Language
    surroundings: Surroundings
    in_old: frozenset[int]  # sentences of notices
    in_new: frozenset[int]
    notices: Sequence[bool]  # for each step
    furniture: Sequence[bool]  # for each step
    read: Sequence[bool]  # for each step: it changed, and may tell news
    warnings: tuple[str, ...] = ()

    @property
    def skipped(self) -> frozenset[int]:
        """The steps that are not read."""
        return frozenset(i for i, is_read in enumerate(self.read) if not is_read)


def read_change(
    old: Text, new: Text, steps: Sequence[SentenceChange], old_version: Version, new_version: Version
) -> Change:
    """Make two versions ready for reading.

    Args:
        old: The earlier version as sentences.
        new: The later version as sentences.
        steps: Their alignment.
        old_version: The earlier version: its dates, language and notices.
        new_version: The later version.
    """
    old, new, steps, warnings = _readable(old, new, steps)
    language = _language(old, new, old_version, new_version)
    mended, plain = _mended(old, new, steps, language)
    before, after = _sides(mended, new, old_version, new_version, language)
    in_old = notice_sentences(old, old_version, language)
    in_new = notice_sentences(new, new_version, language)
    notices = [step.old in in_old or step.new in in_new for step in steps]
    furniture = [step.operation != "equal" and _is_furniture(step, old, new) for step in steps]
    read = [
        step.operation in CHANGED and not furniture[i] and (not notices[i] or _is_news(step, new))
        for i, step in enumerate(plain)
    ]
    warnings += ask_about_names(_sentences(plain, read, mended, new), after.reader.names, language)
    surroundings = Surroundings.of(mended, new, plain, language=language.code or None)
    return Change(
        old, new, steps, plain, before, after, language, surroundings, in_old, in_new, notices, furniture, read, warnings
    )  # fmt: skip


def _readable(
    old: Text, new: Text, steps: Sequence[SentenceChange]
) -> tuple[Text, Text, Sequence[SentenceChange], tuple[str, ...]]:
    """Cut what is too long for a sentence: a page without stops would take minutes, and no fact needs so much."""
    long_old, long_new = ({i for i, s in enumerate(text.sentences) if len(s) > LONGEST_SENTENCE} for text in (old, new))
    if not long_old and not long_new:
        return old, new, steps, ()
    old, new = (
        replace(text, sentences=tuple(sentence[:LONGEST_SENTENCE] for sentence in text.sentences))
        for text in (old, new)
    )
    cut = [replace(step, words=()) if step.old in long_old or step.new in long_new else step for step in steps]
    changed = any(step.operation in CHANGED and (step.old in long_old or step.new in long_new) for step in steps)
    warning = f"Of sentences longer than {LONGEST_SENTENCE} characters only the beginning was read."
    return old, new, cut, (warning,) if changed else ()


def _mended(
    old: Text, new: Text, steps: Sequence[SentenceChange], language: Language
) -> tuple[Text, Sequence[SentenceChange]]:
    """The old text with the misprints mended that the new one mends, and the steps in which that is no change.

    Whatever is weighed is weighed against this text: a page that is tidied up on the way tells the same news.
    """
    sentences = list(old.sentences)
    plain = list(steps)
    for i, step in enumerate(steps):
        if (
            step.operation == "replace"
            and step.old is not None
            and step.new is not None
            and is_only_spelling(step, language)
        ):
            sentences[step.old] = new.sentences[step.new]
            plain[i] = replace(step, operation="equal", words=())
    return replace(old, sentences=tuple(sentences)), plain


def _language(old: Text, new: Text, old_version: Version, new_version: Version) -> Language:
    given = language_pack(new_version.language or old_version.language)
    return given if given.code else guess_language([*new.sentences[:20], *old.sentences[:20]])


def _sides(old: Text, new: Text, old_version: Version, new_version: Version, language: Language) -> tuple[Side, Side]:
    sentences = list(dict.fromkeys(s[:LONGEST_SENTENCE] for s in (*new.sentences, *old.sentences)))
    names = gather_names(sentences, language)
    published = [v.published_at.date() for v in (new_version, old_version) if v.published_at]
    base = base_date(published, sentences, language)
    before, after = (
        Side(Reader(t.sentences, find_quotes(t.sentences, t.paragraph_of), language, names, base), language)
        for t in (old, new)
    )
    return before, after


def _sentences(steps: Sequence[SentenceChange], read: Sequence[bool], old: Text, new: Text) -> Iterator[str]:
    """What is read of either version, in order."""
    for step, is_read in zip(steps, read, strict=True):
        if is_read:
            yield from (text.sentences[i] for text, i in ((old, step.old), (new, step.new)) if i is not None)


def _is_furniture(step: SentenceChange, old: Text, new: Text) -> bool:
    sentences = [text.sentences[i] for text, i in ((old, step.old), (new, step.new)) if i is not None]
    return all(map(is_furniture, sentences))


def _is_news(step: SentenceChange, new: Text) -> bool:
    return step.new is not None and tells_news(new, step.new)
