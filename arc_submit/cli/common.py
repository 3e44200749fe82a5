"""What commands share: options, tables, the line for machines."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from arc_submit import config, tasks
from arc_submit.errors import ConfigError
from arc_submit.records import Grid, Task
from arc_submit.tasks import TaskSet

console = Console(stderr=False)
notices = Console(stderr=True)

DataOption = Annotated[
    str,
    typer.Option(help=f"A public set ({', '.join(tasks.NAMED)}), a Kaggle challenges file, a folder, or a task file."),
]
PresetOption = Annotated[str, typer.Option(help=f"Settings to start from: {', '.join(config.presets())}.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="One setting, e.g. --set budget.cohort=4; repeatable.")
]
SeedOption = Annotated[int | None, typer.Option(help="Seed of all randomness (default 0).")]


def listed(numbers: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "-"


def print_table(title: str, headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    console.print(f"[bold]{escape(title)}[/bold]", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    width = console.width if console.is_terminal else max(console.width, shutil.get_terminal_size((140, 24)).columns)
    console.print(table, width=width, highlight=False)


def machine_line(value: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def ids(text: str | None) -> list[str]:
    if text is None:
        return []
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise ConfigError(f"--tasks {text!r}: expected task ids, comma-separated")
    return found


def one_task(task: str, data: str) -> tuple[str, Task]:
    """(where it came from, the task)"""
    if Path(task).suffix == ".json":
        found = tasks.load(task)
        if len(found) != 1:
            raise ConfigError(f"{task}: expected one task, found {len(found)}; name one with --data {task}")
        return task, found.tasks[0]
    return data, tasks.select(tasks.load(data), [task]).tasks[0]


def known_outputs(source: str, task: Task) -> tuple[Grid, ...]:
    """The task's solutions, or nothing when they are not known."""
    solutions = tasks.load_solutions(source)
    if solutions is None or task.id not in solutions.outputs:
        return ()
    solutions.check(TaskSet(source, (task,)))
    return solutions.outputs[task.id]
