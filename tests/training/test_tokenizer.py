"""The small model's tokenizer: nothing is lost on any text, and what should be one token is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("transformers")
from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.prompts.compact import rows
from arc_submit.prompts.facts import vocabulary
from arc_submit.tasks import load
from training.tokenizer import build

TOKENIZER = build()


def ids(text):
    return TOKENIZER(text, add_special_tokens=False)["input_ids"]


@settings(deadline=None)
@given(st.text())
def test_any_text_comes_back(text):
    assert TOKENIZER.decode(ids(text)) == text


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PRIMITIVES, *CONSTANTS, "(", ")", ", ", "\n", "    x1 = ", "12", "0", " "])))
def test_anything_like_a_program_comes_back(parts):
    text = "".join(parts)
    assert TOKENIZER.decode(ids(text)) == text


def test_names_and_facts_are_single_tokens():
    for text in (*PRIMITIVES, *CONSTANTS, *(f" {fact}" for fact in vocabulary())):
        assert len(ids(text)) == 1, text


def test_a_call_takes_one_token_for_its_start_its_name_and_each_argument():
    assert len(ids("    x2 = fill(I, THREE, x1)\n")) == 6


def test_the_median_evaluation_task_fits_in_500_tokens():
    sizes = sorted(
        len(
            ids(
                "".join(f"in\n{rows(p.input)}out\n{rows(p.output)}" for p in task.train) + f"test\n{rows(task.test[0])}"
            )
        )
        for task in load("arc1-evaluation")
    )
    assert sizes[len(sizes) // 2] <= 500


def test_it_survives_saving(tmp_path):
    from arc_submit.sample.chat import load_tokenizer

    TOKENIZER.save_pretrained(tmp_path)
    text = "fresh\n same-shape adds-3\nin\n0120\n11\ndef solve(I):\n    O = hmirror(I)\n    return O\n"
    assert load_tokenizer(tmp_path)(text, add_special_tokens=False)["input_ids"] == ids(text)
