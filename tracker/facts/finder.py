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
from tracker.facts.change import CHANGED, Change, read_change
from tracker.facts.choosing import Scored, choose, score, strength
from tracker.facts.conflicts import find_conflicts
from tracker.facts.evidence import with_evidence
from tracker.facts.findings import Findings
from tracker.facts.labels import label_of
from tracker.facts.notices import notice_facts, speaks_of
from tracker.facts.selection.features import situation
from tracker.facts.selection.model import weights
from tracker.facts.side import Side
from tracker.facts.significance import Significance, assess
from tracker.facts.significance.model import load_models
from tracker.facts.stating import state
from tracker.facts.story import is_same_story
from tracker.facts.substance import SUBSTANTIVE, substance_of
from tracker.facts.swaps import find_difference
from tracker.facts.wording import reason
from tracker.models import Fact, Label, SentenceChange, Status, Text, Version

Clock = Callable[[], float]
SECONDS_A_SENTENCE = 0.005  # that an average changed sentence takes on one core, all told
AT_LEAST = 5  # sentences that are read however late it is: of a change of which nothing is read nothing could be said
WEIGHING = 0.5  # of the time may be spent on weighing sentences; what was weighed is then read


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
    if not any(step.operation in CHANGED for step in steps):
        return Findings(labels=tuple("style" if step.operation == "move" else None for step in steps))
    load_models()  # the first time takes a moment that is not the comparison's
    soon, late = _deadline(clock, limit_s * WEIGHING if clock else limit_s), _deadline(clock, limit_s)
    change = read_change(old, new, steps, old_version, new_version)
    before, after = change.before, change.after
    weighed = _weigh(change, soon)
    if not is_same_story(before, after, change.plain):
        return Findings(labels=_labels(change, [1.0] * len(steps), weighed), substance=1.0, same_story=False)
    skipped = change.skipped | {i for i, one in enumerate(weighed) if one is None}
    candidates, stopped_at = _within(find_candidates(change.plain, before, after, skipped), late)
    unread = _count_unread(change, weighed, stopped_at)
    swaps = [c for c in candidates if c.swap and c.rule is None]
    scored = score([c for c in candidates if not c.swap or c.rule], situation(change), weighed)
    conflicts = [] if unread else find_conflicts(change.steps, before, after, change.old, change.new, change.skipped)
    substance = 1.0 if conflicts else substance_of(scored, weighed)
    facts = _reported(scored, swaps, conflicts, change.plain, weighed, substance, before, after)
    if change.old.headline and change.new.headline:
        facts = [_of_headline(fact) for fact in facts]
    facts += notice_facts(change.steps, change.old, change.new, change.in_old, change.in_new, change.language)
    kept = with_evidence(facts, change.old, change.new)
    surely = strength(scored, len(steps))
    for i, step in enumerate(steps):
        if step.new is not None and any(fact.new_sentence == step.new for fact in conflicts):
            surely[i] = 1.0
    return Findings(
        facts=kept,
        labels=_labels(change, surely, weighed),
        substance=substance,
        warnings=_warnings(change, unread),
        unread=unread,
        disclosed=_is_disclosed(change, kept),
    )


def _deadline(clock: Clock | None, limit_s: float) -> Callable[[int], bool]:
    """Say, for a number of sentences that were read, whether it is time to stop."""
    if clock is None:
        most = int(limit_s / SECONDS_A_SENTENCE)
        return lambda sentences: sentences > most
    stop_at = clock() + limit_s
    return lambda _: clock() > stop_at


def _weigh(change: Change, late: Callable[[int], bool]) -> list[Significance | None]:
    """Weigh the sentences that are read, in order, until the time is up."""
    weighed: list[Significance | None] = []
    number = 0
    for step, read in zip(change.plain, change.read, strict=True):
        number += read
        weighed.append(
            assess(step, change.surroundings) if read and (number <= AT_LEAST or not late(number - 1)) else None
        )
    return weighed


def _within(candidates: Iterator[Candidate], late: Callable[[int], bool]) -> tuple[list[Candidate], int | None]:
    """Take candidates until the time is up, and say at which step that was."""
    found: list[Candidate] = []
    read: set[int] = set()
    for candidate in candidates:
        found.append(candidate)
        read.add(candidate.step)
        if len(read) > AT_LEAST and late(len(read)):
            return found, candidate.step
    return found, None


def _count_unread(change: Change, weighed: Sequence[Significance | None], stopped_at: int | None) -> int:
    """Count the changed sentences that there was no time for."""
    last = len(weighed) if stopped_at is None else stopped_at
    return sum(read and (weighed[i] is None or i > last) for i, read in enumerate(change.read))


def _warnings(change: Change, unread: int) -> tuple[str, ...]:
    """Say what was left out."""
    if not unread:
        return change.warnings
    total = sum(step.operation in CHANGED for step in change.plain)
    return (*change.warnings, f"The comparison took too long: {unread} of {total} changed sentences were not read.")


def _reported(
    scored: list[Scored],
    swaps: list[Candidate],
    conflicts: list[Fact],
    steps: Sequence[SentenceChange],
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
        best = _likeliest(likely, weighed) or _rewording(steps, weighed, before, after)
        if best is not None:
            chosen = [
                replace(best, reported=max(best.reported, reporting)),
                *(c for c in chosen if c.candidate is not best.candidate),
            ]
    facts = [state(one, before, after) for one in chosen]
    if substance < SUBSTANTIVE:
        facts = [replace(fact, importance=1) for fact in facts]
    return [*conflicts, *facts]


def _rewording(
    steps: Sequence[SentenceChange], weighed: Sequence[Significance | None], before: Side, after: Side
) -> Scored | None:
    """Where a sentence means something else and no reader can name the value: the words in which it differs, as what is told to have happened."""
    edited = [i for i, step in enumerate(steps) if step.operation == "replace" and weighed[i] is not None]
    at = max(edited, key=lambda i: weighed[i].substantive, default=None)  # type: ignore[union-attr]
    if at is None:
        return None
    old, new = steps[at].old, steps[at].new
    assert old is not None
    assert new is not None
    gone, come = find_difference(before.reader.sentences[old], after.reader.sentences[new])
    status: Status = "replaced" if gone and come else "added" if come else "removed"
    spans = (old, *gone) if gone else None, (new, *come) if come else None
    return Scored(Candidate("event", status, *spans, at), 0.0, 0.0) if gone or come else None


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
    change: Change, surely: Sequence[float], weighed: Sequence[Significance | None]
) -> tuple[Label | None, ...]:
    return tuple(
        label_of(step, surely[i], weighed[i], notice=change.notices[i], furniture=change.furniture[i])
        if weighed[i] is not None or not change.read[i]
        else None  # not read in time
        for i, step in enumerate(change.steps)
    )


def _is_disclosed(change: Change, facts: Sequence[Fact]) -> bool:
    """A notice that is new, or worded anew, speaks of what changed."""
    changed = [step for step in change.steps if step.operation in CHANGED]
    added = [change.new.sentences[s.new] for s in changed if s.new is not None and s.new in change.in_new]
    others = [words for step in changed if step.new not in change.in_new for words in _changed_words(step, change)]
    return bool(added) and speaks_of(added, facts, others, change.language)


def _changed_words(step: SentenceChange, change: Change) -> list[str]:
    """What a notice may speak of: a sentence that came or went; of one that was edited, the words that are not in both."""
    if step.operation == "replace" and step.words:
        return [" ".join(text for operation, text in step.words if operation == side) for side in ("delete", "insert")]
    return [text.sentences[i] for text, i in ((change.old, step.old), (change.new, step.new)) if i is not None]
