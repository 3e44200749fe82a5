"""Thinking keeps its ideas, once each and in order, and loses its fillers."""

import pytest

from training.dataset.thinking import clean, distinct, plain, split


def words(text: str) -> int:
    return len(text.split())


def cleaned(text: str, most: int = 1000) -> str:
    return clean(text, 0.8, most, words)


def test_empty_stays_empty_and_mere_fluff_becomes_empty():
    assert cleaned("") == ""
    assert cleaned("Okay, let me think about this. Hmm. Let's see. Wait. This is tricky.") == ""


def test_fillers_and_hedges_in_front_go_and_what_they_led_to_stays():
    text = (
        "Okay, so I think that the grid is mirrored. Hmm, maybe the 3s grow. Wait, actually, it seems the border stays."
    )
    assert cleaned(text).split("\n") == ["The grid is mirrored.", "The 3s grow.", "The border stays."]


@pytest.mark.parametrize(
    "said",
    [
        "So the output is the left half.",
        "Wait times are not a thing.",
        "Now-empty cells become 0.",
        "Right halves are kept.",
        "Let me use `objects(I, T, F, T)`: every object is one colour.",
        "I need to fill the 2x2 hole.",
        "This is a mirror.",
        "This is right of the blue bar.",
        "This is right of the bar.",
        "This is harder where they touch.",
        "I can see two blue objects and a red line.",
        "I need to write the red cells over the black ones.",
        "I will go left then up.",
        "I will not look outside the frame.",
        "I should start from the bottom row.",
        "Let me write blue into each enclosed hole.",
        "Not sure about the border.",
        "I will work upwards.",
    ],
)
def test_a_sentence_that_says_something_is_not_taken_for_fluff(said: str):
    assert plain(said).split()[-1] == said.split()[-1]


@pytest.mark.parametrize(
    "said",
    [
        "Right-most column is copied.",
        "Right: three cells.",
        "Right, left and top borders are kept.",
        "It appears twice.",
        "It appears only once.",
        "It looks like a cross.",
        "So-called holes are filled.",
        "Well-formed boxes stay.",
        "I think of it as two halves.",
        "Then: fill the hole.",
        "Yes.",
        "No.",
        "Left.",
        "##.#",
    ],
)
def test_words_that_only_look_like_fillers_stay(said: str):
    assert plain(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "Let me look at the examples carefully.",
        "Let\u2019s break this down.",
        "I need to think about the rule.",
        "Now, let me check that.",
        "That makes sense.",
        "I'm not sure.",
        "...",
        "---",
    ],
)
def test_an_announcement_of_vague_words_alone_goes(said: str):
    assert plain(said) == ""


def test_a_name_of_code_keeps_its_case():
    assert plain("So, x1 is the grid.") == "x1 is the grid."
    assert plain("So, solve(I) mirrors.") == "solve(I) mirrors."


def test_thoughts_in_other_scripts_are_words():
    assert cleaned("Красные клетки растут. Синие клетки исчезают.").count("клетки") == 2


def test_an_idea_in_nearly_the_same_words_is_said_once():
    text = (
        "The largest object is moved to the border. I think the largest objects are moved to the border. Cells are 3."
    )
    assert cleaned(text).split("\n") == ["The largest object is moved to the border.", "Cells are 3."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The object moves left.", "The object moves right."),
        ("Demonstration 1 has an odd object.", "Demonstration 2 has an odd object."),
        ("The object is mirrored.", "The object is not mirrored."),
        ("Red cells grow.", "Blue cells grow."),
        ("Use `hmirror(I)` on the grid.", "Use `vmirror(I)` on the grid."),
        ("Cells of colour 3 become 5.", "Cells of colour 5 become 3."),
        ("Row 1 goes to row 2.", "Row 2 goes to row 1."),
        ("The shape goes from row 1 to row 2.", "The shape goes to row 1 from row 2."),
        ("The square covers the circle.", "The circle covers the square."),
        ("The red square touches the circle.", "The square touches the red circle."),
        ("Here h < w holds.", "Here h > w holds."),
        ("Shift by 1.", "Shift by -1."),
        ("The shape doesn\u2019t move.", "The shape does move."),
    ],
)
def test_numbers_directions_negations_and_code_tell_ideas_apart(one: str, other: str):
    assert distinct([one, other], 0.8) == [one, other]


def test_a_grid_written_out_keeps_every_row_and_every_label():
    lines = ["Input:", "0 0 0", "0 3 0", "0 0 0", "Output:", "[0, 0]", "[0, 0]", "Input:", "..#", "..#", "Output:", "3"]
    assert cleaned("\n".join(lines)).split("\n") == lines
    fenced = "Before:\n```\n00\n03\n```\nAfter:\n```\n00\n03\n```"
    assert cleaned(fenced) == fenced


def test_code_between_fences_is_said_once_and_the_number_of_an_entry_stays_with_it():
    code = "```python\nO = hmirror(I)\n```"
    assert cleaned(f"{code}\nCells grow.\n{code}") == f"{code}\nCells grow."
    assert cleaned("1. The object grows.\n2. The object shrinks.") == "1. The object grows.\n2. The object shrinks."


def test_a_long_thought_keeps_its_beginning_and_its_end_in_order():
    # 10 sentences of 3 words, 12 words at most: two from each end
    text = " ".join(f"Row {number} changes." for number in range(10))
    assert cleaned(text, 12).split("\n") == ["Row 0 changes.", "Row 1 changes.", "Row 8 changes.", "Row 9 changes."]


def test_no_room_leaves_nothing():
    assert cleaned("Row 1 changes.", 0) == ""


def test_a_fenced_block_is_one_sentence():
    text = "First look.\n```python\nx1 = hmirror(I)\nO = x1. Or so\n```\nThen this."
    assert split(text)[1] == "```python\nx1 = hmirror(I)\nO = x1. Or so\n```"


def test_cleaning_twice_changes_nothing_more():
    once = cleaned("Okay, so the 3s move. Hmm. The 3s move! Well, I guess rows 1 and 2 are swapped. Let me check that.")
    assert once and cleaned(once) == once
