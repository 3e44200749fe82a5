"""What ideas ask of grids, and the text that they write."""

from hand_made import execute, grid

from arc_submit.records import Pair, Task
from arc_submit.symbolic.ideas.checks import compared, differences, is_grid, same_sizes
from arc_submit.symbolic.ideas.writing import program


def test_a_grid_has_a_cell_and_sides_of_thirty_at_most():
    assert is_grid(grid("1")) and is_grid(((1,) * 30,) * 30)
    assert not any(map(is_grid, ((), ((),), ((1,),) * 31, ((1,) * 31,))))


def test_sizes_are_the_same_only_if_all_are():
    kept, cut = Pair(grid("12 34"), grid("43 21")), Pair(grid("12 34"), grid("12"))
    assert same_sizes(Task("t", (kept,), (grid("1"),)))
    assert not same_sizes(Task("t", (kept, cut), (grid("1"),)))


def test_differences_come_row_by_row():
    assert list(differences(grid("120 000 450"), grid("020 000 405"))) == [(0, 0), (2, 1), (2, 2)]


def test_what_changes_is_right_or_wrong_and_the_rest_does_not_count():
    """The first cell becomes right, the second wrong, the third goes from right to wrong; the others stay."""
    assert compared(grid("111 111"), grid("222 111"), grid("231 311")) == (1, 2)


def test_a_program_answers_what_its_last_line_makes():
    source = program(["x1 = vmirror(I)", "O = hconcat(I, x1)"])
    assert execute(source, grid("12")) == grid("1221")
