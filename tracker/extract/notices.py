"""Tell update notes, corrections, clarifications, editor's notes and retractions from ordinary paragraphs.

A notice is a paragraph in which the publisher speaks about the article itself: what was changed in it, and why.
A bare time stamp ("Updated 15:10", "Last updated 3 hours ago") is not one: it says that something changed, never what.
The patterns are anchored at the start of the paragraph, or speak of "this article", so that an article *about* a correction passes.

Computes only.
"""

from __future__ import annotations

import re

LONGEST_NOTICE = 1500  # characters; the longest of the 57 in the pages at hand has 1,012

_APOSTROPHE = "['’ʼ`]?"

# A label in front of the notice: "Correction: …", "Update, April 9: …", "Editor's note — …".
_LABELS = {
    "en": rf"updates?|updated|corrections?(?: and clarifications?)?|clarifications?|retraction|retracted|erratum|errata|amendment"
    rf"|editor{_APOSTROPHE}s{_APOSTROPHE} (?:note|update|correction)s?|editors{_APOSTROPHE} note|note to readers|publisher{_APOSTROPHE}s note",
    "de": r"update|aktualisierung|aktualisiert|nachtrag|korrektur(?:hinweis)?|berichtigung|richtigstellung|klarstellung|ergänzung|widerruf"
    r"|gegendarstellung|transparenzhinweis|(?:anm(?:erkung|\.)|hinweis) (?:der|d\.) red(?:aktion|\.)",
    "fr": r"mise à jour|mis à jour|actualisation|rectificatif|rectification|correction|corrigé|erratum|précision|note de la rédaction|ndlr|note de l['’]éditeur",
    "es": r"actualización|actualizado|corrección|correcciones|rectificación|aclaración|fe de (?:errores|erratas)|nota (?:del editor|de la redacción|de redacción)",
    "nl": r"update|aanvulling|correctie|rectificatie|verduidelijking|verbetering|(?:noot|opmerking) van de redactie|naschrift(?: van de)? redactie|redactioneel naschrift",
}

# The publisher speaks about this article, wherever in the paragraph.
_STATEMENTS = {
    "en": r"(?:an?|the) (?:earlier|previous|original|initial|prior) (?:version|headline|edition) (?:of|to|on) (?:this|the) (?:article|story|post|piece|report|headline|page|column|review|video|graphic|interview)"
    r"|\b(?:this (?:\w+[.,]? ){0,3}?(?:article|story|post|piece|headline|caption|column|obituary)|this (?:report|review|page|item|live ?blog|explainer|interview|video|transcript)|the (?:headline|caption) (?:of|on|to) this \w+)(?:['’]s (?:headline|caption|text))?"
    r"(?:,? [^.]{0,60}?,?)? (?:was|has been|have been|is being|will be) (?:\w+ ){0,2}(?:updated|corrected|amended|edited|revised|clarified|retracted|withdrawn|modified|changed|removed|republished)\b"
    r"|^\W*this (?:\w+[.,]? ){0,4}?(?:article|story|version|report|item)(?: of the [^.]{3,40}?)? (?:corrects|clarifies|adds|updates|removes|deletes|fixes)\b"
    r"|^\W*(?:corrects|refiles|recasts|clarifies|updates) (?:to|the|with|that|paragraph|headline|byline|date|spelling|name|first|second|third)\b"
    r"|\bin an earlier version\b[^.]{0,60}\b(?:we|article|story)\b|^\W*we (?:have|['’]ve) (?:updated|corrected|amended|removed|retracted|changed) (?:this|the|our) (?:article|story|post|headline|report)",
    "de": r"(?:eine[r]?|die|der) (?:früheren?|vorherigen?|ursprünglichen?|ersten?|älteren?) (?:\w+ )?(?:version|fassung) (?:\w+ )?(?:dieses|des|unseres) (?:\w+ )?(?:artikels|textes|berichts|beitrags|meldung)"
    r"|(?:in|an) (?:einer|der) (?:früheren|vorherigen|ursprünglichen|ersten|älteren) (?:version|fassung)(?! (?:des|der|von|seines|ihres)\b)"
    r"|\bdieser (?:artikel|text|beitrag|bericht) (?:wurde|ist)\b[^.]{0,80}\b(?:aktualisiert|korrigiert|ergänzt|geändert|berichtigt|überarbeitet|angepasst)"
    r"|\bdiese meldung (?:wurde|ist)\b[^.]{0,80}\b(?:aktualisiert|korrigiert|ergänzt|geändert|berichtigt)",
    "fr": r"(?:une|la) (?:\w+ )?version (?:précédente|antérieure|initiale|première) de (?:cet|l['’]) ?article|dans une (?:première|précédente) version"
    r"|\b(?:cet article|cette dépêche|ce texte) a été (?:\w+ )?(?:mis à jour|modifiée?|corrigée?|actualisée?|rectifiée?|mise à jour|complétée?)",
    "es": r"(?:una|la) (?:versión (?:anterior|previa|inicial|original)|primera versión) de (?:este|esta) (?:artículo|noticia|información|texto|nota)"
    r"|\best[ea] (?:artículo|noticia|información|texto|nota) (?:ha sido|fue|se ha) (?:\w+ )?(?:actualizad|corregid|modificad|rectificad|ampliad)[oa]",
    "nl": r"(?:een|de) (?:eerdere|vorige|oorspronkelijke|eerste) versie van (?:dit|deze|het) (?:artikel|bericht|stuk|verhaal|nieuwsbericht)|in een eerdere versie(?! van (?!dit|deze))"
    r"|\bdit (?:artikel|bericht|stuk|verhaal) (?:is|werd)\b[^.]{0,60}\b(?:bijgewerkt|aangepast|gecorrigeerd|aangevuld|geactualiseerd|gewijzigd)",
}

