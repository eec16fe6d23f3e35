"""What somebody in a chat is called: asked once, because every question costs a call."""

from datetime import timedelta

from core.clock import Clock
from core.database import Database
from core.errors import TryLater
from inbox.conversations import call, lock_conversation, tell
from inbox.models import Conversation
from inbox.texts import storable
from meta.errors import GraphRefused, GraphUnavailable, PageNotConnected
from meta.pages import Graphs
from meta.profiles import name_of_person
from storefront.models import Customer


async def learn_name(db: Database, graphs: Graphs, clock: Clock, *, conversation_id: int) -> None:
    """Job. A name the platform does not tell stays unknown; nothing depends on it."""
    async with db.reading() as session:
        conversation = await session.get(Conversation, conversation_id)
        if conversation is None or conversation.name or not conversation.person_id:
            return
        try:
            graph = await graphs.graph_for(session, conversation.shop_id)
        except PageNotConnected:
            return
    try:
        name = await name_of_person(graph, conversation.person_id, conversation.channel)
    except GraphUnavailable as problem:
        if problem.retry_after is not None:
            raise TryLater(problem.reason, after=timedelta(seconds=problem.retry_after)) from None
        raise
    except GraphRefused:
        return
    if name:
        await _keep(db, conversation, storable(name)[:200], clock)


async def _keep(db: Database, asked: Conversation, name: str, clock: Clock) -> None:
    async with db.transaction() as session:
        conversation = await lock_conversation(session, asked.shop_id, asked.key)
        call(conversation, name)
        session.add(conversation)
        customer = await session.get(Customer, conversation.customer_id)
        if customer is not None and not customer.name:
            customer.name = name
            session.add(customer)
        tell(session, conversation, now=clock())
