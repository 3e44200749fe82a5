"""Fine-tuning by the own driver: what it learns from, what it refuses, what it leaves, and that it goes on."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("datasets")

import tuning_helpers as given  # noqa: E402 - after the look for torch
from tuning_helpers import gradient, material  # noqa: E402

from arc_submit.config import PromptsConfig, SampleConfig  # noqa: E402
from arc_submit.errors import ConfigError, DataError, EngineError, OutputError, ResumeError  # noqa: E402
from arc_submit.prompts import Writer  # noqa: E402
from arc_submit.records import Message, Prompt  # noqa: E402
from arc_submit.sample import Request, chat, checkpoint  # noqa: E402
from arc_submit.tasks import load as tasks  # noqa: E402
from training import loop, sft  # noqa: E402
from training import loss as losses  # noqa: E402
from training.attention import NAME, fitted  # noqa: E402
from training.batch import packed, padded  # noqa: E402
from training.data import shards  # noqa: E402
from training.data.examples import Example  # noqa: E402
from training.data.shards import Encoded  # noqa: E402
from training.dataset import sides, store  # noqa: E402
from training.exercises import Exercise  # noqa: E402
from training.guard import ContaminationError  # noqa: E402
from training.loss import completion_loss  # noqa: E402
from training.split import held_out  # noqa: E402
from training.tasks.registry import item  # noqa: E402
from training.tuning import data, folder, memory, model, probe  # noqa: E402
from training.tuning.settings import Length, read, recipes  # noqa: E402

EVAL = given.rows(2, 2, "b")
SAMPLED = ("check.tasks=1", "check.programs=4", "check.source=generated:symmetry/unfold", "check.max_new_tokens=16")


@pytest.fixture(scope="module", autouse=True)
def quick():
    """The machine's speed is measured for a moment only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "TOP_SPEED_SECONDS", 0.01)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a random model `m` and a dataset `d`."""
    made = tmp_path_factory.mktemp("own")
    given.tiny(made / "m")
    given.dataset(made / "d")
    return made


@pytest.fixture(scope="module")
def run(place):
    report = sft.tune(place / "d", str(place / "m"), place / "run", given.settings("steps.rate=1e-2"))
    assert report is not None
    return report


def examples(count=4, seed=0):
    rng = np.random.default_rng(seed)
    sizes = [9, 5, 7, 12, 6, 8][:count]
    return [Encoded(rng.integers(5, 3000, size).astype(np.int32), 3, 0.5 + number) for number, size in enumerate(sizes)]


def random_model(place):
    return model.load(place / "m", given.settings()).train()


# A run. ---------------------------------------------------------------------------------------------------------------


def test_the_loss_falls_on_examples_that_were_not_trained_on(run):
    assert run.best["eval loss"] < run.before["eval loss"] - 0.05


def test_what_is_measured_is_kept_with_the_curves_and_the_best_is_the_result(run, place):
    curves = json.loads((place / "run" / "curves.json").read_text())
    assert len(curves["eval loss"]) == 2
    assert run.best["eval loss"] == min(value for _, value in curves["eval loss"])
    assert (place / "run" / "adapter" / "adapter_model.safetensors").read_bytes() == (
        place / "run" / "best" / "adapter_model.safetensors"
    ).read_bytes()
    card = json.loads((place / "run" / "adapter" / "tuning.json").read_text())
    assert card["tokens"] == run.tokens and card["dataset"]["version"] == "compact-1"


def test_every_token_is_trained_on_once_an_epoch(run, place):
    assert run.tokens == material(place).tokens


def test_the_solvers_engine_wears_the_adapter(run, place):
    from arc_submit.sample.hf import HfEngine

    adapter = place / "run" / "adapter"
    engine = HfEngine(SampleConfig(model=str(place / "m"), adapter=adapter.resolve(), max_new_tokens=8))
    try:
        prompt = Writer(PromptsConfig()).fresh(tasks("arc1-training").tasks[0])
        with_adapter = engine.score(prompt, "identity(I)")
        engine.adapt(None)
        alone = engine.score(prompt, "identity(I)")
        (answers,) = engine.sample([Request(prompt, 2, seed=0)], time.monotonic() + 60.0)
    finally:
        engine.close()
    assert sum(with_adapter) > sum(alone)
    assert len(answers) == 2


