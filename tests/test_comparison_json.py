"""What is written as JSON is read back as it was, and what is malformed is refused by name."""

from __future__ import annotations

import contextlib
import copy
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.comparison_json import comparison_from_json, comparison_to_json
from tracker.diff import diff_texts
from tracker.errors import InputError
from tracker.models import Capture, Comparison, Fact, Judgement, SentenceChange, Side, Text

OLD = Side(
    headline="Fire in mill",
    byline=("Ann Reed", "Joe Marsh"),
    published_at=datetime(2024, 5, 1, 8, tzinfo=UTC),
    updated_at=datetime(2024, 5, 1, 9, 30, 15, 250000, tzinfo=UTC),
    language="en",
    sentences=("Fire in mill", "12 people died.", "It burned."),
    paragraph_of=(0, 1, 1),
    notices=(),
)
NEW = Side(None, (), None, None, None, ("22 people died.", "It burned.", "Corrected."), (0, 0, 1), ("Corrected.",))
FACT = Fact(
    kind="number",
    status="conflicts",
    old="12",
    new="22",
    old_sentence=1,
    new_sentence=0,
    importance=3,
    about="fire in the mill",
    counted="died",
    source="police",
    confidence=0.93,
    reason="The number of dead rose.",
    standing_sentence=2,
)
COMPARISON = Comparison(
    judgement=Judgement("substantive", 3, "disclosed", ("The number of dead rose.",)),
    capture=Capture(0.9, suspect=False, reasons=("A little short.",)),
    old=OLD,
    new=NEW,
    facts=(FACT, Fact("notice", "added", None, "Corrected.", None, 2, 2)),
    sentences=(
        SentenceChange(0, None, "delete", label="style"),
        SentenceChange(1, 0, "replace", (("delete", "12"), ("insert", "22"), ("equal", " people died.")), label="fact"),
        SentenceChange(2, 1, "equal"),
        SentenceChange(None, 2, "insert", label="notice"),
    ),
    warnings=("One sentence was too long to read.",),
)


def test_object_has_the_keys_of_schema_1_in_their_order():
    written = comparison_to_json(COMPARISON)

    assert list(written) == [
        "schema", "verdict", "importance", "disclosure", "reasons", "capture", "old", "new", "facts", "sentences", "warnings",
    ]  # fmt: skip
    assert written["schema"] == 1
    assert list(written["capture"]) == ["quality", "suspect", "reasons"]
    assert list(written["old"]) == [
        "headline", "byline", "published_at", "updated_at", "language", "sentences", "paragraph_of", "notices",
    ]  # fmt: skip
    assert list(written["facts"][0]) == [
        "kind", "status", "old", "new", "old_sentence", "new_sentence", "importance", "about", "counted", "source", "confidence", "reason",
        "standing_sentence",
    ]  # fmt: skip
    assert written["sentences"][1] == {
        "old": 1,
        "new": 0,
        "operation": "replace",
        "label": "fact",
        "words": [["delete", "12"], ["insert", "22"], ["equal", " people died."]],
    }


def test_moments_are_utc_with_a_z():
    east = timezone(timedelta(hours=4, minutes=30))
    side = Side(None, (), datetime(2018, 4, 9, 12, 45, tzinfo=east), None, None, (), (), ())

    written = comparison_to_json(Comparison(Judgement("unchanged", 0, None), Capture(), side, OLD))

    assert written["old"]["published_at"] == "2018-04-09T08:15:00Z"
    assert written["new"]["updated_at"] == "2024-05-01T09:30:15.250000Z"


def test_equal_sentences_can_be_left_out():
    written = comparison_to_json(COMPARISON, changes_only=True)

    assert [step["operation"] for step in written["sentences"]] == ["delete", "replace", "insert"]
    assert len(comparison_from_json(written).sentences) == 3


def test_reasons_and_warnings_may_be_missing():
    """They are beyond schema 1, and another program may have written the object."""
    written = comparison_to_json(COMPARISON)
    del written["reasons"], written["warnings"], written["facts"][0]["standing_sentence"]

    read = comparison_from_json(written)

    assert read.judgement.reasons == read.warnings == ()
    assert read.facts[0].standing_sentence is None


# --- there and back -------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\ud800\udc00"), max_size=12)
moments = st.none() | st.datetimes(timezones=st.just(UTC))


@st.composite
def sides(draw):
    sentences = tuple(draw(st.lists(words, max_size=5)))
    return Side(
        headline=draw(st.none() | words),
        byline=tuple(draw(st.lists(words, max_size=2))),
        published_at=draw(moments),
        updated_at=draw(moments),
        language=draw(st.none() | st.sampled_from(["en", "de"])),
        sentences=sentences,
        paragraph_of=tuple(draw(st.integers(0, 99)) for _ in sentences),
        notices=tuple(draw(st.lists(words, max_size=2))),
    )


