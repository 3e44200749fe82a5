"""Processes on large grids: noise, half full, of one colour."""

import random
import time
from collections.abc import Callable, Iterator

import pytest

from arc_submit.dsl.constants import DOWN, ORIGIN, RIGHT, UNITY, F, T
from arc_submit.dsl.extensions import processes as p
from arc_submit.dsl.types import Grid

STAR = (0, 1, 0, -1, 1, 0, -1, 0, 1, 1, -1, -1, 1, -1, -1, 1)
CROWDED = {"noise": (0.9, 9), "half": (0.5, 9), "half in one colour": (0.5, 1), "full": (1.0, 1), "sparse": (0.05, 3)}


def calls() -> Iterator[tuple[Callable[..., object], tuple[object, ...]]]:
    yield p.main_colour, ()
    yield p.rare_colour, ()
    yield p.bars_sorted, (T, F)
    yield p.holes_painted, (-1, F)
    for colour in (-1, 0, 1):
        for function in (p.beam, p.beam_free, p.beam_over, p.beam_under, p.joined_over, p.joined_under):
            yield function, (colour, STAR, 2)
        for function in (p.beam_away, p.beam_near, p.beam_tips, p.closed_in):
            yield function, (colour, 2)
        yield p.rewritten, ((5, 5), (1, *(-1,) * 24), (2,) * 25)
        yield p.stamped, (colour, STAR * 9, (2,) * 72, T)
        yield p.striped, (colour, STAR, (0, 2))
        yield p.cornered, (colour, DOWN, RIGHT, 2)
        yield p.fallen, (colour, DOWN)
        yield p.blocks_painted, (colour, (2, 2), 2)
        yield p.largest_blocks_painted, (colour, 2)
        yield p.repeated, (colour, STAR, 0, -1)
        yield p.moved_by, (colour, DOWN, T)
        for trait in range(11):
            yield p.filled_regions, (colour, trait, 1, 2)
        for flag in (F, T):
            for target in (-1, 0, 1):
                yield p.elbowed, (colour, target, flag, 2)
                yield p.drawn_to, (colour, target, flag)
                yield p.touched, (target, colour, 2, flag)
                yield p.beam_to, (colour, target, STAR, 2)
            for through in (0, 1):
                yield p.spread, (colour, through, 2, flag)
            for function in (p.boxed, p.ringed):
                yield function, (colour, 2, flag)
            yield p.bounced, (colour, UNITY, flag, 2)
            yield p.winding, (colour, DOWN, flag, 2)
            yield p.framed, (colour, 2, 1, flag)
            yield p.rippled, (colour, (0, 2), flag)
            yield p.fallen_things, (colour, DOWN, flag)


@pytest.mark.parametrize(("density", "colours"), CROWDED.values(), ids=CROWDED)
def test_large_grids_are_quick(density, colours):
    assert {function.__name__ for function, _ in calls()} == set(p.__all__)
    rng = random.Random(0)
    grid = tuple(tuple(rng.randint(1, colours) * (rng.random() < density) for _ in range(30)) for _ in range(30))
    took = [(min(seconds(call, grid) for _ in range(2)), call) for call in calls()]
    assert [call for duration, call in took if duration > 0.2] == []
    assert max(duration for duration, (function, _) in took if function is p.elbowed) < 0.1


def seconds(call: tuple[Callable[..., object], tuple[object, ...]], grid: Grid) -> float:
    """Of the processor."""
    function, arguments = call
    began = time.process_time()
    function(grid, *arguments)
    return time.process_time() - began


@pytest.mark.parametrize("way", [DOWN, ORIGIN])
def test_what_is_thrown_back_slants(way):
    with pytest.raises(ValueError, match="slant"):
        p.bounced(((1, 0), (0, 0)), 1, way, T, 2)
