"""Costs of steps from right programs."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("numba")

SCRIPTS = Path(__file__).parents[1] / "scripts"


@pytest.fixture
def fit(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import fit_costs

    yield fit_costs
    sys.modules.pop("fit_costs")


def program(*lines, by="layers", right=True, length=50):
    return {"by": by, "right": [right], "length": length, "source": "\n".join(lines)}


def test_what_is_done_to_each_layer_counts(fit):
    names = ("trimmed", "painted", "mirrored", "pieces", "largest")
    used = program("x2 = pieces(x1)", "x3 = every(trimmed, x2)", "x4 = every(rbind(painted, 3), x3)")
    found = fit.costs({"t": [used["source"]]}, names)
    assert found["trimmed"] == found["painted"] == found["pieces"] < found["mirrored"] == found["largest"]


def test_a_shard_is_fitted_to_its_own_tasks(fit, tmp_path, monkeypatch):
    rows, out = tmp_path / "rows.jsonl", tmp_path / "costs-2.json"
    written = {name: [program(f"x2 = {step}(x1)")] for name, step in (("a", "trimmed"), ("b", "mirrored"))}
    for name in written:
        (tmp_path / "tasks" / f"{name}.json").parent.mkdir(exist_ok=True)
        pair = {"input": [[1]], "output": [[1]]}
        (tmp_path / "tasks" / f"{name}.json").write_text(json.dumps({"train": [pair], "test": [pair]}))
    monkeypatch.setattr(
        fit.bench_search, "read", lambda file: [SimpleNamespace(task=name, programs=written[name]) for name in written]
    )
    given = ["fit_costs", str(rows), "--data", str(tmp_path / "tasks"), "--shard", "2/2", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", given)
    fit.main()
    found = json.loads(out.read_text())
    assert found["mirrored"] < found["trimmed"] == found["painted"]


def test_only_the_shortest_right_programs_over_layers_count(fit):
    programs = [
        program("a", length=50),
        program("b", length=54),
        program("c", length=80),
        program("d", length=20, right=False),
        program("e", length=20, by="things"),
    ]
    assert fit.shortest(programs) == ["a", "b"]
    assert fit.shortest(programs[3:]) == []
