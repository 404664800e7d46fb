"""Pages written for the tests: what stands in an article's place on the web, and articles that speak about such pages.

`SUSPECT` and `GOOD` give for each name the page; a suspect one with a word that its reason has to contain.
"""

from __future__ import annotations


def article(
    *paragraphs: str,
    headline: str,
    head: str = "",
    language: str = "en",
    box: str = "",
    byline: str = "",
    site: str = "The Example Courier",
) -> str:
    """Lay out an article in a newspaper's page: navigation, related stories and a footer around it."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{headline} | {site}</title>{head}</head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/login">Log in</a></li><li><a href="/subscribe">Subscribe</a></li></ul></nav></header>
<main><article><h1>{headline}</h1>{byline}{text}{box}</article></main>
<aside class="related"><h3>Related stories</h3><ul><li><a href="/a">Council weighs a new tram line</a></li><li><a href="/b">Why bread is getting dearer</a></li></ul></aside>
<footer><p>© {site}. <a href="/privacy">Privacy policy</a> <a href="/cookies">Cookie settings</a> <a href="/terms">Terms</a></p></footer></body></html>"""


def bare(title: str, body: str, *, head: str = "", language: str = "en") -> str:
    """Write a page without a newspaper around it."""
    return f'<!DOCTYPE html><html lang="{language}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'


LD_PAID = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"Harbour wall gives way","isAccessibleForFree":false}</script>'
LD_DATED = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"x","datePublished":"2026-03-02T09:00:00Z","author":{"@type":"Person","name":"Mara Lindholm"}}</script>'
BY = '<p class="byline">By <span class="author">Mara Lindholm</span> <time datetime="2026-03-02T09:00:00Z">2 March 2026</time></p>'

TEASER = "The harbour wall at Eastmere gave way shortly before midnight, and the lower town stood under a metre of water by the morning."

