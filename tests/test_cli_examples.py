"""Every example that a command's help or a page shows is a command that exists, with options that it has."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import arc_submit.cli
import training.cli

ROOT = Path(__file__).parents[1]
APPS: dict[str, Any] = {
    "arc-submit": typer.main.get_command(arc_submit.cli.app),
    "arc-train": typer.main.get_command(training.cli.app),
}
PAGES = ("README.md", "training/README.md", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md")))
SAID = re.compile(r"^ {4,}(?:\.venv/bin/)?(arc-(?:submit|train) (?!\w+ {3,}\w)[^`\n]*)", re.MULTILINE)
"""A command line in a page; not a command and, some spaces on, what it is."""


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, groups left out."""
    if not hasattr(command, "commands"):
        yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {word}")


COMMANDS = {name: command for app, top in APPS.items() for name, command in commands(top, app)}


def parse(example: str) -> str:
    """Parse an example as its command does, without running it; return the command's whole name."""
    words = shlex.split(example, comments=True)
    words = words[: words.index("&&")] if "&&" in words else words
    name, *rest = words
    command = APPS[name]
    while hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, name, rest = command.commands[rest[0]], f"{name} {rest[0]}", rest[1:]
    if not hasattr(command, "commands"):
        command.make_context(name, rest)
    return name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is_for_and_has_examples_of_its_own(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip()
    heading, *examples = (command.epilog or "").split("\n\n")
    assert heading in ("Example:", "Examples:") and examples
    own = [example for example in examples if example.startswith("arc-")]
    assert name in {parse(example) for example in own} and all("\n" not in example for example in examples)


@pytest.mark.parametrize("app", APPS)
def test_the_first_page_of_help_shows_where_to_begin(app: str) -> None:
    _, *examples = APPS[app].epilog.split("\n\n")
    assert examples and all(parse(example) in COMMANDS for example in examples)


def said(page: str) -> list[str]:
    """The command lines of a page."""
    text = (ROOT / page).read_text("utf-8").replace("\\\n", " ")
    return [" ".join(line.split()) for line in SAID.findall(text) if "..." not in line]


def test_the_pages_have_examples() -> None:
    assert len({line for page in PAGES for line in said(page)}) > 30


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_have_options_that_exist(page: str) -> None:
    for line in said(page):
        parse(line)
