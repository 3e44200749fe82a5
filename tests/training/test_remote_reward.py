"""Rewards through a real server are the rewards of the judge at hand, for every kind of answer."""

import random
import time

import pytest
from helpers import make_task
from serve.serving import ROOT, TOKEN, served

from arc_submit import views
from arc_submit.adapt.learner import group, known
from arc_submit.config import PromptsConfig
from arc_submit.programs import from_source
from arc_submit.prompts import Attempt, Writer
from arc_submit.records import Completion, View
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.search.language import Sampled
from arc_submit.serve.client import Client, NotTaken
from arc_submit.verify.trial import trial
from training.curriculum import Curriculum
from training.remote_reward import RemoteReward

pytest.importorskip("fastapi")

FLIP, OTHER = make_task(), make_task(("12", "21"), ("35", "53"), test=["67"], task_id="other")
ANSWERS = (
    "def solve(I):\n    return I[::-1]",
    "<think>upside down</think>\n```python\ndef transform(grid):\n    return grid[::-1]\n```",
    "def transform(grid):\n    return grid",
    "def solve(I):\n    return hmirror(I)",  # the DSL's import is put in front
    "def solve(I):\n    return 1 / 0",
    "def solve(I):\n    while True: pass",
    "no code at all",
    "```python\ndef transform(grid",
    "",
    "def transform(grid):\n    return [[3, 4], [1, 2]] if grid[0][0] == 1 else grid[::-1]",  # holds the answer
    "def main(input_grid):\n    return input_grid[::-1] + [[\ud800]]",  # not even text
    "def main(input_grid):\n    return [row[::-1] for row in input_grid]",
)


CPU = 0.1  # seconds of a program; an endless one costs them for each view, here and there


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    options = ("--workers", "1", "--set", f"sandbox.cpu_seconds={CPU}")
    with served(tmp_path_factory.mktemp("remote"), *options) as server, Client(server.url, TOKEN, patience=30) as found:
        yield found


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(SandboxConfig(cpu_seconds=CPU)) as found:
        yield found


def asked():
    writer, rng = Writer(PromptsConfig()), random.Random(0)
    shown = [View(), views.draw(rng, 2), View("rot90"), views.ordered(View(), (1,))]
    return [(task, writer.fresh(task, view)) for task in (FLIP, OTHER) for view in shown]


def calls():
    """(completions, ids, number) as trl hands them over: groups of answers to each prompt."""
    number = [place for place in range(8) for _ in ANSWERS]
    completions = [[{"role": "assistant", "content": text}] for _ in range(8) for text in ANSWERS]
    return completions, [[1, 2, 3]] * len(number), number


def test_rewards_are_those_of_the_judge_at_hand(client, sandbox):
    from training.grpo_trl import Judge  # torch: not for those who only collect

    prompts, lines = asked(), {"t": None, "other": None}
    ours, theirs = Curriculum(lines), Curriculum(lines)
    remote, local = RemoteReward(prompts, client, ours), Judge(prompts, sandbox, theirs)
    found, wanted = remote(*calls()), local(*calls())
    assert found == wanted
    assert len(set(found)) >= 4 and remote.unscored == local.unscored == 0  # right, wrong, partly, none
    assert ours.records == theirs.records
    assert found[9] == 0.0  # the literal
    assert remote.__name__ == local.__name__


def test_plain_text_answers_and_further_columns_are_taken(client):
    reward = RemoteReward(asked(), client)
    assert reward(completions=[ANSWERS[0]], completion_ids=[[1]], number=[0], prompts=["x"]) == [pytest.approx(1.2)]


