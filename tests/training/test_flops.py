"""The count is the formula; the measurement gives a possible number and leaves the process as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from training.flops import matmul_flops, step_flops, training_flops


def test_a_weight_costs_six_operations_per_token():
    assert training_flops(1, 1, layers=0, hidden=0, context=0) == 6  # multiply and add: once forward, twice backward
    assert training_flops(10_000_000, 1000, layers=0, hidden=0, context=0) == 6e10


def test_attention_costs_twelve_per_layer_width_and_position():
    # scores and mixing: 2 products x (multiply, add) x 3 passes = 12 for each of 8 x 384 x 512
    assert training_flops(0, 1, layers=8, hidden=384, context=512) == 12 * 8 * 384 * 512


def test_the_cost_grows_with_tokens():
    once = training_flops(1000, 7, layers=2, hidden=3, context=5)
    assert training_flops(1000, 70, layers=2, hidden=3, context=5) == 10 * once


def test_the_measured_speed_is_possible_and_the_threads_are_put_back():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    assert 1e8 < matmul_flops(1, seconds=0.05) < 1e16
    assert torch.get_num_threads() == before


def test_an_unknown_dtype_is_refused():
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match="float33"):
        matmul_flops(1, "float33", seconds=0.01)


def test_importing_it_brings_no_torch():
    code = "import sys, training.flops; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_step_counts_trunk_attention_and_the_head_where_there_are_answers():
    pytest.importorskip("transformers")
    from training.model import Shape, create, parameters
    from training.tokenizer import build

    model = create(Shape(width=32, layers=2, heads=2, head=16, inner=64, context=128), build(), 0)
    total, trunk = parameters(model)
    head = total - trunk  # tied to the embedding
    # 3 rows of 10 places; 2 layers of width 2 x 16 = 32; 7 answer tokens
    assert step_flops(model)((3, 10), 7) == 30 * (6 * trunk + 12 * 2 * 32 * 10) + 6 * head * 7
    for weight in model.parameters():
        weight.requires_grad_(False)
    assert step_flops(model)((3, 10), 0) == pytest.approx(30 * (4 * trunk + 12 * 2 * 32 * 10), rel=1e-4)