def test_no_path_of_this_machine_is_in_the_result(run, place):
    for file in (place / "run" / "adapter").glob("*.json"):
        assert str(place) not in file.read_text()


def test_a_finished_run_is_not_run_again(run, place, monkeypatch):
    monkeypatch.setattr(model, "build", lambda *_: pytest.fail("loaded"))
    again = sft.tune(place / "d", str(place / "m"), place / "run", given.settings("steps.rate=1e-2"))
    assert again is not None and again.tokens == run.tokens


@pytest.mark.slow
def test_programs_are_sampled_and_voted_over_on_the_way(place):
    report = sft.tune(place / "d", str(place / "m"), place / "sampled", given.settings(*SAMPLED))
    assert report is not None
    assert len(report.curves["eval loss"]) == len(report.curves["solved"]) == len(report.curves["valid"]) == 2
    assert {"solved", "passed", "valid", "eval loss"} == set(report.before)


def test_stopped_and_gone_on_with_is_the_same_as_not_stopped(place, monkeypatch):
    class Stopped(Exception):
        pass

    def stopping(self, model):
        raise Stopped

    settings = given.settings("check.before=false")
    whole = sft.tune(place / "d", str(place / "m"), place / "whole", settings)
    measured = probe.Probe.__call__
    calls = []

    def second_fails(self, model):
        calls.append(1)
        return measured(self, model) if len(calls) == 1 else stopping(self, model)

    monkeypatch.setattr(probe.Probe, "__call__", second_fails)
    with pytest.raises(Stopped):
        sft.tune(place / "d", str(place / "m"), place / "parts", settings)
    monkeypatch.setattr(probe.Probe, "__call__", measured)
    parts = sft.tune(place / "d", str(place / "m"), place / "parts", settings)
    assert whole is not None and parts is not None
    assert parts.tokens == whole.tokens
    assert parts.best["eval loss"] == pytest.approx(whole.best["eval loss"], abs=1e-4)


def test_all_weights_are_tuned_at_rank_zero_and_the_result_is_a_model(place):
    report = sft.tune(place / "d", str(place / "m"), place / "full", given.settings("lora.rank=0", "check.times=1"))
    assert report is not None
    assert report.trained_parameters == memory.parameters(place / "m")
    found = checkpoint.resolve(SampleConfig(model=str(place / "full" / "model")))
    assert found.architecture == "Qwen2ForCausalLM"


# The loss. ------------------------------------------------------------------------------------------------------------


def test_an_example_that_weighs_nothing_has_no_gradient(place):
    tuned, (one, other, *_) = random_model(place), examples()
    weighed = [replace(one, weight=1.0), replace(other, weight=0.0)]
    alone = gradient(completion_loss(tuned, padded(weighed[:1])), tuned)
    both = gradient(completion_loss(tuned, padded(weighed)), tuned)
    # divided by answer tokens: 9 - 3 = 6 alone, 6 + (5 - 3) = 8 together
    assert torch.allclose(alone * 6, both * 8, atol=1e-5)


def test_an_example_that_weighs_two_pulls_twice_as_hard_also_where_it_is_alone_in_a_step(place):
    tuned, (one, *_) = random_model(place), [replace(example, weight=1.0) for example in examples()]
    once = gradient(completion_loss(tuned, padded([one])), tuned)
    heavy = gradient(completion_loss(tuned, padded([replace(one, weight=2.0)])), tuned)
    assert torch.allclose(2 * once, heavy, atol=1e-5)
    assert float(once.abs().max()) > 1e-3


def test_steps_that_add_up_are_one_step_whatever_the_examples_weigh(place):
    tuned, group = random_model(place), examples()
    whole = gradient(completion_loss(tuned, padded(group)), tuned)
    total = sum(len(example.ids) - example.prompt for example in group)
    parts = [gradient(completion_loss(tuned, padded(part), 0.0, total), tuned) for part in (group[:1], group[1:])]
    assert torch.allclose(whole, parts[0] + parts[1], atol=1e-5)


