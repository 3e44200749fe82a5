"""The picture of lengths is whole XML, holds every example, and says how many there are."""

from pathlib import Path
from xml.etree import ElementTree

from training.charts import BOTTOM, TOP
from training.dataset.histogram import bins, draw, histogram

SVG = "{http://www.w3.org/2000/svg}"


def bars(text: str) -> list[float]:
    """Heights of the bars in pixels, legend left out."""
    found = ElementTree.fromstring(text).iter(f"{SVG}rect")
    return [float(each.get("height", "0")) for each in found if each.get("y") != "38"]


def test_the_bars_of_a_split_add_up_to_all_of_it():
    text = draw("Lengths", {"train": [10, 20, 30, 30]}, "tokens")
    # the highest bar is 50 %: the axis ends there, at TOP; the others are half as high
    assert sorted(bars(text)) == [(BOTTOM - TOP) / 2, (BOTTOM - TOP) / 2, BOTTOM - TOP]


def test_it_says_how_many_there_are_and_their_middle(tmp_path: Path):
    histogram(tmp_path / "l.svg", "Tokens <all>", {"train": [5, 6, 7], "eval": []}, "tokens")
    texts = [each.text for each in ElementTree.fromstring((tmp_path / "l.svg").read_text()).iter(f"{SVG}text")]
    assert {"Tokens <all>", "train: 3, median 6", "eval: 0", "tokens"} <= set(texts)


def test_few_very_long_ones_share_the_last_bin():
    values = [*range(1000), 100_000]
    edges, open_end = bins(values)
    assert open_end and edges[-1] > 100_000 and edges[-2] <= 1100
    text = draw("Lengths", {"train": values}, "tokens")
    assert "or more" in text


def test_one_value_or_none_is_drawn_too():
    assert len(bars(draw("Lengths", {"train": [7]}, "tokens"))) == 1
    assert "nothing to show" in draw("Lengths", {"train": []}, "tokens")
