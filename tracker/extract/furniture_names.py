"""What a page's own classes, ids and roles call furniture, by whole words.

Computes only.
"""

from __future__ import annotations

import re

from tracker.extract.blocks import Element

_WORDS = (
    "promo|promos|promobox|promotion|related|relateds|related-?(?:articles?|stories|content|links?|posts?|topics?|news)|read-?(?:more|also|next|on)|more-?(?:on|stories|from|like|news)|see-?also"
    "|also-?(?:read|like|interested)|newsletters?|newsletter-?(?:signup|box|form|cta)|share|shares|sharing|share-?(?:bar|buttons?|tools?|links?|count)|social|social-?(?:share|bar|links?|media|buttons?)"
    "|sharedaddy|addthis|addtoany|recommend(?:ed|ations?)?|outbrain|taboola|criteo|most-?(?:read|popular|viewed|shared)|popular|trending|comments?|comment-?(?:list|section|count|form)|disqus(?:-thread)?"
    "|advert(?:s|isement|isements|ising)?|ads?|ad-?(?:slot|container|wrapper|unit|box|label)|adsbygoogle|sponsor(?:ed)?|live-?ticker|ticker|cookie-?(?:banner|notice|bar|consent)|consent|subscribe|subscription"
    "|sign-?up|signup-?box|call-?to-?action|cta|breadcrumbs?|jump-?to|skip-?link|tag-?list|article-?tags|post-?tags|author(?:-|__)?(?:bio|box|card|biography)(?:-wrapper)?|saboxplugin-?wrap|about-?(?:the-)?author|follow-?us|donat(?:e|ion)|donation-?box"
    "|next-?(?:article|story|post)|prev(?:ious)?-?(?:article|story|post)|post-?navigation|pagination|video-?playlist|player-?controls|teaser(?:s|-?list|-?box)|inline-?related|in-?article-?promo|reading-?list"
    "|onward|story-?package|print-?only|screen-?reader-?text|visually-?hidden|sr-only|navigation|nav|navbar|menu|sidebar|footnav|masthead"
)
_CLASS = re.compile(rf"(?:^|[\s_]|--|__|(?-i:[a-z](?=[A-Z])))(?:{_WORDS})(?=$|[\s_]|--|__|-\d)", re.IGNORECASE)
_DASHED = re.compile(
    r"(?:^|[\s_-])(?:newsletter|related(?!-to)|promo|outbrain|taboola|share-?(?:bar|buttons?|tools?|links?)|social-?(?:share|links?|bar|media)|read-?more|most-?read|most-?popular"
    r"|recommendations?|advert(?:isement)?|ad-(?:slot|container|wrapper)|(?:image|photo|picture)-credits?|comments?-(?:list|section|area|count|wrapper)|live-?ticker|cookie-?(?:banner|notice|consent))(?=$|[\s_-])",
    re.IGNORECASE,
)
FURNITURE_TAGS = frozenset(
    ("div", "section", "aside", "ul", "ol", "nav", "span", "figure", "form", "footer", "details", "header", "a")
)
LARGEST_SHARE = 0.25  # of the page's text: an element with more is the article, whatever it is called


def names_furniture(element: Element) -> bool:
    """Say whether an element's class, id or role calls it furniture."""
    return element.tag in FURNITURE_TAGS and names_furniture_of(
        element.get("class") or "", element.get("id") or "", element.get("role") or ""
    )


def names_furniture_of(class_: str, id_: str, role: str) -> bool:
    """Say whether a class, id or role is that of furniture."""
    if role in ("navigation", "search", "dialog", "alertdialog", "menu", "toolbar"):
        return True
    names = f"{class_} {id_}"
    return len(names) > 2 and (_CLASS.search(names) is not None or _DASHED.search(names) is not None)
