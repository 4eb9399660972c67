"""Who on scene has been silent for too long, and when to look again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.tables import CheckIn
from workflows import alerts
from workflows.errors import Refusal
from workflows.incidents import log
from workflows.incidents.roster import Present, next_look, silent

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=30)


def present(number: int, heard: float, eta: float | None = None) -> Present:
    """Somebody who was heard of so many minutes ago, expected in so many."""
    row = CheckIn(
        id=number,
        incident_id=1,
        in_at=NOW,
        heard_at=NOW,
        eta=None if eta is None else NOW + timedelta(minutes=eta),
        details={},
    )
    return Present(row, f"p{number}", NOW - timedelta(minutes=heard))


def test_silence_counts_from_the_last_word_or_the_announced_arrival() -> None:
    everybody = [present(1, 30), present(2, 29), present(3, 90, eta=-10), present(4, 90, eta=-30)]
    assert [each.row.id for each in silent(everybody, LIMIT, NOW)] == [1, 4]


def test_the_next_look_is_when_somebody_not_told_of_can_be_silent_for_too_long() -> None:
    everybody = [present(1, 40), present(2, 10)]
    assert next_look(everybody, frozenset({1}), LIMIT, NOW) == NOW + timedelta(minutes=20)
    assert next_look(everybody, frozenset(), LIMIT, NOW) == NOW + timedelta(minutes=1)
    assert next_look([], frozenset(), LIMIT, NOW) == NOW + LIMIT


@pytest.mark.parametrize("typed", ["", "  \n ", "\u200b"])
def test_an_entry_without_words_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        log.words(typed)
    assert refused.value.code == "log-words"


def test_an_entry_keeps_its_lines_and_loses_what_nobody_sees() -> None:
    assert log.words("  valve\u202e 3 \n\n  is   shut ") == "valve 3\nis shut"


@pytest.mark.parametrize("typed", ["🔥", "!!!", "x" * 1001])
def test_an_alert_without_words_or_with_too_many_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        alerts.words(typed)
    assert refused.value.code == "alert-words"
