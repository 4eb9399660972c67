"""Never more calls within a window than the network allows, and never a needless wait."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, strategies as st

from bot.delivery.quota import Quota, Sliding, Window

STEPS = st.lists(st.integers(0, 4000), min_size=1, max_size=80)
WINDOWS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from((0.25, 1.0, 2.5, 60.0))), min_size=1, max_size=3
)


def calls(windows: list[tuple[int, float]], steps: list[int], past: list[float]) -> list[float]:
    """When calls are made that are asked for after each of the steps, in 1/1024 s."""
    quota = Quota(Sliding(Window(*each), past) for each in windows)
    now = 0.0
    made: list[float] = []
    for step in steps:
        now += step / 1024
        while (wait := quota.wait(now)) > 0:
            now += wait
        quota.take(now)
        made.append(now)
    return made


def most(times: list[float], seconds: float) -> int:
    """The most calls within any window of that length, its end left out."""
    length = Fraction(seconds)
    return max(
        sum(1 for each in times if start <= each < Fraction(start) + length) for start in times
    )


@given(WINDOWS, STEPS)
def test_no_window_ever_holds_more_calls_than_allowed(
    windows: list[tuple[int, float]], steps: list[int]
) -> None:
    made = calls(windows, steps, [])
    for count, seconds in windows:
        assert most(made, seconds) <= count


@given(st.integers(1, 6), STEPS, st.lists(st.integers(0, 3000), max_size=20))
def test_calls_of_a_former_run_count(count: int, steps: list[int], ago: list[int]) -> None:
    past = calls([(count, 2.5)], sorted(ago), [])
    past = [each - past[-1] for each in past] if past else []
    made = calls([(count, 2.5)], steps, past)
    assert most([*past, *made], 2.5) <= count


@given(st.integers(1, 6), STEPS)
def test_nobody_waits_while_there_is_room(count: int, steps: list[int]) -> None:
    sliding = Sliding(Window(count, 2.0))
    now = 0.0
    made: list[float] = []
    for step in steps:
        now += step / 1024
        held = sum(1 for each in made if each > now - 2.0)
        assert (sliding.wait(now) <= 0) == (held < count)
        if held < count:
            sliding.take(now)
            made.append(now)


def test_a_quota_without_windows_never_waits() -> None:
    quota = Quota(())
    for _call in range(1000):
        quota.take(1.0)
        assert quota.wait(1.0) == 0.0
