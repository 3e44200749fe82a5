"""Pictures mended, continued, cleaned and made symmetric."""

import random
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from drawn import drawn

from arc_submit.dsl.constants import F, T
from arc_submit.dsl.extensions.patterns import __all__ as PUBLIC
from arc_submit.dsl.extensions.patterns import (
    block_colour,
    columns_mended,
    columns_repeated,
    despeckled,
    mended,
    mirror_mended,
    patch_mended,
    rows_mended,
    rows_repeated,
    smallest_tile,
    smoothed,
    symmetrized,
    symmetrized_about,
    symmetrized_grid,
    thick_only,
    tile_cleaned,
    tile_extended,
    tile_mended,
)
from arc_submit.dsl.extensions.patterns.symmetry import _best_centre, _centres, _images
from arc_submit.dsl.types import Grid

MENDERS = (mended, mirror_mended, tile_mended, patch_mended, rows_mended, columns_mended)


def g(rows: str) -> Grid:
    return drawn(rows)[0]


def holed(grid: Grid, top: int, left: int, height: int, width: int, mask: int = 9) -> Grid:
    inside = [(i, j) for i in range(top, top + height) for j in range(left, left + width)]
    return tuple(tuple(mask if (i, j) in inside else v for j, v in enumerate(row)) for i, row in enumerate(grid))