def test_a_batch_that_weighs_nothing_has_no_loss_and_no_nan(place):
    tuned = random_model(place)
    found = gradient(completion_loss(tuned, padded([replace(one, weight=0.0) for one in examples()])), tuned)
    assert float(found.abs().max()) == 0.0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_head_applied_in_parts_gives_the_same_gradient(place, monkeypatch, smoothing):
    tuned, batch = random_model(place), padded(examples())
    whole = gradient(completion_loss(tuned, batch, smoothing), tuned)
    monkeypatch.setattr(losses, "LOGITS", 5 * tuned.config.vocab_size)  # 5 of 21 answer tokens at a time
    parts = gradient(completion_loss(tuned, batch, smoothing), tuned)
    assert torch.allclose(whole, parts, atol=1e-6)


def test_attention_in_float32_keeps_packed_examples_apart(place):
    tuned = random_model(place)
    plain = completion_loss(tuned, padded(examples()))
    fitted(tuned, "cpu")
    assert tuned.config._attn_implementation == NAME
    together = completion_loss(tuned, packed(examples(), 16))
    assert together.item() == pytest.approx(plain.item(), abs=1e-5)


def test_attention_in_float32_has_the_gradient_of_the_librarys_within_bfloat16(place):
    tuned, batch = random_model(place), padded(examples())
    exact = gradient(completion_loss(tuned, batch), tuned)
    fitted(tuned, "cpu")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = completion_loss(tuned, batch)
    found = gradient(loss, tuned)
    assert float((found - exact).norm() / exact.norm()) < 0.02


def test_on_an_accelerator_attention_stays_what_it_is(place):
    assert fitted(random_model(place), "cuda:0").config._attn_implementation == "sdpa"


# Examples. ------------------------------------------------------------------------------------------------------------


def test_rows_are_encoded_as_shards_are(place):
    tokenizer = chat.load_tokenizer(place / "m")
    rows = list(store.load(place / "d", "train"))
    for row, found in zip(rows, data.encoded(rows, tokenizer), strict=True):
        messages = tuple(Message(one["role"], one["content"]) for one in row.prompt)
        prompt = Prompt(row.task, row.kind, messages)
        wanted = shards.encode(Example(prompt, row.completion[0]["content"], row.weight), tokenizer)
        assert found.ids.tolist() == wanted.ids.tolist()
        assert (found.prompt, found.weight) == (wanted.prompt, wanted.weight)
        assert found.ids.tolist() == [
            *chat.render(tokenizer, prompt),
            *chat.answer(tokenizer, row.completion[0]["content"]),
        ]


def test_what_is_longer_than_the_limit_is_left_out_whole_and_counted(place):
    every = material(place)
    limit = sorted(len(example.ids) for example in every.train)[19]
    found = material(place, f"length.most={limit}")
    fits = [example for example in every.train if len(example.ids) <= limit]
    assert found.dropped == 40 - len(fits) > 0
    assert [example.ids.tolist() for example in found.train] == [example.ids.tolist() for example in fits]
    assert any(f"longer than {limit} tokens" in notice for notice in found.notices)


def test_weights_have_the_mean_one_again_when_examples_are_left_out(place):
    every = material(place)
    limit = sorted(len(example.ids) for example in every.train)[19]
    for found in (every, material(place, f"length.most={limit}")):
        assert np.mean([example.weight for example in found.train]) == pytest.approx(1.0)
    first, second = every.train[:2]  # 0.5 and 1 in the dataset
    assert second.weight == pytest.approx(2 * first.weight)


def test_token_shards_are_of_one_size(place, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "SHARD", 3)
    encoded = [replace(examples()[0], weight=float(number)) for number in range(7)]
    count = sft._shards(tmp_path, encoded)
    found = [shards.read(shards.path(tmp_path, number)) for number in range(count)]
    assert [len(one) for one in found] == [2, 2, 3]
    assert [example.weight for one in found for example in one] == [0, 1, 2, 3, 4, 5, 6]


