"""Every sentence of either version is in exactly one step, and the step says what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.diff import diff_texts
from tracker.models import SentenceChange, Text
from tracker.text import normalize

MILL = "A fire broke out in the old paper mill near the river."
CREW = "Two hundred firefighters from four towns were at the scene by nightfall."
HURT = "Nobody was hurt, the fire chief told reporters."
CAUSE = "The cause is not known."
OWNER = "The owner of the mill, a family from the coast, declined to comment."
ROAD = "The road along the river is closed until Monday."
SCHOOL = "Pupils of the nearby school were sent home at noon."


def text(*sentences: str, headline: str | None = None) -> Text:
    found = (headline, *sentences) if headline else sentences
    return Text(found, tuple(range(len(found))), headline=headline is not None)


def steps(old: Text, new: Text) -> list[tuple[str, int | None, int | None]]:
    return [(step.operation, step.old, step.new) for step in diff_texts(old, new)]


# --- what becomes of a sentence -------------------------------------------------------------------


def test_text_against_itself_is_equal():
    assert steps(text(MILL, CREW, HURT), text(MILL, CREW, HURT)) == [("equal", n, n) for n in range(3)]


def test_inserted_paragraph_is_inserted_and_nothing_else_changes():
    assert steps(text(MILL, CREW, HURT), text(MILL, CAUSE, CREW, HURT, ROAD)) == [
        ("equal", 0, 0),
        ("insert", None, 1),
        ("equal", 1, 2),
        ("equal", 2, 3),
        ("insert", None, 4),
    ]


def test_deleted_sentence_is_shown_where_it_stood():
    assert steps(text(CAUSE, MILL, CREW, HURT, ROAD), text(MILL, HURT)) == [
        ("delete", 0, None),
        ("equal", 1, 0),
        ("delete", 2, None),
        ("equal", 3, 1),
        ("delete", 4, None),
    ]


def test_deletion_comes_before_what_was_inserted_in_its_place():
    assert steps(text(MILL, CREW, HURT), text(MILL, SCHOOL, HURT)) == [
        ("equal", 0, 0),
        ("delete", 1, None),
        ("insert", None, 1),
        ("equal", 2, 2),
    ]


def test_edited_sentence_is_replaced_with_its_words():
    found = diff_texts(text(MILL, HURT, ROAD), text(MILL, HURT.replace("Nobody was", "Three people were"), ROAD))

    assert found[1] == SentenceChange(
        1,
        1,
        "replace",
        (
            ("delete", "Nobody was"),
            ("insert", "Three people were"),
            ("equal", " hurt, the fire chief told reporters."),
        ),
    )


def test_moved_paragraph_is_a_move_only():
    assert steps(text(MILL, CREW, HURT, OWNER, ROAD), text(MILL, OWNER, CREW, HURT, ROAD)) == [
        ("equal", 0, 0),
        ("move", 3, 1),
        ("equal", 1, 2),
        ("equal", 2, 3),
        ("equal", 4, 4),
    ]


def test_sentence_that_moved_and_was_edited_is_replaced():
    old, new = text(MILL, CREW, HURT, CAUSE, OWNER), text(MILL, OWNER.replace("coast", "capital"), CREW, HURT, CAUSE)

    assert steps(old, new) == [
        ("equal", 0, 0),
        ("replace", 4, 1),
        ("equal", 1, 2),
        ("equal", 2, 3),
        ("equal", 3, 4),
    ]


def test_sentence_split_in_two_is_replaced_and_inserted():
    whole = "The owner of the mill, a family from the coast, declined to comment and left for the capital by train."
    first, second = "The owner of the mill, a family from the coast, declined to comment.", "They left by train."

    assert steps(text(MILL, whole, ROAD), text(MILL, first, second, ROAD)) == [
        ("equal", 0, 0),
        ("replace", 1, 1),
        ("insert", None, 2),
        ("equal", 2, 3),
    ]


def test_sentences_merged_into_one_are_replaced_and_deleted():
    whole = "The owner of the mill, a family from the coast, declined to comment and left for the capital by train."
    first, second = "The owner of the mill, a family from the coast, declined to comment.", "They left by train."

    assert steps(text(MILL, first, second, ROAD), text(MILL, whole, ROAD)) == [
        ("equal", 0, 0),
        ("replace", 1, 1),
        ("delete", 2, None),
        ("equal", 3, 2),
    ]


def test_repeated_sentence_that_goes_once_is_deleted_once():
    found = steps(text(MILL, HURT, CREW, HURT), text(MILL, CREW, HURT))

    assert sorted(operation for operation, _, _ in found) == ["delete", "equal", "equal", "equal"]


def test_headlines_are_versions_of_each_other_whatever_they_say():
    assert steps(text(HURT, headline="Mill burns"), text(HURT, headline="Three dead after blaze"))[0] == (
        "replace",
        0,
        0,
    )


def test_old_headline_that_became_a_sentence_is_not_the_new_headline():
    found = steps(text(HURT, headline=MILL), text(MILL, HURT, headline="Arson feared at mill by the river"))

    assert found == [("replace", 0, 0), ("insert", None, 1), ("equal", 1, 2)]


def test_unrelated_sentence_in_the_same_place_is_no_edit():
    assert steps(text(CREW), text(SCHOOL)) == [("delete", 0, None), ("insert", None, 0)]


def test_misspelled_sentence_is_paired_by_its_spelling():
    old = "Teh polcie comander cofirmed tihs yestreday, sasy."
    new = "The police commander confirmed this yesterday, says."

    assert [step[0] for step in steps(text(MILL, old), text(MILL, new))] == ["equal", "replace"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("“We left,” he said…", '"We left," he said...'),
        ("It cost 10\u00a0000 crowns — no more", "It cost 10 000 crowns - no more"),
        ("It burned  for\ttwo days.", "It burned for two days. "),
    ],
)
def test_typographic_variants_are_equal_and_carry_no_words(old, new):
    assert diff_texts(text(old), text(new)) == (SentenceChange(0, 0, "equal"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12 people were killed.", "22 people were killed."),
        ("It cost $1.5m.", "It cost $15m."),
        ("He called them terrorists.", 'He called them "terrorists".'),
        ("It was fired by Russia.", "It was fired by Ukraine."),
        ("Mill burned", "Mill burned?"),
    ],
)
def test_one_character_can_be_a_change(old, new):
    assert steps(text(old), text(new)) == [("replace", 0, 0)]


def test_language_without_spaces_is_paired_too():
    old, new = "火災で三人が死亡したと警察が発表した。", "火災で五人が死亡したと警察が発表した。"

    assert steps(text(CAUSE, old), text(CAUSE, new))[1] == ("replace", 1, 1)


# --- what always holds ----------------------------------------------------------------------------

sentences = st.sampled_from(
    [
        MILL,
        MILL.replace("old", "new"),
        HURT,
        HURT.replace("Nobody", "Somebody"),
        "“No,” he said.",
        '"No," he said.',
        "",
        " ",
        "Yes.",
        "\ud800",
        "😀 e\u0301 שלום עולם",
        "😀 é שלום לכם",
    ]
)
texts = st.builds(
    lambda found, headline: Text(tuple(found), tuple(range(len(found))), headline=headline and bool(found)),
    st.lists(sentences | st.text(max_size=12), max_size=9),
    st.booleans(),
)


def rebuilt(old: Text, new: Text, found: tuple[SentenceChange, ...]) -> list[str]:
    """Make the new text from the old one and the steps; typography is the new text's own."""
    made = []
    for step in found:
        match step.operation:
            case "equal" | "move":
                assert normalize(old.sentences[step.old]) == normalize(new.sentences[step.new])
                made.append(new.sentences[step.new])
            case "replace":
                assert "".join(piece for kind, piece in step.words if kind != "insert") == old.sentences[step.old]
                made.append("".join(piece for kind, piece in step.words if kind != "delete"))
            case "insert":
                made.append(new.sentences[step.new])
    return made


