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
from arc_submit.errors import ConfigError, DataError
from arc_submit.records import Grid, Task
from arc_submit.tasks import TaskSet

console = Console(stderr=False)
notices = Console(stderr=True)


def not_empty(data: str | None) -> str | None:
    """Refuse the empty --data of a shell variable that is not set: as a path it would be the folder one is in."""
    if data is not None and not data.strip():
        raise ConfigError(f"--data is empty: expected a public set ({', '.join(tasks.NAMED)}) or a path")
    return data


DataOption = Annotated[
    str,
    typer.Option(
        help=f"A public set ({', '.join(tasks.NAMED)}), a Kaggle challenges file, a folder, or a task file.",
        callback=not_empty,
    ),
]
PresetOption = Annotated[str, typer.Option(help=f"Settings to start from: {', '.join(config.presets())}.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="One setting, e.g. --set budget.cohort=4; repeatable.")
]
SeedOption = Annotated[int | None, typer.Option(help="Seed of all randomness (default 0).")]


def example_lines(*commands: str) -> str:
    """Return the end of a command's help: one example a line, so that it can be copied."""
    return "\n\n".join(("Examples:" if len(commands) > 1 else "Example:", *commands))


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
    known = tasks.load(data)
    if task not in {one.id for one in known}:
        _say_where(task, data)
    return data, tasks.select(known, [task]).tasks[0]


def _say_where(task: str, data: str) -> None:
    """A path that is no task's file, and a task of another public set, are said to be that."""
    if "/" in task:
        raise ConfigError(
            f"{task}: expected a task's id, or one task's .json file; a folder goes with ID --data FOLDER"
        )
    having = [name for name in tasks.NAMED if task in {one.id for one in tasks.load(name)}]
    if having:
        raise DataError(f"{data}: no task {task}; it is in {', '.join(having)}: add --data {having[0]}")


def known_outputs(source: str, task: Task) -> tuple[Grid, ...]:
    """The task's solutions, or nothing when they are not known."""
    solutions = tasks.load_solutions(source)
    if solutions is None or task.id not in solutions.outputs:
        return ()
    solutions.check(TaskSet(source, (task,)))
    return solutions.outputs[task.id]
