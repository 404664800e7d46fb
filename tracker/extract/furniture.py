"""Recognise what stands in an article and is not of it: promos, share bars, "read more", newsletter boxes, comments, tickers, relative times.

Elements are judged by their class and id (`furniture_names`), and never when they hold much of the page's text; texts only when they are short and begin with one of the phrases.
What is left out here is never seen by the diff, so every rule must be one that cannot match a sentence of a report.

Computes only.
"""

from __future__ import annotations

import re

from tracker.extract.blocks import Element
from tracker.extract.furniture_names import FURNITURE_TAGS, LARGEST_SHARE, names_furniture

_LEAD = re.compile(
    r"^[\W_]*(?:read (?:more|also|next|on|the full)|also read|see also|see more|more (?:on this|from|in|stories|coverage)|related(?: (?:articles?|stor(?:y|ies)|content|topics?|links?|coverage|video))?"
    r"|recommended(?: (?:stories|for you|articles?|reading))?|you (?:may|might) also like|most (?:read|popular|viewed)|trending(?: now)?|up next|watch(?: more| now| the video| live)?|don['’]t miss|must read|top stories"
    r"|lesen sie (?:auch|mehr|hier|dazu)|lesen sie (?:hierzu )?auch|mehr zum thema|mehr dazu|mehr lesen|auch interessant|das könnte sie auch interessieren|weiterlesen|siehe auch|passend dazu|zum thema|empfohlener (?:externer|redaktioneller) inhalt"
    r"|lire (?:aussi|la suite|également)|à lire (?:aussi|également)|a lire aussi|voir aussi|sur le même sujet|nos articles"
    r"|lee (?:también|además|más)|leer más|te puede interesar|lea también|ver también|más información|noticias relacionadas|lo más (?:leído|visto)"
    r"|le puede interesar|lea además|vea también|le recomendamos|te recomendamos|mir[ae] también|también (?:lee|te puede interesar)|sigue leyendo|noticias? relacionadas?|(?:prze)?czytaj (?:także|też|również|więcej)|zobacz (?:także|też|również|więcej)|dowiedz się więcej|polecamy|leggi anche|potrebbe interessarti|leia (?:também|mais)|veja também|les også|läs (?:också|mer)|lesetipps?|mehr infos|lire plus"
    r"|lees (?:ook|meer|verder)|bekijk ook|zie ook|meer over|gerelateerd|meest gelezen)\b",
    re.IGNORECASE,
)  # fmt: skip
_WHOLE = re.compile(
    r"^[\W_]*(?:advertisement|ads?|anzeige|werbung|publicité|publicidad|advertentie|sponsored(?: content)?|gesponsert|scroll to continue(?: reading)?|article continues (?:below|after) (?:this )?ad(?:vertisement)?|story continues (?:below|after) (?:this )?ad(?:vertisement)?"
    r"|continue reading(?: below)?|(?:skip|jump) to (?:content|comments|main content|main)|share(?: this)?(?: (?:article|story|page|post))?|share (?:on|via|with) .{2,40}|tweet|pin(?: it)?|email|print|copy(?: link)?|link copied!?|(?:diesen )?(?:artikel|beitrag) (?:teilen|drucken|merken|vorlesen|anhören)|zur startseite|jetzt (?:lesen|anmelden|registrieren)|(?:mehr|alle) anzeigen|partager (?:cet|l['’])\s?article|condividi|compartilhe|compartir (?:en .{2,20}|artículo|nota)|udostępnij|reklama|annonse|annons|publicidade|pubblicità|link kopiert!?|save|bookmark|listen|teilen|drucken|merken|partager|compartir|delen"
    r"|shared [\d.,]+[km]? times?|[\d.,]+[km]? (?:shares?|comments?|reads?|views?|likes?|kommentare?|commentaires?|comentarios?|reacties?|aufrufe)|(?:no )?comments?|leave a (?:comment|reply)|view comments|show comments|be the first to comment|post a comment|kommentare? (?:schreiben|anzeigen|lesen)|kommentieren"
    r"|(?:(?:last |zuletzt )?(?:updated?|published|posted|aktualisiert|mis à jour|actualizado|bijgewerkt|publié|publicado|geplaatst|stand)\b\s*[:\-–]?\s*)?(?:(?:vor|il y a|hace)\s)?(?:about |an? |just )?[\d]{0,3}\s?(?:s|m|h|d|hrs?|mins?|secs?|hours?|minutes?|seconds?|days?|weeks?|stunden?|minuten?|tagen?|heures?|jours?|horas?|minutos?|días?|uur|dagen) (?:ago|geleden)?"
    r"|just now|moments ago|(?:sign|log) (?:up|in)|subscribe(?: now| today)?|abonnieren|jetzt abonnieren|follow (?:us|@?\w+)(?: on .{2,40})?|get the latest|back to top|nach oben|read in app|open in app|get the app|play video|video|videos|loading(?:\.\.\.|…)?|caption|embed|(?:beitrags|titel)bild|hide caption|toggle caption|image(?: source| credit)?|getty images|externer inhalt(?: nicht verfügbar)?|published|updated|share full article|gift article|[\d.,]+ (?:min(?:ute)?s?|minuten|min\.) (?:read|lesezeit|de lecture|de lectura|leestijd)|lesezeit:? .{1,12}|reading time:? .{1,14}|transcript|hören sie den artikel)[\W_]*$",
    re.IGNORECASE,
)  # fmt: skip
_INVITATION = re.compile(
    r"^[\W_]*(?:sign up (?:for|to|here|now)|subscribe (?:to|for|here|now)|get (?:our|the) (?:\w+ ){0,4}newsletter|join (?:our|the) (?:\w+ ){0,3}(?:newsletter|mailing list|whatsapp|telegram)|follow (?:us|the \w+|\w+ \w+) on (?:twitter|x|facebook|instagram|whatsapp|google|telegram|linkedin|tiktok|youtube|bluesky)"
    r"|(?:enter|add) your e-?mail|follow [\w.]+ on google news|you must (?:confirm|be (?:logged|signed) in)|please log ?(?:in|out)\b|if you (?:enjoyed|liked) (?:reading )?this|for the latest (?:stories|news)\b.{0,60}\b(?:download|follow|sign)|this article is the copyrighted|written permission must|no part of this|all rights reserved|alle rechte vorbehalten|materiał chroniony|gefällt (?:dir|ihnen) (?:unser|dieser)|lust auf mehr|anzeige,? enthält|got a (?:story|news tip|tip)\?|for more stories like this|we may earn (?:a )?commission|if you buy something using links in our|this article (?:contains|may contain|includes) affiliate links|deine privatsphäre-einstellungen|diese audioversion wurde|thank you for visiting .{0,40}you are using a browser|your browser (?:does not support|is (?:out of date|outdated|no longer))|(?:ihr|dein) browser (?:unterstützt|ist veraltet)|aktuelle nachrichten aufs handy|hat (?:ihnen|dir|euch) (?:der|dieser) (?:artikel|beitrag) gefallen|war (?:dieser|der) (?:artikel|beitrag) (?:hilfreich|interessant)|was this (?:article|page|information) (?:helpful|useful)|your e-?mail address will not be published|deine e-mail-adresse wird nicht veröffentlicht|hinterlasse eine? (?:kommentar|antwort)|kennt ihr schon unser|obserwuj nas|zapisz się|iscriviti|inscreva-se|únete a (?:nuestro|nuestra)|¿ya sabías que .{0,40}(?:canal|newsletter|app)|ten tekst przeczytasz|i would like to (?:be emailed|receive)|die artikel-url wurde|bitte markieren sie .{0,40}wörter|zapraszamy .{0,20}do subskrypcji|an dieser stelle finden sie|hier finden sie .{0,40}externe?n? inhalt|(?:check out|get|for) more\b.{0,90}\b(?:sign(?:ing)? up|newsletter)|click here (?:to|for)|download (?:the|our) (?:\w+ ){0,3}app|support (?:our|independent) journalism|abonnieren sie|jetzt (?:für|unseren) .{0,30}newsletter|melden sie sich .{0,40}newsletter|folgen sie uns|hier (?:können sie|geht es zum) .{0,30}newsletter"
    r"|inscrivez-vous|abonnez-vous|suivez-nous|recevez .{0,40}newsletter|suscr[ií]b(?:ete|ase)|s[ií]guenos|apúntate|schrijf je in|meld je aan|volg ons)\b",
    re.IGNORECASE,
)  # fmt: skip
_CREDIT = re.compile(
    r"^(?:photos?|image|picture|foto|titelbild|beitragsbild|bild|fotos|bilder|crédit|credit|crédits|copyright)(?: (?:credit|by|von|source|photos?|images?))?\s?[:©].{2,70}$|^©.{2,70}$|(?:/|via |\| ?|©)\s?(?:getty|afp|reuters|ap|dpa|epa|imago|shutterstock|istock|pa|picture alliance)\b[^.]{0,30}$",
    re.IGNORECASE,
)  # fmt: skip
_RIGHTS = re.compile(r"^\W*(?:©|copyright)[\s©]*(?:19|20)\d\d\b", re.IGNORECASE)
_MONTH = r"jan\w*|feb\w*|f[ée]v\w*|mar\w*|märz|apr\w*|avr\w*|ma[iy]o?|mei|ju[nil]\w*|aug\w*|ago\w*|ao[uû]t|sep\w*|o[ck]t\w*|nov\w*|de[czs]\w*|d[ée]c\w*|ene\w*"
_STAMP = re.compile(
    r"^[\W_]*(?:(?:first |last |zuletzt |letzte )?(?:published|updated|posted|modified|stand|änderung|aktualisierung|aktualisiert|veröffentlicht|erstellt|geändert|publié|mis à jour|publicado|actualizado|gepubliceerd|bijgewerkt)"
    r"(?: (?:on|at|am|um|le|à|el|op|den|the))?\b[\s:,–-]*)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag),? )?"
    rf"(?=[^a-z]*\d|(?:{_MONTH})\.? \d)(?:\d{{1,4}}(?:st|nd|rd|th)?|[.:,/|–—-]|\s|(?:{_MONTH})|at|um|uhr|h|am|pm|a\.m\.|p\.m\.|gmt|utc|[a-z]{{1,3}}t)++$",
    re.IGNORECASE,
)  # fmt: skip
_SECTION = re.compile(
    r"^[\W_]*(?:more (?:from|on|in|stories|news|like this|coverage|articles?)\b.{0,40}|(?:related|similar|recommended|suggested|further|other) (?:articles?|stor(?:y|ies)|content|posts?|topics?|news|reading|links?|coverage)|related|recommended(?: for you)?"
    r"|(?:most|more) (?:popular|read|viewed|shared|recent)(?: .{0,20})?|popular(?: (?:now|stories|posts|articles|in .{1,25}))?|trending(?: (?:now|stories|topics))?|latest (?:news|stories|articles|headlines|posts)(?: .{0,20})?|top (?:stories|news|reads)|you (?:may|might) (?:also )?(?:like|be interested in).{0,20}|read (?:more|next)|up next|don['’]t miss.{0,15}|what to read next"
    r"|(?:\d+ )?comments?(?: \(\d+\))?|leave a (?:comment|reply)|join the (?:conversation|discussion)|about the authors?|share this(?: (?:article|story|post))?|newsletters?|sign up .{0,40}|subscribe.{0,40}|follow us.{0,20}|editor['’]?s['’]? picks?|from (?:our|around) the (?:web|network|partners)|sponsored (?:content|links)"
    r"|(?:das |das thema |diese artikel )?könnten? (?:sie|dich|euch) (?:auch )?interessieren.{0,15}|mehr (?:zum thema|aus|von|über|artikel|nachrichten)\b.{0,40}|weitere (?:artikel|beiträge|meldungen|nachrichten|aktuelle themen|themen|news).{0,40}|ähnliche (?:artikel|beiträge|themen)|verwandte (?:artikel|beiträge|themen)|auch interessant|lesen sie auch|meistgelesen.{0,15}|top-themen.{0,25}|aktuelle (?:meldungen|nachrichten|artikel|beiträge).{0,15}|neueste (?:artikel|beiträge|nachrichten).{0,15}|empfehlungen.{0,30}|kommentare?(?: \(\d+\))?|\d+ kommentare?|schreibe? (?:einen|ihren) kommentar|schon gelesen.{0,3}|lust auf mehr.{0,3}|zum weiterlesen|beitrags-?navigation|über (?:den autor|die autorin)|teilen(?: .{0,20})?"
    r"|(?:articles? (?:liés|similaires|recommandés)|à lire (?:aussi|également)|lire aussi|sur le même (?:sujet|thème)|les plus lus|commentaires?|nos newsletters|(?:te puede|le puede|podría) interesar.{0,10}|(?:notas|noticias|artículos|contenidos) relacionad[oa]s|más (?:noticias|leíd[oa]s|información|sobre .{1,30})|lo más (?:leído|visto)|lee también|comentarios?|lees ook|meer over .{1,30}|gerelateerd(?:e artikelen)?|meest gelezen|reacties))[\W_]*$",
    re.IGNORECASE,
)  # fmt: skip
_FILED = re.compile(
    r"^[\W_]*(?:kategorien?|categor(?:y|ies)|filed under|tags|tagged|schlagwörter|stichwörter|veröffentlicht unter|posted in|abgelegt unter|catégories?|etiquetas|categorías?)\s?:",
    re.IGNORECASE,
)
_AFFILIATE = re.compile(r"\b(?:affiliate|provisions|partner|werbe)[- ]?(?:links?|verlinkungen)\b", re.IGNORECASE)
_EARNS = re.compile(
    r"\b(?:provision|commission|verlinkungen|gekennzeichnet|enthält|contains?|handelt es sich)\b", re.IGNORECASE
)
_LABEL = re.compile(r"^[\W_]*[A-ZÀ-ÞŁŚŻ]{3,}(?: [A-ZÀ-ÞŁŚŻ]+){0,3} ?[:|] ?")  # "MIRA: ", and then nothing but a link
_LONGEST_FILED = 160
_LONGEST_LEAD = 220  # characters: a "read more" line with a headline behind it
_LONGEST_INVITATION = 300


