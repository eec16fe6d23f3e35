"""One turn of a talk: who speaks, in which language, and what the bot may use to answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.payloads import Verb, write
from core.money import Money
from core.pictures import picture_url
from core.shops import Shop
from core.signing import Signer
from core.translations import Translate
from inbox.models import Conversation
from inbox.replies import Button, QuickReply
from storefront.baskets import basket_of
from storefront.models import Basket, Customer
from storefront.visits import shop_link


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a scene needs. `_` translates into the customer's language."""

    session: AsyncSession
    shop: Shop
    customer: Customer
    conversation: Conversation
    locale: str
    translate: Translate
    origin: str
    signer: Signer
    now: datetime
    _found: list[Basket] = field(default_factory=list, init=False, repr=False, compare=False)

    def say(self, sentence: str, **details: Any) -> str:
        text = self.translate(sentence)
        return text % details if details else text

    def price(self, amount: Money) -> str:
        return amount.text(self.locale)

    async def basket(self) -> Basket:
        """Looked for once a turn: every link into the shop carries it."""
        if not self._found:
            shop_id, customer_id = self.shop.key, self.customer.key
            self._found.append(await basket_of(self.session, shop_id, customer_id, now=self.now))
        return self._found[0]

    async def link(self, path: str = "") -> str:
        """Into the shop, with the customer's own basket."""
        return shop_link(
            self.origin, self.signer, self.shop, basket=await self.basket(),
            door="instagram" if self.conversation.channel == "instagram" else "messenger",
            locale=self.locale, path=path,
        )  # fmt: skip

    def picture(self, digest: str | None) -> str | None:
        return f"{self.origin}{picture_url(digest)}".replace(".webp", ".jpg") if digest else None

    def button(self, sentence: str, verb: Verb, number: int = 0, word: str = "") -> Button:
        return Button("postback", self.say(sentence), write(verb, number, word))

    def hint(self, sentence: str, verb: Verb, number: int = 0) -> QuickReply:
        return QuickReply(self.say(sentence), write(verb, number))

    async def way(self, sentence: str, path: str = "") -> Button:
        return Button("url", self.say(sentence), await self.link(path))
