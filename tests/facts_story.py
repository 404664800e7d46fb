"""A story in two versions, written for the tests: a later update contradicts paragraphs that were left standing.

Persons and events are made up.
"""

from __future__ import annotations

from tracker.comparison import compare_versions
from tracker.extract import version_from_text
from tracker.models import Comparison, Fact

EARLIER = """Strike kills militant quartermaster Sidi Barakat in northern Mali
A leading militant quartermaster has been killed in a strike in Mali, officials said Sunday, as Malian and French troops step up raids in the desert.
Sidi Barakat supplied the Black Dune group in the northern region of Kidal, where it hid after losing its camps near Menaka.
Barakat was killed Saturday in a Malian airstrike in Tessalit district, the defence ministry said in a statement, calling him “a man of many convoys” and adding that his brother had taken over.
Colonel Amadou Keita, a spokesman for the Northern Command in Gao, said Barakat and his driver were killed in a Malian air force airstrike in Aguelhok village, Tessalit district on Friday, Radio Sahel reported.
Regional governor Ibrahim Sow confirmed Barakat had been killed but said French forces carried out the airstrike.
“We have seen his body. The convoys will stop for a while,” Sow said.
French Forces Sahel spokesperson Major Claire Dumont told the Desert Courier: “While I cannot confirm the death of Sidi Barakatullah, I can confirm that patrols continue across northern Mali.”
The Malian defence ministry said on Sunday its pilots flew nine sorties in two regions over the previous week.
Barakat, a former truck dealer, joined the group in 2013 and was arrested once, in Niamey, in 2015.
Published on 10 June 2018."""

UPDATE = """Update, June 12: French Forces Sahel said on Tuesday that a French airstrike killed Barakat and his driver:
“A French airstrike killed Sidi Barrakat and his driver in Goundam district, Timbuktu region, Mali, June 8, 2018. At the time of his death Barrakat was the main supplier of the group.”"""

NOTE = "This story was updated on June 12 to add confirmation from French Forces Sahel that a French airstrike killed Barakat."


def later() -> str:
    """The later version: an update in the middle and a note at the foot, nothing else edited."""
    paragraphs = EARLIER.split("\n")
    at = next(i for i, paragraph in enumerate(paragraphs) if "cannot confirm" in paragraph)
    return "\n".join([*paragraphs[: at + 1], *UPDATE.split("\n"), *paragraphs[at + 1 :], NOTE])


def compare(old: str, new: str) -> Comparison:
    return compare_versions(version_from_text(old), version_from_text(new))


def facts_of(comparison: Comparison, kind: str, status: str | None = None) -> list[Fact]:
    return [f for f in comparison.facts if f.kind == kind and status in (None, f.status)]
