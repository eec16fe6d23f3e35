"""What the demo's flower shop sells. Prices in cents, VAT in basis points."""

from dataclasses import dataclass

REDUCED, FULL, NONE = 700, 1900, 0


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    price_minor: int
    on_hand: int


@dataclass(frozen=True, slots=True)
class Ware:
    slug: str
    name: str
    text: str
    picture: str
    alt: str
    sizes: tuple[Size, ...]
    tax_bp: int = REDUCED


WARES = (
    Ware(
        "fruehlingsgruss", "Frühlingsgruß",
        "Tulpen, Ranunkeln und ein paar Zweige Kirschblüte, locker gebunden. Jeder Strauß fällt "
        "ein wenig anders aus, je nachdem, was morgens auf dem Markt am schönsten ist.",
        "fruehlingsgruss", "Bunter Frühlingsstrauß mit Tulpen und Ranunkeln",
        (Size("Klein", 2490, 14), Size("Mittel", 3490, 10), Size("Groß", 4990, 6)),
    ),
    Ware(
        "rosen-im-dutzend", "Rosen im Dutzend",
        "Zwölf langstielige rote Rosen aus fairem Anbau, mit Eukalyptus gebunden. Sie kommen als "
        "Knospen und öffnen sich über mehrere Tage.",
        "rosen", "Strauß aus zwölf roten Rosen",
        (Size("12 Stück", 3600, 20), Size("24 Stück", 6600, 8)),
    ),
    Ware(
        "sonnenblumen", "Sonnenblumenstrauß",
        "Fünf große Sonnenblumen mit Gräsern und Kamille. Macht aus jedem Flur ein Feld im August.",
        "sonnenblumen", "Strauß aus Sonnenblumen mit Gräsern",
        (Size("5 Blüten", 2290, 12), Size("9 Blüten", 3690, 5)),
    ),
    Ware(
        "wiesenstrauss", "Wiesenstrauß",
        "Margeriten, Kornblumen, Mohn und was sonst am Feldrand wächst. Aus eigenem Anbau, "
        "ungespritzt.",
        "wiesenstrauss", "Wilder Strauß mit Margeriten, Kornblumen und Mohn",
        (Size("Klein", 1990, 18), Size("Groß", 2990, 9)),
    ),
    Ware(
        "pfingstrosen", "Pfingstrosen",
        "Gefüllte Pfingstrosen in Rosa und Weiß. Nur wenige Wochen im Jahr, und nur so viele, wie "
        "unser Gärtner schneidet.",
        "pfingstrosen", "Gefüllte Pfingstrosen in Rosa",
        (Size("7 Stiele", 3290, 4),),
    ),
    Ware(
        "trockenblumenkranz", "Trockenblumenkranz",
        "Strohblumen, Lagurus und Statice, von Hand auf einen Weidenring gebunden. Hält ein Jahr "
        "und länger, wenn er trocken hängt. Durchmesser 30 cm.",
        "trockenblumenkranz", "Kranz aus Trockenblumen in warmen Farben",
        (Size("30 cm", 3900, 7),),
    ),
    Ware(
        "monstera", "Monstera",
        "Das Fensterblatt für helle Ecken ohne pralle Sonne. Einmal die Woche gießen genügt. "
        "Höhe etwa 70 cm, im Kulturtopf.",
        "monstera", "Monstera mit großen geschlitzten Blättern im Topf",
        (Size("70 cm", 3450, 5),),
    ),
    Ware(
        "orchidee", "Orchidee",
        "Phalaenopsis mit zwei Rispen in Weiß oder Magenta. Ein Bad in der Woche, ein heller "
        "Platz, mehr braucht sie nicht.",
        "orchidee", "Weiße Orchidee mit zwei Rispen",
        (Size("Weiß", 1990, 9), Size("Magenta", 1990, 11)),
    ),
    Ware(
        "lavendel", "Lavendel im Topf",
        "Winterharter Lavendel, im Tontopf. Für Balkon und Fensterbank, und für die Bienen.",
        "lavendel", "Blühender Lavendel im Tontopf",
        (Size("14-cm-Topf", 790, 30),),
    ),
    Ware(
        "olivenbaeumchen", "Olivenbäumchen",
        "Ein kleiner Stamm mit silbriger Krone. Im Sommer nach draußen, im Winter hell und kühl. "
        "Höhe etwa 60 cm.",
        "olivenbaeumchen", "Kleiner Olivenbaum im Topf",
        (Size("60 cm", 2990, 6),),
    ),
    Ware(
        "kraeuterkiste", "Kräuterkiste",
        "Basilikum, Rosmarin, Thymian und Minze in einer Holzkiste. Für die Küche, zum Ernten und "
        "Nachwachsenlassen.",
        "kraeuterkiste", "Holzkiste mit Basilikum, Rosmarin, Thymian und Minze",
        (Size("4 Kräuter", 1890, 10),),
    ),
    Ware(
        "adventskranz", "Adventskranz",
        "Nordmanntanne mit vier Kerzen aus Bienenwachs, Zimt und getrockneten Orangen. "
        "Durchmesser 35 cm.",
        "adventskranz", "Adventskranz mit vier Kerzen und getrockneten Orangen",
        (Size("Natur", 4500, 8), Size("Rot", 4500, 6)),
    ),
    Ware(
        "vase", "Vase „Anna“",
        "Mundgeblasenes Glas in Salbeigrün, 22 cm hoch. Passt zu Sträußen bis mittlerer Größe.",
        "vase", "Salbeigrüne Glasvase",
        (Size("22 cm", 2750, 12),), FULL,
    ),
    Ware(
        "giesskanne", "Gießkanne",
        "Verzinktes Blech mit langem Hals, 1,5 Liter. Kommt überall hin und tropft nicht.",
        "giesskanne", "Kleine Gießkanne aus verzinktem Blech",
        (Size("1,5 l", 2190, 0),), FULL,
    ),
    Ware(
        "grusskarte", "Grußkarte",
        "Von Hand gedruckt auf Büttenpapier, mit Umschlag. Ihren Text schreiben wir mit der Feder.",
        "grusskarte", "Grußkarte mit gedruckter Blüte und Umschlag",
        (Size("Einzeln", 390, 60),), FULL,
    ),
    Ware(
        "gutschein", "Gutschein",
        "Für alle, die lieber selbst aussuchen. Wir schicken eine gedruckte Karte, gültig drei "
        "Jahre, einlösbar im Laden.",
        "gutschein", "Gutschein mit Schleife",
        (Size("25 €", 2500, 40), Size("50 €", 5000, 40)), NONE,
    ),
)  # fmt: skip

IMPRINT = """Blumen am Markt
Marktplatz 3
99999 Musterstadt

Telefon: 0999 123456
E-Mail: laden@blumen-am-markt.example

Umsatzsteuer-Identifikationsnummer: DE999999999

Wir nehmen nicht an Streitbeilegungsverfahren vor einer Verbraucherschlichtungsstelle teil.
"""

CUT_FLOWERS = frozenset(
    {"fruehlingsgruss", "rosen-im-dutzend", "sonnenblumen", "wiesenstrauss", "pfingstrosen"}
)
"""By slug: they wither, so there is no right of withdrawal for them."""
