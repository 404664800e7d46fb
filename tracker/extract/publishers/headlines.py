"""Where a publisher's headline stands, for publishers whose pages say it in several ways.

Half of all publishers write one headline above the article, another for those who share it, and a third for search engines.  Which of them is the article's name is the publisher's habit:
it cannot be told from the page, and a rule that weighs them against each other tips over when one of them is edited.  So it is looked up: the table follows the title rule of each
publisher's parser in fundus (github.com/flairNLP/fundus, MIT), as of its release 0.5.7.  What stands above the article is kept beside it (`Version.shown_headline`), so an edit of either is seen.

To add a publisher, write its host behind the place: a host speaks for its subdomains as well.  A place that is empty on a page is passed over.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

Place = Literal["og:title", "json-ld", "title", "h1"]

_OPEN_GRAPH = (
    "20min.ch aftonbladet.se berliner-zeitung.de bild.de boersen-zeitung.de businessinsider.de canada.com dagbladet.no dailymail.co.uk db.no der-postillon.com"
    " derstandard.at euronews.com express.co.uk faktencheck.afp.com faz.net financialpost.com fr.de freiepresse.de freitag.de gamestar.de haberturk.com hessenschau.de jungewelt.de kicker.de"
    " klassegegenklasse.org krautreporter.de latimes.com lavanguardia.com lbcgroup.tv lefigaro.fr lemonde.fr lesechos.fr lestimes.com lrt.lt lto.de malaymail.com mallorcamagazin.com"
    " mallorcazeitung.es merkur.de mirror.co.uk motorsport-magazin.com n-tv.de namibian.com.na nationalpost.com nettavisen.no netzpolitik.org nrk.no ntv.com.tr occupydemocrats.com orf.at"
    " ottawacitizen.com publico.es rbb24.de repubblica.it rp-online.de ruhrnachrichten.de sankei.com spiegel.de sportschau.de standard.co.uk stern.de stuttgarter-zeitung.de tagesanzeiger.ch"
    " tageszeitung.it tagesschau.de tagesspiegel.de techcrunch.com telegraph.co.uk theglobeandmail.com thenation.com theprovince.com vg.no voanews.com vogue.de washingtonpost.com wdr.de"
    " winfuture.de wochenblatt.cc wort.lu worldtruth.tv yomiuri.co.jp zdf.de zdfheute.de"
)
_JSON_LD = (
    "aa.com.tr abendblatt.de apnews.com bbc.co.uk bbc.com bhaskar.com br.de braunschweiger-zeitung.de cbc.ca chunichi.co.jp citizen.co.za cnbc.com correctiv.org corriere.it"
    " dailymaverick.co.za dailynews.co.tz diepresse.com dizindaba.co.za durbanlocal.co.za dw.com eldiario.es elmundo.es elpais.com expressen.se eyethunews.co.za focus.de"
    " foxnews.com freebeacon.com globalnews.ca habarileo.co.tz hankookilbo.com heise.de ilanganews.co.za ilgiornale.it independent.co.uk inews.co.uk isolezwe.co.za isolezwelesixhosa.co.za"
    " kleinezeitung.at kommersant.ru landesspiegel.li mbl.is mediaindonesia.com metro.co.uk mexiconewsdaily.com mk.co.kr morgenpost.de mz.de nature.com ndr.de newyorker.com nieuwsblad.be"
    " nikkan-gendai.com nikkei.com nine.com.au politico.eu pravda.com.ua restofworld.org reuters.com rp.pl sermitsiaq.ag seznamzpravy.cz sn.at sueddeutsche.de t-online.de tageblatt.lu"
    " taipeitimes.com techradar.com theguardian.com theintercept.com theportugalnews.com thesun.co.uk thewest.com.au timeslive.co.za timesofindia.indiatimes.com tokyo-np.co.jp vnexpress.net"
    " washingtontimes.com waz.de welt.de wired.com zeit.de"
)
_TITLE = "abc.es asahi.com businessinsider.com golem.de mainichi.jp nzz.ch"
_HEADING = "israel-nachrichten.org jyllands-posten.dk srf.ch"

_CHANGED: Mapping[str, tuple[tuple[Place, date | None], ...]] = {
    "dailystar.co.uk": (("og:title", date(2026, 4, 9)), ("json-ld", None)),
    "mdr.de": (("json-ld", date(2026, 6, 1)), ("h1", None)),
    "thegatewaypundit.com": (("og:title", date(2026, 5, 27)), ("json-ld", None)),
}
"""Host → its places, oldest first, each with the last day on which it was the headline's; the newest with None."""

_PLACES: Mapping[str, Place] = {
    **dict.fromkeys(_OPEN_GRAPH.split(), "og:title"),
    **dict.fromkeys(_JSON_LD.split(), "json-ld"),
    **dict.fromkeys(_TITLE.split(), "title"),
    **dict.fromkeys(_HEADING.split(), "h1"),
}


def place_of_headline(host: str, fetched_at: datetime) -> Place | None:
    """Say where a host, or the host that it is a part of, had its headline on a day; None for a host that is not known."""
    while host:
        if host in _CHANGED:
            day = fetched_at.date()
            return next(place for place, until in _CHANGED[host] if until is None or day <= until)
        if host in _PLACES:
            return _PLACES[host]
        host = host.partition(".")[2]
    return None
