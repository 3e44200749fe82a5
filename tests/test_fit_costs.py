"""Costs of steps from right programs."""

import sys
from pathlib import Path

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