def tiled(shift: int, height: int = 12, width: int = 12) -> Grid:
    """Tiles of two rows and five columns, each row of tiles shifted."""
    return tuple(
        tuple((1, 2, 3, 4, 5)[(j - i // 2 * shift) % 5] if i % 2 else 6 for j in range(width)) for i in range(height)
    )


def mirrored(offset: int) -> Grid:
    """A square that is symmetric about a row, a column and both diagonals, cut off by the offset."""
    away = [abs(2 * k - 15) for k in range(16)]
    whole = [[max(a, b) * min(a, b) % 7 + 1 for b in away] for a in away]
    return tuple(tuple(row[offset:]) for row in whole[offset:])


@pytest.mark.parametrize("offset", [0, 2])
def test_mirrors(offset):
    """The axes need not lie in the middle."""
    picture = mirrored(offset)
    assert mirror_mended(holed(picture, 8, 9, 4, 3), 9) == picture
    assert mended(holed(picture, 0, 3, 3, 5), 9) == picture


@pytest.mark.parametrize("shift", [0, 1, 3])
def test_tiles(shift):
    picture = tiled(shift)
    assert tile_mended(holed(picture, 3, 4, 5, 6), 9) == picture
    assert mended(holed(picture, 0, 0, 4, 4, 0), 0) == picture


def test_look_alikes():
    """What lies in the same surroundings elsewhere, perhaps turned."""
    picture = g("........ .1234... .5678... .1357... ........ ....7531 ....8765 ....4321")
    assert patch_mended(holed(picture, 2, 2, 1, 2), 9) == picture


def test_one_row_at_a_time():
    assert rows_mended(g(".... 12.. 121. 33.. ...."), 0) == g(".... 1212 1212 3333 ....")
    assert rows_mended(g("..... 121.. 333.."), 0) == g("..... 12121 33333")
    assert columns_mended(g("1.3 2.3 1.3 ..."), 0) == g("1.3 2.3 1.3 2.3")


def test_what_a_row_shows_is_repeated():
    assert rows_repeated(g("..12.. .3.... 1.2...")) == g("121212 .3.... 1.21.2")
    assert columns_repeated(g(". . 1 2 .")) == g("1 2 1 2 1")


def test_nothing_to_go_by():
    for mend in MENDERS:
        assert mend(g("9"), 9) == g("9")
        assert mend(g("12 34"), 9) == g("12 34")
        assert mend(g("99 99"), 9) == g("99 99")


def test_the_colour_of_a_rectangle():
    assert block_colour(g("1221 1221 2..3 3..2")) == 0
    assert block_colour(g("1444. 1444. 2..3. 3..2.")) == 4
    with pytest.raises(ValueError, match="no colour"):
        block_colour(g("112 121"))


def test_continued():
    assert tile_extended(g("121 212 121"), (4, 5)) == g("12121 21212 12121 21212")
    assert tile_extended(g("12 34"), (3, 4)) == g("1212 3434 1212")
    assert tile_extended(g("123 123"), (1, 2)) == g("12")


def test_tile():
    assert smallest_tile(g("1212 3434 1212")) == g("12 34")
    assert smallest_tile(g("123")) == g("123")


def test_cleaned():
    picture = tiled(0)
    assert tile_cleaned(holed(picture, 4, 4, 2, 2)) == picture


def test_symmetry_about_what_fits_best():
    assert symmetrized(g("..... .2.2. .21.. ....."), 0, F) == g("..... .2.2. .212. .....")
    assert symmetrized(g("1.1 ... ..1"), 4, F) == g("1.1 ... 1.1")
    assert symmetrized(g("... ..."), 2, F) == g("... ...")


def test_symmetry_about_a_mark():
    assert symmetrized_about(g("..... .23.. ..... ....."), 3, 0, F) == g("..... .232. ..... .....")
    assert symmetrized_about(g(".2.. .3.. ...."), 3, 4, T) == g(".2.. 232. .2..")
    assert symmetrized_about(g("12"), 7, 5, F) == g("12")


def test_symmetry_about_the_middle():
    assert symmetrized_grid(g("1.. 2.. ..."), 2) == g("1.1 2.2 1.1")
    assert symmetrized_grid(g("12 .."), 6) == g("12 2.")


def test_specks():
    seen = g("22..1 22... ....1")
    assert despeckled(seen, 1, 1, 0) == g("22... 22... .....")
    assert despeckled(seen, -1, 4, 0) == g("..... ..... .....")
    assert despeckled(g("222 212 222"), 1, 1, -1) == g("222 222 222")


def test_thick():
    assert thick_only(g("22.. 22.1 ...."), 0) == g("22.. 22.. ....")
    assert thick_only(g("2221 2222"), -1) == g("2222 2222")


def test_smoothed():
    assert smoothed(g("2255 2195 2255"), 1) == g("2255 2295 2255")
    assert smoothed(g("11"), 1) == g("11")


# Speed ----------------------------------------------------------------------------------------------------------------


CROWDED = {"noise": (0.9, 9), "half": (0.5, 9), "half in one colour": (0.5, 1), "full": (1.0, 1), "nothing": (0.0, 1)}
CALLS = (
    *((mender, (mask,)) for mender in MENDERS for mask in (0, 1)),
    *((function, ()) for function in (rows_repeated, columns_repeated, smallest_tile, tile_cleaned)),
    *((symmetrized, (kind, each)) for kind in range(8) for each in (F, T)),
    *((symmetrized_about, (1, kind, each)) for kind in range(8) for each in (F, T)),
    *((symmetrized_grid, (kind,)) for kind in range(8)),
    *((despeckled, (colour, most, -1)) for colour in (-1, 0, 1) for most in (4, 900)),
    (block_colour, ()), (tile_extended, ((30, 30),)), (thick_only, (-1,)), (smoothed, (0,)), (smoothed, (1,)),
)  # fmt: skip


@pytest.mark.parametrize(("density", "colours"), CROWDED.values(), ids=CROWDED)
def test_large_grids_are_quick(density, colours):
    assert {function.__name__ for function, _ in CALLS} | {"KINDS"} == set(PUBLIC)
    crowded = sprinkled(density, colours)
    assert [call for call in CALLS if seconds(call[0], crowded, *call[1]) > 0.2] == []
    assert [k for k in range(8) for each in (F, T) if seconds(symmetrized, crowded, k, each) > 0.1] == []


@pytest.mark.parametrize("kind", range(8))
def test_the_best_centre_is_found_by_counting(kind):
    """Compared with all images, one by one."""
    for seed in range(40):
        rng = random.Random(seed)
        side, colours = rng.randint(2, 6), rng.choice((1, 3))
        rows = [[rng.randint(1, colours) * (rng.random() < 0.6) for _ in range(side)] for _ in range(side)]
        picture = tuple(tuple(row + row[::-1][seed % 3 :]) for row in rows)
        cells = {(i, j): v for i, row in enumerate(picture) for j, v in enumerate(row) if v}
        if cells:
            found = _best_centre(cells, kind)
            best = max((agreeing(cells, centre, kind) for centre in centres(cells, kind)), default=0)
            assert (0 if found is None else agreeing(cells, found, kind)) == best


def centres(cells: dict[tuple[int, int], int], kind: int) -> list[tuple[int, int]]:
    rows, columns = [i for i, _ in cells], [j for _, j in cells]
    top, left = 2 * min(rows), 2 * min(columns)
    inside = _centres(max(rows) - min(rows) + 1, max(columns) - min(columns) + 1, kind)
    return [(s + top, t + left) for s, t in inside]


def agreeing(cells: dict[tuple[int, int], int], centre: tuple[int, int], kind: int) -> int:
    there = [(cells.get(place, 0), value) for place, value in _images(cells, centre, kind)]
    return 0 if any(found not in (0, value) for found, value in there) else sum(found > 0 for found, _ in there)


def sprinkled(density: float, colours: int) -> Grid:
    rng = random.Random(0)
    return tuple(tuple(rng.randint(1, colours) * (rng.random() < density) for _ in range(30)) for _ in range(30))


def seconds(function: Callable[..., object], *arguments: object) -> float:
    """Of the processor, the better of two runs."""
    return min(_run(function, *arguments) for _ in range(2))


def _run(function: Callable[..., object], *arguments: object) -> float:
    began = time.process_time()
    with suppress(ValueError):
        function(*arguments)
    return time.process_time() - began
