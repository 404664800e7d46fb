"""Sentences are literal parts of their paragraphs, and typography alone is no change."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.models import Version
from tracker.text import digest_of_text, normalize, split_sentences, text_of

texts = st.text(
    st.sampled_from(list("abU19 .,-—–…\"“”'’«»\n\u00a0\u200b\u0301\ud800😀ש")) | st.characters(), max_size=60
)

SENTENCES = {
    "titles and ranks": ["Col. Ann Reed and Lt. Gen. Joe Marsh left.", "Dr. Lind and Mrs. Gray stayed."],
    "initials": ["J. K. Marsh met John F. Gray.", "They talked."],
    "a country": ["The U.S. Army said so.", "It went on."],
    "a date": ["It fell on Apr. 5 in the north.", "Nobody was hurt."],
    "a number": ["No. 10 declined.", "It will speak on Jan. 3."],
    "a price and a share": ["It cost $1.5 million.", "That is 2.5 percent more."],
    "a clock time before a day": ["It closed at 5 p.m. Friday.", "Nobody noticed."],
    "a clock time before a time zone": ["It closed at 5 p.m. EST on the coast.", "Nobody noticed."],
    "a clock time at the end": ["It closed at 5 p.m.", "The guard left."],
    "an abbreviation before a small letter": ["Senator Ann Reed, R-Ky. said so.", "He agreed."],
    "a quotation of several sentences": ['"We saw it. We ran. It was over," she said.', "He agreed."],
    "a quotation after a quotation": ['Then we go."', "He left.", '"We wait. Then we go."', "They did."],
    "a quotation that goes on in the next paragraph": ["“We saw it.", "We ran."],
    "a quotation that begins after a sentence and goes on": ["He told reporters.", "“We saw it.", "We ran."],
    "the same in straight quote marks": ["He told reporters.", '"We saw it.', "We ran."],
    "the same in doubled single quote marks": ["He told reporters.", "''We saw it.", "We ran."],
    "a quotation in doubled single quote marks": ["''We saw it. We ran,'' she said.", "He ''agreed.''", "So did I."],
    "an inch mark": ["He is 5'10\" tall.", "He left.", '"We saw it. We ran," she said.'],
    "an ellipsis": ["And then... he left.", "She stayed."],
    "a question": ["Who was it?", "Nobody knows!", "It is open."],
    "no stop at all": ["Fire in a mill"],
    "half a surrogate pair": ["It broke \ud800 here.", "It went on."],
}


@pytest.mark.parametrize("expected", SENTENCES.values(), ids=SENTENCES)
def test_paragraph_is_split_where_a_reader_would(expected):
    assert split_sentences(" ".join(expected)) == expected


def test_curly_and_straight_quotes_have_the_same_sentences():
    straight = 'Then we go." He left. "We wait. Then we go." They did.'
    curly = "Then we go.” He left. “We wait. Then we go.” They did."

    assert list(map(normalize, split_sentences(straight))) == list(map(normalize, split_sentences(curly)))


def test_language_of_the_version_is_heeded():
    german = Version(language="de", paragraphs=("Am 5. Mai kam Dr. Lind. Sie blieb.",))

    assert text_of(german).sentences == ("Am 5. Mai kam Dr. Lind.", "Sie blieb.")


def test_text_without_line_breaks_is_split_as_its_parts_are():
    expected = SENTENCES["a quotation of several sentences"] * 400

    assert split_sentences(" ".join(expected)) == expected


def test_line_of_nothing_but_quote_marks_is_cut_between_words():
    line = "word “ " * 5_000

    assert " ".join(split_sentences(line)) == line.strip()


def test_line_break_ends_a_sentence():
    assert split_sentences("A heading\n  The text begins. It goes on. ") == [
        "A heading",
        "The text begins.",
        "It goes on.",
    ]


@given(texts, st.sampled_from([None, "en", "de", "fr", "he", "xx"]))
def test_sentences_are_literal_parts_in_order_and_lose_only_white_space(paragraph, language):
    at = 0
    for sentence in split_sentences(paragraph, language):
        assert sentence == sentence.strip() != ""
        found = paragraph.index(sentence, at)
        assert not paragraph[at:found].strip()
        at = found + len(sentence)
    assert not paragraph[at:].strip()


# --- versions -------------------------------------------------------------------------------------


def test_headline_is_sentence_0_in_a_paragraph_of_its_own():
    text = text_of(
        Version(headline=" Fire in a mill. Two hurt ", paragraphs=("It burned. It fell.", "  ", "It is out."))
    )

    assert text.sentences == ("Fire in a mill. Two hurt", "It burned.", "It fell.", "It is out.")
    assert text.paragraph_of == (0, 1, 1, 3)
    assert text.headline


@pytest.mark.parametrize("headline", [None, "", "  "])
def test_version_without_headline_begins_with_its_first_paragraph(headline):
    text = text_of(Version(headline=headline, paragraphs=("It burned. It fell.", "It is out.")))

    assert text.sentences == ("It burned.", "It fell.", "It is out.")
    assert text.paragraph_of == (0, 0, 1)
    assert not text.headline


def test_sentences_that_were_given_keep_their_positions():
    given_sentences = ("It burned. It fell.", "", "  It is out. ")

    text = text_of(Version(headline="Ignored", paragraphs=("Ignored.",), sentences=given_sentences))

    assert text.sentences == given_sentences
    assert text.paragraph_of == (0, 1, 2)
    assert not text.headline


def test_captions_are_no_sentences():
    assert text_of(Version(captions=("A mill on fire.",))).sentences == ()


# --- typography -----------------------------------------------------------------------------------

SAME = {
    "curly quotes": ("“We’ll go,” she said", '"We\'ll go," she said'),
    "doubled single quotes": ("''We go,'' she said", '"We go," she said'),
    "guillemets with spaces": ("«\u00a0Oui\u00a0», dit-il", "“Oui”, dit-il"),
    "em dash": ("the mill — old — burned", "the mill—old—burned"),
    "two hyphens": ("the mill -- old -- burned", "the mill – old – burned"),
    "en dash between numbers": ("it ended 3–2", "it ended 3-2"),
    "minus sign": ("−5 degrees", "-5 degrees"),
    "non-breaking hyphen": ("well‑known", "well-known"),
    "non-breaking and thin spaces": ("10\u00a0000\u202fpeople", "10 000 people"),
    "soft hyphen and zero-width space": ("mil\u00adl\u200bs", "mills"),
    "ellipsis": ("and then…", "and then. . ."),
    "white space": ("  it \n burned ", "it burned"),
    "space before a stop": ("Qui\u00a0? Lui\u202f!", "Qui? Lui!"),
    "decomposed accent": ("Cafe\u0301", "Café"),
    "variation selector": ("❤\ufe0f", "❤"),
    "direction mark": ("\u200fשלום", "שלום"),
}
DIFFERENT = {
    "scare quotes": ("the terrorists left", 'the "terrorists" left'),
    "a question mark": ("Mill burned", "Mill burned?"),
    "a decimal point": ("$1.5m", "$15m"),
    "a digit": ("12 killed", "22 killed"),
    "a space between digits": ("1 5 people", "15 people"),
    "a sign": ("-5 degrees", "5 degrees"),
    "a range": ("10-15 people", "1015 people"),
    "a clock time": ("at 03:10", "at 05:40"),
    "an accent": ("the resume", "the résumé"),
    "letter case": ("the us", "the US"),
    "a superscript": ("10² metres", "102 metres"),
    "a fraction": ("1½ hours", "11/2 hours"),
    "two words": ("a part", "apart"),
    "an apostrophe": ("the boy's dogs", "the boys' dogs"),
}


@pytest.mark.parametrize(("a", "b"), SAME.values(), ids=SAME)
def test_typography_is_ignored(a, b):
    assert normalize(a) == normalize(b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_may_carry_a_fact_is_kept(a, b):
    assert normalize(a) != normalize(b)


@given(texts)
def test_normalising_twice_is_normalising_once(text):
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize("filling", [" ", "\u00a0", ".", "-", '"', "'", "« ", "\n", ". ", "a", "a. "])
def test_no_filling_takes_long(filling):
    text = "a" + filling * (300_000 // len(filling)) + "b"
    started = time.process_time()

    normalize(text)
    split_sentences(text)

    assert time.process_time() - started < 5


# --- digests --------------------------------------------------------------------------------------

ARTICLE = Version(headline="Fire in a mill", paragraphs=("It burned for “two” days.", "Nobody was hurt."))


def test_digest_of_text_is_pinned():
    """Stored digests are compared with new ones: a different digest for the same text needs another DIGEST_FORMAT."""
    assert digest_of_text(ARTICLE) == "sha256:d372ff70c1a87847f15d995b52f86a0c7a0ede26078e9279fffa19953d5fd24c"


def test_same_text_in_other_typography_has_the_same_digest():
    other = Version(
        headline="Fire in a\u00a0mill ",
        paragraphs=('It burned for "two" days.', "", "Nobody  was hurt."),
        byline=("Ann Reed",),
    )

    assert digest_of_text(other) == digest_of_text(ARTICLE)


@pytest.mark.parametrize(
    "version",
    [
        Version(headline="Fire in a mill?", paragraphs=ARTICLE.paragraphs),
        Version(headline=None, paragraphs=(ARTICLE.headline, *ARTICLE.paragraphs)),
        Version(headline=ARTICLE.headline, paragraphs=("It burned for two days.", "Nobody was hurt.")),
        Version(headline=ARTICLE.headline, paragraphs=ARTICLE.paragraphs[::-1]),
        Version(headline=ARTICLE.headline, paragraphs=(" ".join(ARTICLE.paragraphs),)),
        Version(headline=ARTICLE.headline, paragraphs=ARTICLE.paragraphs, sentences=("It burned.",)),
    ],
    ids=["headline", "headline became text", "scare quotes", "order", "paragraphs", "given sentences"],
)
def test_other_text_has_another_digest(version):
    assert digest_of_text(version) != digest_of_text(ARTICLE)


def test_digest_survives_half_a_surrogate_pair():
    assert digest_of_text(Version(headline="\ud83d")) != digest_of_text(Version(headline="\ude00"))
