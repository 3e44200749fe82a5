"""Our own explanations of programs and edits."""

import random
import re

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt, facts
from arc_submit.prompts.facts import vocabulary
from arc_submit.prompts.sections import estimate
from arc_submit.records import Pair, Task
from training.data.examples import breaks
from training.tasks.registry import item as generated
from training.teacher import explain
from training.teacher.leaks import leaks
from training.teacher.phrases import PHRASES
from training.teacher.sayings import said

FLIP = Task("flip", (Pair(((1, 2), (3, 4)), ((3, 4), (1, 2))), Pair(((5, 0),), ((5, 0),))), (((5, 6), (7, 8)),))
WRONG = Attempt("p", "def solve(I):\n    O = vmirror(I)\n    return O\n", (((2, 1), (4, 3)), ((0, 5),)), (False, False))


def test_every_primitive_has_its_words_and_takes_all_its_arguments() -> None:
    assert set(PHRASES) == set(PRIMITIVES)
    for name, (step, noun) in PHRASES.items():
        places = {int(place) for place in re.findall(r"\{(\d)\}", step)}
        assert places == set(range(len(PRIMITIVES[name].parameters))), name
        assert noun


def test_programs_are_said_line_by_line_and_stay_the_same_program() -> None:
    lines = ("x1 = objects(I, T, F, T)", "x2 = argmax(x1, size)", "O = fill(I, FOUR, x2)", "return O")
    source = "def solve(I):\n" + "".join(f"    {line}\n" for line in lines)
    told = explain.commented(source)
    assert told.startswith("from arc_dsl import *\n")
    assert "x2 = argmax(x1, size)  # take the one of the objects with the largest size\n" in told
    assert "O = fill(I, FOUR, x2)  # colour the chosen one with colour 4 in the input\n" in told
    assert from_source(told, "").id == from_source(source, "").id


def test_a_program_that_is_not_straight_stays_as_it_is() -> None:
    source = "from arc_dsl import *\n\n\ndef solve(I):\n    return tuple(reversed([row for row in I]))\n"
    assert explain.commented(source) == source
    assert explain.fresh(FLIP, source, 0).thinking


def test_an_edit_says_what_is_wrong_and_what_is_changed() -> None:
    told = explain.edit(FLIP, WRONG, "def solve(I):\n    O = hmirror(I)\n    return O\n", 0)
    # 4 of 4 cells are wrong, each once: 1 -> 4 counts as (made 1, wanted 4) and so on, the smallest pair is named
    assert told.thinking.startswith("No pair is right yet; in demonstration 1 4 of 4 cells are wrong, mostly ")
    assert "use hmirror instead of vmirror" in told.thinking
    assert told.text.startswith("<think>\n") and told.text.endswith("```")


def test_an_edit_says_a_failure_and_a_wrong_shape() -> None:
    failed = Attempt("p", WRONG.source, (None, None), (False, False))
    assert "in demonstration 1 it fails" in explain.edit(FLIP, failed, WRONG.source, 0).thinking
    small = Attempt("p", WRONG.source, (((1,),), ((5, 0),)), (False, True))
    told = explain.edit(FLIP, small, WRONG.source, 0).thinking
    assert told.startswith("1 of 2 pairs are right; in demonstration 1 it makes 1 by 1 where 2 by 2 is wanted.")


def test_words_depend_on_seed_task_and_program_alone() -> None:
    item = generated(3, 0)
    first = explain.fresh(item.task, item.source, 1)
    assert explain.fresh(item.task, item.source, 1) == first
    assert len({explain.fresh(item.task, item.source, seed).thinking for seed in range(20)}) > 4


def test_explanations_of_all_generators_are_short_and_clean() -> None:
    lengths = []
    for number, item in enumerate(generated(5, 3 * place) for place in range(36)):
        told = [("fresh", explain.fresh(item.task, item.source, number))]
        for parent in breaks(item, random.Random(number), 1):
            told.append(("edit", explain.edit(item.task, parent, item.source, number)))
        for kind, one in told:
            assert leaks(one.thinking, one.code, item.task, (item.test,), kind) == ()
            assert "<" not in one.thinking and "{" not in one.thinking
            lengths.append(estimate(one.thinking))
    assert max(lengths) < 320 and sum(lengths) / len(lengths) < 160


def test_facts_are_said_in_words_the_most_telling_first() -> None:
    rng = random.Random(0)
    assert said(["same-shape", "back-0", "is-hmirror"], 2, rng)[0].endswith("turned upside down")
    assert said(["back-0"], 3, rng) == []
    for word in vocabulary():
        for text in said([word], 1, rng):
            assert "{" not in text and "None" not in text
    assert said(facts(FLIP.train), 3, rng)
