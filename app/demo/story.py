"""What has happened before you came: posts, comments, talks. Told through the sandbox, as signed
webhooks over HTTP, so that both sides know the same."""

from datetime import datetime, timedelta

from app.demo.shop import picture
from sandbox.things import Picture
from sandbox.world import World

PEOPLE = (
    ("Lena Hoffmann", "de_DE"),
    ("Tobias Brandt", "de_DE"),
    ("Aylin Demir", "de_DE"),
    ("Emma Clarke", "en_GB"),
    ("Karl-Heinz Vogt", "de_DE"),
)


def tell(world: World, page: str, *, now: datetime) -> None:
    for name, locale in PEOPLE:
        world.meet(name, locale)
    _dress(world, page)
    _wall(world, page, now=now)
    _instagram(world, page, now=now)
    _chats(world, page, now=now)


def _dress(world: World, page: str) -> None:
    shown = world.shop(page)
    shown.settings = shown.settings.model_copy(
        update={
            "picture": world.picture_url(_paint(world, "logo", "")),
            "cover": world.picture_url(_paint(world, "cover", "")),
        }
    )


def _wall(world: World, page: str, *, now: datetime) -> None:
    lena, tobias, aylin, emma, karl = (world.meet(*person) for person in PEOPLE)
    workshop = world.post(
        page,
        "Am Samstag binden wir zusammen Kränze aus Trockenblumen. Zwölf Plätze, Kaffee und Kuchen "
        "inklusive. Wer ist dabei?",
        pictures=[_paint(world, "post-werkstatt", "Kränze aus Trockenblumen auf einem Tisch")],
        at=now - timedelta(days=3),
    )
    asked = world.comment(
        workshop, tobias, "Kann man auch Kinder mitbringen?", at=now - timedelta(days=2, hours=20)
    )
    world.comment(
        asked,
        None,
        "Sehr gern, ab acht Jahren macht es am meisten Spaß.",
        at=now - timedelta(days=2, hours=19),
    )
    world.comment(
        workshop,
        karl,
        "Schon wieder ausgebucht, bevor man es lesen kann. Schade.",
        at=now - timedelta(hours=26),
    )
    peonies = world.post(
        page,
        "Die ersten Pfingstrosen sind da! Nur ein paar Wochen im Jahr, und nur so viele, wie unser "
        "Gärtner schneidet.",
        pictures=[_paint(world, "post-pfingstrosen", "Rosa Pfingstrosen")],
        at=now - timedelta(hours=20),
    )
    for person in (lena, aylin, emma):
        world.like(peonies, person)
    world.comment(
        peonies, aylin, "Wunderschön! Liefert ihr auch nach Graz?", at=now - timedelta(hours=3)
    )
    world.post(
        page,
        "Der Strauß zum 70. meiner Mutter war ein Traum. Danke an das ganze Team!",
        by=lena,
        at=now - timedelta(hours=7),
    )  # fmt: skip


def _instagram(world: World, page: str, *, now: datetime) -> None:
    emma = world.meet("Emma Clarke", "en_GB")
    shown = world.show(
        page, _paint(world, "post-fruehling", "Frühlingsstrauß"),
        "Frühling zum Mitnehmen 🌷", at=now - timedelta(days=1),
    )  # fmt: skip
    world.comment_on_instagram(shown, emma, "Gorgeous! Do you ship to Austria?",
                               at=now - timedelta(hours=5))  # fmt: skip


def _chats(world: World, page: str, *, now: datetime) -> None:
    lena, _, _, emma, karl = (world.meet(*person) for person in PEOPLE)
    world.write(
        lena, page, "Guten Morgen! Habt ihr noch Pfingstrosen?", at=now - timedelta(hours=2)
    )
    world.write(
        emma,
        page,
        "Hi, do you have orchids?",
        channel="instagram",
        at=now - timedelta(hours=1, minutes=30),
    )
    world.write(karl, page, "Meine Vase kam mit einem Sprung an. Ich möchte mit einem Menschen "
                "sprechen.", at=now - timedelta(minutes=40))  # fmt: skip


def _paint(world: World, name: str, alt: str) -> Picture:
    return world.paint(picture(name), "image/webp", alt)
