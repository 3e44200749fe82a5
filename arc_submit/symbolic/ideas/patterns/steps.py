"""Steps that keep the shape: what is symmetric completed, specks taken out."""

from collections.abc import Iterator

from arc_submit.dsl import replace
from arc_submit.dsl.extensions import patterns as p
from arc_submit.dsl.extensions.processes import spread
from arc_submit.symbolic.ideas.chaining.colours import OWN, Colours, colours
from arc_submit.symbolic.ideas.chaining.situation import Situation
from arc_submit.symbolic.ideas.chaining.steps import Step

SPECKS = (1, 2, 3, 4, 6)  # cells


def steps(situation: Situation) -> Iterator[Step]:
    shown = colours(situation)
    for a, b in shown.changed:
        yield Step(replace, (a, b), 1.0)
        if a and b:
            for colour in shown.sources:
                yield Step(spread, (colour, a, b, True), 1.4)
    if shown.from_zero:
        yield from _symmetries(shown)
        for mender in (p.rows_mended, p.columns_mended):
            yield Step(mender, (0,), 1.2)
        for repeat in (p.rows_repeated, p.columns_repeated):
            yield Step(repeat, (), 1.2)
    yield Step(p.tile_cleaned, (), 1.2)
    yield from _cleaning(shown)


def _symmetries(shown: Colours) -> Iterator[Step]:
    for each in (False, True):
        for kind in range(len(p.KINDS)):
            yield Step(p.symmetrized, (kind, each), 1.2 + 0.2 * (kind > 2))
            if not each:
                yield Step(p.symmetrized_grid, (kind,), 1.1)
            for colour in shown.sources:
                yield Step(p.symmetrized_about, (colour, kind, each), 1.5)


def _cleaning(shown: Colours) -> Iterator[Step]:
    unders = (OWN, *({b for _, b in shown.changed} & {0}))
    for colour in sorted({a for a, _ in shown.changed} | {OWN}):
        for most in SPECKS:
            for under in unders:
                if colour != 0 or under:
                    yield Step(p.despeckled, (colour, most, under), 1.2)
        if colour != OWN:
            yield Step(p.smoothed, (colour,), 1.2)
    for under in unders:
        yield Step(p.thick_only, (under,), 1.2)