def test_the_limit_is_a_percentile_of_the_lengths_within_bound_and_context():
    lengths = [Encoded(np.zeros(size, np.int32), 1) for size in range(1, 101)]
    assert data.longest(lengths, Length(percentile=90.0), 1000) == 91  # 90 % of the way from the 1st to the 100th
    assert data.longest(lengths, Length(percentile=90.0, most=40), 1000) == 40
    assert data.longest(lengths, Length(), 64) == 64


def test_every_shipped_recipe_is_read():
    assert {"toy", "small-lora", "small-full", "qwen-0.5b", "qwen-7b-4bit", "qwen-14b"} <= set(recipes())
    for name in recipes():
        assert read(name).style in ("compact", "chat")


# Bad input. -----------------------------------------------------------------------------------------------------------


CONTENTS = {"train": given.contents(8, 1, "a"), "eval": given.contents(2, 2, "b")}


def remade(place, name, splits=None, contents=CONTENTS, **changes):
    """A dataset of eight examples with something wrong."""
    place.mkdir(exist_ok=True)
    store.save(place / name, splits or {"train": given.rows(8, 1, "a"), "eval": EVAL}, given.about(**changes))
    store.write_contents(place / name, contents)
    return place / name


def test_prompts_of_another_style_than_asked_for_are_refused(place):
    with pytest.raises(DataError, match="style compact, the recipe asks for chat"):
        material(place, "style=chat")


def test_prompts_of_another_version_are_refused(place):
    with pytest.raises(DataError, match=r"written as compact-0, this kit writes compact-1"):
        material(place, folder=remade(place, "version", version="compact-0"))


def test_lengths_counted_with_another_tokenizer_are_counted_again_with_a_notice(place):
    found = material(place, folder=remade(place, "mixed", fingerprint="another"))
    assert any("another tokenizer" in notice for notice in found.notices)
    assert len(found.train) == 8
    assert not any("another tokenizer" in notice for notice in material(place).notices)


def test_a_dataset_without_the_guards_word_is_refused(place):
    with pytest.raises(ContaminationError, match="arc1-evaluation"):
        material(place, folder=remade(place, "unguarded", guard=""))


def test_a_task_that_is_measured_on_is_refused(place):
    rows = given.rows(2, 1, "a")
    measured = held_out()[3].id
    held = [replace(rows[0], task=measured), rows[1]]
    with pytest.raises(ContaminationError, match=measured):
        material(place, folder=remade(place, "held", {"train": held, "eval": EVAL}))


def test_evaluation_content_under_another_name_is_refused(place):
    measured = tasks("arc2-evaluation").tasks[0]
    hidden = {**CONTENTS, "train": {**CONTENTS["train"], "a-3": sides.forms(Exercise(measured, ""))}}
    with pytest.raises(ContaminationError, match=rf"task a-3 holds a pair of \S+/{measured.id}"):
        material(place, folder=remade(place, "hidden", contents=hidden))


def test_one_task_under_two_names_on_both_sides_is_refused(place):
    leaking = {**CONTENTS, "eval": {"b-0": CONTENTS["train"]["a-1"], "b-1": frozenset()}}
    with pytest.raises(DataError, match="task b-0 of the eval side shares a pair with task a-1"):
        material(place, folder=remade(place, "leaking", contents=leaking))


def test_a_task_on_both_sides_is_refused(place):
    rows = given.rows(4, 1, "a")
    with pytest.raises(DataError, match="stand in train and eval"):
        material(place, folder=remade(place, "leak", {"train": rows, "eval": rows[:1]}))


def test_an_empty_dataset_is_refused(place):
    with pytest.raises(DataError, match="no examples in its train split"):
        material(place, folder=remade(place, "empty", {"train": [], "eval": EVAL}, rows={"train": 0, "eval": 2}))


def test_a_limit_below_every_example_is_refused(place):
    with pytest.raises(DataError, match="no example of 3 tokens or less"):
        material(place, "length.most=3")


