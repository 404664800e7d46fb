"""How publishers change what they have published.

Joins the parts.
"""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.report.words import KIND_NAMES
from tracker.web import plots
from tracker.web.filters import read_filter
from tracker.web.render import DISCLOSURES, VERDICTS, page
from tracker.web.workspace import workspace_of

router = APIRouter(include_in_schema=False)


@router.get("/statistics")
def show_statistics(request: Request) -> Response:
    """Show what the changes amount to."""
    workspace = workspace_of(request)
    given = [
        (key, value) for key, value in request.query_params.multi_items() if key in ("since", "until", "tag", "host")
    ]
    asked = read_filter(given, workspace.now)
    wanted = asked.wanted
    found = workspace.statistics(since=wanted.since, until=wanted.until, tag=wanted.tag, host=wanted.host)
    by_day: Counter[str] = Counter()
    for day, _, count in found.by_day:
        by_day[day.isoformat()] += count
    return page(
        request,
        "statistics.html.jinja",
        asked=asked,
        statistics=found,
        days=plots.days(sorted(by_day.items())),
        verdicts=plots.shares(
            {key or "": count for key, count in found.by_verdict.items()},
            {key or "": name for key, name in VERDICTS.items()},
            "Changes by verdict",
        ),
        disclosure=plots.shares(
            found.by_disclosure, dict(reversed(DISCLOSURES.items())), "Substantive changes by disclosure"
        ),
        notes=plots.hours_to_note(found.hours_to_note),
        kinds=[(KIND_NAMES[kind], count) for kind, count in found.by_kind.items()],
    )
