"""The layout leaves nothing out, calls nothing changed that is not, and shows a move where it was and where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import EVERY, MOVED, align, april_9, flood, side

from tracker.models import Capture, Comparison, Judgement, SentenceChange
from tracker.report import view

COMPARED = [sample for sample in EVERY if sample().comparison.sentences]


def comparison_of(old_paragraphs, new_paragraphs, moved=(), **fields):
    old, new = side(None, old_paragraphs), side(None, new_paragraphs, **fields)
    return Comparison(Judgement("minor", 1, None), Capture(), old, new, (), align(old, new, moved))


@pytest.mark.parametrize("sample", COMPARED, ids=lambda sample: sample.__name__)
def test_every_sentence_of_either_side_stands_in_one_row_in_order(sample):
    comparison = sample().comparison

    rows = [row for block in view.blocks(comparison) for row in block.rows]

    assert [row.new for row in rows if row.new is not None] == list(range(len(comparison.new.sentences)))
    assert [row.old for row in rows if row.old is not None] == list(range(len(comparison.old.sentences)))


sentences = st.lists(
    st.sampled_from(["One.", "Two.", "Three.", "Four.", "Five.", "Six.", "Seven."]), unique=True, min_size=1
)
paragraphs = sentences.flatmap(
    lambda found: st.lists(st.integers(1, 3), min_size=1).map(
        lambda sizes: [part for n in range(len(sizes)) if (part := found[sum(sizes[:n]) : sum(sizes[: n + 1])])]
    )
)


@given(paragraphs, paragraphs)
def test_rows_cover_any_two_texts(old, new):
    comparison = comparison_of(old, new)

    rows = [row for block in view.blocks(comparison) for row in block.rows]

    assert sorted(row.new for row in rows if row.new is not None) == list(range(len(comparison.new.sentences)))
    assert sorted(row.old for row in rows if row.old is not None) == list(range(len(comparison.old.sentences)))


@given(paragraphs, paragraphs)
def test_no_block_mixes_paragraphs_of_a_side(old, new):
    comparison = comparison_of(old, new)

    for block in view.blocks(comparison):
        assert len({comparison.old.paragraph_of[row.old] for row in block.rows if row.old is not None}) <= 1
        assert len({comparison.new.paragraph_of[row.new] for row in block.rows if row.new is not None}) <= 1


@pytest.mark.parametrize("sample", COMPARED, ids=lambda sample: sample.__name__)
def test_pieces_of_a_row_rebuild_its_sentences(sample):
    comparison = sample().comparison

    for row in view.rows(comparison.sentences):
        pieces = view.pieces(row, comparison)
        if row.new is not None:
            assert "".join(text for _, text in view.side_of(pieces, "new")) == comparison.new.sentences[row.new]
        if row.old is not None:
            assert "".join(text for _, text in view.side_of(pieces, "old")) == comparison.old.sentences[row.old]


def test_move_leaves_a_trace_where_the_sentence_stood():
    comparison = flood().comparison

    away = next(block for block in view.blocks(comparison) if block.kind == "moved_away")
    here = next(block for block in view.blocks(comparison) if block.kind == "moved_here")

    assert view.where(away, comparison) == "Paragraph 2 of the old version, moved to paragraph 7"
    assert view.where(here, comparison) == "Paragraph 7, moved from paragraph 2"
    assert comparison.old.sentences[away.rows[0].old] == comparison.new.sentences[here.rows[0].new] == MOVED


def test_words_changed_inside_a_moved_sentence_stay_visible():
    old, new = side(None, [["It rose."], ["Rest."]]), side(None, [["Rest."], ["It fell."]])
    words = (("equal", "It "), ("delete", "rose"), ("insert", "fell"), ("equal", "."))
    steps = (SentenceChange(1, 0, "equal"), SentenceChange(0, 1, "move", words, "fact"))
    comparison = Comparison(Judgement("minor", 1, None), Capture(), old, new, (), steps)

    here = next(block for block in view.blocks(comparison) if block.kind == "moved_here")

    assert view.in_context(here, comparison) == words


def test_replaced_sentence_without_words_is_struck_and_added_whole():
    old, new = side(None, [["It rose."]]), side(None, [["They fell."]])
    comparison = Comparison(Judgement("minor", 1, None), Capture(), old, new, (), (SentenceChange(0, 0, "replace"),))

    (block,) = view.blocks(comparison)

    assert view.in_context(block, comparison) == (("delete", "It rose."), ("insert", "They fell."))


def test_paragraph_that_went_is_not_shown_as_rewritten_into_the_one_that_came():
    kinds = [block.kind for block in view.blocks(comparison_of([["Alpha beta gamma."]], [["No word in common 123."]]))]

    assert kinds == ["removed", "added"]


def test_far_unchanged_sentences_of_a_changed_paragraph_are_left_out():
    old = ["One.", "Two.", "Three.", "Four fell on Monday.", "Five.", "Six."]
    new = [*old[:3], "Four fell on Tuesday.", *old[4:]]
    comparison = comparison_of([old], [new])

    (block,) = view.changed(comparison)

    shown = "".join(text for operation, text in view.in_context(block, comparison) if operation != "delete")
    assert shown == "… Three. Four fell on Tuesday. Five. …"


def test_notes_by_the_publisher_are_recognised_by_label_or_by_text():
    comparison = april_9().comparison

    notices = [view.where(block, comparison) for block in view.blocks(comparison) if block.notice]

    assert notices == ["Paragraph 8, added", "Paragraph 15, added"]


def test_standing_paragraph_is_listed_once_with_all_that_contradicts_it():
    ((sentence, facts),) = view.standing(april_9().comparison)

    assert "Darzab" in april_9().comparison.new.sentences[sentence]
    assert [fact.kind for fact in facts] == ["attribution", "location", "time"]
