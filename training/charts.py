"""Curves of a training run as one SVG file: loss, solve rate, anything over steps or tokens. No plotting library.

The picture has no background, and its greys and colours are of middle lightness, so that it reads on white and on
black; every series also has a dash pattern of its own. Not here: log axes, error bars, anything interactive. The charts
of a solver's run are `arc_submit.report`'s, which the page stretches and themes.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]

WIDTH, HEIGHT = 800, 450
LEFT, RIGHT, TOP, BOTTOM = 72, 776, 72, 394  # of the plotting area
INK = "#777777"  # contrast with white 4.5, with black 4.7
COLOURS = ("#2f80d0", "#d9661f", "#2f9a5a", "#a45fc8", "#15949c", "#d4526e", "#8f7a1e", "#777777")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2", "14 3 2 3 2 3")
MOST_POINTS = 800  # drawn of one series: about one per pixel
_LETTER = 6.6  # width of a letter at 12 px, generously: there is nothing to measure text with


def curves(path: Path, title: str, series: Mapping[str, Sequence[Point]], x_label: str, y_label: str) -> None:
    """Write a line chart, anew.

    Args:
        path: the .svg file; its folder must exist.
        title: one line.
        series: name -> points (x, y), in any order. A point that is not finite is a gap in the line. Of a series with
            more than `MOST_POINTS` points the lowest and highest of every stretch are drawn, so no spike is lost.
        x_label: with its unit.
        y_label: with its unit.

    Raises:
        ValueError: more series than `COLOURS`.
        OSError: the file cannot be written.
    """
    path.write_text(draw(title, series, x_label, y_label), "utf-8")


def draw(title: str, series: Mapping[str, Sequence[Point]], x_label: str, y_label: str) -> str:
    """Return the SVG of `curves`."""
    if len(series) > len(COLOURS):
        raise ValueError(f"{title}: {len(series)} series, expected at most {len(COLOURS)}; draw two charts")
    runs = {name: unbroken(points) for name, points in series.items()}
    points = [point for found in runs.values() for run in found for point in run]
    x_ticks = ticks(min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0), 8)
    y_ticks = ticks(min((y for _, y in points), default=0.0), max((y for _, y in points), default=1.0), 6)
    legend, more = _legend(list(series))
    body = [
        *_axes(x_ticks, y_ticks, x_label, y_label),
        *(_line(number, found, x_ticks, y_ticks) for number, found in enumerate(runs.values())),
    ]
    if not points:
        body.append(_text((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2, "nothing to show", anchor="middle"))
    height = HEIGHT + more
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
        f'role="img" font-family="system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif" fill="{INK}">'
    )
    over = [f"<title>{escape(title)}</title>", _text(LEFT, 26, title, size=17, weight=600), *legend]
    return "\n".join((head, *over, f'<g transform="translate(0 {more:g})">', *body, "</g>", "</svg>")) + "\n"


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return 2 to `most` + 2 round numbers, evenly spaced, the first not above `low` and the last not below `high`.

    >>> ticks(0.13, 0.92, 6), ticks(0, 30_000, 8), ticks(3, 3, 6)[0] <= 3
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 5000.0, 10000.0, 15000.0, 20000.0, 25000.0, 30000.0], True)
    """
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):  # one value: some room around it
        room = abs(low) / 10 or 1.0
        low, high = low - room, high + room
    rough = (high - low) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def number(value: float) -> str:
    """Return a tick's text: three digits or so, thousands and more with a letter.

    >>> [number(value) for value in (0.0, 0.05, 2.5, 250, 1500, 30_000, 2.5e6, 4e9, 0.00002)]
    ['0', '0.05', '2.5', '250', '1.5k', '30k', '2.5M', '4G', '2e-05']
    """
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.6g}{letter}"
    return f"{value:.6g}"


def unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """Return the points in order of x, cut where one is not finite, thinned to about `MOST_POINTS` in all."""
    runs: list[list[Point]] = [[]]
    finite_x = sorted((point for point in points if math.isfinite(point[0])), key=lambda point: point[0])
    for point in finite_x:
        if math.isfinite(point[1]):
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    share = MOST_POINTS / max(len(points), 1)
    return [_thinned(run, max(2, int(len(run) * share))) for run in runs if run]


def _thinned(run: list[Point], most: int) -> list[Point]:
    if len(run) <= most:
        return run
    stretches = max(most // 2, 1)
    cuts = [round(index * len(run) / stretches) for index in range(stretches + 1)]
    kept = {0, len(run) - 1}
    for start, end in pairwise(cuts):
        kept.add(min(range(start, end), key=lambda index: run[index][1]))
        kept.add(max(range(start, end), key=lambda index: run[index][1]))
    return [run[index] for index in sorted(kept)]


def _legend(names: list[str]) -> tuple[list[str], float]:
    """Rows between title and plot, and the pixels by which they push the plot down: 0 for up to two rows."""
    parts, x, y = [], float(LEFT), 48.0
    for index, name in enumerate(names):
        width = 34 + _LETTER * len(name) + 18
        if x + width > RIGHT + 18 and x > LEFT:
            x, y = float(LEFT), y + 15
        parts.append(f'<path d="M{x:g} {y - 4:g}h26" {_stroke(index)}/>')
        parts.append(_text(x + 34, y, name))
        x += width
    return parts, max(0.0, y - 63)


def _axes(x_ticks: list[float], y_ticks: list[float], x_label: str, y_label: str) -> list[str]:
    parts = []
    for value in y_ticks:
        y = _place(value, y_ticks, BOTTOM, TOP)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="{INK}" stroke-opacity=".25"/>')
        parts.append(_text(LEFT - 8, y + 4, number(value), anchor="end"))
    for value in x_ticks:
        x = _place(value, x_ticks, LEFT, RIGHT)
        parts.append(f'<path d="M{x:.1f} {BOTTOM}v5" stroke="{INK}"/>')
        parts.append(_text(x, BOTTOM + 20, number(value), anchor="middle"))
    parts.append(f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{INK}"/>')
    parts.append(_text((LEFT + RIGHT) / 2, HEIGHT - 14, x_label, size=13, anchor="middle"))
    middle = (TOP + BOTTOM) / 2
    parts.append(_text(18, middle, y_label, size=13, anchor="middle", extra=f' transform="rotate(-90 18 {middle:g})"'))
    return parts


def _line(index: int, runs: list[list[Point]], x_ticks: list[float], y_ticks: list[float]) -> str:
    strokes = []
    for run in runs:
        places = [f"{_place(x, x_ticks, LEFT, RIGHT):.1f} {_place(y, y_ticks, BOTTOM, TOP):.1f}" for x, y in run]
        strokes.append(f"M{'L'.join(places if len(places) > 1 else places * 2)}")  # one point: a dot, by its round cap
    return f'<path d="{"".join(strokes)}" {_stroke(index)}/>'


def _stroke(index: int) -> str:
    dash = f' stroke-dasharray="{DASHES[index]}"' if DASHES[index] else ""
    return (
        f'fill="none" stroke="{COLOURS[index]}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"{dash}'
    )


def _place(value: float, scale: list[float], start: float, end: float) -> float:
    """Pixels: the scale's first tick stands at `start`, its last at `end`."""
    return start + (end - start) * (value - scale[0]) / (scale[-1] - scale[0])


def _text(
    x: float, y: float, text: str, *, size: int = 12, weight: int = 400, anchor: str = "start", extra: str = ""
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}{extra}>{escape(text)}</text>'