def test_examples_that_weigh_nothing_are_left_out_and_counted(place):
    rows = [replace(row, weight=0.0 if number < 3 else 1.0) for number, row in enumerate(given.rows(8, 1, "a"))]
    found = material(place, folder=remade(place, "light", {"train": rows, "eval": EVAL}))
    assert (found.weightless, len(found.train)) == (3, 5)


def test_a_folder_with_another_runs_settings_is_refused(run, place):
    with pytest.raises(ResumeError, match=r"steps.rate=0.01, asked for is 0.002"):
        sft.tune(place / "d", str(place / "m"), place / "run", given.settings("steps.rate=2e-3"))


def test_a_run_does_not_go_on_with_other_examples_under_the_same_name(place):
    rows = [given.rows(8, 1, "a") for _ in range(4)]
    rows[1][2] = replace(rows[1][2], completion=[{"role": "assistant", "content": "identity(I)"}])
    rows[2][2] = replace(rows[2][2], weight=9.0)
    rows[3][2] = replace(rows[3][2], id="a/other")
    told = [material(place, folder=remade(place / f"v{n}", "same", {"train": own, "eval": EVAL})).told
            for n, own in enumerate(rows)]  # fmt: skip
    again = material(place, folder=remade(place / "v9", "same", {"train": given.rows(8, 1, "a"), "eval": EVAL})).told
    assert again == told[0] and len({one["content"] for one in told}) == 4
    folder.begin(place / "began", {"dataset": told[0]})
    with pytest.raises(ResumeError, match="on other examples than the dataset has now"):
        folder.begin(place / "began", {"dataset": told[1]})


def test_a_dataset_in_which_everything_weighs_nothing_is_refused(place):
    rows = [replace(row, weight=0.0) for row in given.rows(8, 1, "a")]
    with pytest.raises(DataError, match="every example of its train split weighs nothing"):
        material(place, folder=remade(place, "feather", {"train": rows, "eval": EVAL}))


def test_a_task_that_is_learnt_from_is_not_one_to_measure_by(place, monkeypatch):
    made = item(1, 3)  # a-3 of the dataset
    hidden = Exercise(replace(made.task, id="another"), "somewhere", (made.test,))
    monkeypatch.setattr(sft, "gather", lambda *_: [hidden])
    with pytest.raises(ContaminationError, match=r"its task another shares a pair with task a-3"):
        sft.tune(place / "d", str(place / "m"), place / "leaky", given.settings(*SAMPLED))
    other = item(7, 3)
    monkeypatch.setattr(sft, "gather", lambda *_: [Exercise(other.task, "somewhere", (other.test,))])
    assert len(sft._exercises(place / "d", given.settings(*SAMPLED))) == 1


def test_a_folder_with_something_else_is_refused(place):
    (place / "mine").mkdir()
    (place / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="no run of"):
        sft.tune(place / "d", str(place / "m"), place / "mine", given.settings())


@pytest.mark.parametrize("wish", ["hold.bits=4", "hold.liger=true", "hold.unsloth=true"])
def test_what_needs_cuda_says_so_without(place, monkeypatch, wish):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"needs a CUDA device"):
        sft.tune(place / "d", str(place / "m"), place / "cuda", given.settings(wish, driver="trl"))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("hold.liger=true", "trl driver"),
        ("hold.bits=4", "hold.bits=4 needs the trl driver"),
        ("steps.accumulate=4", "trl driver"),
        ("lora.rnk=4", "did you mean 'rank'"),
        ("lora.rank=-1", "lora.rank=-1"),
        ("lore.rank=4", "did you mean 'lora'"),
        ("lora", "expected key=value"),
    ],
)
def test_settings_that_make_no_sense_are_named(wish, said):
    with pytest.raises(ConfigError, match=said):
        given.settings(wish)


def test_packing_under_flash_attention_is_the_trl_drivers():
    wishes = ("steps.packing=true", "hold.attention=flash_attention_2")
    assert given.settings(*wishes, driver="trl").steps.packing
    with pytest.raises(ConfigError, match="flash_attention_2 needs the trl driver"):
        given.settings(*wishes)


