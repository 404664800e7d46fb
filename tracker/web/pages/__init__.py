"""The pages, one module each.

Joins the parts.
"""

from tracker.web.pages import (
    articles,
    change,
    changes,
    follow,
    opinions,
    reference,
    search,
    session,
    sources,
    statistics,
)

routes = tuple(
    module.router
    for module in (changes, change, articles, search, sources, statistics, follow, opinions, session, reference)
)

__all__ = ["routes"]
