"""The bench of symbolic search on two toy tasks: its rows, its sums, and that what is done is not done again."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts import bench_search

EASY = [{"input": [[1, 2], [3, 4]], "output": [[3, 4], [1, 2]]}, {"input": [[5, 6, 0]] * 2 + [[7, 7, 7]],
        "output": [[7, 7, 7]] + [[5, 6, 0]] * 2}]  # fmt: skip
HARD = [{"input": [[1]], "output": [[2, 3]]}, {"input": [[1]], "output": [[4, 5]]}]


@pytest.fixture(scope="module")
def tasks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toys")
    for name, train, test in (
        ("easy", EASY, {"input": [[9, 8], [0, 1]], "output": [[0, 1], [9, 8]]}),
        ("hard", HARD, {"input": [[1]], "output": [[6]]}),
    ):
        (folder / f"{name}.json").write_text(json.dumps({"train": train, "test": [test]}))
    return folder


def bench(capsys, tasks: Path, out: Path, *options: str) -> list[dict]:
    given = ["--data", str(tasks), "--out", str(out), "--label", "test", "--ideas", "rules,processes", *options]
    bench_search.main(given)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_two_tasks_shards_and_what_is_there_already(tasks, tmp_path, capsys):
    (first,) = bench(capsys, tasks, tmp_path, "--seconds", "2", "--shard", "1/2")
    assert (first["tasks"], first["of"]) == (1, 2)
    (both,) = bench(capsys, tasks, tmp_path, "--seconds", "2", "--shard", "2/2")
    assert (both["tasks"], both["outputs"], both["right"], both["p2"], both["p1"]) == (2, 2, 1, 0.5, 0.5)
    assert both["solved_tasks"] == 1 and sum(both["by"].values()) == 1 and both["oracle"] == 0.5
    assert list(both["by"]) == ["rules", "processes", "enumerate", "mutate", "crossover"]
    assert 0.0 < both["seconds_p50"] <= both["seconds_p90"] < 3.0 and both["megabytes_max"] > 10
    (file,) = tmp_path.iterdir()
    before = file.read_bytes()
    (again,) = bench(capsys, tasks, tmp_path, "--seconds", "2")
    assert again == both and file.read_bytes() == before


def test_fewer_seconds_are_read_on_the_way(tasks, tmp_path, capsys):
    less, more = bench(capsys, tasks, tmp_path, "--seconds", "3", "1")
    assert (less["seconds"], more["seconds"]) == (1.0, 3.0)
    assert less["right"] <= more["right"] == 1 and less["seconds_p90"] <= 1.0 < more["seconds_p90"] < 4.0
    proposers = tuple(less["by"])
    few, many = (
        bench_search.read(tmp_path / bench_search.Setting(str(tasks), seconds, proposers, 0, "test").file)
        for seconds in (1.0, 3.0)
    )
    for short, long in zip(few, many, strict=True):
        assert short.task == long.task and short.rounds <= long.rounds and short.passers <= long.passers
        assert short == long or (short.reason, short.proposing) == ("time", {})
    before = sorted(tmp_path.iterdir())
    assert (
        bench(capsys, tasks, tmp_path, "--seconds", "1", "3") == [less, more] and sorted(tmp_path.iterdir()) == before
    )


def test_only_the_seconds_that_are_missing_are_searched(tasks, tmp_path, capsys):
    bench(capsys, tasks, tmp_path, "--seconds", "2")
    (file,) = tmp_path.iterdir()
    before = file.read_bytes()
    less, more = bench(capsys, tasks, tmp_path, "--seconds", "1", "2")
    assert file.read_bytes() == before and more["tasks"] == less["tasks"] == 2
    assert less["proposing_seconds"]["enumerate"] > 0.0, "searched for its own seconds, not read on the way"


def test_a_process_that_has_ended_holds_nothing():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert bench_search.held(ended.pid) == 0 < bench_search.held(os.getpid())


def test_a_row_that_was_cut_short_is_done_again(tasks, tmp_path, capsys):
    bench(capsys, tasks, tmp_path, "--seconds", "1", "--limit", "1")
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text()[:-20])
    assert bench_search.read(file) == []
    (found,) = bench(capsys, tasks, tmp_path, "--seconds", "1", "--report")
    assert (found["tasks"], found["p2"]) == (0, 0.0)


def test_proposers_are_the_ideas_asked_for_and_those_without_any():
    assert bench_search.proposers("rules", []) == ("rules", "enumerate", "mutate", "crossover")
    assert bench_search.proposers("", ["mutate"]) == ("enumerate", "crossover")
    with pytest.raises(SystemExit, match="no such proposer: nonsense"):
        bench_search.proposers("nonsense", [])


def test_costs_of_ones_own_have_rows_of_their_own(tasks, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(bench_search.catalogue, "COSTS", None)
    costs = tmp_path / "costs-1.json"
    (found,) = bench(capsys, tasks, tmp_path / "out", "--report", "--costs", str(costs))
    assert found["label"] == "test-costs-1" and costs == bench_search.catalogue.COSTS


def test_quantiles():
    assert bench_search.quantile([5.0, 1.0, 2.0, 4.0, 3.0], 0.9) == 5.0
    assert bench_search.quantile([], 0.5) == 0.0
