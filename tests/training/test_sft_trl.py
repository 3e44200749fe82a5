"""Fine-tuning by trl's trainer: the loss is the own driver's and the library's, weights arrive, a stopped run goes on.

trl takes seconds to import; every test is in this one process but the slow one.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
trl = pytest.importorskip("trl")
pytest.importorskip("peft")

import tuning_helpers as given  # noqa: E402 - after the look for torch
from tuning_helpers import gradient  # noqa: E402

from arc_submit.sample import chat  # noqa: E402
from training import loop, sft, sft_trl  # noqa: E402
from training.batch import padded  # noqa: E402
from training.dataset import store  # noqa: E402
from training.loss import completion_loss  # noqa: E402
from training.tuning import model  # noqa: E402

SMOOTH = 0.1


@pytest.fixture(scope="module", autouse=True)
def quick():
    """The machine's speed is measured for a moment only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "TOP_SPEED_SECONDS", 0.01)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a random model `m` and a dataset `d`."""
    folder = tmp_path_factory.mktemp("trl")
    given.tiny(folder / "m")
    given.dataset(folder / "d")
    return folder


@pytest.fixture(scope="module")
def material(place):
    return given.material(place)


def trainer(place, material, *settings):
    """A trainer in float32, so that losses can be compared, with a fresh adapter that does something."""
    settings = given.settings(*settings, driver="trl")
    tuned = model.build(place / "m", settings, material.longest)
    torch.manual_seed(1)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    built = sft_trl.build(tuned, chat.load_tokenizer(place / "m"), material, place / "unused", settings)
    built.args.bf16 = False
    return built, tuned.train()


def batches(built):
    return list(built.get_train_dataloader())


def test_both_drivers_have_the_same_loss_and_the_same_gradient(place, material):
    for given_smoothing in (0.0, SMOOTH):
        built, tuned = trainer(place, material, f"steps.smoothing={given_smoothing}")
        group = list(material.train[:5])  # weights 0.5, 1 and 1.5
        ours = completion_loss(tuned, padded(group), given_smoothing)
        one = gradient(ours, tuned)
        theirs = built.compute_loss(tuned, sft_trl.collated(list(sft_trl.dataset([group]))))
        other = gradient(theirs, tuned)
        assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)
        assert torch.allclose(one, other, atol=1e-5)


def test_with_equal_weights_it_is_the_loss_of_the_librarys_own_trainer(place, material, tmp_path):
    rows = list(store.load(place / "d", "train"))[:4]
    settings = given.settings(driver="trl")
    plain = trl.SFTTrainer(
        model.load(place / "m", settings),
        trl.SFTConfig(str(tmp_path), use_cpu=True, bf16=False, report_to="none", per_device_train_batch_size=4),
        train_dataset=store_as_trl_wants(rows),
        processing_class=chat.load_tokenizer(place / "m"),
    )
    (batch,) = plain.get_train_dataloader()
    theirs = plain.compute_loss(plain.model.train(), batch)
    group = [replace(example, weight=1.0) for example in material.train[:4]]
    ours = completion_loss(model.load(place / "m", settings).train(), padded(group))
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)


def store_as_trl_wants(rows):
    import datasets

    return datasets.Dataset.from_list([{"prompt": row.prompt, "completion": row.completion} for row in rows])


def test_weights_arrive_in_the_batch_behind_the_librarys_pruning_of_columns(place, material):
    built, _ = trainer(place, material)
    seen = [weight for batch in batches(built) for weight in batch["weights"].amax(1).tolist()]
    assert sorted(seen) == pytest.approx(sorted(example.weight for example in material.train))
    assert len(set(seen)) == 3


def test_an_example_that_weighs_nothing_has_no_gradient_and_one_that_weighs_two_pulls_twice_as_hard(place, material):
    built, tuned = trainer(place, material)
    one, other = (replace(example, weight=1.0) for example in material.train[:2])

    def of(*group):
        batch = sft_trl.collated(list(sft_trl.dataset([list(group)])))
        return gradient(built.compute_loss(tuned, batch, num_items_in_batch=torch.tensor(100)), tuned)

    assert torch.allclose(of(one, replace(other, weight=0.0)), of(one), atol=1e-6)
    assert torch.allclose(of(replace(one, weight=2.0)), 2 * of(one), atol=1e-6)
    assert torch.allclose(of(replace(one, weight=2.0), other), of(one, one, other), atol=1e-6)
    assert not torch.allclose(of(one, other), of(one, one, other), atol=1e-6)


def test_accumulated_passes_have_the_gradient_of_one_large_pass(place, material):
    built, tuned = trainer(place, material)
    parts = [
        sft_trl.collated(list(sft_trl.dataset([list(group)]))) for group in (material.train[:3], material.train[3:5])
    ]
    total = built._get_num_items_in_batch(parts, torch.device("cpu"))
    tuned.zero_grad()
    for part in parts:
        built.compute_loss(tuned, part, num_items_in_batch=total).backward()
    found = torch.cat([weight.grad.flatten() for weight in tuned.parameters() if weight.requires_grad])
    assert torch.allclose(found, gradient(completion_loss(tuned, padded(material.train[:5])), tuned), atol=1e-6)


