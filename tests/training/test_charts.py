"""A chart is whole XML that shows every series, its axes reach over the data, and no spike is lost."""

import itertools
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from training import charts

SVG = "{http://www.w3.org/2000/svg}"


def lines(text: str) -> list[str]:
    """The `d` of every series' line, legend strokes left out."""
    paths = [path for path in ElementTree.fromstring(text).iter(f"{SVG}path") if path.get("stroke-width")]
    return [path.get("d", "") for path in paths if "h26" not in path.get("d", "")]


def texts(text: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(text).iter(f"{SVG}text")]


def test_a_chart_names_everything_it_shows(tmp_path: Path):
    series = {"training": [(0.0, 3.0), (100.0, 1.0)], "held out": [(0.0, 3.1), (100.0, 1.4)]}
    charts.curves(tmp_path / "loss.svg", "Loss <of> the model", series, "steps", "nats per token")
    text = (tmp_path / "loss.svg").read_text("utf-8")
    assert {"Loss <of> the model", "training", "held out", "steps", "nats per token", "0", "100"} <= set(texts(text))
    assert len(lines(text)) == 2


def test_points_stand_between_the_axes():
    # x: 0..10 over LEFT..RIGHT; y: 0..1 from BOTTOM up to TOP
    (line,) = lines(charts.draw("t", {"a": [(0.0, 0.0), (10.0, 1.0)]}, "x", "y"))
    assert line == f"M{charts.LEFT:.1f} {charts.BOTTOM:.1f}L{charts.RIGHT:.1f} {charts.TOP:.1f}"


def test_points_are_drawn_in_order_of_x():
    points = [(0.0, 0.0), (5.0, 0.5), (10.0, 1.0)]
    assert charts.draw("t", {"a": points[::-1]}, "x", "y") == charts.draw("t", {"a": points}, "x", "y")


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.13, 0.92), (-3, 7), (0, 123_456), (2.301, 2.302), (5, 5), (0, 0), (1e-5, 3e-5)]
)
def test_ticks_are_few_even_and_reach_over_the_data(low, high):
    found = charts.ticks(low, high, 6)
    assert found[0] <= low and high <= found[-1]
    assert 2 <= len(found) <= 8
    steps = [after - before for before, after in itertools.pairwise(found)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6) and min(steps) > 0


def test_a_loss_that_is_nan_is_a_gap():
    points = [(0.0, 1.0), (1.0, 2.0), (2.0, math.nan), (3.0, math.inf), (4.0, 3.0), (5.0, 1.0), (math.nan, 1.0)]
    assert charts.unbroken(points) == [[(0.0, 1.0), (1.0, 2.0)], [(4.0, 3.0), (5.0, 1.0)]]
    (line,) = lines(charts.draw("t", {"a": points}, "x", "y"))
    assert line.count("M") == 2 and "nan" not in line


def test_a_long_series_is_thinned_and_keeps_its_spike_and_its_ends():
    points = [(float(step), 2.0 - step / 50_000 + 0.1 * math.sin(step)) for step in range(50_000)]
    points[31_337] = (31_337.0, 9.0)
    (run,) = charts.unbroken(points)
    assert len(run) <= charts.MOST_POINTS + 2
    assert {points[0], points[31_337], points[-1]} <= set(run)
    assert run == sorted(run)


def test_a_short_series_is_drawn_whole():
    points = [(float(step), float(step % 7)) for step in range(charts.MOST_POINTS)]
    assert charts.unbroken(points) == [points]


def test_one_point_is_a_dot_and_none_is_said():
    (line,) = lines(charts.draw("t", {"a": [(1.0, 1.0)]}, "x", "y"))
    assert line.count("L") == 1
    assert "nothing to show" in texts(charts.draw("t", {"a": []}, "x", "y"))
    assert "nothing to show" in texts(charts.draw("t", {}, "x", "y"))


def test_a_long_legend_pushes_the_plot_down():
    names = [f"a series with a long name, number {index}" for index in range(8)]
    low, high = (ElementTree.fromstring(charts.draw("t", {n: [] for n in some}, "x", "y")) for some in ([], names))
    assert float(low.get("height", 0)) == charts.HEIGHT
    assert float(high.get("height", 0)) == charts.HEIGHT + 2 * 15  # two names a row: four rows, two of them fit
    assert high[-1].get("transform") == "translate(0 30)"


def test_every_series_has_its_own_colour_and_dash():
    assert len(set(charts.COLOURS)) == len(set(charts.DASHES)) == len(charts.COLOURS) == len(charts.DASHES)
    with pytest.raises(ValueError, match="9 series, expected at most 8"):
        charts.draw("t", {str(index): [(0.0, 0.0)] for index in range(9)}, "x", "y")


@pytest.mark.parametrize("ink", [charts.INK, *charts.COLOURS])
def test_inks_read_on_white_and_on_black(ink):
    parts = [int(ink[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (light + 0.05) >= 3 and (light + 0.05) / 0.05 >= 3  # WCAG 2.2, 1.4.11: 3 for graphics
