"""Whatever people do with requests, nothing vanishes, no step is jumped, the ledger tells all."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.transports.base import Batch
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_requests import ready
from tests.unit.delivery.world import World, opened
from workflows.incidents.replay import Entry, replay
from workflows.requests import keeping
from workflows.requests.rules import Place
from workflows.requests.whole import Whole, held

PEOPLE = st.sampled_from(("han", "li", "han", "anna", "han", "wang", "zhou"))
NUMBERS = st.sampled_from((1, 2, 1, 3, 1))
AMOUNTS = st.sampled_from((" 1", "", " 1", " 2", "", " 0", " 1.5", " 7"))
PARTS = st.sampled_from((" part=1", "", " part=2"))
DONE = (
    "approve R1", "approve R1", "commit R1 4 line=1 depot=D1", "commit R1 2 line=2 from=外援",
    "arrive R1 3 part=1", "accept R1 2 part=1 damaged=1", "assign R1 1 part=1",
)  # fmt: skip
"""What has happened before, so that every step can be the next."""
BAD = st.sampled_from(("", " damaged=1", " missing=1", " damaged=1 missing=1"))
KINDS = st.sampled_from(("抢修车", "水泵", "repair truck"))

STEPS = {
    None: {"need", "approved", "checked", "ordered", "sourcing"},
    "need": {"approved", "rejected", "cancelled", "joined"},
    "approved": {"sourcing", "checked", "rejected", "cancelled", "joined", "need"},
    "checked": {"ordered", "rejected", "cancelled", "joined", "need", "approved"},
    "ordered": {"sourcing", "rejected", "cancelled", "joined", "need", "approved", "checked"},
    "sourcing": {
        "ordered", "committed", "delivered", "done", "cancelled", "joined",
        "need", "approved", "checked",
    },
    "committed": {"sourcing", "delivered", "done", "cancelled"},
    "delivered": {"sourcing", "committed", "done"},
    "done": {"sourcing"},
    "rejected": set(),
    "cancelled": set(),
    "joined": set(),
}  # fmt: skip
"""From a state to those that may follow it: back only by a join with what was approved less."""


SORTS = {
    "promised": (Place.PROMISED,),
    "transit": (Place.TRANSIT,),
    "scene": (Place.ARRIVED, Place.ACCEPTED, Place.ASSIGNED, Place.DAMAGED),
    "used": (Place.CONSUMED,),
    "lost": (Place.MISSING, Place.LOST),
}
"""Sorts of places of stock, and where parts are that lie there."""


class Anyhow(RuleBasedStateMachine):
    """Five people, of whom one is a stranger, send any commands about up to four requests."""

    template: Path
    """The database that each sequence begins with."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory(ignore_cleanup_errors=True)
        self.opened: AbstractAsyncContextManager[World] | None = None

    @initialize()
    def begin(self) -> None:
        """The incident in a database of its own."""
        file = Path(self.folder.name) / "lianzhi.db"
        shutil.copy(self.template, file)
        self.opened = opened(f"sqlite+aiosqlite:///{file}")
        self.desk = Desk(self.runner.run(self.opened.__aenter__()))
        self.desk.numbers = itertools.count(1_000_000)

    def say(self, by: str, text: str) -> None:
        """Somebody types a command; nothing is delivered."""
        said = self.desk.said(B, text, by=by)
        batch = Batch((said,), cursor=said.key)
        self.runner.run(self.desk.dispatcher.take("loopback", batch))

    @rule(by=PEOPLE, amount=st.integers(1, 5), kind=KINDS)
    def ask(self, by: str, amount: int, kind: str) -> None:
        """Something is needed."""
        self.say(by, f"/request {amount} {kind}")

    @rule(by=PEOPLE, number=NUMBERS, verb=st.sampled_from((
        "approve R{}", "approve R{}", "check R{} have", "check R{} none", "order R{} cost=100",
        "order R{} cost=9000", "order R{}", "reject R{} enough", "cancel R{}", "cost R{} 7000",
    )))  # fmt: skip
    def decide(self, by: str, number: int, verb: str) -> None:
        """A step of the approvals, by anybody."""
        self.say(by, f"/request {verb.format(f'{number}')}")

    @rule(
        by=PEOPLE, number=NUMBERS, amount=AMOUNTS, line=st.sampled_from(("", " line=1", " line=2"))
    )
    def promise(self, by: str, number: int, amount: str, line: str) -> None:
        """An agency commits."""
        self.say(by, f"/request commit R{number}{amount}{line}")

    @rule(by=PEOPLE, number=NUMBERS, amount=AMOUNTS)
    def promise_stock(self, by: str, number: int, amount: str) -> None:
        """A depot promises."""
        self.say(by, f"/request commit R{number}{amount} line=1 depot=D1")

    @rule(by=PEOPLE, number=NUMBERS, amount=AMOUNTS, part=PARTS,
          verb=st.sampled_from(("ship", "arrive", "withdraw")))  # fmt: skip
    def bring(self, by: str, number: int, amount: str, part: str, verb: str) -> None:
        """What was promised comes, or does not."""
        self.say(by, f"/request {verb} R{number}{amount}{part}")

    @rule(by=PEOPLE, number=NUMBERS, amount=AMOUNTS, part=PARTS,
          verb=st.sampled_from(("consume", "assign", "return", "free")))  # fmt: skip
    def use(self, by: str, number: int, amount: str, part: str, verb: str) -> None:
        """What was accepted is used."""
        self.say(by, f"/request {verb} R{number}{amount}{part}")

    @rule(by=PEOPLE, number=NUMBERS, amount=AMOUNTS, rest=BAD)
    def receive(self, by: str, number: int, amount: str, rest: str) -> None:
        """What arrived is accepted, or not."""
        self.say(by, f"/request accept R{number}{amount}{rest}")

    @rule(by=PEOPLE, number=NUMBERS, amount=AMOUNTS)
    def lose(self, by: str, number: int, amount: str) -> None:
        """Something is lost on scene."""
        self.say(by, f"/request lost R{number}{amount} reason=river")

    @rule(by=PEOPLE, number=NUMBERS, other=NUMBERS, amount=AMOUNTS, verb=st.sampled_from((
        "split R{0}{2}", "split R{0} line=2", "join R{0} into=R{1}", "apart R{0} from R{1}",
        "substitute R{0} 2 拖车 line=1", "add R{0} 4 沙袋",
    )))  # fmt: skip
    def reshape(self, by: str, number: int, other: int, amount: str, verb: str) -> None:
        """What is asked for changes."""
        self.say(by, f"/request {verb.format(number, other, amount)}")

    async def wholes(self) -> tuple[list[Whole], list[Entry], dict[str, int]]:
        """All requests, the ledger, and how much stock is in places of each sort."""
        async with self.desk.world.store.read() as uow:
            incident = await uow.incidents.get(1)
            assert incident is not None
            requests = await uow.requests.all(1)
            found = [await keeping.load(uow, incident, each) for each in requests]
            assert await uow.ledger.first_bad() is None
            stock: dict[str, int] = {}
            for each in await uow.stock.held():
                stock[each.sort] = stock.get(each.sort, 0) + each.milli
            return found, list(await uow.ledger.entries()), stock

    @invariant()
    def nothing_vanishes_and_the_ledger_tells_all(self) -> None:
        """Parts hold what was promised, lines what was asked for; states follow one another as they
        may; the replay gives the same."""
        if self.opened is None:
            return
        wholes, entries, stock = self.runner.run(self.wholes())
        told = replay(entries)
        assert sum(stock.values()) == 0
        of_stock = [part for whole in wholes for part in whole.parts if part.stock is not None]
        for sort, spots in SORTS.items():
            there = sum(held(part, place) for part in of_stock for place in spots)
            assert there == stock.get(sort, 0), sort
        for whole in wholes:
            for part in whole.parts:
                places = [held(part, place) for place in Place]
                assert min(places) >= 0
                assert sum(places) == part.quantity > 0
            for line in whole.lines:
                assert 0 <= line.dropped <= line.quantity
                good = sum(
                    part.quantity - part.withdrawn - part.damaged - part.sent_back - part.missing
                    for part in whole.of(line)
                )
                assert good + whole.open(line) == whole.wanted(line)
            assert told[f"I1-{whole.reference}"] == whole.fields()
            legal(whole.reference, entries)

    def teardown(self) -> None:
        """The database is gone."""
        if self.opened is not None:
            self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


