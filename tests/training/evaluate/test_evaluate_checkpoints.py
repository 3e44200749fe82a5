"""What is measured, told apart: by the files that a model is read with, and by the prompts that it was tuned on."""

import json
from dataclasses import replace

import pytest
from helpers import make_task

import arc_submit
from arc_submit.config import PromptsConfig, SampleConfig
from arc_submit.errors import ConfigError
from training.evaluate import run
from training.evaluate.checkpoints import READ_WITH, Checkpoint, prompts_for
from training.evaluate.papers import Papers
from training.evaluate.subjects import Subject, Subjects


def tuned(name, **prompts):
    """A checkpoint whose papers name its prompts."""
    said = PromptsConfig(style="chat", **prompts).model_dump(mode="json")
    body = {"dataset": {"version": "chat-1", "prompts": said}}
    return Checkpoint(name, SampleConfig(model=name), (Papers("model", ()), Papers("adapter", (body,))))


def test_what_was_tuned_on_different_prompts_is_not_compared_unasked():
    pair = [tuned("one", tokens=900), tuned("two", tokens=1200)]
    with pytest.raises(ConfigError, match=r"one was tuned with prompts.tokens=900, two with 1200; .* --set prompts"):
        prompts_for(pair, [])
    assert prompts_for(pair, ["prompts.tokens=1000"]).tokens == 1000


def test_what_was_tuned_on_the_same_prompts_or_says_nothing_is_compared():
    assert prompts_for([tuned("one", tokens=900), tuned("two", tokens=900)], []).tokens == 900
    silent = Checkpoint("three", SampleConfig(model="three"), (Papers("model", ()),))
    assert prompts_for([tuned("one", tokens=900), silent], []).tokens == 900
    assert prompts_for([silent], []).style == "compact"


@pytest.mark.parametrize("name", ["config.json", "adapter_config.json", "tokenizer.json", "chat_template.jinja",
                                  "tokenizer_config.json", "generation_config.json"])  # fmt: skip
def test_a_file_that_the_model_is_read_with_tells_it_apart(tmp_path, name):
    assert name in READ_WITH
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / name).write_text(json.dumps({"a": 1}))
    one = Checkpoint("one", SampleConfig(engine="hf", model=str(tmp_path), adapter=None), ())
    before = one.identity()
    assert one.identity() == before
    (tmp_path / name).write_text(json.dumps({"a": 2}))  # as long as before
    assert one.identity() != before


def test_another_version_of_the_kit_measures_again(monkeypatch):
    subjects = Subjects("mine", (Subject(make_task(), None),), 1)
    plan = run.Plan(subjects=subjects, prompts=PromptsConfig())
    one = Checkpoint("one", SampleConfig(engine="scripted"), ())

    def keys(plan):
        return [wanted.key for wanted in run._wanted(plan, one)]

    before = keys(plan)
    assert keys(replace(plan)) == before
    monkeypatch.setattr(arc_submit, "__version__", "another")
    assert keys(plan) != before
