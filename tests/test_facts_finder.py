"""The engine as a whole: evidence, order, limits, and texts that are none."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.facts_story import EARLIER, compare, later
from tracker.comparison import compare_versions
from tracker.diff import diff_texts
from tracker.extract import version_from_sentences
from tracker.facts import Findings, find_facts
from tracker.facts.evidence import is_literal, with_evidence
from tracker.facts.furniture import is_furniture
from tracker.facts.labels import label_of
from tracker.facts.languages import language_pack
from tracker.facts.significance import Significance
from tracker.facts.spelling import is_only_spelling
from tracker.facts.swaps import find_difference
from tracker.facts.wording import place, reason
from tracker.models import Comparison, Fact, SentenceChange, Text, Version
from tracker.text import text_of

FRAGMENTS = [
    "The fire killed 12 people", "the fire killed at least 15 people", "police said on Thursday", "Dana Holt", "Holt", "in Arlo district", "“We left,” she said", "''odd", "may have", "not",
    "$1.5m", "2.5 per cent", "U.S. forces carried out the airstrike", "an Afghan airstrike", "cannot confirm", "Update, June 3:", "8 hrs ago", "?", "😀", "שלום", "Ã©tÃ©", "\u202e", "", "3-1",
]  # fmt: skip
sentences = st.lists(
    st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=12), min_size=1, max_size=4).map(" ".join), max_size=6
)


def find(old: list[str], new: list[str], **options) -> tuple[Findings, Text, Text, tuple[SentenceChange, ...]]:
    versions = version_from_sentences(old), version_from_sentences(new)
    a, b = map(text_of, versions)
    steps = diff_texts(a, b)
    return find_facts(a, b, steps, *versions, **options), a, b, steps


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(sentences, sentences)
def test_every_value_is_literally_in_the_sentence_that_it_points_to(old, new):
    """Whatever two texts are: values verbatim, one label a step, probabilities, the most important first."""
    findings, a, b, steps = find(old, new)

    for fact in findings.facts:
        assert fact.old is None or fact.old in a.sentences[fact.old_sentence]
        assert fact.new is None or fact.new in b.sentences[fact.new_sentence]
        assert (fact.old, fact.new) != (None, None)
        assert fact.importance in (1, 2, 3)
        assert 0 <= fact.confidence <= 1
        assert fact.reason.endswith(".")
    assert len(findings.labels) == len(steps)
    assert [label is None for label in findings.labels] == [step.operation == "equal" for step in steps]
    assert 0 <= findings.substance <= 1
    assert [f.importance for f in findings.facts] == sorted((f.importance for f in findings.facts), reverse=True)


@given(sentences)
def test_a_text_never_differs_from_itself(text):
    findings, *_ = find(text, text)

    assert findings.facts == ()
    assert findings.substance == 0


ODD = {
    "empty": ([], []),
    "empty to one word": ([], ["Fire"]),
    "one word to empty": (["Fire"], []),
    "emoji": (["😀😀 12 😀"], ["😀😀 13 😀"]),
    "right to left": (["נהרגו 12 אנשים"], ["נהרגו 22 אנשים"]),
    "mojibake": (["Le maire Ã©tait lÃ  avec 3 amis"], ["Le maire Ã©tait lÃ  avec 4 amis"]),
    "half a surrogate": (["It broke \ud800 at 5"], ["It broke \ud800 at 6"]),
    "half a surrogate beside a name": (["They said that Ann Reed left."], ["They said \ud800 that Joe Marsh left."]),
    "quotes that never close": (['"""" “ “ ” „'], ["'' '' '' «"]),
    "only signs": (["!!! ??? ---"], ["??? ***"]),
}


@pytest.mark.parametrize(("old", "new"), ODD.values(), ids=ODD)
def test_odd_texts_give_a_result(old, new):
    assert isinstance(find(old, new)[0], Findings)


def test_a_megabyte_on_one_line_ends():
    line = "The council met at 10:40 and 12 people said “no” to Arlo district. " * 16_000

    comparison = compare_versions(version_from_sentences([line]), version_from_sentences([line + "13 more came."]))

    assert isinstance(comparison, Comparison)
    assert comparison.warnings == ("Of sentences longer than 4000 characters only the beginning was read.",)


def test_what_is_not_read_in_time_is_said():
    clock = itertools.count()
    old = [f"On day {n} the port of Arlo counted {n} boats and {n + 2} nets." for n in range(40)]
    new = [f"On day {n} the port of Arlo counted {n + 7} boats and {n + 1} nets." for n in range(40)]

    findings, *_ = find(old, new, clock=lambda: float(next(clock)), limit_s=10.0)

    (warning,) = findings.warnings
    assert warning.startswith("The comparison took too long: ")
    assert "of 40 changed sentences were not read" in warning


