"""French: numbers, dates, saying, hedging, names.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import Language, words

_NUMBERS = {
    word: float(value) for value, words in enumerate(
        ["zéro", "un une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"]
    ) for word in words.split()
} | {"vingt": 20.0, "trente": 30.0, "quarante": 40.0, "cinquante": 50.0, "soixante": 60.0}  # fmt: skip

PACK = Language(
    code="fr",
    function_words=words(
        """le la les l un une des du de d et ou mais aussi au aux à en dans par pour sur sous avec sans est sont était étaient a ont avait avaient être
        été il elle ils elles on nous vous je ce cette ces cet qui que qu dont où ne pas plus moins son sa ses leur leurs se si comme selon entre
        après avant depuis dit déclaré affirmé indiqué annoncé"""
    ),
    numbers=_NUMBERS,
    scales={"cent": 100, "cents": 100, "mille": 1e3, "million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9},
    vague_numbers=frozenset(["plusieurs", "des dizaines", "des centaines", "des milliers", "une dizaine", "une vingtaine", "une trentaine", "une centaine", "une quinzaine"]),
    number_joints=frozenset(["et"]),
    decimal_comma=True,
    bounds={"au moins": "least", "plus de": "over", "jusqu'à": "most", "au plus": "most", "moins de": "under", "environ": "about", "près de": "about", "quelque": "about", "presque": "about"},
    units={"pour cent": "%", "%": "%", "kilomètres": "km", "km": "km", "mètres": "m", "euros": "EUR", "euro": "EUR", "dollars": "USD", "tonnes": "t", "degrés": "deg", "hectares": "ha"},
    months={"janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12},
    weekdays={"lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5, "dimanche": 6},
    relative_days={"aujourd'hui": 0, "hier": -1, "avant-hier": -2, "demain": 1},
    day_parts=frozenset(["matin", "après-midi", "soir", "soirée", "nuit", "midi", "minuit"]),
    durations=frozenset(["secondes", "minute", "minutes", "heure", "heures", "jour", "jours", "semaine", "semaines", "mois", "an", "ans", "année", "années"]),
    saying=frozenset(["dit", "déclaré", "affirmé", "indiqué", "annoncé", "rapporté", "confirmé", "démenti", "expliqué", "ajouté", "précisé", "écrit", "assuré", "déclare", "affirme", "indique", "annonce"]),
    according=("selon", "d'après"),
    markers={
        **dict.fromkeys(["peut-être", "probablement", "présumé", "présumée", "présumés", "pourrait", "pourraient", "serait", "seraient", "aurait", "auraient", "apparemment", "semble"],
                        ("sure", "hedged")),
        **dict.fromkeys(["confirmé", "confirme", "a confirmé"], ("sure", "confirmed")),
        **dict.fromkeys(["démenti", "dément", "nie", "nié"], ("sure", "denied")),
        **dict.fromkeys(["pas", "jamais", "aucun", "aucune"], ("negation", "not")),
        **dict.fromkeys(["doit", "doivent", "va", "vont", "prévu", "prévue"], ("stage", "ahead")),
        **dict.fromkeys(["interpellé", "arrêté", "arrêtée", "arrêtés", "en garde à vue"], ("law", "2 arrested")),
        **dict.fromkeys(["inculpé", "mis en examen", "mise en examen"], ("law", "3 charged")),
        **dict.fromkeys(["condamné", "condamnée", "condamnés", "coupable"], ("law", "5 convicted")),
        **dict.fromkeys(["acquitté", "relaxé"], ("law", "5 acquitted")),
        **dict.fromkeys(["disparu", "disparue", "disparus"], ("fate", "missing")),
        **dict.fromkeys(["mort", "morts", "tué", "tués", "décédé"], ("fate", "dead")),
    },
    titles=frozenset(["m.", "mme", "mlle", "monsieur", "madame", "président", "présidente", "ministre", "maire", "général", "colonel", "porte-parole"]),
    places=frozenset(["province", "district", "village", "ville", "région", "rue", "place", "aéroport", "gare", "département", "île", "quartier"]),
    place_prepositions=frozenset(["à", "en", "dans", "près", "vers", "depuis", "au", "aux"]),
    name_joints=frozenset(["de", "du", "la", "le", "des", "al", "el"]),
)  # fmt: skip
