"""What the clock says of a unit's tasks is what they are once the incident is held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.showing import Showing
from handlers.families.resource_watch import begins, ends
from handlers.ringing import Ring, Wake
from storage.queries.base import table
from storage.tables import ResourceBooking, Timer
from tests.integration.dispatch.desk import A, Desk
from tests.integration.dispatch.test_resources import flood
from tests.unit.delivery.world import SHANGHAI
from workflows.resources import booking

__all__ = ("flood",)


@pytest.mark.parametrize(("ring", "kind"), [(begins, booking.BEGINS), (ends, booking.ENDS)])
async def test_a_task_that_is_freed_while_its_timer_waits_is_not_announced(
    flood: Desk, ring: Ring, kind: str
) -> None:
    await flood.say(A, "/资源 新建 排水车1号 种类=排水车")
    await flood.say(A, "/资源 分派 U1 排水 开始=+1小时 截止=+2小时")
    now = flood.world.moment + timedelta(hours=3)
    before = await flood.ledger()
    async with flood.world.store.write() as uow:
        row = await uow.resources.booking(1)
        assert row is not None
        assert row.state == "booked"
        # Past the rows that this transaction holds already, as another transaction changes it.
        await uow.resources.run(update(table(ResourceBooking)).values(state="done"))
        timer = Timer(kind=kind, subject=str(row.id), due_at=now, data={})
        await ring(Wake(uow, now, SHANGHAI, Showing(flood.world.post), timer))
    assert await flood.ledger() == before
    async with flood.world.store.read() as uow:
        resource = await uow.resources.by_id(1)
        assert resource is not None
        assert resource.status == "available"
        assert not [each for each in await uow.timers.due(now + booking.AGAIN) if each.kind == kind
                    and each.due_at == now + booking.AGAIN]  # fmt: skip
