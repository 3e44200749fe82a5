"""GRPO over many tasks: what bears loss, the way back, going on after a stop; and, marked slow, trl's trainer."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import PlayedSandbox, make_task

from arc_submit.adapt.records import Answer, Group
from arc_submit.config import load
from arc_submit.errors import ConfigError, ResumeError
from arc_submit.prompts import Writer
from arc_submit.records import Completion, Fault, Prompt, View
from arc_submit.sample.forcing import Forced
from training import grpo, rollouts
from training.grpo import Plan, Result, Run, Show
from training.guard import form

pytest.importorskip("torch")
pytest.importorskip("transformers")

ROOT = Path(__file__).parents[2]
PLAN = Plan(
    generators=("scaling/grow", "counting/as_factor"), items=1, batches=2, prompts=2, group=8, measured=2, answers=4,
    save_every=1,
)  # fmt: skip
SETTINGS = ("adapt.rank=2", "adapt.policy_rate=1e-3", "adapt.batch=8", "sample.max_new_tokens=48")


def settings(*more: str) -> Any:
    return load("laptop", [f"sample.model={ROOT / 'weights/small'}", *SETTINGS, *more]).model_copy(update={"seed": 5})


def factors(out: Path) -> dict[str, Any]:
    return grpo.read_factors(out / "adapter")


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    import torch

    return one.keys() == other.keys() and all(
        torch.equal(a, b) for name in one for a, b in zip(one[name], other[name], strict=True)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A run of two batches that nothing stopped."""
    out = tmp_path_factory.mktemp("grpo") / "whole"
    return out, grpo.run(PLAN, settings(), out)


def test_a_run_writes_adapter_curves_curriculum_and_result(whole):
    from arc_submit.sample.checkpoint import check_adapter

    out, result = whole
    assert (result.batches, result.why, result.seed) == (2, "", 5)
    assert result.before is not None and result.after is not None and 0.0 <= result.before <= 1.2
    check_adapter(out / "adapter", ROOT / "weights/small")
    assert any(high.abs().max() > 0 for _, high in factors(out).values())  # it learnt something
    curves = json.loads((out / "curves.json").read_text())
    assert [batch for batch, _ in curves["reward"]] == [1, 2]
    assert [batch for batch, _ in curves["measured"]] == [0, 2]
    assert (out / "curves.svg").read_text().startswith("<svg")
    told = json.loads((out / "curriculum.json").read_text())["tasks"]
    assert sorted(record["visits"] for record in told.values()) == [2, 2]
    assert json.loads((out / "result.json").read_text())["of"]["plan"]["group"] == 8
    assert not (out / "present").exists() and not (out / "checkpoint.part").exists()


def test_stopped_and_resumed_is_the_same_as_not_stopped(whole, tmp_path, monkeypatch):
    class Stopped(Exception):
        pass

    saved = Run._save

    def save_and_stop(run: Run) -> None:
        saved(run)
        raise Stopped

    out, result = whole
    with monkeypatch.context() as patched:
        patched.setattr(Run, "_save", save_and_stop)
        with pytest.raises(Stopped):
            grpo.run(PLAN, settings(), tmp_path)
    assert not (tmp_path / "result.json").exists()
    again = grpo.run(PLAN, settings(), tmp_path)
    assert (again.before, again.after, again.batches) == (result.before, result.after, 2)
    assert equal(factors(tmp_path), factors(out))
    ours, theirs = (json.loads((folder / "curriculum.json").read_text()) for folder in (tmp_path, out))
    assert ours == theirs


def test_a_finished_run_is_read_and_not_made_again(whole, monkeypatch):
    out, result = whole
    monkeypatch.setattr(grpo, "Run", None)
    assert grpo.run(PLAN, settings(), out) == result


def test_a_folder_is_gone_on_with_under_its_own_settings_only(whole):
    with pytest.raises(ResumeError, match=r"another adapt\.policy_rate; take another --out"):
        Run(PLAN, settings("adapt.policy_rate=1e-2"), whole[0])
    with pytest.raises(ResumeError, match=r"another plan\.group"):  # nor is a finished run's result another's
        grpo.run(PLAN.model_copy(update={"group": 4}), settings(), whole[0])


def test_a_breach_brings_the_last_good_adapter_back_and_ends_the_run(tmp_path):
    # Any update moves the adapter by more than a millionth of a nat: the first one is one too many.
    result = grpo.run(PLAN, settings("adapt.most_kl=1e-9"), tmp_path)
    assert result.why.startswith("guard, before batch 2: divergence from the start rose")
    assert result.batches == 1
    assert all(high.abs().max() == 0 for _, high in factors(tmp_path).values())  # the start
    assert (result.kl, result.after) == (0.0, result.before)