@st.composite
def comparisons(draw):
    old, new = draw(sides()), draw(sides())
    steps = diff_texts(Text(old.sentences, old.paragraph_of), Text(new.sentences, new.paragraph_of))
    sentence = [
        st.none() | st.sampled_from(range(len(side.sentences))) if side.sentences else st.none() for side in (old, new)
    ]
    facts = st.builds(
        Fact,
        old=st.none() | words,
        new=st.none() | words,
        old_sentence=sentence[0],
        new_sentence=sentence[1],
        standing_sentence=sentence[1],
        importance=st.integers(1, 3),
        confidence=st.floats(0, 1),
    )
    judgement = Judgement(
        draw(st.sampled_from(["substantive", "minor", "cosmetic", "unchanged", "different_story", None])),
        draw(st.integers(0, 3)),
        draw(st.sampled_from(["disclosed", "dated", "undisclosed", None])),
        tuple(draw(st.lists(words, max_size=2))),
    )
    capture = Capture(draw(st.floats(0, 1)), draw(st.booleans()), tuple(draw(st.lists(words, max_size=2))))
    return Comparison(
        judgement, capture, old, new, tuple(draw(st.lists(facts, max_size=3))), steps, draw(st.tuples(words))
    )


@given(comparisons())
def test_what_was_written_is_read_back(comparison):
    """Half a surrogate pair, which a page may hold, included."""
    written = json.dumps(comparison_to_json(comparison))

    assert comparison_from_json(json.loads(written)) == comparison


# --- malformed ------------------------------------------------------------------------------------

GONE = object()
MALFORMED = {
    "another schema": (["schema"], 2, "schema 2"),
    "no schema": (["schema"], GONE, "schema null"),
    "a verdict of its own": (["verdict"], "huge", "'verdict'"),
    "no verdict": (["verdict"], 3, "'verdict'"),
    "importance out of range": (["importance"], 4, "from 0 to 3"),
    "importance as a truth value": (["importance"], True, "'importance'"),
    "importance missing": (["importance"], GONE, "missing"),
    "disclosure of its own": (["disclosure"], "silent", "'disclosure'"),
    "reasons as a text": (["reasons"], "because", "'reasons'"),
    "capture missing": (["capture"], GONE, "'capture'"),
    "quality above 1": (["capture", "quality"], 1.5, "'quality'"),
    "quality as a truth value": (["capture", "quality"], True, "'quality'"),
    "suspect as a number": (["capture", "suspect"], 0, "'suspect'"),
    "side as a list": (["old"], [], "'old'"),
    "headline as a number": (["old", "headline"], 5, "'headline' of 'old'"),
    "byline of numbers": (["new", "byline"], [1], "'byline' of 'new'"),
    "moment without zone": (["old", "updated_at"], "2024-05-01T09:30:15", "'updated_at'"),
    "moment in words": (["old", "updated_at"], "yesterday", "like 2018-04-09T10:41:00Z"),
    "moment before the calendar": (["old", "updated_at"], "0001-01-01T00:00:00+14:00", "'updated_at'"),
    "fewer paragraphs than sentences": (["old", "paragraph_of"], [0], "each of the 3 sentences"),
    "paragraph below 0": (["old", "paragraph_of"], [0, -1, 1], "'paragraph_of'"),
    "facts as an object": (["facts"], {}, "'facts'"),
    "fact as a text": (["facts", 0], "number", "item 0 of 'facts'"),
    "fact of another kind": (["facts", 0, "kind"], "weather", "item 0 of 'facts'"),
    "fact of another status": (["facts", 0, "status"], "gone", "'status'"),
    "fact in a sentence that is not there": (["facts", 0, "old_sentence"], 3, "'old_sentence'"),
    "fact of importance 0": (["facts", 0, "importance"], 0, "'importance'"),
    "confidence in percent": (["facts", 0, "confidence"], 93, "'confidence'"),
    "reason missing": (["facts", 0, "reason"], GONE, "'reason'"),
    "unknown operation": (["sentences", 1, "operation"], "edit", "'operation'"),
    "replacement without old sentence": (["sentences", 1, "old"], None, "replace"),
    "deletion with new sentence": (["sentences", 0, "new"], 1, "'new'"),
    "sentence that is not there": (["sentences", 1, "new"], 3, "from 0 to 2"),
    "unknown label": (["sentences", 1, "label"], "big", "'label'"),
    "words as a text": (["sentences", 1, "words"], "all", "'words'"),
    "word piece as a text": (["sentences", 1, "words", 0], "all", "'words'"),
    "word piece moved": (["sentences", 1, "words", 0], ["move", "all"], "'words'"),
    "word piece without words": (["sentences", 1, "words", 0], ["equal"], "'words'"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "value", "named"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_object_is_refused_by_name(path, value, named):
    written = json.loads(json.dumps(comparison_to_json(COMPARISON)))
    place = written
    for key in path[:-1]:
        place = place[key]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value

    with pytest.raises(InputError) as caught:
        comparison_from_json(written)

    assert named in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "schema 1", 1, {}])
def test_what_is_no_object_at_all_is_refused(data):
    with pytest.raises(InputError):
        comparison_from_json(data)


def test_message_stays_short_for_a_long_value():
    written = comparison_to_json(COMPARISON) | {"verdict": "x" * 100_000}

    with pytest.raises(InputError) as caught:
        comparison_from_json(written)

    assert len(str(caught.value)) < 250


@given(st.data())
def test_no_object_with_a_value_exchanged_makes_it_crash(data):
    """Whatever stands in a place, it is read or refused, never an error of another kind."""
    written = copy.deepcopy(comparison_to_json(COMPARISON))
    place = written
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        )
    )

    with contextlib.suppress(InputError):
        comparison_from_json(written)
