"""x"""
import time
from sqlmodel import select, text
from sandbox.webhooks import SENDER
async def rows(house, table):
    async with house.db.reading() as s:
        found = await (await s.connection()).execute(text(f"select * from {table}"))
        return [dict(r._mapping) for r in found]
async def test_try(house):
    t=time.time()
    anna = house.world.meet("Anna Weber")
    house.world.write(anna, house.page, "Hallo")
    await house.sandbox[SENDER].settled()
    print([ (d.label, d.state, d.attempts) for d in house.sandbox[SENDER].deliveries])
    import core.logs as cl; cl.start_logging(level="warning",format="text"); await house.settle()
    for t in ("incoming","message","dead_job"): print(t, await rows(house, t))
