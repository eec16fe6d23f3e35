"""x"""
import json
import pytest
from tests.journeys.test_webhook_shapes import busy_house, outcome, all_shapes, pytestmark
async def test_record(busy_house):
    out={}
    for shape in all_shapes():
        try: out[shape.name]=await outcome(busy_house, shape)
        except Exception as e: out[shape.name]={"stored":[repr(e)],"inbox":[],"posts":[]}
    with open(f'/tmp/mine/out-{"sqlite" if busy_house.db.is_sqlite else "pg"}.json','w') as f: json.dump(out,f,ensure_ascii=False,indent=1)
