"""Which orders cannot both stand, read from their words in either language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from workflows.errors import Refusal
from workflows.orders import rules, words
from workflows.orders.conflicts import (
    STOPPING,
    Giver,
    Kind,
    Recipient,
    Target,
    Task,
    between,
    overlap,
    within_authority,
)
from workflows.orders.rules import TRANSITIONS, Event, State
from workflows.orders.words import NOT, OPPOSITES, VERBS

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRE, POLICE = 1, 2


def task(
    text: str,
    place: str | None = None,
    *,
    giver: int = FIRE,
    to: str = "agency:Fire",
    people: tuple[int, ...] = (),
    team: str | None = None,
    resource: str | None = None,
    starts: datetime = NOW,
    due: datetime | None = None,
) -> Task:
    """An order as it is compared, read as a service reads it."""
    return Task(
        text=text,
        giver=giver,
        assignee=to,
        starts=starts,
        due=due,
        people=frozenset(people),
        team=team,
        resource=resource,
        place=place or words.place_in(text),
        action=words.action(text),
    )


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Close valve 3", "close"),
        ("Shut off the gas", "close"),
        ("关闭3号阀", "close"),
        ("立即关阀", "close"),
        ("打开三号阀门", "open"),
        ("Do not open valve 3", "not open"),
        ("don’t open valve 3", "not open"),
        ("不要打开3号阀", "not open"),
        ("严禁打开闸门", "not open"),
        ("Evacuate the village", "evacuate"),
        ("疏散北村居民", "evacuate"),
        ("Stop the evacuation", "not evacuate"),
        ("停止疏散", "not evacuate"),
        ("Start evacuating the school", "evacuate"),
        ("开始疏散", "evacuate"),
        ("居民原地待命", "hold"),
        ("Hold the line at the north gate", "hold"),
        ("Start the pumps", "start"),
        ("停泵", "stop"),
        ("Stop pumping", "stop"),
        ("进入厂房搜救", "enter"),
        ("不得进入厂房", "not enter"),
        ("Stay out of the building", "keep out"),
        ("切断电源", "power off"),
        ("恢复供电", "power on"),
        ("Go to the north gate", "go"),
        ("Go to valve 3 and close it", "close"),
        ("前往3号阀室，关闭阀门", "close"),
        ("检查呼吸器", None),
        ("Check the radios", None),
        ("", None),
    ],
)
def test_what_an_order_tells_to_do_is_read_in_either_language(
    text: str, action: str | None
) -> None:
    assert words.action(text) == action


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Go to the north gate and wait", "the north gate"),
        ("Proceed to valve station 3.", "valve station 3"),
        ("前往3号阀室，关闭阀门", "3号阀室"),
        ("赶赴北门集结", "北门"),
        ("Report to staging by 14:00", "staging"),
        ("Close valve 3", None),
        ("不要前往北门", None),
        ("Go to", None),
    ],
)
def test_where_an_order_sends_somebody_is_read_in_either_language(
    text: str, place: str | None
) -> None:
    assert words.place_in(text) == place


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("3号阀室", "valve station 3", True),
        ("3号阀室", "三号阀室", True),
        ("3号阀室", "4号阀室", False),
        ("North gate", "北门", True),
        ("North gate", "South gate", False),
        ("North shore", "north gate", False),
        ("滨江路", "滨江路 12号", True),
        ("City hall", "city  HALL", True),
        ("School", "Hospital", False),
        ("🔥", "🔥", True),
    ],
)
def test_places_are_told_apart_by_number_direction_and_name(
    one: str, other: str, same: bool
) -> None:
    assert words.same_place(one, other) is same
    assert words.same_place(other, one) is same


TABLE: tuple[tuple[Task, Task, Kind | None], ...] = (
    (task("Open valve 3"), task("关闭3号阀", giver=POLICE), Kind.CONTRADICTION),
    (task("Open valve 3"), task("Close valve 4", giver=POLICE), None),
    (task("Open valve 3"), task("Do not open valve 3", giver=POLICE), Kind.CONTRADICTION),
    (task("Close valve 3"), task("不要打开3号阀", giver=POLICE), None),
    (task("疏散北村居民"), task("北村居民原地待命", giver=POLICE), Kind.CONTRADICTION),
    (task("Evacuate the north village"), task("北村居民原地待命"), Kind.CONTRADICTION),
    (task("疏散北村居民"), task("南村居民原地待命", giver=POLICE), None),
    (task("进入厂房搜救"), task("所有人员撤离厂房", giver=POLICE), Kind.CONTRADICTION),
    (task("Enter building 4"), task("Keep out of building 4"), Kind.CONTRADICTION),
    (task("Enter building 4"), task("Keep out of building 5"), None),
    (task("停电"), task("立即送电", giver=POLICE), Kind.CONTRADICTION),
    (task("Hold", "building 4"), task("Evacuate building 4", giver=POLICE), Kind.CONTRADICTION),
    (task("Hold position", people=(7,)), task("Pull out", people=(7,)), Kind.CONTRADICTION),
    (task("Hold position", people=(7,)), task("Pull out", people=(8,)), None),
    (task("Open road 5", due=NOW + HOUR), task("Close road 5", starts=NOW + HOUR), None),
    (task("Search", "North gate", people=(7,)), task("Cool", "南门", people=(7, 8)), Kind.PLACES),
    (task("Search", "North gate", people=(7,)), task("Cool", "北门", people=(7,)), None),
    (task("Search", "North gate", people=(7,)), task("Cool", "南门", people=(8,)), None),
    (task("Go to north gate", people=(7,)), task("前往南门", people=(7,)), Kind.PLACES),
    (task("Search", "A", team="一队"), task("Cool", "B", team="一队"), Kind.PLACES),
    (task("Search", "A", resource="Engine 2"), task("Cool", "B", resource="engine 2"), Kind.PLACES),
    (task("Search", "A", resource="Engine 2"), task("Cool", "B", resource="Engine 3"), None),
    (task("Search", "A", people=(7,)), task("Cool", people=(7,)), None),
    (
        task("Search", "A", people=(7,), due=NOW + HOUR),
        task("Cool", "B", people=(7,), starts=NOW + 2 * HOUR),
        None,
    ),
    (task("Block the ring road"), task("封锁 ring 路", giver=POLICE), Kind.TWICE),
    (task("封锁滨江路"), task("封锁滨江路", giver=POLICE, to="agency:Police"), Kind.TWICE),
    (task("封锁滨江路"), task("封锁滨江路"), Kind.TWICE),
    (task("Evacuate"), task("撤离", giver=POLICE), Kind.TWICE),
    (task("Evacuate"), task("撤离", giver=POLICE, to="agency:Police"), None),
    (task("封锁滨江路"), task("封锁滨江路", to="agency:Police"), None),
    (task("检查呼吸器"), task("检查呼吸器", to="person:8"), None),
    (task("Search", "floor 2"), task("Search", "floor 3", giver=POLICE), None),
    (task("Check tank 2"), task("Check tank 3", giver=POLICE), None),
)  # fmt: skip


@pytest.mark.parametrize(("one", "other", "kind"), TABLE)
def test_what_cannot_both_stand_is_found_whichever_came_first(
    one: Task, other: Task, kind: Kind | None
) -> None:
    assert between(one, other) is kind
    assert between(other, one) is kind


texts = st.one_of(
    st.sampled_from([each.text for pair in TABLE for each in pair[:2]]),
    st.text(max_size=60),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["", "do not", "停止", "stop the", "不要"]),
        st.sampled_from([word for each in VERBS.values() for word in each]),
        st.sampled_from(["valve 3", "3号阀", "北村", "", "building B"]),
    ),
)
names = st.one_of(st.none(), st.sampled_from(["A", "北门", "North gate", "valve 3", "🔥"]))
moments = st.integers(0, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
tasks = st.builds(
    task,
    texts,
    names,
    giver=st.integers(1, 2),
    to=st.sampled_from(["person:1", "agency:Fire", "team:A"]),
    people=st.lists(st.integers(1, 4), max_size=3).map(tuple),
    team=names,
    resource=names,
    starts=moments,
    due=st.one_of(st.none(), moments),
)


@given(tasks, tasks)
def test_a_conflict_is_the_same_from_both_sides_and_needs_a_common_moment(
    one: Task, other: Task
) -> None:
    kind = between(one, other)
    assert between(other, one) is kind
    assert overlap(one, other) == overlap(other, one)
    assert kind is None or overlap(one, other)


@given(tasks, tasks)
def test_what_is_over_before_the_other_begins_is_in_nobodys_way(one: Task, other: Task) -> None:
    early = replace(one, starts=NOW, due=NOW + HOUR)
    assert between(early, replace(other, starts=NOW + HOUR, due=None)) is None


@given(tasks, tasks)
def test_who_is_nowhere_or_in_one_place_is_not_in_two(one: Task, other: Task) -> None:
    assert between(one, replace(other, place=None)) is not Kind.PLACES
    assert between(one, replace(other, place=one.place)) is not Kind.PLACES


@given(st.sampled_from(sorted(map(sorted, OPPOSITES))), st.data())
def test_every_word_for_an_action_meets_every_word_for_its_opposite(
    pair: list[str], data: st.DataObject
) -> None:
    first, second = (data.draw(st.sampled_from(VERBS[action])) for action in pair)
    one, other = task(f"{first} tank 9"), task(f"{second} tank 9", giver=POLICE)
    assert between(one, other) is Kind.CONTRADICTION


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    action = words.action(text)
    assert action is None or action.removeprefix(NOT) in VERBS
    words.place_in(text)
    assert words.things(text) <= words.tokens(text) | words.things(text)


def test_the_vocabulary_has_each_word_once_and_both_languages() -> None:
    for table in (VERBS, words.NOUNS):
        every = [word for each in table.values() for word in each]
        assert len(every) == len(set(every))
        for action, known in table.items():
            assert any(word.isascii() for word in known), action
            assert any(not word.isascii() for word in known), action
    for pair in OPPOSITES:
        assert pair <= VERBS.keys()


SECTION = frozenset({"operations/", "branch/I"})
ROLE = Recipient(Target.ROLE, frozenset({"branch/I"}), frozenset({"Fire"}))
PERSON = Recipient(Target.PERSON, frozenset(), frozenset({"Fire"}))
TEAM = Recipient(Target.TEAM, frozenset(), frozenset({"Fire"}))
AGENCY = Recipient(Target.AGENCY, agencies=frozenset({"Fire"}))
BOTH = frozenset({"Fire", "Police"})
EVERYBODY = (ROLE, PERSON, TEAM, AGENCY)


@pytest.mark.parametrize(
    ("giver", "leads"),
    [
        (Giver(), [False, False, False, False]),
        (Giver(admin=True), [True, True, True, True]),
        (Giver(commands=True), [True, True, True, True]),
        (
            Giver(
                commands=True, command=frozenset({"Fire"}), unified=frozenset({"Fire", "Police"})
            ),
            [True, True, True, True],
        ),
        (
            Giver(commands=True, command=frozenset({"Police"}), unified=BOTH),
            [True, False, False, False],
        ),
        (Giver(leads=frozenset({"branch/I"})), [True, False, False, False]),
        (Giver(leads=frozenset({"supply/"})), [False, False, False, False]),
        (
            Giver(leads=SECTION, directs_teams=True, agencies=frozenset({"Fire"})),
            [True, True, True, False],
        ),
        (
            Giver(leads=SECTION, directs_teams=True, agencies=frozenset({"Police"})),
            [True, False, True, False],
        ),
        (Giver(speaks_for=frozenset({"Fire"})), [True, True, True, True]),
        (Giver(speaks_for=frozenset({"Police"})), [False, False, False, False]),
    ],
)
def test_who_leads_whom(giver: Giver, leads: list[bool]) -> None:
    assert [within_authority(giver, each, "Close valve 3") for each in EVERYBODY] == leads


def test_a_safety_officer_stops_anybody_and_orders_nothing_else() -> None:
    officer = Giver(safety=True)
    for text in ("停止内攻", "Evacuate building 4", "Keep out of the building", "Do not enter"):
        assert all(within_authority(officer, each, text) for each in EVERYBODY), text
    assert not any(within_authority(officer, each, "Close valve 3") for each in EVERYBODY)
    assert {each.removeprefix(NOT) for each in STOPPING} <= VERBS.keys()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_what_the_table_does_not_name_is_refused(state: State, event: Event) -> None:
    following = TRANSITIONS[state].get(event)
    if following is not None:
        assert rules.after(state, event, "T4") is following
        return
    with pytest.raises(Refusal) as refused:
        rules.after(state, event, "T4")
    assert refused.value.code == "order-state"


@given(st.integers(1, 10_000))
def test_an_answer_is_awaited_two_to_ten_minutes_sooner_where_time_is_short(minutes: int) -> None:
    due = NOW + timedelta(minutes=minutes)
    wait = rules.answer_by(NOW, due) - NOW
    assert rules.SOONEST <= wait <= rules.ANSWER
    assert wait <= max(rules.SOONEST, (due - NOW) / 2)
    assert rules.answer_by(NOW, None) - NOW == rules.ANSWER


def test_an_order_does_not_end_before_it_begins() -> None:
    rules.times(NOW, None)
    rules.times(NOW, NOW + HOUR)
    for due in (NOW, NOW - HOUR):
        with pytest.raises(Refusal) as refused:
            rules.times(NOW, due)
        assert refused.value.code == "order-times"