SUSPECT: dict[str, tuple[str, str]] = {
    # challenges and blocks, all with status 200
    "a challenge that runs by itself": (
        bare(
            "Just a moment...",
            '<div class="main-content"><h1>courier.example</h1><p>Verifying you are human. This may take a few seconds.</p><p>courier.example needs to review the security of your connection before proceeding.</p></div>'
            "<script>window._cf_chl_opt={cvId:'3',cType:'managed'};</script><noscript>Enable JavaScript and cookies to continue</noscript>",
        ),
        "Cloudflare",
    ),
    "a firewall's refusal": (
        bare(
            "Attention Required!",
            "<h1>Sorry, you have been blocked</h1><h2>You are unable to access courier.example</h2><p>This website is using a security service to protect itself from online attacks. The action you just performed triggered the security solution.</p>",
        ),
        "block",
    ),
    "access denied with a reference": (
        bare(
            "Access Denied",
            '<h1>Access Denied</h1>You don\'t have permission to access "http://courier.example/harbour" on this server.<p>Reference #18.2d351ab8.1557333295.a4e16ab',
        ),
        "block",
    ),
    "press and hold": (
        bare("courier.example", '<div id="px-captcha"></div><p>Press &amp; Hold to confirm you are a human (and not a bot).</p>'),
        "block",
    ),
    "an interruption": (
        bare(
            "Pardon Our Interruption",
            "<h1>Pardon Our Interruption</h1><p>As you were browsing, something about your browser made us think you were a bot. There are a few reasons this might happen:</p><ul><li>You're a power user moving through this website with super-human speed.</li><li>You've disabled cookies in your web browser.</li></ul>",
        ),
        "block",
    ),
    "a captcha in a newspaper's page": (
        article("Please complete the CAPTCHA below so that we can tell you from an automated programme.", headline="One more step"),
        "block",
    ),
    "unusual traffic": (
        bare("Sorry", "<p>Our systems have detected unusual traffic from your computer network. This page checks to see if it's really you sending the requests, and not a robot.</p>"),
        "unusual traffic",
    ),
    "a challenge in German": (
        bare("Einen Moment bitte", "<h1>Einen Moment bitte</h1><p>Bitte bestätigen Sie, dass Sie kein Roboter sind. Ihr Browser wird überprüft.</p>", language="de"),
        "block",
    ),
    "a challenge in French": (
        bare("Un instant…", "<p>Vérifiez que vous êtes humain. Un trafic inhabituel a été détecté depuis votre réseau.</p>", language="fr"),
        "block",
    ),
    "a script that solves a puzzle": (
        bare("", '<div id="challenge-container"></div><script src="https://a1b2.token.awswaf.com/a1b2/challenge.js"></script><script>AwsWafIntegration.getToken();</script><noscript><h1>JavaScript is disabled</h1></noscript>'),
        "AWS WAF",
    ),
    "a server's maintenance page": (
        bare("Site under maintenance", "<h1>We'll be back soon!</h1><p>Sorry for the inconvenience. We are performing some maintenance at the moment.</p>"),
        "block",
    ),
    # consent walls
    "a consent wall in English": (
        bare(
            "Before you continue",
            "<h1>We value your privacy</h1><p>We and our 842 partners store and/or access information on a device, such as cookies, and process personal data, such as unique identifiers, for personalised ads and content.</p><p>With your permission we and our partners may use precise geolocation data. You may click to consent to our and our 842 partners' processing as described above, or manage your choices.</p><button>Accept all</button><button>Reject all</button>",
        ),
        "consent",
    ),
    "pay or consent in German": (
        bare(
            "Mit Werbung weiterlesen - Beispielkurier",
            "<h1>Willkommen beim Beispielkurier</h1><p>Besuchen Sie beispielkurier.example wie gewohnt mit Werbung und Tracking. Mit Klick auf „Einverstanden“ stimmen Sie zu, dass wir und unsere 214 Partner Cookies setzen. Ihre Einwilligung können Sie jederzeit widerrufen.</p><p>Oder lesen Sie ohne Werbung mit dem Pur-Abo für 4,99 € im Monat; unsere Datenschutzerklärung nennt Ihnen die Einzelheiten zu Cookies und Tracking.</p>",
            language="de",
        ),
        "consent",
    ),
    "a consent wall in French": (
        bare(
            "Le respect de votre vie privée est notre priorité",
            "<p>Nous et nos 165 partenaires utilisons des cookies pour stocker et accéder à des informations sur votre appareil et vous proposer une publicité personnalisée.</p><p>Vous pouvez retirer votre consentement à tout moment dans la page des cookies.</p><a>Continuer sans accepter</a><a>Accepter et fermer</a>",
            language="fr",
        ),
        "consent",
    ),
    "a consent wall in Spanish": (
        bare(
            "Su privacidad es importante para nosotros",
            "<p>Nosotros y nuestros 301 socios usamos cookies para almacenar o acceder a información en su dispositivo y mostrarle anuncios personalizados.</p><p>Puede retirar su consentimiento en cualquier momento.</p><button>Aceptar y continuar</button>",
            language="es",
        ),
        "consent",
    ),
    "a long consent wall with its purposes": (
        bare(
            "Your privacy choices",
            "<h1>Your privacy choices</h1>"
            + "".join(
                f"<p>Purpose {number}: we and our partners use cookies to {what}. You can manage your choices for each of our vendors, and withdraw your consent at any time in our privacy settings.</p>"
                for number, what in enumerate(("select advertising for you", "measure how our advertising performs", "build a profile of your interests", "select content for you", "develop and improve services", "link your devices", "use limited data"), 1)
            ),
        ),
        "consent",
    ),
    # login walls and paywalls
    "a login wall": (
        article("Please log in or create an account to continue.", headline="Log in to continue reading"),
        "log in",
    ),
    "a login form": (
        bare("Sign in - The Example Courier", '<h1>Sign in</h1><form><label>Email</label><input name="email"><label>Password</label><input type="password"></form><p>Forgot your password?</p>'),
        "log in",
    ),
    "a paywall after the first paragraph": (
        article(TEASER, headline="Harbour wall gives way", head=LD_DATED, byline=BY, box='<div class="gate"><h2>Subscribe to continue reading</h2><p>From 1 a week. Cancel at any time.</p></div>'),
        "beginning",
    ),
    "a paywall in German": (
        article(
            "Die Hafenmauer von Ostmeer ist kurz vor Mitternacht gebrochen, und die Unterstadt stand am Morgen einen Meter unter Wasser.",
            headline="Hafenmauer gebrochen",
            language="de",
            box='<div class="schranke"><p>Dieser Artikel ist nur für Abonnenten.</p><p>Jetzt weiterlesen mit Kurier Plus</p></div>',
        ),
        "beginning",
    ),
    "a paywall in French": (
        article(
            "Le mur du port a cédé peu avant minuit, et la ville basse se trouvait au matin sous un mètre d'eau.",
            headline="Le mur du port a cédé",
            language="fr",
            box="<div><p>Il vous reste 78 % de cet article à lire. La suite est réservée aux abonnés.</p></div>",
        ),
        "beginning",
    ),
    "a paywall in Spanish": (
        article(
            "El muro del puerto cedió poco antes de la medianoche y la ciudad baja amaneció bajo un metro de agua.",
            headline="Cede el muro del puerto",
            language="es",
            box="<section><p>Suscríbete para seguir leyendo</p></section>",
        ),
        "beginning",
    ),
    "a paywall in Dutch": (
        article(
            "De havenmuur bezweek kort voor middernacht, en de benedenstad stond in de ochtend een meter onder water.",
            headline="Havenmuur bezweken",
            language="nl",
            box="<section><p>Dit artikel is exclusief voor abonnees. Lees verder met een abonnement.</p></section>",
        ),
        "beginning",
    ),
    "a text that is not free and stops short": (
        article("The harbour wall at Eastmere gave way shortly before midnight, and the lower …", headline="Harbour wall gives way", head=LD_PAID),
        "not free",
    ),
    # "not found" with status 200
    "not found in English": (article("Sorry, the page you are looking for could not be found. It may have been moved or deleted.", headline="Page not found"), "not there"),
    "not found in German": (article("Die von Ihnen aufgerufene Seite existiert leider nicht mehr.", headline="Seite nicht gefunden", language="de"), "not there"),
    "not found in French": (article("La page que vous recherchez n'existe pas ou a été déplacée.", headline="Page introuvable", language="fr"), "not there"),
    "not found in Spanish": (article("La página que busca no existe o ha cambiado de dirección.", headline="Página no encontrada", language="es"), "not there"),
    "not found in Dutch": (article("De pagina die u zoekt bestaat niet meer.", headline="Pagina niet gevonden", language="nl"), "not there"),
    "not found in Italian": (article("La pagina che stai cercando non è disponibile.", headline="Pagina non trovata", language="it"), "not there"),
    "a bare 404": (bare("404 Not Found", "<center><h1>404 Not Found</h1></center><hr><center>nginx</center>"), "not there"),
    "an article that is no longer there": (article("This article is no longer available.", headline="The Example Courier"), "not there"),
    # nothing
    "a page that a script draws": (bare("The Example Courier", '<div id="root"></div><script src="/static/app.3f2a.js"></script>'), "No text"),
}  # fmt: skip


