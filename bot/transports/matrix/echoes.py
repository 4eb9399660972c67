"""How long to leave the homeserver alone while nobody but ourselves says anything.

Each message of ours ends a poll. While we post a burst, answering those polls would cost the
homeserver as much as the burst itself: about 8 ms for each room that has something new.
"""

from __future__ import annotations

SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 2.5
EVENT_SECONDS = 0.05
"""For each event of ours."""
COST = 8
"""Times what the last answer took: the homeserver gives at most a ninth of its time to polls."""
PILE = 50
"""Events of one room that may come together; an answer with too many leaves some out."""


def pause(events: int, fullest: int, cost: float | None, elapsed: float) -> float:
    """Seconds until the next poll.

    `events` of ours came, `fullest` of them in one room, in the `elapsed` seconds since the poll
    before; the answer took `cost` seconds, None where it may have waited for something to tell.
    """
    wanted = max(EVENT_SECONDS * events, COST * (cost or 0.0), SHORTEST_SECONDS)
    pace = fullest / elapsed if elapsed > 0 else 0.0
    if pace * wanted > PILE:
        wanted = PILE / pace
    return min(max(wanted, SHORTEST_SECONDS), LONGEST_SECONDS)