def test_however_late_it_is_the_first_sentences_are_read():
    times = itertools.count(step=1000)
    old = [f"On day {n} the port of Arlo counted {n} boats." for n in range(20)]
    new = [f"On day {n} the port of Arlo counted {n + 7} boats." for n in range(20)]

    findings, *_ = find(old, new, clock=lambda: float(next(times)))

    assert findings.warnings == ("The comparison took too long: 15 of 20 changed sentences were not read.",)
    assert findings.unread == 15
    assert findings.labels[:5] == ("fact",) * 5
    assert findings.labels[5:] == (None,) * 15


def test_without_a_clock_time_is_kept_by_the_sentences_read():
    old = [f"On day {n} the port of Arlo counted {n} boats." for n in range(20)]
    new = [f"On day {n} the port of Arlo counted {n + 7} boats." for n in range(20)]

    findings, *_ = find(old, new, limit_s=0.05)

    assert findings.warnings == ("The comparison took too long: 9 of 20 changed sentences were not read.",)


def test_in_time_nothing_is_left_out():
    assert compare(EARLIER, later()).warnings == ()


def test_the_same_two_texts_give_the_same_facts():
    assert compare(EARLIER, later()) == compare(EARLIER, later())


# --- the parts --------------------------------------------------------------------------------------

OLD, NEW = Text(("A fire killed 12.",), (0,)), Text(("A fire killed 22.", "It rained."), (0, 0))
UNPROVEN = {
    "a value that is not there": Fact("number", "replaced", "13", "22", 0, 0, 2),
    "a value in another sentence": Fact("number", "replaced", "12", "22", 0, 1, 2),
    "a sentence that is not there": Fact("number", "added", None, "22", None, 7, 2),
    "a value without a sentence": Fact("number", "added", None, "22", None, None, 2),
    "a sentence without a value": Fact("number", "added", None, "22", 0, 0, 2),
    "no value": Fact("event", "added", None, None, None, None, 2),
    "blank": Fact("event", "added", None, " ", None, 0, 2),
    "a standing sentence that is not there": Fact("number", "conflicts", "12", "22", 0, 0, 2, standing_sentence=9),
}


@pytest.mark.parametrize("fact", UNPROVEN.values(), ids=UNPROVEN)
def test_a_fact_without_evidence_is_not_reported(fact):
    assert not is_literal(fact, OLD, NEW)
    assert with_evidence([fact], OLD, NEW) == ()


def test_facts_are_reported_once_and_in_order():
    small = Fact("event", "added", None, "rained", None, 1, 2, confidence=0.4)
    sure = Fact("event", "added", None, "It rained", None, 1, 2, confidence=0.9)
    grave = Fact("number", "replaced", "12", "22", 0, 0, 3, confidence=0.5)

    assert with_evidence([small, sure, grave, small], OLD, NEW) == (grave, sure, small)


FURNITURE = ["Updated 3 hours ago", "12 comments", "Share on Facebook", "***", "More follows...", "Related: A story"]
STORY = [
    "The store was updated in 2019.",
    "Twelve comments were read out in court.",
    "He left 3 hours ago.",
    "It may rain.",
]


@pytest.mark.parametrize("sentence", FURNITURE)
def test_furniture_is_told_from_the_story(sentence):
    assert is_furniture(sentence)


@pytest.mark.parametrize("sentence", STORY)
def test_a_sentence_of_the_story_is_no_furniture(sentence):
    assert not is_furniture(sentence)


SPELLING = {
    "a misprint": ("They had goverment help.", "They had government help.", True),
    "a hyphen": ("An anti gay law.", "An anti-gay law.", True),
    "an article": ("He was leader of the group.", "He was the leader of the group.", True),
    "British and American": ("They organise it.", "They organize it.", True),
    "now for not": ("He is not guilty.", "He is now guilty.", False),
    "two words that both exist": ("The nation was united.", "The nation was untied.", False),
    "a name": ("They met in Iran.", "They met in Iraq.", False),
    "a number": ("They had 12 boats.", "They had 13 boats.", False),
    "a hedge": ("The mayor may leave today.", "The mayor will leave today.", False),
    "quotation marks": ("The so called plan.", "The “so called” plan.", False),
}


@pytest.mark.parametrize(("old", "new", "same"), SPELLING.values(), ids=SPELLING)
def test_a_mended_misprint_is_told_from_a_change(old, new, same):
    (step,) = diff_texts(Text((old,), (0,)), Text((new,), (0,)))

    assert is_only_spelling(step, language_pack("en")) is same


WEIGHED = Significance(substantive=0.2, minor=0.5, cosmetic=0.3, noise=0.1)
LABELS = {
    "equal": (SentenceChange(0, 0, "equal"), 1.0, WEIGHED, False, False, None),
    "a notice": (SentenceChange(None, 0, "insert"), 1.0, WEIGHED, True, False, "notice"),
    "furniture": (SentenceChange(None, 0, "insert"), 1.0, WEIGHED, False, True, "noise"),
    "moved": (SentenceChange(0, 1, "move"), 0.0, None, False, False, "style"),
    "a sure value": (SentenceChange(None, 0, "insert"), 1.0, WEIGHED, False, False, "fact"),
    "no value": (SentenceChange(None, 0, "insert"), 0.0, WEIGHED, False, False, "context"),
}


