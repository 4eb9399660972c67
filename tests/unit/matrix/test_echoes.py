"""The pause between polls while only our own messages come back."""

from __future__ import annotations

import pytest

from bot.transports.matrix.echoes import LONGEST_SECONDS, PILE, SHORTEST_SECONDS, pause


def test_one_message_of_ours_is_a_short_pause() -> None:
    assert pause(1, 1, None, 30.0) == SHORTEST_SECONDS


def test_more_of_ours_make_it_longer() -> None:
    assert pause(1, 1, None, 1.0) < pause(10, 10, None, 1.0) < pause(30, 10, None, 1.0)


def test_a_costly_answer_makes_it_longer() -> None:
    """Many rooms with a few messages each cost the homeserver more than one room with many."""
    assert pause(10, 1, 0.17, 1.0) == pytest.approx(8 * 0.17)


def test_it_is_never_so_long_that_somebody_waits_for_an_answer() -> None:
    assert pause(1000, 10, 5.0, 1.0) == LONGEST_SECONDS


def test_a_fast_room_does_not_pile_up_more_than_an_answer_holds() -> None:
    assert pause(100, 100, 0.3, 1.0) * 100 <= PILE
