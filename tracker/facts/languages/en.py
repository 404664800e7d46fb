"""English, the language that is read in full.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import Language, words

_FUNCTION_WORDS = words(
    """a about above after again against all also although am an and another any are aren't as at be because been before being below between both but
        by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else even ever every few for from further
        had hadn't has hasn't have haven't having he he'd he'll he's her here hers herself him himself his how however i i'd i'll i'm i've if in into
        is isn't it it's its itself just let's many may me might more most much must my myself no nor not now of off on once one only or other others
        our ours ourselves out over own per quite rather same shall she she'd she'll she's should shouldn't so some still such than that that's the
        their theirs them themselves then there there's these they they'd they'll they're they've this those though through thus to too under until up
        upon us very was wasn't we we'd we'll we're we've were weren't what when where whether which while who whom whose why will with within without
        won't would wouldn't yet you you'd you'll you're you've your yours yourself yourselves said say says saying told tell tells told according mr
        mrs ms dr also meanwhile earlier later ago around among across along toward towards via amid onto"""
)

# Everyday synonyms in news copy: swapping one for another changes no fact.  Every line: the word that stands for the group, then the group.
_SYNONYMS = """
kill: killed kills killing slain slay slew murdered_
die: died dies dying dead death deaths perished perish deceased
injure: injured injures injuring injury injuries wounded wound wounds wounding hurt hurts
shoot: shot shoots shooting shootings gunned
jail: jailed prison imprisoned imprison imprisonment prisons jails
arrest: arrested arrests arresting
detain: detained detains detaining detention
charge: charged charges charging
convict: convicted convicts conviction
sentence: sentenced sentences sentencing
u.s.: us. u.s u.s. america american americans usa us-
uk: u.k. uk. britain british britain's britons
kid: kids child children
car: vehicle vehicles cars
firefighter: firefighters fireman firemen
crew: crews
blast: blasts explosion explosions exploded explode explodes exploding blew
collide: collided collision collisions crash crashed crashes crashing
begin: began begins beginning begun start started starts starting
end: ended ends ending finish finished finishes
police: officers officer cops cop policeman policemen
official: officials authorities authority
flee: fled flees fleeing
find: found finds finding
make: made makes making
take: took takes taken taking
give: gave gives given giving
hold: held holds holding
win: won wins winning
lose: lost loses losing
leave: left leaves leaving
go: went goes gone going
come: came comes coming
see: saw sees seen seeing
know: knew knows known knowing
get: got gets gotten getting
show: showed shows shown showing
fall: fell falls fallen falling
rise: rose rises risen rising
sink: sank sinks sunk sinking
fly: flew flies flown flying flight flights
drive: drove drives driven driving
send: sent sends sending
hit: hits hitting
run: ran runs running
bring: brought brings bringing
buy: bought buys buying purchase purchased
think: thought thinks thinking
tell: told tells telling
strike: struck strikes striking
fight: fought fights fighting
catch: caught catches catching
steal: stole steals stolen stealing
speak: spoke speaks spoken speaking
break: broke breaks broken breaking
meet: met meets meeting meetings
build: built builds building_
woman: women
man: men
person: people persons
percent: % pct
million: m mn
billion: bn
approximately: about around roughly nearly almost
use: used uses using
allow: allowed allows allowing permit permitted permits
criticise: criticised criticises criticising criticize criticized criticizes criticizing criticism
organisation: organization organisations organizations
cancel: cancelled canceled cancels cancelling
center: centre centers centres
labor: labour
defense: defence
program: programme programs programmes
colour: color
mum: mom mother
quick: quickly fast
big: large huge
""".strip()

_CANONICAL = {
    word: line.split(":")[0] for line in _SYNONYMS.splitlines() for word in [line.split(":")[0], *line.split(":")[1].split()] if not word.endswith("_")
}  # fmt: skip

# Countries by what their people and things are called: an actor is the same under each of these names.
_DEMONYMS = """
afghanistan: afghan afghans
algeria: algerian algerians
argentina: argentine argentinian argentines
australia: australian australians
austria: austrian austrians
bangladesh: bangladeshi bangladeshis
belarus: belarusian belarusians
belgium: belgian belgians
brazil: brazilian brazilians
cameroon: cameroonian
canada: canadian canadians
chile: chilean chileans
china: chinese
colombia: colombian colombians
cuba: cuban cubans
denmark: danish danes
egypt: egyptian egyptians
ethiopia: ethiopian ethiopians
finland: finnish finns
france: french frenchman frenchwoman
germany: german germans
ghana: ghanaian
greece: greek greeks
hungary: hungarian hungarians
india: indian indians
indonesia: indonesian indonesians
iran: iranian iranians
iraq: iraqi iraqis
ireland: irish
israel: israeli israelis
italy: italian italians
japan: japanese
jordan: jordanian jordanians
kenya: kenyan kenyans
kuwait: kuwaiti kuwaitis
lebanon: lebanese
libya: libyan libyans
malaysia: malaysian malaysians
mali: malian malians
mexico: mexican mexicans
morocco: moroccan moroccans
netherlands: dutch
nigeria: nigerian nigerians
norway: norwegian norwegians
pakistan: pakistani pakistanis
palestine: palestinian palestinians
peru: peruvian
philippines: filipino filipinos philippine
poland: polish poles
portugal: portuguese
qatar: qatari qataris
romania: romanian romanians
russia: russian russians
saudi: saudis
scotland: scottish scots
serbia: serbian serbs
somalia: somali somalis
spain: spanish spaniards
sudan: sudanese
sweden: swedish swedes
switzerland: swiss
syria: syrian syrians
taiwan: taiwanese
thailand: thai thais
tunisia: tunisian tunisians
turkey: turkish turks
ukraine: ukrainian ukrainians
venezuela: venezuelan venezuelans
vietnam: vietnamese
wales: welsh
yemen: yemeni yemenis
zimbabwe: zimbabwean
""".strip()
_CANONICAL |= {
    word: line.split(":")[0] for line in _DEMONYMS.splitlines() for word in [line.split(":")[0], *line.split(":")[1].split()]
}  # fmt: skip

COUNTRIES = frozenset({line.split(":")[0] for line in _DEMONYMS.splitlines()} | {"u.s.", "uk"})
"""Stems that stand for a country, its people and its government."""

_UNITS_OF_TEN = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "half": 0.5, "dozen": 12,
}  # fmt: skip

# What a verb group or a phrase says about how far a thing has come and how sure it is: phrase -> (class, level).
# Two levels of one class exclude each other; a hedge that goes or comes changes the certainty of what it stands before.
_MARKERS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(["all", "all of", "every", "everyone", "entire"], ("share", "all")),
    **dict.fromkeys(["some of", "many of", "most of", "part of", "half of", "a few of", "most", "many"], ("share", "some")),
    **dict.fromkeys(["none of", "nobody", "no one"], ("share", "none")),
    **dict.fromkeys(
        [*words("""may might could possibly perhaps probably likely potentially presumably apparently seemingly appears appear appeared appearing seems seem seemed reportedly allegedly alleged
           purportedly purported supposedly suspected rumoured rumored unconfirmed feared unclear unknown uncertain"""),
           "is believed", "are believed", "was believed", "were believed", "believed to", "is thought", "are thought", "thought to", "understood to", "said to have", "said to be",
           "not clear", "not known", "not immediately clear", "immediately clear", "no word", "no details", "is understood", "reports say", "in doubt", "it is possible", "highly likely",
           "almost certainly", "believed"],
        ("sure", "hedged"),
    ),
    **dict.fromkeys(["confirmed", "confirms", "confirm", "has confirmed", "have confirmed", "verified", "definitely", "certainly"], ("sure", "confirmed")),
    **dict.fromkeys(["cannot confirm", "can't confirm", "could not confirm", "couldn't confirm", "not confirmed", "not been confirmed", "yet to confirm",
                     "could not be verified", "not independently verified", "unable to confirm", "neither confirmed nor denied", "did not confirm"], ("sure", "unconfirmed")),
    **dict.fromkeys(["denied", "denies", "deny", "denying", "denial", "rejected the", "dismissed the", "refuted"], ("sure", "denied")),
    **dict.fromkeys(["not", "never", "no longer", "isn't", "aren't", "wasn't", "weren't", "hasn't", "haven't", "hadn't", "didn't", "doesn't", "don't", "won't", "wouldn't",
                     "cannot", "can't", "couldn't", "no", "none", "without", "neither", "nobody"], ("negation", "not")),
    **dict.fromkeys(["will", "won't", "is to", "are to", "is set to", "are set to", "in danger of", "trying to", "at risk of", "set to", "is expected", "are expected", "was expected", "were expected", "expected to", "is due",
                     "are due", "due to be", "due to appear", "scheduled to", "scheduled for", "plans to", "plan to", "planned to", "planning to", "planned", "is going to",
                     "are going to", "going to", "about to", "intends to", "intend to", "hopes to", "hope to", "hoping to", "wants to", "agreed to", "would", "to be held", "awaits", "await",
                     "awaiting", "vowed to", "promised to", "preparing to", "poised to", "aims to", "expects to", "considering", "seeking to", "urged to"], ("stage", "ahead")),
    **dict.fromkeys(["suspected of", "on suspicion of", "wanted for", "under investigation", "questioned", "being questioned"], ("law", "1 suspected")),
    **dict.fromkeys(["arrested", "arrest", "detained", "in custody", "held by police", "taken into custody"], ("law", "2 arrested")),
    **dict.fromkeys(["charged", "charged with", "charges", "indicted", "accused of", "accused"], ("law", "3 charged")),
    **dict.fromkeys(["on trial", "standing trial", "goes on trial", "trial", "in court", "pleaded not guilty", "pleads not guilty", "denies the charges"], ("law", "4 on trial")),
    **dict.fromkeys(["convicted", "found guilty", "pleaded guilty", "pleads guilty", "guilty", "conviction", "admitted"], ("law", "5 convicted")),
    **dict.fromkeys(["not guilty", "acquitted", "cleared of", "been cleared", "found not guilty", "exonerated"], ("law", "5 acquitted")),
    **dict.fromkeys(["released", "freed", "bailed", "released on bail", "released without charge"], ("law", "6 released")),
    **dict.fromkeys(["missing", "unaccounted for", "disappeared"], ("fate", "missing")),
    **dict.fromkeys(["dead", "died", "killed", "has died", "have died", "fatal", "fatally", "body was found", "dies", "murdered", "perished", "lifeless"], ("fate", "dead")),
    **dict.fromkeys(["alive", "survived", "found safe", "rescued", "located", "safe and well", "accounted for", "found alive", "survives"], ("fate", "alive")),
    **dict.fromkeys(["critical condition", "critically", "life-threatening", "fighting for life", "fighting for his life", "fighting for her life", "seriously injured", "serious condition",
                     "serious injuries", "critically injured", "in critical"], ("health", "critical")),
    **dict.fromkeys(["stable condition", "stable", "not life-threatening", "minor injuries", "slightly injured", "non-life-threatening", "not believed to be life-threatening", "unhurt",
                     "unharmed", "uninjured"], ("health", "stable")),
    **dict.fromkeys(["closed", "remains closed", "remain closed", "shut", "suspended", "halted", "grounded", "cancelled", "canceled", "postponed", "delayed", "called off", "stopped",
                     "cordoned off", "scrapped", "dropped", "abandoned", "ended", "lifted", "stood down"], ("running", "stopped")),
    **dict.fromkeys(["reopened", "resumed", "resuming", "open", "reopen", "restored", "back to normal", "on schedule", "under way", "underway", "continues", "continue", "continuing", "ongoing",
                     "still", "remain", "remains", "started", "began", "begun"], ("running", "going")),
}  # fmt: skip

PACK = Language(
    code="en",
    function_words=_FUNCTION_WORDS,
    canonical=_CANONICAL,
    numbers={**_SMALL, **_UNITS_OF_TEN},
    scales={"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12, "k": 1e3, "lakh": 1e5, "crore": 1e7},
    vague_numbers=frozenset(["several", "dozens", "scores", "hundreds", "thousands", "millions", "billions", "tens of thousands", "hundreds of thousands", "multiple", "a couple", "a handful",
                             "numerous"]),
    number_joints=frozenset(["and", "a"]),
    bounds={
        "at least": "least", "no fewer than": "least", "no less than": "least", "a minimum of": "least", "minimum": "least", "more than": "over", "over": "over", "upwards of": "over",
        "in excess of": "over", "above": "over", "up to": "most", "as many as": "most", "as much as": "most", "at most": "most", "no more than": "most", "a maximum of": "most",
        "maximum of": "most", "fewer than": "under", "less than": "under", "under": "under", "below": "under", "about": "about", "around": "about", "roughly": "about",
        "approximately": "about", "some": "about", "nearly": "about", "almost": "about", "close to": "about", "an estimated": "about", "estimated": "about", "just over": "about",
        "just under": "about", "well over": "over", "another": "", "exactly": "", "only": "",
    },
    units={
        "percent": "%", "per cent": "%", "pct": "%", "%": "%", "percentage points": "points", "points": "points", "point": "points", "km": "km", "kilometres": "km", "kilometers": "km",
        "kilometre": "km", "kilometer": "km", "mile": "mi", "miles": "mi", "metres": "m", "meters": "m", "metre": "m", "meter": "m", "ft": "ft", "feet": "ft", "foot": "ft", "cm": "cm",
        "inches": "in", "inch": "in", "kg": "kg", "kilograms": "kg", "kilos": "kg", "tonnes": "t", "tons": "t", "tonne": "t", "ton": "t", "pounds": "lb", "litres": "l", "liters": "l",
        "gallons": "gal", "barrels": "barrels", "acres": "acres", "hectares": "ha", "mph": "mph", "kph": "km/h", "km/h": "km/h", "degrees": "deg", "megawatts": "MW", "dollars": "USD",
        "dollar": "USD", "euros": "EUR", "euro": "EUR", "yen": "JPY", "rupees": "INR", "yuan": "CNY", "roubles": "RUB", "rubles": "RUB", "cents": "cents", "pence": "pence",
        "magnitude": "magnitude", "seats": "seats", "votes": "votes",
    },
    months={
        name: number for number, names in enumerate(
            ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep", "october oct", "november nov", "december dec"], 1
        ) for name in names.split()
    },
    weekdays={
        name: number for number, names in enumerate(
            ["monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thur thurs", "friday fri", "saturday sat", "sunday sun"]
        ) for name in names.split()
    },
    relative_days={"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0, "last night": -1},
    day_parts=frozenset(["morning", "afternoon", "evening", "night", "overnight", "midday", "noon", "midnight", "dawn", "dusk", "lunchtime", "weekend"]),
    durations=words(
        """second seconds minute minutes hour hours hr hrs day days week weeks fortnight month months year years decade decades"""
    ),
    saying=words(
        """said says say saying told tells tell reported reports report announced announces confirmed confirms added adds claimed claims stated
        declared insisted insists warned warns explained wrote writes tweeted acknowledged testified alleged denied denies predicted estimated argued
        noted admitted admits quoted quoting citing heard saw showed suggested suggests concluded revealed"""
    ),
    according=("according to", "citing", "quoting"),
    markers=_MARKERS,
    titles=words(
        """mr mrs ms miss dr sir dame lord lady professor prof president vice prime minister chancellor senator sen rep representative governor gov mayor
        judge justice detective inspector det insp superintendent supt sergeant sgt constable officer captain capt colonel col general gen lieutenant
        lt major maj corporal commander chief reverend rev bishop archbishop pope cardinal king queen prince princess sheikh imam ayatollah sheriff
        former ex acting deputy secretary attorney spokesman spokeswoman spokesperson ambassador foreign legislator pc councillor"""
    ),
    places=words(
        """district province village town city county region island valley street road avenue lane square airport station base port bridge hospital
        school university park stadium prison camp river lake mountain border neighbourhood neighborhood suburb capital coast governorate municipality
        hamlet parish"""
    ),
    place_prepositions=frozenset(["in", "near", "at", "outside", "inside", "around", "off", "from", "to", "across", "over", "into", "toward", "towards"]),
    name_joints=frozenset(["of", "al", "el", "bin", "ibn", "de", "da", "van", "von", "der", "den", "la", "le", "du", "y"]),
)  # fmt: skip

# Verbs that carry news: what somebody did or what happened to them.  By theme, so that two sentences can be asked whether they tell the same event.
THEMES: dict[str, frozenset[str]] = {
    "death": frozenset(["kill", "die", "murder", "assassinate", "execute", "drown", "stab", "shoot", "slay", "fatal", "behead", "hang"]),
    "injury": frozenset(["injure", "hospitalise", "hospitalize", "treat", "airlift", "burn"]),
    "attack": words(
        """attack strike bomb raid storm ambush fire target blast airstrike shell hit assault ram hijack kidnap abduct seize hostage rape rob robbery"""
    ),
    "accident": frozenset(["collide", "derail", "sink", "capsize", "collapse", "fall", "fire", "flood", "plunge", "overturn", "wreck", "burn", "smash", "topple", "landslide"]),
    "law": words(
        """arrest detain charge convict sentence jail acquit indict plead sue appeal bail extradite fine release clear trial guilty testify accuse search
        custody lawsuit rule ruling overturn warrant deport ban"""
    ),
    "politics": words(
        """elect vote resign appoint sign approve reject veto pass ratify nominate suspend dismiss sack fire oust impeach dissolve sanction ban adopt
        agree deal pledge withdraw endorse win lose defeat summon recall expel delay postpone scrap debate"""
    ),
    "business": words(
        """buy acquire merge sell launch close cut hire recall raise rise fall drop jump slip gain plunge surge invest bankrupt default open order delay
        ground"""
    ),
    "statement": words(
        """deny confirm condemn criticise warn apologise apologize apology blame claim vow urge call demand threaten promise allege accuse reject praise
        thank acknowledge announce"""
    ),
    "rescue": frozenset(["rescue", "evacuate", "search", "recover", "pull", "airlift", "evacuation", "locate", "find", "manhunt"]),
    "movement": words(
        """flee escape arrive leave deploy return land block close reopen seal resume halt stop cancel send move shut gather protest march clash"""
    ),
}  # fmt: skip