# What may stand between a label and its colon or dash: a date, a time, a place in a list ("Update 2"), "10:40 am ET".
_WHEN = r"(?:[\s,(\[|]{1,3}[\w.:/à'’-]{1,12}){0,9}?[)\]]?"
_BARE_LABEL = re.compile(r"^[\W_]*(?:{})[\W_]*$".format("|".join(_LABELS.values())), re.IGNORECASE)
_TIME_ONLY = re.compile(
    r"^(?:[\s\d.,:/|()–—-]|\b(?:am|pm|a\.m\.?|p\.m\.?|gmt|utc|bst|e[sd]?t|p[sd]?t|c[e]?[s]?t|uhr|um|on|at|am|vom|le|à|el|op|om|ago|vor|hace|il y a|geleden|hours?|hrs?|minutes?|mins?|seconds?|days?|h|heures?|horas?|minutos?|uur|minuten|stunden|last|just now"
    r"|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday"
    r"|jan\w*|feb\w*|f[ée]v\w*|mar\w*|märz|apr\w*|avr\w*|ma[iy]o?|mei|jun\w*|juin|jul\w*|juil\w*|aug\w*|ago\w*|ao[uû]t|sep\w*|o[ck]t\w*|nov\w*|de[czs]\w*|d[ée]c\w*|ene\w*|de|the|st|nd|rd|th)\b\.?)*+$",
    re.IGNORECASE,
)  # fmt: skip


def _compile(languages: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    labels = "|".join(_LABELS[language] for language in languages)
    statements = "|".join(_STATEMENTS[language] for language in languages)
    labelled = rf"^[\W_]*(?:{labels})\b{_WHEN}\s*(?:[:：]|\s[–—-]|[–—]\s?)\s*(?P<rest>\S.*)$"
    return re.compile(labelled, re.IGNORECASE | re.DOTALL), re.compile(statements, re.IGNORECASE)


_ALL = tuple(_LABELS)
_PATTERNS: dict[str | None, tuple[re.Pattern[str], re.Pattern[str]]] = {
    None: _compile(_ALL),
    **{language: _compile(tuple(dict.fromkeys((language, "en")))) for language in _ALL},
}


def is_notice(paragraph: str, language: str | None = None) -> bool:
    """Say whether the publisher speaks about the article itself here.

    Args:
        paragraph: Plain text.
        language: ISO 639-1; the patterns of that language and of English are tried, or all of them when it is unknown.
    """
    text = paragraph.strip()
    if not text or len(text) > LONGEST_NOTICE:
        return False
    if is_label(text):
        return True
    labelled, stated = _PATTERNS.get(language) or _PATTERNS[None]
    match = labelled.match(text)
    if match:
        return not _TIME_ONLY.match(match["rest"])
    return stated.search(text) is not None


def is_label(paragraph: str) -> bool:
    """Say whether this is the heading of a notice ("Correction"), whose text is the next paragraph."""
    text = paragraph.strip()
    return (
        len(text) < 40
        and not text.lower().startswith(("updated", "aktualisiert", "actualizado", "mis à jour"))
        and _BARE_LABEL.match(text) is not None
    )
