"""From two aligned texts to the facts that changed.

The changed sentences are read, everything that either side states and the other does not becomes a candidate, and what is known of the candidates decides which are reported.
Sentences that stayed are only read where they may contradict what was added.  Nothing is reported without its evidence (`evidence`).

Computes only; the clock, where one is given, is only read to stop in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tracker.facts.candidate import Candidate
from tracker.facts.candidates import find_candidates
from tracker.facts.choosing import Scored, choose, score, strength
from tracker.facts.conflicts import find_conflicts
from tracker.facts.dates import base_date
from tracker.facts.evidence import with_evidence
from tracker.facts.findings import Findings
from tracker.facts.furniture import is_furniture
from tracker.facts.labels import label_of
from tracker.facts.language_model import ask_about_names
from tracker.facts.languages import Language, guess_language, language_pack
from tracker.facts.names import gather_names
from tracker.facts.notices import notice_facts, notice_sentences, speaks_of, tells_news
from tracker.facts.quotes import find_quotes
from tracker.facts.reading import LONGEST_SENTENCE, Reader
from tracker.facts.selection.features import situation
from tracker.facts.selection.model import weights
from tracker.facts.side import Side
from tracker.facts.significance import Significance, Surroundings, assess
from tracker.facts.spelling import is_only_spelling
from tracker.facts.stating import state
from tracker.facts.story import is_same_story
from tracker.facts.substance import SUBSTANTIVE, substance_of
from tracker.facts.wording import reason
from tracker.models import Fact, SentenceChange, Text, Version

Clock = Callable[[], float]
SECONDS_A_SENTENCE = 0.005  # that an average changed sentence takes on one core, all told
_CHANGED = ("replace", "insert", "delete")


def find_facts(
    old: Text,
    new: Text,
    steps: Sequence[SentenceChange],
    old_version: Version,
    new_version: Version,
    *,
    clock: Clock | None = None,
    limit_s: float = 10.0,
) -> Findings:
    """Find the facts that changed between two versions of an article.

    Args:
        old: The earlier version as sentences.
        new: The later version as sentences.
        steps: Their alignment.
        old_version: The earlier version: its dates, language and notices.
        new_version: The later version.
        clock: Seconds from any start.  Without one, time is kept by the number of changed sentences.
        limit_s: After so many seconds, what is not read yet is left out, and a warning says so.

    Returns:
        The facts with importance 1 to 3, a label for each step, and what to judge by.
    """
    late = _deadline(clock, limit_s)
    if not any(step.operation in _CHANGED for step in steps):
        return Findings(labels=tuple("style" if step.operation == "move" else None for step in steps))
    old, new, steps, warnings = _readable(old, new, steps)
    language = _language(old, new, old_version, new_version)
    mended, plain = _mended(old, new, steps, language)
    before, after = _sides(mended, new, old_version, new_version, language)
    in_old = notice_sentences(old, old_version, language)
    in_new = notice_sentences(new, new_version, language)
    notices = [step.old in in_old or step.new in in_new for step in steps]
    furniture = [step.operation != "equal" and _is_furniture(step, old, new) for step in steps]
    surroundings = Surroundings.of(mended, new, plain)
    read = [
        step.operation in _CHANGED and not furniture[i] and (not notices[i] or _is_news(step, new))
        for i, step in enumerate(plain)
    ]
    warnings += ask_about_names(sentences_of(plain, read, mended, new), after.reader.names, language)
    weighed = [assess(step, surroundings) if read[i] else None for i, step in enumerate(plain)]
    if not is_same_story(before, after, plain):
        return Findings(
            labels=_labels(steps, [1.0] * len(steps), weighed, notices, furniture), substance=1.0, same_story=False
        )
    skip = frozenset(i for i, is_read in enumerate(read) if not is_read)
    candidates, left_out = _within(find_candidates(plain, before, after, skip), late, plain)
    swaps = [c for c in candidates if c.swap and c.rule is None]
    scored = score(
        [c for c in candidates if not c.swap or c.rule], situation(before, after, plain, language, skip), weighed
    )
    conflicts = [] if left_out else find_conflicts(steps, before, after, old.sentences, skip)
    substance = 1.0 if conflicts else substance_of(scored, weighed)
    facts = _reported(scored, swaps, conflicts, weighed, substance, before, after)
    if old.headline and new.headline:
        facts = [_of_headline(fact) for fact in facts]
    facts += notice_facts(steps, old, new, in_old, in_new, language)
    kept = with_evidence(facts, old, new)
    surely = strength(scored, len(steps))
    for i, step in enumerate(steps):
        if step.new is not None and any(fact.new_sentence == step.new for fact in conflicts):
            surely[i] = 1.0
    return Findings(
        facts=kept,
        labels=_labels(steps, surely, weighed, notices, furniture),
        substance=substance,
        warnings=(*warnings, *left_out),
        disclosed=_is_disclosed(steps, old, new, in_new, kept, language),
    )


def _deadline(clock: Clock | None, limit_s: float) -> Callable[[int], bool]:
    """Say, for a number of sentences that were read, whether it is time to stop."""
    if clock is None:
        most = int(limit_s / SECONDS_A_SENTENCE)
        return lambda sentences: sentences > most
    stop_at = clock() + limit_s
    return lambda _: clock() > stop_at


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
    changed = any(step.operation in _CHANGED and (step.old in long_old or step.new in long_new) for step in steps)
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


def sentences_of(steps: Sequence[SentenceChange], read: Sequence[bool], old: Text, new: Text) -> Iterator[str]:
    """What is read of either version, in order."""
    for step, is_read in zip(steps, read, strict=True):
        if is_read:
            yield from (text.sentences[i] for text, i in ((old, step.old), (new, step.new)) if i is not None)


def _is_furniture(step: SentenceChange, old: Text, new: Text) -> bool:
    sentences = [text.sentences[i] for text, i in ((old, step.old), (new, step.new)) if i is not None]
    return all(map(is_furniture, sentences))


def _is_news(step: SentenceChange, new: Text) -> bool:
    return step.new is not None and tells_news(new, step.new)


def _within(
    candidates: Iterator[Candidate], late: Callable[[int], bool], steps: Sequence[SentenceChange]
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Take candidates until the time is up."""
    found: list[Candidate] = []
    read: set[int] = set()
    for candidate in candidates:
        found.append(candidate)
        read.add(candidate.step)
        if late(len(read)):
            total = sum(step.operation in _CHANGED for step in steps)
            left = total - len(read)
            return found, (f"The comparison took too long: {left} of {total} changed sentences were not read.",)
    return found, ()


