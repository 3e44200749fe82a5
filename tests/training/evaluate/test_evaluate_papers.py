"""A checkpoint's own papers: what they say counts, what they do not say is unknown, never clean."""

import json

from training.evaluate import papers

GUARD = "no task shares a pair with arc1-evaluation, arc2-evaluation: 9 pairs, by content"
MADE = {"data": {"tasks": "530 of arc1-training", "guard": GUARD, "held_out": "every 4th"}}


def verdict(folder, data, part="model"):
    return papers.read(part, folder).of(data).verdict


def written(folder, name, body):
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(json.dumps(body))
    return folder


def test_a_guard_that_names_the_set_is_clean(tmp_path):
    folder = written(tmp_path, "manifest.json", MADE)
    assert verdict(folder, "arc1-evaluation") == papers.CLEAN
    assert verdict(folder, "held-out") == papers.CLEAN


def test_a_set_that_was_trained_on_is_seen(tmp_path):
    folder = written(tmp_path, "manifest.json", MADE)
    assert verdict(folder, "arc1-training") == papers.SEEN
    leaky = written(tmp_path / "leaky", "manifest.json", {"data": {"tasks": "all of arc1-evaluation", "guard": GUARD}})
    assert verdict(leaky, "arc1-evaluation") == papers.SEEN


def test_no_papers_and_a_set_without_a_word_are_unknown(tmp_path):
    assert verdict(tmp_path, "arc1-evaluation") == papers.UNKNOWN
    folder = written(tmp_path, "manifest.json", MADE)
    assert verdict(folder, "kaggle2025-evaluation") == papers.UNKNOWN
    assert verdict(folder, "mine.json") == papers.UNKNOWN


def test_a_merged_model_is_as_clean_as_its_worst_stage(tmp_path):
    tuned = {"guard": GUARD, "version": "chat-1"}
    body = {"recipe": {"text": "training.data.make"}, "data": {"base": {"model": "big"}, "tuned on": tuned}}
    folder = written(tmp_path, "manifest.json", body)
    assert verdict(folder, "arc1-evaluation") == papers.UNKNOWN  # nobody knows what `big` has seen
    assert papers.read("model", folder).version == "chat-1"  # what it was tuned on last
    body["data"]["base"] = MADE["data"]
    assert verdict(written(tmp_path, "manifest.json", body), "arc1-evaluation") == papers.CLEAN


def test_a_model_tuned_as_a_whole_does_not_vouch_for_its_base(tmp_path):
    folder = written(tmp_path / "model", "tuning.json", {"dataset": {"guard": GUARD}})
    assert verdict(folder, "arc1-evaluation") == papers.UNKNOWN
    assert verdict(folder, "arc1-evaluation", "adapter") == papers.CLEAN


def test_an_adapter_is_vouched_for_by_the_folder_it_lies_in(tmp_path):
    written(tmp_path, "manifest.json", MADE)
    assert verdict(written(tmp_path / "lora", "adapter_config.json", {}), "arc1-evaluation") == papers.CLEAN
    assert verdict(written(tmp_path / "other", "adapter_config.json", {}), "arc1-evaluation") == papers.UNKNOWN


def test_prompts_are_read_where_they_are_written_down(tmp_path):
    prompts = {"style": "chat", "dialect": "solve", "tokens": 900, "later": 1}
    folder = written(tmp_path, "tuning.json", {"dataset": {"version": "chat-1", "prompts": prompts}})
    found = papers.read("adapter", folder)
    assert (found.prompts.style, found.prompts.tokens, found.version) == ("chat", 900, "chat-1")


def stage(style, tokens, guard=GUARD):
    prompts = {"style": style, "dialect": "solve", "tokens": tokens}
    return {"guard": guard, "version": f"{style}-1", "prompts": prompts}


def test_a_model_that_was_tuned_twice_speaks_as_it_was_tuned_last(tmp_path):
    once = {"base": MADE["data"], "tuned on": stage("compact", 640)}
    body = {"recipe": {"text": "training.data.make"}, "data": {"base": once, "tuned on": stage("chat", 900)}}
    found = papers.read("model", written(tmp_path, "manifest.json", body))
    assert (found.version, found.prompts.style, found.prompts.tokens) == ("chat-1", "chat", 900)


def test_every_layer_of_a_model_that_was_tuned_twice_vouches_for_itself(tmp_path):
    once = {"base": MADE["data"], "tuned on": stage("chat", 900)}
    body = {"data": {"base": once, "tuned on": stage("chat", 900)}}
    assert verdict(written(tmp_path, "manifest.json", body), "arc1-evaluation") == papers.CLEAN
    once["tuned on"] = stage("chat", 900, guard="nothing")
    assert verdict(written(tmp_path, "manifest.json", body), "arc1-evaluation") == papers.UNKNOWN
    once["tuned on"] = stage("chat", 900)
    once["base"] = {"model": "big"}
    assert verdict(written(tmp_path, "manifest.json", body), "arc1-evaluation") == papers.UNKNOWN


def test_broken_papers_are_no_papers(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    prompts = {"style": "verse", "dialect": "solve"}
    assert papers.read("model", tmp_path).bodies == ()
    assert papers.read("model", written(tmp_path / "b", "tuning.json", {"prompts": prompts})).prompts is None
