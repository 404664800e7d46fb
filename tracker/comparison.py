"""Two versions of an article, and what is different between them.

Joins the parts that read a change: sentences, their alignment, the facts, the judgement.  It decides nothing itself.
The facts engine is heavy (it may load a parser), so it is imported only when something differs: most checks of a watched article end before.

Computes only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tracker.diff import diff_texts
from tracker.models import Capture, Comparison, Judgement, Label, SentenceChange, Side, Text, Version
from tracker.text import same_links, same_text, text_of

_GOOD = Capture()
_UNCHANGED = Judgement("unchanged", 0, None, ("Nothing differs but white space and typography.",))


def compare_versions(
    old: Version,
    new: Version,
    *,
    old_capture: Capture = _GOOD,
    new_capture: Capture = _GOOD,
    force: bool = False,
    clock: Callable[[], float] | None = None,
) -> Comparison:
    """Say what changed between two versions.

    Args:
        old: The earlier version.
        new: The later version.
        old_capture: Whether the earlier page was the article at all.
        new_capture: Whether the later page was.
        force: Compare a suspect capture all the same.
        clock: Seconds of work from any start, so that a comparison ends in time and says what it left out; without one it goes by the number of changed sentences.
            Not the time of day: what is read must not depend on how busy the machine is.

    Returns:
        The comparison.  Where a capture is suspect it has no verdict, no facts and no alignment, and the reasons say why.
    """
    old_text, new_text = text_of(old), text_of(new)
    comparison = Comparison(_UNCHANGED, new_capture, _side(old, old_text), _side(new, new_text))
    if (old_capture.suspect or new_capture.suspect) and not force:
        return replace(comparison, judgement=_not_compared(old_capture, new_capture))
    steps = diff_texts(old_text, new_text)
    if all(step.operation == "equal" for step in steps) or same_text(old, new):
        judgement = _UNCHANGED if same_links(old, new) else _judge_links(old, new)
        return replace(comparison, judgement=judgement, sentences=steps)
    return _judged(replace(comparison, sentences=steps), old, new, old_text, new_text, clock)


def _judged(
    comparison: Comparison,
    old: Version,
    new: Version,
    old_text: Text,
    new_text: Text,
    clock: Callable[[], float] | None,
) -> Comparison:
    from tracker.facts import find_facts
    from tracker.judge import judge

    steps = comparison.sentences
    findings = find_facts(old_text, new_text, steps, old, new, clock=clock)
    judgement = judge(findings, old, new, steps)
    return replace(
        comparison,
        judgement=judgement,
        facts=() if judgement.verdict == "different_story" else findings.facts,
        sentences=tuple(_labelled(step, label) for step, label in zip(steps, findings.labels, strict=True)),
        warnings=findings.warnings,
    )


def _judge_links(old: Version, new: Version) -> Judgement:
    from tracker.judge import judge_links

    return judge_links(old.links or (), new.links or ())


def _labelled(step: SentenceChange, label: Label | None) -> SentenceChange:
    return step if label is None else replace(step, label=label)


def _not_compared(old: Capture, new: Capture) -> Judgement:
    reasons = [
        *(new.reasons if new.suspect else ()),
        *(f"The old page: {reason}" for reason in old.reasons if old.suspect),
    ]
    return Judgement(None, 0, None, tuple(reasons))


def _side(version: Version, text: Text) -> Side:
    return Side(
        headline=text.sentences[0] if text.headline else version.headline,
        byline=version.byline,
        published_at=version.published_at,
        updated_at=version.updated_at,
        language=version.language,
        sentences=text.sentences,
        paragraph_of=text.paragraph_of,
        notices=version.notices,
    )