def test_the_last_update_is_looked_at_too(tmp_path):
    result = grpo.run(PLAN.model_copy(update={"batches": 1}), settings("adapt.most_kl=1e-9"), tmp_path)
    assert result.why.startswith("guard, at the end: divergence")
    assert all(high.abs().max() == 0 for _, high in factors(tmp_path).values())


def test_a_run_ends_when_every_task_has_retired(tmp_path):
    with Run(PLAN, settings(), tmp_path) as run, Show("t", 2) as show:
        for record in run.curriculum.records.values():
            record.retired = True
        assert run.train(show).why == "every task has retired"


# What bears loss. ----------------------------------------------------------------------------------------------------

PROMPT = Prompt("t", "fresh", ())


class Rendered:
    """A tokenizer whose every prompt is 1 2."""

    def apply_chat_template(self, *_: Any, **__: Any) -> list[int]:
        return [1, 2]


def answer(reward: float | None, *tokens: int, finish: str = "stop") -> Answer:
    return Answer(tokens, tuple(-0.1 * token for token in tokens), finish, reward=reward)


def lessons(*answers: Answer, completions: list[Completion] | None = None) -> list[Any]:
    own = completions or [Completion("", "fresh", (), one.tokens, one.logprobs, one.finish) for one in answers]
    return grpo.lessons([Group("t", PROMPT, answers)], [own], Rendered(), scale=False)


def test_unscored_answers_are_left_out_and_count_in_no_mean():
    found = lessons(answer(1.0, 3), answer(None, 4), answer(0.0, 5))
    # The mean of 1 and 0 is 0.5; with a third that counts as 0 it would be a third.
    assert [(example.answer, example.advantage) for example in found] == [((3,), 0.5), ((5,), -0.5)]


def test_answers_that_were_cut_bear_no_loss_and_count_in_the_mean():
    found = lessons(answer(1.0, 3), answer(0.0, 4, finish="length"))
    assert [(example.answer, example.advantage) for example in found] == [((3,), 0.5)]


def test_a_group_of_equals_teaches_nothing():
    assert lessons(answer(0.5, 3), answer(0.5, 4)) == []


def test_forced_tokens_bear_no_loss():
    long, short = answer(1.0, 3, 4, 5, 6, 7), answer(0.0, 8)
    completions = [
        Forced("", "fresh", (), long.tokens, long.logprobs, forced=((2, 4),), thinking=3),
        Completion("", "fresh", (), short.tokens, short.logprobs),
    ]
    found = lessons(long, short, completions=completions)
    assert [(example.prompt, example.answer) for example in found] == [
        ((1, 2), (3, 4)),
        ((1, 2, 3, 4, 5, 6), (7,)),
        ((1, 2), (8,)),
    ]
    assert [example.advantage for example in found] == [0.5, 0.5, -0.5]
    assert found[1].old == pytest.approx((-0.7,))


# Tasks, prompts, judging. --------------------------------------------------------------------------------------------

TASK = make_task(("12/34", "34/12"), ("56/78", "78/56"))
FLIP, LOST = "def solve(I):\n    return I[::-1]\n", "def solve(I):\n    return lost\n"


def judged(*texts: str | Completion, order: tuple[int, ...] = ()) -> Group:
    from arc_submit.prompts.compact import IMPORT

    played: Any = PlayedSandbox(
        {
            f"{IMPORT}\n\n\n{FLIP}": lambda grid: grid[::-1],
            f"{IMPORT}\n\n\n{LOST}": lambda grid: Fault.LOST,
        }
    )
    completions = [text if isinstance(text, Completion) else Completion(text, "fresh") for text in texts]
    prompt = replace(PROMPT, view=View(order=order))
    (found,) = rollouts.judged(played, [(TASK, prompt, completions)])
    return found


def test_an_answer_that_could_not_be_judged_is_unscored_and_one_without_a_program_is_worth_nothing():
    found = judged(FLIP, LOST, "no program here")
    assert [one.reward for one in found.answers] == [pytest.approx(1.2), None, 0.0]


def test_a_pair_that_was_not_shown_has_a_reward_of_its_own():
    assert judged(FLIP, order=(1,)).answers[0].held == pytest.approx(1.2)


def test_thinking_is_paid_for():
    (found,) = judged(Forced(FLIP, "fresh", thinking=1000)).answers
    assert found.reward == pytest.approx(1.2 - 0.01)  # 1e-5 a token


def test_measured_tasks_share_no_pair_with_those_learnt_from():
    tasks = rollouts.generated(["scaling/grow", "colours"], seed=1, items=2, measured=12)
    assert {source.lines for source in tasks.learn.values()} >= {1}
    learnt = {form(pair.input, pair.output) for source in tasks.learn.values() for pair in source.task.train}
    held = {form(pair.input, pair.output) for task in tasks.measure for pair in task.train}
    assert len(tasks.measure) == 12 and not learnt & held
    assert not set(tasks.learn) & {task.id for task in tasks.measure}
    assert rollouts.generated(["scaling/grow", "colours"], seed=1, items=2, measured=12) == tasks