def _reported(
    scored: list[Scored],
    swaps: list[Candidate],
    conflicts: list[Fact],
    weighed: Sequence[Significance | None],
    substance: float,
    before: Side,
    after: Side,
) -> list[Fact]:
    """The facts, as important as the change as a whole allows.

    Where the change is judged to be none of substance, what was found is marginal; where it is, but no single value is sure, the likeliest one stands for it.
    """
    chosen = choose(scored, conflicts, after.reader.sentences)
    reporting = float(weights()["reporting"])
    if substance >= SUBSTANTIVE and not conflicts and not any(one.reported >= reporting for one in chosen):
        likely = [*scored, *(Scored(c, 0.0, 0.0) for c in swaps)]
        best = _likeliest(likely, weighed)
        if best is not None:
            chosen = [
                replace(best, reported=max(best.reported, reporting)),
                *(c for c in chosen if c.candidate is not best.candidate),
            ]
    facts = [state(one, before, after) for one in chosen]
    if substance < SUBSTANTIVE:
        facts = [replace(fact, importance=1) for fact in facts]
    return [*conflicts, *facts]


def _of_headline(fact: Fact) -> Fact:
    """What was told in other words in the headline itself is a fact of the headline; a number or a place in it stays one."""
    if fact.old_sentence != 0 or fact.new_sentence != 0 or fact.kind not in ("event", "identity"):
        return fact
    return replace(fact, kind="headline", reason=reason("headline", fact.status, fact.old, fact.new))


def _likeliest(scored: Sequence[Scored], weighed: Sequence[Significance | None]) -> Scored | None:
    """The value that most probably makes the change one of substance: by itself, and by its sentence."""
    kinds = {i: w.kinds for i, w in enumerate(weighed) if w is not None}

    def promise(one: Scored) -> float:
        significance = weighed[one.candidate.step]
        if significance is None:
            return one.reported
        return one.reported + 0.5 * significance.substantive + kinds[one.candidate.step].get(one.candidate.kind, 0.0)

    return max(scored, key=promise, default=None)


def _labels(
    steps: Sequence[SentenceChange],
    surely: Sequence[float],
    weighed: Sequence[Significance | None],
    notices: Sequence[bool],
    furniture: Sequence[bool],
) -> tuple:  # type: ignore[type-arg]
    return tuple(
        label_of(step, surely[i], weighed[i], notice=notices[i], furniture=furniture[i]) for i, step in enumerate(steps)
    )


def _is_disclosed(
    steps: Sequence[SentenceChange],
    old: Text,
    new: Text,
    notices: frozenset[int],
    facts: Sequence[Fact],
    language: Language,
) -> bool:
    """A notice that is new, or worded anew, speaks of what changed."""
    changed = [step for step in steps if step.operation in _CHANGED]
    added = [new.sentences[s.new] for s in changed if s.new is not None and s.new in notices]
    others = [
        text.sentences[i]
        for s in changed
        if s.new not in notices
        for text, i in ((old, s.old), (new, s.new))
        if i is not None
    ]
    return bool(added) and speaks_of(added, facts, others, language)