@given(texts, texts)
def test_steps_cover_both_texts_without_gap_or_overlap_and_rebuild_the_new_one(old, new):
    found = diff_texts(old, new)

    assert sorted(step.old for step in found if step.old is not None) == list(range(len(old.sentences)))
    assert [step.new for step in found if step.new is not None] == list(range(len(new.sentences)))
    assert all((step.old is None) == (step.operation == "insert") for step in found)
    assert all((step.new is None) == (step.operation == "delete") for step in found)
    assert rebuilt(old, new, found) == list(new.sentences)


@given(texts, texts)
def test_sentences_that_both_texts_have_are_never_called_changed(old, new):
    """As often as a sentence is in both, so often it is equal or moved: headlines apart, which stay together."""
    found = diff_texts(old, new)
    together = old.headline and new.headline

    a = [normalize(sentence) for sentence in old.sentences[together:]]
    b = [normalize(sentence) for sentence in new.sentences[together:]]
    for key in {*a, *b}:
        same = sum(
            step.operation in ("equal", "move") and normalize(old.sentences[step.old]) == key
            for step in found
            if not (together and step.old == step.new == 0)
        )
        assert same == min(a.count(key), b.count(key))


@given(texts)
def test_text_against_itself_is_all_equal(same):
    assert [step.operation for step in diff_texts(same, same)] == ["equal"] * len(same.sentences)


