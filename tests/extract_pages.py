"""Articles written for the tests, and a newspaper's page to put them in."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.models import Snapshot

ADDRESS = "https://chronicle.example/2026/03/dam"


@dataclass(frozen=True)
class Story:
    """What a page has to be read as."""

    language: str
    headline: str
    paragraphs: Sequence[str]
    notice: str  # the last paragraph


STORIES = {
    "en": Story(
        "en",
        "Dam above Tolmin holds as rain goes on",
        (
            "The dam above Tolmin held through the night, the water authority said on Tuesday, although the lake stood a hand below its crest.",
            "Some 2,400 people had left their houses on Monday evening. Most slept in the sports hall and in two schools on the hill.",
            "“We were told at nine and were out by ten,” said Sofia Moretti, who runs a bakery by the bridge.",
            "The authority lets off 80 cubic metres a second, twice as much as in an ordinary spring.",
        ),
        "Correction: An earlier version of this article gave the number of people who had left as 24,000.",
    ),
    "de": Story(
        "de",
        "Damm oberhalb von Tolmin hält dem Regen stand",
        (
            "Der Damm oberhalb von Tolmin hat die Nacht über gehalten, teilte die Wasserbehörde am Dienstag mit, obwohl der See eine Handbreit unter der Krone stand.",
            "Rund 2.400 Menschen hatten am Montagabend ihre Häuser verlassen. Die meisten schliefen in der Turnhalle und in zwei Schulen am Hang.",
            "„Um neun kam die Nachricht, um zehn waren wir draußen“, sagte Sofia Moretti, die eine Bäckerei an der Brücke führt.",
            "Die Behörde lässt 80 Kubikmeter in der Sekunde ab, doppelt so viel wie in einem gewöhnlichen Frühjahr.",
        ),
        "Korrektur: In einer früheren Version dieses Artikels war von 24.000 Menschen die Rede.",
    ),
    "fr": Story(
        "fr",
        "Le barrage de Tolmin tient malgré la pluie",
        (
            "Le barrage en amont de Tolmin a tenu toute la nuit, a indiqué mardi l'agence de l'eau, bien que le lac se trouvât à une main de la crête.",
            "Quelque 2 400 personnes avaient quitté leur maison lundi soir. La plupart ont dormi dans le gymnase et dans deux écoles sur la colline.",
            "« On nous a prévenus à neuf heures, à dix nous étions dehors », a dit Sofia Moretti, qui tient une boulangerie près du pont.",
            "L'agence relâche 80 mètres cubes par seconde, deux fois plus qu'au cours d'un printemps ordinaire.",
        ),
        "Rectificatif : une version précédente de cet article parlait de 24 000 personnes.",
    ),
    "es": Story(
        "es",
        "La presa de Tolmin aguanta bajo la lluvia",
        (
            "La presa situada encima de Tolmin aguantó toda la noche, informó el martes la autoridad del agua, aunque el lago quedó a un palmo de la coronación.",
            "Unas 2.400 personas habían dejado sus casas el lunes por la tarde. La mayoría durmió en el pabellón y en dos escuelas de la colina.",
            "«Nos avisaron a las nueve y a las diez estábamos fuera», dijo Sofia Moretti, que tiene una panadería junto al puente.",
            "La autoridad suelta 80 metros cúbicos por segundo, el doble que en una primavera normal.",
        ),
        "Corrección: una versión anterior de este artículo hablaba de 24.000 personas.",
    ),
    "nl": Story(
        "nl",
        "Dam boven Tolmin houdt stand in de regen",
        (
            "De dam boven Tolmin heeft het de hele nacht gehouden, meldde de waterdienst dinsdag, hoewel het meer een handbreed onder de kruin stond.",
            "Ongeveer 2.400 mensen hadden maandagavond hun huis verlaten. De meesten sliepen in de sporthal en in twee scholen op de heuvel.",
            "„Om negen uur kregen we het te horen en om tien uur waren we weg”, zei Sofia Moretti, die een bakkerij bij de brug heeft.",
            "De dienst laat 80 kubieke meter per seconde door, twee keer zoveel als in een gewoon voorjaar.",
        ),
        "Correctie: in een eerdere versie van dit artikel stond dat het om 24.000 mensen ging.",
    ),
}


def snapshot(page: str | bytes, *, content_type: str = "text/html; charset=utf-8", url: str = ADDRESS) -> Snapshot:
    """Wrap a page as if a server had sent it."""
    body = page.encode() if isinstance(page, str) else page
    headers = (("Content-Type", content_type),) if content_type else ()
    return Snapshot(url, datetime(2026, 3, 3, 12, tzinfo=UTC), 200, headers, body)


def ld(**fields: object) -> str:
    """Write a JSON-LD script."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def lay_out(
    main: str,
    *,
    headline: str = STORIES["en"].headline,
    title: str = "",
    head: str = "",
    language: str = "en",
    before: str = "",
    above: str = "",
    after: str = "",
) -> str:
    """Put an article's inner HTML into a newspaper's page.

    Args:
        main: What stands below the headline.
        before: Furniture above the article.
        above: What stands above the headline, inside the article.
        after: Furniture below the article.
    """
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title or headline)}</title>{head}</head><body>
<header class="site-header"><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>
{before}<main><article class="story">{above}<h1>{html.escape(headline)}</h1><div class="story-body">{main}</div></article></main>{after}
<footer class="site-footer"><p>© 2026 The Chronicle. <a href="/terms">Terms of use</a> <a href="/privacy">Privacy</a></p></footer></body></html>"""


def in_paragraphs(*paragraphs: str) -> str:
    """Write paragraphs as `<p>`."""
    return "".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)


def story_page(story: Story, **parts: str) -> str:
    """Lay out a story with its notice at the foot."""
    return lay_out(
        in_paragraphs(*story.paragraphs, story.notice),
        **{"headline": story.headline, "language": story.language, **parts},
    )
