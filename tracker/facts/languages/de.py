"""German: numbers, dates, saying, hedging, names.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import Language, words

_NUMBERS = {
    word: float(value) for value, words in enumerate(
        ["null", "ein eine einer einen einem eines eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn",
         "sechzehn", "siebzehn", "achtzehn", "neunzehn", "zwanzig"]
    ) for word in words.split()
} | {"dreißig": 30.0, "vierzig": 40.0, "fünfzig": 50.0, "sechzig": 60.0, "siebzig": 70.0, "achtzig": 80.0, "neunzig": 90.0, "dutzend": 12.0}  # fmt: skip

PACK = Language(
    code="de",
    function_words=words(
        """der die das den dem des ein eine einer einen einem eines und oder aber auch als am an auf aus bei bis da dass daß dann dort durch er es für
        gegen hat haben hatte hatten ihm ihn ihr ihre ihren ihrer ihrem im in ist ja kann können man mehr mit nach nicht noch nun nur ob ohne sein
        seine seinen seiner seit sich sie sind so über um unter vom von vor war waren was weil wenn wer werden wie wieder will wir wird wo wurde
        wurden zu zum zur zwischen sagte sagt teilte mit laut demnach hieß"""
    ),
    numbers=_NUMBERS,
    scales={"hundert": 100, "tausend": 1e3, "million": 1e6, "millionen": 1e6, "mio": 1e6, "mio.": 1e6, "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9, "mrd.": 1e9, "billionen": 1e12},
    vague_numbers=frozenset(["mehrere", "dutzende", "hunderte", "tausende", "zahlreiche", "einige"]),
    number_joints=frozenset(["und"]),
    decimal_comma=True,
    bounds={"mindestens": "least", "wenigstens": "least", "mehr als": "over", "über": "over", "bis zu": "most", "höchstens": "most", "weniger als": "under", "unter": "under", "rund": "about",
            "etwa": "about", "ungefähr": "about", "circa": "about", "ca.": "about", "fast": "about", "knapp": "about", "nahezu": "about"},
    units={"prozent": "%", "%": "%", "kilometer": "km", "km": "km", "meter": "m", "euro": "EUR", "dollar": "USD", "franken": "CHF", "tonnen": "t", "grad": "deg", "hektar": "ha", "prozentpunkte": "points"},
    months={"januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8, "september": 9, "oktober": 10, "november": 11, "dezember": 12},
    weekdays={"montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5, "sonntag": 6},
    relative_days={"heute": 0, "gestern": -1, "vorgestern": -2, "morgen": 1},
    day_parts=frozenset(["vormittag", "nachmittag", "abend", "nacht", "mittag", "mitternacht"]),
    durations=frozenset(["sekunden", "minute", "minuten", "stunde", "stunden", "tag", "tage", "tagen", "woche", "wochen", "monat", "monate", "monaten", "jahr", "jahre", "jahren"]),
    saying=frozenset(["sagte", "sagt", "erklärte", "erklärt", "teilte", "berichtete", "berichtet", "meldete", "betonte", "kündigte", "bestätigte", "dementierte", "schrieb", "warnte", "sagten", "teilten"]),
    according=("laut", "nach angaben", "zufolge"),
    markers={
        **dict.fromkeys(["möglicherweise", "vermutlich", "mutmaßlich", "mutmaßliche", "mutmaßlicher", "mutmaßlichen", "angeblich", "offenbar", "wohl", "könnte", "könnten", "soll", "sollen",
                         "wahrscheinlich", "unklar"], ("sure", "hedged")),
        **dict.fromkeys(["bestätigte", "bestätigt", "bestätigten"], ("sure", "confirmed")),
        **dict.fromkeys(["dementierte", "dementiert", "bestritt", "bestreitet", "wies zurück"], ("sure", "denied")),
        **dict.fromkeys(["nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals"], ("negation", "not")),
        **dict.fromkeys(["wird", "werden", "geplant", "will", "wollen"], ("stage", "ahead")),
        **dict.fromkeys(["festgenommen", "verhaftet"], ("law", "2 arrested")),
        **dict.fromkeys(["angeklagt"], ("law", "3 charged")),
        **dict.fromkeys(["verurteilt", "schuldig"], ("law", "5 convicted")),
        **dict.fromkeys(["freigesprochen"], ("law", "5 acquitted")),
        **dict.fromkeys(["vermisst"], ("fate", "missing")),
        **dict.fromkeys(["tot", "gestorben", "getötet", "starb", "ums leben"], ("fate", "dead")),
        **dict.fromkeys(["gerettet", "überlebt", "überlebte"], ("fate", "alive")),
    },
    titles=frozenset(["herr", "frau", "dr", "prof", "präsident", "präsidentin", "kanzler", "kanzlerin", "minister", "ministerin", "bürgermeister", "sprecher", "sprecherin", "general", "oberst"]),
    places=frozenset(["provinz", "bezirk", "distrikt", "dorf", "stadt", "region", "straße", "platz", "flughafen", "bahnhof", "landkreis", "kreis", "insel"]),
    place_prepositions=frozenset(["in", "im", "bei", "nahe", "nach", "aus", "vor"]),
    name_joints=frozenset(["von", "der", "van", "de", "al", "el"]),
)  # fmt: skip
