"""Spanish: numbers, dates, saying, hedging, names.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import Language, words

_NUMBERS = {
    word: float(value) for value, words in enumerate(
        ["cero", "un uno una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete",
         "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro", "veinticinco"]
    ) for word in words.split()
} | {"treinta": 30.0, "cuarenta": 40.0, "cincuenta": 50.0, "sesenta": 60.0, "setenta": 70.0, "ochenta": 80.0, "noventa": 90.0}  # fmt: skip

PACK = Language(
    code="es",
    function_words=words(
        """el la los las un una unos unas de del y o u e pero también al a en con por para sin sobre entre es son era eran fue fueron ha han había habían
        ser sido está están estaba que quien cual donde cuando como no ni su sus se lo le les más menos muy ya este esta estos estas ese esa tras
        desde hasta según dijo afirmó"""
    ),
    numbers=_NUMBERS,
    scales={"cien": 100, "ciento": 100, "mil": 1e3, "millón": 1e6, "millones": 1e6},
    vague_numbers=frozenset(["varios", "varias", "decenas", "cientos", "centenares", "miles", "una decena", "una docena"]),
    number_joints=frozenset(["y"]),
    decimal_comma=True,
    bounds={"al menos": "least", "por lo menos": "least", "más de": "over", "hasta": "most", "menos de": "under", "unos": "about", "unas": "about", "cerca de": "about", "casi": "about",
            "alrededor de": "about", "aproximadamente": "about"},
    units={"por ciento": "%", "%": "%", "kilómetros": "km", "km": "km", "metros": "m", "euros": "EUR", "euro": "EUR", "dólares": "USD", "toneladas": "t", "grados": "deg", "hectáreas": "ha"},
    months={"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12},
    weekdays={"lunes": 0, "martes": 1, "miércoles": 2, "jueves": 3, "viernes": 4, "sábado": 5, "domingo": 6},
    relative_days={"hoy": 0, "ayer": -1, "anteayer": -2, "mañana": 1},
    day_parts=frozenset(["tarde", "noche", "madrugada", "mediodía", "medianoche"]),
    durations=frozenset(["segundos", "minuto", "minutos", "hora", "horas", "día", "días", "semana", "semanas", "mes", "meses", "año", "años"]),
    saying=frozenset(["dijo", "afirmó", "declaró", "informó", "anunció", "confirmó", "negó", "explicó", "añadió", "señaló", "aseguró", "indicó", "reportó", "dice"]),
    according=("según", "de acuerdo con"),
    markers={
        **dict.fromkeys(["quizás", "probablemente", "presunto", "presunta", "presuntos", "presuntamente", "supuesto", "supuestamente", "podría", "podrían", "habría", "habrían",
                         "aparentemente", "posible"], ("sure", "hedged")),
        **dict.fromkeys(["confirmó", "confirmado", "confirma"], ("sure", "confirmed")),
        **dict.fromkeys(["negó", "desmintió", "niega"], ("sure", "denied")),
        **dict.fromkeys(["no", "nunca", "ningún", "ninguna", "jamás"], ("negation", "not")),
        **dict.fromkeys(["será", "serán", "prevé", "previsto", "va a", "van a"], ("stage", "ahead")),
        **dict.fromkeys(["detenido", "detenida", "detenidos", "arrestado"], ("law", "2 arrested")),
        **dict.fromkeys(["imputado", "acusado", "acusada"], ("law", "3 charged")),
        **dict.fromkeys(["condenado", "condenada", "culpable"], ("law", "5 convicted")),
        **dict.fromkeys(["absuelto", "absuelta"], ("law", "5 acquitted")),
        **dict.fromkeys(["desaparecido", "desaparecida", "desaparecidos"], ("fate", "missing")),
        **dict.fromkeys(["muerto", "muertos", "murió", "fallecido", "falleció"], ("fate", "dead")),
    },
    titles=frozenset(["señor", "señora", "don", "doña", "presidente", "presidenta", "ministro", "ministra", "alcalde", "alcaldesa", "general", "coronel", "portavoz"]),
    places=frozenset(["provincia", "distrito", "pueblo", "ciudad", "región", "calle", "plaza", "aeropuerto", "estación", "isla", "barrio", "departamento"]),
    place_prepositions=frozenset(["en", "cerca", "hacia", "desde"]),
    name_joints=frozenset(["de", "del", "la", "los", "y", "al", "el"]),
)  # fmt: skip