def test_a_measured_task_with_a_pair_that_is_learnt_from_is_taken_out(monkeypatch):
    made = rollouts._item
    monkeypatch.setattr(rollouts, "_item", lambda name, place: made(name, "same"))  # every seed the same tasks
    tasks = rollouts.generated(["scaling/grow"], seed=1, items=1, measured=3)
    assert (tasks.measure, tasks.guard[:6]) == ((), "3 of 3")


def test_a_generator_that_there_is_not_is_named():
    with pytest.raises(ConfigError, match="no generator or family 'scalings'"):
        rollouts.generated(["scalings"], 0, 1, 1)
    with pytest.raises(ConfigError, match="nothing to learn from"):
        grpo.gathered(Plan(), 0)


@pytest.mark.slow
def test_real_tasks_are_those_of_the_learning_side():
    from training.split import held_out

    tasks = rollouts.real(5)
    held = {task.id for task in held_out()}
    assert len(tasks.learn) > 500 and not held & set(tasks.learn)
    assert {task.id for task in tasks.measure} <= held


def test_prompts_show_a_pair_less_as_often_as_asked_and_views_to_hard_tasks():
    import random

    writer, task = Writer(settings().prompts), make_task(*[("12/34", "34/12"), ("56/78", "78/56"), ("10/20", "20/10")])
    rng = random.Random(0)
    shown = [rollouts.fresh(writer, task, rng, augmented=False, leave_out=0.5).view for _ in range(200)]
    assert 60 < sum(len(view.order) == 2 for view in shown) < 140
    assert {view.symmetry for view in shown} == {"identity"}
    hard = [rollouts.fresh(writer, task, rng, augmented=True, leave_out=0.0).view for _ in range(50)]
    assert len({view.symmetry for view in hard}) == 8


# The command. --------------------------------------------------------------------------------------------------------


def called(monkeypatch: pytest.MonkeyPatch, capsys: Any, gains: list[float], *words: str) -> tuple[int, dict[str, Any]]:
    def made(plan: Plan, config: Any, out: Path) -> Result:
        return Result(config.seed, 0.4, 0.4 + gains.pop(0), plan.batches, 0, 0, 0.0, 1.0, "", "")

    monkeypatch.setattr(grpo, "run", made)
    monkeypatch.setattr(sys, "argv", ["grpo", *words])
    code = grpo.main()
    said = capsys.readouterr().out
    return code, json.loads(said) if said else {}


def test_the_toy_recipe_says_three_seeds_and_a_margin(monkeypatch, capsys):
    margin = grpo.read_recipe("toy").plan.margin
    assert margin is not None and margin >= 0.05
    code, said = called(monkeypatch, capsys, [margin + 0.01] * 3, "--recipe", "toy")
    assert code == 0
    assert len({one["seed"] for one in said["runs"]}) == 3
    assert said["runs"][0]["gain"] == pytest.approx(margin + 0.01)


def test_a_margin_that_one_seed_misses_is_an_exit_of_1(monkeypatch, capsys):
    assert called(monkeypatch, capsys, [0.9, 0.9, 0.0], "--recipe", "toy")[0] == 1


def test_options_go_on_top_of_the_recipe(monkeypatch, capsys):
    words = ("--recipe", "toy", "--seed", "7", "--batches", "3", "--generators", "lines,cells")
    code, said = called(monkeypatch, capsys, [1.0], *words)
    assert (code, [one["seed"] for one in said["runs"]], said["runs"][0]["batches"]) == (0, [7], 3)


@pytest.mark.parametrize(
    "words", [("--recipe", "big"), (), ("--generators", "lines", "--set", "adapt.rnak=2")], ids=" ".join
)
def test_mistakes_are_one_line_and_an_exit_of_2(words, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["grpo", "--out", str(tmp_path), *words])
    assert grpo.main() == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_trls_trainer_runs_two_steps_with_the_same_judge(tmp_path, request):
    pytest.importorskip("trl")
    from accelerate.state import AcceleratorState

    request.addfinalizer(lambda: AcceleratorState._reset_state(reset_partial_state=True))  # as trl left it
    from arc_submit.sample.checkpoint import check_adapter
    from training.grpo_trl import train

    result = train(PLAN, settings("adapt.batch=16"), tmp_path)  # 2 x 8 answers: one step a batch
    assert (result.batches, result.unscored, result.why) == (2, 0, "")
    assert result.before is not None and result.after is not None and math.isfinite(result.after)
    check_adapter(tmp_path / "adapter", ROOT / "weights/small")
    logged = json.loads((tmp_path / "curves.json").read_text())
    assert [entry["step"] for entry in logged if "reward" in entry] == [1, 2]
    visits = [record["visits"] for record in json.loads((tmp_path / "curriculum.json").read_text())["tasks"].values()]
    assert visits == [2, 2]