def is_furniture_text(text: str, link_length: int = 0) -> bool:
    """Say whether a paragraph is furniture, from its words alone.

    Args:
        text: The paragraph.
        link_length: How many of its characters are linked; a "read more" needs a link or a colon, a sentence that begins so has neither.
    """
    if len(text) <= 80 and _WHOLE.match(text):
        return True
    if len(text) <= _LONGEST_INVITATION and _INVITATION.match(text):
        return True
    if len(text) <= _LONGEST_INVITATION and _AFFILIATE.search(text) and _EARNS.search(text):
        return True
    if len(text) <= _LONGEST_FILED and _FILED.match(text):
        return True
    label = _LABEL.match(text) if link_length else None
    if label is not None and len(text) <= _LONGEST_LEAD and link_length >= len(text) - label.end() - 2:
        return True
    lead = _LEAD.match(text) if len(text) <= _LONGEST_LEAD else None
    if lead is None:
        return False
    rest = text[lead.end() :].lstrip(" )]")
    return not rest.strip(" .>»→:") or rest[0] in ":|>»→-–—" or link_length * 2 > len(text)


def is_credit(text: str) -> bool:
    """Say whether a line is a photographer's or agency's credit."""
    return (len(text) <= 90 and _CREDIT.search(text) is not None) or (
        len(text) <= _LONGEST_INVITATION and _RIGHTS.match(text) is not None
    )


def is_time_stamp(text: str) -> bool:
    """Say whether a line says only when the page was published or updated."""
    return len(text) <= 80 and _STAMP.match(text) is not None


def is_teaser_list_heading(text: str) -> bool:
    """Say whether a heading opens a list of other articles, comments or the like."""
    return len(text) <= 60 and _SECTION.match(text) is not None


def drop_furniture(root: Element, page_length: int) -> None:
    """Take furniture out of the tree.

    Args:
        root: The page's body.
        page_length: Characters of all its text.
    """
    dropped = []
    for element in list(root.iter(*FURNITURE_TAGS)):
        if names_furniture(element) and element.getparent() is not None:
            length = len("".join(element.itertext()))
            if length <= LARGEST_SHARE * page_length and element.find(".//h1") is None:
                dropped.append(element)
    for element in dropped:
        element.drop_tree()
