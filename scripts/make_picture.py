"""Draw four training tasks with the programs that ideas found for them: `docs/solved.svg`, the picture of the README.

    python scripts/make_picture.py

The tasks are searched anew, without a model, at most `SECONDS` of wall time each; every card shows the first
demonstration, the first test input and the first attempt, which must be right, and the program behind it.
"""

import html
import json
import textwrap
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from arc_submit import config, tasks
from arc_submit.records import Candidate, Grid, Task
from arc_submit.sandbox import Sandbox
from arc_submit.solve import opened, solve

OUT = Path(__file__).parents[1] / "docs" / "solved.svg"
TASKS = ("1c786137", "7b6016b9", "a3df8b1e", "f8ff0b80")
SECONDS = 60.0
PALETTE = ("#111111", "#1e93ff", "#f93c31", "#4fcc30", "#ffdc00", "#999999", "#e53aa3", "#ff851b", "#87d8f1", "#921231")
CARD, TALL, SIDE, GAP = 428, 222, 84, 12  # pixels: a card, its height, a grid's longer side, between cards

WIDTH = 58  # characters of a line


def main() -> None:
    cards = [card(*found(task), x, y) for task, (x, y) in zip(chosen(), places(), strict=True)]
    wide, high = 2 * CARD + GAP, 2 * TALL + GAP
    style = (
        "text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1d1d1b}"
        ".dim{fill:#6a6963}.card{fill:#fff;stroke:#e2e0da}.lines{stroke:#8a8a8a;stroke-opacity:.5;stroke-width:.05}"
    )
    OUT.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" aria-label="Four training tasks and the programs found for them"><style>{style}</style>\n'
        + "\n".join(cards)
        + "\n</svg>\n",
        "utf-8",
    )
    print(json.dumps({"command": "make_picture", "out": str(OUT), "tasks": len(cards)}))


def chosen() -> Sequence[Task]:
    return tasks.select(tasks.load("arc1-training"), TASKS).tasks


def places() -> list[tuple[int, int]]:
    return [(x, y) for y in (0, TALL + GAP) for x in (0, CARD + GAP)]


def found(task: Task) -> tuple[Task, Grid, Candidate]:
    """Search one task; return its first attempt and the program behind it.

    Raises:
        SystemExit: the attempt is not right, or there is none.
    """
    settings = config.load(settings=["budget.cohort=1"], **{"search.proposers": config.SYMBOLIC})
    solutions = tasks.load_solutions("arc1-training")
    with Sandbox(settings.sandbox) as sandbox, opened(settings, sandbox) as kit:
        (hunt,) = solve(kit, [task], time.monotonic() + SECONDS, lambda event: None)
    if hunt.answer is None or solutions is None or hunt.answer.attempts[0][0] != solutions.outputs[task.id][0]:
        raise SystemExit(f"{task.id}: not solved in {SECONDS:g} s")
    (behind,) = [one for one in hunt.population.candidates if one.program.id == hunt.answer.programs[0]]
    return task, hunt.answer.attempts[0][0], behind


def card(task: Task, answer: Grid, behind: Candidate, x: int, y: int) -> str:
    """Return one task as a group at (x, y)."""
    shown = (task.train[0].input, task.train[0].output, task.test[0], answer)
    parts = [f'<g transform="translate({x} {y})"><rect class="card" width="{CARD}" height="{TALL}" rx="6"/>']
    parts.append(f'<text x="14" y="22">{task.id}</text><text class="dim" x="{CARD - 14}" y="22" text-anchor="end">')
    parts.append(f"found by {behind.program.proposer}</text>")
    for number, one in enumerate(shown):
        parts.append(picture(one, 14 + number * 105, 34))
    for number in (0, 2):
        parts.append(
            f'<text class="dim" x="{14 + number * 105 + 94}" y="{34 + SIDE // 2 + 4}" text-anchor="middle">→</text>'
        )
    body = behind.program.source.partition("def solve(I):\n")[2].rstrip().splitlines()
    lines = [part for line in body for part in textwrap.wrap(line, WIDTH, subsequent_indent=" " * 8)]
    for number, line in enumerate(["def solve(I):", *lines]):
        parts.append(f'<text x="14" y="{138 + 13 * number}" xml:space="preserve">{html.escape(line)}</text>')
    return "".join([*parts, "</g>"])


def picture(grid: Grid, x: int, y: int) -> str:
    """Return a grid as a group, its longer side SIDE pixels."""
    high, wide = len(grid), len(grid[0])
    scale = SIDE / max(high, wide)
    left, top = x + (SIDE - wide * scale) / 2, y + (SIDE - high * scale) / 2
    drawn: dict[int, str] = {}
    for i, row in enumerate(grid):
        j = 0
        for colour, same in groupby(row):
            run = len(list(same))
            drawn[colour] = drawn.get(colour, "") + f"M{j} {i}h{run}v1h-{run}z"
            j += run
    cells = [f'<path fill="{PALETTE[colour]}" d="{path}"/>' for colour, path in sorted(drawn.items())]
    lines = "".join(f"M{j} 0v{high}" for j in range(wide + 1)) + "".join(f"M0 {i}h{wide}" for i in range(high + 1))
    return (
        f'<g transform="translate({left:g} {top:g}) scale({scale:.4g})">{"".join(cells)}'
        f'<path class="lines" d="{lines}"/></g>'
    )


if __name__ == "__main__":
    main()