def test_packing_cuts_nothing_and_keeps_examples_apart(place, material):
    built, tuned = trainer(place, material, "steps.packing=true", "steps.batch_tokens=600")
    groups = sft_trl.grouped(material, given.settings("steps.packing=true", "steps.batch_tokens=600", driver="trl"))
    ids = sorted(example.ids.tolist() for group in groups for example in group)
    assert ids == sorted(example.ids.tolist() for example in material.train)
    largest = max(groups, key=len)
    (item,) = list(sft_trl.dataset([largest]))
    together = sft_trl.collated([item], columns=material.longest)
    assert together["input_ids"].shape == (600 // material.longest, material.longest)
    assert len(largest) > len(together["input_ids"])
    expected = completion_loss(tuned, padded(largest)).item()
    assert built.compute_loss(tuned, together).item() == pytest.approx(expected, abs=1e-5)


def test_for_flash_attention_packed_rows_stand_behind_each_other(material):
    (item,) = list(sft_trl.dataset([list(material.train[:6])]))
    rows = sft_trl.collated([item], columns=material.longest)
    flat = sft_trl.collated([item], columns=material.longest, flat=True)
    assert flat["input_ids"].tolist() == [rows["input_ids"].flatten().tolist()]
    starts = (flat["position_ids"][0] == 0) & (flat["weights"][0] > 0)
    assert int(starts.sum()) == 6


@pytest.fixture(scope="module")
def run(place):
    settings = given.settings(
        "steps.rate=1e-2", "lora.dora=true", "hold.checkpointing=true", "lora.dropout=0.05", driver="trl"
    )
    report = sft.tune(place / "d", str(place / "m"), place / "run", settings)
    assert report is not None
    return report


def test_the_loss_falls_and_the_best_checkpoint_is_the_result(run, place):
    assert run.best["eval loss"] < run.before["eval loss"] - 0.05
    curves = json.loads((place / "run" / "curves.json").read_text())
    assert run.best["eval loss"] == min(value for _, value in curves["eval loss"])
    assert json.loads((place / "run" / "adapter" / "adapter_config.json").read_text())["use_dora"] is True


def test_every_token_is_trained_on_once_an_epoch(run, material):
    assert run.tokens == material.tokens


@pytest.mark.parametrize("moment", ["while it measures", "while it saves"])
def test_stopped_and_gone_on_with_it_ends_where_it_would_have(place, material, monkeypatch, moment):
    class Stopped(Exception):
        pass

    from training.tuning.probe import Probe

    out, settings = place / moment, given.settings("steps.rate=1e-2", "check.times=3", driver="trl")
    where, name = (Probe, "__call__") if moment == "while it measures" else (sft_trl, "write")
    real, calls = getattr(where, name), []

    def fails(*arguments):
        calls.append(1)
        if len(calls) == (2 if where is Probe else 3):  # the place is written twice for each checkpoint
            raise Stopped
        return real(*arguments)

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(where, name, fails)
        sft.tune(place / "d", str(place / "m"), out, settings)
    cut = out / "trl" / "checkpoint-999"  # a later one that was not written to its end
    cut.mkdir()
    (cut / "adapter_model.safetensors").write_bytes(b"")
    again = sft.tune(place / "d", str(place / "m"), out, settings)
    assert again is not None
    assert len(list((out / "trl").glob("checkpoint-*"))) == 1
    assert again.tokens == material.tokens
    seen = [tokens for tokens, _ in again.curves["eval loss"]]
    assert len(seen) == len(set(seen)) == 3
    assert seen[-1] == again.tokens
    assert again.best["eval loss"] < again.before["eval loss"]


@pytest.mark.slow
@pytest.mark.parametrize("driver", ["own", "trl"])
def test_two_processes_learn_what_one_does(place, driver):
    """By torchrun, on a CPU: the same tokens, and a loss that falls alike."""
    words = [str(place / "d"), "--model", str(place / "m"), "--recipe", "toy", "--driver", driver]
    for one in ("steps.batch_tokens=500", "check.examples=8", "lora.rank=4", "steps.rate=1e-2"):
        words += ["--set", one]
    reports = []
    for processes in (1, 2):
        launch = ["-m", "torch.distributed.run", "--nproc_per_node", str(processes), "-m", "training.sft"]
        line = [sys.executable, *launch, *words, "--out", str(place / f"{driver}-{processes}")]
        done = subprocess.run(
            line,
            cwd=given.ROOT,
            capture_output=True,
            text=True,
            timeout=280,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        reports.append(json.loads(done.stdout.splitlines()[-1]))
    one, two = reports
    assert two["steps"] == pytest.approx(one["steps"] / 2, abs=1)
    assert two["tokens"] == pytest.approx(one["tokens"], rel=0.1)
    assert two["best"]["eval loss"] < two["before"]["eval loss"] - 0.03


def test_a_step_is_divided_by_its_answer_tokens_whatever_they_weigh():
    batch = {
        "weights": torch.tensor([[0.5, 0.5, 0.5], [2.0, 2.0, 0.0]]),
        "shift_labels": torch.tensor([[-100, 7, 8], [9, -100, -100]]),
    }
    assert int(sft_trl.answers(batch)) == 3


def test_the_newest_checkpoint_that_is_whole_is_gone_on_from(tmp_path):
    assert sft_trl.newest(tmp_path / "none") is None
    for step, files in ((9, (sft_trl.STATE, sft_trl.PLACE)), (10, (sft_trl.STATE, sft_trl.PLACE)), (11, ())):
        (tmp_path / f"checkpoint-{step}").mkdir()
        for name in files:
            (tmp_path / f"checkpoint-{step}" / name).write_text("{}")
    (tmp_path / "mine").mkdir()
    assert sft_trl.newest(tmp_path) == tmp_path / "checkpoint-10"
    (tmp_path / "checkpoint-10" / sft_trl.STATE).unlink()
    assert sft_trl.newest(tmp_path) == tmp_path / "checkpoint-9"
    sft_trl.clear(tmp_path, tmp_path / "checkpoint-9")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-9", "mine"]
