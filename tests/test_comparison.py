"""Two versions are compared only if both are the article, and nothing heavy is loaded for an unchanged one."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tracker.comparison import compare_versions
from tracker.models import Capture, Version

OLD = Version(
    headline="Fire in paper mill",
    byline=("Ann Reed",),
    published_at=datetime(2024, 5, 1, 8, tzinfo=UTC),
    updated_at=datetime(2024, 5, 1, 9, tzinfo=UTC),
    language="en",
    paragraphs=("A fire killed 12 people in the old mill on Friday. The cause is not known.", "The road is closed."),
    notices=("The road is closed.",),
)
NEW = Version(
    headline="Fire in paper mill",
    language="en",
    paragraphs=("A fire killed 22 people in the old mill on Friday. The cause is not known.", "The road is closed."),
)
SUSPECT = Capture(0.1, suspect=True, reasons=("The page asks for consent.",))


def test_changed_number_is_substantive_and_points_to_its_sentences():
    comparison = compare_versions(OLD, NEW)

    assert comparison.judgement.verdict == "substantive"
    fact = comparison.facts[0]
    assert (fact.kind, fact.status) == ("number", "replaced")
    assert fact.old in comparison.old.sentences[fact.old_sentence]
    assert fact.new in comparison.new.sentences[fact.new_sentence]
    assert comparison.sentences[1].operation == "replace"
    assert comparison.sentences[1].label == "fact"
    assert comparison.sentences[2].label is None


def test_sides_show_what_was_read():
    side = compare_versions(OLD, NEW).old

    assert side.headline == "Fire in paper mill"
    assert side.byline == ("Ann Reed",)
    assert (side.published_at, side.updated_at) == (OLD.published_at, OLD.updated_at)
    assert side.language == "en"
    assert side.sentences[0] == "Fire in paper mill"
    assert side.paragraph_of == (0, 1, 1, 2)
    assert side.notices == ("The road is closed.",)


def test_headline_is_shown_as_the_sentence_that_it_is():
    """A report finds the headline among the sentences by its words."""
    side = compare_versions(Version(headline="  Fire "), Version(headline="Fire")).old

    assert side.headline == side.sentences[0] == "Fire"


def test_page_updated_time_makes_an_unexplained_change_dated():
    later = Version(updated_at=datetime(2024, 5, 1, 10, tzinfo=UTC), headline=NEW.headline, paragraphs=NEW.paragraphs)

    assert compare_versions(OLD, later).judgement.disclosure == "dated"
    assert compare_versions(OLD, NEW).judgement.disclosure == "undisclosed"


@pytest.mark.parametrize(
    ("captures", "reasons"),
    [
        ({"new_capture": SUSPECT}, ("The page asks for consent.",)),
        ({"old_capture": SUSPECT}, ("The old page: The page asks for consent.",)),
        (
            {"old_capture": SUSPECT, "new_capture": SUSPECT},
            ("The page asks for consent.", "The old page: The page asks for consent."),
        ),
    ],
    ids=["new", "old", "both"],
)
def test_suspect_capture_is_not_compared_and_says_why(captures, reasons):
    comparison = compare_versions(OLD, NEW, **captures)

    assert comparison.judgement.verdict is None
    assert comparison.judgement.importance == 0
    assert comparison.judgement.reasons == reasons
    assert comparison.facts == comparison.sentences == ()
    assert comparison.new.sentences


def test_suspect_capture_is_compared_when_forced():
    comparison = compare_versions(OLD, NEW, new_capture=SUSPECT, force=True)

    assert comparison.judgement.verdict == "substantive"
    assert comparison.capture == SUSPECT


@pytest.mark.parametrize(
    "same",
    [
        OLD,
        Version(headline="Fire in\u00a0paper mill", paragraphs=tuple(p.replace(" ", "\u2009") for p in OLD.paragraphs)),
        Version(headline="Fire in paper mill", paragraphs=tuple(f"\u200b{p}" for p in OLD.paragraphs)),
        Version(headline=OLD.headline, paragraphs=OLD.paragraphs, byline=("Joe Marsh",), captions=("A mill",)),
    ],
    ids=["itself", "other spaces", "zero-width spaces", "other byline and captions"],
)
def test_same_text_is_unchanged(same):
    comparison = compare_versions(OLD, same)

    assert comparison.judgement.verdict == "unchanged"
    assert comparison.judgement.importance == 0
    assert {step.operation for step in comparison.sentences} == {"equal"}


def test_texts_without_a_word_are_unchanged():
    assert compare_versions(Version(), Version()).judgement.verdict == "unchanged"


def test_sentences_that_were_given_keep_their_positions():
    old = Version(sentences=("It fell.", "", "Police said 3 died."))
    new = Version(sentences=("It fell.", "", "Police said 5 died."))

    comparison = compare_versions(old, new)

    assert comparison.facts[0].new_sentence == 2
    assert comparison.new.sentences == new.sentences


def test_another_story_at_the_same_address_has_no_facts():
    fire = Version(
        headline="Fire destroys paper mill",
        paragraphs=(
            "A fire destroyed the paper mill on the southern bank early on Friday, killing 12 workers of the night shift.",
            "Flames spread from a storage hall to the roof within minutes, the fire chief said, and smoke drifted over two towns.",
            "Inspectors had asked the owners in March to replace broken sprinklers and blocked emergency exits.",
        ),
    )
    concert = Version(
        headline="Orchestra names conductor",
        paragraphs=(
            "The city orchestra has chosen Lena Holt to lead it from next autumn, its musicians announced after a secret vote.",
            "She conducted the opera of Ghent for 9 years, recorded 14 albums and won three prizes for contemporary music there.",
            "Her first season opens with a symphony that was composed by a pupil of the local conservatory.",
        ),
    )

    comparison = compare_versions(fire, concert)

    assert comparison.judgement.verdict == "different_story"
    assert comparison.facts == ()


def test_nothing_heavy_is_loaded_for_an_unchanged_version():
    program = (
        "import sys; from tracker.comparison import compare_versions; from tracker.models import Version;"
        "same = Version(headline='Fire', paragraphs=('It burned.',)); compare_versions(same, same);"
        "print([name for name in ('tracker.facts', 'spacy', 'numpy', 'trafilatura') if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
