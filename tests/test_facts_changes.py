"""Which facts changed between two versions: swapped values, traps, noise, conflicts, notices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.facts_story import EARLIER, NOTE, compare, facts_of, later
from tracker.comparison import compare_versions
from tracker.extract import version_from_sentences
from tracker.models import Comparison, Version

WEATHER = [
    "A storm crossed the northern coast overnight and left several roads closed.",
    "Officials from the regional council met on Tuesday to discuss the damage.",
    "Schools in the area will stay shut until Thursday, the council said.",
]


def within(old: str, new: str) -> Comparison:
    """Compare two versions of a sentence inside an article that otherwise stayed."""
    return compare_versions(
        version_from_sentences([*WEATHER[:2], old, WEATHER[2]]), version_from_sentences([*WEATHER[:2], new, WEATHER[2]])
    )


def alone(old: str, new: str) -> Comparison:
    return compare_versions(version_from_sentences([old]), version_from_sentences([new]))


def headline(old: str, new: str) -> Comparison:
    return compare_versions(
        Version(headline=old, paragraphs=tuple(WEATHER)), Version(headline=new, paragraphs=tuple(WEATHER))
    )


TRAPS = {
    "one digit of a toll": ("The blast at the mill killed 12 people, rescuers said.", "The blast at the mill killed 22 people, rescuers said.", "number", "12", "22"),
    "a decimal point of money": ("The firm will pay $1.5m to the families.", "The firm will pay $15m to the families.", "number", "$1.5m", "$15m"),
    "a decimal point of a share": ("Rents rose by 2.5 % in the year to June.", "Rents rose by 25 % in the year to June.", "number", "2.5 %", "25 %"),
    "a date": ("The strike on the depot came on March 3.", "The strike on the depot came on March 5.", "time", "March 3", "March 5"),
    "a clock time": ("The ferry left the pier at 03:10.", "The ferry left the pier at 05:40.", "time", "03:10", "05:40"),
    "a magnitude": ("A quake of magnitude 6.1 shook the island.", "A quake of magnitude 7.1 shook the island.", "number", "6.1", "7.1"),
    "target and place": ("The shell hit a hospital in Kyiv, the mayor said.", "The shell hit a depot in Kharkiv, the mayor said.", "location", "Kyiv", "Kharkiv"),
    "who fired": ("The missile was fired by Russia, the ministry said.", "The missile was fired by Ukraine, the ministry said.", "attribution", "Russia", "Ukraine"),
    "a verdict turned round": ("The former minister is not guilty, the court ruled.", "The former minister is now guilty, the court ruled.", "certainty", "not guilty", "guilty"),
    "one letter of a country": ("The ship sailed under the flag of Iran when it was stopped.", "The ship sailed under the flag of Iraq when it was stopped.", "identity", "Iran", "Iraq"),
    "scare quotes": ("The army said it had killed three rebels in the raid.", 'The army said it had killed three "rebels" in the raid.', "quote", "rebels", '"rebels"'),
    "days ago, in a sentence": ("The minister left the country 3 days ago, his office said.", "The minister left the country 13 days ago, his office said.", "time", "3 days ago", "13 days ago"),
}  # fmt: skip


@pytest.mark.parametrize("placed", [within, alone])
@pytest.mark.parametrize(("old", "new", "kind", "was", "is_"), TRAPS.values(), ids=TRAPS)
def test_a_small_edit_that_changes_a_fact_is_substantive(placed, old, new, kind, was, is_):
    comparison = placed(old, new)

    assert comparison.judgement.verdict == "substantive"
    assert any(f.kind == kind and was in (f.old or "") and is_ in (f.new or "") for f in comparison.facts)


HEADLINES = {
    "a question mark": ("Mayor knew of the leak", "Mayor knew of the leak?"),
    "not to now": ("Not guilty verdict in harbour trial", "Now guilty verdict in harbour trial"),
    "a toll": ("12 killed in blast", "22 killed in blast"),
    "a country at the start": ("Iran sends ships to the strait", "Iraq sends ships to the strait"),
}


@pytest.mark.parametrize(("old", "new"), HEADLINES.values(), ids=HEADLINES)
def test_a_small_edit_of_a_headline_that_changes_a_fact_is_substantive(old, new):
    comparison = headline(old, new)

    assert comparison.judgement.verdict == "substantive"
    assert all(f.new_sentence == 0 for f in comparison.facts)


NOISE = {
    "hours ago": ("8 hrs ago", "9 hrs ago"),
    "a time of update": ("Updated 15:10", "Updated 15:40"),
    "a date of publication": ("Published 3 March 2021 10:12", "Published 3 March 2021 11:12"),
    "views": ("1,204 views", "2,311 views"),
    "comments": ("87 comments", "112 comments"),
    "related links": ("Related: Storm hits islands", "Related: Ten things to know about storms"),
    "read more": ("Read more: the best photos", "Read more: our map of the damage"),
    "an advertisement": ("Advertisement", "Advertisement: buy our new phone today"),
    "a ticker": ("Live: FTSE 100 6,120.4 +0.3%", "Live: FTSE 100 6,098.1 -0.1%"),
    "a credit": ("Photograph: A. Smith/Agency", "Photograph: B. Jones/Agency"),
    "a line of editors": ("(Editing by Ann Reed)", "(Editing by Joe Marsh)"),
    "readers at the moment": ("3 people are reading this", "9 people are reading this"),
}


@pytest.mark.parametrize(("old", "new"), NOISE.values(), ids=NOISE)
def test_the_pages_own_furniture_stays_quiet(old, new):
    comparison = compare_versions(version_from_sentences([*WEATHER, old]), version_from_sentences([*WEATHER, new]))

    assert comparison.judgement.verdict == "cosmetic"
    assert comparison.facts == ()
    assert {s.label for s in comparison.sentences if s.operation != "equal"} == {"noise"}


SAME = {
    "curly quotes": ('He said: "We\'re safe."', "He said: “We’re safe.”", "unchanged"),
    "a space that does not break": ("It cost 5 000 euros.", "It cost 5\u00a0000 euros.", "unchanged"),
    "digits for words": ("Police said eleven people were hurt.", "Police said 11 people were hurt.", "cosmetic"),
    "another spelling": ("The organisation said it was over.", "The organization said it was over.", "cosmetic"),
    "a synonym": ("Three people were injured in the crash.", "Three people were hurt in the crash.", "cosmetic"),
}


@pytest.mark.parametrize(("old", "new", "verdict"), SAME.values(), ids=SAME)
def test_the_same_in_other_words_is_no_change(old, new, verdict):
    assert within(old, new).judgement.verdict == verdict


def test_paragraphs_in_another_order_are_cosmetic():
    comparison = compare_versions(
        version_from_sentences(WEATHER), version_from_sentences([WEATHER[2], WEATHER[0], WEATHER[1]])
    )

    assert comparison.judgement.verdict == "cosmetic"
    assert comparison.facts == ()


def test_a_lower_bound_given_up_is_a_change_of_certainty():
    comparison = within("The storm killed at least 9 people.", "The storm killed 9 people.")

    (fact,) = facts_of(comparison, "certainty")
    assert (fact.old, fact.new) == ("at least 9 people", "9 people")


LADDER = {
    "arrested, charged": ("A man was arrested over the theft.", "A man was charged over the theft."),
    "missing, dead": ("The diver is missing.", "The diver is dead."),
    "planned, done": ("The premier is to visit the flooded town.", "The premier has visited the flooded town."),
}


@pytest.mark.parametrize(("old", "new"), LADDER.values(), ids=LADDER)
def test_a_further_state_is_a_change_of_certainty(old, new):
    assert facts_of(within(old, new), "certainty", "replaced")


LANGUAGES = {
    "German": ("de", "Bei dem Brand in der Fabrik sind 12 Menschen getötet worden, sagte der Bürgermeister.", "Bei dem Brand in der Fabrik sind 22 Menschen getötet worden, sagte der Bürgermeister."),
    "French": ("fr", "Le feu dans cette usine a tué 12 personnes, a dit le maire de la ville.", "Le feu dans cette usine a tué 22 personnes, a dit le maire de la ville."),
    "Spanish": ("es", "El fuego en la fábrica mató a 12 personas, dijo el alcalde de la ciudad.", "El fuego en la fábrica mató a 22 personas, dijo el alcalde de la ciudad."),
    "Dutch": ("nl", "Bij de brand in de fabriek zijn 12 mensen gedood, zei de burgemeester van de stad.", "Bij de brand in de fabriek zijn 22 mensen gedood, zei de burgemeester van de stad."),
    "Russian": (None, "Пожар на заводе: погибли 12 человек, сообщил мэр.", "Пожар на заводе: погибли 22 человек, сообщил мэр."),
}  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new"), LANGUAGES.values(), ids=LANGUAGES)
def test_numbers_are_compared_in_other_languages(code, old, new):
    comparison = compare_versions(Version(sentences=(old,), language=code), Version(sentences=(new,), language=code))

    assert comparison.judgement.verdict == "substantive"
    assert [(f.kind, f.old[:2], f.new[:2]) for f in comparison.facts] == [("number", "12", "22")]


# --- the story with an update in the middle -------------------------------------------------------


@pytest.fixture(scope="module")
def updated() -> Comparison:
    return compare(EARLIER, later())


CONFLICTS = {
    "who did it": ("attribution", "Malian airstrike", "French airstrike", 3),
    "where": ("location", "Tessalit district", "Goundam district, Timbuktu region", 3),
    "how sure": ("certainty", "cannot confirm", "French airstrike killed Barakat", 3),
    "when": ("time", "Saturday", "June 8, 2018", 2),
}


@pytest.mark.parametrize(("kind", "old", "new", "importance"), CONFLICTS.values(), ids=CONFLICTS)
def test_an_update_is_held_against_the_paragraphs_left_standing(updated, kind, old, new, importance):
    (fact,) = facts_of(updated, kind, "conflicts")

    assert old in fact.old
    assert new in fact.new
    assert fact.importance == importance
    assert fact.source == "French Forces Sahel"
    assert fact.old in updated.new.sentences[fact.standing_sentence]
    assert fact.old in updated.old.sentences[fact.old_sentence]
    assert fact.about.startswith("killing of ")


def test_what_contradicts_the_standing_text_comes_first(updated):
    assert [f.kind for f in updated.facts[:3]] == ["attribution", "location", "certainty"]


def test_a_source_that_now_stands_behind_the_claim_is_reported(updated):
    (fact,) = facts_of(updated, "sourcing", "added")

    assert fact.new == "French Forces Sahel"


def test_another_spelling_of_the_name_is_no_other_person(updated):
    assert not facts_of(updated, "identity")


def test_a_note_that_speaks_of_the_change_discloses_it(updated):
    assert updated.judgement.verdict == "substantive"
    assert updated.judgement.disclosure == "disclosed"
    assert len(facts_of(updated, "notice", "added")) == 2
    assert NOTE in [f.new for f in facts_of(updated, "notice")]


def test_every_step_of_the_update_is_labelled(updated):
    labels = {s.new: s.label for s in updated.sentences if s.operation == "insert"}

    assert set(labels.values()) <= {"fact", "context", "notice"}
    assert sum(label == "notice" for label in labels.values()) == 2


def test_typing_errors_mended_on_the_way_change_nothing(updated):
    """The same facts and no more when misprints are corrected in the paragraphs around."""
    misprinted = EARLIER
    for right, wrong in {
        "quartermaster has": "quatermaster has", "desert": "dessert", "supplied": "suplied", "losing": "loosing", "convoys": "konvoys", "spokesman": "spokesmann",
        "reported": "repported", "Regional": "Regionel", "carried": "caried", "stop for": "stopp for", "continue": "continu", "previous": "previus", "dealer": "deeler", "joined": "joind",
    }.items():  # fmt: skip
        assert right in misprinted
        misprinted = misprinted.replace(right, wrong, 1)

    mended = compare(misprinted, later())

    assert {(f.kind, f.new) for f in mended.facts if f.importance > 1} == {
        (f.kind, f.new) for f in updated.facts if f.importance > 1
    }


def test_the_first_version_against_itself_is_unchanged():
    comparison = compare(EARLIER, EARLIER)

    assert comparison.judgement.verdict == "unchanged"
    assert comparison.facts == ()


def test_what_the_headline_and_the_text_state_alike_is_one_fact():
    old = Version(
        headline="Two people killed at Bellmore mill", paragraphs=("Two people were killed in a blast.", *WEATHER)
    )
    new = Version(
        headline="Three people killed at Bellmore mill", paragraphs=("Three people were killed in a blast.", *WEATHER)
    )

    numbers = facts_of(compare_versions(old, new), "number")

    assert [(f.counted, f.importance) for f in numbers] == [("killed", 3)]


def test_only_a_note_added_is_minor():
    note = "Correction: An earlier version of this article misspelled the name of the harbour."
    comparison = compare_versions(version_from_sentences(WEATHER), version_from_sentences([*WEATHER, note]))

    assert comparison.judgement.verdict == "minor"
    assert [(f.kind, f.status, f.new) for f in comparison.facts] == [("notice", "added", note)]


def test_a_note_about_something_else_does_not_disclose():
    note = "Correction: An earlier version of this article misspelled the name of a harbour pilot."
    old = [*WEATHER, "The storm killed 12 people."]
    new = [*WEATHER, "The storm killed 22 people.", note]

    comparison = compare_versions(version_from_sentences(old), version_from_sentences(new))

    assert comparison.judgement.disclosure == "undisclosed"


def test_a_note_about_what_stayed_in_the_edited_sentence_does_not_disclose():
    note = "Correction: An earlier version of this article misspelled the name of the harbour master, Ann Leedale."
    old = [*WEATHER, "The storm killed 12 people, the harbour master, Ann Leedale, said."]
    new = [*WEATHER, "The storm killed 22 people, the harbour master, Ann Leedale, said.", note]

    comparison = compare_versions(version_from_sentences(old), version_from_sentences(new))

    assert comparison.judgement.disclosure == "undisclosed"


def test_a_body_that_speaks_is_named_and_the_date_of_a_note_is_no_fact():
    told = [
        "Update, May 3: Rail Authority North said on Monday that the derailed train was its own.",
        "“The train hit a crane near Ostley station and two drivers died,” the authority said in a statement.",
    ]
    comparison = compare_versions(version_from_sentences(WEATHER), version_from_sentences([*WEATHER, *told]))

    assert not [f for f in comparison.facts if f.new == "May 3"]
    assert not [f for f in comparison.facts if f.new == "the authority said in a statement"]
    assert {f.source for f in comparison.facts if f.new_sentence == len(WEATHER) + 1} == {"Rail Authority North"}


def test_another_story_at_the_same_address_is_recognised():
    other = """Council opens a second library beside the canal
The town council has opened a second public library in a former warehouse, with reading rooms for children and a café.
Architect Jo Lind kept the brick walls and put a glass roof over the courtyard, where concerts are planned for spring.
Members can borrow up to ten books for four weeks, and opening hours run from nine to seven on weekdays.
Councillor Mia Vance thanked volunteers who carried boxes of novels across the street by hand."""

    comparison = compare(EARLIER, other)

    assert comparison.judgement.verdict == "different_story"
    assert comparison.facts == ()


def test_words_that_say_so_are_read_against_the_articles_own_date():
    """ "On Thursday" and the date of that Thursday are one day."""
    published = datetime(2018, 4, 7, 9, tzinfo=UTC)
    old, new = (
        Version(sentences=(*WEATHER, text), published_at=published, language="en")
        for text in ("The bridge fell on Thursday.", "The bridge fell on April 5.")
    )

    assert not facts_of(compare_versions(old, new), "time")
