"""What a site sends besides articles."""

from __future__ import annotations


def rss(*links: str) -> str:
    """Write a feed."""
    items = "".join(f"<item><title>Story {link}</title><link>{link}</link></item>" for link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Ostmark Post</title>{items}</channel></rss>'


def sitemap(*links: str, index: bool = False) -> str:
    """Write a sitemap, or a sitemap index."""
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{inner}><loc>{link}</loc></{inner}>" for link in links)
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{outer}>'


CHALLENGE = """<!DOCTYPE html><html lang="en"><head><title>Just a moment...</title></head><body>
<h1>Checking your browser before accessing the site</h1><p>Enable JavaScript and cookies to continue.</p>
<p>This process is automatic. Your browser will redirect to your requested content shortly.</p><script>window._cf_chl_opt = {}</script></body></html>"""
"""A page that a server sends with status 200 in place of the article."""
