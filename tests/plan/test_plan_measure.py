"""Measuring, with kits that need no weights: symbolic search, and a model that plays a script."""

import json

import pytest
from plan_runs import profile

from arc_submit import config, tasks
from arc_submit.errors import ConfigError
from arc_submit.plan import measure
from arc_submit.plan.arithmetic import buy
from arc_submit.records import Task

TEXT = "```python\ndef transform(grid):\n    return [row[::-1] for row in grid]  # {}\n```"


def some(count: int) -> list[Task]:
    return list(tasks.select(tasks.load("arc1-training"), limit=count).tasks)


@pytest.fixture
def scripted(tmp_path):
    """Settings with an engine that plays answers from a file, a new program each."""
    path = tmp_path / "script.jsonl"
    path.write_text(
        "".join(
            json.dumps({"task": task.id, "text": TEXT.format(index)}) + "\n" for task in some(2) for index in range(300)
        )
    )
    chosen = ["search.proposers=lm", "prompts.style=chat", "prompts.dialect=transform", "sample.engine=scripted"]
    return config.load("laptop", [*chosen, f"sample.script={path}", "workers=1"])


def test_symbolic_search_is_measured():
    settings = config.load("laptop", ["search.proposers=enumerate,mutate,crossover", "workers=1"])
    heard = []
    tally = measure.measure(settings, some(2), 2.0, step=heard.append)
    assert 1.0 < tally.elapsed < 5.0
    assert sum(tally.stages.values()) == pytest.approx(tally.elapsed, rel=0.2)
    assert sum(tally.parts().values()) == pytest.approx(1.0)
    assert tally.parts()["engine"] == 0.0
    assert heard[0].startswith("starting") and "searching" in heard
    found = measure.profile(tally, settings, "laptop")
    assert found.decode_tokens_per_second is None
    assert found.symbolic_share.value == pytest.approx(1.0)
    ran = sum(tally.ran.values())
    # What the profile buys in the time that was measured is what was run in it.
    plan = buy(settings, found.model_copy(update={"startup_seconds": profile().install_seconds}), 1.0, 1)
    assert plan.programs / plan.task_seconds == pytest.approx(ran / sum(tally.stages.values()), rel=0.05)


def test_a_model_is_measured(scripted):
    tally = measure.measure(scripted, some(2), 1.5)
    found = measure.profile(tally, scripted, "laptop")
    assert tally.tokens > 0
    assert tally.asked % (scripted.search.prompts * scripted.search.samples) == 0
    assert found.decode_tokens_per_second.value == pytest.approx(tally.tokens / tally.stages["propose:lm"], rel=1e-3)
    assert found.answer_tokens.value == pytest.approx(tally.tokens / tally.asked, rel=1e-3)
    assert 0 < found.programs_per_answer.value <= 1
    assert found.symbolic_share.value == 0.0
    measured = {name for name, each in found.numbers().items() if each.known == "measured"}
    assert {"startup_seconds", "decode_tokens_per_second", "sandbox_programs_per_second"} <= measured


def test_updates_are_counted_once_for_all_tasks_of_a_cohort():
    settings = config.load("laptop", ["adapt.mode=grpo"])
    tally = measure.Tally(startup=1.0, elapsed=20.0)
    tally.stages.update({"propose:lm": 10.0, "sandbox": 2.0, "adapt": 6.0, "loop": 2.0})
    tally.ran.update({"fresh": 80})
    tally.tokens, tally.asked = 4000, 100
    update = {"update": 1, "steps": 4, "tokens": 800, "seconds": {"train": 2.0, "swap": 0.5, "probe": 0.1}}
    skipped = {"update": 2, "steps": 0, "tokens": 0, "seconds": {"train": 0.0, "swap": 0.0, "probe": 0.0}}
    for event in (update, {**update, "task": "another"}, skipped):
        measure._learnt(tally, event)
    found = measure.profile(tally, settings, "laptop")
    assert found.step_seconds.value == 0.5
    assert found.train_tokens_per_second.value == 400
    assert found.swap_seconds.value == 0.5
    assert found.decode_tokens_per_second.value == 400
    assert found.programs_per_answer.value == 0.8
    assert found.sandbox_programs_per_second.value == 40
    assert found.loop_share.value == 0.1


def test_a_measurement_of_nothing_is_refused():
    settings = config.load("laptop", ["search.proposers=enumerate,mutate,crossover"])
    with pytest.raises(ConfigError, match="no program was run in 0 s"):
        measure.profile(measure.Tally(startup=1.0), settings, "laptop")