GOOD: dict[str, str] = {
    "a report about paywalls": article(
        "Three of the country's largest newspapers will put their archives behind a paywall this autumn, their publishers said on Monday. Readers will be asked to subscribe to continue reading anything older than a month.",
        "“We have reached the limit of what advertising can pay for,” said Ilse Brandt, who heads the publishers' association. Already a third of readers subscribe, she added.",
        "Libraries said that they would negotiate for access, so that nobody who needs an article for research has to pay for it.",
        headline="Newspapers put their archives behind a paywall",
        byline=BY,
    ),
    "a short report about a paywall": article(
        "The Eastmere Gazette took down its paywall on Tuesday so that everybody could follow the flood; the words “Subscribe to continue reading” had met readers there since 2019, its editor said.",
        headline="Gazette drops its paywall for the flood",
        byline=BY,
        head=LD_DATED,
    ),
    "a report about captchas": article(
        "The test that asks visitors to prove that they are not a robot is on its way out. Machines now solve a captcha faster than people do, a study by the technical university found.",
        "The researchers let 1,400 people and four programs complete the security check of twenty shops. “You are human if you fail,” said Tomas Ferreira, who led the study.",
        "Shops that were asked said that they would look for other ways to keep automated traffic away.",
        headline="Are you a robot? Machines now solve captchas faster than we do",
        byline=BY,
    ),
    "a report about an outage": article(
        "Thousands of sites answered with “502 Bad Gateway” for two hours on Sunday after a cable was cut near Port Aldin, the network's operator said.",
        "Visitors saw “Access denied” or “Checking your browser” on pages of banks, ministries and newspapers. The service was restored at 14:10.",
        "The regulator has asked the operator for a report within a month, and said that the second cable should have taken over.",
        headline="Bad gateway: cut cable takes thousands of sites down",
    ),
    "a report about the number 404": article(
        "The message “page not found” turns thirty this week. Its number, 404, goes back to the first list of status codes that was drawn up for the web.",
        "A museum in Kessel Bay shows two hundred of the pages that sites have made of it since, among them a poem, a game and a recipe for soup.",
        "“Nobody wants to see one, and everybody remembers one,” said the curator, Leila Haddad.",
        headline="Error 404: how “page not found” became an art",
        byline=BY,
    ),
    "a brief headlined Not found": article(
        "Divers have not found the flight recorder of the aircraft that came down off Harrow Point on Friday, the coast guard said. The search goes on at first light, with two more boats, and will be extended by ten miles to the north.",
        headline="Not found",
        byline=BY,
        head=LD_DATED,
    ),
    "a report about consent": article(
        "The data protection authority fined a publisher 2 million on Wednesday because its cookie banner offered “Accept all” but hid “Reject all” behind two further clicks.",
        "Consent to tracking must be as easy to refuse as to give, the authority said. The publisher and its 400 advertising partners had stored cookies on devices before anyone had agreed.",
        "The publisher said that it would appeal. Privacy groups called the fine a signal to the whole advertising industry.",
        headline="Fine for a cookie banner that hid “Reject all”",
    ),
    "a report about consent in German": article(
        "Die Datenschutzbehörde hat am Mittwoch ein Bußgeld von zwei Millionen Euro verhängt, weil ein Verlag das Ablehnen von Cookies hinter zwei weiteren Klicks versteckt hatte.",
        "Die Einwilligung in Tracking müsse ebenso leicht verweigert wie erteilt werden können, teilte die Behörde mit. Der Verlag und seine Werbepartner hatten Cookies gesetzt, ehe jemand zugestimmt hatte.",
        "Der Verlag kündigte an, gegen den Bescheid Widerspruch einzulegen.",
        headline="Bußgeld wegen versteckter Ablehnung",
        language="de",
    ),
    "a brief with a newsletter and a subscription beside it": article(
        "A ferry with 40 people aboard ran aground off Kessel Bay on Thursday; nobody was hurt, and all were ashore by noon, the coast guard said.",
        headline="Ferry runs aground off Kessel Bay",
        byline=BY,
        box='<div class="newsletter"><p>Sign up for our morning newsletter</p></div><div class="promo"><p>Already a subscriber? Log in for fewer advertisements.</p></div>',
    ),
    "a brief on a metered site": article(
        "A ferry with 40 people aboard ran aground off Kessel Bay on Thursday; nobody was hurt, and all were ashore by noon, the coast guard said.",
        headline="Ferry runs aground off Kessel Bay",
        box="<div><p>You have 3 free articles left this month.</p></div>",
    ),
    "a correction in place of a story": article(
        "Retraction: The Courier has withdrawn this article, which accused the harbour board of falsifying its inspections. The documents that it rested on were forged.",
        headline="Retracted: harbour board and the inspections",
    ),
    "a report behind a firewall that lets us through": article(
        TEASER,
        "Firefighters brought 120 people out of their houses by boat. The mayor, Henrik Petrov, asked everybody who could to leave the town by the northern road.",
        headline="Harbour wall gives way",
        head='<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><script src="/_Incapsula_Resource?SWJIYLWA=719"></script>',
        byline=BY,
    ),
    "a report with a login for comments": article(
        TEASER,
        "Firefighters brought 120 people out of their houses by boat. The mayor, Henrik Petrov, asked everybody who could to leave the town by the northern road.",
        headline="Harbour wall gives way",
        box='<section class="comments"><p>Please log in to join the discussion.</p></section>',
        byline=BY,
    ),
}  # fmt: skip
