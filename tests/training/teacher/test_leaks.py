"""Texts that talk as if they knew the answer, and texts that do not."""

import time

import pytest

from arc_submit.records import Pair, Task
from training.teacher.leaks import ANSWER, CODED, HINT, KEY, KNOWN, WRITTEN, comments, leaks, said

TASK = Task("t", (Pair(((1, 2), (3, 4)), ((3, 4), (1, 2))),), (((5, 6), (7, 8)),))
ANSWERS = (((7, 8), (5, 6)),)
CODE = "def solve(I):\n    O = hmirror(I)  # turn it over\n    return O\n"

BAD = [
    ("As the correct program shows, the rows are reversed.", ANSWER),
    ("This matches the expected program, so it is done.", ANSWER),
    ("Following the reference solution, I cut out the largest object.", ANSWER),
    ("The correct solution uses hmirror here.", ANSWER),
    ("the right program calls objects first", ANSWER),
    ("In the given solution the colour is 3.", ANSWER),
    ("According to the solution provided, the grid is mirrored.", ANSWER),
    ("The solution shows that dots become lines.", ANSWER),
    ("Compared to the target program, one line is missing.", ANSWER),
    ("Like the official solution, I use compose.", ANSWER),
    ("The answer key has 3 in the corner.", KEY),
    ("Checking with the ground truth, the cell is 4.", KEY),
    ("I already know the answer, it is a mirror.", KNOWN),
    ("We know the correct solution mirrors it.", KNOWN),
    ("I was given the solution, so I copy it.", KNOWN),
    ("This gives the expected test output.", KNOWN),
    ("The test output is given as 3 by 3.", KNOWN),
    ("The hint says to look for the largest object.", HINT),
    ("As hinted, the dots are joined.", HINT),
    ("According to the description, the dots are joined.", HINT),
    ("The description mentions a frame.", HINT),
    ("The human description speaks of stairs.", HINT),
    ("The person said that dots fall.", HINT),
]
GOOD = [
    "The correct program has to turn every grid upside down.",
    "The expected output of demonstration 2 is 3 by 3, it makes 4 by 4.",
    "I write the corrected program: the colour is 3, not 4.",
    "The solution is to mirror the grid and to join both.",
    "The solution has two steps: find the object, cut it out.",
    "The final program uses hmirror twice.",
    "The program is right on 2 of 3 demonstrations.",
    "So the answer is the largest object, cut out.",
    "The output matches the input but for the holes.",
    "The original colours stay, so I paint instead of fill.",
    "We do not know the answer for the test input, but the rule holds.",
    "A correct solution needs the objects without the background.",
    "It matches the expected output in both pairs.",
    "Follow the outline of the object from the corner.",
    "As described above, each dot becomes a line.",
    "The target colour is the rarest one.",
    "In the wrong pairs, what changes is just the holes.",
    "The test input is larger than the demonstrations, so no size may be fixed.",
    "The answer is given by mirroring the left half.",
    "Knowing the shape, I can crop it.",
    "The reference point is the corner of the box.",
]


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_what_appeals_to_an_answer_is_refused(text: str, reason: str) -> None:
    assert reason in said(text, "edit")
    assert reason in leaks(text, CODE, TASK, ANSWERS, "fresh")


@pytest.mark.parametrize("text", GOOD)
def test_what_argues_from_the_demonstrations_is_not(text: str) -> None:
    assert leaks(text, CODE, TASK, ANSWERS, "edit") == ()
    assert leaks(text, CODE, TASK, ANSWERS, "fresh") == ()


def test_the_given_program_is_the_parent_of_an_edit_and_nothing_in_a_fresh_one() -> None:
    text = "The given program mirrors the wrong way."
    assert said(text, "edit") == [] and said(text, "fresh") == [ANSWER]


@pytest.mark.parametrize("text", ["so it becomes\n7 8\n5 6\n", "[[7, 8], [5, 6]]", "78|56"])
def test_a_test_output_in_the_thinking_is_refused(text: str) -> None:
    assert leaks(text, CODE, TASK, ANSWERS, "fresh") == (WRITTEN,)
    assert leaks(text, CODE, TASK, (), "fresh") == ()  # not known: nothing to look for


ROW = Task("t", (Pair(((1, 2), (3, 4)), ((1, 1, 2),)),), (((5, 6), (7, 8)),))


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("so it is\n4 4 0 4 4\nat last", True),
        ("so it is 44044.", True),
        ("so it is 4, 4, 0, 4, 4 at last", True),
        ("[[4, 4, 0, 4, 4]]", True),
        ("the row 4 4 0 4 4 7 of a larger grid", False),
        ("0 4 4\n0 4 4", False),  # two lines
        ("the rows 7|44|044", False),
        ("144044", False),
    ],
)
def test_a_grid_of_one_row_is_no_part_of_a_longer_one(text: str, there: bool) -> None:
    assert leaks(text, CODE, ROW, (((4, 4, 0, 4, 4),),), "fresh") == ((WRITTEN,) if there else ())


@pytest.mark.parametrize("text", ["1" + " " * 60_000 + "x", "1 " * 30_000 + "x", "(" * 60_000 + "x", "1\n" * 30_000])
def test_odd_text_is_looked_through_in_no_time(text: str) -> None:
    began = time.process_time()
    leaks(text, CODE, ROW, (((4, 4, 0, 4, 4),), ((1, 2), (3, 4), (5, 6))), "fresh")
    assert (
        time.process_time() - began < 1.0
    )  # where it is quadratic, 16,000 spaces take 0.8 s and these 14 times as long


def test_a_demonstration_in_the_thinking_is_not() -> None:
    assert leaks("3 4\n1 2", CODE, TASK, ANSWERS, "fresh") == ()
    assert leaks("3 4\n1 2", CODE, TASK, (TASK.train[0].output,), "fresh") == ()  # the same grid twice


def test_a_test_output_in_the_code_or_a_comment_is_refused() -> None:
    literal = "def solve(I):\n    return ((7, 8), (5, 6))\n"
    comment = "def solve(I):\n    # gives [[7, 8], [5, 6]]\n    return hmirror(I)\n"
    assert leaks("", literal, TASK, ANSWERS, "fresh") == (CODED,)
    assert leaks("", comment, TASK, ANSWERS, "fresh") == (CODED,)


def test_comments_speak_too() -> None:
    code = "def solve(I):\n    return hmirror(I)  # as the hint says\n"
    assert comments(code) == ["as the hint says"]
    assert leaks("", code, TASK, ANSWERS, "fresh") == (HINT,)
