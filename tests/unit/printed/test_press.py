"""Papers: the same bytes for the same data, and nothing that people typed is markup."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.speech import Speech
from handlers.cards.organisation import picture
from handlers.document import Paper
from handlers.printed.press import NotPrinted, Press
from storage.tables import Incident, Person, Position
from tests.unit.delivery.world import SHANGHAI
from workflows.organisation.chart import TOP, Holder, Opened, Seat, tree
from workflows.organisation.positions import ROLES
from workflows.organisation.scene import Scene

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
HOSTILE = '#panic("x") $ * _ ` \\ ] ) <a> @b // /* "'


@pytest.fixture(scope="module")
def press() -> Press:
    """One press with its fonts."""
    return Press()


@pytest.fixture(scope="module")
def speech() -> Speech:
    """Both languages."""
    return Speech(Catalogues.load(), SHANGHAI)


def organisation(n: int, name: str) -> Paper:
    """The picture of an organisation of that many positions, each held by somebody so called."""
    seats = [Seat(code, "A" if role.many else "") for code, role in ROLES.items()][1:]
    seats += [Seat("division", str(at)) for at in range(n)]
    held = [Holder(TOP, name, "消防"), *(Holder(seat, name, "公安") for seat in seats[: n - 1])]
    root = tree([Opened(at, seat) for at, seat in enumerate(seats[: n - 1])], held)
    positions = tuple(
        (Position(incident_id=1, role=each.seat.role, person_id=1, since=NOW), Person(name=name))
        for each in held
    )
    incident = Incident(id=1, year=2026, serial=1, title=name, zone="Asia/Shanghai")
    return picture(Scene(positions, (), root), incident, NOW)


def drawn(press: Press, made: Paper, speech: Speech, language: str = "zh") -> bytes:
    """The picture's bytes."""
    return press.make(made.template, "png", in_language(made, language, speech))


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_sixty_positions_fit_a_phone_held_upright(
    press: Press, speech: Speech, language: str
) -> None:
    width, height = size(drawn(press, organisation(60, "买买提·阿不都热合曼"), speech, language))
    assert width == 1080
    assert height < 4.2 * width
    assert width + height < 10_000  # https://core.telegram.org/bots/api#sendphoto


def test_two_hundred_positions_are_still_taken_by_telegram(press: Press, speech: Speech) -> None:
    width, height = size(drawn(press, organisation(200, "古丽巴哈尔·买买提艾力"), speech, "both"))
    assert width + height < 10_000


def test_the_same_data_give_the_same_bytes(press: Press, speech: Speech) -> None:
    made = organisation(20, "李雷")
    assert drawn(press, made, speech) == drawn(Press(), made, speech)


def test_what_people_typed_is_never_markup(press: Press, speech: Speech) -> None:
    assert drawn(press, organisation(5, HOSTILE), speech).startswith(b"\x89PNG")
    assert drawn(press, organisation(5, HOSTILE), speech) != drawn(
        press, organisation(5, "Li"), speech
    )


def test_names_that_are_very_long_or_rare_are_drawn(press: Press, speech: Speech) -> None:
    assert drawn(press, organisation(8, "𠮷" * 60 + "龘" * 40), speech)


def test_data_that_cannot_be_drawn_are_told_as_such(press: Press) -> None:
    with pytest.raises(NotPrinted):
        press.make("org.typ", "png", {"lang": "zh"})


def test_a_picture_is_read_as_it_was_stored() -> None:
    made = organisation(5, "李雷")
    assert Paper.from_json(made.to_json()) == made
