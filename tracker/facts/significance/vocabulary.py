"""Classes of English words that tell what an edit is about, and everyday synonyms of the news that a thesaurus lacks.

Lower case; matched against a word or one of its lemmas.

Computes only: tables alone.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION = _words(
    "a an the and or but nor of to in on at by for from with without as that this these those it its itself he him his himself she her hers herself they their "
    "them themselves we our us i me my you your who whom whose which what when where while how why than then there here so if into onto upon about after before "
    "over under out up down off again also too very just only own both each such some any all more most other another same one's 's s t d ll m re ve be is are "
    "was were been being am do does did doing have has had having will would can could shall should may might must not no mr mrs ms dr sir yet still already "
    "amid among during since until between through across around against toward towards within because however meanwhile though although whether either"
)
CLASSES: dict[str, frozenset[str]] = {
    "negation": _words("not no never none nobody nothing neither nor without n't cannot deny denied denies refuse refused refuses fail failed fails unable false untrue ruled"),
    "hedge": _words(
        "alleged allegedly apparently appears appeared seems seemed believed suspected suspect reportedly reported claims claim claimed possible possibly probably likely "
        "unlikely thought expected feared fears potentially potential unconfirmed unclear unknown understood suggests suggested rumoured presumed so-called accused"
    ),
    "sure": _words("confirmed confirms confirm definitely certain official officially proved proven verified admitted admits convicted guilty"),
    "modal": _words("may might could would should will must can shall"),
    "auxiliary": _words("is are was were be been being has have had do does did"),
    "future": _words("will would shall going due set expected plans planned plan scheduled to-be upcoming tomorrow next later"),
    "degree": _words(
        "at least about around nearly almost approximately roughly some over under up than fewer less more many several dozens scores hundreds thousands millions "
        "few most half majority all every both entire only another"
    ),
    "say": _words(
        "say says said saying tell tells told report reports reported announce announces announced state states stated add adds added claim claims claimed according "
        "confirm confirms confirmed insist insists insisted warn warns warned note notes noted explain explained argue argues argued declare declares declared reveal "
        "reveals revealed describe describes described urge urges urged accuse accuses accused call calls called ask asks asked statement spokesman spokeswoman "
        "spokesperson tweet tweeted wrote testified vow vows vowed deny denies denied"
    ),
    "harm": _words(
        "kill kills killed killing die dies died dead death deaths injure injured injuries injury wound wounded hurt casualties casualty victim victims missing hospital "
        "hospitalised critical serious critically fatal fatally shot shooting stabbed stabbing attack attacked attacks bomb bombing blast explosion explosions exploded "
        "crash crashed collapse collapsed earthquake quake flood floods flooding fire survivors rescued toll hostage hostages massacre"
    ),
    "law": _words(
        "arrest arrested arrests charge charged charges court judge jury trial convicted conviction sentence sentenced jailed prison jail guilty innocent acquitted cleared "
        "bail custody detained investigation investigating investigate probe inquiry suspect suspects suspected police prosecutors prosecutor verdict appeal lawsuit sued "
        "murder manslaughter fraud offence crime released pleaded indicted extradited"
    ),
    "act": _words(
        "win wins won lose loses lost beat beats defeat defeated elect elected resign resigns resigned resignation quit quits sack sacked fired appoint appointed approve "
        "approved reject rejected agree agreed agreement deal sign signed vote voted votes cancel cancelled postpone postponed suspend suspended close closed open opened "
        "launch launched ban banned block blocked order ordered pass passed begin began start started end ended stop stopped withdraw withdrew withdrawn leave left "
        "arrive arrived meet met visit visited return returned fall fell rise rose increase increased decrease cut cuts raise raised drop dropped reach reached "
        "release released announce announced evacuated evacuate seize seized capture captured retake strike strikes struck hit protest protests protesters"
    ),
    "change": _words("rise rises rose rising fall falls fell falling increase increased decline declined drop dropped up down higher lower gain gained lost jump slump surge"),
    "day": _words(
        "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow tonight morning afternoon evening night midday noon midnight overnight "
        "weekend mon tue wed thu fri sat sun gmt bst est edt et am pm a.m p.m"
    ),
    "past": _words(
        "january february march april june july august september october november december year years month months decade decades century ago earlier previously "
        "former since last history"
    ),
    "span": _words("hours hour minutes minute days day weeks week months month years year"),
    "unit": _words("percent per cent % million billion trillion m bn km miles mile metres meters feet kg tonnes dollars pounds euros $ £ € degrees mph acres"),
    "person": _words(
        "man woman men women boy girl child children people person driver passenger passengers officer officers soldier soldiers student students teacher suspect victim "
        "victims residents workers civilians pilot worker mother father son daughter wife husband brother sister"
    ),
    "role": _words(
        "president minister prime secretary chief executive director spokesman spokeswoman governor mayor senator general commander leader chairman chancellor "
        "ambassador official officials authorities government ministry police army military agency department company firm mp mps lawmakers lawyer attorney king queen"
    ),
    "place": _words("north south east west northern southern eastern western central near outside inside city town village district province region county state border capital"),
    "pronoun": _words("he she they it him her them his their its we i you who mr mrs ms"),
    "self": _words("i i'm i've my me we we're we've our us you your"),
    "background": _words(
        "known founded based born history previously former including includes because although series famous popular began originally traditionally typically usually "
        "often generally since always years decades recent became long known"
    ),
    "soon": _words("breaking more follow follows details updates update updated soon developing story live latest read click here subscribe newsletter video watch photo image copyright rights reserved published broadcast rewritten redistributed associated press contributed reporting"),
    "ask": _words("twitter facebook email e-mail send pictures contact comment comments text form witness contributions share touch upload haveyoursay"),
}  # fmt: skip
REPORTING = _words(
    "say says said saying tell tells told report reports reported announce announces announced state states stated add adds added note notes noted declare declares "
    "declared reveal reveals revealed explain explains explained remark remarked comment commented affirm affirmed mention mentioned disclose disclosed"
)  # one of these for another changes no fact
SYNONYMS: tuple[frozenset[str], ...] = tuple(
    _words(line)
    for line in (
        "die died dead deaths death killed kill fatally fatal perished deceased dies",
        "injured hurt wounded injuries injury injure wound hurting",
        "blast explosion bombing exploded explosions detonation blasts",
        "drop fall decline decrease slump dip slide reduction plunge tumble fell dropped declined decreased slumped plunged tumbled lower",
        "rise increase climb growth jump gain surge grew rose climbed jumped increased surged soared",
        "lawmakers legislators representatives congressmen mps politicians parliamentarians members",
        "probe investigation inquiry investigating examination inquest",
        "jailed imprisoned sentenced jail prison incarcerated",
        "arrested detained held custody arrest apprehended",
        "approximately around about roughly some nearly almost circa",
        "scrutiny oversight inspection supervision examination review monitoring",
        "fallout aftermath consequences repercussions",
        "crash accident collision crashed collided smash",
        "police officers officer cops force constabulary",
        "gunman shooter attacker assailant perpetrator gunmen attackers",
        "quit resign resigned resigns stepped stepping",
        "sack fire fired sacked dismissed ousted removed",
        "big huge massive large major enormous giant vast",
        "ill sick unwell",
        "buy purchase acquire bought purchased acquired buying acquisition purchasing",
        "begin start commence began started launched initiated",
        "end finish conclude ended finished concluded over",
        "help aid assist assistance support",
        "show reveal demonstrate showed revealed suggest indicate shows reveals indicates",
        "use utilise employ used using",
        "plane aircraft jet airliner airplane flight",
        "ship vessel boat ferry",
        "child kid children kids youngster",
        "firm company business corporation",
        "deal agreement accord pact",
        "vote poll election ballot",
        "row dispute argument feud",
        "ask request urge call urged called asked appealed",
        "get receive obtain gets received got given",
        "conduct perform carry undertake execute",
        "trip visit journey tour",
        "hope expect hopes expects anticipate",
        "street road avenue",
        "hospitalised hospital hospitalized",
        "worker employee staff workers employees",
        "home house residence property",
        "people persons individuals residents",
        "mum mother mom",
        "film movie",
        "cinema theatre",
        "soccer football",
        "petrol gas gasoline",
        "next following subsequent",
        "straight consecutive successive",
        "exceed surpass breach pass exceeding breaching surpassing topped",
        "quake earthquake tremor",
        "cash money funds",
        "boss chief head leader chairman",
        "hit struck strike targeted",
        "power electricity",
        "kidnap abduct kidnapped abducted",
        "rescue save rescued saved",
        "murder kill homicide murdered",
        "weapon gun arms firearms weapons guns",
        "raid operation assault swoop",
        "need require must needs requires",
        "try attempt seek tried trying attempting bid effort",
        "discover find discovered found",
        "describe call label dub describes dubbed",
        "postponed delayed postpone delay",
        "cancelled scrapped cancel axed",
    )
)  # fmt: skip
PAIRS: frozenset[tuple[str, str]] = frozenset(
    (a, b)
    for line in (
        "up down", "states kingdom", "rise fall", "increase decrease", "increase decline", "more less", "win lose", "open close", "alive dead", "guilty innocent", "before after", "first last",
        "first second", "second third", "north south", "east west", "northern southern", "eastern western", "male female", "man woman", "boy girl", "high low", "higher lower",
        "federal provincial", "public private", "accept reject", "allow ban", "support oppose", "friend enemy", "killed injured", "killed wounded", "dead injured", "dead wounded",
        "arrested charged", "charged convicted", "missing dead", "suspended sacked", "resigned sacked", "confirmed denied", "all some", "most some", "some no", "internal external",
        "success failure", "ally enemy", "wife husband", "mother father", "son daughter", "brother sister", "hot cold", "buy sell", "import export", "majority minority",
        "minimum maximum", "early late", "earlier later", "begin end", "enter leave", "attack defend", "true false", "left right", "old new", "senior junior", "include exclude",
    )
    for a, b in (tuple(line.split()), tuple(reversed(line.split())))
)  # fmt: skip
NUMBERS: dict[str, float] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "dozen": 12, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "half": 0.5,
    "twice": 2, "double": 2, "triple": 3, "single": 1,
}  # fmt: skip
APPROXIMATE = _words("about around nearly almost approximately roughly some over under more less than up")
DAYS_ELSEWHERE = _words(
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar februar märz juni juli oktober dezember "
    "lundi mardi mercredi jeudi vendredi samedi dimanche janvier février avril juin juillet août septembre octobre novembre décembre "
    "lunes martes miércoles jueves viernes sábado domingo enero febrero abril junio julio agosto septiembre octubre noviembre diciembre "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart juni juli augustus oktober "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica segunda-feira terça-feira quarta-feira quinta-feira sexta-feira"
)
NEGATORS = _words("no not never none nobody nothing neither nor without cannot")
QUANTITIES = _words("all some most many few none half every majority minority several much parts part entire whole")
DOUBTS = _words("allegedly alleged reportedly apparently suspected presumed purportedly supposedly")
COUNTRIES = _words(
    "afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahrain bangladesh barbados belarus belgium belize benin bhutan bolivia "
    "botswana brazil brunei bulgaria burundi cambodia cameroon canada chad chile china colombia congo croatia cuba cyprus denmark djibouti dominica ecuador egypt "
    "england eritrea estonia eswatini ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala guinea guyana haiti honduras hungary "
    "iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kiribati kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia "
    "libya lithuania luxembourg madagascar malawi malaysia maldives mali malta mauritania mauritius mexico moldova monaco mongolia montenegro morocco mozambique "
    "myanmar namibia nauru nepal netherlands nicaragua niger nigeria norway oman pakistan palau palestine panama paraguay peru philippines poland portugal qatar "
    "romania russia rwanda samoa scotland senegal serbia seychelles singapore slovakia slovenia somalia spain sudan suriname sweden switzerland syria taiwan "
    "tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela vietnam wales yemen zambia zimbabwe "
    "afghan iranian iraqi austrian australian slovak slovenian nigerian nigerien indian indonesian malian malawian"
)  # two of these are never spellings of one name
