from tests.integration.dispatch.desk import A,B
from tests.unit.delivery.world import opened
from tests.integration.dispatch.desk import Desk
async def test_dbg(tmp_path, logged):
    async with opened(f"sqlite+aiosqlite:///{tmp_path/'x.db'}") as world:
        desk=Desk(world)
        await desk.bridge("b", a="en", b="zh")
        await desk.take(desk.said(A, "/trial yes"))
        import traceback; print([ (e.get("event"), e.get("error")) for e in logged]); print(desk.texts(A), desk.texts(B))
        assert 0
