"""What a program says to its reader, the one that is shown as well, decides the views that it is seen in."""

from pathlib import Path

import pytest
from dataset_traces import exercise, parent, program

from arc_submit.config import PromptsConfig
from arc_submit.programs import from_source
from arc_submit.records import View
from arc_submit.symbolic.expressions import HEADER
from training.dataset.cases import Case
from training.dataset.form import Student
from training.dataset.settings import Settings
from training.dataset.words import hold, prose
from training.dataset.work import Worker

SWAP = (0, 2, 1, 3, 4, 5, 6, 7, 8, 9)
PLAIN = f"{HEADER}def solve(I):\n    O = trim(I)\n    return O\n"
COMMENT = f"{HEADER}def solve(I):\n    O = trim(I)  # the blue frame goes\n    return O\n"
DOCSTRING = f'{HEADER}def solve(I):\n    """The blue frame goes."""\n    O = trim(I)\n    return O\n'
MODULE = f'"""The blue frame goes."""\n{HEADER}def solve(I):\n    O = trim(I)\n    return O\n'
HELPER = (
    f'{HEADER}def cut(grid):\n    """\n    The blue frame goes.\n    """\n    return trim(grid)\n\n\n'
    "def solve(I):\n    return cut(I)\n"
)


def words(style: str, source: str, before: str | None = None, thinking: str = "") -> str:
    given = exercise(0)
    case = Case(
        given, "fresh" if before is None else "edit", from_source(source, "t"), thinking,
        None if before is None else parent(given, program("trim(I)")), "t", 1.2, 1.2, True,
        None if before is None else from_source(before, "t"),
    )  # fmt: skip
    student = Student(PromptsConfig(style=style), None)
    return Worker(Settings(), student, lambda jobs: [], Path("none"))._words(case)


@pytest.mark.parametrize("source", [COMMENT, DOCSTRING, MODULE, HELPER])
def test_comments_and_docstrings_of_the_child_and_of_its_parent_are_words(source: str):
    recoloured = View(colours=SWAP)
    assert "frame goes" in prose(source) and prose(PLAIN) == ""
    assert not hold(words("chat", source), recoloured), "in the answer"
    assert not hold(words("chat", PLAIN, source), recoloured), "in the prompt"
    assert hold(words("chat", PLAIN, PLAIN), recoloured)
    assert not hold(words("chat", PLAIN, PLAIN, "The blue frame goes."), recoloured)


def test_a_student_that_sees_code_alone_has_the_words_that_its_code_keeps():
    recoloured = View(colours=SWAP)
    for source in (COMMENT, DOCSTRING, MODULE):  # one call a line, rendered afresh
        assert words("compact", source, source, "The blue frame goes.") == ""
    assert not hold(words("compact", HELPER), recoloured), "a helper is shown with its docstring"


def test_strings_that_are_values_are_code():
    assert prose(f"{HEADER}def solve(I):\n    name = 'blue'\n    return I\n") == ""