def legal(reference: str, entries: Iterable[Entry]) -> None:
    """Each state of a request in the ledger may follow the one before it."""
    state: str | None = None
    for entry in entries:
        changes = entry.params.get("changes")
        if entry.params.get("thing") != f"I1-{reference}" or not isinstance(changes, dict):
            continue
        following = changes.get("state", state)
        assert following == state or following in STEPS[state], (reference, state, following)
        state = following


async def prepared(file: Path) -> None:
    """A database in which an incident goes on, Finance has a limit and two requests were made."""
    async with opened(f"sqlite+aiosqlite:///{file}") as world:
        desk = Desk(world)
        await ready(desk)
        await desk.say(B, "/request limit approval=5000", by="han")
        await desk.say(A, "/库存 仓库新建 北岸库 单位=消防", by="li")
        await desk.say(A, "/库存 入库 6辆 抢修车 库=D1", by="li")
        await desk.say(B, "/request 6 抢修车\n3 水泵", by="li")
        await desk.say(B, "/request 4 抢修车 to 北门", by="wang")
        for line in DONE:
            await desk.say(B, f"/request {line}", by="han")


@pytest.mark.timeout(300)
def test_any_commands_of_anybody_keep_quantities_steps_and_the_record(
    made_sqlite: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made.db"
    shutil.copy(made_sqlite, made)
    asyncio.run(prepared(made))

    class Here(Anyhow):
        template = made

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
