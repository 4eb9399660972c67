"""`python -m bot.catalogues extract|update|check`, in a source checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.catalogues.checking import problems
from bot.catalogues.making import extract, update


def main() -> int:
    """Run one of the steps; 1 if the check finds anything."""
    parser = argparse.ArgumentParser(prog="python -m bot.catalogues", description=__doc__)
    parser.add_argument(
        "step",
        choices=["extract", "update", "check"],
        help="extract: the sentences of the code to messages.pot; update: the .po files from it;"
        " check: say what is stale, missing or broken",
    )
    step = parser.parse_args().step
    root = Path(__file__).resolve().parents[2]
    if step == "extract":
        extract(root)
        return 0
    if step == "update":
        update(root)
        return 0
    found = problems(root)
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