@given(st.permutations([MILL, CREW, HURT, CAUSE, OWNER, ROAD, SCHOOL]))
def test_reordered_paragraphs_are_moves_only(order):
    found = diff_texts(text(MILL, CREW, HURT, CAUSE, OWNER, ROAD, SCHOOL), text(*order))

    assert {step.operation for step in found} <= {"equal", "move"}


@given(st.lists(st.sampled_from([MILL, CREW, HURT, CAUSE]), min_size=1, max_size=6), st.data())
def test_deletions_stand_between_the_same_neighbours(kept, data):
    """What is only deleted leaves the order of the old text."""
    at = data.draw(st.integers(0, len(kept)))
    old = [*kept[:at], SCHOOL, *kept[at:]]

    assert [step.old for step in diff_texts(text(*old), text(*kept))] == list(range(len(old)))


# --- speed ----------------------------------------------------------------------------------------


def _words(count: int, seed: int) -> list[str]:
    return [f"w{(n * 7919 + seed * 104729) % 5003:x}" for n in range(count)]


def _article(count: int, seed: int) -> list[str]:
    words = _words(count * 20, seed)
    return [" ".join(words[n * 20 : n * 20 + 20]) + "." for n in range(count)]


def _live_page() -> tuple[list[str], list[str]]:
    old = _article(1000, 1)
    new = [f"{s[:-1]} now." if n % 25 == 0 else s for n, s in enumerate(old)]
    return old, new


WORST: dict[str, Callable[[], tuple[list[str], list[str]]]] = {
    "a live page of 20,000 words with 40 edits": _live_page,
    "two unrelated texts of 10,000 words": lambda: (_article(500, 1), [s.replace("w", "u") for s in _article(500, 2)]),
    "20,000 identical sentences": lambda: (["It is so."] * 20_000, ["It is so."] * 19_999),
    "20,000 sentences in reverse": lambda: (_article(5_000, 1) * 4, (_article(5_000, 1) * 4)[::-1]),
    "two kinds of sentence in another pattern": lambda: (["Yes.", "No.", "No."] * 3_000, ["No.", "Yes."] * 4_500),
    "one sentence of 1 MB": lambda: ([" ".join(_words(200_000, 1))], [" ".join(_words(200_000, 2))]),
    "one word of 1 MB": lambda: (["a" * 1_000_000], ["a" * 500_000 + "b" + "a" * 500_000]),
    "punctuation of 1 MB": lambda: (["." * 1_000_000], ["." * 999_999 + "!"]),
}


@pytest.mark.parametrize("texts", WORST.values(), ids=WORST)
def test_no_text_takes_long(texts):
    """The bound is generous, for machines under load; benchmarks/diff.py has the figures."""
    old, new = texts()
    started = time.process_time()

    found = diff_texts(text(*old), text(*new))

    assert time.process_time() - started < 6
    assert len([step for step in found if step.new is not None]) == len(new)
