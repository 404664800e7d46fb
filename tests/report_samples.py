"""Changes to look at: an invented flood with every kind and status, and the April 9 story retold in our own words."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tracker.models import (
    Article,
    Capture,
    Change,
    Comparison,
    Event,
    Fact,
    Judgement,
    SentenceChange,
    Side,
    StoredSnapshot,
    StoredVersion,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2018-04-09T11:30:00")

# --- building blocks ------------------------------------------------------------------------------


def side(headline: str | None, paragraphs: list[list[str]], **fields) -> Side:
    sentences = ([headline] if headline else []) + [s for paragraph in paragraphs for s in paragraph]
    start = 1 if headline else 0
    paragraph_of = ([0] if headline else []) + [n for n, p in enumerate(paragraphs, start) for _ in p]
    defaults = {"byline": (), "published_at": None, "updated_at": None, "language": "en", "notices": ()}
    return Side(
        headline=headline, sentences=tuple(sentences), paragraph_of=tuple(paragraph_of), **{**defaults, **fields}
    )


def word_pieces(old: str, new: str) -> tuple[tuple[str, str], ...]:
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    found: list[tuple[str, str]] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("equal", "".join(a[a1:a2])))
            continue
        found += [("delete", "".join(a[a1:a2]))] if a1 < a2 else []
        found += [("insert", "".join(b[b1:b2]))] if b1 < b2 else []
    return tuple(found)


def align(
    old: Side, new: Side, moved: tuple[str, ...] = (), labels: dict[str, str] | None = None
) -> tuple[SentenceChange, ...]:
    """Align as the diff does: sentences that stay, a rewritten one beside the old one, the moved ones apart."""
    a = [n for n, s in enumerate(old.sentences) if s not in moved]
    b = [n for n, s in enumerate(new.sentences) if s not in moved]
    steps: list[SentenceChange] = []
    matcher = difflib.SequenceMatcher(
        None, [old.sentences[n] for n in a], [new.sentences[n] for n in b], autojunk=False
    )
    for _kind, a1, a2, b1, b2 in matcher.get_opcodes():
        lefts, rights = a[a1:a2], b[b1:b2]
        while lefts or rights:
            i, j = (lefts.pop(0) if lefts else None), (rights.pop(0) if rights else None)
            alike = None in (i, j) or difflib.SequenceMatcher(None, old.sentences[i], new.sentences[j]).ratio() > 0.42
            pairs = [(i, j)] if alike else [(i, None), (None, j)]
            steps += [step(old, new, *pair, labels or {}) for pair in pairs]
    for sentence in moved:
        move = SentenceChange(old.sentences.index(sentence), new.sentences.index(sentence), "move", label="style")
        before = next((n for n, s in enumerate(steps) if s.new is not None and s.new > move.new), len(steps))
        steps.insert(before, move)
    return tuple(steps)


def step(old: Side, new: Side, i: int | None, j: int | None, labels: dict[str, str]) -> SentenceChange:
    if i is None:
        return SentenceChange(None, j, "insert", (("insert", new.sentences[j]),), labels.get(new.sentences[j], "fact"))
    if j is None:
        return SentenceChange(
            i, None, "delete", (("delete", old.sentences[i]),), labels.get(old.sentences[i], "context")
        )
    if old.sentences[i] == new.sentences[j]:
        return SentenceChange(i, j, "equal")
    pieces = word_pieces(old.sentences[i], new.sentences[j])
    return SentenceChange(i, j, "replace", pieces, labels.get(new.sentences[j], "fact"))


def find(side: Side, value: str | None, within: str = "") -> int | None:
    if value is None:
        return None
    return next(n for n, s in enumerate(side.sentences) if value in s and within in s)


def fact(comparison_sides, kind, status, old_value, new_value, importance, *, old_in="", new_in="", **fields) -> Fact:
    old, new = comparison_sides
    standing = find(new, old_value, old_in) if status == "conflicts" else None
    return Fact(
        kind, status, old_value, new_value, find(old, old_value, old_in), find(new, new_value, new_in), importance,
        standing_sentence=standing, **fields,
    )  # fmt: skip


def stored(
    number: int, fetched: str, seen: str, text: str, url: str = "example.org/a", updated: datetime | None = None
) -> StoredVersion:
    moment = at(fetched)
    digest = hashlib.sha256(text.encode()).hexdigest()
    snapshot = StoredSnapshot(
        id=moment.strftime("%Y%m%d%H%M%S"), fetched_at=moment, status=200, digest=f"sha256:{digest}",
        file=f"{url}-1a2b3c4d/captures.warc.zst", offset=18_233 * (number - 1), length=18_233 if number == 1 else 941, size=110_402,
    )  # fmt: skip
    return StoredVersion(number, number, snapshot, f"sha256:{digest[::-1]}", None, at(seen), updated)


def change_of(
    comparison: Comparison, url: str, old: StoredVersion, new: StoredVersion, number: int = 1, **fields
) -> Change:
    return Change(number, url, old, new, comparison, new.snapshot.fetched_at + timedelta(seconds=4), **fields)


# --- April 9 --------------------------------------------------------------------------------------

STRIKE_URL = "https://news.example.org/2018/04/07/strike-kills-commander"
STRIKE_NOTE = (
    "This article was updated on April 9 with a statement by U.S. Forces Afghanistan on who carried out the strike."
)


def april_9() -> Change:
    lead = [
        ["An air raid has killed the man who led Islamic State fighters in Afghanistan’s north, officials said on Saturday."],
        ["Qari Hekmat died on Friday when Afghan aircraft hit Darzab district, according to the ministry of defence.",
         "It called him a central figure of the group and said a successor had been named."],
        ["Pictures said to be of his body circulated online."],
        ["A spokesman for the army corps in Balkh gave another day: he said the Afghan air force struck the village of Moghol, in Darzab, on Thursday."],
        ["The governor of Jowzjan agreed that Hekmat was dead, but said it was American forces who hit him.", "“We are certain that it is his body,” the governor said."],
        ["The chief of police spoke of an operation by Afghan and foreign forces together."],
        ["A spokeswoman for U.S. Forces Afghanistan said that she could not confirm the death, and that operations in Jowzjan went on."],
    ]  # fmt: skip
    update = [
        ["Update, April 9: U.S. Forces Afghanistan now says that it was a U.S. airstrike that killed Hekmat and a bodyguard."],
        ["“The strike was carried out on April 5 in Bal Chiragh district, Faryab province,” the command said in a statement.",
         "“He was the senior commander in the region and passed fighters on to the north.”"],
    ]  # fmt: skip
    tail = [
        ["On Saturday the ministry counted 13 air raids in seven provinces within a day."],
        ["Hekmat had left the Taliban in 2015 and gathered fighters around Darzab.", "Several attempts by his former comrades to remove him failed."],
        ["An analyst called the loss a heavy blow to the group.", "He said that it had been able to hold several districts only because of Hekmat."],
        ["American and Afghan forces have stepped up raids in Jowzjan this year."],
        ["In January a man described as a recruiter of foreigners was caught."],
    ]  # fmt: skip
    headline = "Air raid kills head of Islamic State in northern Afghanistan"
    old = side(headline, lead + tail, byline=("A. Reporter",), published_at=at("2018-04-07T09:12:00"))
    new = side(
        headline, [*lead, *update, *tail, [STRIKE_NOTE]], byline=("A. Reporter",), published_at=at("2018-04-07T09:12:00"),
        updated_at=at("2018-04-09T10:48:00"), notices=(STRIKE_NOTE, update[0][0]),
    )  # fmt: skip
    both, command = (old, new), "U.S. Forces Afghanistan"
    facts = (
        fact(both, "attribution", "conflicts", "Afghan aircraft", "a U.S. airstrike", 3, about="killing of Qari Hekmat", source=command,
             confidence=0.95, reason="The update names U.S. forces, while the ministry’s account of an Afghan strike still stands."),
        fact(both, "location", "conflicts", "Darzab district", "Bal Chiragh district, Faryab province", 3, about="killing of Qari Hekmat",
             source=command, confidence=0.93, reason="Darzab lies in Jowzjan; the update puts the strike in another province."),
        fact(both, "certainty", "replaced", "could not confirm", "now says", 3, new_in="Update", about="death of Qari Hekmat", source=command,
             confidence=0.88, reason="The command could not confirm the death before and reports it now."),
        fact(both, "time", "conflicts", "Friday", "April 5", 2, about="killing of Qari Hekmat", source=command, confidence=0.81,
             reason="April 5, 2018 was a Thursday: it agrees with the army corps and contradicts the ministry."),
        fact(both, "sourcing", "added", None, "U.S. Forces Afghanistan", 2, new_in="Update", about="killing of Qari Hekmat", confidence=0.84,
             reason="The command now stands behind the claim."),
        fact(both, "notice", "added", None, STRIKE_NOTE, 1, confidence=0.99, reason="A note at the foot says what was added."),
    )  # fmt: skip
    comparison = Comparison(
        Judgement("substantive", 3, "disclosed", (
            "Two facts now contradict paragraphs that were left standing: who struck, and where.",
            "A note in the new version speaks of the change.")),
        Capture(), old, new, facts, align(old, new, labels={STRIKE_NOTE: "notice", update[0][0]: "notice"}),
    )  # fmt: skip
    return change_of(
        comparison, STRIKE_URL,
        stored(1, "2018-04-07T09:15:00", "2018-04-09T10:41:00", "strike 1", "news.example.org/strike-kills-commander"),
        stored(2, "2018-04-09T10:56:00", "2018-04-09T11:26:12", "strike 2", "news.example.org/strike-kills-commander"),
        tags=("afghanistan",),
    )  # fmt: skip


# --- an invented flood: every kind, every status, a move, a silent edit ----------------------------

FLOOD_URL = "https://gazette.example.com/floods/arno-valley?id=4711&view=full"
MOVED = "The valley was last flooded in 1997."


def flood() -> Change:
    old = side(
        "Dam holds as flood hits Arlen valley",
        [
            [
                "At least 9 people were killed when the river Arl burst its banks near Old Arlen on Tuesday night, rescuers said."
            ],
            [MOVED],
            ["“The dam held and it will hold tomorrow,” said Mira Toll, the mayor.", "She thanked the volunteers."],
            ["A hydrologist at the University of Brenn warned last year that the gates were not serviced."],
            ["Shelters were opened in two schools.", "Blankets were short, a volunteer said."],
            ["The road to Brenn may reopen on Thursday."],
            ["Police arrested a 34-year-old engineer."],
            ["Correction: an earlier version misnamed the river."],
        ],
        updated_at=at("2026-03-04T06:10:00"),
        notices=("Correction: an earlier version misnamed the river.",),
    )
    new = side(
        "Dam gate failed before flood hit Arlen valley",
        [
            [
                "11 people were killed when the river Arl burst its banks near New Arlen on Wednesday morning, rescuers said."
            ],
            ["“The dam held,” said Mira Toll, the mayor.", "She thanked the volunteers."],
            ["Shelters were opened in two schools.", "Blankets were short, a volunteer said."],
            ["The road to Brenn will reopen on Thursday."],
            ["Police charged the engineer, named as Jonas Fell, with neglect."],
            ["A second breach was reported at the Holm weir, the fire service said."],
            [MOVED],
        ],
        updated_at=at("2026-03-04T06:10:00"),
    )
    both = (old, new)
    facts = (
        fact(both, "headline", "replaced", "Dam holds", "Dam gate failed", 3, confidence=0.97, reason="The headline now says the opposite of what it said."),
        fact(both, "number", "replaced", "At least 9", "11", 3, counted="killed", source="rescuers", about="flood in the Arlen valley", confidence=0.98,
             reason="The number of people killed rose and lost its “at least”."),
        fact(both, "location", "replaced", "Old Arlen", "New Arlen", 3, source="rescuers", confidence=0.9, reason="Another village."),
        fact(both, "event", "added", None, "A second breach was reported at the Holm weir", 3, source="fire service", confidence=0.86,
             reason="The old version knows of one breach only."),
        fact(both, "quote", "replaced", "The dam held and it will hold tomorrow", "The dam held", 2, new_in="Toll", source="Mira Toll", confidence=0.94,
             reason="A promise was cut out of the middle of a quotation."),
        fact(both, "certainty", "replaced", "arrested", "charged", 2, confidence=0.9, reason="The case is one step further."),
        fact(both, "identity", "replaced", "a 34-year-old engineer", "Jonas Fell", 2, confidence=0.83, reason="The engineer is named for the first time."),
        fact(both, "time", "replaced", "Tuesday night", "Wednesday morning", 2, source="rescuers", confidence=0.91, reason="Another day."),
        fact(both, "sourcing", "removed", "A hydrologist at the University of Brenn", None, 2, confidence=0.72, reason="The warning and who gave it were cut."),
        fact(both, "attribution", "removed", "the gates were not serviced", None, 2, confidence=0.55, reason="Nobody is said to be responsible any more."),
        fact(both, "notice", "removed", "Correction: an earlier version misnamed the river.", None, 1, confidence=0.99, reason="The correction note is gone."),
    )  # fmt: skip
    comparison = Comparison(
        Judgement("substantive", 3, "undisclosed", (
            "The death toll, the place and the headline changed.", "No note speaks of it, and the page’s updated time is as it was.")),
        Capture(), old, new, facts, align(old, new, (MOVED,)), ("One sentence was too long to compare word by word.",),
    )  # fmt: skip
    return change_of(
        comparison, FLOOD_URL,
        stored(4, "2026-03-04T06:20:09", "2026-03-04T23:50:31", "flood 4", "gazette.example.com/arno-valley"),
        stored(5, "2026-03-05T00:05:44", "2026-03-05T09:00:00", "flood 5", "gazette.example.com/arno-valley"), number=2,
    )  # fmt: skip


# --- smaller ones ---------------------------------------------------------------------------------


def comparison_of(old: Side, new: Side, judgement: Judgement, facts: tuple[Fact, ...] = ()) -> Comparison:
    return Comparison(judgement, Capture(), old, new, facts, align(old, new))


def cosmetic() -> Change:
    old = side("Council votes on new libary", [["The council voted on Monday.", "It took an hour."]])
    new = side("Council votes on new library", [["The council voted on Monday.", "It took an hour."]])
    comparison = comparison_of(old, new, Judgement("cosmetic", 0, None, ("Only spelling changed.",)))
    url = "https://town.example.net/council"
    return change_of(
        comparison,
        url,
        stored(1, "2018-04-08T08:00:00", "2018-04-08T09:00:10", "a"),
        stored(2, "2018-04-08T09:00:50", "2018-04-08T09:00:50", "b"),
        number=3,
    )


def suspect() -> Change:
    old = side("Harbour reopens", [["The harbour reopened."]])
    new = side(None, [["Please prove that you are human."]])
    capture = Capture(0.1, True, ("The page asks the visitor to prove being human.",))
    comparison = Comparison(Judgement(None, 0, None), capture, old, new)
    url = "https://port.example.net/harbour"
    return change_of(
        comparison,
        url,
        stored(1, "2018-04-08T08:00:00", "2018-04-08T09:00:00", "c"),
        stored(2, "2018-04-08T09:15:00", "2018-04-08T09:15:00", "d"),
        number=4,
    )


def right_to_left() -> Change:
    old = side(
        "فيضان يضرب الوادي",
        [["قُتل تسعة أشخاص في الفيضان.", "وقالت السلطات إن السد صامد."], ["لم يصدر تعليق."]],
        language="ar",
    )
    new = side(
        "فيضان يضرب الوادي",
        [["قُتل أحد عشر شخصًا في الفيضان.", "وقالت السلطات إن السد صامد."], ["لم يصدر تعليق."]],
        language="ar",
    )
    facts = (
        fact(
            (old, new),
            "number",
            "replaced",
            "تسعة",
            "أحد عشر",
            3,
            counted="قتلى",
            confidence=0.9,
            reason="The toll rose.",
        ),
    )
    comparison = comparison_of(old, new, Judgement("substantive", 3, "dated", ("The toll rose.",)), facts=facts)
    url = "https://akhbar.example.org/" + "a" * 180
    return change_of(
        comparison,
        url,
        stored(1, "2018-04-08T08:00:00", "2018-04-08T09:00:00", "e"),
        stored(2, "2018-04-08T09:15:00", "2018-04-08T09:15:00", "f"),
        number=5,
    )


def long_words() -> Change:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
    old = side("A word", [[f"It says {word} here."]])
    new = side(f"A word {word}", [[f"It says {word}x here."]])
    comparison = comparison_of(old, new, Judgement("minor", 1, None, ("A word grew.",)))
    return change_of(
        comparison,
        "https://long.example.org/" + "x" * 300,
        stored(1, "2018-04-08T08:00:00", "2018-04-08T09:00:00", "g"),
        stored(2, "2018-04-08T09:15:00", "2018-04-08T09:15:00", "h"),
        number=6,
    )


def article() -> Article:
    return Article(
        1,
        STRIKE_URL,
        "news.example.org/x",
        at("2018-04-07T09:15:00"),
        headline="Air raid kills head of Islamic State in northern Afghanistan",
        checked_at=at("2018-04-09T11:26:12"),
    )


EVERY = (april_9, flood, cosmetic, suspect, right_to_left, long_words)


# --- hostile strings -------------------------------------------------------------------------------


def hostile(string: str):
    """A change with the string in every field that a publisher, or a confused engine, could fill."""
    base = flood()
    old = side(string, [[f"{string} old.", "Kept."], [string]], language=string, notices=(string,), byline=(string,))
    new = side(string, [[f"{string} new.", "Kept."], [string]], language=string, notices=(string, f"{string} 2"))
    comparison = base.comparison
    facts = tuple(
        replace(fact, old=string, new=string, old_sentence=1, new_sentence=1, standing_sentence=2, status=status,
                about=string, counted=string, source=string, reason=string)
        for fact, status in zip(comparison.facts, ["replaced", "added", "removed", "conflicts"], strict=False)
    )  # fmt: skip
    comparison = replace(
        comparison,
        old=old, new=new, facts=facts, warnings=(string,), judgement=replace(comparison.judgement, reasons=(string,)),
        sentences=align(old, new),
    )  # fmt: skip
    snapshot = replace(base.new.snapshot, file=string, digest=string)
    return replace(
        base, article_url=string, comparison=comparison, tags=(string,), new=replace(base.new, snapshot=snapshot)
    )


ATTACKS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</style><style>*{display:none}</style>",
    "</title></head><body onload=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://",
    "data:text/html;base64,PHNjcmlwdD4=",
    "https://example.org/\" onclick=\"alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--", "-->", "]]>", "&lt;b&gt;", "\x00<b>", "\u202e", "\ud800", "<base href=//evil>", "<a href=https://evil>",
]  # fmt: skip
STRINGS = st.one_of(
    st.sampled_from(ATTACKS),
    st.text(alphabet=st.characters(codec=None), min_size=1, max_size=40),
    st.lists(st.sampled_from(["<", ">", '"', "'", "&", "/", "script", " on", "=", "`", "\\", "style", "\n"]), min_size=1).map("".join),
)  # fmt: skip


EVENTS = (
    Event(
        1, "https://news.example.org/2018/04/07/strike-kills-commander", "removed",
        "the server answers with status 404, in 3 checks over 26 hours", "Commander killed", at("2018-04-08T08:15:00"),
        at("2018-04-08T09:40:00"), at("2018-04-09T11:00:00"), ("asia",),
    ),
    Event(
        2, "https://news.example.org/fire", "variants",
        "headline variants: “Fire in the port” 60\N{NO-BREAK SPACE}%, “Blaze in the port” 40\N{NO-BREAK SPACE}% of 10 looks",
        "Fire in the port", at("2018-04-08T08:15:00"), at("2018-04-08T08:25:00"), at("2018-04-08T08:26:00"),
    ),
)  # fmt: skip