@pytest.mark.parametrize(("step", "surely", "weighed", "notice", "furniture", "label"), LABELS.values(), ids=LABELS)
def test_every_changed_sentence_gets_a_label(step, surely, weighed, notice, furniture, label):
    assert label_of(step, surely, weighed, notice=notice, furniture=furniture) == label


REASONS = {
    "replaced": (("number", "replaced", "12", "22"), {"counted": "killed"}, "The number (killed) changed from “12” to “22”."),
    "added": (("location", "added", None, "Arlo"), {}, "The new version adds a place: “Arlo”."),
    "removed": (("time", "removed", "Monday", None), {}, "The new version drops a time: “Monday”."),
    "conflicts": (("attribution", "conflicts", "a", "b"), {"standing": "paragraph 3", "source": "police"}, "The new version adds an account of who did it, “b”, according to police, but “a” still stands in paragraph 3."),
}  # fmt: skip


@pytest.mark.parametrize(("fact", "more", "expected"), REASONS.values(), ids=REASONS)
def test_a_reason_is_one_plain_sentence(fact, more, expected):
    assert reason(*fact, **more) == expected


def test_a_sentence_stands_where_a_reader_counts_it():
    sentences, paragraphs = ("Title", "One.", "Two.", "Three."), (0, 1, 1, 2)

    assert [place(Text(sentences, paragraphs, headline=True), i) for i in (0, 2, 3)] == [
        "the headline",
        "paragraph 1",
        "paragraph 2",
    ]
    assert place(Text(sentences[1:], (0, 0, 1)), 2) == "paragraph 2"


def test_a_long_value_is_cut_in_a_reason():
    assert len(reason("quote", "added", None, "word " * 100)) < 200


def test_an_unknown_language_is_read_for_numbers_and_quotations():
    old = Version(sentences=("Мэр сообщил: «Погибли 12 человек».",))
    new = Version(sentences=("Мэр сообщил: «Погибли 22 человек».",))

    assert compare_versions(old, new).judgement.verdict == "substantive"


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        ("She sold the blue boat.", "She sold the old boat.", "blue", "old"),
        ("She sold the boat.", "She sold the old boat.", None, "old"),
        ("She sold the old boat.", "She sold the boat.", "old", None),
        ("ha ha", "ha", "ha", None),
        ("", "word", None, "word"),
        ("same", "same", None, None),
    ],
)
def test_where_two_sentences_differ(old, new, gone, come):
    a, b = find_difference(old, new)

    assert (a and old[slice(*a)]) == gone
    assert (b and new[slice(*b)]) == come


OTHER_WORDS = {
    "who took the picture": (
        "Rain fell for three days in Bellmore. (Image credit: Ann Lee)",
        "Rain fell for three days in Bellmore. (Image credit: Bo Day)",
    ),
    "years in digits": ("Ten years after the fire, Bellmore looks back.", "10 years after the fire, Bellmore looks back."),
    "an abbreviation": ("Bellmore is on the brink, UN warns", "Bellmore is on the brink, U.N. warns"),
    "a question": ("How do otters keep warm in winter", "How do otters keep warm in winter?"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), OTHER_WORDS.values(), ids=OTHER_WORDS.keys())
def test_other_words_for_the_same_are_no_facts(old, new):
    found = compare_versions(version_from_sentences([old]), version_from_sentences([new]))

    assert found.judgement.verdict in ("minor", "cosmetic", "unchanged")


def test_words_that_no_reader_can_name_are_shown_where_the_meaning_changes():
    old, new = "Exports increased.", "Exports decreased."

    facts = compare_versions(version_from_sentences([old]), version_from_sentences([new])).facts

    assert [(fact.old, fact.new) for fact in facts if fact.importance >= 2] == [("increased", "decreased")]


BRIDGE = [
    "Bridge in Tarnfeld closed after crack is found",
    "A bridge over the river in Tarnfeld was closed on Monday after a crack was found, the road ministry said.",
    "Some 9,000 cars a day use the bridge, which was built in 1964.",
    "Three former inspectors allege that the office knew of the crack in May and kept the report to itself.",
    "Buses take another way until the end of the month.",
]
TOLD = {
    "witnesses in place of an authority": (
        [*BRIDGE[:1], BRIDGE[1].replace("the road ministry", "witnesses"), *BRIDGE[2:]],
        ("sourcing", "replaced"),
    ),
    "an allegation that is gone": ([*BRIDGE[:3], BRIDGE[4]], ("event", "removed")),
}


@pytest.mark.parametrize(("new", "expected"), TOLD.values(), ids=TOLD)
def test_who_says_so_and_who_is_blamed_is_logged(new, expected):
    compared = compare_versions(version_from_sentences(BRIDGE), version_from_sentences(new))

    assert compared.judgement.verdict == "substantive"
    assert expected in {(fact.kind, fact.status) for fact in compared.facts if fact.importance >= 2}
