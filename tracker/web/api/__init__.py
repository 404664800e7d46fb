"""What the pages show, as JSON.

Joins the parts.
"""

from tracker.web.api import articles, changes, others

routes = (changes.router, articles.router, others.router)

__all__ = ["routes"]
