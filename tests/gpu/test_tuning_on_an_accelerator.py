"""Fine-tuning on an accelerator: shapes of 0.5B to 7B by both drivers, with tokens a second and share of peak.

Run with `pytest -m gpu -s`; without a CUDA device every test here is skipped. What is random is the weights: speed and
memory are those of the published shapes, the text is nonsense. 4 bits and liger where their packages are.
"""

import json
import subprocess
import sys
from importlib import util

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

import tuning_helpers as given  # noqa: E402 - after the look for torch

from training import sft, sft_trl  # noqa: E402
from training.batch import padded  # noqa: E402
from training.loss import completion_loss  # noqa: E402
from training.tuning import data, model  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]
QUIET = ("check.before=false", "check.times=1", "check.examples=0")
EXAMPLES = 256


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuning")
    given.tiny(folder / "m")
    given.dataset(folder / "d", train=EXAMPLES, evaluation=8)
    return folder


def shape(place, name):
    """The folder of a random model of this shape, made once."""
    if not (place / name).exists():
        given.shaped(place / name, name, "cuda")
        torch.cuda.empty_cache()
    return place / name


def ran(place, name, driver, out, *settings):
    """A run in a process of its own; what it printed for machines, and its last progress line."""
    words = ["--recipe", "toy", "--driver", driver, "--out", str(place / out)]
    for one in (*QUIET, "steps.batch_tokens=8192", *settings):
        words += ["--set", one]
    line = [sys.executable, "-m", "training.sft", str(place / "d"), "--model", str(shape(place, name)), *words]
    done = subprocess.run(line, cwd=given.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    *_, speed = (row for row in done.stderr.splitlines() if row.startswith("100.0%"))
    print(f"\n{name}, {driver}, {' '.join(settings) or 'plain'}: {speed}")
    return json.loads(done.stdout.splitlines()[-1]), speed


@pytest.mark.parametrize("name", ["0.5b", "1.5b", "3b", "7b"])
@pytest.mark.parametrize("driver", ["own", "trl"])
def test_shapes_up_to_7b_train_at_a_share_of_peak(place, name, driver):
    said, speed = ran(place, name, driver, f"{name}-{driver}", "steps.epochs=4")
    assert said["tokens"] > 10_000
    share = float(speed.split("% of matmul")[0].split()[-1])  # of this device's matrix products, training/flops.py
    assert 0 < share < 120


def test_packing_and_checkpointing_run(place):
    said, _ = ran(place, "0.5b", "trl", "packed", "steps.packing=true", "hold.checkpointing=true", "steps.accumulate=2")
    assert said["tokens"] > 10_000


@pytest.mark.skipif(util.find_spec("bitsandbytes") is None, reason="no bitsandbytes")
def test_a_base_in_4_bits_trains(place):
    said, _ = ran(place, "7b", "trl", "four", "hold.bits=4", "hold.checkpointing=true")
    assert said["tokens"] > 10_000


@pytest.mark.skipif(util.find_spec("liger_kernel") is None, reason="no liger-kernel")
def test_ligers_kernels_leave_the_loss_what_it_was(place):
    plain, _ = ran(place, "0.5b", "trl", "plain", "seed=3")
    liger, _ = ran(place, "0.5b", "trl", "liger", "seed=3", "hold.liger=true")
    assert liger["loss"] == pytest.approx(plain["loss"], rel=0.02)


@pytest.mark.skipif(util.find_spec("flash_attn") is None, reason="no flash-attn")
def test_flash_attention_keeps_packed_examples_apart(place):
    plain, _ = ran(place, "0.5b", "trl", "apart", "steps.packing=true")
    flash, _ = ran(place, "0.5b", "trl", "flash", "steps.packing=true", "hold.attention=flash_attention_2")
    assert flash["loss"] == pytest.approx(plain["loss"], rel=0.02)


def test_both_drivers_have_the_same_loss_there(place):
    settings = given.settings("steps.smoothing=0.1", driver="trl")
    from arc_submit.sample import chat

    tokenizer = chat.load_tokenizer(place / "m")
    material = data.read(place / "d", place / "m", tokenizer, 1024, settings)
    tuned = model.build(place / "m", settings, material.longest)
    trainer = sft_trl.build(tuned, tokenizer, material, place / "unused", settings)
    tuned.to("cuda").eval()
    batch = {
        name: value.cuda() for name, value in sft_trl.collated(list(sft_trl.dataset([material.train[:8]]))).items()
    }
    with torch.no_grad():
        ours = completion_loss(tuned, padded(material.train[:8], "cuda"), 0.1)
        theirs = trainer.compute_loss(tuned, batch)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-2)


def test_the_solver_samples_from_the_model_in_training(place):
    settings = given.settings("check.tasks=2", "check.programs=4", "check.source=generated:symmetry")
    report = sft.tune(place / "d", str(place / "m"), place / "sampled", settings)
    assert report is not None and "solved" in report.best
