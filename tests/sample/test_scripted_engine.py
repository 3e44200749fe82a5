"""The engine that replays a list: order, shortage, and the whole protocol."""

import pytest
from helpers import Clock

from arc_submit.errors import ConfigError, WeightsError
from arc_submit.records import Message, Prompt
from arc_submit.sample.engine import Engine, Request
from arc_submit.sample.scripted import END, ScriptedEngine, read_script


def prompt(task_id="t", words="hi"):
    return Prompt(task_id, "crossover", (Message("user", words),), parents=("p", "q"))


def ask(task_id="t", n=1, seed=0):
    return Request(prompt(task_id), n, seed)


def texts(answered):
    return [[completion.text for completion in own] for own in answered]


def test_each_task_gets_its_texts_in_their_order_each_once():
    engine = ScriptedEngine({"t": ["a", "b", "c"], "u": ["x"]})
    assert texts(engine.sample([ask("t", 2), ask("u", 2), ask("t", 2)], 1e9)) == [["a", "b"], ["x"], ["c"]]
    assert texts(engine.sample([ask("t"), ask("unknown")], 1e9)) == [[], []]


def test_a_completion_has_the_prompts_kind_and_parents_and_certain_tokens():
    ((made,),) = ScriptedEngine({"t": ["aé"]}).sample([ask()], 1e9)
    assert (made.proposer, made.parents, made.finish) == ("crossover", ("p", "q"), "stop")
    assert made.tokens == (97, 0xC3, 0xA9, END)
    assert made.logprobs == (0.0,) * 4


def test_nothing_is_handed_out_from_the_deadline_on():
    clock = Clock()
    engine = ScriptedEngine({"t": ["a"]}, clock)
    clock.time = 5.0
    assert engine.sample([ask()], 5.0) == [[]]
    assert texts(engine.sample([ask()], 5.1)) == [["a"]]


def test_it_has_the_whole_protocol(tmp_path):
    engine: Engine = ScriptedEngine({"t": ["a"]})
    assert (engine.name, engine.model) == ("scripted", "script of 1 texts for 1 tasks")
    assert engine.count(prompt(words="aé")) == 3 < engine.context
    assert engine.score(prompt(), "aé") == (0.0,) * 4
    assert engine.produced == 0
    engine.sample([ask()], 1e9)
    assert engine.produced == 2
    (tmp_path / "adapter_config.json").write_text("{}")
    engine.adapt(tmp_path)
    with pytest.raises(WeightsError, match=r"missing/adapter_config\.json"):
        engine.adapt(tmp_path / "missing")
    assert engine.adapter == tmp_path
    engine.adapt(None)
    assert engine.adapter is None
    engine.close()


def test_a_script_is_read_from_lines(tmp_path):
    file = tmp_path / "script.jsonl"
    file.write_text('{"task": "t", "text": "a"}\n{"task": "u", "text": ""}\n{"task": "t", "text": "b"}\n')
    assert read_script(file) == {"t": ["a", "b"], "u": [""]}


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"task": "t"}', '{"task": 1, "text": "a"}', '{"task": "t", "text": null}']
)
def test_a_line_of_another_form_is_named(tmp_path, line):
    file = tmp_path / "script.jsonl"
    file.write_text('{"task": "t", "text": "a"}\n' + line + "\n")
    with pytest.raises(ConfigError, match=r"^here=.*script\.jsonl: line 2: "):
        read_script(file, "here")


def test_a_script_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"^sample\.script=none: "):
        read_script(None)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_script(tmp_path / "none")
