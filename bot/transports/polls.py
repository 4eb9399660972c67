"""What is said of a poll: question, choices, and votes as far as they are known."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.text import Msg, _


def words(
    question: str, options: Sequence[tuple[str, int]], *, counted: bool, over: bool = False
) -> Msg:
    """A poll in a line. `options` are choices with their votes, shown where they are `counted`."""
    if not counted and not over:
        return _(
            "Poll: {question} Choices: {options}",
            question=question,
            options=" / ".join(text for text, _votes in options),
        )
    shown = " / ".join(f"{text} ({votes})" for text, votes in options)
    if over:
        return _("Poll ended: {question} Votes: {options}", question=question, options=shown)
    return _("Poll: {question} Votes: {options}", question=question, options=shown)
