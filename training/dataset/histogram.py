"""A histogram as one SVG file, in the look of `training.charts`: how long the examples of each split are.

Bars of the splits stand side by side, as shares of their split, so that a small one can be read beside a large one.
What is longer than nearly all (the last half per cent) is gathered in the last bar, which says so.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from training.charts import BOTTOM, COLOURS, HEIGHT, INK, LEFT, RIGHT, TOP, WIDTH, number, ticks

BINS = 32  # about so many bars of one split
REST = 0.995  # share of the values that have bars of their own


def histogram(path: Path, title: str, values: Mapping[str, Sequence[int]], x_label: str) -> None:
    """Write a histogram, anew.

    Args:
        path: the .svg file; its folder must exist.
        title: one line.
        values: name -> whole numbers of 0 or more; two names at most read well.
        x_label: with its unit.
    """
    path.write_text(draw(title, values, x_label), "utf-8")


def draw(title: str, values: Mapping[str, Sequence[int]], x_label: str) -> str:
    """Return the SVG of `histogram`."""
    edges, open_end = bins([value for found in values.values() for value in found])
    shares = {name: _shares(found, edges) for name, found in values.items()}
    y_ticks = ticks(0.0, 100 * max((max(found, default=0.0) for found in shares.values()), default=0.0) or 1.0, 6)
    scale = (BOTTOM - TOP) / y_ticks[-1]
    body = []
    for value in y_ticks:
        y = BOTTOM - value * scale
        body.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="{INK}" stroke-opacity=".25"/>')
        body.append(_text(LEFT - 8, y + 4, f"{number(value)} %", "end"))
    for place, (low, x, width) in enumerate(_places(edges)):
        last = open_end and place == len(edges) - 2
        for index, share in enumerate(shares.values()):
            high = 100 * share[place] * scale
            if high:
                left = x + 1 + index * (width - 2) / len(shares)
                body.append(
                    f'<rect x="{left:.1f}" y="{BOTTOM - high:.1f}" width="{(width - 2) / len(shares):.1f}" '
                    f'height="{high:.1f}" fill="{COLOURS[index % len(COLOURS)]}" fill-opacity="{0.6 if last else 1}"/>'
                )
        if place % max(1, math.ceil((len(edges) - 1) / 10)) == 0 and not last:
            body.append(_text(x, BOTTOM + 20, number(low), "middle"))
        if last:
            body.append(_text(RIGHT, BOTTOM + 20, f"{number(low)} or more", "end"))
    body.append(f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{INK}"/>')
    body.append(_text((LEFT + RIGHT) / 2, HEIGHT - 14, x_label, "middle", 13))
    x = float(LEFT)
    for index, (name, found) in enumerate(values.items()):
        legend = f"{name}: {len(found):,}" + (f", median {sorted(found)[len(found) // 2]:,}" if found else "")
        body.append(f'<rect x="{x:.1f}" y="38" width="12" height="12" fill="{COLOURS[index % len(COLOURS)]}"/>')
        body.append(_text(x + 18, 48, legend, "start"))
        x += 40 + 6.6 * len(legend)
    if not any(values.values()):
        body.append(_text((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2, "nothing to show", "middle"))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif" fill="{INK}">'
    )
    over = [f"<title>{escape(title)}</title>", _text(LEFT, 26, title, "start", 17)]
    return "\n".join((head, *over, *body, "</svg>")) + "\n"


def bins(values: Sequence[int]) -> tuple[list[float], bool]:
    """Return the edges of the bins, evenly spaced round numbers, and whether the last bin holds all that is longer.

    >>> bins([0, 10, 20, 40])[0][:3], bins([])
    ([0.0, 2.0, 4.0], ([0.0, 1.0], False))
    """
    if not values:
        return [0.0, 1.0], False
    ordered = sorted(values)
    most = ordered[min(len(ordered) - 1, int(len(ordered) * REST))]
    edges = ticks(float(ordered[0]), float(most) + 1, BINS)
    return ([*edges, float(ordered[-1]) + 1], True) if ordered[-1] >= edges[-1] else (edges, False)


def _shares(values: Sequence[int], edges: Sequence[float]) -> list[float]:
    counts = [0] * (len(edges) - 1)
    step = edges[1] - edges[0]
    for value in values:
        counts[min(int((value - edges[0]) / step), len(counts) - 1)] += 1
    return [count / max(len(values), 1) for count in counts]


def _places(edges: Sequence[float]) -> list[tuple[float, float, float]]:
    """(low edge, left, width) of each bin in pixels; all are drawn equally wide."""
    width = (RIGHT - LEFT) / (len(edges) - 1)
    return [(low, LEFT + place * width, width) for place, low in enumerate(edges[:-1])]


def _text(x: float, y: float, text: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'
