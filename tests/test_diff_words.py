"""What changed inside a sentence is shown in whole words, and can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.diff import diff_words
from tracker.diff.sequences import LIMIT, equal_runs
from tracker.diff.tokens import split_tokens

pieces_of_text = st.sampled_from(
    [" ", "  ", "\n", "the", "of", ",", ".", "killed", "12", "1,200", "$1.5m", "“", "\ud800", "\udc00", "😀", "e\u0301", "\u200d", "שלום", "हिन्दी", "日本", "U.S.", "don’t"]
)  # fmt: skip
texts = st.lists(pieces_of_text, max_size=20).map("".join) | st.text(max_size=20)


def marked(old: str, new: str) -> str:
    marks = {"equal": "{}", "delete": "[{}]", "insert": "<{}>"}
    return "".join(marks[kind].format(piece) for kind, piece in diff_words(old, new))


READABLE = {
    "one word": ("The dog barks.", "The cat barks.", "The [dog]<cat> barks."),
    "one digit": ("At least 12 were killed.", "At least 22 were killed.", "At least [12]<22> were killed."),
    "a decimal point": ("It cost $1.5m.", "It cost $15m.", "It cost [$1.5m]<$15m>."),
    "a date": ("On March 3, 2018 it fell.", "On March 5, 2018 it fell.", "On March [3]<5>, 2018 it fell."),
    "a clock time": ("At 03:10 it fell.", "At 05:40 it fell.", "At [03:10]<05:40> it fell."),
    "scare quotes": ("The terrorists left.", 'The "terrorists" left.', 'The <">terrorists<"> left.'),
    "a question mark": ("Mill burned", "Mill burned?", "Mill burned<?>"),
    "an added word": ("He is guilty.", "He is not guilty.", "He is <not >guilty."),
    "a dropped word": ("It allegedly fell.", "It fell.", "It [allegedly ]fell."),
    "an added end": ("It fell.", "It fell on Friday.", "It fell< on Friday>."),
    "an added clause": ("The mill burned down.", "The mill, 90, burned down.", "The mill<, 90,> burned down."),
    "no stray article": (
        "A bomb in the market of the capital.",
        "A fire near the port of the city.",
        "A [bomb in the market of the capital]<fire near the port of the city>.",
    ),
    "no stray space": (
        "Old paper mill burned.",
        "New steel works burned.",
        "[Old paper mill]<New steel works> burned.",
    ),
    "a word that says something stays": (
        "Two men saw the mill burn.",
        "Six boys saw a house burn.",
        "[Two men]<Six boys> saw [the mill]<a house> burn.",
    ),
    "a number that stays is kept": (
        "Yesterday the committee counted 14 missing after the flood.",
        "Officials of the army spoke of 14 dead from the collapse.",
        None,
    ),
    "a dropped phrase between changes": (
        "Two men left town last week and came home again.",
        "Six men left town and came back again.",
        "[Two]<Six> men left town [last week ]and came [home]<back> again.",
    ),
    "repeated words": ("12 a", "a 12 , a a 12", "<a >12 [a]<, a a 12>"),
    "shared end": (
        "A boy and his twin John fell into the deep river",
        "The boy and John fell in the river",
        "[A]<The> boy and [his twin ]John fell [into the deep]<in the> river",
    ),
    "all other words": ("Fire in mill", "Three people dead", "[Fire in mill]<Three people dead>"),
    "same": ("Fire in mill", "Fire in mill", "Fire in mill"),
    "nothing before": ("", "Fire", "<Fire>"),
    "nothing after": ("Fire", "", "[Fire]"),
}


@pytest.mark.parametrize(("old", "new", "expected"), READABLE.values(), ids=READABLE)
def test_words_read_well(old, new, expected):
    if expected is None:
        assert any(kind == "equal" and "14" in piece for kind, piece in diff_words(old, new))
    else:
        assert marked(old, new) == expected


@given(texts, texts)
def test_pieces_rebuild_both_sentences(old, new):
    found = diff_words(old, new)

    assert "".join(piece for kind, piece in found if kind != "insert") == old
    assert "".join(piece for kind, piece in found if kind != "delete") == new
    assert all(piece for _, piece in found)


@given(texts, texts)
def test_a_change_is_one_deletion_and_one_insertion_at_most(old, new):
    kinds = "".join(kind[0] for kind, _ in diff_words(old, new))

    assert not any(pair in kinds for pair in ("ee", "dd", "ii", "id"))


@given(texts)
def test_sentence_against_itself_is_one_equal_piece(same):
    assert diff_words(same, same) == ((("equal", same),) if same else ())


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 5), max_size=40))
def test_equal_runs_are_equal_and_in_order(old, new):
    i = j = 0
    for a, b, length in equal_runs(old, new):
        assert a >= i
        assert b >= j
        assert old[a : a + length] == new[b : b + length]
        i, j = a + length, b + length
    assert i <= len(old)
    assert j <= len(new)


def test_long_sequences_are_matched_as_well_as_short_ones():
    """Beyond the limit another library does the search; what is common is as long."""
    old = [n % 97 for n in range(LIMIT)]
    new = [n % 89 for n in range(LIMIT)]

    def common(size: int) -> int:
        return sum(length for _, _, length in equal_runs(old[:size], new[:size]))

    assert common(LIMIT // 2) <= common(LIMIT // 2 + 1) <= common(LIMIT // 2) + 2


def test_more_different_things_than_there_are_surrogates_are_told_apart():
    old, new = list(range(2, 19_000)), list(range(1, 19_000, 2))

    found = equal_runs(old, new)

    assert sum(length for _, _, length in found) == len(range(3, 19_000, 2))


TOKENS = {
    "numbers": "1,200 2.5 $1.5m €3bn US$4 25% 03:10 10th 7.1",
    "abbreviations": "U.S. a.m. Jan. Mr. No.",
    "words": "don't o’clock well-known naïve e\u0301tude हिन्दी x1",
}


@pytest.mark.parametrize("line", TOKENS.values(), ids=TOKENS)
def test_what_belongs_together_is_one_token(line):
    assert [token for token in split_tokens(line) if not token.isspace()] == line.split(" ")


def test_punctuation_is_apart():
    assert split_tokens("“No,” he said: 10-12.") == ["“", "No", ",", "”", " ", "he", " ", "said", ":", " ", "10", "-", "12", "."]  # fmt: skip


@given(texts)
def test_tokens_joined_are_the_text(line):
    assert "".join(split_tokens(line)) == line