@pytest.mark.parametrize(
    ("text", "said"), [(b"lora = 3", r"the recipe has lora = 3; expected a table"), (b"# caf\xe9", "no TOML")]
)
def test_a_recipe_that_makes_no_sense_is_named(tmp_path, text, said):
    (tmp_path / "mine.toml").write_bytes(text)
    with pytest.raises(ConfigError, match=said):
        read(str(tmp_path / "mine.toml"), ["lora.rank=4"])


def test_an_unknown_recipe_is_named_with_those_that_there_are():
    with pytest.raises(ConfigError, match=r"no recipe 'big'; expected one of .*toy"):
        read("big")


def test_several_devices_want_a_process_each_under_trl(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    with pytest.raises(ConfigError, match=r"accelerate launch --num_processes 2 .* CUDA_VISIBLE_DEVICES=0"):
        model.check(given.settings(driver="trl"))
    model.check(given.settings())
    model.check(given.settings("device=cpu", driver="trl"))
    monkeypatch.setenv("LOCAL_RANK", "1")
    model.check(given.settings(driver="trl"))


def test_the_start_is_measured_on_the_device_that_it_trains_on(tmp_path, monkeypatch):
    class Tuned:
        device = "cpu"

        def to(self, device):
            self.device = device

        def eval(self):
            return self

    class Probe:
        def measure(self, tuned):
            return {"on": tuned.device}

    assert sft._before(Tuned(), Probe(), tmp_path, given.settings("device=cpu")) == {"on": "cpu"}
    monkeypatch.setattr(model, "on_accelerator", lambda _: True)
    monkeypatch.setenv("LOCAL_RANK", "1")
    (tmp_path / "before.json").unlink()
    assert sft._before(Tuned(), Probe(), tmp_path, given.settings()) == {"on": "cuda:1"}


def test_a_loss_that_is_not_a_number_is_never_the_best(place, tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "save", lambda model, folder, base: folder.mkdir())
    watch = probe.Probe(place / "m", tmp_path, PromptsConfig(), (), (), 1, 8, 500, 0)
    watch._keep(None, {"eval loss": float("nan")})
    assert probe.best(tmp_path) is None
    watch._keep(None, {"eval loss": 2.0})
    watch._keep(None, {"eval loss": float("nan"), "solved": 1.0})
    assert probe.best(tmp_path) == {"eval loss": 2.0}


def test_out_of_memory_comes_with_advice(place, monkeypatch):
    def full(*_):
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried to allocate"
        )

    monkeypatch.setattr(sft, "own", full)
    settings = given.settings("lora.rank=0", "steps.batch_tokens=8192", "check.before=false")
    with pytest.raises(EngineError, match=r"steps.batch_tokens=4096, or hold.checkpointing=true, or lora.rank=32"):
        sft.tune(place / "d", str(place / "m"), place / "oom", settings)


def test_a_model_that_cannot_fit_is_refused_before_it_is_loaded(place, monkeypatch):
    monkeypatch.setattr(memory, "spare_bytes", lambda: 1000.0)
    with pytest.raises(EngineError, match="weights and optimizer need"):
        sft.tune(place / "d", str(place / "m"), place / "big", given.settings())


def test_a_loss_that_is_not_a_number_ends_the_run_with_advice(place, monkeypatch):
    real = loop.completion_loss
    monkeypatch.setattr(loop, "completion_loss", lambda *given: real(*given) * float("nan"))
    with pytest.raises(loop.DivergedError, match=r"the loss is nan after 0 tokens; a lower learning rate"):
        sft.tune(place / "d", str(place / "m"), place / "nan", given.settings("check.before=false"))


def test_a_weight_that_is_not_a_number_is_refused(place):
    rows = [replace(row, weight=float("nan")) for row in given.rows(8, 1, "a")]
    with pytest.raises(DataError, match="example a/0 has the weight nan"):
        material(place, folder=remade(place, "nameless", {"train": rows, "eval": EVAL}))
