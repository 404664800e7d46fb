"""Dutch: numbers, dates, saying, hedging, names.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import Language, words

_NUMBERS = {
    word: float(value) for value, words in enumerate(
        ["nul", "een één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien",
         "negentien", "twintig"]
    ) for word in words.split()
} | {"dertig": 30.0, "veertig": 40.0, "vijftig": 50.0, "zestig": 60.0, "zeventig": 70.0, "tachtig": 80.0, "negentig": 90.0, "tiental": 10.0}  # fmt: skip

PACK = Language(
    code="nl",
    function_words=words(
        """de het een en of maar ook aan als bij dan dat die dit door er had hadden heb heeft hebben hem hen het hij hun ik in is je kan kunnen meer met
        naar niet nog nu om onder ons op over te tegen toen tot u uit van voor waar waren was wat we wel werd werden wie wij wil worden wordt zal ze
        zich zij zijn zo zou volgens zei zegt"""
    ),
    numbers=_NUMBERS,
    scales={"honderd": 100, "duizend": 1e3, "miljoen": 1e6, "miljard": 1e9},
    vague_numbers=frozenset(["enkele", "tientallen", "honderden", "duizenden", "meerdere", "verscheidene"]),
    number_joints=frozenset(["en"]),
    decimal_comma=True,
    bounds={"minstens": "least", "zeker": "least", "ten minste": "least", "meer dan": "over", "tot": "most", "hooguit": "most", "minder dan": "under", "ongeveer": "about", "circa": "about",
            "bijna": "about", "zo'n": "about", "rond": "about"},
    units={"procent": "%", "%": "%", "kilometer": "km", "km": "km", "meter": "m", "euro": "EUR", "dollar": "USD", "ton": "t", "graden": "deg", "hectare": "ha"},
    months={"januari": 1, "februari": 2, "maart": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7, "augustus": 8, "september": 9, "oktober": 10, "november": 11, "december": 12},
    weekdays={"maandag": 0, "dinsdag": 1, "woensdag": 2, "donderdag": 3, "vrijdag": 4, "zaterdag": 5, "zondag": 6},
    relative_days={"vandaag": 0, "gisteren": -1, "eergisteren": -2, "morgen": 1},
    day_parts=frozenset(["ochtend", "middag", "avond", "nacht", "middernacht"]),
    durations=frozenset(["seconden", "minuut", "minuten", "uur", "uren", "dag", "dagen", "week", "weken", "maand", "maanden", "jaar", "jaren"]),
    saying=frozenset(["zei", "zegt", "verklaarde", "meldde", "meldt", "bevestigde", "ontkende", "schreef", "vertelde", "waarschuwde"]),
    according=("volgens",),
    markers={
        **dict.fromkeys(["mogelijk", "waarschijnlijk", "vermoedelijk", "vermeende", "zou", "zouden", "kennelijk", "blijkbaar", "lijkt", "onduidelijk"], ("sure", "hedged")),
        **dict.fromkeys(["bevestigde", "bevestigd", "bevestigt"], ("sure", "confirmed")),
        **dict.fromkeys(["ontkende", "ontkent", "ontkend"], ("sure", "denied")),
        **dict.fromkeys(["niet", "geen", "nooit"], ("negation", "not")),
        **dict.fromkeys(["zal", "zullen", "gepland"], ("stage", "ahead")),
        **dict.fromkeys(["aangehouden", "gearresteerd", "opgepakt"], ("law", "2 arrested")),
        **dict.fromkeys(["aangeklaagd"], ("law", "3 charged")),
        **dict.fromkeys(["veroordeeld", "schuldig"], ("law", "5 convicted")),
        **dict.fromkeys(["vrijgesproken"], ("law", "5 acquitted")),
        **dict.fromkeys(["vermist", "vermiste"], ("fate", "missing")),
        **dict.fromkeys(["dood", "overleden", "omgekomen", "gedood", "overleed"], ("fate", "dead")),
        **dict.fromkeys(["gered", "overleefd", "overleefde"], ("fate", "alive")),
    },
    titles=frozenset(["meneer", "mevrouw", "dhr", "mevr", "president", "premier", "minister", "burgemeester", "woordvoerder", "woordvoerster", "generaal", "kolonel"]),
    places=frozenset(["provincie", "district", "dorp", "stad", "regio", "straat", "plein", "vliegveld", "station", "eiland", "wijk", "gemeente"]),
    place_prepositions=frozenset(["in", "bij", "naar", "vanuit", "nabij"]),
    name_joints=frozenset(["van", "de", "der", "den", "ten", "ter", "al", "el"]),
)  # fmt: skip
