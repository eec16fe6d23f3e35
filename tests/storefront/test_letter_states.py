"""What became of a letter: seen at the order, put right there, and sent once more."""

from typing import Any

import pytest
from sqlmodel import col, select

from core.events import record
from core.mail import Mail
from core.mail_events import MailFailed
from storefront.forms import CorrectionForm
from storefront.letters.again import send_again
from storefront.letters.finding import LetterUnknown
from storefront.letters.states import letter_status
from storefront.models import Order
from storefront.orders.correcting import correct, fingerprint
from tests.storefront.bills import an_order, fresh
from tests.storefront.goods import ADDRESS
from tests.storefront.stall import Stall


async def written(stall: Stall) -> tuple[Order, Mail]:
    order = await an_order(stall)
    await stall.till.work()
    return order, (await stall.mails())[-1]


async def became(stall: Stall, mail: Mail, **what: Any) -> None:
    """As the post notes it."""
    async with stall.db.transaction() as session:
        found = await session.get_one(Mail, mail.key)
        found.sqlmodel_update(what)
        session.add(found)
        if "refused_at" in what or "bounced_at" in what:
            record(session, MailFailed(mail.shop_id, mail.key, mail.about, what["failure"]))


@pytest.mark.parametrize(
    ("what", "word", "meaning"),
    [
        ({}, "waiting", ""),
        ({"sent_at": True}, "sent", ""),
        ({"tries": 2, "failure": "452 4.2.2 full", "next_at": True}, "retried",
         "The mailbox is full."),
        ({"tries": 1, "failure": "550 5.1.1 nobody", "refused_at": True}, "refused",
         "This address does not exist."),
        ({"sent_at": True, "failure": "5.7.1 spam", "bounced_at": True}, "bounced",
         "The other mail server does not let our e-mail in."),
    ],
)  # fmt: skip
async def test_every_state_has_its_word(
    what: dict[str, Any], word: str, meaning: str, stall: Stall
) -> None:
    _, mail = await written(stall)
    moments = {name: stall.clock() if value is True else value for name, value in what.items()}
    mail.sqlmodel_update(moments)
    status = letter_status(mail)
    assert (status.name, status.meaning) == (word, meaning)


async def test_an_order_whose_letter_came_back_asks_for_a_look(each_stall: Stall) -> None:
    stall = each_stall
    order, mail = await written(stall)
    await became(stall, mail, sent_at=stall.clock(), bounced_at=stall.clock(),
                 failure="550 5.1.1 No such mailbox here")  # fmt: skip
    assert (await fresh(stall, order)).concerns == ["mail_bounced"]


async def test_a_letter_to_the_team_touches_no_order(stall: Stall) -> None:
    order, mail = await written(stall)
    await became(stall, mail, about="sign-in")
    mail.about = "sign-in"
    await became(stall, mail, refused_at=stall.clock(), failure="550 5.1.1 nobody")
    assert (await fresh(stall, order)).concerns == []
    async with stall.db.transaction() as session:
        with pytest.raises(LetterUnknown):
            await send_again(session, stall.shop.key, mail.key, by="Anna", now=stall.clock())


async def test_the_address_is_mended_and_the_letter_goes_there(stall: Stall) -> None:
    """The whole way of a person at the counter."""
    order, mail = await written(stall)
    await became(stall, mail, sent_at=stall.clock(), bounced_at=stall.clock(),
                 failure="550 5.1.1 No such mailbox here")  # fmt: skip
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/orders/{order.key}")
    assert "An e-mail to the customer did not arrive." in page
    assert "This address does not exist." in page
    assert "550 5.1.1 No such mailbox here" in page
    form = CorrectionForm.read(
        {**ADDRESS, "email": "anna.blum@example.org", "delivery": "delivery",
         "seen": fingerprint(order)}
    )  # fmt: skip
    async with stall.db.transaction() as session:
        await correct(session, stall.shop, order.key, form, by="Anna Beet", now=stall.clock())
    back = await stall.fan.send(f"/counter/letters/{mail.key}/again")
    assert back == f"/counter/orders/{order.key}"
    assert "Sent once more, to anna.blum@example.org." in await stall.fan.look(back)
    async with stall.db.reading() as session:
        again = (
            await session.exec(select(Mail).where(col(Mail.about) == f"{mail.about}:again:1"))
        ).one()
    assert (again.recipient, again.subject, again.text, again.sent_at) == (
        "anna.blum@example.org", mail.subject, mail.text, None,
    )  # fmt: skip
    assert again.message_id != mail.message_id


async def test_letters_are_listed_and_read(stall: Stall) -> None:
    _, mail = await written(stall)
    await stall.sign_in("agent")
    page = await stall.fan.look("/counter/letters")
    assert mail.subject in page
    assert "Waits to be sent" in page
    assert "Every letter went out" in await stall.fan.look("/counter/letters?show=failed")
    await became(stall, mail, tries=1, failure="451 later", next_at=stall.clock())
    assert "Is tried again" in await stall.fan.look("/counter/letters?show=failed")
    read = await stall.fan.look(f"/counter/letters/{mail.key}")
    assert "Guten Tag, Anna Blum" in read
    await stall.fan.look("/counter/letters/999999", 404)
    assert "No letters yet" in await stall.fan.look("/counter/letters?before=1")