def test_an_edit_is_worth_the_difference_to_the_better_parent(client, sandbox):
    parent = from_source("def transform(grid):\n    return grid", "test")
    worse = from_source("def transform(grid):\n    return 7", "test")
    attempts = [Attempt(one.id, one.source, (None, None), (False, False)) for one in (parent, worse)]
    writer = Writer(PromptsConfig())
    prompt = writer.crossover(FLIP, *attempts)
    parents = {parent.id: parent, worse.id: worse}
    found = RemoteReward([(FLIP, prompt)], client, parents=parents)([ANSWERS[0], ANSWERS[6]], [[1], [1]], [0, 0])
    # 1.2 - 0.2; no program: 0 - 0.2
    assert found == pytest.approx([1.0, -0.2])
    child = from_source(ANSWERS[0], "test")
    (candidates,) = trial(sandbox, [(FLIP, [child, parent, worse])], 0, time.monotonic() + 60)
    worth = {candidate.program.id: known(FLIP, candidate) for candidate in candidates}
    sampled = Sampled(prompt, (Completion(ANSWERS[0], "edit"),), (child.id,))
    assert group(FLIP, sampled, worth).answers[0].reward == found[0]


def test_an_edit_of_an_unknown_parent_is_unscored(client):
    parent = from_source("def transform(grid):\n    return grid", "test")
    prompt = Writer(PromptsConfig()).edit(FLIP, Attempt(parent.id, parent.source, (None, None), (False, False)))
    reward = RemoteReward([(FLIP, prompt)], client)
    assert reward([ANSWERS[0]], [[1]], [0]) == [None]
    assert reward.unscored == 1


def test_thinking_costs_where_it_is_counted(client):
    reward = RemoteReward(asked(), client, thinking=len)
    found = reward([ANSWERS[0]] * 2, [[1] * 100, [1] * 2000], [0, 0])
    assert found == pytest.approx([1.2 - 0.001, 1.2 - 0.02])


def test_answers_without_any_program_ask_nobody():
    class Nobody:
        def judge(self, asks, *, deadline):
            raise AssertionError("asked")

    assert RemoteReward(asked(), Nobody())(["", "x"], [[1], [1]], [0, 1]) == [0.0, 0.0]


def test_unscored_answers_are_none_and_the_curriculum_hears_so():
    class Lost:
        def judge(self, asks, *, deadline):
            from arc_submit.serve.records import Verdict

            return [Verdict(None, None, None, False, False, (), (), "", (), 0.0) for _ in asks]

    class Ear:
        def __init__(self):
            self.all = []

        def heard(self, task_id, rewards):
            self.all.append((task_id, rewards))

    ear = Ear()
    reward = RemoteReward(asked(), Lost(), ear)
    assert reward([ANSWERS[0], ""], [[1], [1]], [0, 0]) == [None, 0.0]
    assert ear.all == [("t", [None, 0.0])] and reward.unscored == 1


def test_a_wrong_token_stops_the_training(client):
    with pytest.raises(NotTaken, match="no token, or another"):
        RemoteReward(asked(), Client(client.url, "x" * 20))([ANSWERS[0]], [[1]], [0])


@pytest.mark.slow
def test_trls_trainer_learns_by_a_server(client, tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("trl")
    from arc_submit.config import load
    from training import grpo, grpo_trl

    wanted = ("adapt.rank=2", "adapt.batch=8", "sample.max_new_tokens=32")
    config = load("laptop", [f"sample.model={ROOT / 'weights/small'}", *wanted])
    plan = grpo.Plan(
        generators=("scaling/grow",), items=1, batches=1, prompts=1, group=8, measured=1, answers=4, save_every=1
    )
    tasks = grpo.gathered(plan, 0)
    curriculum = Curriculum({task_id: source.lines for task_id, source in tasks.learn.items()})
    reward = RemoteReward(grpo_trl._asked(plan, config, tasks, curriculum), client, curriculum)
    before = client.metrics()["counters"]["programs"]
    grpo_trl._train(plan, config, reward, tmp_path)
    assert (tmp_path / "adapter" / "adapter_model.safetensors").exists()
    assert client.metrics()["counters"]["programs"] > before and reward.unscored == 0
